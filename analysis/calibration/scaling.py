"""Calibrated p^t: temperature and isotonic scaling, fitted on the validation split."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from sklearn.isotonic import IsotonicRegression

from analysis.errors import AnalysisError, SplitError
from analysis.predictions import Floats, Ints, Predictions

FIT_SPLIT = "val"
_LOWEST, _HIGHEST = 0.05, 20.0  # a split that is told apart without a mistake would ask for a temperature of 0
_FLAT = 1e-7  # difference in mean log-likelihood that says nothing
_SMALLEST = np.float32(1e-30)  # probabilities of 0 have no logarithm
_CHUNK = 100_000  # rows at a time, so that a million of them needs little memory


@dataclass(frozen=True, slots=True)
class Temperature:
    """Temperature scaling (Guo et al., 2017): logits are divided by T. It keeps the order of a row's classes.

    Attributes:
        value: T; above 1 where the probabilities were too sure.
        at_limit: whether T stopped at an end of its range [0.05, 20]: then the split is too small or too easy.
        n: reviewed sequences it was fitted on.
    """

    value: float
    at_limit: bool
    n: int

    def p_t(self, probabilities: npt.NDArray[np.float32]) -> Floats:
        """Calibrated p^t, the probability of the qualified class.

        Args:
            probabilities: (n, K^g) p^mcc in class order.

        Returns:
            (n,) in [0, 1]. Its order may differ from that of p^t: the other classes of a row count.
        """
        parts = [
            _log_probability(logs, self.value, np.zeros(len(logs), np.int64)) for logs in _log_chunks(probabilities)
        ]
        return np.exp(np.concatenate(parts)) if parts else np.zeros(0)


@dataclass(frozen=True, slots=True, eq=False)
class Isotonic:
    """Isotonic scaling (Zadrozny and Elkan, 2002): the rising step function nearest to the reviews.

    Attributes:
        p_t_points: (k,) p^t where the function bends, rising; between them it is linear, outside it is constant.
        shares: (k,) its values there, in [0, 1], never falling.
        n: reviewed sequences it was fitted on.
    """

    p_t_points: Floats
    shares: Floats
    n: int

    def p_t(self, raw: Floats) -> Floats:
        """Calibrated p^t, (n,) in [0, 1]. It never turns the order of two p^t round, but may make them equal."""
        return np.interp(raw, self.p_t_points, self.shares)


def fit_temperature(predictions: Predictions, force: bool = False) -> Temperature:
    """The temperature under which the reviews' classes are likeliest.

    Args:
        predictions: rows of the validation split; those without review are not looked at.
        force: fit on rows of any split.

    Raises:
        SplitError: when a row belongs to another split.
        AnalysisError: when no row was reviewed.
    """
    reviewed = _fitting_rows(predictions, force)
    labels = reviewed.labels
    starts = range(0, len(labels), _CHUNK)
    logs = list(_log_chunks(reviewed.probabilities))

    def loss(log_temperature: float) -> float:
        temperature = float(np.exp(log_temperature))
        pairs = zip(logs, starts, strict=True)
        sums = [_log_probability(part, temperature, labels[at : at + _CHUNK]).sum() for part, at in pairs]
        return -float(sum(sums)) / len(labels)

    low, high = float(np.log(_LOWEST)), float(np.log(_HIGHEST))
    found = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-3})
    # Where the loss is flat towards an end, the search stops anywhere on the way there.
    best = next((end for end in (low, high) if loss(end) <= found.fun + _FLAT), float(found.x))
    return Temperature(float(np.exp(best)), best in (low, high), len(labels))


def fit_isotonic(predictions: Predictions, force: bool = False) -> Isotonic:
    """The rising function of p^t that is nearest to the reviews; arguments and errors of `fit_temperature`."""
    reviewed = _fitting_rows(predictions, force)
    model = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    model.fit(reviewed.p_t, reviewed.is_qualified.astype(np.float64))
    return Isotonic(model.X_thresholds_.copy(), model.y_thresholds_.copy(), len(reviewed))


def _fitting_rows(predictions: Predictions, force: bool) -> Predictions:
    others = sorted(set(predictions.frame["split"]) - {FIT_SPLIT})
    if others and not force:
        raise SplitError(
            f"calibration is fitted on split {FIT_SPLIT!r}, but rows of {', '.join(others)} were given; they would "
            f"judge what they have chosen: take predictions.in_split({FIT_SPLIT!r}), or insist with force=True"
        )
    reviewed = predictions.reviewed()
    if not len(reviewed):
        raise AnalysisError(f"calibration needs reviewed sequences of split {FIT_SPLIT!r}, got none")
    return reviewed


def _log_chunks(probabilities: npt.NDArray[np.float32]) -> Iterator[npt.NDArray[np.float32]]:
    """Log-probabilities less the largest of their row, so that no power overflows."""
    for start in range(0, len(probabilities), _CHUNK):
        logs = np.log(np.maximum(probabilities[start : start + _CHUNK], _SMALLEST))
        yield logs - logs.max(axis=1, keepdims=True)


def _log_probability(logs: npt.NDArray[np.float32], temperature: float, classes: Ints) -> Floats:
    """Log-probability of one class of every row under a temperature; log-probabilities do as logits."""
    scaled = logs * np.float32(1 / temperature)
    own = scaled[np.arange(len(scaled)), classes].astype(np.float64)
    return np.asarray(own - np.log(np.exp(scaled, out=scaled).sum(axis=1, dtype=np.float64)))
