"""Figures of thresholds and calibration: what is drawn is what was computed."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.calibration import reliability
from analysis.operating_point import CostModel, ReviewedSample, Source, operating_curve
from analysis.threshold_figures import profit_figure, reject_rate_figure, reliability_figure


def sample(n: int) -> ReviewedSample:
    rng = np.random.default_rng(0)
    p_t = rng.random(n)
    return ReviewedSample(p_t, rng.random(n) > p_t, np.arange(n), Source("val", n, n))


def test_reject_rate_and_share_over_the_thresholds() -> None:
    curve = operating_curve(sample(50))
    figure = reject_rate_figure(curve, 0.3)
    lines = {trace.name: trace for trace in figure.data}
    assert list(lines["reject rate"].y) == pytest.approx(curve.reject_rate.tolist())
    assert list(lines["submitted share"].y) == pytest.approx((curve.submitted / 50).tolist())
    # From the strictest threshold down, a value holds until the next sequence is submitted.
    assert {lines[name].line.shape for name in ("reject rate", "submitted share")} == {"hv"}
    assert figure.layout.xaxis.title.text == "threshold <i>th</i><sup>t</sup>"
    assert figure.layout.yaxis.title.text == "share"
    assert [shape.x0 for shape in figure.layout.shapes] == [0.3]
    assert not reject_rate_figure(curve).layout.shapes


def test_long_curves_are_thinned_and_keep_their_ends() -> None:
    curve = operating_curve(sample(20000))
    line = next(trace for trace in reject_rate_figure(curve).data if trace.name == "reject rate")
    assert len(line.x) == 1000
    assert (line.x[0], line.x[-1]) == (curve.thresholds[0], curve.thresholds[-1])


def test_profit_stands_beside_submitting_nothing() -> None:
    curve, costs = operating_curve(sample(50)), CostModel(by_hand=2)
    figure = profit_figure(curve, costs, 0.5)
    assert list(figure.data[0].y) == pytest.approx(curve.profit(costs).tolist())
    assert list(figure.data[1].y) == [-100, -100]
    assert figure.layout.yaxis.title.text == "profit of 50 sequences"
    assert [shape.x0 for shape in figure.layout.shapes] == [0.5]


def test_a_reliability_diagram_has_its_diagonal_and_intervals() -> None:
    data = sample(300)
    result = reliability(data.p_t, ~data.rejected, bins=5)
    figure = reliability_figure(result, isotonic=result)
    assert [trace.name.split(",")[0] for trace in figure.data] == ["calibrated", "raw", "isotonic"]
    raw = figure.data[1]
    assert list(raw.y) == [group.accepted_share for group in result.bins]
    assert (np.array(raw.y) + raw.error_y.array).tolist() == pytest.approx([g.interval[1] for g in result.bins])
    assert (np.array(raw.y) - raw.error_y.arrayminus).tolist() == pytest.approx([g.interval[0] for g in result.bins])
    assert figure.layout.yaxis.title.text == "accepted share"
