"""Curves by hand, and figures that say what the results say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from prediction_tables import COLUMNS, table
from sklearn.metrics import auc as area

from analysis.metric_figures import class_figure, precision_recall_figure, roc_figure
from analysis.metrics import Bootstrap, measure
from analysis.metrics.curves import binary_curves
from analysis.predictions import check_predictions

CURVES = binary_curves(check_predictions(table()))
NONE = binary_curves(check_predictions(table(label="qualified")))


def test_the_curves_of_four_rows_by_hand() -> None:
    # p^t 0.9 qualified, 0.8 rejected, 0.7 qualified, 0.6 rejected.
    assert CURVES.auc == 0.75
    assert CURVES.at(0.85) == (0.0, 0.5)
    assert CURVES.at(0.7) == (0.5, 1.0)
    assert CURVES.at(0.0) == (1.0, 1.0)
    assert CURVES.at(1.0) == (0.0, 0.0)
    assert (CURVES.qualified, CURVES.rejected) == (2, 2)
    assert [CURVES.recall[0], CURVES.recall[-1], CURVES.precision[0], CURVES.precision[-1]] == [1.0, 0.0, 0.5, 1.0]


def test_thinned_curves_keep_their_ends_and_area() -> None:
    rng, rows = np.random.default_rng(0), 20_000
    p = rng.random(rows)
    others = dict.fromkeys(COLUMNS[1:], (1 - p) / (len(COLUMNS) - 1))
    label = np.where(rng.random(rows) < p, "qualified", "S01")
    curves = binary_curves(check_predictions(table(rows, **{COLUMNS[0]: p}, **others, label=label)))
    assert max(len(curves.roc_thresholds), len(curves.thresholds)) == 1000
    assert (curves.false_positive_rate[0], curves.true_positive_rate[-1], curves.recall[0]) == (0, 1, 1)
    assert area(curves.false_positive_rate, curves.true_positive_rate) == pytest.approx(curves.auc, abs=1e-3)


def test_the_figures_say_what_the_curves_say() -> None:
    figure = roc_figure(CURVES, threshold=0.7)
    assert [trace.name for trace in figure.data] == ["AUC 0.750", "chance", "threshold 0.7"]
    assert (figure.data[2].x, figure.data[2].y) == ((0.5,), (1.0,))
    assert figure.layout.xaxis.title.text == "share of rejected sequences that pass"
    assert len(roc_figure(CURVES).data) == 2
    recall = precision_recall_figure(CURVES, precisions=(0.8,))
    assert list(recall.data[0].x) == CURVES.recall.tolist()
    assert [shape.y0 for shape in recall.layout.shapes] == [0.5, 0.8]
    assert recall.layout.yaxis.title.text.startswith("precision")


def test_what_is_undefined_is_drawn_as_such() -> None:
    assert (NONE.auc, NONE.reason, NONE.at(0.5)) == (None, "no rejected row", None)
    for figure in (roc_figure(NONE, 0.5), precision_recall_figure(NONE)):
        assert len(figure.data) == 0
        assert figure.layout.annotations[0].text == "undefined: no rejected row"


def test_each_class_is_a_bar_with_its_interval_and_support() -> None:
    frame = pd.concat([table().assign(product_id=[f"p{copy}-{row}" for row in range(4)]) for copy in range(15)])
    found = measure(check_predictions(frame), bootstrap=Bootstrap(50))
    figure = class_figure(found.classes)
    bars = {label: (trace, place) for trace in figure.data for place, label in enumerate(trace.y)}
    assert list(bars) == ["qualified (30)", "S01 (30)"]
    trace, place = bars["S01 (30)"]
    score = found.classes[1].auc
    assert score.value is not None
    assert score.low is not None
    assert trace.x[place] == score.value
    assert trace.error_x.arrayminus[place] == pytest.approx(score.value - score.low)
    assert "43 classes without value" in figure.layout.xaxis.title.text
    assert class_figure(found.classes, "average_precision").layout.xaxis.title.text.startswith("one-vs-rest average")
