"""The queue's own statements: who may take which turn. Each runs inside a transaction that writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from agpis.errors import StoreError
from agpis.reasons import Reason
from agpis.store.tables import DecisionRow, ItemRow, TurnRow
from agpis.store.values import ItemStatus, QueueItem, Verdict

OPEN = TurnRow.decided_by.is_(None)


def free_at(now: datetime) -> ColumnElement[bool]:
    """Turns that nobody holds at `now`: never claimed, or claimed too long ago."""
    return OPEN & or_(TurnRow.claimed_until.is_(None), TurnRow.claimed_until <= now)


def held_turn(session: Session, reviewer: str) -> TurnRow | None:
    """The open turn that the reviewer claimed last, even when the claim lapsed and nobody else took it."""
    wanted = select(TurnRow).where(OPEN, TurnRow.claimed_by == reviewer).order_by(TurnRow.claimed_until.desc())
    return session.scalar(wanted.limit(1).with_for_update())


def next_free_turn(session: Session, reviewer: str, now: datetime, put_aside: Collection[int] = ()) -> TurnRow | None:
    """The oldest free turn of an item of which the reviewer gave, and holds, no other opinion; of `put_aside` last."""
    other = aliased(TurnRow)
    own = (other.decided_by == reviewer) | (other.decided_by.is_(None) & (other.claimed_by == reviewer))
    wanted = select(TurnRow).where(free_at(now), ~select(other).where(other.item_id == TurnRow.item_id, own).exists())
    # PostgreSQL: what another process is about to take is left to it. SQLite has one writer at a time anyway.
    last = TurnRow.item_id.in_(list(put_aside))
    return session.scalar(wanted.order_by(last, TurnRow.id).limit(1).with_for_update(skip_locked=True))


def free_turn(turns: Sequence[TurnRow], reviewer: str, now: datetime) -> TurnRow | None:
    """The first of an item's turns that the reviewer may take: open, and held by nobody else at `now`."""
    for turn in turns:
        held = turn.claimed_by != reviewer and turn.claimed_until is not None and turn.claimed_until > now
        if turn.decided_by is None and not held:
            return turn
    return None


def claimed_turn(session: Session, item_id: int, reviewer: str) -> TurnRow:
    """The turn of an item that the reviewer holds.

    Raises:
        StoreError: when there is none; the message says what became of the item.
    """
    wanted = select(TurnRow).where(TurnRow.item_id == item_id).order_by(TurnRow.opinion).with_for_update()
    turns = session.scalars(wanted).all()
    if not turns:
        raise StoreError(Reason.ITEM_UNKNOWN.format(item=item_id))
    for turn in turns:
        if turn.decided_by is None and turn.claimed_by == reviewer:
            return turn
    if any(turn.decided_by == reviewer for turn in turns):
        raise StoreError(Reason.ITEM_DECIDED.format(reviewer=reviewer, item=item_id))
    holder = next((turn.claimed_by for turn in turns if turn.decided_by is None and turn.claimed_by), None)
    if holder:
        raise StoreError(Reason.CLAIM_LAPSED.format(item=item_id, reviewer=reviewer, holder=holder))
    if all(turn.decided_by for turn in turns):
        raise StoreError(Reason.DECIDED_BY_OTHER.format(item=item_id, reviewer=reviewer, other=turns[-1].decided_by))
    raise StoreError(Reason.NOT_CLAIMED.format(item=item_id, reviewer=reviewer))


def check_fits(item: ItemRow | QueueItem, verdict: Verdict) -> None:
    """Refuse a verdict that does not fit the item.

    Raises:
        StoreError: for a rule that the model does not know, or a region on a photo that the sequence does not have.
    """
    if verdict.rule_id and item.rule_probabilities and verdict.rule_id not in item.rule_probabilities:
        known = ", ".join(item.rule_probabilities)
        raise StoreError(f"item {item.id}: no rule {verdict.rule_id!r} among {known}")
    for region in verdict.regions:
        if region.image > len(item.photos):
            raise StoreError(f"item {item.id} has {len(item.photos)} photos; there is no photo {region.image} to mark")


def last_standing(session: Session, reviewer: str, item_id: int | None = None) -> DecisionRow | None:
    """The reviewer's last verdict that was not taken back, of any item or of one."""
    retraction = aliased(DecisionRow)
    wanted = (
        select(DecisionRow)
        .where(DecisionRow.reviewer == reviewer, DecisionRow.retracts.is_(None))
        .where(~select(retraction).where(retraction.retracts == DecisionRow.id).exists())
        .order_by(DecisionRow.id.desc())
        .limit(1)
    )
    if item_id is not None:
        wanted = wanted.join(TurnRow, TurnRow.id == DecisionRow.turn_id).where(TurnRow.item_id == item_id)
    return session.scalar(wanted)


def items_with(status: ItemStatus | None, now: datetime) -> Select[ItemRow]:
    """Items whose first open turn is waiting or claimed, or that have none; oldest first."""
    wanted = select(ItemRow).order_by(ItemRow.id)
    if status is None:
        return wanted
    first = select(func.min(TurnRow.id)).where(OPEN).group_by(TurnRow.item_id)
    if status is ItemStatus.DECIDED:
        return wanted.where(~select(TurnRow.id).where(TurnRow.item_id == ItemRow.id, OPEN).exists())
    state = free_at(now) if status is ItemStatus.WAITING else OPEN & (TurnRow.claimed_until > now)
    return wanted.where(ItemRow.id.in_(select(TurnRow.item_id).where(TurnRow.id.in_(first), state)))
