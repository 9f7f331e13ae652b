"""The average of two classifiers of one lineage, which holds up better on photos that neither learned from.

Fine-tuned weights that started from the same ones can be averaged (Wortsman et al., Model soups, 2022): what one of
them learned too well from its own data is halved, what both know stays.
"""

from __future__ import annotations

from pathlib import Path

from agpis.errors import ModelError, SettingsError
from agpis.stage1.classifier import ImageClassifier


def average_classifiers(first: Path, second: Path, out: Path, share: float = 0.5) -> None:
    """Write a classifier whose weights lie between those of two.

    Args:
        first: folder of a classifier; its configuration is kept.
        second: folder of a classifier that started from `first` or from the same weights.
        out: folder to write, float16.
        share: of the second one, in [0, 1].

    Raises:
        SettingsError: when share lies outside [0, 1].
        ModelError: when a folder holds no classifier, or the two differ in backbone, size or preprocessing.
    """
    if not 0 <= share <= 1:
        raise SettingsError(f"share of the second classifier must lie in [0, 1], got {share}")
    model, other = ImageClassifier.from_pretrained(first), ImageClassifier.from_pretrained(second)
    for name in ("backbone", "image_size", "resize", "mean", "std", "calibration_scale", "calibration_bias", "framing"):
        mine, its = getattr(model.config, name), getattr(other.config, name)
        if mine != its:
            raise ModelError(f"{first} and {second} cannot be averaged: {name} is {mine} and {its}")
    theirs = other.state_dict()
    mixed = {
        name: value.lerp(theirs[name], share) if value.is_floating_point() else value
        for name, value in model.state_dict().items()
    }
    model.load_state_dict(mixed)
    model.save_half(out)
