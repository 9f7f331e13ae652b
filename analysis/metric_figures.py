"""Figures of metrics: ROC and precision-recall curves, and each rule with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import plotly.graph_objects as go

from agpis.rules import RuleCategory
from analysis.figures import CATEGORY_COLOURS, CATEGORY_NAMES
from analysis.metrics.curves import BinaryCurves
from analysis.metrics.results import ClassScore

_LINE = "#0072B2"
_MARK = "#D55E00"
_CHANCE = "#7F7F7F"
_GRID = "#EEF1F5"
_BAR_PIXELS = 22


def roc_figure(curves: BinaryCurves, threshold: float | None = None) -> go.Figure:
    """ROC curve of qualified against rejected sequences (section 4.2), with a mark at a threshold th^t.

    Args:
        curves: of a table; where they are undefined, the figure says why.
        threshold: in [0, 1]; no mark when None.
    """
    figure = _framed("share of rejected sequences that pass", "share of qualified sequences that pass", curves)
    if curves.auc is None:
        return figure
    figure.add_scatter(
        x=curves.false_positive_rate, y=curves.true_positive_rate, mode="lines", line={"color": _LINE, "width": 2},
        name=f"AUC {curves.auc:.3f}", customdata=curves.roc_thresholds,
        hovertemplate="rejected %{x:.3f}<br>qualified %{y:.3f}<br>threshold %{customdata:.3f}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": _CHANCE, "dash": "dot"}, name="chance", hoverinfo="skip"
    )
    point = None if threshold is None else curves.at(threshold)
    if point is not None:
        figure.add_scatter(
            x=[point[0]], y=[point[1]], mode="markers", marker={"color": _MARK, "size": 12, "symbol": "diamond"},
            name=f"threshold {threshold:.4g}", hovertemplate="rejected %{x:.3f}<br>qualified %{y:.3f}<extra></extra>",
        )  # fmt: skip
    return figure


def precision_recall_figure(
    curves: BinaryCurves, precisions: Sequence[float] = (0.8, 0.85, 0.9), threshold: float | None = None
) -> go.Figure:
    """Precision-recall curve of qualified sequences, with lines at the precisions of R@P (section 4.2).

    Args:
        curves: of a table; where they are undefined, the figure says why.
        precisions: in [0, 1].
        threshold: in [0, 1], marked on the curve; no mark when None.
    """
    figure = _framed("recall of qualified sequences", "precision: share of qualified among those that pass", curves)
    if curves.auc is None:
        return figure
    figure.add_scatter(
        x=curves.recall, y=curves.precision, mode="lines", line={"color": _LINE, "width": 2}, name="p^t",
        customdata=[*curves.thresholds.tolist(), 1.0],
        hovertemplate="recall %{x:.3f}<br>precision %{y:.3f}<br>threshold %{customdata:.3f}<extra></extra>",
    )  # fmt: skip
    share = curves.qualified / (curves.qualified + curves.rejected)
    figure.add_hline(
        y=share, line={"color": _CHANCE, "dash": "dot"}, annotation_text="chance", annotation_position="bottom left"
    )
    for precision in precisions:
        figure.add_hline(
            y=precision,
            line={"color": _MARK, "width": 1, "dash": "dash"},
            annotation_text=f"{precision:g}",
            annotation_position="bottom left",
        )
    point = None if threshold is None else curves.precision_at(threshold)
    if point is not None:
        figure.add_scatter(
            x=[point[0]], y=[point[1]], mode="markers", marker={"color": _MARK, "size": 12, "symbol": "diamond"},
            name=f"threshold {threshold:.4g}", hovertemplate="recall %{x:.3f}<br>precision %{y:.3f}<extra></extra>",
        )  # fmt: skip
    return figure


def class_figure(classes: Sequence[ClassScore], metric: Literal["auc", "average_precision"] = "auc") -> go.Figure:
    """Horizontal bars of each class with its 95% interval and support, in the order given; classes without value apart.

    Args:
        classes: of `analysis.metrics.Metrics`.
        metric: which of the two.
    """
    shown = [(one, getattr(one, metric)) for one in classes]
    known = [(one, score) for one, score in shown if score.value is not None]
    figure = go.Figure()
    for category in RuleCategory:
        group = [(one, score) for one, score in known if one.category is category]
        if group:
            figure.add_bar(
                name=CATEGORY_NAMES[category], orientation="h", marker={"color": CATEGORY_COLOURS[category]},
                x=[score.value for _, score in group], y=[_label(one) for one, _ in group],
                error_x={
                    "type": "data", "symmetric": False, "thickness": 1.2,
                    "array": [_arm(score.value, score.high) for _, score in group],
                    "arrayminus": [_arm(score.low, score.value) for _, score in group],
                },
                customdata=[[one.rule_id, one.support, _interval(score.low, score.high)] for one, score in group],
                hovertemplate="%{customdata[0]}: %{x:.3f} (%{customdata[2]}), n = %{customdata[1]}<extra></extra>",
            )  # fmt: skip
    name = "AUC" if metric == "auc" else "average precision"
    missing = len(shown) - len(known)
    title = f"one-vs-rest {name}, 95% interval" + (f"; {missing} classes without value are not shown" * bool(missing))
    figure.update_layout(height=120 + _BAR_PIXELS * max(len(known), 1), bargap=0.3, plot_bgcolor="white")
    figure.update_xaxes(title=title, range=[0, 1.02], gridcolor=_GRID)
    order = [_label(one) for one, _ in known]
    figure.update_yaxes(title="class (rows)", categoryorder="array", categoryarray=order[::-1], automargin=True)
    return figure


def _framed(x: str, y: str, curves: BinaryCurves) -> go.Figure:
    figure = go.Figure()
    figure.update_layout(plot_bgcolor="white", legend={"x": 0.98, "y": 0.02, "xanchor": "right", "yanchor": "bottom"})
    figure.update_xaxes(title=x, range=[-0.01, 1.01], gridcolor=_GRID)
    figure.update_yaxes(title=y, range=[-0.01, 1.01], gridcolor=_GRID)
    if curves.reason:
        figure.add_annotation(text=f"undefined: {curves.reason}", x=0.5, y=0.5, showarrow=False)
    return figure


def _label(one: ClassScore) -> str:
    # Titles come from a rule file: only the id, which holds no markup, is drawn.
    return f"{one.rule_id} ({one.support})"


def _arm(low: float | None, high: float | None) -> float:
    return 0.0 if low is None or high is None else high - low


def _interval(low: float | None, high: float | None) -> str:
    return "no interval" if low is None or high is None else f"{low:.3f} to {high:.3f}"
