"""Labels of the toolkit's figures in the language of the session."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from string import Formatter

import numpy as np
import plotly.graph_objects as go
import pytest
from prediction_tables import table
from test_analysis_online_figures import ab_frame

import analysis
from analysis.metric_figures import precision_recall_figure, roc_figure
from analysis.metrics.curves import binary_curves
from analysis.online.ab_table import check_ab_table
from analysis.online.ab_test import Metric, ab_test
from analysis.online.drift import drift, windows_by_date
from analysis.online.figures import drift_figure, lift_figure
from analysis.online.figures import reject_rate_figure as rates_over_time_figure
from analysis.online.over_time import Period, reject_rates
from analysis.operating_point import CostModel, ReviewedSample, Source, operating_curve
from analysis.predictions import check_predictions
from analysis.rule_errors import class_confusion, rule_errors, slice_errors
from analysis.rule_errors.figures import confusion_figure, escape_figure, readings_figure, slices_figure
from analysis.threshold_figures import profit_figure, reject_rate_figure, two_models_figure
from app import i18n
from app.components.figures import LABELS, localized

READ = check_predictions(table(8, p_nlg=0.5))
# Numbers, notation, and names that the table gave.
NO_WORDS = re.compile(r"[\d.,%]*|p\^t|AUC [\d.]+|(<i>th</i>|th)<sup>t</sup> = [\d.]+|mine|yours")


@pytest.fixture
def _chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "language", lambda: "zh")


def figures() -> Iterator[go.Figure]:
    """Every figure of the toolkit that a page translates, of small tables."""
    binary = binary_curves(READ)
    yield from (roc_figure(binary, 0.7), precision_recall_figure(binary, threshold=0.7))
    reviewed = np.arange(50) % 3 == 0
    curve = operating_curve(ReviewedSample(np.linspace(0, 1, 50), reviewed, np.arange(50), Source("val", 50, 50)))
    yield from (reject_rate_figure(curve, 0.3), profit_figure(curve, CostModel(), 0.3))
    point = curve.at(0.3)
    yield two_models_figure({"mine": curve, "yours": curve}, {"mine": point, "yours": point})
    errors = rule_errors(READ, 0.3)
    slices = slice_errors(READ, 0.3, min_support=1)
    yield from (confusion_figure(class_confusion(READ)), escape_figure(errors), readings_figure(READ, 0.3))
    yield from (slices_figure(slices, measure) for measure in ("reject_rate", "escape_rate", "auc"))
    decided = check_predictions(table(8, decision=["submitted", "withheld"] * 4, date=["2026-03-01", "2026-03-20"] * 4))
    yield from (rates_over_time_figure(reject_rates(decided, period)) for period in Period)
    yield drift_figure(drift(decided, windows_by_date(decided, date(2026, 3, 10))))
    yield lift_figure(ab_test(check_ab_table(ab_frame()), Metric.CTR))


def labels(figure: go.Figure) -> Iterator[str]:
    for trace in figure.data:
        yield trace.name or ""
        if trace.type == "heatmap":
            yield trace.colorbar.title.text or ""
    for part in (figure.layout, figure.layout.xaxis, figure.layout.yaxis):
        yield part.title.text or ""
    yield from (note.text or "" for note in figure.layout.annotations)


@pytest.mark.usefixtures("_chinese")
def test_no_label_of_a_figure_stays_english() -> None:
    left = {label for figure in figures() for label in labels(localized(figure)) if not NO_WORDS.fullmatch(label)}
    assert {label for label in left if not re.search(r"[\u4e00-\u9fff]", label)} == set()


def test_every_label_is_one_that_the_toolkit_writes() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(analysis.__path__[0]).rglob("*.py"))
    texts = {(label, text) for label in LABELS for text, _, _, _ in Formatter().parse(label)}
    # The toolkit joins some of the labels of parts, at a semicolon.
    parts = {(label, part) for label, text in texts for part in text.split("; ")}
    periods = {f"middle of the {period}" for period in Period}
    assert {label for label, part in parts if part not in sources} - periods == set()


@pytest.mark.usefixtures("_chinese")
def test_what_is_no_label_stays_and_values_are_put_back() -> None:
    figure = go.Figure(go.Bar(name="My model"), {"title": "profit of 12 sequences", "xaxis": {"title": "Reject Rate"}})
    localized(figure)
    assert (figure.data[0].name, figure.layout.xaxis.title.text) == ("My model", "Reject Rate")
    assert figure.layout.title.text == "12 个序列的收益"


def test_in_english_nothing_changes() -> None:
    figure = go.Figure(go.Bar(name="profit"))
    assert localized(figure).data[0].name == "profit"
