"""Scores that steer training, on predictions whose scores can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from transformers import EvalPrediction

from agpis.training.metrics import muisc_metrics


def predicted(rows: list[tuple[float, float, float]], labels: list[int]) -> EvalPrediction:
    return EvalPrediction(predictions=np.log(np.array(rows)), label_ids=np.array(labels))


def test_verdict_and_rule_weigh_alike() -> None:
    rows = [(0.8, 0.1, 0.1), (0.3, 0.6, 0.1), (0.5, 0.3, 0.2), (0.2, 0.1, 0.7)]
    scores = muisc_metrics(predicted(rows, [0, 0, 1, 2]))
    # p^t: .8 and .3 of the qualified against .5 and .2 of the rejected: 3 of 4 pairs in order.
    assert scores["auc"] == pytest.approx(0.75)
    assert scores["rule_accuracy"] == pytest.approx(1.0)
    assert scores["accuracy"] == pytest.approx(0.5)
    assert scores["verdict_and_rule"] == pytest.approx(0.875)


def test_a_better_rule_outweighs_a_slightly_worse_verdict() -> None:
    confused = muisc_metrics(predicted([(0.9, 0.05, 0.05), (0.2, 0.1, 0.7), (0.1, 0.1, 0.8)], [0, 1, 2]))
    told = muisc_metrics(predicted([(0.9, 0.05, 0.05), (0.2, 0.7, 0.1), (0.1, 0.1, 0.8)], [0, 1, 2]))
    assert confused["auc"] == told["auc"] == 1.0
    assert confused["verdict_and_rule"] == pytest.approx(0.75)
    assert told["verdict_and_rule"] == pytest.approx(1.0)


def test_without_rejections_nothing_is_made_up() -> None:
    scores = muisc_metrics(predicted([(0.9, 0.05, 0.05), (0.2, 0.7, 0.1)], [0, 0]))
    assert np.isnan([scores["auc"], scores["rule_accuracy"], scores["verdict_and_rule"]]).all()
    assert scores["accuracy"] == pytest.approx(0.5)
