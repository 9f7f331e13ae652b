"""Measures turned into calibrated scores.

A score is the probability that the photo has the flaw, if photos with and without it came equally often. The weights of
these logistic functions are fitted by `python -m benchmarks.quality_calibration`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp

from agpis.stage1.quality.features import QualityFeatures, measure_features
from agpis.stage1.quality.kinds import QualityKind
from agpis.types import Image

CALIBRATION_FILE = "calibration.json"
MEASURES = {
    QualityKind.BLUR: "sharpness",
    QualityKind.DARK: "darkness",
    QualityKind.OVEREXPOSED: "haze",
    QualityKind.BORDER: "frame",
    QualityKind.ODD_ASPECT: "shape",
    QualityKind.BLANK: "content",
}
"""Kind -> the field of `QualityFeatures` that tells it. A resolution is compared with its limit alone."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic function of measures.

    Attributes:
        mean: subtracted from each measure.
        scale: each is then divided by this, larger than 0.
        weights: and multiplied by this.
        bias: added to the sum.
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float

    def __call__(self, measures: Sequence[float]) -> float:
        """The score in [0, 1]."""
        terms = zip(measures, self.mean, self.scale, self.weights, strict=True)
        logit = self.bias + sum((value - mean) / scale * weight for value, mean, scale, weight in terms)
        return 1 / (1 + exp(-min(max(logit, -30.0), 30.0)))


@dataclass(frozen=True, slots=True)
class QualityScores:
    """The scores of one photo, each in [0, 1]; larger is worse.

    Attributes:
        blur: out of focus or shaken; 0 where there is no edge to judge.
        dark: too dark.
        overexposed: too bright or washed out.
        low_resolution: 1 when the longest side is below the limit, else 0.
        border: a border or frame along two sides or all four.
        odd_aspect: far from square.
        blank: next to nothing is to be seen.
    """

    blur: float
    dark: float
    overexposed: float
    low_resolution: float
    border: float
    odd_aspect: float
    blank: float

    def of(self, kind: QualityKind) -> float:
        """The score of one check."""
        return float(getattr(self, kind.value))


def measure_quality(image: Image, least_side: int = 0) -> QualityScores:
    """Measure one photo.

    Args:
        image: the photo.
        least_side: pixels that its longest side needs.
    """
    features = measure_features(image)
    scores = {kind.value: score(kind, features, _calibration()) for kind in MEASURES}
    too_small = max(image.height, image.width) < least_side
    return QualityScores(**scores, low_resolution=1.0 if too_small else 0.0)


def score(kind: QualityKind, features: QualityFeatures, calibration: Mapping[QualityKind, Logistic]) -> float:
    """The score of one check that is calibrated; 0 where nothing could be measured."""
    measures: tuple[float, ...] = getattr(features, MEASURES[kind])
    return calibration[kind](measures) if measures else 0.0


@cache
def _calibration() -> dict[QualityKind, Logistic]:
    stored = json.loads((files("agpis.stage1.quality") / CALIBRATION_FILE).read_text(encoding="utf-8"))
    return {
        QualityKind(kind): Logistic(
            tuple(entry["mean"]), tuple(entry["scale"]), tuple(entry["weights"]), float(entry["bias"])
        )
        for kind, entry in stored["checks"].items()
    }
