"""The verdict: accept, or reject with a rule and a comment; skip; undo. Every button has a key of its own."""

from __future__ import annotations

import streamlit as st

from agpis.rules import RuleCategory
from agpis.store import Region, Store
from analysis.reviewing.rule_order import RuleChoice
from app.components.review_queue.desk import Desk, accept, follow_rule, reject, skip, undo
from app.i18n import _

LONGEST_COMMENT = 2000


def verdict_form(desk: Desk, choices: tuple[RuleChoice, ...], regions: tuple[Region, ...]) -> None:
    """What a rejection says: rule and comment, and a button whose key works while one types."""
    labels = {choice.rule.id: rule_label(choice) for choice in choices}
    before = st.session_state.get(desk.key("rule"))
    st.markdown(f"**{_('If you reject')}**")
    st.selectbox(
        _("Broken rule"),
        list(labels),
        format_func=labels.__getitem__,
        key=desk.key("rule"),
        on_change=follow_rule,
        args=(desk, before),
        placeholder=_("Type a word, or choose"),
        help=_("The model's most probable rules come first, then all rules by what one has to look at."),
    )
    st.text_area(
        _("Comment"),
        key=desk.key("comment"),
        max_chars=LONGEST_COMMENT,
        height=110,
        placeholder=_("What is wrong, on which image, and where"),
        help=_("The seller reads it, and the next model learns from it. It begins with the model's own words."),
    )
    st.button(
        _("Reject with this"), icon=":material/close:", shortcut="Ctrl+Enter", key="review_reject_form",
        on_click=reject, args=(desk, regions), help=_("The same as Reject above; its keys work inside the comment, too."),
    )  # fmt: skip


def verdict_buttons(desk: Desk, regions: tuple[Region, ...], *, can_undo: bool) -> None:
    """The four actions, in one row where there is room."""
    with st.container(horizontal=True, gap="small", key="review_actions"):
        st.button(
            _("Accept"), type="primary", icon=":material/check:", shortcut="A", key="review_accept",
            on_click=accept, args=(desk,), help=_("The sequence meets every rule."),
        )  # fmt: skip
        st.button(
            _("Reject"), icon=":material/close:", shortcut="X", key="review_reject",
            on_click=reject, args=(desk, regions),
            help=_("The sequence breaks the rule chosen below; comment and marked regions go with it."),
        )  # fmt: skip
        st.button(
            _("Skip"), icon=":material/skip_next:", shortcut="S", key="review_skip",
            on_click=skip, args=(desk,), help=_("Leave this sequence to somebody else and take another one."),
        )  # fmt: skip
        undo_button(desk.store, desk.reviewer, can_undo=can_undo)


def undo_button(store: Store, reviewer: str, *, can_undo: bool = True) -> None:
    """Takes the last decision back."""
    st.button(
        _("Undo"), icon=":material/undo:", shortcut="U", key="review_undo", type="tertiary", disabled=not can_undo,
        on_click=undo, args=(store, reviewer), help=_("Take your last decision back and see it again."),
    )  # fmt: skip


def rule_label(choice: RuleChoice) -> str:
    """One line of the chooser; what it begins with groups the rules."""
    title = f"{choice.rule.id} {choice.rule.title}"
    return f"{_('Suggested')} · {title}" if choice.is_suggested else f"{_category(choice.rule.category)} · {title}"


def _category(category: RuleCategory) -> str:
    return {
        RuleCategory.SINGLE: _("One image"),
        RuleCategory.PAIR: _("Two images"),
        RuleCategory.MULTI: _("Whole sequence"),
    }.get(category, _("Other"))
