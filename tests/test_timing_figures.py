"""The figure of the time that each stage took."""

from __future__ import annotations

import pytest

from analysis.timing_figures import COMPUTED, FROM_CACHE, StageTime, timing_figure

TIMES = (
    StageTime("read", "Reading", 0.1, from_cache=True),
    StageTime("match", "Pairs", 2.0, from_cache=True),
    StageTime("score", "Judging, $p^t$", 0.5, from_cache=False),
)


def test_each_stage_has_one_bar_in_the_order_of_the_run_from_the_top() -> None:
    figure = timing_figure(TIMES, "now", "kept")
    assert [(bar.name, bar.marker.color, tuple(bar.y), tuple(bar.x)) for bar in figure.data] == [
        ("now", COMPUTED, ("Judging, <i>p</i><sup>t</sup>",), (0.5,)),
        ("kept", FROM_CACHE, ("Reading", "Pairs"), (0.1, 2.0)),
    ]
    assert figure.layout.yaxis.categoryarray == ("Judging, <i>p</i><sup>t</sup>", "Pairs", "Reading")
    assert figure.layout.xaxis.range[1] > 2.0


def test_a_group_without_bars_has_no_place_in_the_legend() -> None:
    assert [bar.name for bar in timing_figure(TIMES[:2]).data] == ["from the cache"]


def test_no_stage_is_no_figure() -> None:
    with pytest.raises(ValueError, match="without stages"):
        timing_figure(())
