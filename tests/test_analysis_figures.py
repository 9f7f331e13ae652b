"""Figures say what the result says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agpis.rules import RuleCategory, load_taxonomy
from agpis.types import Outcome, SequenceResult
from analysis.figures import CATEGORY_COLOURS, rule_probability_figure, submission_figure

TAXONOMY = load_taxonomy()


def result(p_qualified: float | None = 0.4, threshold: float = 0.3, **probabilities: float) -> SequenceResult:
    """A result with the given class probabilities; what is left is spread over the other classes."""
    table = {}
    if p_qualified is not None:
        named = {"qualified": p_qualified, **probabilities}
        rest = (1 - sum(named.values())) / (len(TAXONOMY) - len(named))
        table = {rule_id: named.get(rule_id, rest) for rule_id in TAXONOMY.ids}
    submit = p_qualified is not None and p_qualified >= threshold
    outcome = Outcome.SUBMIT if submit else Outcome.BELOW_THRESHOLD
    return SequenceResult("p1", outcome, "because", ("a.jpg",), p_qualified, threshold, table, None, None, (), ())


def bars(figure: object) -> dict[str, float]:
    """Class id -> length of its bar, in drawing order from the top; headings left out."""
    return {
        row[0]: length
        for trace in figure.data  # type: ignore[attr-defined]  # plotly has no types
        for row, length in zip(trace.customdata, trace.x, strict=True)
        if row[0]
    }


def test_all_classes_are_shown_by_default_with_their_probability() -> None:
    scored = result(S03=0.2, P01=0.1)
    assert bars(rule_probability_figure(scored, TAXONOMY)) == pytest.approx(scored.rule_probabilities)


def test_top_shows_the_likeliest_grouped_by_category_and_falling_within() -> None:
    shown = bars(rule_probability_figure(result(S01=0.05, S03=0.2, P01=0.1, M02=0.15), TAXONOMY, top=5))
    assert list(shown) == ["qualified", "S03", "S01", "P01", "M02"]
    assert list(shown.values()) == pytest.approx([0.4, 0.2, 0.05, 0.1, 0.15])


def test_bars_of_a_category_share_its_colour() -> None:
    for trace in rule_probability_figure(result(), TAXONOMY).data:
        categories = {TAXONOMY[row[0]].category for row in trace.customdata if row[0]}
        assert len(categories) == 1
        assert trace.marker.color == CATEGORY_COLOURS[categories.pop()]
    assert len(set(CATEGORY_COLOURS.values())) == len(RuleCategory)


def test_labels_are_unique_so_that_no_bar_hides_another() -> None:
    axis = rule_probability_figure(result(), TAXONOMY).layout.yaxis.categoryarray
    assert len(set(axis)) == len(axis) == len(TAXONOMY) + len(RuleCategory)


def test_a_result_that_was_not_scored_is_refused() -> None:
    unscored = result(None)
    with pytest.raises(ValueError, match="p1 was not scored: because"):
        rule_probability_figure(unscored, TAXONOMY)
    with pytest.raises(ValueError, match="p1 was not scored: because"):
        submission_figure(unscored)


def test_submission_bar_has_the_length_of_p_and_the_mark_at_the_threshold() -> None:
    figure = submission_figure(result(0.42, 0.3))
    assert figure.data[1].x == (0.42,)
    assert figure.layout.shapes[0].x0 == 0.3


def test_submission_bar_changes_colour_with_the_outcome() -> None:
    colours = {submission_figure(result(p, 0.3)).data[1].marker.color for p in (0.29, 0.3)}
    assert len(colours) == 2


@pytest.mark.parametrize("module", ["analysis.figures", "analysis.timing_figures"])
def test_no_other_thread_can_be_half_way_through_importing_pandas_when_a_figure_is_drawn(module: str) -> None:
    code = f"import sys, {module}; sys.exit('pandas' not in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
