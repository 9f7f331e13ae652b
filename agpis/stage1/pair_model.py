"""From what geometry and colours say to a verdict: the same picture, one picture in two colours, or neither.

A multinomial logistic model over a handful of measurements of one alignment. Its weights lie in
`pair_model.json` beside this file; `python -m benchmarks.duplicate_fit` chooses and writes them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from agpis.errors import ModelError
from agpis.stage1.agreement import Agreement
from agpis.stage1.geometry import Alignment
from agpis.types import PairRelation

FEATURES = (
    "support",
    "repeated",
    "core",
    "overlap",
    "coverage",
    "shape",
    "recoloured",
    "structure",
    "kept_structure",
    "covered_up",
)
OUTCOMES = ("nothing", PairRelation.DUPLICATE.value, PairRelation.VARIANT.value)
WEIGHTS_FILE = "pair_model.json"
_MOST_SUPPORT = 60  # more keypoints than this make no difference


@dataclass(frozen=True, slots=True, eq=False)
class PairModel:
    """A linear model with three outcomes.

    Attributes:
        bias: (3,), one for each of OUTCOMES.
        weights: (3, len(FEATURES)).
    """

    bias: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]

    def probabilities(self, features: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Of OUTCOMES, (..., 3), for features (..., len(FEATURES))."""
        logits = features @ self.weights.T + self.bias
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float64)

    def to_json(self) -> str:
        """The text of the weights file."""
        rows = {
            outcome: {"bias": float(bias)} | dict(zip(FEATURES, map(float, row), strict=True))
            for outcome, bias, row in zip(OUTCOMES, self.bias.round(3), self.weights.round(3), strict=True)
        }
        return json.dumps(rows, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> PairModel:
        """Read what `to_json` wrote.

        Raises:
            ModelError: when an outcome or a feature is missing or unknown.
        """
        rows = json.loads(text)
        wanted = {"bias", *FEATURES}
        unfit = {name for name in OUTCOMES if set(rows.get(name, ())) != wanted} | (set(rows) - set(OUTCOMES))
        if unfit:
            raise ModelError(f"weights of {', '.join(sorted(unfit))} do not fit: each outcome needs {sorted(wanted)}")
        bias = np.array([rows[outcome]["bias"] for outcome in OUTCOMES])
        return cls(bias, np.array([[rows[outcome][name] for name in FEATURES] for outcome in OUTCOMES]))


@lru_cache(maxsize=1)
def shipped_model() -> PairModel:
    """The model beside this file."""
    return PairModel.from_json(files("agpis.stage1").joinpath(WEIGHTS_FILE).read_text(encoding="utf-8"))


def features_of(alignment: Alignment, agreement: Agreement) -> npt.NDArray[np.float64]:
    """The measurements that the model weighs, (len(FEATURES),), as FEATURES names them."""
    recoloured = agreement.recoloured**0.5  # small areas count for more than their share
    structure = max(agreement.structure, 0.0)
    return np.array(
        [
            np.log(min(alignment.support, _MOST_SUPPORT) / 10),
            alignment.repeated,
            agreement.core,
            agreement.overlap,
            agreement.coverage,
            agreement.shape,
            recoloured,
            structure,
            recoloured * structure,  # large where a thing was recoloured
            recoloured * (1 - structure),  # large where something was laid over it
        ]
    )


def weigh(features: npt.NDArray[np.float64], model: PairModel | None = None) -> tuple[PairRelation, float]:
    """The likelier relation and its probability; by the shipped model unless another is given."""
    nothing_duplicate_variant = (model or shipped_model()).probabilities(features)
    best = 1 + int(nothing_duplicate_variant[1:].argmax())
    return PairRelation(OUTCOMES[best]), float(nothing_duplicate_variant[best])
