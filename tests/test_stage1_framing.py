"""The border of a photo, and what it says about the primary image."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from agpis.errors import ModelError
from agpis.stage1.classifier import ImageClassifier, ImageClassifierConfig
from agpis.stage1.framing import Framing, FramingWeights, even_border, measure_framing
from agpis.stage1.picture import to_lab
from agpis.training.framing import fit_weights
from agpis.types import Image, Pixels

RNG = np.random.default_rng(0)
WEIGHTS = FramingWeights(limit=3.0, logit=2.0, plain_border=1.0, even_border=0.5, bias=-1.0)


def photo(backdrop: tuple[int, int, int], side: int = 100) -> Pixels:
    pixels = np.full((side, side, 3), backdrop, np.uint8)
    pixels[side // 4 : -side // 4, side // 4 : -side // 4] = (180, 20, 30)
    return pixels


def test_a_plain_light_backdrop_is_plain_and_even_and_a_dark_one_only_plain() -> None:
    assert measure_framing(photo((250, 250, 250))) == Framing(1.0, 1.0)
    assert measure_framing(photo((30, 30, 40))) == Framing(1.0, 0.0)
    noisy = RNG.integers(0, 256, (100, 100, 3), dtype=np.uint8)
    seen = measure_framing(noisy)
    assert seen.even_border == 0.0
    assert seen.plain_border < 0.3


def test_the_plain_share_counts_what_touches_the_border() -> None:
    pixels = photo((250, 250, 250))
    pixels[:, :30] = (180, 20, 30)  # the left 30 of 100 columns
    # Of 4 * 100 * 4 border pixels the left side has 400, top and bottom 4 * 30 each.
    assert measure_framing(pixels).plain_border == pytest.approx(1 - (400 + 240) / 1600)
    # 640 of 1600 are more than the 22% that an item may cover.
    assert measure_framing(pixels).even_border == 0.0


def test_size_hardly_matters() -> None:
    small, large = measure_framing(photo((240, 240, 235), 160)), measure_framing(photo((240, 240, 235), 640))
    assert small == large


def test_an_even_border_gives_its_colour() -> None:
    middle = even_border(to_lab(photo((250, 250, 250))))
    assert middle is not None
    assert middle[0] == pytest.approx(98.3, abs=0.3)


def test_logits_are_held_and_weighed() -> None:
    logits = np.array([-10.0, 0.5, 10.0])
    framings = [Framing(1.0, 1.0), Framing(0.0, 0.0), Framing(0.5, 0.0)]
    np.testing.assert_allclose(WEIGHTS.apply(logits, framings), [-6 + 1 + 0.5 - 1, 1 - 1, 6 + 0.5 - 1])


@pytest.mark.parametrize("changed", [{"limit": 0.0}, {"logit": -1.0}, {"bias": float("nan")}])
def test_weights_out_of_range_are_refused(changed: dict[str, float]) -> None:
    values = {"limit": 3.0, "logit": 1.0, "plain_border": 0.0, "even_border": 0.0, "bias": 0.0} | changed
    with pytest.raises(ModelError, match="framing weights must be finite"):
        FramingWeights(**values)


def test_a_classifier_weighs_the_border_only_when_told() -> None:
    torch.manual_seed(0)
    classifier = ImageClassifier(ImageClassifierConfig(backbone="test_efficientnet", image_size=32)).eval()
    images = [Image("a", photo((250, 250, 250))), Image("b", RNG.integers(0, 256, (90, 80, 3), dtype=np.uint8))]
    alone = classifier.predict(images)
    classifier.config.framing = {"limit": 3.0, "logit": 2.0, "plain_border": 1.0, "even_border": 0.5, "bias": -1.0}
    logits = WEIGHTS.apply(np.log(alone / (1 - alone)), [measure_framing(image.pixels) for image in images])
    np.testing.assert_allclose(classifier.predict(images), 1 / (1 + np.exp(-logits)), atol=1e-6)
    np.testing.assert_allclose(classifier.predict(images[::-1]), classifier.predict(images)[::-1], atol=1e-6)


def test_weights_of_another_form_are_refused() -> None:
    with pytest.raises(ModelError, match="framing needs the numbers limit, logit, plain_border"):
        ImageClassifierConfig(backbone="test_efficientnet", framing={"limit": 3.0})


def test_a_border_that_tells_everything_is_learned() -> None:
    primary = np.arange(200) % 2 == 0
    framings = [Framing(0.9, 1.0) if one else Framing(0.2, 0.0) for one in primary]
    # The network is sure of the opposite on a tenth of the images.
    logits = np.where(primary, 1.0, -1.0) * np.where(np.arange(200) < 20, -9.0, 1.0)
    weights = fit_weights(logits, framings, primary, held_within=3.0)
    assert weights.limit == 3.0
    assert ((weights.apply(logits, framings) > 0) == primary).all()
