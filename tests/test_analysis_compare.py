"""Two tables: which rows belong together, what differs, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from prediction_tables import COLUMNS, TAXONOMY, table

from agpis.rules import RuleTaxonomy
from analysis.compare import compare
from analysis.errors import ComparisonError
from analysis.matching import match_rows
from analysis.metrics import Bootstrap, measure
from analysis.metrics.delong import delong_test
from analysis.predictions import check_predictions

FEW = Bootstrap(40)


def scored(p_t: list[float] | np.ndarray, rows: int = 4, **changed: object) -> pd.DataFrame:
    """The table with other p^t, and p^mcc that go with it."""
    p = np.asarray(p_t, float)
    others = np.repeat(((1 - p) / (len(COLUMNS) - 1))[:, None], len(COLUMNS) - 1, axis=1)
    numbers = dict(zip(COLUMNS, np.column_stack([p, others]).T, strict=True))
    return table(rows, **numbers, **changed)


def noisy(rows: int, noise: float, seed: int) -> pd.DataFrame:
    """Two rows a product; a model that knows the labels up to noise."""
    qualified = np.arange(rows) % 2 == 0
    p = 1 / (1 + np.exp(-(qualified - 0.5 + np.random.default_rng(seed).normal(0, noise, rows))))
    return scored(
        p, rows, product_id=[f"p{row // 2}" for row in range(rows)], images=[f"{row}.jpg" for row in range(rows)]
    )


def test_four_rows_of_two_models_by_hand() -> None:
    first, second = check_predictions(table()), check_predictions(scored([0.6, 0.7, 0.8, 0.9]))
    found = compare(first, second, bootstrap=FEW)
    auc = found.scores[0]
    # The first has three of four pairs right, the second one.
    assert (auc.name, auc.first.value, auc.second.value, auc.difference.value) == ("AUC", 0.75, 0.25, 0.5)
    assert (found.rows, found.products, found.qualified, found.rejected) == (4, 4, 2, 2)
    assert found.delong.difference == 0.5
    assert [one.support for one in found.classes[:2]] == [2, 2]
    assert found.classes[1].auc.difference.value == 0.5
    assert found.classes[2].auc.difference.reason == "no row of class S02"


def test_each_model_is_measured_as_alone_and_delong_is_that_of_the_rows() -> None:
    first, second = check_predictions(noisy(120, 0.5, 1)), check_predictions(noisy(120, 2.0, 2))
    found = compare(first, second, bootstrap=FEW)
    assert tuple(score.first for score in found.scores) == measure(first, bootstrap=FEW).scores
    assert tuple(score.second for score in found.scores) == measure(second, bootstrap=FEW).scores
    assert found.delong == delong_test(first.is_qualified, first.p_t, second.p_t, first.products)
    assert found.delong_independent == delong_test(first.is_qualified, first.p_t, second.p_t)
    assert found.delong.clusters == 60
    assert found.scores[0].differs is True
    assert found.delong.p_value is not None
    assert found.delong.p_value < 0.05


def test_a_model_does_not_differ_from_itself() -> None:
    read = check_predictions(noisy(60, 1.0, 1))
    found = compare(read, read, bootstrap=FEW)
    known = [score.difference for score in found.scores if score.first.low is not None]
    assert len(known) >= 5
    assert {(score.value, score.low, score.high) for score in known} == {(0.0, 0.0, 0.0)}
    assert found.delong.p_value is None
    assert found.scores[0].differs is False


def test_pairing_makes_the_interval_of_alike_models_narrow() -> None:
    base = noisy(400, 1.0, 1)
    p = base["p_qualified"].to_numpy() * 0.98 + np.random.default_rng(3).uniform(0, 0.02, 400)
    other = scored(p, 400, product_id=base["product_id"], images=base["images"])
    auc = compare(check_predictions(base), check_predictions(other), bootstrap=Bootstrap(300)).scores[0]
    assert auc.difference.low is not None
    assert auc.difference.high is not None
    assert auc.first.low is not None
    assert auc.first.high is not None
    assert auc.difference.high - auc.difference.low < 0.2 * (auc.first.high - auc.first.low)


def test_the_order_of_the_second_table_does_not_matter() -> None:
    first, second = noisy(60, 1.0, 1), noisy(60, 2.0, 2)
    expected = compare(check_predictions(first), check_predictions(second), bootstrap=FEW)
    shuffled = second.sample(frac=1, random_state=3).reset_index(drop=True)
    assert compare(check_predictions(first), check_predictions(shuffled), bootstrap=FEW) == expected


def test_rows_without_review_are_passed_over_in_both() -> None:
    extra = pd.concat([table(), table(1).assign(label="", product_id="new")], ignore_index=True)
    found = compare(check_predictions(table()), check_predictions(extra), bootstrap=FEW)
    assert (found.rows, found.unreviewed, found.unscored) == (4, (0, 1), (0, 0))


# -- matching ---------------------------------------------------------------------------------------------------------


def test_repeated_rows_are_matched_in_their_order() -> None:
    frame = table(4, product_id="p", images=["a.jpg", "b.jpg", "a.jpg", "b.jpg"])
    turned = frame.iloc[[1, 0, 3, 2]].reset_index(drop=True)
    first, second = match_rows(check_predictions(frame), check_predictions(turned))
    assert second.p_t.tolist() == first.p_t.tolist()
    assert second.frame["images"].tolist() == first.frame["images"].tolist()


def refused(first: pd.DataFrame, second: pd.DataFrame, message: str) -> None:
    with pytest.raises(ComparisonError, match=message):
        compare(check_predictions(first), check_predictions(second), bootstrap=FEW)


def test_tables_of_other_rows_are_refused() -> None:
    longer = table(6)
    refused(longer, table(4), "2 of 6 rows are only in the first table, the first of them product 'p4'; compare")
    refused(table(4), longer, "2 of 6 rows are only in the second table, the first of them product 'p4'")
    images = table(images=["a.jpg|b.jpg", "c.jpg", "d.jpg", "e.jpg"])
    other = images.assign(images=["b.jpg|a.jpg", "c.jpg", "d.jpg", "e.jpg"])
    refused(images, other, r"1 of 4 rows are only in the first table, .* product 'p0' images a.jpg\|b.jpg")
    twice = pd.concat([images, images.iloc[:1]], ignore_index=True)
    refused(twice, images, r"1 of 5 rows are only in the first .* images a.jpg\|b.jpg \(repeated row 1\)")


def test_other_labels_are_refused() -> None:
    relabelled = table(label=["qualified", "S02", "qualified", "S01"])
    refused(
        table(), relabelled, "1 of 4 rows have different labels; product 'p1' is 'S01' in the first table and 'S02' in"
    )


def test_rows_that_cannot_be_told_apart_are_refused() -> None:
    several = table(product_id=["p0", "p0", "p1", "p2"])
    refused(several, several, "product 'p0' has several rows, which column images would tell apart")


def test_tables_of_other_rules_are_refused() -> None:
    fewer = RuleTaxonomy(version=1, classes=(*TAXONOMY.classes[:-2], TAXONOMY.other))
    frame = table()
    gone = TAXONOMY.classes[-2].id
    frame["p_qualified"] += frame[f"p_{gone}"]
    with pytest.raises(ComparisonError, match=f"only one has {gone}; score both with the same rules"):
        compare(check_predictions(table()), check_predictions(frame, fewer), bootstrap=FEW)
