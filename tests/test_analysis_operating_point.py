"""Thresholds: what each one does, which one is chosen, and which data may judge it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from prediction_tables import table
from scipy import stats
from sklearn.metrics import precision_recall_curve

from agpis.data.threshold_file import read_threshold_file, write_threshold_file
from analysis.errors import AnalysisError, SplitError
from analysis.operating_point import (
    Choice,
    CostModel,
    NoThreshold,
    ReviewedSample,
    Source,
    choose_by_precision,
    choose_by_profit,
    choose_by_reject_rate,
    judge,
    operating_curve,
    reviewed_sample,
    stored_threshold,
)
from analysis.operating_point.bounds import at_most_p_values, upper_bound
from analysis.predictions import check_predictions

# By falling p^t: good, good, bad, and a tie of one good and one bad.
SCORES = (0.9, 0.8, 0.7, 0.6, 0.6)
REJECTED = (False, False, True, False, True)


def sample(scores: object = SCORES, rejected: object = REJECTED, split: str = "val") -> ReviewedSample:
    p_t = np.array(scores, np.float64)
    return ReviewedSample(p_t, np.array(rejected, bool), np.arange(len(p_t)), Source(split, len(p_t), len(p_t)))


def random_sample(n: int, seed: int = 0) -> ReviewedSample:
    rng = np.random.default_rng(seed)
    p_t = rng.random(n).round(2)  # many ties
    return sample(p_t, rng.random(n) > p_t)


def test_every_distinct_score_is_a_threshold_and_ties_go_together() -> None:
    curve = operating_curve(sample())
    assert curve.thresholds.tolist() == [0.9, 0.8, 0.7, 0.6]
    assert curve.submitted.tolist() == [1, 2, 3, 5]
    assert curve.rejected.tolist() == [0, 0, 1, 2]
    assert curve.accepted.tolist() == [1, 2, 2, 3]
    assert curve.missed_good.tolist() == [2, 1, 1, 0]
    assert curve.reject_rate.tolist() == pytest.approx([0, 0, 1 / 3, 2 / 5])


def test_a_point_says_what_the_threshold_does() -> None:
    costs = CostModel(accepted_value=10, rejected_cost=4, review_minutes=30, reviewer_hour=6, by_hand=1)
    point = operating_curve(sample()).at(0.7, costs)
    assert (point.submitted, point.rejected, point.accepted, point.missed_good) == (3, 1, 2, 1)
    assert (point.submitted_share, point.accepted_share) == (0.6, 0.4)
    assert point.recall == pytest.approx(2 / 3)
    assert point.reviewer_hours == 1.5
    # 2 accepted * 10 - 1 rejected * 4 - 3 reviews of half an hour * 6 - 2 withheld * 1
    assert point.profit == 20 - 4 - 9 - 2
    assert point.reason == ""


@pytest.mark.parametrize(("threshold", "submitted"), [(1.0, 0), (0.9, 1), (0.85, 1), (0.6, 5), (0.0, 5)])
def test_any_threshold_may_be_asked_for(threshold: float, submitted: int) -> None:
    assert operating_curve(sample()).at(threshold).submitted == submitted


def test_what_is_undefined_is_none_with_a_reason() -> None:
    point = operating_curve(sample(rejected=[True] * 5)).at(1.0)
    assert (point.reject_rate, point.reject_rate_interval, point.recall) == (None, None, None)
    assert (
        point.reason == "nothing is submitted, so there is no reject rate; no sequence is good, so there is no recall"
    )
    with pytest.raises(AnalysisError, match=r"must lie in \[0, 1\], got 1.5"):
        operating_curve(sample()).at(1.5)
    with pytest.raises(AnalysisError, match="at least one reviewed sequence"):
        operating_curve(sample([], []))


def test_the_curve_agrees_with_scikit_learn() -> None:
    data = random_sample(500)
    curve = operating_curve(data)
    precision, recall, thresholds = precision_recall_curve(~data.rejected, data.p_t)
    assert curve.thresholds.tolist() == thresholds[::-1].tolist()
    assert (1 - curve.reject_rate).tolist() == pytest.approx(precision[:-1][::-1].tolist())
    assert (curve.accepted / curve.good).tolist() == pytest.approx(recall[:-1][::-1].tolist())


def test_profits_of_the_curve_are_those_of_its_points() -> None:
    costs = CostModel(3, 2, 5, 30, 0.25)
    curve = operating_curve(random_sample(200))
    points = [curve.at(threshold, costs) for threshold in curve.thresholds]
    assert curve.profit(costs).tolist() == pytest.approx([point.profit for point in points])
    assert curve.reviewer_hours(costs).tolist() == pytest.approx([point.reviewer_hours for point in points])


def test_the_order_of_the_rows_does_not_matter() -> None:
    data = random_sample(300)
    order = np.random.default_rng(1).permutation(len(data))
    shuffled = replace(data, p_t=data.p_t[order], rejected=data.rejected[order])
    assert choose_by_reject_rate(shuffled, 0.2) == choose_by_reject_rate(data, 0.2)
    assert choose_by_profit(shuffled, CostModel()) == choose_by_profit(data, CostModel())


# -- bounds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "total"), [(0, 1), (0, 30), (3, 30), (30, 30), (150, 1000)])
def test_bounds_agree_with_scipy(count: int, total: int) -> None:
    exact = stats.binomtest(count, total, alternative="less").proportion_ci(0.95, method="exact")
    assert upper_bound(count, total, 0.05) == pytest.approx(exact.high)
    below = stats.binomtest(count, total, 0.1, alternative="less").pvalue
    assert at_most_p_values(np.array([count]), np.array([total]), 0.1) == pytest.approx([below])


def test_without_trials_nothing_is_known() -> None:
    assert upper_bound(0, 0, 0.05) == 1.0
    assert at_most_p_values(np.array([0]), np.array([0]), 0.1).tolist() == [1.0]


# -- choices ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alpha", "threshold"),
    [(0.0, 0.8), (0.3, 0.8), (1 / 3, 0.8), (0.4, 0.6)],  # at 0.7 one more is submitted, and rejected
)
def test_most_accepted_within_the_reject_rate(alpha: float, threshold: float) -> None:
    choice = choose_by_reject_rate(sample(), alpha)
    assert isinstance(choice, Choice)
    assert choice.threshold == threshold
    assert choice.chosen_on == Source("val", 5, 5)
    by_precision = choose_by_precision(sample(), 1 - alpha)
    assert isinstance(by_precision, Choice)
    assert by_precision.threshold == threshold


def test_a_rate_that_is_exactly_the_limit_is_kept() -> None:
    # 1 of 10, 3 of 30: 0.1 has no exact binary form.
    for n in (10, 30, 70):
        choice = choose_by_reject_rate(sample(np.full(n, 0.5), np.arange(n) < n // 10), 0.1)
        assert isinstance(choice, Choice)
        assert choice.point.submitted == n


def test_no_threshold_reaches_it() -> None:
    result = choose_by_reject_rate(sample([0.9, 0.8, 0.7], [True, False, True]), 0.2)
    assert isinstance(result, NoThreshold)
    assert result.reason == "no threshold reaches it: the lowest reject rate is 50%, at 0.8 with 2 submitted"
    assert result.closest is not None
    assert result.closest.threshold == 0.8
    assert isinstance(choose_by_precision(sample(rejected=[True] * 5), 0.01), NoThreshold)


@pytest.mark.parametrize("value", [-0.1, 1.0, float("nan")])
def test_limits_outside_their_range(value: float) -> None:
    with pytest.raises(AnalysisError, match=r"must lie in \[0, 1\), got"):
        choose_by_reject_rate(sample(), value)
    with pytest.raises(AnalysisError, match=r"must lie in \(0, 1\], got"):
        choose_by_precision(sample(), 0.0)


def test_best_profit() -> None:
    free_review = CostModel(accepted_value=3, rejected_cost=2, review_minutes=0, reviewer_hour=0)
    # Profits 3, 6, 4, 5.
    choice = choose_by_profit(sample(), free_review)
    assert isinstance(choice, Choice)
    assert (choice.threshold, choice.point.profit) == (0.8, 6)
    # To make what is withheld by hand is dear: everything is submitted.
    choice = choose_by_profit(sample(), replace(free_review, by_hand=5))
    assert isinstance(choice, Choice)
    assert (choice.threshold, choice.point.profit) == (0.6, 5)
    # Reviews cost more than sequences earn.
    result = choose_by_profit(sample(), CostModel(1, 1, 60, 100))
    assert isinstance(result, NoThreshold)
    assert "loses against submitting nothing: at best -99.00, against 0.00" in result.reason


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_a_cost_must_be_a_number_of_at_least_0(value: float) -> None:
    with pytest.raises(AnalysisError, match="review_minutes must be a number of at least 0"):
        CostModel(review_minutes=value)


# -- splits and files ---------------------------------------------------------------------------------------------


def test_choosing_and_judging_on_the_same_split_is_refused() -> None:
    choice = choose_by_reject_rate(sample(), 0.2)
    assert isinstance(choice, Choice)
    with pytest.raises(SplitError, match="chosen and judged on the same split, 'val'"):
        judge(choice, sample())
    with pytest.raises(SplitError, match="train split says nothing"):
        judge(choice, sample(split="train"))
    assert judge(choice, sample(), force=True) == choice.point
    judged = judge(choice, sample(rejected=[True] * 5, split="test"))
    assert (judged.threshold, judged.submitted, judged.rejected) == (0.8, 2, 2)


def test_a_sample_holds_the_reviewed_rows_of_one_split(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    frame = table(6, split=["val", "val", "val", "test", "test", "val"], model="m1")
    frame.loc[0, "label"] = ""
    frame.to_csv(path, index=False)
    read = reviewed_sample(check_predictions(frame), "val", path)
    assert read.p_t.tolist() == pytest.approx([0.8, 0.7, 0.4])
    assert read.rejected.tolist() == [True, False, True]
    assert (read.source.n, read.source.table, read.source.model) == (3, "table.csv", "m1")
    assert len(read.source.table_sha256) == 64
    with pytest.raises(AnalysisError, match="split 'train' has no reviewed sequence; splits with reviews: test, val"):
        reviewed_sample(check_predictions(frame), "train")


def test_one_sequence_of_every_product() -> None:
    data = replace(random_sample(600), products=np.repeat(np.arange(200), 3))
    first, second = data.one_per_product(0), data.one_per_product(1)
    assert first.products.tolist() == list(range(200))
    assert first.source.n == 200
    assert first.p_t.tolist() == data.one_per_product(0).p_t.tolist()
    assert first.p_t.tolist() != second.p_t.tolist()
    assert all(p in data.p_t[data.products == product] for p, product in zip(first.p_t, range(200), strict=True))


def test_a_choice_comes_back_from_its_file_digit_by_digit(tmp_path: Path) -> None:
    choice = choose_by_reject_rate(sample([1 / 3, 0.2], [False, True]), 0.1)
    assert isinstance(choice, Choice)
    write_threshold_file(tmp_path / "threshold.json", stored_threshold(choice, date(2026, 3, 1)))
    stored = read_threshold_file(tmp_path / "threshold.json")
    assert stored.threshold == 1 / 3
    assert (stored.alpha, stored.delta, stored.split, stored.n) == (0.1, None, "val", 2)
    assert stored.in_words() == "reject rate of at most 10%; chosen on 2 sequences, val split, 2026-03-01"
