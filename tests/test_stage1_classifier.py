"""The binary image classifier: training signal, calibration, files."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from agpis.errors import ModelError
from agpis.stage1.classifier import ImageClassifier, ImageClassifierConfig, to_pixel_values
from agpis.types import Image

torch.set_num_threads(1)


@pytest.fixture
def classifier() -> ImageClassifier:
    torch.manual_seed(0)
    model = ImageClassifier(ImageClassifierConfig("mobilenetv3_small_050", image_size=32))
    with torch.no_grad():
        model.head.weight.normal_(0, 3)  # so that answers differ visibly
    return model


@pytest.fixture
def images() -> list[Image]:
    generator = np.random.default_rng(0)
    coarse = [generator.integers(0, 256, (4, 4, 3), dtype=np.uint8) for _ in range(5)]
    return [Image(str(i), np.kron(c, np.ones((10 + i, 12, 1), np.uint8))) for i, c in enumerate(coarse)]


def test_probabilities_do_not_depend_on_the_batch(classifier: ImageClassifier, images: list[Image]) -> None:
    classifier.train()  # prediction must not follow the mode of training
    together = classifier.predict(images)
    assert classifier.training
    alone = np.concatenate([classifier.predict([image]) for image in images])
    assert together.shape == (5,)
    assert np.ptp(together) > 0.01
    assert ((together >= 0) & (together <= 1)).all()
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(together, classifier.predict(images, batch_size=2), atol=1e-5)
    np.testing.assert_allclose(together[::-1], classifier.predict(images[::-1]), atol=1e-5)


def test_no_images_give_no_answers(classifier: ImageClassifier) -> None:
    assert classifier.predict([]).shape == (0,)
    assert classifier.features([]).shape == (0, classifier.head.in_features)
    with pytest.raises(ModelError, match="batch_size must be at least 1"):
        classifier.predict([], batch_size=0)


def test_the_loss_is_binary_cross_entropy(classifier: ImageClassifier, images: list[Image]) -> None:
    classifier.eval()
    values = torch.from_numpy(np.stack([to_pixel_values(image.pixels, classifier.config) for image in images[:2]]))
    output = classifier(values, labels=torch.tensor([1, 0]))
    p = torch.sigmoid(output.logits).tolist()
    assert output.loss.item() == pytest.approx(-(math.log(p[0]) + math.log(1 - p[1])) / 2, rel=1e-4)
    assert classifier(values).loss is None


def test_a_few_steps_of_training_learn_two_images(images: list[Image]) -> None:
    torch.manual_seed(0)
    model = ImageClassifier(ImageClassifierConfig("mobilenetv3_small_050", image_size=32)).eval()
    values = torch.from_numpy(np.stack([to_pixel_values(image.pixels, model.config) for image in images[:2]]))
    labels = torch.tensor([1, 0])
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    before = model(values, labels).loss.item()
    for _ in range(20):
        optimizer.zero_grad()
        model(values, labels).loss.backward()
        optimizer.step()
    assert model(values, labels).loss.item() < 0.2 * before


def test_calibration_acts_on_the_logit(classifier: ImageClassifier, images: list[Image]) -> None:
    raw = classifier.predict(images)
    classifier.config.calibration_scale, classifier.config.calibration_bias = 0.5, -1.0
    expected = 1 / (1 + np.exp(-(0.5 * np.log(raw / (1 - raw)) - 1.0)))
    np.testing.assert_allclose(classifier.predict(images), expected, atol=1e-6)


def test_padding_keeps_the_aspect_on_white() -> None:
    config = ImageClassifierConfig(image_size=32, mean=(0, 0, 0), std=(1, 1, 1))
    black = np.zeros((64, 32, 3), np.uint8)
    padded = to_pixel_values(black, config)
    assert padded.shape == (3, 32, 32)
    assert (padded[:, :, :8] == 1).all()
    assert (padded[:, :, 8:24] == 0).all()
    assert (padded[:, :, 24:] == 1).all()
    assert (
        to_pixel_values(black, ImageClassifierConfig(image_size=32, mean=(0, 0, 0), std=(1, 1, 1), resize="stretch"))
        == 0
    ).all()
    assert to_pixel_values(np.zeros((1, 5000, 3), np.uint8), config).shape == (3, 32, 32)


def test_save_and_load(classifier: ImageClassifier, images: list[Image], tmp_path: Path) -> None:
    classifier.config.calibration_bias = 0.25
    classifier.save_pretrained(tmp_path / "full")
    classifier.save_half(tmp_path / "half")
    full = ImageClassifier.from_pretrained(tmp_path / "full")
    half = ImageClassifier.from_pretrained(tmp_path / "half")
    np.testing.assert_array_equal(full.predict(images), classifier.predict(images))
    np.testing.assert_allclose(half.predict(images), classifier.predict(images), atol=0.01)
    assert half.dtype == torch.float32
    assert not half.training
    stored = load_file(tmp_path / "half" / "model.safetensors")
    assert stored["head.weight"].dtype == torch.float16
    assert stored["backbone.bn1.running_var"].dtype == torch.float32
    assert json.loads((tmp_path / "half" / "config.json").read_text())["calibration_bias"] == 0.25


def test_files_that_do_not_fit_are_refused(classifier: ImageClassifier, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no config\.json"):
        ImageClassifier.from_pretrained(tmp_path)
    classifier.save_pretrained(tmp_path)
    weights = tmp_path / "model.safetensors"
    state = load_file(weights)
    bias = state.pop("head.bias")
    save_file(state, weights, metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"missing_keys.*head\.bias"):
        ImageClassifier.from_pretrained(tmp_path)
    save_file({**state, "head.bias": bias, "more": bias.clone()}, weights, metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"unexpected_keys.*more"):
        ImageClassifier.from_pretrained(tmp_path)
    weights.write_bytes(b"not a safetensors file")
    with pytest.raises(ModelError, match="could not be read as an image classifier"):
        ImageClassifier.from_pretrained(tmp_path)
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="could not be read as an image classifier"):
        ImageClassifier.from_pretrained(tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"image_size": 16}, "image_size must be at least 32 pixels, got 16"),
        ({"resize": "crop"}, "resize must be one of pad, stretch, got 'crop'"),
        ({"std": (1.0, 0.0, 1.0)}, "std above 0"),
        ({"calibration_scale": 0.0}, "calibration_scale must be larger than 0"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        ImageClassifierConfig(**settings)


def test_an_unknown_backbone_is_refused() -> None:
    with pytest.raises(ModelError, match="timm has no model named 'nonsense'"):
        ImageClassifier(ImageClassifierConfig("nonsense"))


@pytest.mark.parametrize("backbone", ["resnet18", "convnext_atto", "lcnet_050"])
def test_other_backbones_fit_the_head(backbone: str, images: list[Image]) -> None:
    model = ImageClassifier(ImageClassifierConfig(backbone, image_size=32))
    assert model.features(images[:1]).shape == (1, model.head.in_features)
    assert model.predict(images[:1]).shape == (1,)
