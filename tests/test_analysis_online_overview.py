"""Better or worse, with one draw a product, and whether to train again: by hand, by laws, and what is not known."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from prediction_tables import TAXONOMY, table

from analysis.errors import AnalysisError
from analysis.online.advice import Action
from analysis.online.clustered import ClusteredChange, clustered_change
from analysis.online.overview import Trend, overview, recent_start
from analysis.predictions import Bools, Ints, Predictions, check_predictions

GOOD, BAD = "qualified", TAXONOMY.rules[0].id


def arrays(*rows: tuple[int, int, int]) -> tuple[Ints, Bools, Bools]:
    """Product, whether it was rejected, whether it is after."""
    product, rejected, after = np.array(rows).T
    return product.astype(np.int64), rejected.astype(bool), after.astype(bool)


def singles() -> tuple[Ints, Bools, Bools]:
    """Ten products of one row: one of five rejected before, three of five after."""
    return arrays(*((row, row in (0, 5, 6, 7), row >= 5) for row in range(10)))


# -- the change by products ---------------------------------------------------------------------------------------


def test_a_change_by_hand() -> None:
    found = clustered_change(*singles())
    # Squares: 5 * 0.2 * 0.8 = 0.8 before and 5 * 0.6 * 0.4 = 1.2 after; variance 10 / 9 * 2.0 / 25; t with 4 degrees.
    error = np.sqrt(10 / 9 * 2.0 / 25)
    assert found.difference == pytest.approx(0.4)
    assert found.low == pytest.approx(0.4 - 2.7764451 * error)
    assert found.high == 1.0
    assert found.p_value == pytest.approx(0.2508, abs=1e-4)
    assert (found.products_before, found.products_after, found.reason) == (5, 5, "")
    assert not found.is_shown


def test_a_product_that_comes_ten_times_tells_no_more_than_once() -> None:
    once = clustered_change(*singles())
    product, rejected, after = singles()
    assert clustered_change(np.repeat(product, 10), np.repeat(rejected, 10), np.repeat(after, 10)) == once


def test_names_and_order_of_products_do_not_matter() -> None:
    product, rejected, after = singles()
    order = np.random.default_rng(0).permutation(10)
    found = clustered_change(97 - 3 * product[order], rejected[order], after[order])
    assert found.p_value == pytest.approx(clustered_change(product, rejected, after).p_value)


def test_what_a_product_does_on_both_sides_cancels() -> None:
    # Product 0 is rejected on both sides and the others never, but for one new reject of product 1.
    rows = [(product, product == 0, side) for product in range(6) for side in (0, 1)]
    paired = clustered_change(*arrays(*rows, (1, 1, 1)))
    apart = clustered_change(*arrays(*((product + 6 * side, bad, side) for product, bad, side in rows), (7, 1, 1)))
    assert paired.difference == apart.difference
    assert paired.p_value is not None
    assert apart.p_value is not None
    assert paired.p_value < apart.p_value


def test_false_alarms_are_as_rare_as_promised_although_products_differ() -> None:
    rng = np.random.default_rng(1)
    alarms = 0
    for _repetition in range(300):
        sizes = rng.integers(1, 40, 60)
        product = np.repeat(np.arange(60), sizes)
        rejected = rng.random(len(product)) < rng.beta(1, 6, 60)[product]
        alarms += clustered_change(product, rejected, product < 20).is_shown
    assert alarms / 300 < 0.09


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([(row, 0, 1) for row in range(9)], "no row before"),
        ([(row, 0, 0) for row in range(9)], "no row after"),
        ([(row, 0, row > 3) for row in range(9)], "one side has 4 products"),
        ([(row, 0, row > 4) for row in range(10)], "no product scatters"),
    ],
)
def test_what_cannot_be_told_has_a_reason(rows: list[tuple[int, int, int]], reason: str) -> None:
    found = clustered_change(*arrays(*rows))
    assert reason in found.reason
    assert found.p_value is None
    assert not found.is_shown


def test_arrays_of_different_length_are_refused() -> None:
    product, rejected, after = singles()
    with pytest.raises(AnalysisError, match="10, 9 and 10 rows"):
        clustered_change(product, rejected[:9], after)


# -- the overview -------------------------------------------------------------------------------------------------


def months(before: int, after: int, **changed: Any) -> Predictions:
    """Twenty products in March and twenty in May, of which so many were rejected."""
    labels = [BAD] * before + [GOOD] * (20 - before) + [BAD] * after + [GOOD] * (20 - after)
    days = [f"2026-03-{1 + row:02d}" for row in range(20)] + [f"2026-05-{1 + row:02d}" for row in range(20)]
    p_t = {"p_qualified": 0.5}
    others = {name: 0.5 / (len(TAXONOMY.ids) - 1) for name in table(1).columns if name.startswith("p_")}
    return check_predictions(table(40, **(others | p_t)).assign(date=days, label=labels).assign(**changed))


@pytest.mark.parametrize(
    ("before", "after", "trend"), [(2, 14, Trend.WORSE), (14, 2, Trend.BETTER), (5, 6, Trend.NOT_SHOWN)]
)
def test_the_last_four_weeks_are_set_against_the_time_before(before: int, after: int, trend: Trend) -> None:
    read = months(before, after)
    found = overview(read, read)
    assert (found.border, found.is_release) == (date(2026, 4, 23), False)
    assert (found.release.change.before.count, found.release.change.after.count) == (before, after)
    assert found.trend is trend
    assert found.check is None  # neither a split nor a release says what the model learned from


def test_a_release_is_the_end_of_the_training_window() -> None:
    read = months(2, 14)
    found = overview(read, read, date(2026, 4, 1))
    assert (found.border, found.is_release) == (date(2026, 4, 1), True)
    assert found.check is not None
    assert (found.check.report.n_reference, found.check.report.n_current) == (20, 20)
    assert found.check.advice.age_days == 50
    assert found.check.advice.action is Action.RETRAIN


def test_the_training_split_is_the_training_window() -> None:
    read = months(2, 14, split=["train"] * 10 + ["test"] * 30)
    found = overview(read, read.in_split("test"))
    assert found.check is not None
    assert found.check.report.n_reference == 10
    assert found.release.change.before.n == 10


def test_only_what_was_submitted_is_counted_where_asked() -> None:
    read = months(2, 14, decision=["submitted", "withheld"] * 20)
    found = overview(read, read, submitted_only=True)
    assert (found.release.change.before.n, found.judged.products_after) == (10, 10)
    with pytest.raises(AnalysisError, match="no column decision"):
        overview(months(2, 14), months(2, 14), submitted_only=True)


def test_without_dates_there_is_no_recent_time() -> None:
    with pytest.raises(AnalysisError, match="none of the 40 rows has both a label and a date"):
        recent_start(months(2, 14, date=""))


def test_a_change_needs_both_ends_to_be_shown() -> None:
    assert not ClusteredChange(0.5, None, None, None, 3, 3, 0.95, "too few").is_shown
    assert ClusteredChange(0.5, 0.1, 0.9, 0.01, 9, 9, 0.95).is_shown
