"""Area under the ROC curve from ranks, with DeLong's interval: exact with ties, fast for a million scores."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from analysis.predictions import Floats
from analysis.rule_errors.rates import normal_quantile

Scores = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Auc:
    """Probability that a positive scores above a negative, ties counting half, with DeLong's 95% interval.

    Attributes:
        positives: how many there are.
        negatives: how many there are.
        value: in [0, 1]; None where one of the two has none.
        low: lower end of the interval, at least 0; None where it is undefined.
        high: upper end, at most 1.
        standard_error: DeLong's; None where it is undefined.
        reason: why the value or its interval is undefined; empty where neither is.
    """

    positives: int
    negatives: int
    value: float | None
    low: float | None
    high: float | None
    standard_error: float | None
    reason: str = ""

    @property
    def n(self) -> int:
        """How many scores it was measured on."""
        return self.positives + self.negatives


def auc(positive: Scores, negative: Scores) -> Auc:
    """AUC of two groups of scores (DeLong, DeLong and Clarke-Pearson 1988).

    Args:
        positive: (m,) scores that should be high.
        negative: (n,) scores that should be low.
    """
    m, n = len(positive), len(negative)
    if not m or not n:
        who = "positives and no negatives" if not m and not n else "positives" if not m else "negatives"
        return Auc(m, n, None, None, None, None, f"there are no {who}")
    values, counts = np.unique(positive, return_counts=True)
    ordered = np.sort(negative)
    below, through = (np.searchsorted(ordered, values, side=side) for side in ("left", "right"))
    wins = (below + (through - below) / 2) / n  # of a positive of each value, over the negatives
    value = float(wins @ counts) / m
    if min(m, n) < 2:
        reason = f"no interval from {m} positive and {n} negative: it needs 2 of each"
        return Auc(m, n, value, None, None, None, reason)
    of_positives = float(counts @ (wins - value) ** 2) / (m - 1)
    error = sqrt(of_positives / m + _variance_of_losses(counts, below, through, n, value) / n)
    if error == 0:
        return Auc(m, n, value, None, None, None, "no interval: every pair is in the same order")
    reach = normal_quantile() * error
    return Auc(m, n, value, max(0.0, value - reach), min(1.0, value + reach), error)


def _variance_of_losses(
    counts: npt.NDArray[np.int64],
    below: npt.NDArray[np.int64],
    through: npt.NDArray[np.int64],
    n: int,
    value: float,
) -> float:
    """Variance of the share of positives above a negative, over the n negatives."""
    passed = np.concatenate([[0], counts.cumsum()])
    m = passed[-1]
    # Negatives lie between two values of positives, or on one of them.
    between = np.diff(np.concatenate([[0], np.column_stack([below, through]).ravel(), [n]]))[::2]
    above: Floats = (m - passed) / m
    on, above_on = through - below, (m - passed[1:] + counts / 2) / m
    squares = between @ (above - value) ** 2 + on @ (above_on - value) ** 2
    return float(squares) / (n - 1)


def auc_p_value(first: Auc, second: Auc) -> float | None:
    """Two-sided p-value that two AUC of separate sequences are the same (z test); None where one has no error."""
    if first.value is None or second.value is None or first.standard_error is None or second.standard_error is None:
        return None
    z = (first.value - second.value) / sqrt(first.standard_error**2 + second.standard_error**2)
    return float(2 * stats.norm.sf(abs(z)))
