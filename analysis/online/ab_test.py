"""A/B tests of CTR and CVR (section 5.2): once at the end, and valid at every look.

Both tests take the units (impressions, clicks) as independent. Where users are split into arms, the clicks of one user
are not, and the true intervals are wider. The dispersion shows the part of this that differs between dates; with users
who come back every day, only a table of users would show all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from scipy import stats

from agpis.reasons import Reason
from analysis.errors import AnalysisError
from analysis.online.ab_table import ABTable
from analysis.online.rate_change import RateChange, compare_rates
from analysis.online.sequential import SCALE, Look, confidence_sequence, rate_ratio
from analysis.predictions import Ints
from analysis.rates import Rate, wilson_rate

MISMATCH_ALPHA = 0.001
"""Below this p-value the arms are not split as planned: a sample ratio mismatch (Fabijan et al., KDD 2019)."""


class Metric(StrEnum):
    """What is compared.

    CVR looks at clicks only, and the arms decide who clicks; orders per impression keeps the arms comparable.
    """

    CTR = "CTR"
    CVR = "CVR"
    ORDER_RATE = "orders per impression"


@dataclass(frozen=True, slots=True)
class FixedTest:
    """The test of fixed length: valid only when the end was fixed before the start.

    Attributes:
        change: rate of the control arm (`before`), of the treatment arm (`after`), difference, interval and p-value.
        lift: rate of the treatment arm over that of the control arm, minus 1; None when it is undefined.
        low: lower end of the interval of the lift (log method of Katz et al. 1978).
        high: upper end.
        reason: why the lift or its interval is undefined; empty when they are not.
    """

    change: RateChange
    lift: float | None
    low: float | None
    high: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ABResult:
    """One metric of an A/B test.

    Attributes:
        metric: what is compared.
        arms: names of the control and the treatment arm.
        alpha: chance of a false alarm of each of both tests.
        dates: the D dates that have units in both arms.
        fixed: the test of fixed length over all of them.
        looks: what may be said after each of them, D entries.
        decided: the first date at which the always-valid p-value is at most alpha; None when there is none.
        left_out: dates without a unit in one of the arms.
        dispersion: how much the lifts of the dates scatter, about 1 with independent units; None with a single date
            or without successes.
        mismatch_p_value: of the hypothesis that impressions are split as planned.
        notes: what makes the result doubtful.
        verdict: the result in plain words.
    """

    metric: Metric
    arms: tuple[str, str]
    alpha: float
    dates: tuple[date, ...]
    fixed: FixedTest
    looks: tuple[Look, ...]
    decided: date | None
    left_out: int
    dispersion: float | None
    mismatch_p_value: float
    notes: tuple[str, ...]
    verdict: str


def ab_test(
    table: ABTable, metric: Metric, alpha: float = 0.05, scale: float = SCALE, treatment_share: float = 0.5
) -> ABResult:
    """Compare both arms.

    Args:
        table: counts per date and arm.
        metric: what is compared; several metrics need a smaller alpha each.
        alpha: two-sided, in (0, 1).
        scale: typical size of the log lift, for the always-valid test.
        treatment_share: planned share of the impressions of the treatment arm, in (0, 1).

    Raises:
        AnalysisError: when no date has units in both arms, or an argument is out of range.
    """
    if not 0 < treatment_share < 1:
        raise AnalysisError(f"treatment_share {treatment_share} is not between 0 and 1; equal arms have 0.5")
    units, successes = _counts(table, metric)
    kept = np.asarray((units > 0).all(axis=1))
    if not kept.any():
        raise AnalysisError(f"no date has units of {metric} in both arms; the test has nothing to compare")
    units, successes = units[kept], successes[kept]
    dates = tuple(day for day, is_kept in zip(table.dates, kept, strict=True) if is_kept)
    fixed = fixed_test(units.sum(axis=0), successes.sum(axis=0), alpha)
    looks = confidence_sequence(units, successes, alpha, scale)
    decided = next((day for day, look in zip(dates, looks, strict=True) if look.p_value <= alpha), None)
    mismatch = _mismatch(table.impressions, treatment_share)
    scatter, scatter_p = dispersion(units, successes)
    return ABResult(
        metric,
        table.arms,
        alpha,
        dates,
        fixed,
        looks,
        decided,
        int((~kept).sum()),
        scatter,
        mismatch,
        (*_notes(table.impressions, mismatch, treatment_share), *_metric_notes(metric, scatter, scatter_p)),
        _verdict(metric, looks[-1], decided, alpha),
    )


def fixed_test(units: Ints, successes: Ints, alpha: float = 0.05) -> FixedTest:
    """The two-proportion z-test with the relative lift.

    Args:
        units: (2,) of control and treatment, at least 1.
        successes: (2,), at most the units.
        alpha: two-sided, in (0, 1).

    Raises:
        AnalysisError: when a count or alpha is out of range.
    """
    level = 1 - alpha
    control, treatment = (wilson_rate(int(k), int(n), level) for k, n in zip(successes, units, strict=True))
    change = compare_rates(control, treatment, level)
    if not control.value:
        return FixedTest(change, None, None, None, control.reason or Reason.CONTROL_WITHOUT_SUCCESS)
    lift = _rate(treatment) / control.value - 1
    if not treatment.count:
        return FixedTest(change, lift, None, None, Reason.TREATMENT_WITHOUT_SUCCESS)
    ratio = stats.contingency.relative_risk(treatment.count, treatment.n, control.count, control.n)
    interval = ratio.confidence_interval(level)
    return FixedTest(change, lift, float(interval.low - 1), float(interval.high - 1))


def _rate(rate: Rate) -> float:
    return rate.count / rate.n


def _counts(table: ABTable, metric: Metric) -> tuple[Ints, Ints]:
    """Units and successes, (D, 2) each."""
    if metric is Metric.CTR:
        return table.impressions, table.clicks
    return (table.clicks if metric is Metric.CVR else table.impressions), table.orders


def _mismatch(impressions: Ints, treatment_share: float) -> float:
    seen = impressions.sum(axis=0)
    planned = seen.sum() * np.array([1 - treatment_share, treatment_share])
    return float(stats.chisquare(seen, planned).pvalue)


def dispersion(units: Ints, successes: Ints) -> tuple[float | None, float | None]:
    """Scatter of the lifts of single dates over what independent units would give, and the p-value of more than 1.

    Pearson's chi-square of the treatment arm's successes of each date, given all successes of the date and the lift of
    all dates, over its degrees of freedom.

    Args:
        units: (D, 2) of control and treatment, at least 1.
        successes: (D, 2).

    Returns:
        None twice when fewer than 2 dates have both successes and failures, or an arm has no success.
    """
    total, n = successes.sum(axis=1), units.sum(axis=1)
    kept = (total > 0) & (total < n)
    ratio = rate_ratio(units, successes)
    if kept.sum() < 2 or not ratio:
        return None, None
    share = units[kept, 1] * ratio / (units[kept, 0] + units[kept, 1] * ratio)
    variance = total[kept] * share * (1 - share) * (1 - total[kept] / n[kept])
    statistic = float(((successes[kept, 1] - total[kept] * share) ** 2 / variance).sum())
    freedom = int(kept.sum()) - 1
    return statistic / freedom, float(stats.chi2.sf(statistic, freedom))


def _notes(impressions: Ints, mismatch: float, planned: float) -> list[str]:
    notes = []
    if mismatch < MISMATCH_ALPHA:
        share = impressions[:, 1].sum() / impressions.sum()
        notes.append(Reason.ARM_SHARE.format(share=f"{share:.2%}", planned=f"{planned:.2%}", p=f"{mismatch:.1g}"))
    if len(impressions) > 1 and stats.chi2_contingency(impressions, correction=False).pvalue < MISMATCH_ALPHA:
        notes.append(Reason.ARM_SHARE_CHANGES.format())
    return notes


def _metric_notes(metric: Metric, scatter: float | None, p_value: float | None) -> list[str]:
    notes = []
    if scatter is not None and p_value is not None and p_value < MISMATCH_ALPHA:
        notes.append(Reason.DATES_SCATTER.format(metric=metric, times=f"{scatter:.1f}", p=f"{p_value:.1g}"))
    if metric is Metric.CVR:
        notes.append(Reason.CVR_OF_CLICKS.format())
    return notes


def _verdict(metric: Metric, last: Look, decided: date | None, alpha: float) -> str:
    ends = ["open" if end is None else f"{end:+.1%}" for end in (last.low, last.high)]
    lift = "undefined" if last.lift is None else f"{last.lift:+.1%}"
    told = f"lift {lift}, always-valid {1 - alpha:.0%} interval {ends[0]} to {ends[1]}, p={last.p_value:.2g}"
    if decided is None:
        return f"{metric}: no difference shown yet; {told}. The test may go on."
    return f"{metric}: the arms differ, shown on {decided}; {told}."
