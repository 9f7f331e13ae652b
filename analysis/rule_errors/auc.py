"""Area under the ROC curve from ranks, with DeLong's interval: exact with ties, fast for a million scores."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

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
    # Looking scores up takes the time, so the smaller group is looked up; turned round, the AUC is the same.
    few, many = (positive, negative) if m <= n else (-negative, -positive)
    value, of_few, of_many = _delong(few, many)
    if min(m, n) < 2:
        how_many = f"{m} positive{'s' * (m > 1)} and {n} negative{'s' * (n > 1)}"
        return Auc(m, n, value, None, None, None, f"no interval from {how_many}: it needs 2 of each")
    error = sqrt(of_few / (len(few) - 1) / len(few) + of_many / (len(many) - 1) / len(many))
    if error == 0:
        return Auc(m, n, value, None, None, None, "no interval: every pair is in the same order")
    reach = normal_quantile() * error
    return Auc(m, n, value, max(0.0, value - reach), min(1.0, value + reach), error)


def _delong(positive: Scores, negative: Scores) -> tuple[float, float, float]:
    """AUC, and the squared deviations of each positive's and of each negative's share of won pairs, in sum."""
    values, counts = np.unique(positive, return_counts=True)
    ordered, m, n = np.sort(negative), len(positive), len(negative)
    below, through = (np.searchsorted(ordered, values, side=side) for side in ("left", "right"))
    tied = through - below
    wins = (below + tied / 2) / n
    value = float(wins @ counts) / m
    passed = np.concatenate([[0], counts.cumsum()])  # positives below each gap between two of their values
    gaps = np.append(below, n) - np.append(0, through)  # negatives in each gap
    above, above_tied = (m - passed) / m, (m - passed[1:] + counts / 2) / m
    losses = gaps @ (above - value) ** 2 + tied @ (above_tied - value) ** 2
    return value, float(counts @ (wins - value) ** 2), float(losses)


def auc_p_value(first: Auc, second: Auc) -> float | None:
    """Two-sided p-value that two AUC of separate sequences are the same (z test); None where one has no error."""
    if first.value is None or second.value is None or first.standard_error is None or second.standard_error is None:
        return None
    z = (first.value - second.value) / sqrt(first.standard_error**2 + second.standard_error**2)
    return float(2 * stats.norm.sf(abs(z)))
