"""The four plots, with the threshold marked on each; a click on a curve moves it there."""

from __future__ import annotations

import math
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from analysis.metric_figures import precision_recall_figure, roc_figure
from analysis.operating_point import CostModel
from analysis.threshold_figures import profit_figure, reject_rate_figure
from app.components.figures import localized
from app.components.tables.loading import LoadedTable
from app.components.thresholds.computed import binary_curves_of, curve_of
from app.components.thresholds.marker import move_to
from app.components.thresholds.splits import Splits
from app.i18n import _

_HEIGHT = 340
_WIDTH = 420


def curves(table: LoadedTable, splits: Splits, threshold: float, costs: CostModel, volume: int) -> None:
    """Draw them side by side, one below the other on a phone."""
    shown = _rows_shown(splits)
    curve, binary = curve_of(table, shown), binary_curves_of(table, shown)
    grid = st.grid("auto", min_column_width=_WIDTH, gap="medium")
    plots = (
        (
            "rates", _("What is submitted, and what of it is rejected"), reject_rate_figure(curve, threshold),
            _("Reject rate with its band of 95%, and submitted share, over the threshold."),
        ),
        (
            "profit", _("Expected profit"), profit_figure(curve, costs, threshold, volume),
            _("Profit over the threshold by your costs. The dotted line is that of submitting nothing."),
        ),
        (
            "roc", _("ROC: good ones against bad ones"), roc_figure(binary, threshold),
            _("Which share of the good sequences passes, for each share of the bad ones that does (section 4.2)."),
        ),
        (
            "pr", _("Precision and recall"), precision_recall_figure(binary, (0.8, 0.9), threshold),
            _("Precision is 1 - reject rate. Dashed lines are the precisions of R@P in the paper (section 4.2)."),
        ),
    )  # fmt: skip
    for key, title, figure, explanation in plots:
        with grid.cell():
            st.markdown(f"**{title}**", help=explanation)
            _plot(key, figure, explanation)


def _rows_shown(splits: Splits) -> str:
    options = list(dict.fromkeys((splits.choose_on, splits.judge_on)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        return st.segmented_control(
            _("Rows on the plots"), options, default=options[0], required=True, key="plotted", bind="query-params",
            help=_("Set a threshold by eye on the rows to choose on; the figures above judge it on the others."),
        )  # fmt: skip


def _plot(key: str, figure: go.Figure, explanation: str) -> None:
    figure.update_layout(hovermode="closest", clickmode="event+select", dragmode=False)
    if figure.layout.margin.t is None:
        figure.update_layout(margin_t=24)  # the page says the title
    figure.update_traces(unselected_marker_opacity=1, selector={"mode": "markers"})
    # Only points with a marker can be clicked, so the curves get some that are not seen.
    figure.update_traces(
        mode="lines+markers", marker={"size": 9, "opacity": 0}, selected_marker_opacity=0, unselected_marker_opacity=0,
        selector=lambda trace: trace.hovertemplate is not None and trace.mode != "markers",
    )  # fmt: skip
    widget = f"plot_{key}"
    st.plotly_chart(
        localized(figure), key=widget, height=_HEIGHT, on_select=partial(_clicked, widget), selection_mode="points",
        config={"displayModeBar": False}, alt=explanation,
    )  # fmt: skip


def _clicked(widget: str) -> None:
    """Move the mark to a clicked point: thresholds are its custom data, or else its x."""
    points = st.session_state[widget]["selection"]["points"]
    if not points:
        return
    point = points[0]
    value = _threshold_of(widget, point)
    if value is not None and math.isfinite(value):
        move_to(min(1.0, max(0.0, value)))


def _threshold_of(widget: str, point: dict[str, object]) -> float | None:
    value = point.get("x")
    if widget in ("plot_roc", "plot_pr"):
        custom = point.get("customdata")
        value = custom[0] if isinstance(custom, list) and custom else custom
    return float(value) if isinstance(value, int | float) else None
