"""Where the seconds of a run went: a result in, a plotly figure out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# plotly asks whether a value is a pandas one, and fails when another thread is just importing pandas.
import pandas as _pandas  # noqa: F401
import plotly.graph_objects as go

COMPUTED, FROM_CACHE = "#0072B2", "#A9C9E2"
_TRACK = "#EEF1F5"
_INK = "#1F2937"
_BAR_PIXELS = 30
_FORMULA = re.compile(r"\$p\^t\$")


@dataclass(frozen=True, slots=True)
class StageTime:
    """What one stage of a run cost.

    Attributes:
        stage: its name in `SequenceResult.timings`.
        label: its name for a person.
        seconds: wall time when it was computed.
        from_cache: whether this run took it from the cache, at no cost.
    """

    stage: str
    label: str
    seconds: float
    from_cache: bool


def timing_figure(
    times: Sequence[StageTime], computed: str = "computed now", from_cache: str = "from the cache"
) -> go.Figure:
    """Horizontal bars, one a stage in the order of the run: dark when it was computed, pale when the cache had it.

    Args:
        times: the stages of one run, names distinct.
        computed: name of the dark bars.
        from_cache: name of the pale bars.

    Raises:
        ValueError: when there is no stage.
    """
    if not times:
        raise ValueError("a run without stages has no times to show")
    figure = go.Figure()
    for name, colour, cached in ((computed, COMPUTED, False), (from_cache, FROM_CACHE, True)):
        group = [time for time in times if time.from_cache is cached]
        if group:
            figure.add_bar(
                name=name, orientation="h", y=[_label(time) for time in group], x=[time.seconds for time in group],
                text=[f"{time.seconds:.2f} s" for time in group], textposition="outside", cliponaxis=False,
                marker={"color": colour}, hovertemplate=f"%{{y}}<br>%{{x:.3f}} s, {name}<extra></extra>",
            )  # fmt: skip
    figure.update_layout(
        height=70 + _BAR_PIXELS * len(times),
        margin={"l": 0, "r": 8, "t": 34, "b": 30},
        bargap=0.3,
        barmode="overlay",
        font={"color": _INK},
        showlegend=True,
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
    )
    longest = max(time.seconds for time in times)
    figure.update_xaxes(title="s", range=[0, longest * 1.25 + 0.01], fixedrange=True, gridcolor=_TRACK, nticks=6)
    figure.update_yaxes(
        categoryorder="array",
        categoryarray=[_label(time) for time in times][::-1],
        automargin=True,
        fixedrange=True,
        showgrid=False,
    )
    return figure


def _label(time: StageTime) -> str:
    return _FORMULA.sub("<i>p</i><sup>t</sup>", time.label)
