"""Shares with their support and Wilson's interval, and p-values of many tests at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from agpis.reasons import Reason
from analysis.errors import AnalysisError
from analysis.predictions import Floats

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


def wilson_rate(count: int, n: int, level: float = LEVEL, reason: str = Reason.NOTHING_TO_COUNT) -> Rate:
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
    low, high = wilson_interval([count], [n], level)
    return Rate(count, n, count / n, float(low[0]), float(high[0]))


def wilson_interval(count: npt.ArrayLike, total: npt.ArrayLike, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Wilson's score interval, for many shares at once; NaN where `total` is 0.

    Args:
        count: (m,) successes.
        total: (m,) trials.
        level: confidence level in (0, 1).

    Returns:
        Lower and upper ends, (m,) each, in [0, 1].
    """
    count, total = np.asarray(count, np.float64), np.asarray(total, np.float64)
    z = float(stats.norm.ppf((1 + level) / 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = count / total
        whole = 2 * (total + z**2)
        centre = (2 * total * share + z**2) / whole
        half = z / whole * np.sqrt(4 * total * share * (1 - share) + z**2)
    # Rounding must not leave an end beside the share that it holds at 0 or at `total`.
    low = np.where((count == 0) & (total > 0), 0.0, centre - half)
    high = np.where((count == total) & (total > 0), 1.0, centre + half)
    return low, high


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
