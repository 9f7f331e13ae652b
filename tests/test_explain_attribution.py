"""Integrated gradients and occlusion: answers worked out by hand on linear functions, and what the methods promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from muisc_tiny import random_images, tiny_model, tiny_processor

from agpis.errors import ModelError
from agpis.explain import Explanation, Method
from agpis.explain.attribution import integrated_gradients, occlusion, region_effects
from agpis.explain.coordinates import image_of_pixel, image_totals
from agpis.explain.sequences import explain
from agpis.explain.single_images import explain_image
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.processing_muisc import WHITE, MuiscProcessor
from agpis.stage1.classifier import ImageClassifier, ImageClassifierConfig
from agpis.types import Image

SIGNED = [Method.INTEGRATED_GRADIENTS, Method.OCCLUSION]


@pytest.fixture(scope="module")
def processor() -> MuiscProcessor:
    return tiny_processor()


@pytest.fixture(scope="module")
def model(processor: MuiscProcessor) -> MuiscModel:
    return tiny_model(processor)


def test_integrated_gradients_of_a_linear_function_are_weight_times_way() -> None:
    weights = torch.tensor([[1.0, -2.0], [0.0, 3.0]])
    given, blank = torch.tensor([[1.0, 1.0], [1.0, 2.0]]), torch.tensor([[0.0, 0.5], [0.0, 1.0]])
    found = integrated_gradients(lambda x: (x * weights).sum(dim=(1, 2)), given, blank, steps=3)
    assert found.tolist() == [pytest.approx([1.0, -1.0]), pytest.approx([0.0, 3.0])]


def test_integrated_gradients_of_a_square_add_up() -> None:
    """x^2 from 1 to 3 is 8; the gradient at the end alone would say 6 * 2 = 12."""
    found = integrated_gradients(lambda x: (x**2).sum(dim=1), torch.tensor([3.0]), torch.tensor([1.0]), steps=8)
    assert float(found) == pytest.approx(8.0)


def test_occlusion_of_a_sum_counts_what_the_patches_hold() -> None:
    """Only the pixel in the corner counts 5: the one patch that covers it takes 5 away, the others nothing."""
    pictures = torch.zeros(1, 3, 4, 4)
    pictures[0, 1, 0, 0] = 5.0
    found = occlusion(lambda x: x.sum(dim=(1, 2, 3, 4)), pictures, torch.zeros_like(pictures), patches=4)
    expected = torch.zeros(4, 4)
    # A patch is 2 x 2 and moves by 1. The corner lies in one patch; (0, 1) and (1, 0) in two, one of which holds it;
    # (1, 1) in four, one of which does.
    expected[0, 0], expected[0, 1], expected[1, 0], expected[1, 1] = 5.0, 2.5, 2.5, 1.25
    assert torch.equal(found[0], expected)


def test_region_effects_take_each_region_out_at_once() -> None:
    pictures = torch.ones(2, 3, 2, 2)
    regions = torch.tensor([[[0, 0], [1, 1]], [[2, 2], [2, 2]]])
    effects = region_effects(lambda x: x.sum(dim=(1, 2, 3, 4)), pictures, torch.zeros_like(pictures), regions)
    assert effects == [6.0, 6.0, 12.0]


def test_pixels_of_one_strip_belong_to_their_images() -> None:
    early = tiny_processor(early_fusion_tiles=3)
    columns = image_of_pixel(early, 2)[0, 0]
    assert columns.tolist() == [0] * 22 + [1] * 21 + [2] * 21, "64 columns, the last third is of no image"
    totals = image_totals(torch.tensor([[[3.0, 6.0]]]), early, 3)
    assert totals.tolist() == [2.0, 3.0, 4.0], "two columns of 3 and 6 are six thirds of 1, 1, 1, 2, 2, 2"
    late = tiny_processor()
    assert image_of_pixel(late, 2)[:, 0, 0].tolist() == [0, 1]
    assert image_totals(torch.ones(2, 2, 2), late, 2).tolist() == [4.0, 4.0]


@pytest.mark.parametrize("class_index", [0, 1])
def test_integrated_gradients_add_up_to_the_difference_of_the_probabilities(
    model: MuiscModel, processor: MuiscProcessor, class_index: int
) -> None:
    found = explain(model, processor, random_images(3), "Blue mug", Method.INTEGRATED_GRADIENTS, class_index)
    assert found.target == ("qualified", "S03")[class_index]
    assert found.probability == pytest.approx(probability(model, processor, random_images(3), class_index), abs=1e-5)
    blank = [np.full((64, 64, 3), WHITE, np.uint8)] * 3
    assert found.blank_probability == pytest.approx(probability(model, processor, blank, class_index), abs=1e-5)
    assert found.residual is not None
    assert found.residual == pytest.approx(0.0, abs=2e-3)
    total = found.probability - (found.blank_probability or 0.0)
    assert sum(found.image_values) + found.residual == pytest.approx(total, abs=1e-5)
    assert abs(total) > 0.01, "something is there to be explained"


def probability(model: MuiscModel, processor: MuiscProcessor, images: list[Any], class_index: int) -> float:
    batch = processor(["Blue mug"], [images])
    with torch.no_grad():
        logits = model(
            batch["input_ids"],
            batch["attention_mask"],
            batch["pixel_values"],
            separator_positions=batch["separator_positions"],
        ).mcc_logits
    return float(logits.softmax(dim=-1)[0, class_index])


def test_occlusion_says_what_is_lost_without_an_image(model: MuiscModel, processor: MuiscProcessor) -> None:
    images = random_images(3)
    found = explain(model, processor, images, "Blue mug", Method.OCCLUSION, 1)
    for index, value in enumerate(found.image_values):
        without = [np.full((64, 64, 3), WHITE, np.uint8) if at == index else one for at, one in enumerate(images)]
        assert value == pytest.approx(found.probability - probability(model, processor, without, 1), abs=1e-5)
    assert found.residual is None


@pytest.mark.parametrize("method", list(Method))
def test_maps_cover_their_images(model: MuiscModel, processor: MuiscProcessor, method: Method) -> None:
    images = [*random_images(1, height=40, width=80), *random_images(1, height=90, width=30)]
    found = explain(model, processor, images, "Blue mug", method, longest_side=60)
    assert [part.shape for part in found.maps] == [(30, 60), (60, 20)]
    assert max(float(abs(part).max()) for part in found.maps) == pytest.approx(1.0)
    assert found.strongest > 0
    assert (min(float(part.min()) for part in found.maps) >= 0) or method.is_signed
    assert len(found.image_values) == 2
    same(found, explain(model, processor, images, "Blue mug", method, longest_side=60))


def same(one: Explanation, other: Explanation) -> None:
    for first, second in zip(one.maps, other.maps, strict=True):
        np.testing.assert_array_equal(first, second)
    assert one.image_values == other.image_values


@pytest.mark.parametrize("method", SIGNED)
def test_a_blank_image_has_no_part_in_it(model: MuiscModel, processor: MuiscProcessor, method: Method) -> None:
    images = [*random_images(1), np.full((50, 50, 3), WHITE, np.uint8)]
    found = explain(model, processor, images, "Blue mug", method)
    assert found.image_values[1] == pytest.approx(0.0, abs=1e-6)
    assert abs(found.maps[1]).max() < 1e-4


@pytest.mark.parametrize(
    "sizes",
    [{"use_decoder": False, "lambda_nlg": 0.0}, {"fusion": "early"}, {"compare_images": True, "compare_title": True}],
)
@pytest.mark.parametrize("method", [*SIGNED, Method.ROLLOUT])
def test_every_variant_of_the_model_is_explained(sizes: dict[str, Any], method: Method) -> None:
    fused = {"early_fusion_tiles": 3} if "fusion" in sizes else {}
    processor = tiny_processor(**fused)
    found = explain(tiny_model(processor, **sizes), processor, random_images(2), "Blue mug", method)
    assert (len(found.maps), len(found.image_values)) == (2, 2)
    assert all(np.isfinite(part).all() for part in found.maps)


def test_what_makes_no_sense_is_refused(model: MuiscModel, processor: MuiscProcessor) -> None:
    with pytest.raises(ModelError, match="class_index must be 0 to 2"):
        explain(model, processor, random_images(2), "mug", Method.OCCLUSION, 3)
    with pytest.raises(ModelError, match="takes 1 to 3"):
        explain(model, processor, random_images(4), "mug", Method.OCCLUSION)
    with pytest.raises(ModelError, match="takes 1 to 3"):
        explain(model, processor, [], "mug", Method.ROLLOUT)
    blind = tiny_model(processor, cross_attention_layers=())
    with pytest.raises(ModelError, match="no cross-attention"):
        explain(blind, processor, random_images(2), "mug", Method.CROSS_ATTENTION)


def test_p_nc_is_occluded_in_the_coordinates_of_the_image() -> None:
    torch.manual_seed(0)
    classifier = ImageClassifier(
        ImageClassifierConfig(backbone="test_efficientnet", image_size=64, calibration_scale=2.0, calibration_bias=0.3)
    )
    classifier.train(False)
    image = Image("a", random_images(1, height=30, width=60)[0])
    found = explain_image(classifier, image, longest_side=80)
    assert found.map.shape == (40, 80)
    assert found.probability == pytest.approx(float(classifier.predict([image])[0]), abs=1e-6)
    white = Image("w", np.full((64, 64, 3), 255, np.uint8))
    assert found.blank_probability == pytest.approx(float(classifier.predict([white])[0]), abs=1e-6)
    assert float(abs(found.map).max()) == pytest.approx(1.0)
    nothing = explain_image(classifier, white)
    assert (nothing.strongest, float(abs(nothing.map).max())) == (0.0, 0.0)
