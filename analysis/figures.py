"""A result in, a plotly figure out."""

from __future__ import annotations

from collections.abc import Mapping

# plotly asks whether a value is a pandas one, and fails when another thread is just importing pandas.
import pandas as _pandas  # noqa: F401
import plotly.graph_objects as go

from agpis.rules import Rule, RuleCategory, RuleTaxonomy
from agpis.types import Outcome, SequenceResult

# Okabe and Ito's palette, told apart by colour-blind people as well.
CATEGORY_COLOURS = {
    RuleCategory.QUALIFIED: "#009E73",
    RuleCategory.SINGLE: "#0072B2",
    RuleCategory.PAIR: "#E69F00",
    RuleCategory.MULTI: "#CC79A7",
    RuleCategory.OTHER: "#7F7F7F",
}
CATEGORY_NAMES = {
    RuleCategory.QUALIFIED: "Qualified",
    RuleCategory.SINGLE: "Single-image rules",
    RuleCategory.PAIR: "Image-pair rules",
    RuleCategory.MULTI: "Multi-image rules",
    RuleCategory.OTHER: "Other",
}
_NO_RULES = (RuleCategory.QUALIFIED, RuleCategory.OTHER)
_BELOW = "#D55E00"
_INK = "#1F2937"
_TRACK = "#EEF1F5"
_LONGEST_LABEL = 30
_BAR_PIXELS = 24


def rule_probability_figure(
    result: SequenceResult,
    taxonomy: RuleTaxonomy,
    top: int | None = None,
    names: Mapping[RuleCategory, str] = CATEGORY_NAMES,
    axis: str = "probability",
) -> go.Figure:
    """Horizontal bars of p_i^mcc (section 3.4.3), grouped by rule category, the likeliest first in each group.

    Args:
        result: a scored result.
        taxonomy: names and groups the classes.
        top: show only this many of the likeliest classes; all when None.
        names: heading of each category.
        axis: name of the horizontal axis.

    Raises:
        ValueError: when the result was not scored.
        RulesError: when the result holds a class that the taxonomy does not.
    """
    if not result.rule_probabilities:
        raise ValueError(f"product {result.product_id} was not scored: {result.reason}")
    ranked = sorted(result.rule_probabilities.items(), key=lambda item: -item[1])[:top]
    figure = go.Figure()
    labels: list[str] = []
    for category in RuleCategory:
        group = [(taxonomy[rule_id], p) for rule_id, p in ranked if taxonomy[rule_id].category is category]
        if group:
            labels += [_heading(category, names), *(_label(rule) for rule, _ in group)]
            figure.add_trace(_bars(category, group, names))
    figure.update_layout(
        height=60 + _BAR_PIXELS * len(labels),
        margin={"l": 0, "r": 8, "t": 8, "b": 44},
        bargap=0.3,
        showlegend=False,
        font={"color": _INK},
        hoverlabel={"align": "left"},
    )
    longest = max(p for _, p in ranked)
    figure.update_xaxes(
        title=axis, range=[0, min(1.12, longest * 1.18 + 0.01)], fixedrange=True, gridcolor=_TRACK, nticks=6
    )
    figure.update_yaxes(
        categoryorder="array", categoryarray=labels[::-1], automargin=True, fixedrange=True, showgrid=False
    )
    return figure


def _bars(category: RuleCategory, group: list[tuple[Rule, float]], names: Mapping[RuleCategory, str]) -> go.Bar:
    return go.Bar(
        name=names[category],
        orientation="h",
        y=[_heading(category, names), *(_label(rule) for rule, _ in group)],
        x=[None, *(p for _, p in group)],
        text=["", *(f"{p:.2f}" if p >= 0.005 else "<0.01" for _, p in group)],
        textposition="outside",
        cliponaxis=False,
        marker={"color": CATEGORY_COLOURS[category]},
        customdata=[["", "", ""], *([rule.id, rule.title, rule.description] for rule, _ in group)],
        hovertemplate="<b>%{customdata[1]}</b> (%{customdata[0]})<br>%{customdata[2]}<br>p = %{x:.4f}<extra></extra>",
    )


def _heading(category: RuleCategory, names: Mapping[RuleCategory, str]) -> str:
    return f'<b><span style="color:{CATEGORY_COLOURS[category]}">{names[category]}</span></b>'


def _label(rule: Rule) -> str:
    if rule.category is RuleCategory.QUALIFIED:
        return rule.description.rstrip(".")
    title = rule.title if len(rule.title) <= _LONGEST_LABEL else f"{rule.title[: _LONGEST_LABEL - 1]}…"
    return f"{title} · {rule.id}" if rule.category not in _NO_RULES else title


def submission_figure(result: SequenceResult, threshold: str = "threshold") -> go.Figure:
    """A bullet bar of p^t with a mark at the submission threshold th^t.

    Args:
        result: a scored result.
        threshold: the word at the mark.

    Raises:
        ValueError: when the result was not scored.
    """
    if result.p_qualified is None:
        raise ValueError(f"product {result.product_id} was not scored: {result.reason}")
    good = result.outcome is Outcome.SUBMIT
    figure = go.Figure()
    bar = {"orientation": "h", "y": [""], "hoverinfo": "skip", "showlegend": False}
    figure.add_bar(x=[1.0], marker={"color": _TRACK}, width=0.9, **bar)
    colour = CATEGORY_COLOURS[RuleCategory.QUALIFIED] if good else _BELOW
    figure.add_bar(x=[result.p_qualified], marker={"color": colour}, width=0.9, **bar)
    figure.add_vline(x=result.threshold, line={"color": _INK, "width": 3})
    figure.add_annotation(
        x=0, y=1, yref="paper", xanchor="left", yanchor="bottom", showarrow=False,
        text=f"<i>p</i><sup>t</sup> = <b>{result.p_qualified:.2f}</b>", font={"size": 28, "color": colour},
    )  # fmt: skip
    figure.add_annotation(
        x=result.threshold, y=0, yref="paper", xanchor="center" if 0.2 < result.threshold < 0.8 else "auto",
        yanchor="top", showarrow=False, text=f"{threshold} <i>th</i><sup>t</sup> = {result.threshold:.2f}",
        font={"size": 14, "color": _INK},
    )  # fmt: skip
    figure.update_layout(
        barmode="overlay", height=130, margin={"l": 4, "r": 4, "t": 52, "b": 40}, plot_bgcolor="rgba(0,0,0,0)"
    )
    figure.update_xaxes(range=[0, 1], visible=False, fixedrange=True)
    figure.update_yaxes(visible=False, fixedrange=True)
    return figure
