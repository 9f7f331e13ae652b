"""Reject rate per day, week or month, and before and after a release (section 5.1: 19.3% -> 13.6%)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
import pandas as pd

from agpis.reasons import Reason
from analysis.errors import AnalysisError
from analysis.online.rate_change import RateChange, compare_rates
from analysis.predictions import Bools, Predictions
from analysis.rates import LEVEL, Rate, wilson_rate

MOST_PERIODS = 2000
"""More of them say that a date is wrong, or that the period is too short to be read."""


class Period(StrEnum):
    """How long a period is; a week goes from Monday to Sunday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_FREQUENCIES = {Period.DAY: "D", Period.WEEK: "W-SUN", Period.MONTH: "M"}


@dataclass(frozen=True, slots=True)
class PeriodRate:
    """The reject rate of one period.

    Attributes:
        start: its first day.
        end: its last day.
        rate: rejected of the reviewed sequences; undefined, with the reason, where none was reviewed.
    """

    start: date
    end: date
    rate: Rate


@dataclass(frozen=True, slots=True)
class RejectRates:
    """Reject rate over time.

    Attributes:
        period: how long each period is.
        level: confidence level of the Wilson intervals.
        reviewed: of all reviewed sequences, one entry a period, without gaps.
        submitted: of those among them whose decision is `submitted`, over the same periods; empty without decisions.
        submitted_reason: why `submitted` is empty.
        overall: of all dated, reviewed sequences.
        overall_submitted: of those among them that were submitted: the reject rate of section 5.1.
        undated: reviewed rows without date, which are in no period.
        unreviewed: rows without review, which are nowhere counted.
    """

    period: Period
    level: float
    reviewed: tuple[PeriodRate, ...]
    submitted: tuple[PeriodRate, ...]
    submitted_reason: str
    overall: Rate
    overall_submitted: Rate
    undated: int
    unreviewed: int


@dataclass(frozen=True, slots=True)
class ReleaseChange:
    """Reject rate before and after a release.

    Attributes:
        release: first day of the new system.
        change: both rates, their difference and what it says.
        unit: what one trial is.
        undated: reviewed rows without date, left out.
        repeated: rows left out since their product has a later one on the same side of the release.
        note: what the comparison cannot tell.
    """

    release: date
    change: RateChange
    unit: str
    undated: int
    repeated: int
    note: str


@dataclass(frozen=True, eq=False)
class ReleaseRows:
    """Rows that are compared before and after a release.

    Attributes:
        rows: (n,) those that are counted.
        after: (n,) which rows lie on or after the release.
        undated: reviewed rows without date, left out.
        repeated: rows left out since their product has a later one on the same side.
    """

    rows: Bools
    after: Bools
    undated: int
    repeated: int


_ROW_NOTE = "Rows of one product are not independent, so that p is too small where products have several rows."
_NOTE = (
    "Before and after differ in more than the release (season, sellers, reviewers): only an A/B test tells its effect."
)


def reject_rates(predictions: Predictions, period: Period = Period.WEEK, level: float = LEVEL) -> RejectRates:
    """Reject rate of every period from the first to the last date.

    Raises:
        AnalysisError: when no reviewed row has a date, or the dates span more than MOST_PERIODS periods.
    """
    reviewed = predictions.is_reviewed
    dated = reviewed & predictions.dates.notna().to_numpy()
    if not dated.any():
        raise AnalysisError(Reason.NOT_DATED.format(total=len(predictions)))
    periods = predictions.dates[dated].dt.to_period(_FREQUENCIES[period])
    count = (periods.max() - periods.min()).n + 1
    if count > MOST_PERIODS:
        raise AnalysisError(
            f"the dates from {periods.min().start_time.date()} to {periods.max().end_time.date()} span {count} periods "
            f"of a {period}, more than {MOST_PERIODS}; mend the dates or take a longer period"
        )
    span = pd.period_range(periods.min(), periods.max())
    rejected = ~predictions.is_qualified[dated]
    submitted: tuple[PeriodRate, ...] = ()
    reason = Reason.COLUMN_LACKING.format(column="decision")
    of_submitted = wilson_rate(0, 0, level, reason)
    if "decision" in predictions.frame:
        chosen = (predictions.frame["decision"] == "submitted").to_numpy()[dated]
        none = Reason.NONE_SUBMITTED_REVIEWED
        submitted = _series(periods[chosen], rejected[chosen], span, level, none)
        of_submitted = wilson_rate(int(rejected[chosen].sum()), int(chosen.sum()), level, none)
        reason = ""
    return RejectRates(
        period,
        level,
        _series(periods, rejected, span, level, Reason.NONE_REVIEWED),
        submitted,
        reason,
        wilson_rate(int(rejected.sum()), int(dated.sum()), level),
        of_submitted,
        int((reviewed & ~dated).sum()),
        int((~reviewed).sum()),
    )


def _series(
    periods: pd.Series[pd.Period], rejected: Bools, span: pd.PeriodIndex, level: float, empty: str
) -> tuple[PeriodRate, ...]:
    place = span.get_indexer(pd.PeriodIndex(periods))
    n = np.bincount(place, minlength=len(span))
    counts = np.bincount(place, weights=rejected, minlength=len(span)).astype(int)
    return tuple(
        PeriodRate(part.start_time.date(), part.end_time.date(), wilson_rate(int(count), int(of), level, empty))
        for part, count, of in zip(span, counts, n, strict=True)
    )


def release_change(
    predictions: Predictions,
    release: date,
    one_per_product: bool = False,
    submitted_only: bool = False,
    level: float = LEVEL,
) -> ReleaseChange:
    """Reject rate before the release date, and from it on.

    Args:
        predictions: rows without review or date are left out.
        release: first day of the new system.
        one_per_product: keep only the last row of each product on each side, so that rows are independent.
        submitted_only: leave out what was not submitted, by the column `decision`.
        level: confidence level in (0, 1).

    Raises:
        AnalysisError: when `submitted_only` is asked of a table without decisions, or the level is out of range.
    """
    used = release_rows(predictions, release, one_per_product, submitted_only)
    rates = []
    for side, name in ((~used.after, "before"), (used.after, "from")):
        chosen = used.rows & side
        rejected = int((chosen & ~predictions.is_qualified).sum())
        rates.append(wilson_rate(rejected, int(chosen.sum()), level, f"no reviewed row {name} {release}"))
    change = compare_rates(rates[0], rates[1], level)
    unit = "product (its last row on each side)" if one_per_product else "row"
    note = _NOTE if one_per_product else f"{_NOTE} {_ROW_NOTE}"
    return ReleaseChange(release, change, unit, used.undated, used.repeated, note)


def release_rows(
    predictions: Predictions, release: date, one_per_product: bool = False, submitted_only: bool = False
) -> ReleaseRows:
    """Which rows are compared before and after a release; arguments and errors are those of `release_change`."""
    kept = predictions.is_reviewed
    if submitted_only:
        if "decision" not in predictions.frame:
            raise AnalysisError("the table has no column decision, which tells the submitted sequences")
        kept = kept & (predictions.frame["decision"] == "submitted").to_numpy()
    dated = predictions.dates.notna().to_numpy()
    after = (predictions.dates >= pd.Timestamp(release)).to_numpy()
    used = kept & dated
    repeated = np.zeros(len(predictions), bool)
    if one_per_product:
        repeated = _earlier_rows(predictions, after, used)
    return ReleaseRows(used & ~repeated, after, int((kept & ~dated).sum()), int(repeated.sum()))


def _earlier_rows(predictions: Predictions, after: Bools, used: Bools) -> Bools:
    """Which of the used rows have a later one of the same product on the same side; (n,)."""
    order = pd.DataFrame({"product": predictions.products, "after": after, "date": predictions.dates.to_numpy()}).loc[
        used
    ]
    # Stable, so that of rows of one moment the one further down in the table counts as the later.
    earlier = order.sort_values("date", kind="stable").duplicated(["product", "after"], keep="last")
    rows = np.zeros(len(predictions), bool)
    rows[earlier.index[earlier]] = True
    return rows
