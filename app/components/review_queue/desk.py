"""What a reviewer does: decide, skip, undo. Callbacks of the buttons, so that the next run shows the next item.

Each leaves a message about how it went, which the next run shows once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from agpis.errors import AgpisError
from agpis.rules import RuleTaxonomy
from agpis.store import QueueItem, Region, Store, Verdict
from analysis.reviewing.rule_order import named_rule, opening_comment
from app.components.text import problem
from app.i18n import _

_MESSAGE = "review_message"
_RESTORED = "review_restored"
_HELD = "review_held"
_SKIPPED = "review_skipped"


@dataclass(frozen=True, slots=True)
class Message:
    """What the last action came to.

    Attributes:
        text: Markdown, escaped where it holds foreign text.
        is_problem: whether it did not work.
    """

    text: str
    is_problem: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """One reviewer at one item.

    Attributes:
        store: where decisions go.
        reviewer: who decides.
        item: what is decided; this reviewer holds it.
        taxonomy: the classes.
    """

    store: Store
    reviewer: str
    item: QueueItem
    taxonomy: RuleTaxonomy

    def key(self, name: str) -> str:
        """The key of a widget that belongs to this item, and to no other."""
        return f"review_{name}_{self.item.id}_{self.item.opinion}"


def take_next(store: Store, reviewer: str) -> QueueItem | None:
    """The item that lies before the reviewer; what was skipped comes last. None when nothing waits.

    A session whose reviewer changes gives back what the one before held.

    Raises:
        StoreError: when the store does not answer.
    """
    before: tuple[str, int] | None = st.session_state.pop(_HELD, None)
    if before is not None and before[0] != reviewer:
        store.release(before[1], before[0])
    held = store.claim(reviewer, put_aside=st.session_state.get(_SKIPPED, ()))
    if held is not None:
        st.session_state[_HELD] = (reviewer, held.id)
    return held


def begin(desk: Desk) -> tuple[Region, ...]:
    """Fill the form of an item that is new on the desk: with the verdict that was undone, else with the model's words.

    Returns:
        The regions to begin with.
    """
    undone = st.session_state.get(_RESTORED, {}).get(desk.item.id)
    if desk.key("rule") not in st.session_state:
        chosen = (undone.rule_id or None) if undone else _named_rule(desk)
        st.session_state[desk.key("rule")] = chosen
        st.session_state[desk.key("comment")] = undone.comment if undone else _opening(desk, chosen)
    return undone.regions if undone else ()


def _named_rule(desk: Desk) -> str | None:
    rule = named_rule(desk.item.feedback, desk.taxonomy)
    return rule.id if rule is not None and rule.id in desk.item.rule_probabilities else None


def choose_rule(desk: Desk, rule_id: str) -> None:
    """Make `rule_id` the rule of the form."""
    before = st.session_state.get(desk.key("rule"))
    st.session_state[desk.key("rule")] = rule_id
    follow_rule(desk, before)


def follow_rule(desk: Desk, before: str | None) -> None:
    """After another rule was chosen than `before`, begin the comment anew, unless the reviewer has written in it."""
    comment = str(st.session_state.get(desk.key("comment")) or "")
    if comment in ("", _opening(desk, before)):
        st.session_state[desk.key("comment")] = _opening(desk, st.session_state[desk.key("rule")])


def _opening(desk: Desk, rule_id: str | None) -> str:
    rule = None if rule_id is None else desk.taxonomy[rule_id]
    return opening_comment(desk.item.feedback, rule, desk.taxonomy)


def accept(desk: Desk) -> None:
    """The sequence meets every rule."""
    _attempt(lambda: desk.store.decide(desk.item.id, desk.reviewer, Verdict(accepted=True)), _("Accepted."))


def reject(desk: Desk, regions: tuple[Region, ...]) -> None:
    """The sequence breaks the rule of the form."""
    rule_id = st.session_state.get(desk.key("rule"))
    if rule_id is None:
        _tell(_("Choose the broken rule first: press **1**, **2** or **3**, or search the list."), is_problem=True)
        return
    comment = str(st.session_state.get(desk.key("comment")) or "").strip()
    verdict = Verdict(accepted=False, rule_id=rule_id, comment=comment, regions=regions)
    _attempt(lambda: desk.store.decide(desk.item.id, desk.reviewer, verdict), _("Rejected."))


def skip(desk: Desk) -> None:
    """Leave the item to others and take another one."""
    st.session_state[_SKIPPED] = (*st.session_state.get(_SKIPPED, ()), desk.item.id)
    _attempt(lambda: desk.store.release(desk.item.id, desk.reviewer), _("Skipped. Someone else may take it."))


def undo(store: Store, reviewer: str) -> None:
    """Take the reviewer's last decision back; its item comes back to the desk as it was."""

    def work() -> None:
        taken_back = store.undo(reviewer)
        st.session_state.setdefault(_RESTORED, {})[taken_back.item_id] = taken_back.verdict

    _attempt(work, _("Your last decision is taken back."))


def show_message() -> None:
    """Tell how the last action went, once."""
    message: Message | None = st.session_state.pop(_MESSAGE, None)
    if message is None:
        return
    if message.is_problem:
        st.warning(message.text, icon=":material/warning:")
    else:
        st.toast(message.text, icon=":material/check:")


def _attempt(work: Callable[[], object], done: str) -> None:
    try:
        work()
    except AgpisError as error:
        _tell(problem(error), is_problem=True)
    else:
        _tell(done)


def _tell(text: str, *, is_problem: bool = False) -> None:
    st.session_state[_MESSAGE] = Message(text, is_problem)
