"""Drift and advice: PSI by hand, tests beside scipy, small samples that must not alarm, every sign of the advice."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from prediction_tables import COLUMNS, TAXONOMY, table
from scipy import stats

from analysis.errors import AnalysisError
from analysis.online.advice import Action, AdviceLimits, advise
from analysis.online.distances import (
    REST,
    Groups,
    category_groups,
    chi_square_test,
    ks_test,
    psi_parts,
    quantile_groups,
)
from analysis.online.drift import DriftLevel, DriftReport, FeatureDrift, drift, windows_by_date, windows_by_split
from analysis.online.rate_change import compare_rates
from analysis.predictions import Predictions, check_predictions
from analysis.rates import wilson_rate

THEN, NOW = "2026-01-15", "2026-04-15"
BORDER = date(2026, 3, 31)


def groups(reference: list[int], current: list[int]) -> Groups:
    return Groups(tuple(map(str, range(len(reference)))), np.array(reference), np.array(current))


def two_windows(n: int = 400, m: int = 400, **changed: Any) -> Predictions:
    """Rows of January, n of them, and m of April; without changes both are drawn alike."""
    rng = np.random.default_rng(5)
    size = n + m
    columns: dict[str, Any] = {
        "date": [THEN] * n + [NOW] * m,
        "label": rng.choice(["qualified", "S01", "P01"], size, p=[0.7, 0.2, 0.1]),
        "category": rng.choice(["mug", "shoe", "lamp"], size),
        "source": rng.choice(["shop", "market"], size),
        "p_t": rng.random(size),
        "p_nlg": rng.random(size),
        "title": [" " * length for length in rng.integers(5, 60, size)],
        "images": pd.Series([["a.jpg"] * count for count in rng.integers(3, 6, size)]),
    }
    frame = table(size, **{**columns, **changed}).assign(**dict.fromkeys(COLUMNS, 0.0))
    predicted = changed.get("predicted", rng.choice(3, size))
    frame = frame.assign(**{name: (predicted == index) * 1.0 for index, name in enumerate(COLUMNS)})
    return check_predictions(frame)


def measured(predictions: Predictions) -> dict[str, FeatureDrift]:
    report = drift(predictions, windows_by_date(predictions, BORDER))
    return {feature.name: feature for feature in report.features}


# Distances


def test_psi_by_hand() -> None:
    # Smoothed shares: 10.5 / 21 and 10.5 / 21 against 30.5 / 41 and 10.5 / 41.
    parts = psi_parts(groups([10, 10], [30, 10]))
    c = np.array([30.5, 10.5]) / 41
    assert parts.tolist() == pytest.approx(((c - 0.5) * np.log(c / 0.5)).tolist())
    assert psi_parts(groups([7, 13], [7, 13])).tolist() == [0, 0]
    # Without smoothing both would be infinite.
    assert np.isfinite(psi_parts(groups([10, 0], [0, 10]))).all()
    with pytest.raises(AnalysisError, match="one of them is empty"):
        psi_parts(groups([1, 2], [0, 0]))


def test_psi_without_drift_is_what_the_theory_says() -> None:
    rng = np.random.default_rng(0)
    n, m, bins = 2000, 1000, 10
    found = [psi_parts(quantile_groups(rng.random(n), rng.random(m), bins)).sum() for _ in range(400)]
    assert np.mean(found) == pytest.approx((bins - 1) * (1 / n + 1 / m), rel=0.1)


def test_quantile_bins_hold_equal_shares_of_the_reference() -> None:
    binned = quantile_groups(np.arange(100.0), np.array([-5.0, 0.0, 50.0, 99.0, 1000.0]), 4)
    assert binned.reference.tolist() == [25, 25, 25, 25]
    assert binned.current.tolist() == [2, 0, 1, 2]
    assert binned.names == ("up to 24.8", "24.8 to 49.5", "49.5 to 74.2", "above 74.2")


def test_a_value_at_an_edge_belongs_to_the_bin_below() -> None:
    binned = quantile_groups(np.arange(101.0), np.array([25.0, 50.0, 75.0]), 4)
    assert binned.reference.tolist() == [26, 25, 25, 25]
    assert binned.current.tolist() == [1, 1, 1, 0]


def test_few_values_are_groups_of_their_own() -> None:
    binned = quantile_groups(np.array([3.0, 3.0, 4.0]), np.array([2.0, 3.0, 4.0, 5.0]))
    assert (binned.names, binned.reference.tolist(), binned.current.tolist()) == (
        ("3", "4", REST),
        [2, 1, 0],
        [1, 1, 2],
    )
    assert quantile_groups(np.ones(3), np.ones(2)).names == ("1",)


def test_a_constant_that_moves_down_is_seen() -> None:
    assert psi_parts(quantile_groups(np.full(100, 3.0), np.full(100, 2.0))).sum() > 1


def test_categories_beyond_the_most_frequent_are_one() -> None:
    counted = category_groups(pd.Series(["a", "b", "b", "c"]), pd.Series(["b", "d", "d", "d", "e"]), most=2)
    assert (counted.names, counted.reference.tolist(), counted.current.tolist()) == (
        ("b", "d", REST),
        [2, 0, 2],
        [1, 3, 1],
    )
    with pytest.raises(AnalysisError, match="at least 1 category"):
        category_groups(pd.Series(["a"]), pd.Series(["a"]), most=0)


@pytest.mark.parametrize("size", [50, 3000])
def test_ks_is_scipys(size: int) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.random(size), rng.random(size // 2) + 0.05
    found = ks_test(a, b)
    assert (found.statistic, found.p_value) == pytest.approx(tuple(stats.ks_2samp(a, b)), rel=0.05)
    by_hand = ks_test(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    assert by_hand.statistic == 0.5
    assert ks_test(a, np.array([])).reason == "one of the samples is empty"


def test_chi_square_is_scipys_and_pools_what_is_small() -> None:
    found = chi_square_test(groups([50, 30, 20], [40, 40, 20]))
    expected = stats.chi2_contingency([[50, 30, 20], [40, 40, 20]], correction=False)
    assert (found.statistic, found.p_value) == pytest.approx((expected.statistic, expected.pvalue))
    # 3 + 1 and 2 + 2 are expected 2 times each: together 4, still too few, so the next larger joins them.
    pooled = chi_square_test(groups([50, 30, 3, 2], [40, 40, 1, 2]))
    expected = stats.chi2_contingency([[50, 35], [40, 43]], correction=False)
    assert (pooled.statistic, pooled.p_value) == pytest.approx((expected.statistic, expected.pvalue))
    assert chi_square_test(groups([5, 1], [3, 0])).reason == "only one group is large enough to be tested"
    assert chi_square_test(groups([5, 1], [0, 0])).p_value is None


# Features


def test_samples_drawn_alike_do_not_drift() -> None:
    found = measured(two_windows())
    assert [*found] == ["p_t", "p_nlg", "num_images", "title_length", "category", "source", "label", "predicted_class"]
    assert {feature.level for feature in found.values()} == {DriftLevel.STABLE}
    assert all((feature.n_reference, feature.n_current, feature.missing) == (400, 400, 0) for feature in found.values())


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("p_t", {"p_t": np.r_[np.linspace(0, 1, 400), np.linspace(0, 0.6, 400)]}),
        ("p_nlg", {"p_nlg": np.r_[np.linspace(0, 1, 400), np.linspace(0.5, 1, 400)]}),
        ("num_images", {"images": pd.Series([["a"] * 3] * 400 + [["a"] * 4] * 400)}),
        (
            "title_length",
            {"title": ["x" * (20 + row % 20) for row in range(400)] + ["x" * (35 + row % 20) for row in range(400)]},
        ),
        ("category", {"category": ["mug"] * 300 + ["shoe"] * 100 + ["mug"] * 100 + ["shoe"] * 300}),
        ("source", {"source": ["shop"] * 400 + ["new"] * 400}),
        ("label", {"label": ["qualified"] * 350 + ["S01"] * 50 + ["qualified"] * 150 + ["S01"] * 250}),
        ("predicted_class", {"predicted": np.r_[np.zeros(400), np.ones(400)]}),
    ],
)
def test_only_what_moved_is_named(name: str, changed: dict[str, Any]) -> None:
    found = measured(two_windows(**changed))
    assert [feature.name for feature in found.values() if feature.level is not DriftLevel.STABLE] == [name]
    assert found[name].level is DriftLevel.MAJOR
    assert found[name].psi == pytest.approx(sum(share.psi for share in found[name].shares))


def test_shares_say_which_category_moved() -> None:
    shift = measured(
        two_windows(category=["mug"] * 300 + ["shoe"] * 100 + ["mug"] * 100 + ["shoe"] * 200 + ["cup"] * 100)
    )
    first = shift["category"].shares[0]
    assert (first.name, first.reference, first.current) == ("cup", 0.0, 0.25)
    assert first.p_value == pytest.approx(stats.chi2_contingency([[0, 400], [100, 300]], correction=False).pvalue)
    assert all(share.adjusted_p >= share.p_value for share in shift["category"].shares)


def test_a_psi_above_the_limit_by_chance_is_no_drift() -> None:
    rng = np.random.default_rng(2)
    found = measured(two_windows(60, 60, p_t=rng.random(120), p_nlg=rng.random(120)))
    chance = found["p_t"]
    assert chance.psi is not None
    assert chance.psi > 0.1
    assert chance.psi_by_chance == pytest.approx(9 * 2 / 60)
    assert chance.level is DriftLevel.STABLE


def test_a_small_shift_is_stable_however_sure() -> None:
    n = 40_000
    p_t = np.r_[np.linspace(0, 1, n), np.linspace(0, 0.96, n)]
    rng = np.random.default_rng(0)
    small = measured(
        two_windows(n, n, p_t=p_t, images=pd.Series([["a"]] * 2 * n), title="x" * 9, p_nlg=rng.random(2 * n))
    )["p_t"]
    assert small.adjusted_p is not None
    assert small.adjusted_p < 1e-6
    assert small.level is DriftLevel.STABLE


def test_what_is_missing_is_counted_or_named() -> None:
    p_nlg = np.r_[np.full(100, np.nan), np.random.default_rng(0).random(700)]
    predictions = two_windows(p_nlg=p_nlg, label=["qualified"] * 400 + [""] * 400)
    found = measured(predictions)
    assert (found["p_nlg"].n_reference, found["p_nlg"].missing) == (300, 100)
    assert (found["label"].psi, found["label"].level) == (None, DriftLevel.UNKNOWN)
    assert (found["label"].reason, found["label"].missing) == ("one of the windows has no value", 400)
    bare = measured(check_predictions(predictions.frame.drop(columns=["title", "images"]).assign(**probabilities(800))))
    assert bare["title_length"].reason == "the table has no column title"
    assert bare["num_images"].reason == "the table has no column images"
    assert bare["p_nlg"].reason == "the table has no values of p_nlg"


def probabilities(rows: int) -> dict[str, Any]:
    return {name: np.full(rows, float(index == 0)) for index, name in enumerate(COLUMNS)}


def test_the_order_of_rows_does_not_matter() -> None:
    predictions = two_windows()
    order = np.random.default_rng(4).permutation(len(predictions))
    shuffled = Predictions(
        predictions.frame.iloc[order].reset_index(drop=True),
        predictions.probabilities[order],
        predictions.p_t[order],
        predictions.p_nlg[order],
        TAXONOMY,
    )
    assert measured(shuffled) == measured(predictions)


def test_windows() -> None:
    predictions = check_predictions(
        table(4, date=["2026-03-31T23:00", "2026-04-01", "", "2026-01-01"], split=["train", "test", "val", "train"])
    )
    by_date = windows_by_date(predictions, BORDER)
    assert by_date.reference.tolist() == [True, False, False, True]
    assert by_date.current.tolist() == [False, True, False, False]
    assert (by_date.outside, by_date.reference_until, by_date.current_until) == (1, BORDER, date(2026, 4, 1))
    by_split = windows_by_split(predictions)
    assert by_split.current.tolist() == [False, True, True, False]
    assert "overfitting" in by_split.notes[0]
    assert windows_by_split(predictions, "val").notes == ()
    with pytest.raises(AnalysisError, match="rows up to 2025-01-01.*none of the 4 rows is a reference row"):
        windows_by_date(predictions, date(2025, 1, 1))
    with pytest.raises(AnalysisError, match="none of the 2 rows is a current row"):
        windows_by_split(predictions.where(by_split.reference))
    with pytest.raises(AnalysisError, match="alpha 0 is not between"):
        drift(predictions, by_date, alpha=0)


# Advice


def report(**changed: Any) -> DriftReport:
    predictions = two_windows(**changed)
    return drift(predictions, windows_by_date(predictions, BORDER))


FELL = compare_rates(wilson_rate(193, 1000), wilson_rate(136, 1000))


def test_nothing_moved_is_fine() -> None:
    advice = advise(report(), FELL, BORDER, date(2026, 4, 30))
    assert (advice.action, advice.age_days) == (Action.FINE, 30)
    assert [reason.action for reason in advice.reasons] == [Action.FINE] * 3
    assert advice.train_on == (date(2026, 1, 29), date(2026, 4, 30))


@pytest.mark.parametrize(
    ("today", "action", "text"),
    [
        (date(2026, 5, 30), Action.FINE, "60 days ago, less than"),
        (date(2026, 5, 31), Action.WATCH, "61 days ago; from 92 days on"),
        (date(2026, 7, 1), Action.RETRAIN, "92 days ago; the paper trains again every 3 months"),
    ],
)
def test_age(today: date, action: Action, text: str) -> None:
    advice = advise(report(), FELL, BORDER, today)
    assert advice.action is action
    assert any(text in reason.text for reason in advice.reasons)


@pytest.mark.parametrize(
    ("before", "after", "action"),
    [
        ((1360, 10_000), (1930, 10_000), Action.RETRAIN),
        ((1360, 10_000), (1500, 10_000), Action.WATCH),
        ((14, 100), (19, 100), Action.FINE),
    ],
)
def test_reject_rate(before: tuple[int, int], after: tuple[int, int], action: Action) -> None:
    change = compare_rates(wilson_rate(*before), wilson_rate(*after))
    advice = advise(report(), change, BORDER, date(2026, 4, 30))
    assert advice.action is action
    assert any(f"{after[0] / after[1]:.1%}" in reason.text for reason in advice.reasons)


def test_drift_asks_for_training_with_its_figures() -> None:
    moved = report(source=["shop"] * 400 + ["new"] * 400)
    advice = advise(moved, FELL, BORDER, date(2026, 4, 30))
    assert advice.action is Action.RETRAIN
    psi = next(feature.psi for feature in moved.features if feature.name == "source")
    assert advice.reasons[0].text.startswith(f"source: PSI {psi:.3f}, adjusted p=")
    category = ["mug"] * 200 + ["shoe"] * 200 + ["mug"] * 130 + ["shoe"] * 270
    assert advise(report(category=category), FELL, BORDER, date(2026, 4, 30)).action is Action.WATCH


def test_what_is_not_known_is_said_and_is_not_fine() -> None:
    nothing = advise(None, None, None, None)
    assert (nothing.action, nothing.age_days, nothing.train_on) == (Action.WATCH, None, None)
    assert [reason.action for reason in nothing.reasons] == [None] * 3
    with pytest.raises(AnalysisError, match="today 2026-01-01 lies before the end"):
        advise(None, None, BORDER, date(2026, 1, 1))
    with pytest.raises(AnalysisError, match="ageing 100 must lie between 1 and oldest 92"):
        AdviceLimits(ageing=100)
    with pytest.raises(AnalysisError, match="rise 2 is not between 0 and 1"):
        AdviceLimits(rise=2)
