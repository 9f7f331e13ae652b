"""Shares, AUC and their tests: answers by hand, scikit-learn's, scipy's, and DeLong's definition spelled out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from analysis.errors import AnalysisError
from analysis.rates import adjusted_p_values, fisher_p_value, wilson_interval, wilson_rate
from analysis.rule_errors.auc import Auc, RankedScores, Scores, auc, auc_p_value


@pytest.mark.parametrize(("count", "n"), [(0, 1), (1, 1), (0, 30), (3, 10), (29, 30), (500, 1000)])
def test_a_share_has_the_wilson_interval_of_scipy(count: int, n: int) -> None:
    found = wilson_rate(count, n, reason="nothing")
    wanted = stats.binomtest(count, n).proportion_ci(method="wilson")
    assert found.value == count / n
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), abs=1e-12)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high
    assert found.reason == ""


def test_many_shares_at_once_have_the_intervals_of_each() -> None:
    counts, totals = [0, 0, 3, 30, 150], [1, 30, 30, 30, 1000]
    low, high = wilson_interval(counts, totals, 0.9)
    wanted = [
        stats.binomtest(count, n).proportion_ci(0.9, method="wilson") for count, n in zip(counts, totals, strict=True)
    ]
    assert low.tolist() == pytest.approx([one.low for one in wanted], abs=1e-12)
    assert high.tolist() == pytest.approx([one.high for one in wanted], abs=1e-12)
    assert (low[0], high[3]) == (0.0, 1.0)
    assert np.isnan(wilson_interval([0], [0])).all()


def test_a_share_of_nothing_is_undefined_and_says_why() -> None:
    found = wilson_rate(0, 0, reason="no sequence was rejected")
    assert (found.value, found.low, found.high, found.n) == (None, None, None, 0)
    assert found.reason == "no sequence was rejected"


def test_more_than_all_is_no_share() -> None:
    with pytest.raises(AnalysisError, match="a rate of 3 out of 2 cannot be"):
        wilson_rate(3, 2, reason="nothing")


def test_fisher_p_value_by_hand() -> None:
    # The lady tasting tea: all 4 of 4 against 0 of 4 has probability 2 / (8 over 4).
    assert fisher_p_value(wilson_rate(4, 4, reason=""), wilson_rate(0, 4, reason="")) == pytest.approx(2 / 70)
    assert fisher_p_value(wilson_rate(2, 4, reason=""), wilson_rate(2, 4, reason="")) == 1.0
    assert fisher_p_value(wilson_rate(2, 4, reason=""), wilson_rate(0, 0, reason="empty")) is None


def test_adjusted_p_values_by_hand() -> None:
    # Of 4 tests: 0.01 * 4 / 1, 0.02 * 4 / 2, 0.03 * 4 / 3 are all 0.04.
    assert adjusted_p_values([0.03, None, 0.01, 0.5, 0.02]) == pytest.approx((0.04, None, 0.04, 0.5, 0.04))
    assert adjusted_p_values([None]) == (None,)
    assert adjusted_p_values([]) == ()


def deviation(positive: Scores, negative: Scores) -> float:
    """DeLong's standard error from all pairs."""
    pairs = (positive[:, None] > negative) + (positive[:, None] == negative) / 2
    by_positive, by_negative = pairs.mean(axis=1), pairs.mean(axis=0)
    variance = by_positive.var(ddof=1) / len(positive) + by_negative.var(ddof=1) / len(negative)
    return float(np.sqrt(variance))


@pytest.mark.parametrize("levels", [3, 10, 10**6])
@pytest.mark.parametrize(("m", "n"), [(2, 40), (40, 2), (60, 60), (7, 200)])
def test_auc_is_that_of_scikit_learn_with_ties_and_delongs_error(levels: int, m: int, n: int) -> None:
    rng = np.random.default_rng([levels, m, n])
    positive, negative = rng.integers(1, levels + 1, m) / levels, rng.integers(0, levels, n) / levels
    found = auc(positive, negative)
    wanted = roc_auc_score(np.repeat([1, 0], [m, n]), np.concatenate([positive, negative]))
    assert found.value == pytest.approx(wanted)
    assert (found.standard_error or 0.0) == pytest.approx(deviation(positive, negative))
    assert (found.positives, found.negatives, found.n) == (m, n, m + n)


def test_auc_interval_by_hand() -> None:
    # Positives win 2, 1 and 2 of 2 pairs; negatives lose 3 and 2 of 3.
    found = auc(np.array([0.9, 0.5, 0.8]), np.array([0.1, 0.6]))
    assert found.value == pytest.approx(5 / 6)
    error = np.sqrt(np.var([1, 0.5, 1], ddof=1) / 3 + np.var([1, 2 / 3], ddof=1) / 2)
    assert found.standard_error == pytest.approx(error)
    assert found.low == pytest.approx(5 / 6 - 1.959964 * error)
    assert found.high == 1.0  # never above


def test_scores_turned_round_turn_the_auc_round() -> None:
    rng = np.random.default_rng(3)
    positive, negative = rng.integers(0, 9, 30) / 9, rng.integers(0, 9, 50) / 9
    straight, turned = auc(positive, negative), auc(negative, positive)
    assert straight.value is not None
    assert turned.value == pytest.approx(1 - straight.value)
    assert turned.standard_error == pytest.approx(straight.standard_error)
    assert auc(rng.permutation(positive), rng.permutation(negative)) == straight


@pytest.mark.parametrize(
    ("positive", "negative", "value", "reason"),
    [
        ([], [0.5], None, "there are no positives"),
        ([0.5], [], None, "there are no negatives"),
        ([], [], None, "there are no positives and no negatives"),
        ([0.9], [0.1, 0.95], 0.5, "no interval: it needs 2 positives and 2 negatives, and there are 1 and 2"),
        ([0.9, 0.8], [0.1, 0.2], 1.0, "every pair has the same outcome"),
        ([0.5, 0.5], [0.5, 0.5], 0.5, "every pair has the same outcome"),
        ([0.5] * 7, [0.5] * 3, 0.5, "every pair has the same outcome"),
    ],
)
def test_what_is_undefined_says_why(
    positive: list[float], negative: list[float], value: float | None, reason: str
) -> None:
    found = auc(np.array(positive), np.array(negative))
    assert found.value == value
    assert (found.low, found.high, found.standard_error) == (None, None, None)
    assert reason in found.reason
    assert auc_p_value(found, found) is None


def test_two_auc_are_compared_by_a_z_test() -> None:
    first, second = (Auc(50, 50, value, None, None, 0.03) for value in (0.9, 0.8))
    assert auc_p_value(first, second) == pytest.approx(0.01842, abs=1e-4)  # z = 0.1 / (0.03 * sqrt 2) = 2.357
    assert auc_p_value(first, first) == 1.0


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("levels", [4, 10**6])
def test_parts_of_ranked_scores_have_the_auc_of_their_own_scores(share: float, levels: int) -> None:
    rng = np.random.default_rng([int(10 * share), levels])
    scores = rng.integers(0, levels, 90) / levels
    is_positive = rng.random(90) < share
    ranked = RankedScores(scores, is_positive)
    for size in (0, 1, 30, 90):
        rows = rng.permutation(90)[:size]
        is_inside = np.isin(np.arange(90), rows)
        for found, part in zip(ranked.split(rows), (is_inside, ~is_inside), strict=True):
            wanted = auc(scores[part & is_positive], scores[part & ~is_positive])
            assert (found.positives, found.negatives, found.reason) == (
                wanted.positives,
                wanted.negatives,
                wanted.reason,
            )
            assert found.value == pytest.approx(wanted.value)
            assert found.standard_error == pytest.approx(wanted.standard_error)
