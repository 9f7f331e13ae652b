"""Area under the ROC curve of one model, with DeLong's interval: exact with ties, fast for a million scores."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from agpis.reasons import Reason
from analysis.metrics.delong import place_scores, win_shares
from analysis.predictions import Bools, Ints
from analysis.rates import LEVEL

_ROUNDING = 1e-15  # of equal shares, whose error is 0
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
    # Looking scores up takes the time, so the smaller group is looked up; turned round, the AUC is the same.
    turned = len(positive) > len(negative)
    few, many = (-negative, -positive) if turned else (positive, negative)
    values, counts = np.unique(few, return_counts=True)
    ordered = np.sort(many)
    ends = [np.searchsorted(ordered, values, side=side) for side in ("left", "right")]
    places = np.diff(np.column_stack(ends).ravel(), prepend=0, append=len(many))
    return _auc(counts, places, turned)


class RankedScores:
    """Scores that are ranked once, so that the AUC of many parts of them is quick."""

    def __init__(self, scores: Scores, is_positive: Bools) -> None:
        """Rank (n,) scores; `is_positive` (n,) says which should be high."""
        self._turned = 2 * int(is_positive.sum()) > len(scores)
        self._is_few = ~is_positive if self._turned else is_positive
        self._places, self._values = place_scores(-scores if self._turned else scores, self._is_few)
        self._all = self._counts(np.arange(len(scores)))

    def split(self, rows: Ints) -> tuple[Auc, Auc]:
        """AUC of some rows, given by different indices, and of all others."""
        inside = self._counts(rows)
        rest = tuple(every - some for every, some in zip(self._all, inside, strict=True))
        return _auc(*inside, self._turned), _auc(rest[0], rest[1], self._turned)

    def _counts(self, rows: Ints) -> tuple[Ints, Ints]:
        is_few = self._is_few[rows]
        few, many = self._places[rows[is_few]], self._places[rows[~is_few]]
        return np.bincount(few, minlength=self._values), np.bincount(many, minlength=2 * self._values + 1)


def _auc(counts: Ints, places: Ints, turned: bool) -> Auc:
    """AUC of the smaller group above the larger one, which is the AUC whether or not both were turned round.

    Args:
        counts: (v,) how many of the smaller group have each of v values, lowest first.
        places: (2 v + 1,) how many of the larger group lie below the first value, on it, between it and the next, ...
        turned: whether the larger group are the positives, and all scores were negated.
    """
    few, many = int(counts.sum()), int(places.sum())
    m, n = (many, few) if turned else (few, many)
    if not m or not n:
        reason = Reason.NO_SCORES if not m and not n else Reason.NO_POSITIVES if not m else Reason.NO_NEGATIVES
        return Auc(m, n, None, None, None, None, reason)
    of_few, of_many = win_shares(counts, places)
    value = float(of_few @ counts) / few
    if min(m, n) < 2:
        return Auc(m, n, value, None, None, None, Reason.FEW_SCORES.format(positives=m, negatives=n))
    spread_of_few, spread_of_many = float(counts @ (of_few - value) ** 2), float(places @ (of_many - value) ** 2)
    error = sqrt(spread_of_few / (few - 1) / few + spread_of_many / (many - 1) / many)
    if error < _ROUNDING:
        return Auc(m, n, value, None, None, None, Reason.SAME_OUTCOME)
    reach = float(stats.norm.ppf(0.5 + LEVEL / 2)) * error
    return Auc(m, n, value, max(0.0, value - reach), min(1.0, value + reach), error)


def auc_p_value(first: Auc, second: Auc) -> float | None:
    """Two-sided p-value that two AUC of separate sequences are the same (z test); None where one has no error."""
    if first.value is None or second.value is None or first.standard_error is None or second.standard_error is None:
        return None
    z = (first.value - second.value) / sqrt(first.standard_error**2 + second.standard_error**2)
    return float(2 * stats.norm.sf(abs(z)))
