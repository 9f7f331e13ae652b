"""Metrics under many weightings: by hand, against scikit-learn, and the intervals made of them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from analysis.metrics import Bootstrap, Ranking, Score, auc, average_precision, mean, measure, recall_at
from analysis.metrics.bootstrap import Drawn
from benchmarks.metrics_speed import made_predictions, main

ONCE = np.ones((1, 4))
LABELS, SCORES = np.array([0, 1, 0, 1]), np.array([0.1, 0.4, 0.4, 0.8])


# -- metrics ----------------------------------------------------------------------------------------------------------


def test_the_metrics_of_four_samples() -> None:
    # Pairs (1 above 0): 0.4 > 0.1, 0.4 = 0.4, 0.8 > both.
    assert auc(LABELS, SCORES, ONCE) == pytest.approx([3.5 / 4])
    # 0.8 finds one of one; 0.4 finds the second among three.
    assert average_precision(LABELS, SCORES, ONCE) == pytest.approx([0.5 * 1 + 0.5 * 2 / 3])
    assert recall_at(0.9)(LABELS, SCORES, ONCE) == pytest.approx([0.5])
    assert recall_at(2 / 3)(LABELS, SCORES, ONCE) == pytest.approx([1.0])
    assert mean(LABELS, SCORES, ONCE) == pytest.approx([0.425])


def test_no_threshold_is_precise_enough() -> None:
    assert recall_at(0.8)(np.array([1, 0]), np.array([0.2, 0.9]), np.ones((1, 2))) == [0.0]


def test_a_weight_is_a_number_of_repetitions() -> None:
    weights = np.random.default_rng(0).integers(0, 4, (5, 4)) + np.array([1, 1, 0, 0])
    for metric, reference in ((auc, roc_auc_score), (average_precision, average_precision_score)):
        expected = [reference(LABELS.repeat(row), SCORES.repeat(row)) for row in weights]
        assert metric(LABELS, SCORES, weights.astype(float)) == pytest.approx(expected)


def test_one_class_alone_has_no_auc() -> None:
    assert np.isnan(auc(np.array([1, 1]), np.array([0.1, 0.2]), np.ones((1, 2)))).all()


# -- intervals --------------------------------------------------------------------------------------------------------


def test_the_interval_of_a_mean_is_that_of_the_normal_law() -> None:
    values = np.random.default_rng(1).normal(0, 1, 400)
    score = Bootstrap(1000).score("mean", mean, np.zeros(400, int), values, [str(i) for i in range(400)])
    assert score.low is not None
    assert score.high is not None
    assert score.high - score.low == pytest.approx(2 * 1.96 / 20, rel=0.15)
    assert (score.n, score.products) == (400, 400)


def test_sequences_of_one_product_that_agree_are_worth_one() -> None:
    # Each value 16 times over: with 16 alike in a product, the interval is 4 times as wide as with all apart.
    values = np.random.default_rng(2).normal(0, 1, 50).repeat(16)
    widths = []
    for products in ([str(i) for i in range(800)], [str(i // 16) for i in range(800)]):
        score = Bootstrap(2000).score("mean", mean, np.zeros(800, int), values, products)
        assert score.low is not None
        assert score.high is not None
        widths.append(score.high - score.low)
    assert widths[1] / widths[0] == pytest.approx(4, rel=0.1)


def test_a_seed_decides_the_interval() -> None:
    def low(seed: int) -> float | None:
        return Bootstrap(50, seed).score("mean", mean, LABELS, SCORES, ["a", "b", "c", "d"]).low

    assert low(1) == low(1)
    assert low(1) != low(2)


def test_what_cannot_be_measured_has_no_number() -> None:
    assert Bootstrap().score("auc", auc, LABELS[:0], SCORES[:0], []) == Score(
        "auc", None, None, None, 0, 0, reason="no rows"
    )
    # One rejected product of four is absent from a third of the resamples.
    score = Bootstrap().score("auc", auc, np.array([1, 1, 1, 0]), SCORES, ["a", "b", "c", "d"])
    assert score.value == 0.0
    assert (score.low, score.high) == (None, None)
    assert score.reason.startswith("no interval: 3")


def test_a_table_of_some_rows_gets_as_many_resamples_as_take_seconds() -> None:
    counts = [Bootstrap.for_rows(rows).resamples for rows in (0, 100, 100_000, 400_000, 1_000_000, 10_000_000)]
    assert counts == [2000, 2000, 2000, 250, 100, 100]


# -- clusters ---------------------------------------------------------------------------------------------------------


def test_weights_of_clusters_are_weights_of_their_rows() -> None:
    rng = np.random.default_rng(0)
    labels, scores, clusters = rng.integers(2, size=60), rng.random(60).round(1), rng.integers(7, size=60)
    weights = rng.integers(0, 3, (9, 7)).astype(float)
    curve = Ranking.of(labels, scores, clusters, 7).weighed(weights.T)
    for values, metric in (
        (curve.auc(), auc),
        (curve.average_precision(), average_precision),
        (curve.recall_at(0.6), recall_at(0.6)),
    ):
        assert values == pytest.approx(metric(labels, scores, weights[:, clusters]), nan_ok=True)


def test_parts_and_single_precision_change_nothing_that_is_read_off(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    labels, scores, clusters = rng.integers(2, size=900), rng.random(900).round(2), rng.integers(50, size=900)
    ranking = Ranking.of(labels, scores, clusters, 50)

    def aucs(kind: type[np.floating]) -> np.ndarray:
        return Bootstrap(150).draws(
            lambda weights: ranking.measured(weights.astype(kind), lambda curve: curve.auc()[None]), 50, 900
        )

    whole = aucs(np.float64)
    assert whole.shape == (1, 150)
    assert aucs(np.float32) == pytest.approx(whole, abs=1e-6)
    monkeypatch.setattr("analysis.metrics.ranking._CHUNK", 1)
    monkeypatch.setattr("analysis.metrics.bootstrap._CHUNK", 1)
    assert aucs(np.float64) == pytest.approx(whole)


@pytest.mark.parametrize("labels", [np.zeros(4, int), np.ones(4, int)])
def test_no_metric_is_defined_by_one_class(labels: np.ndarray) -> None:
    for metric in (auc, average_precision, recall_at(0.8)):
        assert np.isnan(metric(labels, SCORES, np.ones((2, 4)))).all()


def test_the_interval_of_a_difference_is_paired() -> None:
    draws = np.random.default_rng(0).normal(0, 1, 500)
    one, other = Drawn("a", 0.5, draws + 0.5, 10, 5), Drawn("a", 0.2, draws + 0.2, 10, 5)
    score = one.minus(other).score()
    assert (score.value, score.low, score.high) == pytest.approx((0.3, 0.3, 0.3))
    missing = Drawn("a", np.nan, draws, 10, 5, missing="no rejected row")
    assert one.minus(missing).score().reason == "no rejected row"
    assert missing.minus(one).score().value is None


def test_the_speed_is_measured_on_a_table_with_skill(capsys: pytest.CaptureFixture[str]) -> None:
    main(rows=400, resamples=20)
    assert capsys.readouterr().out.startswith("400 rows, ")
    predictions = made_predictions(400)
    assert predictions.probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    found = measure(predictions, bootstrap=Bootstrap(20))["AUC"]
    assert found.low is not None
    assert found.low > 0.6
