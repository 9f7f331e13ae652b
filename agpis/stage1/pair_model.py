"""From what geometry and colours say to a verdict: the same picture, one picture in two colours, or neither.

Two logistic models over a handful of measurements of one alignment: do the images share anything, and if so, in two
colours? Their weights lie in `pair_model.json` beside this file; `python -m benchmarks.duplicate_fit` chooses them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from agpis.errors import ModelError
from agpis.stage1.agreement import Agreement
from agpis.stage1.geometry import Alignment
from agpis.types import PairRelation

FEATURES = (
    "support",
    "repeated",
    "core",
    "overlap",
    "shape",
    "recoloured",
    "structure",
    "kept_structure",
    "covered_up",
    "beyond",
)
# How exactly two images match says nothing about their colours, nor how much of one agrees in colour about its place.
ASKED = {
    "shared": ("support", "repeated", "shape", "structure", "recoloured", "covered_up", "beyond"),
    "in two colours": ("core", "overlap", "recoloured", "kept_structure", "covered_up", "beyond"),
}
QUESTIONS = tuple(ASKED)
OUTCOMES = ("nothing", PairRelation.DUPLICATE.value, PairRelation.VARIANT.value)
WEIGHTS_FILE = "pair_model.json"
_SMALL_AREA = 0.002  # of the overlap
_MOST_SUPPORT = 60  # more keypoints than this make no difference


@dataclass(frozen=True, slots=True, eq=False)
class PairModel:
    """Two linear models, one for each of QUESTIONS.

    Attributes:
        bias: (2,).
        weights: (2, len(FEATURES)), zero for features that a question is not ASKED of.
    """

    bias: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]

    def probabilities(self, features: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Of OUTCOMES, (..., 3), for features (..., len(FEATURES))."""
        shared, coloured = np.moveaxis(expit(features @ self.weights.T + self.bias), -1, 0)
        return np.stack([1 - shared, shared * (1 - coloured), shared * coloured], axis=-1)

    def to_json(self) -> str:
        """The text of the weights file."""
        rows = {
            question: {"bias": float(bias)} | dict(zip(FEATURES, map(float, row), strict=True))
            for question, bias, row in zip(QUESTIONS, self.bias.round(3), self.weights.round(3), strict=True)
        }
        return json.dumps(rows, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> PairModel:
        """Read what `to_json` wrote.

        Raises:
            ModelError: when a question or a feature is missing or unknown.
        """
        rows = json.loads(text)
        wanted = {"bias", *FEATURES}
        unfit = {name for name in QUESTIONS if set(rows.get(name, ())) != wanted} | (set(rows) - set(QUESTIONS))
        if unfit:
            raise ModelError(f"weights of {', '.join(sorted(unfit))} do not fit: each question needs {sorted(wanted)}")
        bias = np.array([rows[question]["bias"] for question in QUESTIONS])
        return cls(bias, np.array([[rows[question][name] for name in FEATURES] for question in QUESTIONS]))


@lru_cache(maxsize=1)
def shipped_model() -> PairModel:
    """The model beside this file."""
    return PairModel.from_json(files("agpis.stage1").joinpath(WEIGHTS_FILE).read_text(encoding="utf-8"))


def features_of(alignment: Alignment, agreement: Agreement) -> npt.NDArray[np.float64]:
    """The measurements that the model weighs, (len(FEATURES),), as FEATURES names them."""
    # whether there is any area of another colour counts for more than its share
    recoloured = np.log1p(agreement.recoloured / _SMALL_AREA) / np.log1p(1 / _SMALL_AREA)
    structure = max(agreement.structure, 0.0)
    return np.array(
        [
            np.log(min(alignment.support, _MOST_SUPPORT) / 10),
            alignment.repeated,
            agreement.core,
            agreement.overlap,
            agreement.shape,
            recoloured,
            structure,
            recoloured * structure,  # large where a thing was recoloured
            recoloured * (1 - structure),  # large where something was laid over it
            recoloured * agreement.beyond,  # large where that covers the background as well
        ]
    )


def weigh(features: npt.NDArray[np.float64], model: PairModel | None = None) -> tuple[PairRelation, float]:
    """The likelier relation and its probability; by the shipped model unless another is given."""
    nothing_duplicate_variant = (model or shipped_model()).probabilities(features)
    best = 1 + int(nothing_duplicate_variant[1:].argmax())
    return PairRelation(OUTCOMES[best]), float(nothing_duplicate_variant[best])
