"""Two rates compared.

Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17 (1998),
method 10: the interval of a difference made of two Wilson intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from agpis.reasons import Reason
from analysis.errors import AnalysisError
from analysis.rates import LEVEL, Rate, check_level, wilson_rate

_LEAST_EXPECTED = 5.0
"""Below this expected count the chi-square test is not to be trusted, and Fisher's exact test takes its place."""


@dataclass(frozen=True, slots=True)
class RateChange:
    """Two independent rates and their difference.

    Attributes:
        before: the first rate.
        after: the second rate.
        level: confidence level of all intervals.
        difference: after minus before, in [-1, 1]; None when one of the rates is undefined.
        low: lower end of Newcombe's interval of the difference.
        high: upper end.
        p_value: two-sided, of the hypothesis that both rates are equal.
        test: the name of the test.
        verdict: the result in plain words.
        reason: why there is no difference to tell; empty when there is one.
    """

    before: Rate
    after: Rate
    level: float
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    test: str
    verdict: str
    reason: str = ""

    @property
    def is_shown(self) -> bool:
        """Whether chance alone is refused as an explanation, at 1 - level."""
        return self.p_value is not None and self.p_value <= 1 - self.level


def compare_rates(before: Rate, after: Rate, level: float = LEVEL) -> RateChange:
    """Difference, Newcombe interval, two-proportion test and verdict; the samples must be independent.

    Raises:
        AnalysisError: when the level is not in (0, 1).
    """
    check_level(level)
    for told, rate in ((Reason.FIRST_RATE_UNDEFINED, before), (Reason.SECOND_RATE_UNDEFINED, after)):
        if rate.value is None:
            reason = told.format(clause=rate.reason)
            unknown = Reason.RATE_UNKNOWN.format(clause=reason)
            return RateChange(before, after, level, None, None, None, None, "none", unknown, reason)
    first = wilson_rate(before.count, before.n, level)
    second = wilson_rate(after.count, after.n, level)
    difference, low, high = newcombe(first, second)
    p_value, test = two_proportion_test(first.count, first.n, second.count, second.n)
    shown = p_value <= 1 - level
    verdict = _verdict(first, second, (difference, low, high), level, p_value, shown)
    return RateChange(first, second, level, difference, low, high, p_value, test, verdict)


def newcombe(first: Rate, second: Rate) -> tuple[float, float, float]:
    """Second minus first with both ends of Newcombe's interval; the level is that of the two Wilson intervals.

    Raises:
        AnalysisError: when one of the rates is undefined.
    """
    if None in (first.value, first.low, first.high, second.value, second.low, second.high):
        raise AnalysisError(f"a difference needs two rates; {first.reason or second.reason}")
    p1, l1, u1 = np.array([first.value, first.low, first.high], float)
    p2, l2, u2 = np.array([second.value, second.low, second.high], float)
    difference = p2 - p1
    return (
        float(difference),
        float(difference - np.hypot(p2 - l2, u1 - p1)),
        float(difference + np.hypot(u2 - p2, p1 - l1)),
    )


def two_proportion_test(count_1: int, n_1: int, count_2: int, n_2: int) -> tuple[float, str]:
    """Two-sided p-value in [0, 1] of equal proportions, and the name of the test that gave it.

    The z-test with pooled variance (its square is Pearson's chi-square without correction), or Fisher's exact test
    when an expected count is below 5.

    Raises:
        AnalysisError: when a sample is empty.
    """
    if min(n_1, n_2) < 1:
        raise AnalysisError(f"a test needs two samples; they hold {n_1} and {n_2}")
    table = np.array([[count_1, n_1 - count_1], [count_2, n_2 - count_2]])
    if not table.sum(axis=0).all():
        return 1.0, "none needed: all outcomes are equal"
    if stats.contingency.expected_freq(table).min() < _LEAST_EXPECTED:
        return float(stats.fisher_exact(table).pvalue), "Fisher's exact test"
    return float(stats.chi2_contingency(table, correction=False).pvalue), "two-proportion z-test"


def _verdict(
    first: Rate, second: Rate, change: tuple[float, float, float], level: float, p_value: float, shown: bool
) -> str:
    difference, low, high = (100 * part for part in change)
    told = Reason.RATE_CHANGE.format(
        before=f"{100 * first.count / first.n:.1f}%",
        n_before=first.n,
        after=f"{100 * second.count / second.n:.1f}%",
        n_after=second.n,
        difference=f"{difference:+.1f}",
        level=f"{100 * level:g}%",
        low=f"{low:+.1f}",
        high=f"{high:+.1f}",
        p=f"{p_value:.2g}",
    )
    verdict = Reason.RATE_SAME if not shown else Reason.RATE_FELL if difference < 0 else Reason.RATE_ROSE
    return verdict.format(clause=told)
