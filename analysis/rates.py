"""Shares with their support and Wilson's interval, and p-values of many tests at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from analysis.errors import AnalysisError

LEVEL = 0.95
_DIGITS = 12


def share_of(per_cent: float) -> float:
    """A share from per cent, without the rounding of binary numbers: 1 - 95% is 0.05, not 0.050000000000000044."""
    return round(per_cent / 100, _DIGITS)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its Wilson interval.

    Sequences count as independent; where one product has many, the interval is too narrow.

    Attributes:
        count: how many of n.
        n: the support.
        value: count / n in [0, 1]; None when n is 0.
        low: lower end of the Wilson interval in [0, 1]; None when n is 0.
        high: upper end.
        reason: why the rate is undefined; empty when it is not.
    """

    count: int
    n: int
    value: float | None
    low: float | None
    high: float | None
    reason: str = ""


def wilson_rate(count: int, n: int, level: float = LEVEL, reason: str = "there is nothing to count") -> Rate:
    """A rate with its Wilson interval.

    Args:
        count: in [0, n].
        n: at least 0.
        level: confidence level in (0, 1).
        reason: what the rate says when n is 0.

    Raises:
        AnalysisError: when the counts or the level are out of range.
    """
    if not 0 <= count <= n:
        raise AnalysisError(f"a rate of {count} out of {n} cannot be; the count must lie between 0 and n")
    check_level(level)
    if n == 0:
        return Rate(0, 0, None, None, None, reason)
    count, n = int(count), int(n)
    interval = stats.binomtest(count, n).proportion_ci(level, method="wilson")
    # rounding must not leave an end beside the share that it holds at 0 or at n
    low = 0.0 if count == 0 else float(interval.low)
    high = 1.0 if count == n else float(interval.high)
    return Rate(count, n, count / n, low, high)


def check_level(level: float) -> None:
    """Refuse a confidence level outside (0, 1).

    Raises:
        AnalysisError: when it is.
    """
    if not 0 < level < 1:
        raise AnalysisError(f"confidence level {level} is not between 0 and 1; the usual one is 0.95")


def fisher_p_value(first: Rate, second: Rate) -> float | None:
    """Two-sided p-value of Fisher's exact test that two shares are the same; None where one of them is undefined."""
    if not first.n or not second.n:
        return None
    counts = [[first.count, first.n - first.count], [second.count, second.n - second.count]]
    return min(1.0, float(stats.fisher_exact(counts).pvalue))


def adjusted_p_values(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Benjamini and Hochberg's adjustment over all tests that were made; None stays None.

    A test whose adjusted value is at most q belongs to findings of which a share of q is expected to be chance.
    """
    made = [index for index, p_value in enumerate(p_values) if p_value is not None]
    adjusted: list[float | None] = [None] * len(p_values)
    if made:
        values = stats.false_discovery_control(np.array([p_values[index] for index in made], np.float64))
        for index, value in zip(made, values, strict=True):
            adjusted[index] = float(value)
    return tuple(adjusted)
