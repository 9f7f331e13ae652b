"""The verdict: accept, or reject with a rule and a comment; skip; undo. Every button has a key of its own."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from agpis.rules import RuleCategory
from agpis.store import Store
from analysis.reviewing.rule_order import RuleChoice
from app.components.review_queue.actions import accept, reject, skip, undo
from app.components.review_queue.desk import Desk
from app.components.review_queue.draft import comment_key, current_draft, follow_rule, rule_key
from app.components.review_queue.regions import ShownPhoto
from app.components.rule_words import rule_text
from app.i18n import _

LONGEST_COMMENT = 2000


def verdict_form(desk: Desk, choices: tuple[RuleChoice, ...], photos: Sequence[ShownPhoto]) -> None:
    """What a rejection says: rule and comment, and a button whose key works while one types."""
    draft = current_draft(desk)
    labels = {choice.rule.id: rule_label(choice) for choice in choices}
    options = list(labels)
    st.markdown(_("**If you reject**"))
    st.selectbox(
        _("Broken rule"),
        options,
        index=options.index(draft.rule_id) if draft.rule_id in labels else None,
        format_func=labels.__getitem__,
        key=rule_key(desk, draft),
        on_change=follow_rule,
        args=(desk, draft),
        placeholder=_("Type a word, or choose"),
        help=_("The model's most probable rules come first, then all rules by what one has to look at."),
    )
    st.text_area(
        _("Comment"),
        draft.comment,
        key=comment_key(desk, draft),
        max_chars=LONGEST_COMMENT,
        height=110,
        placeholder=_("What is wrong, on which image, and where"),
        help=_("The seller reads it, and the next model learns from it. It begins with the model's own words."),
    )
    st.button(
        _("Reject with this"), icon=":material/close:", shortcut="Ctrl+Enter", key=desk.key("reject_form"),
        on_click=reject, args=(desk, photos), help=_("As Reject above; these keys work inside the comment, too."),
    )  # fmt: skip


def verdict_buttons(desk: Desk, photos: Sequence[ShownPhoto], *, can_undo: bool) -> None:
    """The four actions, in one row where there is room."""
    with st.container(horizontal=True, gap="small", key="review_actions"):
        st.button(
            _("Accept"), type="primary", icon=":material/check:", shortcut="A", key=desk.key("accept"),
            on_click=accept, args=(desk,), help=_("The sequence meets every rule."),
        )  # fmt: skip
        st.button(
            _("Reject"), icon=":material/close:", shortcut="X", key=desk.key("reject"),
            on_click=reject, args=(desk, photos),
            help=_("The sequence breaks the rule chosen below; comment and marked regions go with it."),
        )  # fmt: skip
        st.button(
            _("Skip"), icon=":material/skip_next:", shortcut="S", key=desk.key("skip"),
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
    group = _("Suggested") if choice.is_suggested else _category(choice.rule.category)
    return f"{group} · {choice.rule.id} {rule_text(choice.rule.title)}"


def _category(category: RuleCategory) -> str:
    return {
        RuleCategory.SINGLE: _("One image"),
        RuleCategory.PAIR: _("Two images"),
        RuleCategory.MULTI: _("Whole sequence"),
    }.get(category, _("Other"))
