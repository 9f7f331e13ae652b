"""The rule and the comment of a rejection while they are being written.

A person presses keys faster than a page is drawn anew. What a browser then sends are the old values of its fields,
which must not win over what the key just did: so a field that a key has changed gets another key, and until the browser
knows it, the value kept here counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from analysis.reviewing.rule_order import named_rule, opening_comment
from app.components.review_queue.desk import Desk


@dataclass(frozen=True, slots=True)
class Draft:
    """A rejection in the making.

    Attributes:
        rule_id: the rule, or None.
        comment: the words.
        rule_field: number of the field of the rule; another number, another field.
        comment_field: number of the field of the comment.
    """

    rule_id: str | None
    comment: str
    rule_field: int = 0
    comment_field: int = 0


def current_draft(desk: Desk) -> Draft:
    """What stands in the fields now; of a new item the verdict that was undone, else the model's words."""
    kept: Draft | None = st.session_state.get(desk.key("draft"))
    if kept is None:
        undone = desk.undone()
        if undone is not None and not undone.accepted:
            kept = Draft(undone.rule_id, undone.comment)
        else:
            named = named_rule(desk.item.feedback, desk.taxonomy)
            rule_id = named.id if named is not None and named.id in desk.item.rule_probabilities else None
            kept = Draft(rule_id, _opening(desk, rule_id))
    rule_id = st.session_state.get(rule_key(desk, kept), kept.rule_id)
    comment = str(st.session_state.get(comment_key(desk, kept), kept.comment) or "")
    current = replace(kept, rule_id=rule_id, comment=comment)
    st.session_state[desk.key("draft")] = current
    return current


def rule_key(desk: Desk, draft: Draft) -> str:
    """Key of the field of the rule."""
    return desk.key(f"rule_{draft.rule_field}")


def comment_key(desk: Desk, draft: Draft) -> str:
    """Key of the field of the comment."""
    return desk.key(f"comment_{draft.comment_field}")


def choose_rule(desk: Desk, rule_id: str) -> None:
    """A key or a click on a suggestion: make `rule_id` the rule."""
    before = current_draft(desk)
    _keep(desk, before, replace(before, rule_id=rule_id, rule_field=before.rule_field + 1))


def follow_rule(desk: Desk, before: Draft) -> None:
    """The rule was chosen in its field; `before` is what stood in the fields when they were drawn."""
    _keep(desk, before, current_draft(desk))


def _keep(desk: Desk, before: Draft, after: Draft) -> None:
    """Begin the comment anew for another rule, unless the reviewer has written in it."""
    if after.comment in ("", _opening(desk, before.rule_id)):
        opening = _opening(desk, after.rule_id)
        after = replace(after, comment=opening, comment_field=after.comment_field + 1)
    st.session_state[desk.key("draft")] = after


def _opening(desk: Desk, rule_id: str | None) -> str:
    rule = None if rule_id is None else desk.taxonomy[rule_id]
    return opening_comment(desk.item.feedback, rule, desk.taxonomy)
