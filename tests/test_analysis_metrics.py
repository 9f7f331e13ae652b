"""Metrics of tables: answers worked out by hand, agreement with scikit-learn, laws, and what cannot be measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from prediction_tables import COLUMNS, TAXONOMY, table
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

from agpis.data.reviews import ReviewRecord, balanced_subset
from agpis.rules import RuleCategory
from analysis.errors import PredictionsError
from analysis.metrics import Bootstrap, Metrics, Score, category_subset, measure
from analysis.metrics.classes import class_places
from analysis.predictions import Predictions, check_predictions

FEW = Bootstrap(20)


def made(rows: int = 300, seed: int = 0, products: int | None = None) -> pd.DataFrame:
    """Random probabilities rounded so that many tie, labels that agree with them in part."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(len(COLUMNS), 0.2), rows)
    p[:, 0] += 1
    p = np.round(p / p.sum(axis=1, keepdims=True), 2)
    p[:, -1] += 1 - p.sum(axis=1)
    p = np.abs(p) / np.abs(p).sum(axis=1, keepdims=True)
    classes = [rng.choice(len(COLUMNS), p=one) for one in p]
    frame = table(rows, **dict(zip(COLUMNS, p.T, strict=True)))
    groups = rng.integers(products or rows, size=rows)
    return frame.assign(label=[TAXONOMY.ids[one] for one in classes], product_id=[f"p{one}" for one in groups])


def measured(frame: pd.DataFrame, bootstrap: Bootstrap = FEW, **options: Any) -> Metrics:
    return measure(check_predictions(frame), bootstrap=bootstrap, **options)


# -- by hand ----------------------------------------------------------------------------------------------------------


def test_four_sequences_by_hand() -> None:
    # p^t 0.9 q, 0.8 S01, 0.7 q, 0.6 S01: three of four pairs are in order.
    found = measured(table())
    assert found["AUC"].value == 0.75
    assert found["average precision"].value == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert found["R@P 0.8"].value == 0.5
    assert found["AUC-single"].value == 0.75
    assert found["top-1 accuracy"].value == 0.5
    # The other classes are alike, so that the first rules in class order win.
    assert found["top-1 rule accuracy"].value == 1.0
    assert (found.rows, found.products, found.qualified, found.rejected) == (4, 4, 2, 2)
    assert (found["AUC"].n, found["AUC"].rejected, found["top-1 rule accuracy"].n) == (4, 2, 2)


def test_each_class_against_the_rest_by_hand() -> None:
    found = measured(table())
    by_id = {score.rule_id: score for score in found.classes}
    assert list(by_id) == list(TAXONOMY.ids)
    # p of S01 rises where p of qualified falls.
    assert (by_id["S01"].support, by_id["S01"].auc.value) == (2, 0.75)
    assert by_id["S01"].average_precision.value == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert (by_id["S02"].support, by_id["S02"].auc.value) == (0, None)
    assert by_id["S02"].auc.reason == "no row of class S02"
    assert found["macro one-vs-rest AUC"].value == pytest.approx((0.75 + 0.75) / 2)


def test_a_right_class_that_ties_comes_in_class_order() -> None:
    p = np.array([[0.4, 0.4, 0.2], [0.4, 0.4, 0.2], [0.4, 0.4, 0.2]])
    assert class_places(p, np.array([0, 1, 2])).tolist() == [0, 1, 2]
    for row in np.random.default_rng(0).random((20, 5)).round(1):
        likeliest = int(row.argmax())
        assert class_places(row[None], np.array([likeliest])).tolist() == [0]


# -- against scikit-learn ---------------------------------------------------------------------------------------------


def test_the_numbers_are_those_of_scikit_learn() -> None:
    read = check_predictions(made())
    found = measure(read, bootstrap=FEW)
    y = read.is_qualified
    assert found["AUC"].value == pytest.approx(roc_auc_score(y, read.p_t))
    assert found["average precision"].value == pytest.approx(average_precision_score(y, read.p_t))
    precision, recall, _ = precision_recall_curve(y, read.p_t)
    for least in (0.8, 0.85, 0.9):
        assert found[f"R@P {least:g}"].value == pytest.approx(recall[precision >= least].max())
    known = []
    for index, score in enumerate(found.classes):
        own = read.labels == index
        assert score.support == own.sum()
        if own.any():
            known.append(roc_auc_score(own, read.probabilities[:, index]))
            assert score.auc.value == pytest.approx(known[-1])
            expected = average_precision_score(own, read.probabilities[:, index])
            assert score.average_precision.value == pytest.approx(expected)
    assert found["macro one-vs-rest AUC"].value == pytest.approx(np.mean(known))
    order = np.argsort(-read.probabilities, axis=1, kind="stable")
    hits = [label in row[:3] for label, row in zip(read.labels, order, strict=True)]
    assert found["top-3 accuracy"].value == pytest.approx(np.mean(hits))


# -- laws -------------------------------------------------------------------------------------------------------------


def test_the_order_of_rows_does_not_matter() -> None:
    frame = made()
    shuffled = frame.sample(frac=1, random_state=1)
    for one, other in zip(measured(frame).scores, measured(shuffled).scores, strict=True):
        if not one.name.startswith("AUC-"):  # these draw rows by their place
            assert (one.name, one.n) == (other.name, other.n)
            assert one.value == pytest.approx(other.value)


def test_a_row_that_is_there_twice_counts_twice() -> None:
    frame = made(100)
    doubled = pd.concat([frame, frame], ignore_index=True)
    for one, other in zip(measured(frame).classes, measured(doubled).classes, strict=True):
        assert 2 * one.support == other.support
        assert one.auc.value == pytest.approx(other.auc.value)
    assert measured(frame)["AUC"].value == pytest.approx(measured(doubled)["AUC"].value)


def test_a_seed_decides_intervals_and_subsets() -> None:
    frame = made(products=100)
    assert measured(frame) == measured(frame)
    assert measured(frame)["AUC"].low != measured(frame, Bootstrap(20, 1))["AUC"].low


def width(score: Score) -> float:
    assert score.low is not None
    assert score.value is not None
    assert score.high is not None
    assert score.low < score.value < score.high
    return score.high - score.low


def test_intervals_hold_the_value_and_widen_with_the_products_that_agree() -> None:
    frame = made(400)
    apart = measured(frame, Bootstrap(500))["AUC"]
    alike = measured(pd.concat([frame] * 4, ignore_index=True), Bootstrap(500))["AUC"]
    loose = pd.concat([frame.assign(product_id=frame["product_id"] + f"-{copy}") for copy in range(4)])
    narrow = measured(loose, Bootstrap(500))["AUC"]
    assert width(alike) == pytest.approx(width(apart), rel=0.05)
    assert width(narrow) == pytest.approx(width(apart) / 2, rel=0.2)


# -- the paper's subsets ----------------------------------------------------------------------------------------------


def records_of(read: Predictions) -> list[ReviewRecord]:
    return [
        ReviewRecord(product, "", "", (str(row),), "", label)
        for row, (product, label) in enumerate(zip(read.frame["product_id"], read.frame["label"], strict=True))
    ]


@pytest.mark.parametrize("category", [RuleCategory.SINGLE, RuleCategory.PAIR, RuleCategory.MULTI])
def test_a_subset_is_that_of_the_reviews(category: RuleCategory) -> None:
    read = check_predictions(made())
    subset = category_subset(read, category, seed=3)
    expected = balanced_subset(records_of(read), TAXONOMY, category, seed=3)
    assert subset.rows.tolist() == [int(record.images[0]) for record in expected]
    assert read.is_qualified[subset.rows].sum() == read.of_category(category)[subset.rows].sum() == len(expected) // 2
    chosen = np.isin(np.arange(len(read)), subset.rows)
    score = measure(read, bootstrap=Bootstrap(20, seed=3))[f"AUC-{category}"]
    assert score.value == pytest.approx(roc_auc_score(read.is_qualified[chosen], read.p_t[chosen]))
    assert (score.n, score.rejected) == (len(expected), len(expected) // 2)


def test_a_subset_without_one_kind_says_which() -> None:
    read = check_predictions(table())
    assert category_subset(read, RuleCategory.PAIR).reason == "no row rejected under a rule of category pair"
    assert category_subset(read.where(~read.is_qualified), RuleCategory.SINGLE).reason == "no qualified row"
    score = measure(read, bootstrap=FEW)["AUC-pair"]
    assert (score.value, score.low, score.n) == (None, None, 0)
    assert score.reason == "no row rejected under a rule of category pair"
    with pytest.raises(ValueError, match="single, pair or multi, got other"):
        category_subset(read, RuleCategory.OTHER)


# -- what is passed over, and what cannot be measured -----------------------------------------------------------------


def test_rows_without_review_are_counted_and_passed_over() -> None:
    frame = pd.concat([table(), table(2).assign(label="", product_id="new")], ignore_index=True)
    found = measured(frame)
    assert (found.rows, found.unreviewed, found["AUC"].value) == (4, 2, 0.75)
    with pytest.raises(PredictionsError, match="none of the 2 rows has both a review .* and p_t"):
        measured(table(2).assign(label=""))


def test_the_other_probability_is_measured_where_it_is_known() -> None:
    frame = table(6).assign(p_nlg=[0.1, 0.2, 0.3, 0.4, np.nan, np.nan])
    found = measured(frame, score_name="p_nlg")
    assert (found.rows, found.unscored, found["AUC"].value) == (4, 2, 0.25)
    with pytest.raises(PredictionsError, match="p_nlg"):
        measured(table(), score_name="p_nlg")


def test_one_class_alone_is_undefined_with_a_reason() -> None:
    found = measured(table().assign(label="qualified"))
    for name in ("AUC", "average precision", "R@P 0.8"):
        assert (found[name].value, found[name].low, found[name].reason) == (None, None, "no rejected row")
    assert found["macro one-vs-rest AUC"].reason == "all rows are of one class"
    assert found.classes[0].auc.reason == "all rows are of class qualified"
    assert (found["top-1 rule accuracy"].value, found["top-1 rule accuracy"].reason) == (None, "no rejected row")
    assert found["top-1 accuracy"].value == 1.0
    assert measured(table().assign(label="S01"))["AUC"].reason == "no qualified row"
    with pytest.raises(KeyError, match="no score 'F1' among AUC, average precision"):
        found["F1"]


def test_a_class_that_most_resamples_lack_has_a_value_and_no_interval() -> None:
    # One rejected product of ten is absent from 35% of the resamples.
    found = measured(table(10).assign(label=["S01"] + ["qualified"] * 9), Bootstrap(200))["AUC"]
    assert (found.value, found.low, found.high) == (0.0, None, None)
    assert found.reason.startswith("no interval: 3")
    assert found.reason.endswith("of 200 resamples do not define the number")
