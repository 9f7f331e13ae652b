"""The threshold th^t: what keeps rejects under a limit, what it costs, and putting it in force."""

from __future__ import annotations

import streamlit as st

from agpis.errors import AgpisError
from analysis.operating_point import Choice, choose_by_hand
from app.components.tables.choice import table_choice
from app.components.tables.loading import LoadedTable
from app.components.text import problem
from app.components.thresholds.answer import answer_figures, answer_headline
from app.components.thresholds.comparing import comparing
from app.components.thresholds.computed import choice_of, effect_of, sample_of
from app.components.thresholds.curves import curves
from app.components.thresholds.marker import marker_controls, settle
from app.components.thresholds.rule import rule_form, volume_input
from app.components.thresholds.saving import saving
from app.components.thresholds.splits import split_choice
from app.i18n import _


def page() -> None:
    """The whole page, top to bottom."""
    st.title(_("Thresholds"), anchor=False)
    st.caption(_("Which sequences go to review? Say what you want, and read off the threshold that does it."))
    table = table_choice()
    if table is not None:
        workbench(table)


@st.fragment
def workbench(table: LoadedTable) -> None:
    """Everything below the choice of the table; a move of the threshold runs only this again."""
    try:
        _workbench(table)
    except AgpisError as error:
        st.error(f"**{_('That cannot be computed.')}** {problem(error)}", icon=":material/error:")


def _workbench(table: LoadedTable) -> None:
    left, right = st.columns([5, 6], gap="medium")
    with left, st.container(border=True, height="stretch"):
        wish = rule_form()
        with st.container(horizontal=True, vertical_alignment="bottom"):
            volume = volume_input()
            splits = split_choice(table)
    if splits is None:
        return
    result = choice_of(table, splits.choose_on, wish)
    chosen = result.threshold if isinstance(result, Choice) else None
    threshold = settle((table.key, splits.choose_on, wish), chosen)
    effect = None
    if splits.refused is None:
        effect = effect_of(table, splits.judge_on, threshold, wish.costs, volume)
    with right, st.container(border=True, height="stretch"):
        answer_headline(result, threshold, effect)
        if splits.refused is not None:
            st.warning(problem(splits.refused), icon=":material/gpp_maybe:")
    if effect is not None:
        answer_figures(effect)
    st.subheader(_("Move the threshold"), anchor=False)
    marker_controls(threshold, chosen)
    curves(table, splits, threshold, wish.costs, volume)
    of_rule = isinstance(result, Choice) and result.threshold == threshold
    shown = result if of_rule else choose_by_hand(sample_of(table, splits.choose_on), threshold)
    assert isinstance(shown, Choice)
    saving(shown)
    comparing(table, splits, wish)


page()
