"""Figures of what happens after the release: a result in, a plotly figure out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from html import escape

import plotly.graph_objects as go

from analysis.online.ab_test import ABResult
from analysis.online.distances import PSI_MAJOR, PSI_MODERATE
from analysis.online.drift import DriftLevel, DriftReport, FeatureDrift
from analysis.online.over_time import PeriodRate, RejectRates, ReleaseChange
from analysis.online.sample_size import PowerCurve

# Okabe and Ito's palette, told apart by colour-blind people as well.
_BLUE, _ORANGE, _RED, _GREEN, _GREY = "#0072B2", "#E69F00", "#D55E00", "#009E73", "#7F7F7F"
_LEVEL_COLOURS = {
    DriftLevel.MAJOR: _RED,
    DriftLevel.MODERATE: _ORANGE,
    DriftLevel.STABLE: _GREEN,
    DriftLevel.UNKNOWN: _GREY,
}
_INK = "#1F2937"
_TRACK = "#EEF1F5"
_BAR_PIXELS = 30
_MOST_TOLD = 5

_Moment = date | datetime
_Ends = Sequence[tuple[float | None, float | None]]


def reject_rate_figure(rates: RejectRates, release: ReleaseChange | None = None) -> go.Figure:
    """Reject rate over time with its Wilson band; a period without reviews is a gap.

    Args:
        rates: over time.
        release: draws a line at its date and tells the change, when given.
    """
    figure = go.Figure()
    for name, colour, series in (
        ("reviewed", _BLUE, rates.reviewed),
        ("submitted and reviewed", _ORANGE, rates.submitted),
    ):
        if series:
            moments = [_middle(part) for part in series]
            ends = [(part.rate.low, part.rate.high) for part in series]
            figure.add_traces(
                [*_band(moments, ends, colour, f"{rates.level:.0%} interval"), _rate_line(name, colour, series)]
            )
    _style(figure)
    figure.update_xaxes(title=f"middle of the {rates.period}")
    figure.update_yaxes(title="reject rate", tickformat=".0%", rangemode="tozero")
    if release is not None:
        _mark(figure, release.release, "release")
        change = release.change
        if change.difference is not None:
            figure.update_layout(
                title={"text": f"before {_percent(change.before.value)}, after {_percent(change.after.value)}"}
            )
    return figure


def _middle(part: PeriodRate) -> datetime:
    return datetime.combine(part.start, time()) + (part.end - part.start + timedelta(days=1)) / 2


def _rate_line(name: str, colour: str, series: Sequence[PeriodRate]) -> go.Scatter:
    return go.Scatter(
        name=name,
        x=[_middle(part) for part in series],
        y=[part.rate.value for part in series],
        mode="lines+markers",
        line={"color": colour},
        connectgaps=False,
        customdata=[[str(part.start), str(part.end), part.rate.count, part.rate.n] for part in series],
        hovertemplate="%{customdata[0]} to %{customdata[1]}<br>%{y:.1%}: %{customdata[2]} of %{customdata[3]} rejected",
    )


def drift_figure(report: DriftReport) -> go.Figure:
    """Bars of the PSI of each feature, the largest on top, with its usual limits; the colour is the level."""
    known = sorted((feature for feature in report.features if feature.psi is not None), key=lambda item: item.psi or 0)
    figure = go.Figure()
    for level, colour in _LEVEL_COLOURS.items():
        group = [feature for feature in known if feature.level is level]
        if group:
            figure.add_trace(
                go.Bar(
                    name=level.value,
                    orientation="h",
                    x=[feature.psi for feature in group],
                    y=[feature.name for feature in group],
                    marker={"color": colour},
                    customdata=[_drift_told(feature) for feature in group],
                    hovertemplate="<b>%{y}</b>: PSI %{x:.3f}<br>%{customdata}<extra></extra>",
                )
            )
    _style(figure)
    for limit in (PSI_MODERATE, PSI_MAJOR):
        figure.add_vline(x=limit, line={"color": _INK, "width": 1, "dash": "dot"})
    left_out = [feature.name for feature in report.features if feature.psi is None]
    figure.update_layout(
        title={"text": f"Not compared: {', '.join(left_out)}" if left_out else "All features were compared"},
        height=170 + _BAR_PIXELS * len(known),
    )
    limits = f"limits: {PSI_MODERATE:g} moderate, {PSI_MAJOR:g} major"
    figure.update_xaxes(title=f"PSI; {limits}", rangemode="tozero")
    figure.update_yaxes(
        title="feature", categoryorder="array", categoryarray=[feature.name for feature in known], automargin=True
    )
    return figure


def _drift_told(feature: FeatureDrift) -> str:
    p = "not tested" if feature.adjusted_p is None else f"adjusted p = {feature.adjusted_p:.2g}"
    lines = [
        f"n = {feature.n_reference} then, {feature.n_current} now; by chance about {feature.psi_by_chance:.3f}",
        f"{feature.test.name}: {p}",
    ]
    lines += [
        f"{escape(share.name, quote=False)}: {share.reference:.1%} then, {share.current:.1%} now"
        for share in feature.shares[:_MOST_TOLD]
    ]
    return "<br>".join(lines)


def lift_figure(result: ABResult) -> go.Figure:
    """Relative lift after each date with its always-valid band; where an end is open there is no band."""
    figure = go.Figure()
    ends = [(look.low, look.high) for look in result.looks]
    figure.add_traces(list(_band(result.dates, ends, _BLUE, f"always-valid {1 - result.alpha:.0%} interval")))
    figure.add_trace(
        go.Scatter(
            name="lift",
            x=list(result.dates),
            y=[look.lift for look in result.looks],
            mode="lines+markers",
            line={"color": _BLUE},
            customdata=[[_end(look.low), _end(look.high), f"{look.p_value:.2g}"] for look in result.looks],
            hovertemplate="%{x|%Y-%m-%d}: %{y:+.1%}<br>%{customdata[0]} to %{customdata[1]}"
            "<br>p = %{customdata[2]}<extra></extra>",
        )
    )
    _style(figure)
    figure.add_hline(y=0, line={"color": _INK, "width": 1})
    figure.update_xaxes(title="data up to this date")
    figure.update_yaxes(title=f"relative lift of {result.metric}", tickformat="+.0%", range=_lift_range(result))
    if result.decided is not None:
        _mark(figure, result.decided, "arms differ")
    return figure


def power_figure(curve: PowerCurve) -> go.Figure:
    """Power over the units of both arms, with what the design asks for."""
    figure = go.Figure()
    figure.add_scatter(
        x=curve.totals, y=curve.powers, mode="lines", name="power", line={"color": _BLUE},
        hovertemplate="%{x:,} units: power %{y:.1%}<extra></extra>",
    )  # fmt: skip
    _style(figure)
    figure.add_scatter(
        x=[curve.size.total], y=[curve.size.design.power], mode="markers", name="as planned",
        marker={"color": _RED, "size": 12, "symbol": "diamond"},
        hovertemplate="%{x:,} units: power %{y:.1%}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title="units of both arms", rangemode="tozero")
    figure.update_yaxes(title="power", tickformat=".0%", range=[0, 1.02])
    return figure


def _lift_range(result: ABResult) -> list[float] | None:
    """A range that the later half of the band fills: the first intervals are so wide that they would hide the rest."""
    later = result.looks[len(result.looks) // 2 :]
    values = [value for look in later for value in (look.low, look.lift, look.high) if value is not None]
    if not values:
        return None
    low, high = min([*values, 0.0]), max([*values, 0.0])
    margin = 0.1 * (high - low) or 0.1
    return [low - margin, high + margin]


def _band(moments: Sequence[_Moment], ends: _Ends, colour: str, name: str) -> Iterator[go.Scatter]:
    """One filled outline for each run of moments that have both ends; only the first is in the legend."""
    runs: list[list[tuple[_Moment, float, float]]] = [[]]
    for moment, (low, high) in zip(moments, ends, strict=True):
        if low is None or high is None:
            runs.append([])
        else:
            runs[-1].append((moment, low, high))
    for place, run in enumerate(filter(None, runs)):
        yield go.Scatter(
            name=name,
            x=[part[0] for part in run] + [part[0] for part in reversed(run)],
            y=[part[1] for part in run] + [part[2] for part in reversed(run)],
            fill="toself",
            mode="lines",
            line={"color": colour, "width": 1},
            opacity=0.3,
            hoverinfo="skip",
            showlegend=place == 0,
            legendgroup=f"{name}{colour}",
        )


def _mark(figure: go.Figure, day: date, text: str) -> None:
    """A line at a date; plotly's own `add_vline` cannot label one on an axis of dates."""
    figure.add_shape(
        type="line", x0=day, x1=day, y0=0, y1=1, yref="paper", line={"color": _INK, "width": 2, "dash": "dash"}
    )
    figure.add_annotation(x=day, y=1, yref="paper", yanchor="bottom", showarrow=False, text=text)


def _style(figure: go.Figure) -> None:
    figure.update_layout(
        font={"color": _INK},
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"t": 60},
        legend={"orientation": "h", "y": -0.25},
        hoverlabel={"align": "left"},
    )
    figure.update_xaxes(gridcolor=_TRACK)
    figure.update_yaxes(gridcolor=_TRACK, zeroline=False)


def _percent(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.1%}"


def _end(value: float | None) -> str:
    return "open" if value is None else f"{value:+.1%}"
