"""Reject rate over time and before and after a release: counted by hand, compared with published examples."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from prediction_tables import COLUMNS, TAXONOMY, table
from scipy import stats

from analysis.errors import AnalysisError
from analysis.online.over_time import Period, reject_rates, release_change
from analysis.online.rate_change import compare_rates, newcombe, two_proportion_test
from analysis.predictions import Predictions, check_predictions
from analysis.rates import wilson_rate


def dated(dates: list[str], rejected: list[bool | None], **columns: Any) -> Predictions:
    """A table of these dates; None is a row without review."""
    labels = ["" if bad is None else TAXONOMY.rules[0].id if bad else "qualified" for bad in rejected]
    frame = table(len(dates), date=dates, label=labels, **columns)
    return check_predictions(frame.assign(**dict.fromkeys(COLUMNS, 1 / len(COLUMNS))))


def many(before: tuple[int, int], after: tuple[int, int]) -> Predictions:
    """(rejected, n) in January and in March."""
    rejected = [row < part[0] for part in (before, after) for row in range(part[1])]
    return dated(["2026-01-10"] * before[1] + ["2026-03-10"] * after[1], list(rejected))


def test_wilson_by_hand() -> None:
    rate = wilson_rate(3, 10)
    z = stats.norm.ppf(0.975)
    middle, half = (0.3 + z**2 / 20) / (1 + z**2 / 10), z * np.sqrt(0.021 + z**2 / 400) / (1 + z**2 / 10)
    assert (rate.low, rate.high) == pytest.approx((middle - half, middle + half))
    assert wilson_rate(0, 0, reason="nobody came").reason == "nobody came"
    assert wilson_rate(0, 0).value is None


def test_newcombe_gives_the_published_interval() -> None:
    # Newcombe 1998, table II, example (a): 56/70 against 48/80, method 10.
    difference, low, high = newcombe(wilson_rate(48, 80), wilson_rate(56, 70))
    assert (difference, low, high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    back = newcombe(wilson_rate(56, 70), wilson_rate(48, 80))
    assert back == pytest.approx((-0.2, -0.3339, -0.0524), abs=5e-5)


def test_the_test_is_the_pooled_z_test_and_fishers_where_counts_are_small() -> None:
    p_value, name = two_proportion_test(193, 1000, 136, 1000)
    pooled = 329 / 2000
    z = (0.136 - 0.193) / np.sqrt(pooled * (1 - pooled) * 2 / 1000)
    assert p_value == pytest.approx(2 * stats.norm.sf(abs(z)))
    assert name == "two-proportion z-test"
    p_value, name = two_proportion_test(0, 4, 4, 4)
    assert p_value == pytest.approx(2 / 70)  # both extreme tables of the 8 choose 4
    assert name == "Fisher's exact test"
    assert two_proportion_test(0, 5, 0, 9)[0] == 1.0


def test_weeks_go_from_monday_to_sunday_and_an_empty_one_is_undefined() -> None:
    rates = reject_rates(
        dated(["2026-03-02", "2026-03-08", "2026-03-16", "", "2026-03-16"], [True, False, True, True, None])
    )
    assert [(part.start, part.end) for part in rates.reviewed] == [
        (date(2026, 3, 2), date(2026, 3, 8)),
        (date(2026, 3, 9), date(2026, 3, 15)),
        (date(2026, 3, 16), date(2026, 3, 22)),
    ]
    assert [(part.rate.count, part.rate.n, part.rate.value) for part in rates.reviewed] == [
        (1, 2, 0.5),
        (0, 0, None),
        (1, 1, 1.0),
    ]
    assert rates.reviewed[1].rate.reason == "no sequence was reviewed"
    assert (rates.undated, rates.unreviewed) == (1, 1)
    assert (rates.overall.count, rates.overall.n) == (2, 3)
    assert (rates.overall_submitted.value, rates.overall_submitted.reason) == (None, "the table has no column decision")
    assert rates.submitted == ()
    assert "no column decision" in rates.submitted_reason


def test_submitted_sequences_are_counted_on_their_own() -> None:
    decisions = ["submitted", "withheld", "submitted", ""]
    rates = reject_rates(
        dated(["2026-01-05", "2026-01-20", "2026-03-01", "2026-03-01"], [True, True, False, True], decision=decisions),
        Period.MONTH,
    )
    assert [(part.start.month, part.rate.count, part.rate.n) for part in rates.submitted] == [
        (1, 1, 1),
        (2, 0, 0),
        (3, 0, 1),
    ]
    assert [(part.rate.count, part.rate.n) for part in rates.reviewed] == [(2, 2), (0, 0), (1, 2)]
    assert (rates.overall_submitted.count, rates.overall_submitted.n) == (1, 2)


@pytest.mark.parametrize(("period", "count"), [(Period.DAY, 59), (Period.WEEK, 9), (Period.MONTH, 2)])
def test_periods_leave_no_gap_and_lose_no_row(period: Period, count: int) -> None:
    rates = reject_rates(dated(["2026-02-28", "2026-01-01", "2026-01-01"], [True, False, True]), period)
    assert len(rates.reviewed) == count
    assert sum(part.rate.n for part in rates.reviewed) == 3
    assert all((later.start - earlier.end).days == 1 for earlier, later in pairwise(rates.reviewed))


def test_the_papers_fall_is_shown_with_many_sequences_and_not_with_few() -> None:
    shown = release_change(many((193, 1000), (136, 1000)), date(2026, 2, 1))
    assert shown.change.difference == pytest.approx(-0.057)
    assert shown.change.is_shown
    assert shown.change.verdict.startswith("The rate fell. 19.3% (n=1000) before and 13.6% (n=1000) after: -5.7 points")
    few = release_change(many((19, 100), (14, 100)), date(2026, 2, 1))
    assert not few.change.is_shown
    assert few.change.verdict.startswith("No difference shown.")
    rise = release_change(many((136, 1000), (193, 1000)), date(2026, 2, 1))
    assert rise.change.verdict.startswith("The rate rose.")


def test_the_day_of_the_release_belongs_to_the_new_system() -> None:
    change = release_change(dated(["2026-01-31T23:59:59", "2026-02-01", ""], [True, False, True]), date(2026, 2, 1))
    assert (change.change.before.n, change.change.after.n, change.undated) == (1, 1, 1)


def test_one_row_per_product_keeps_the_last_on_each_side() -> None:
    dates = ["2026-01-03", "2026-01-01", "2026-02-01", "2026-02-02", "2026-02-02"]
    predictions = dated(dates, [False, True, True, True, False], product_id=["a", "a", "a", "b", "b"])
    change = release_change(predictions, date(2026, 2, 1), one_per_product=True)
    assert (change.change.before.count, change.change.before.n) == (0, 1)  # the accepted one of January 3
    assert (change.change.after.count, change.change.after.n) == (1, 2)  # of equal moments the last row
    assert change.repeated == 2
    assert release_change(predictions, date(2026, 2, 1)).change.after.n == 3


def test_the_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    dates = pd.date_range("2026-01-01", periods=60).strftime("%Y-%m-%d").tolist()
    rejected = (rng.random(60) < 0.3).tolist()
    order = rng.permutation(60)
    first = reject_rates(dated(dates, rejected))
    assert first == reject_rates(dated([dates[i] for i in order], [rejected[i] for i in order]))


def test_an_empty_side_is_undefined_and_says_so() -> None:
    change = release_change(dated(["2026-01-01"], [True]), date(2026, 2, 1)).change
    assert (change.difference, change.p_value, change.is_shown) == (None, None, False)
    assert change.reason == "the second rate is undefined: no reviewed row from 2026-02-01"


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(AnalysisError, match="none of the 2 rows has both a label and a date"):
        reject_rates(dated(["", "2026-01-01"], [True, None]))
    with pytest.raises(
        AnalysisError, match=r"from 1926-01-01 to 2026-01-01 span 36526 periods of a day, more than 2000"
    ):
        reject_rates(dated(["1926-01-01", "2026-01-01"], [True, True]), Period.DAY)
    with pytest.raises(AnalysisError, match="no column decision"):
        release_change(dated(["2026-01-01"], [True]), date(2026, 2, 1), submitted_only=True)
    with pytest.raises(AnalysisError, match="a rate of 5 out of 4"):
        wilson_rate(5, 4)
    with pytest.raises(AnalysisError, match=r"confidence level 95 is not between 0 and 1"):
        compare_rates(wilson_rate(1, 2), wilson_rate(1, 2), 95)
