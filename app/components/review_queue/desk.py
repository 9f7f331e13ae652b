"""One reviewer at one item, and how the last action went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from agpis.errors import AgpisError
from agpis.rules import RuleTaxonomy
from agpis.store import QueueItem, Store, Verdict
from app.components.text import problem

_MESSAGE = "review_message"
_UNDONE = "review_undone"
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
        """The key of something that belongs to this item in this turn, and to no other."""
        undone: dict[int, tuple[Verdict, int]] = st.session_state.get(_UNDONE, {})
        turn = undone[self.item.id][1] if self.item.id in undone else 0
        return f"review_{name}_{self.item.id}_{self.item.opinion}_{turn}"

    def undone(self) -> Verdict | None:
        """What this session had decided about the item before it took that back."""
        undone: dict[int, tuple[Verdict, int]] = st.session_state.get(_UNDONE, {})
        return undone[self.item.id][0] if self.item.id in undone else None

    @property
    def is_shown(self) -> bool:
        """Whether this is still the item before the reviewer; a key that is pressed twice comes again for the last."""
        return bool(st.session_state.get(_HELD) == (self.reviewer, self.item.id))


def take_next(store: Store, reviewer: str) -> QueueItem | None:
    """The item that lies before the reviewer; what was skipped comes last. None when nothing waits.

    A session whose reviewer changes gives back what the one before held.

    Raises:
        StoreError: when the store does not answer.
    """
    before: tuple[str, int] | None = st.session_state.get(_HELD)
    if before is not None and before[0] != reviewer:
        store.release(before[1], before[0])
    held = store.claim(reviewer, put_aside=st.session_state.get(_SKIPPED, ()))
    st.session_state[_HELD] = None if held is None else (reviewer, held.id)
    return held


def put_aside(item_id: int) -> None:
    """Let an item come last in this session."""
    st.session_state[_SKIPPED] = (*st.session_state.get(_SKIPPED, ()), item_id)


def bring_back(item_id: int, verdict: Verdict) -> None:
    """Remember the verdict that was taken back, for the item to lie there as it did."""
    undone: dict[int, tuple[Verdict, int]] = st.session_state.setdefault(_UNDONE, {})
    turn = undone[item_id][1] + 1 if item_id in undone else 1
    undone[item_id] = (verdict, turn)


def attempt(work: Callable[[], object], done: str) -> None:
    """Do `work`; the next run of the page tells `done`, or what was wrong."""
    try:
        work()
    except AgpisError as error:
        tell(problem(error), is_problem=True)
    else:
        tell(done)


def tell(text: str, *, is_problem: bool = False) -> None:
    """Let the next run of the page say `text`, once."""
    st.session_state[_MESSAGE] = Message(text, is_problem)


def show_message() -> None:
    """Say how the last action went, once."""
    message: Message | None = st.session_state.pop(_MESSAGE, None)
    if message is None:
        return
    if message.is_problem:
        st.warning(message.text, icon=":material/warning:")
    else:
        st.toast(message.text, icon=":material/check:")
