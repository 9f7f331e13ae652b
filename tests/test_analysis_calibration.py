"""Calibration: diagrams and scores by hand and beside scikit-learn's, scalings that undo what was done to p^t."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from prediction_tables import COLUMNS, TAXONOMY, table
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss

from analysis.calibration import calibration_report, fit_isotonic, fit_temperature, reliability
from analysis.calibration.reliability import equal_count_bins
from analysis.calibration.report import calibrated_p_t
from analysis.errors import AnalysisError, SplitError
from analysis.predictions import Predictions, check_predictions


def made(rows: int, sharpened: float = 1.0, seed: int = 0) -> Predictions:
    """Labels drawn from class probabilities, which are then sharpened; half of the rows are of val, half of test."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1, (rows, len(COLUMNS)))
    logits[:, 0] += 4
    true = _softmax(logits)
    labels = (rng.random((rows, 1)) > true.cumsum(axis=1)).sum(axis=1).clip(max=len(COLUMNS) - 1)
    frame = pd.DataFrame(_softmax(logits * sharpened), columns=list(COLUMNS)).assign(
        product_id=[f"p{row}" for row in range(rows)],
        category="mug",
        date="",
        source="shop",
        split=np.where(np.arange(rows) < rows // 2, "val", "test"),
        label=np.array(TAXONOMY.ids)[labels],
    )
    return check_predictions(frame)


def _softmax(logits: Any) -> Any:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


# -- reliability --------------------------------------------------------------------------------------------------


def test_a_diagram_by_hand() -> None:
    p_t = np.array([0.8, 0.2, 0.4, 0.6])
    result = reliability(p_t, np.array([True, False, False, False]), bins=2)
    assert [(group.lowest, group.highest, group.n) for group in result.bins] == [(0.2, 0.4, 2), (0.6, 0.8, 2)]
    assert [group.mean_p_t for group in result.bins] == pytest.approx([0.3, 0.7])
    assert [group.accepted_share for group in result.bins] == [0.0, 0.5]
    assert result.ece == pytest.approx((0.3 + 0.2) / 2)
    assert result.n == 4
    brier = result.brier
    assert brier.value == pytest.approx((0.04 + 0.04 + 0.16 + 0.36) / 4)
    assert brier.reliability == pytest.approx((0.09 + 0.04) / 2)
    assert brier.resolution == pytest.approx(0.0625)
    assert brier.uncertainty == pytest.approx(0.1875)


def test_diagram_and_brier_score_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    p_t = rng.random(1000)
    qualified = rng.random(1000) < p_t**2
    result = reliability(p_t, qualified, bins=10)
    shares, means = calibration_curve(qualified, p_t, n_bins=10, strategy="quantile")
    assert [group.n for group in result.bins] == [100] * 10
    assert [group.accepted_share for group in result.bins] == pytest.approx(shares.tolist())
    assert [group.mean_p_t for group in result.bins] == pytest.approx(means.tolist())
    assert result.brier.value == pytest.approx(brier_score_loss(qualified, p_t))


def test_the_parts_of_the_brier_score_are_exact_where_bins_hold_one_score() -> None:
    rng = np.random.default_rng(0)
    p_t = rng.choice([0.1, 0.5, 0.9], 300)
    brier = reliability(p_t, rng.random(300) < p_t).brier
    assert brier.within_bins == pytest.approx(0, abs=1e-12)
    assert brier.value == pytest.approx(brier.reliability - brier.resolution + brier.uncertainty)


def test_equal_scores_share_a_bin() -> None:
    assert equal_count_bins(np.array([0.1, 0.5, 0.5, 0.5, 0.9, 0.95]), 3).tolist() == [0, 0, 0, 0, 1, 1]
    assert equal_count_bins(np.full(5, 0.3), 4).tolist() == [0] * 5
    assert equal_count_bins(np.array([0.3]), 15).tolist() == [0]


def test_the_order_of_the_rows_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    p_t = rng.random(200).round(1)
    qualified, order = rng.random(200) < p_t, rng.permutation(200)
    straight, shuffled = reliability(p_t, qualified), reliability(p_t[order], qualified[order])
    assert shuffled.ece == pytest.approx(straight.ece)
    assert [group.n for group in shuffled.bins] == [group.n for group in straight.bins]


def test_what_has_no_diagram() -> None:
    with pytest.raises(AnalysisError, match="bins must be at least 1, got 0"):
        reliability(np.array([0.5]), np.array([True]), bins=0)
    with pytest.raises(AnalysisError, match="at least one reviewed sequence"):
        reliability(np.array([]), np.array([], bool))


# -- scalings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sharpened", [0.5, 1.0, 2.0])
def test_the_temperature_undoes_sharpening(sharpened: float) -> None:
    fitted = fit_temperature(made(20000, sharpened).in_split("val"))
    assert fitted.value == pytest.approx(sharpened, rel=0.05)
    assert (fitted.at_limit, fitted.n) == (False, 10000)


def test_the_temperature_is_the_best_one() -> None:
    val = made(4000, 3.0).in_split("val")
    best = fit_temperature(val).value

    def loss(temperature: float) -> float:
        scaled = _softmax(np.log(val.probabilities) / temperature)
        return float(log_loss(val.labels, scaled, labels=range(len(COLUMNS))))

    assert loss(best) < min(loss(best * 1.02), loss(best / 1.02))


def test_a_temperature_by_hand() -> None:
    fitted = fit_temperature(made(200).in_split("val"))
    row = np.zeros((1, len(COLUMNS)), np.float32)
    row[0, :2] = 0.8, 0.2
    # Odds of 4 become odds of 4^(1/T); classes without probability stay without.
    odds = 4 ** (1 / fitted.value)
    assert fitted.p_t(row) == pytest.approx([odds / (odds + 1)], abs=1e-6)
    assert fitted.p_t(row[:0]).shape == (0,)


def test_a_split_without_mistakes_stops_at_the_limit() -> None:
    frame = table(6, split="val")
    frame["label"] = "qualified"
    fitted = fit_temperature(check_predictions(frame))
    assert fitted.at_limit
    assert fitted.value == pytest.approx(0.05)


def test_isotonic_scaling_by_hand() -> None:
    # p^t 0.9 good, 0.8 bad, 0.7 good, 0.6 bad: the two in the middle are pooled.
    fitted = fit_isotonic(check_predictions(table(4, split="val")))
    assert fitted.p_t(np.array([1.0, 0.9, 0.8, 0.75, 0.7, 0.6, 0.0])).tolist() == [1, 1, 0.5, 0.5, 0.5, 0, 0]


def test_isotonic_scaling_never_turns_an_order_round() -> None:
    fitted = fit_isotonic(made(2000, 2.0).in_split("val"))
    scaled = fitted.p_t(np.linspace(0, 1, 501))
    assert (np.diff(scaled) >= 0).all()
    assert scaled.min() >= 0
    assert scaled.max() <= 1


def test_scalings_lower_the_calibration_error_on_sequences_they_never_saw() -> None:
    report = calibration_report(made(20000, 2.0))
    assert report.raw.ece > 0.1
    assert max(report.temperature.ece, report.isotonic.ece) < 0.03
    assert (report.n_fitted, report.n_judged, report.fitted_on, report.judged_on) == (10000, 10000, "val", "test")


def test_calibrated_scores_stand_beside_the_raw_ones() -> None:
    data = made(400, 2.0)
    val = data.in_split("val")
    scores = calibrated_p_t(data, fit_temperature(val), fit_isotonic(val))
    assert scores.raw.tolist() == data.p_t.tolist()
    assert len(scores.temperature) == len(scores.isotonic) == 400
    assert (scores.temperature != scores.raw).all()


def test_fitting_on_another_split_is_refused() -> None:
    data = made(40)
    for fit in (fit_temperature, fit_isotonic):
        with pytest.raises(SplitError, match="fitted on split 'val', but rows of test were given"):
            fit(data)
        assert fit(data, force=True).n == 40
    with pytest.raises(SplitError, match="same split, 'val'"):
        calibration_report(data, judge_on="val")
    assert calibration_report(data, judge_on="val", force=True).n_judged == 20


def test_without_reviews_nothing_is_fitted() -> None:
    with pytest.raises(AnalysisError, match="needs reviewed sequences of split 'val', got none"):
        fit_temperature(check_predictions(table(split="val", label="")))
    with pytest.raises(AnalysisError, match="split 'test' has no reviewed sequence"):
        calibration_report(check_predictions(table(split="val")))
