"""Shares with their support, Wilson's interval, and the tests that set one share against another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with Wilson's 95% interval.

    Sequences count as independent; where one product has many, the interval is too narrow.

    Attributes:
        count: how many it holds for.
        n: of how many: the support.
        value: count / n in [0, 1]; None where n is 0.
        low: lower end of the interval; None where n is 0.
        high: upper end.
        reason: why the share is undefined; empty where it is not.
    """

    count: int
    n: int
    value: float | None
    low: float | None
    high: float | None
    reason: str = ""


def rate(count: int, n: int, nothing: str) -> Rate:
    """`count` of `n` as a share.

    Args:
        count: 0 to `n`.
        n: the support.
        nothing: the reason to give where `n` is 0.

    Raises:
        ValueError: when `count` lies outside 0 to `n`.
    """
    count, n = int(count), int(n)
    if not 0 <= count <= n:
        raise ValueError(f"a share counts 0 to n, got {count} of {n}")
    if not n:
        return Rate(0, 0, None, None, None, nothing)
    z = normal_quantile()
    share, spread = count / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / n + spread / n / 4)
    # Rounding must not leave an end beside the share that it holds at 0 or at n.
    low = 0.0 if count == 0 else middle - half
    high = 1.0 if count == n else middle + half
    return Rate(count, n, share, low, high)


def normal_quantile() -> float:
    """How many standard errors the interval reaches to each side."""
    return float(stats.norm.ppf(0.5 + CONFIDENCE / 2))


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
