"""What a threshold does with intervals, wishes, and two models under one rule."""

from __future__ import annotations

import numpy as np
import pytest
from prediction_tables import COLUMNS, TAXONOMY, table

from analysis.errors import AnalysisError, ComparisonError, SplitError
from analysis.metrics.curves import binary_curves
from analysis.operating_point import (
    CostModel,
    Goal,
    NoThreshold,
    ReviewedSample,
    Source,
    choose_by_hand,
    choose_by_profit,
    choose_by_reject_rate,
    choose_guaranteed,
    measure_effect,
)
from analysis.operating_point.two_models import two_models
from analysis.operating_point.wish import Wish
from analysis.predictions import Predictions, check_predictions
from analysis.rates import share_of
from analysis.threshold_figures import profit_figure, two_models_figure

COSTS = CostModel(accepted_value=2, rejected_cost=3, review_minutes=30, reviewer_hour=2, by_hand=1)


def sample(products: object = (0, 1, 2, 3, 4)) -> ReviewedSample:
    """By falling p^t: good, good, bad, good, bad."""
    p_t = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    return ReviewedSample(p_t, np.array([0, 0, 1, 0, 1], bool), np.asarray(products), Source("test", 5, 5))


def many(seed: int, split: str = "test") -> ReviewedSample:
    rng = np.random.default_rng(seed)
    p_t = rng.random(600)
    return ReviewedSample(p_t, rng.random(600) > p_t, np.arange(600) // 3, Source(split, 600, 200))


def test_the_figures_of_a_threshold_by_hand() -> None:
    effect = measure_effect(sample(), 0.7, COSTS, volume=1000)
    assert effect.reject_rate.value == pytest.approx(1 / 3)
    assert effect.submitted_share.value == pytest.approx(3 / 5)
    assert effect.recall.value == pytest.approx(2 / 3)
    assert effect.reviewer_hours.value == pytest.approx(600 * 0.5)
    # 2 accepted, 1 rejected, 3 reviews of 1 each, 2 withheld; of 5.
    assert effect.profit.value == pytest.approx((2 * 2 - 3 - 3 - 2) / 5 * 1000)
    assert effect.point.submitted == 3


def test_nothing_submitted_has_no_reject_rate() -> None:
    effect = measure_effect(sample(), 0.95, COSTS, volume=10)
    assert (effect.reject_rate.value, effect.reject_rate.reason) == (None, "nothing is submitted")
    assert (effect.submitted_share.value, effect.profit.value) == (0.0, -10.0)


def test_intervals_hold_the_value_and_count_products_as_one_draw() -> None:
    data = many(0)
    effect = measure_effect(data, 0.5, COSTS, 100)
    for score in (effect.reject_rate, effect.submitted_share, effect.recall, effect.reviewer_hours, effect.profit):
        assert score.low is not None
        assert score.high is not None
        assert score.value is not None
        assert score.low < score.value < score.high
    # The same rows thrice are no more knowledge.
    thrice = ReviewedSample(
        np.tile(data.p_t, 3), np.tile(data.rejected, 3), np.tile(data.products, 3), Source("test", 1800, 200)
    )
    repeated = measure_effect(thrice, 0.5, COSTS, 100)
    assert repeated.reject_rate.low == pytest.approx(effect.reject_rate.low, abs=1e-6)
    assert repeated.profit.high == pytest.approx(effect.profit.high, rel=1e-5)


@pytest.mark.parametrize(("threshold", "volume", "told"), [(0.5, 0, "at least 1 sequence"), (1.5, 9, r"in \[0, 1\]")])
def test_what_cannot_be_measured_is_refused(threshold: float, volume: int, told: str) -> None:
    with pytest.raises(AnalysisError, match=told):
        measure_effect(sample(), threshold, COSTS, volume)


def test_a_wish_chooses_as_its_rule_does() -> None:
    data = many(1, "val")
    assert Wish(Goal.REJECT_RATE, most_rejected=10).choose(data) == choose_by_reject_rate(data, 0.1)
    assert Wish(Goal.GUARANTEE, 30, confidence=95).choose(data) == choose_guaranteed(data, 0.3, 0.05)
    assert Wish(Goal.PROFIT, costs=COSTS).choose(data) == choose_by_profit(data, COSTS)
    # A precision of 90% is a reject rate of 10%.
    precise, careful = Wish(Goal.PRECISION, least_accepted=90).choose(data), choose_by_reject_rate(data, 0.1)
    assert not isinstance(precise, NoThreshold)
    assert not isinstance(careful, NoThreshold)
    assert precise.threshold == careful.threshold
    with pytest.raises(AnalysisError, match="no rule chooses"):
        Wish(Goal.HAND).choose(data)
    assert [share_of(value) for value in (100 - 95, 10, 0.1)] == [0.05, 0.1, 0.001]


def test_a_threshold_by_hand_keeps_its_digits() -> None:
    choice = choose_by_hand(sample(), 0.123456789012345)
    assert (choice.threshold, choice.criterion.goal, choice.point.submitted) == (0.123456789012345, Goal.HAND, 5)
    with pytest.raises(AnalysisError, match=r"in \[0, 1\]"):
        choose_by_hand(sample(), -0.1)


def predictions(p_t: list[float], good: list[bool], split: str) -> Predictions:
    p = np.array(p_t)
    others = dict.fromkeys(COLUMNS[1:], (1 - p) / (len(COLUMNS) - 1))
    label = ["qualified" if one else TAXONOMY.rules[0].id for one in good]
    names = [f"{split}-{row}" for row in range(len(p_t))]
    return check_predictions(table(len(p_t), **{COLUMNS[0]: p}, **others, label=label, split=split, product_id=names))


def both_splits(p_t: list[float], good: list[bool]) -> Predictions:
    frames = []
    for split in ("val", "test"):
        part = predictions(p_t, good, split)
        numbers = {name: part.probabilities[:, place] for place, name in enumerate(COLUMNS)}
        frames.append(part.frame.assign(**numbers))
    joined = frames[0].__class__(np.concatenate([frame.to_numpy() for frame in frames]), columns=frames[0].columns)
    return check_predictions(joined)


GOOD = [True, True, False, True, False, False]
ONE = both_splits([0.9, 0.8, 0.3, 0.7, 0.2, 0.1], GOOD)
OTHER = both_splits([0.6, 0.2, 0.9, 0.5, 0.7, 0.1], GOOD)


def test_two_models_get_a_threshold_each_and_are_judged_on_the_same_rows() -> None:
    found = two_models(ONE, OTHER, Wish(Goal.REJECT_RATE, 45).choose)
    assert not isinstance(found.first.result, NoThreshold)
    assert found.first.judged is not None
    assert (found.first.judged.submitted, found.first.judged.rejected) == (3, 0)  # of equal ones the strictest
    assert (found.rows, found.judged_on) == (6, "test")
    assert found.delong.first == 1.0
    assert found.delong.second == pytest.approx(3 / 9)
    assert isinstance(two_models(ONE, OTHER, Wish(Goal.REJECT_RATE, 10).choose).second.result, NoThreshold)


def test_two_models_are_not_compared_where_that_would_flatter_or_mislead() -> None:
    pick = Wish(Goal.REJECT_RATE, 45).choose
    with pytest.raises(SplitError, match="same split"):
        two_models(ONE, OTHER, pick, "test", "test")
    assert two_models(ONE, OTHER, pick, "test", "test", force=True).rows == 6
    fewer = OTHER.where(OTHER.frame["product_id"].to_numpy() != "test-0")
    with pytest.raises(ComparisonError):
        two_models(ONE, fewer, pick)


def test_the_figure_of_two_models_marks_their_points() -> None:
    found = two_models(ONE, OTHER, Wish(Goal.REJECT_RATE, 45).choose)
    figure = two_models_figure({"<b>one": found.first.curve}, {"<b>one": found.first.judged})
    line, mark = figure.data
    assert line.name == "&lt;b&gt;one"
    assert list(line.x) == pytest.approx([1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1])
    assert list(line.y) == pytest.approx([0, 0, 0, 1 / 4, 2 / 5, 1 / 2])
    assert (mark.x[0], mark.y[0]) == pytest.approx((3 / 6, 0))


def test_profit_can_be_told_of_any_number_of_sequences() -> None:
    curve = two_models(ONE, OTHER, Wish(Goal.REJECT_RATE, 45).choose).first.curve
    whole, scaled = profit_figure(curve, COSTS), profit_figure(curve, COSTS, volume=600)
    assert list(scaled.data[0].y) == pytest.approx([100 * value for value in whole.data[0].y])
    assert scaled.data[1].y == (-600.0, -600.0)
    assert scaled.layout.yaxis.title.text == "profit of 600 sequences"


def test_precision_and_recall_at_a_threshold() -> None:
    curves = binary_curves(ONE.in_split("test"))
    assert curves.precision_at(0.69) == pytest.approx((1.0, 1.0))
    assert curves.precision_at(0.75) == pytest.approx((2 / 3, 1.0))
    assert curves.precision_at(0.95) == (0.0, 1.0)
    assert binary_curves(ONE.where(ONE.is_qualified)).precision_at(0.5) is None
