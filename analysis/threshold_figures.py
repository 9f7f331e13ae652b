"""Figures about the submission threshold and about calibration: a result in, a plotly figure out."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import numpy as np
import plotly.graph_objects as go

from analysis.calibration.reliability import Reliability
from analysis.operating_point.costs import CostModel
from analysis.operating_point.curve import OperatingCurve, OperatingPoint
from analysis.predictions import Ints

# Of Okabe and Ito's palette.
_REJECTS, _SHARE, _PROFIT = "#D55E00", "#0072B2", "#009E73"
_SCALINGS = {"raw": "#D55E00", "temperature": "#0072B2", "isotonic": "#009E73"}
_DASHES = ("solid", "dash", "dot")
_INK, _GRID = "#1F2937", "#EEF1F5"
_BAND = "rgba(213, 94, 0, 0.18)"
_MOST_POINTS = 1000


def reject_rate_figure(curve: OperatingCurve, threshold: float | None = None) -> go.Figure:
    """Reject rate with its 95% band, and submitted share, over th^t (section 5.1).

    Args:
        curve: of at most any size; about 1,000 points of it are drawn.
        threshold: marked with a line; None for no mark.
    """
    rows = _drawn(curve)
    x, rates = curve.thresholds[rows], curve.reject_rate[rows]
    low, high = (end[rows] for end in curve.reject_rate_interval())
    figure = go.Figure()
    figure.add_scatter(
        x=np.concatenate([x, x[::-1]]), y=np.concatenate([high, low[::-1]]), fill="toself", fillcolor=_BAND,
        line={"width": 0}, hoverinfo="skip", name="95% interval", legendgroup="rejects",
    )  # fmt: skip
    text = "th<sup>t</sup> %{x:.4f}: %{y:.1%} of %{customdata} submitted<extra></extra>"
    figure.add_scatter(
        x=x, y=rates, name="reject rate", legendgroup="rejects", line={"color": _REJECTS, "shape": "hv"},
        customdata=curve.submitted[rows], hovertemplate=text,
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=curve.submitted[rows] / curve.n, name="submitted share", line={"color": _SHARE, "shape": "hv"},
        hovertemplate="th<sup>t</sup> %{x:.4f}: %{y:.1%} submitted<extra></extra>",
    )  # fmt: skip
    figure.update_yaxes(title="share", range=[0, 1.02], tickformat=".0%", gridcolor=_GRID)
    return _over_thresholds(figure, threshold)


def profit_figure(
    curve: OperatingCurve, costs: CostModel, threshold: float | None = None, volume: int | None = None
) -> go.Figure:
    """Expected profit over th^t, beside that of submitting nothing.

    Args:
        curve: of any size.
        costs: what everything is worth.
        threshold: marked with a line; None for no mark.
        volume: of so many sequences, at least 1; of all n when None.
    """
    rows = _drawn(curve)
    volume = curve.n if volume is None else volume
    scale = volume / curve.n
    figure = go.Figure()
    figure.add_scatter(
        x=curve.thresholds[rows], y=curve.profit(costs)[rows] * scale, name="profit",
        line={"color": _PROFIT, "shape": "hv"}, hovertemplate="th<sup>t</sup> %{x:.4f}: %{y:.2f}<extra></extra>",
    )  # fmt: skip
    nothing = float(costs.profit(0, 0, volume))
    figure.add_scatter(
        x=[0, 1], y=[nothing, nothing], name="nothing submitted", mode="lines", line={"color": _INK, "dash": "dot"}
    )
    figure.update_yaxes(title=f"profit of {volume} sequences", gridcolor=_GRID)
    return _over_thresholds(figure, threshold)


def two_models_figure(
    curves: Mapping[str, OperatingCurve], marks: Mapping[str, OperatingPoint | None] | None = None
) -> go.Figure:
    """Reject rate over submitted share of some models: thresholds of two models mean different things, shares do not.

    Args:
        curves: by the model's name; of at most three models.
        marks: the point of a model to mark; None for none.
    """
    figure = go.Figure()
    for (name, curve), colour, dash in zip(curves.items(), (_SHARE, _REJECTS, _PROFIT), _DASHES, strict=False):
        rows = _drawn(curve)
        figure.add_scatter(
            x=curve.submitted[rows] / curve.n, y=curve.reject_rate[rows], name=escape(name, quote=False),
            line={"color": colour, "dash": dash}, customdata=curve.thresholds[rows],
            hovertemplate="%{x:.1%} submitted, %{y:.1%} rejected<br>th<sup>t</sup> %{customdata:.4f}<extra></extra>",
        )  # fmt: skip
        point = (marks or {}).get(name)
        if point is not None and point.reject_rate is not None:
            figure.add_scatter(
                x=[point.submitted_share], y=[point.reject_rate], mode="markers", showlegend=False,
                marker={"color": colour, "size": 12, "symbol": "diamond"},
                hovertemplate=f"th<sup>t</sup> {point.threshold:.4g}: %{{x:.1%}} submitted, %{{y:.1%}} rejected"
                "<extra></extra>",
            )  # fmt: skip
    figure.update_xaxes(title="submitted share", range=[0, 1.02], tickformat=".0%", gridcolor=_GRID)
    figure.update_yaxes(title="reject rate of what is submitted", tickformat=".0%", gridcolor=_GRID, rangemode="tozero")
    return _finished(figure)


def reliability_figure(raw: Reliability, **scaled: Reliability) -> go.Figure:
    """Reliability diagram: accepted share over mean p^t of bins of equal counts, with 95% intervals.

    Args:
        raw: of p^t as it is.
        scaled: of calibrated p^t; the names are `temperature` and `isotonic`.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="calibrated", line={"color": _INK, "dash": "dot"}, hoverinfo="skip"
    )
    for name, result in {"raw": raw, **scaled}.items():
        shares = [group.accepted_share for group in result.bins]
        figure.add_scatter(
            x=[group.mean_p_t for group in result.bins], y=shares, mode="lines+markers",
            name=f"{name}, ECE {result.ece:.3f}", line={"color": _SCALINGS[name]},
            error_y={
                "type": "data", "symmetric": False, "thickness": 1,
                "array": [group.interval[1] - group.accepted_share for group in result.bins],
                "arrayminus": [group.accepted_share - group.interval[0] for group in result.bins],
            },
            customdata=[group.n for group in result.bins],
            hovertemplate="p<sup>t</sup> %{x:.3f}: %{y:.1%} of %{customdata} accepted<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title="mean <i>p</i><sup>t</sup>", range=[0, 1.02], gridcolor=_GRID)
    figure.update_yaxes(title="accepted share", range=[0, 1.02], tickformat=".0%", gridcolor=_GRID)
    return _finished(figure)


def _drawn(curve: OperatingCurve) -> Ints:
    """Points of the curve to draw: evenly spread over the thresholds' ranks, the ends among them."""
    count = min(len(curve.thresholds), _MOST_POINTS)
    return np.unique(np.linspace(0, len(curve.thresholds) - 1, count).round().astype(np.int64))


def _over_thresholds(figure: go.Figure, threshold: float | None) -> go.Figure:
    figure.update_xaxes(title="threshold <i>th</i><sup>t</sup>", range=[0, 1], gridcolor=_GRID)
    if threshold is not None:
        figure.add_vline(
            x=threshold, line={"color": _INK, "width": 2}, annotation_text=f"<i>th</i><sup>t</sup> = {threshold:.4g}"
        )
    return _finished(figure)


def _finished(figure: go.Figure) -> go.Figure:
    figure.update_layout(
        font={"color": _INK}, plot_bgcolor="rgba(0,0,0,0)", height=380, margin={"l": 0, "r": 8, "t": 40, "b": 44},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )  # fmt: skip
    return figure
