"""The average of two classifiers: halfway by hand, both ends, and classifiers that do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from agpis.errors import ModelError, SettingsError
from agpis.stage1.classifier import ImageClassifier, ImageClassifierConfig
from agpis.training.soup import average_classifiers

BACKBONE = "test_convnext"


def saved(folder: Path, seed: int, **settings: object) -> Path:
    torch.manual_seed(seed)
    ImageClassifier(ImageClassifierConfig(backbone=BACKBONE, image_size=32, **settings)).save_half(folder)  # type: ignore[arg-type]
    return folder


def weights(folder: Path) -> dict[str, torch.Tensor]:
    state: dict[str, torch.Tensor] = ImageClassifier.from_pretrained(folder).state_dict()
    return state


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_every_weight_lies_between_the_two(tmp_path: Path, share: float) -> None:
    first, second = saved(tmp_path / "a", 0), saved(tmp_path / "b", 1)
    average_classifiers(first, second, tmp_path / "out", share)
    one, two, mixed = weights(first), weights(second), weights(tmp_path / "out")
    assert not torch.equal(one["head.weight"], two["head.weight"])
    for name, value in mixed.items():
        expected = (1 - share) * one[name] + share * two[name]
        assert torch.allclose(value, expected, atol=2e-3), name  # float16 on disk


def test_a_classifier_averaged_with_itself_stays(tmp_path: Path) -> None:
    folder = saved(tmp_path / "a", 3)
    average_classifiers(folder, folder, tmp_path / "out")
    before, after = weights(folder), weights(tmp_path / "out")
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_classifiers_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    first, second = saved(tmp_path / "a", 0), saved(tmp_path / "b", 1, resize="stretch")
    with pytest.raises(ModelError, match="cannot be averaged: resize is pad and stretch"):
        average_classifiers(first, second, tmp_path / "out")
    with pytest.raises(SettingsError, match=r"share of the second classifier must lie in \[0, 1\], got 1.5"):
        average_classifiers(first, first, tmp_path / "out", 1.5)
    with pytest.raises(ModelError, match="holds no config.json"):
        average_classifiers(tmp_path / "nothing", first, tmp_path / "out")
