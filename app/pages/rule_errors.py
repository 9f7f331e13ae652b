"""Rule errors: which rules, slices and sequences the model gets wrong, down to the single product."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from agpis.errors import AgpisError
from analysis.rule_errors.figures import escape_figure
from app.components.figures import localized
from app.components.rule_errors.confusion import confusion
from app.components.rule_errors.controls import controls
from app.components.rule_errors.gallery import gallery
from app.components.rule_errors.headline import headline
from app.components.rule_errors.readings import readings
from app.components.rule_errors.results import Question, mistakes_of, rules_of
from app.components.rule_errors.rules_table import rules_table
from app.components.rule_errors.slices import slices
from app.components.tables.choice import table_choice
from app.components.text import problem
from app.i18n import _


def page() -> None:
    """The whole page, top to bottom."""
    st.title(_("Rule errors"), anchor=False)
    st.caption(_("Which rules the model misses, which it takes for others, and the sequences it got most wrong."))
    table = table_choice()
    if table is None:
        return
    question = controls(table)
    if not _guarded(lambda: headline(rules_of(question))):
        return
    views: tuple[tuple[str, Callable[[Question], None]], ...] = (
        (_("Rules and mistakes"), _rules),
        (_("Escapes"), _escapes),
        (_("Confusion"), confusion),
        (_("Slices"), slices),
        (_("Two readings"), readings),
    )
    tabs = st.tabs([label for label, _view in views], key="rule_errors_view", on_change="rerun")
    for tab, (_label, view) in zip(tabs, views, strict=True):
        if tab.open:
            with tab, st.spinner(_("Counting")):
                _guarded(lambda view=view: view(question))  # type: ignore[misc]


@st.fragment
def _rules(question: Question) -> None:
    rule = rules_table(rules_of(question))
    gallery(mistakes_of(question), rule, question)


def _escapes(question: Question) -> None:
    st.caption(_("How much of each rule's sequences would be submitted, with Wilson's 95% interval."))
    st.plotly_chart(
        localized(escape_figure(rules_of(question))),
        key="escapes",
        config={"displayModeBar": False},
        alt=_("Escape rate of every rule with its interval"),
    )


def _guarded(part: Callable[[], None]) -> bool:
    """Show a part, or the reason why it cannot be shown; whether it was."""
    try:
        part()
    except AgpisError as error:
        st.error(_("**This cannot be shown.**") + " " + problem(error), icon=":material/error:")
        return False
    return True


page()
