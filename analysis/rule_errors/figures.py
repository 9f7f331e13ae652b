"""Figures of the error analysis: a result in, a plotly figure out."""

from __future__ import annotations

from html import escape

import numpy as np
import plotly.graph_objects as go

from agpis.rules import RuleCategory
from analysis.figures import CATEGORY_COLOURS, CATEGORY_NAMES
from analysis.predictions import Predictions
from analysis.rule_errors.confusion import Confusion
from analysis.rule_errors.per_rule import RuleError, RuleErrors
from analysis.rule_errors.reviewed import reviewed_rows, submitted
from analysis.rule_errors.slices import MEASURES, Contrast, Slice, SliceErrors

_INK, _TRACK, _GREY, _STRIKING = "#1F2937", "#EEF1F5", "#7F7F7F", "#D55E00"
_ROW_PIXELS = 22
_LONGEST_LABEL = 40
_MOST_POINTS = 5000
_TITLES = {
    "reject_rate": "reject rate: rejected sequences of all",
    "escape_rate": "escape rate: rejected sequences with p<sup>t</sup> ≥ th<sup>t</sup>",
    "auc": "AUC of p<sup>t</sup>",
}


def confusion_figure(confusion: Confusion) -> go.Figure:
    """Heat map of the shares in each row; a class that no reviewer gave has an empty row."""
    names = list(confusion.names)
    told = [
        [f"{count} of {n} sequences" if n else "no sequence" for count in row]
        for row, n in zip(confusion.counts, confusion.support, strict=True)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=[row or [None] * len(names) for row in confusion.shares],
            x=names,
            y=names,
            customdata=told,
            zmin=0,
            zmax=1,
            colorscale=[[0, "#FFFFFF"], [0.02, "#DCEBF5"], [0.3, "#56B4E9"], [1, "#003A5D"]],
            colorbar={"title": "share of the row"},
            hoverongaps=False,
            hovertemplate="reviewer: %{y}<br>model: %{x}<br>%{z:.1%}<br>%{customdata}<extra></extra>",
            xgap=1,
            ygap=1,
        )
    )
    side = max(360, 18 * len(names) + 160)
    figure.update_layout(height=side, width=side + 120, font={"color": _INK}, plot_bgcolor=_TRACK)
    figure.update_xaxes(title="the model's class", type="category", tickangle=-90, dtick=1, showgrid=False)
    figure.update_yaxes(
        title="the reviewer's class", type="category", autorange="reversed", dtick=1, showgrid=False, automargin=True
    )
    return figure


def escape_figure(errors: RuleErrors) -> go.Figure:
    """Bars of each rule's escape rate with its interval, highest first; rules without sequences are counted above."""
    ranked = sorted((rule for rule in errors.rules if rule.support), key=lambda rule: -(rule.escaped.value or 0))
    figure = go.Figure()
    for category in RuleCategory:
        group = [rule for rule in ranked if rule.category is category]
        if group:
            figure.add_trace(_escape_bars(category, group))
    missing = len(errors.without_support)
    heading = f"at th<sup>t</sup> = {errors.threshold:g}"
    figure.update_layout(
        title={"text": heading + (f"; {missing} rules without a rejected sequence are left out" if missing else "")},
        height=150 + _ROW_PIXELS * len(ranked),
        font={"color": _INK},
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "y": 1, "yanchor": "bottom"},
        bargap=0.3,
    )
    figure.update_xaxes(
        title="share of the rule's sequences with p<sup>t</sup> ≥ th<sup>t</sup>",
        range=[0, 1],
        tickformat=".0%",
        gridcolor=_TRACK,
    )
    labels = [_rule_label(rule) for rule in ranked]
    figure.update_yaxes(
        title="rule", categoryorder="array", categoryarray=labels[::-1], automargin=True, dtick=1, showgrid=False
    )
    return figure


def _escape_bars(category: RuleCategory, group: list[RuleError]) -> go.Bar:
    rates = [rule.escaped for rule in group]
    shares = [rate.value or 0 for rate in rates]
    return go.Bar(
        name=CATEGORY_NAMES[category],
        orientation="h",
        x=shares,
        y=[_rule_label(rule) for rule in group],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [(rate.high or 0) - share for rate, share in zip(rates, shares, strict=True)],
            "arrayminus": [share - (rate.low or 0) for rate, share in zip(rates, shares, strict=True)],
            "color": _INK,
            "thickness": 1,
        },
        marker={"color": CATEGORY_COLOURS[category]},
        customdata=[[rule.rule_id, rate.count, rate.n] for rule, rate in zip(group, rates, strict=True)],
        hovertemplate="%{customdata[0]}: %{customdata[1]} of %{customdata[2]} escape, %{x:.1%}<extra></extra>",
    )


def _rule_label(rule: RuleError) -> str:
    return f"{_short(rule.title)} · {rule.rule_id} (n = {rule.support})"


def slices_figure(errors: SliceErrors, measure: str = "escape_rate") -> go.Figure:
    """Dots with intervals, one row a slice, beside the same figure on all other sequences.

    Args:
        errors: slices to show.
        measure: one of MEASURES; slices without a value are left out.

    Raises:
        ValueError: when `measure` is none of MEASURES.
    """
    if measure not in MEASURES:
        raise ValueError(f"measure is {measure!r}, not one of {', '.join(MEASURES)}")
    shown = [part for part in errors.slices if getattr(part, measure).inside.value is not None]
    figure = go.Figure()
    figure.add_trace(
        go.Scatter(
            name="all other sequences",
            mode="markers",
            x=[getattr(part, measure).rest.value for part in shown],
            y=list(range(len(shown))),
            marker={"symbol": "line-ns-open", "size": 12, "color": _GREY, "line": {"width": 2}},
            hovertemplate="all others: %{x:.3f}<extra></extra>",
        )
    )
    for striking, name, colour in ((False, "slice", "#0072B2"), (True, "slice that differs (q ≤ 0.05)", _STRIKING)):
        group = [(row, part) for row, part in enumerate(shown) if part.differs(measure) is striking]
        figure.add_trace(_slice_dots(group, measure, name, colour))
    figure.update_layout(
        height=160 + _ROW_PIXELS * len(shown),
        font={"color": _INK},
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "y": 1, "yanchor": "bottom"},
    )
    figure.update_xaxes(title=_TITLES[measure], gridcolor=_TRACK, zeroline=False)
    figure.update_yaxes(
        title="slice",
        tickvals=list(range(len(shown))),
        ticktext=[_slice_label(part, measure) for part in shown],  # places, since two long names may begin alike
        range=[len(shown) - 0.5, -0.5],
        automargin=True,
        gridcolor=_TRACK,
        zeroline=False,
    )
    return figure


def _slice_dots(group: list[tuple[int, Slice]], measure: str, name: str, colour: str) -> go.Scatter:
    contrasts: list[Contrast] = [getattr(part, measure) for _, part in group]
    values = [contrast.inside.value or 0.0 for contrast in contrasts]
    ends = [(contrast.inside.low, contrast.inside.high) for contrast in contrasts]
    return go.Scatter(
        name=name,
        mode="markers",
        x=values,
        y=[row for row, _ in group],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [0 if high is None else high - value for (_, high), value in zip(ends, values, strict=True)],
            "arrayminus": [0 if low is None else value - low for (low, _), value in zip(ends, values, strict=True)],
            "thickness": 1.5,
        },
        marker={"color": colour, "size": 9},
        customdata=[_q_text(contrast) for contrast in contrasts],
        hovertemplate="%{x:.3f}<br>%{customdata}<extra></extra>",
    )


def _slice_label(part: Slice, measure: str) -> str:
    return f"{part.kind}: {_short(part.value)} (n = {getattr(part, measure).inside.n})"


def _q_text(contrast: Contrast) -> str:
    return f"q = {contrast.q_value:.3g}" if contrast.q_value is not None else escape(contrast.reason)


def readings_figure(table: Predictions, threshold: float, most: int = _MOST_POINTS, seed: int = 0) -> go.Figure:
    """Scatter of p^t against p^nlg with th^t on both axes; of many sequences a random part is drawn.

    Args:
        table: n rows; those without review or p^nlg are left out.
        threshold: th^t in [0, 1].
        most: draw at most this many sequences.
        seed: chooses them.

    Raises:
        PredictionsError: when no row has a review.
        AnalysisError: when the threshold lies outside [0, 1].
    """
    table = reviewed_rows(table)
    submitted(table, threshold)  # refuses a wrong threshold
    rows = np.flatnonzero(~np.isnan(table.p_nlg))
    n = len(rows)
    if n > most:
        rows = np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
    figure = go.Figure()
    qualified = CATEGORY_COLOURS[RuleCategory.QUALIFIED]
    for accepted, name, colour, symbol in (
        (True, "accepted", qualified, "circle"),
        (False, "rejected", _STRIKING, "x"),
    ):
        part = rows[table.is_qualified[rows] == accepted]
        marker = {"color": colour, "symbol": symbol, "size": 5, "opacity": 0.5}
        figure.add_trace(go.Scattergl(name=name, mode="markers", x=table.p_t[part], y=table.p_nlg[part], marker=marker))
    for draw in (figure.add_vline, figure.add_hline):
        draw(threshold, line={"color": _INK, "width": 1.5, "dash": "dash"})
    figure.update_layout(
        title={"text": f"{len(rows)} of {n} sequences with both readings; dashed: th<sup>t</sup> = {threshold:g}"},
        height=560,
        width=640,
        font={"color": _INK},
        plot_bgcolor="rgba(0,0,0,0)",
    )
    figure.update_xaxes(title="p<sup>t</sup>, of the classifier", range=[-0.02, 1.02], gridcolor=_TRACK)
    figure.update_yaxes(title="p<sup>nlg</sup>, of the written feedback", range=[-0.02, 1.02], gridcolor=_TRACK)
    return figure


def _short(text: str) -> str:
    """Text of a table as plotly shows it: never as markup, never so long that it pushes the plot aside."""
    return escape(text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…")
