"""A/B tests: published sample sizes, exact expectations of e-values, false alarms under peeking."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.errors import AnalysisError
from analysis.online.ab_table import ABTable, check_ab_table
from analysis.online.ab_test import Metric, ab_test, dispersion, fixed_test
from analysis.online.sample_size import Design, power, sample_size
from analysis.online.sequential import always_valid_p_values, confidence_sequence, log_e_values, rate_ratio
from analysis.predictions import Floats, Ints

ALPHA = 0.05


def counts(*rows: tuple[int, int]) -> Ints:
    return np.array(rows, np.int64)


def rows(days: int = 2, **changed: Any) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "date": [f"2026-03-{day + 1:02d}" for day in range(days) for _ in range(2)],
            "arm": ["control", "treatment"] * days,
            "impressions": [1000, 1001] * days,
            "clicks": [50, 60] * days,
            "orders": [5, 7] * days,
        }
    )
    return frame.assign(**changed)


# Sample size


def test_sample_sizes_that_r_documents() -> None:
    # Both examples of ?power.prop.test: n = 76.7 a group, and power = 0.740 with 50 a group.
    size = sample_size(Design(0.5, 0.5, power=0.9))
    assert (size.control, size.treatment, size.total) == (77, 77, 154)
    assert power(Design(0.5, 0.5), 100) == pytest.approx(0.740, abs=5e-4)


def test_sample_size_by_hand() -> None:
    # (1.959964 sqrt(2 0.05075 0.94925) + 0.841621 sqrt(0.05 0.95 + 0.0515 0.9485))^2 / 0.0015^2
    size = sample_size(Design(0.05, 0.03))
    by_hand = (1.959964 * np.sqrt(0.0963489) + 0.841621 * np.sqrt(0.0475 + 0.04884775)) ** 2 / 0.0015**2
    assert size.control == pytest.approx(by_hand, rel=1e-4)


def test_unequal_arms_pool_by_their_share() -> None:
    # 90% at 0.2 and 10% at 0.25 pool to 0.205; 1 / 0.9 + 1 / 0.1 = 11.1111.
    null, other = np.sqrt(0.205 * 0.795 * 11.11111), np.sqrt(0.2 * 0.8 / 0.9 + 0.25 * 0.75 / 0.1)
    by_hand = ((1.959964 * null + 0.841621 * other) / 0.05) ** 2
    assert sample_size(Design(0.2, 0.25, treatment_share=0.1)).total == pytest.approx(by_hand, rel=1e-3)


@pytest.mark.parametrize(
    "design", [Design(0.05, 0.1), Design(0.3, -0.1, 0.01, 0.9), Design(0.05, 0.2, treatment_share=0.1)]
)
def test_the_sample_size_reaches_its_power_and_one_less_does_not(design: Design) -> None:
    size = sample_size(design)
    assert design.power <= power(design, size.total) < design.power + 1e-3
    assert power(design, size.total - 20) < design.power
    assert size.treatment / size.total == pytest.approx(design.treatment_share, rel=1e-2)


def test_power_is_what_simulated_tests_find() -> None:
    design, rng = Design(0.2, 0.25), np.random.default_rng(0)
    n = sample_size(design).control
    k = rng.binomial(n, [design.base, design.treated], size=(20_000, 2))
    pooled = k.sum(axis=1) / (2 * n)
    z = (k[:, 1] - k[:, 0]) / n / np.sqrt(2 * pooled * (1 - pooled) / n)
    # Four standard errors of a share of 0.8 in 20,000 are 0.011.
    assert (np.abs(z) > stats.norm.isf(ALPHA / 2)).mean() == pytest.approx(0.8, abs=0.012)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"base": 5}, "base 5 is not between 0 and 1; give a share"),
        ({"lift": 0}, "it must change the rate"),
        ({"base": 0.5, "lift": 1.0}, "takes the rate from 0.5 to 1"),
        ({"power": 0.04}, "power 0.04 is not above alpha"),
        ({"treatment_share": 1}, "treatment_share 1"),
    ],
)
def test_designs_that_cannot_be(changed: dict[str, float], message: str) -> None:
    with pytest.raises(AnalysisError, match=message):
        Design(**{"base": 0.05, "lift": 0.03, **changed})
    with pytest.raises(AnalysisError, match="1 units are too few"):
        power(Design(0.05, 0.03), 1)


# Fixed length


def test_fixed_test_by_hand() -> None:
    fixed = fixed_test(np.array([1000, 2000]), np.array([50, 150]))
    assert fixed.lift == pytest.approx(0.5)
    half = stats.norm.ppf(0.975) * np.sqrt(1 / 50 - 1 / 1000 + 1 / 150 - 1 / 2000)
    assert (fixed.low, fixed.high) == pytest.approx((1.5 * np.exp(-half) - 1, 1.5 * np.exp(half) - 1))
    pooled = 200 / 3000
    z = 0.025 / np.sqrt(pooled * (1 - pooled) * (1 / 1000 + 1 / 2000))
    assert fixed.change.p_value == pytest.approx(2 * stats.norm.sf(z))


def test_a_lift_over_nothing_is_undefined() -> None:
    nothing = fixed_test(np.array([100, 100]), np.array([0, 7]))
    assert (nothing.lift, nothing.reason) == (None, "the control arm has no success")
    gone = fixed_test(np.array([100, 100]), np.array([7, 0]))
    assert (gone.lift, gone.low) == (-1.0, None)
    assert "infinite" in gone.reason


# Always valid


def expected_e_value(n: tuple[int, int], p: float, ratio: float, scale: float) -> float:
    """Exact: the sum over all outcomes of one date."""
    k0, k1 = np.meshgrid(np.arange(n[0] + 1), np.arange(n[1] + 1), indexing="ij")
    chance = stats.binom.pmf(k0, n[0], p) * stats.binom.pmf(k1, n[1], p * ratio)
    successes = np.stack([k0.ravel(), k1.ravel()], axis=-1)[:, None, :]
    values = log_e_values(np.broadcast_to(np.array(n), successes.shape), successes, ratio, scale)
    return float((chance.ravel() * np.exp(values[:, 0])).sum())


@pytest.mark.parametrize("n", [(1, 1), (30, 30), (80, 20), (3, 90)])
@pytest.mark.parametrize("ratio", [1.0, 0.5, 1.8])
@pytest.mark.parametrize("scale", [0.05, 1.0])
def test_no_one_expects_to_gain_under_the_hypothesis(n: tuple[int, int], ratio: float, scale: float) -> None:
    for p in (0.001, 0.03, 0.2, 0.5):
        assert expected_e_value(n, p, ratio, scale) <= 1 + 1e-9


def test_an_e_value_by_hand() -> None:
    # Equal arms, 10 + 20 successes: U = 20 - 15 = 5, V = 30 / 4.
    value = log_e_values(counts((100, 100)), counts((10, 20)), scale=0.2)
    assert value.tolist() == pytest.approx([0.04 * 25 / (2 * 1.3) - np.log(1.3) / 2])
    later = log_e_values(counts((100, 100), (400, 100)), counts((10, 20), (8, 2)), scale=0.2)
    # The second date splits as expected, so only V grows, by 10 v(0.2).
    variance = 7.5 + 10 * 0.6 / (2 * np.log(4))
    assert later[1] == pytest.approx(0.04 * 25 / (2 * (1 + 0.04 * variance)) - np.log(1 + 0.04 * variance) / 2)


def peeked(n: tuple[int, int], looks: int, repetitions: int, p: Floats) -> tuple[Ints, Ints]:
    """Units and successes (R, looks, 2) without any effect; p is the rate of each look."""
    rng = np.random.default_rng(20)
    units = np.broadcast_to(np.array(n), (repetitions, looks, 2))
    return units, rng.binomial(units, p[None, :, None])


@pytest.mark.parametrize("n", [(20, 20), (36, 4)])
def test_false_alarms_while_everyone_keeps_looking(n: tuple[int, int]) -> None:
    repetitions, looks = 4000, 400
    # Rates go up and down between 2% and 30%, as those of single days do.
    units, successes = peeked(n, looks, repetitions, 0.16 + 0.14 * np.sin(np.arange(looks)))
    error = np.sqrt(ALPHA * (1 - ALPHA) / repetitions)  # 0.0034
    for scale in (0.05, 0.3):
        alarms = (always_valid_p_values(units, successes, scale)[:, -1] <= ALPHA).mean()
        assert alarms <= ALPHA + 3 * error
    seen, n_seen = successes.cumsum(axis=1), units.cumsum(axis=1)
    pooled = seen.sum(axis=2) / n_seen.sum(axis=2)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / n_seen).sum(axis=2))
    z = np.abs(seen[..., 1] / n_seen[..., 1] - seen[..., 0] / n_seen[..., 0]) / np.where(spread > 0, spread, np.inf)
    naive = (z[:, 10:] > stats.norm.isf(ALPHA / 2)).any(axis=1).mean()
    assert naive > 0.3  # the usual test, looked at as often


def test_the_whole_confidence_sequence_holds_the_true_lift() -> None:
    rng, ratio, repetitions = np.random.default_rng(3), 1.2, 3000
    units = np.full((repetitions, 200, 2), 50)
    successes = rng.binomial(units, np.array([0.1, 0.1 * ratio]))
    missed = (log_e_values(units, successes, ratio, 0.2) >= -np.log(ALPHA)).any(axis=1).mean()
    assert missed <= ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / repetitions)
    assert (always_valid_p_values(units, successes, 0.2)[:, -1] <= ALPHA).mean() > 0.5  # and the lift is found


def test_the_interval_is_where_the_test_does_not_refuse() -> None:
    units, successes = counts((5000, 4000), (5000, 6000)), counts((200, 190), (260, 330))
    last = confidence_sequence(units, successes, ALPHA, 0.2)[-1]
    assert last.low is not None
    assert last.high is not None
    assert last.lift is not None
    assert last.low < last.lift < last.high
    for end in (last.low, last.high):
        assert log_e_values(units, successes, 1 + end, 0.2)[-1] == pytest.approx(-np.log(ALPHA))
    swapped = confidence_sequence(units[:, ::-1], successes[:, ::-1], ALPHA, 0.2)[-1]
    assert swapped.lift == pytest.approx(1 / (1 + last.lift) - 1)
    assert (swapped.low, swapped.high) == pytest.approx((1 / (1 + last.high) - 1, 1 / (1 + last.low) - 1))


def test_the_best_ratio_by_hand() -> None:
    # One date: plainly the ratio of both rates. Two dates without differing shares: that of the sums.
    assert rate_ratio(counts((1000, 500)), counts((50, 30))) == pytest.approx(1.2)
    assert rate_ratio(counts((100, 200), (300, 600)), counts((10, 30), (20, 30))) == pytest.approx(1.0)
    assert rate_ratio(counts((10, 10)), counts((0, 3))) is None
    assert rate_ratio(counts((10, 10)), counts((3, 0))) == 0


def test_an_interval_says_when_it_is_open() -> None:
    first, last = confidence_sequence(counts((100, 100), (9000, 9000)), counts((0, 2), (500, 600)))
    assert (first.lift, first.low, first.high) == (None, None, None)
    assert first.reason == "the control arm has no success yet"
    assert first.p_value > 0.99
    assert last.reason == ""
    few = confidence_sequence(counts((100, 100)), counts((3, 2)))[0]
    assert (few.low, few.high, few.reason) == (None, None, "too few successes yet to bound the lift")


def test_p_values_never_rise() -> None:
    units, successes = peeked((100, 100), 50, 20, np.full(50, 0.1))
    assert (np.diff(always_valid_p_values(units, successes), axis=1) <= 0).all()


def test_counts_that_cannot_be() -> None:
    with pytest.raises(AnalysisError, match=r"units \(1, 2\) and successes \(2, 2\) must have one shape"):
        log_e_values(counts((1, 1)), counts((1, 1), (1, 1)))
    with pytest.raises(AnalysisError, match="each date needs at least 1 unit"):
        log_e_values(counts((5, 1)), counts((1, 2)))
    with pytest.raises(AnalysisError, match="scale 0 must both be above 0"):
        log_e_values(counts((5, 1)), counts((1, 1)), scale=0)
    with pytest.raises(AnalysisError, match="alpha 5 is not between 0 and 1"):
        confidence_sequence(counts((5, 1)), counts((1, 1)), alpha=5)


# Whole test


def test_metrics_take_their_columns() -> None:
    table = check_ab_table(rows())
    rates = {
        metric: (result.fixed.change.before.count, result.fixed.change.before.n)
        for metric in Metric
        if (result := ab_test(table, metric))
    }
    assert rates == {Metric.CTR: (100, 2000), Metric.CVR: (10, 100), Metric.ORDER_RATE: (10, 2000)}


def of_days(n: tuple[int, int], clicks: tuple[int, int], days: int) -> ABTable:
    units, k = (np.tile(np.array(pair, np.int64), (days, 1)) for pair in (n, clicks))
    return ABTable(tuple(date(2026, 3, day + 1) for day in range(days)), ("control", "treatment"), units, k, k)


def test_the_papers_lift_is_found_on_a_date_and_a_small_one_goes_on() -> None:
    found = ab_test(of_days((200_000, 200_000), (10_000, 10_320), 14), Metric.CTR)
    assert found.fixed.lift == pytest.approx(0.032)
    assert found.decided is not None
    before = found.dates.index(found.decided) - 1
    assert found.looks[before].p_value > ALPHA >= found.looks[before + 1].p_value
    assert found.verdict.startswith(f"CTR: the arms differ, shown on {found.decided}; lift +3.2%")
    open_end = ab_test(of_days((200, 200), (10, 11), 14), Metric.CTR)
    assert open_end.decided is None
    assert "no difference shown yet" in open_end.verdict


def test_unplanned_shares_are_noted() -> None:
    assert ab_test(of_days((1000, 1010), (50, 50), 5), Metric.CTR).notes == ()
    lopsided = ab_test(of_days((1000, 1200), (50, 60), 5), Metric.CTR)
    assert lopsided.mismatch_p_value < 0.001
    assert lopsided.notes[0].startswith("The treatment arm has 54.55% of the impressions instead of 50.00%")
    assert ab_test(of_days((1000, 1200), (50, 60), 5), Metric.CTR, treatment_share=6 / 11).notes == ()


def test_simpsons_paradox_misleads_the_fixed_test_only() -> None:
    # The same rate in both arms on each date; the treatment arm grows on the date of the higher rate.
    units, clicks = counts((9000, 1000), (5000, 5000)), counts((450, 50), (1000, 1000))
    table = ABTable((date(2026, 3, 1), date(2026, 3, 2)), ("a", "b"), units, clicks, clicks)
    result = ab_test(table, Metric.CTR)
    assert result.fixed.change.p_value is not None
    assert result.fixed.change.p_value < 1e-6
    assert result.looks[-1].lift == pytest.approx(0, abs=1e-9)
    assert result.looks[-1].p_value == 1.0
    assert any("changes between dates" in note for note in result.notes)


def test_dispersion_tells_independent_units_from_users() -> None:
    rng = np.random.default_rng(8)
    units = np.full((60, 2), 20_000)
    independent = rng.binomial(units, np.array([0.05, 0.06]))
    scatter, p_value = dispersion(units, independent)
    assert scatter is not None
    assert scatter == pytest.approx(1, abs=0.5)
    assert p_value is not None
    assert p_value > 0.001
    # Each click ten times, as of users who click ten times or never: ten times the variance.
    table = ABTable(
        tuple(date(2026, 1, 1) + timedelta(day) for day in range(60)),
        ("a", "b"),
        10 * units,
        10 * independent,
        independent,
    )
    result = ab_test(table, Metric.CTR)
    assert result.dispersion == pytest.approx(10 * scatter, rel=1e-6)
    assert any("times as much as independent units would" in note for note in result.notes)


def test_dispersion_by_hand_and_undefined() -> None:
    # Equal arms and 10 successes on both dates, split 6:4 and 4:6: (1^2 / (10 / 4 * 0.9)) twice, over 1 degree.
    scatter, _ = dispersion(counts((50, 50), (50, 50)), counts((4, 6), (6, 4)))
    assert scatter == pytest.approx(2 / 2.25)
    assert dispersion(counts((50, 50)), counts((4, 6))) == (None, None)
    assert dispersion(counts((50, 50), (50, 50)), counts((0, 6), (0, 4))) == (None, None)


def test_dates_without_clicks_have_no_cvr() -> None:
    frame = rows(clicks=[0, 60, 50, 60], orders=[0, 7, 5, 7])
    result = ab_test(check_ab_table(frame), Metric.CVR)
    assert (result.left_out, result.dates) == (1, (date(2026, 3, 2),))
    with pytest.raises(AnalysisError, match="no date has units of CVR in both arms"):
        ab_test(check_ab_table(rows(clicks=0, orders=0)), Metric.CVR)
