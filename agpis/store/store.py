"""The store of reviews: a queue of sequences for human reviewers, and the record of what they decided."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session, aliased, selectinload

from agpis.errors import StoreError
from agpis.reasons import Reason
from agpis.store.agreement import Agreement, measure_agreement
from agpis.store.database import connect, database_url, migrate, told_plainly
from agpis.store.rows import content_key, decision, item_row, queue_item, verdict_columns, verdict_of
from agpis.store.shared_runs import TOKEN_BYTES, SharedPhotoRow, SharedRun, SharedRunRow, shared_row, shared_run
from agpis.store.tables import DecisionRow, ItemPhotoRow, ItemRow, PhotoRow, TurnRow
from agpis.store.turns import (
    OPEN,
    check_fits,
    claimed_turn,
    free_turn,
    held_turn,
    items_with,
    last_standing,
    next_free_turn,
)
from agpis.store.values import (
    Decision,
    ItemStatus,
    OutsideVerdict,
    QueueCounts,
    QueueItem,
    Submission,
    Verdict,
    check_text,
)

LEASE = timedelta(minutes=30)
_TOKEN = re.compile(r"[\w-]{1,64}", re.ASCII)
_WHOLE_ITEM = (
    selectinload(ItemRow.photos).joinedload(ItemPhotoRow.photo).defer(PhotoRow.data),
    selectinload(ItemRow.turns),
)


def open_store(url: str | None = None) -> Store:
    """Open the store and bring its tables to the newest form; safe from many processes at once.

    Args:
        url: a SQLite file, or a URL of SQLite or PostgreSQL; by default `$AGPIS_DATABASE_URL`, else a SQLite file in
            the user's data folder.

    Raises:
        StoreError: when the URL is no database for the store, it cannot be reached, or a newer AGPIS made its tables.
    """
    engine = connect(database_url(url))
    migrate(engine)
    return Store(engine)


class Store:
    """The queue and the record. Every method is one transaction: it happens as a whole or not at all.

    Reviewers are names or e-mail addresses; who may call what is decided elsewhere. `now` is for tests; the default is
    the clock. Every method raises StoreError when the database fails.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def place(self) -> str:
        """URL of the database, for a person: without the password."""
        return self._engine.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Give the connections back; the store can still be used and then opens new ones."""
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with told_plainly(self._engine), Session(self._engine) as session:
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        writer = self._engine.execution_options(writes=True)
        with told_plainly(self._engine), Session(writer) as session, session.begin():
            yield session

    def _wait_for_others(self, session: Session, name: str) -> None:
        """Let only one transaction of this name run at a time; SQLite has one writer at a time anyway."""
        if self._engine.dialect.name == "postgresql":
            session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))

    # -- the queue ------------------------------------------------------------------------------------------------

    def submit(self, submission: Submission, now: datetime | None = None) -> int:
        """Put a sequence into the queue and return the number of its item.

        The same product, title, photos and model that still wait for a verdict are not queued twice: their item is
        returned.
        """
        sha256s = tuple(hashlib.sha256(photo.data).hexdigest() for photo in submission.photos)
        content = content_key(submission, sha256s)
        with self._writing() as session:
            self._wait_for_others(session, content)
            waiting = select(ItemRow.id).join(ItemRow.turns).where(ItemRow.content == content, OPEN)
            if (known := session.scalar(waiting.order_by(ItemRow.id).limit(1))) is not None:
                return known
            photos = dict(zip(sha256s, submission.photos, strict=True))
            for sha256 in sorted(photos):  # always in this order, so that no two wait for each other
                _keep_photo(session, sha256, photos[sha256].data)
            row = item_row(submission, sha256s, now or datetime.now(UTC))
            session.add(row)
            session.flush()
            return row.id

    def claim(self, reviewer: str, now: datetime | None = None, put_aside: Collection[int] = ()) -> QueueItem | None:
        """The item that the reviewer is to look at next, theirs for 30 minutes; None when nothing waits.

        An item that the reviewer holds already is returned again, for another 30 minutes; of several, the one claimed
        last. Nobody gets an item that another holds, nor one of which they gave an opinion before.

        Args:
            reviewer: name or e-mail.
            now: the moment.
            put_aside: numbers of items that come only when nothing else waits.
        """
        check_text("reviewer", reviewer, required=True)
        now = now or datetime.now(UTC)
        with self._writing() as session:
            turn = held_turn(session, reviewer) or next_free_turn(session, reviewer, now, put_aside)
            if turn is None:
                return None
            turn.claimed_by, turn.claimed_until = reviewer, now + LEASE
            session.flush()
            return queue_item(_item(session, turn.item_id), now, turn)

    def release(self, item_id: int, reviewer: str) -> None:
        """Give a claimed item back to the queue; an item that the reviewer does not hold stays as it is."""
        with self._writing() as session:
            held = select(TurnRow).where(TurnRow.item_id == item_id, OPEN, TurnRow.claimed_by == reviewer)
            for turn in session.scalars(held.with_for_update()):
                turn.claimed_by = turn.claimed_until = None

    def item(self, item_id: int, now: datetime | None = None) -> QueueItem:
        """One item.

        Raises:
            StoreError: when there is none of this number.
        """
        with self._reading() as session:
            return queue_item(_item(session, item_id), now or datetime.now(UTC))

    def items(
        self, status: ItemStatus | None = None, limit: int = 100, offset: int = 0, now: datetime | None = None
    ) -> tuple[QueueItem, ...]:
        """Items of one status, or all, oldest first."""
        now = now or datetime.now(UTC)
        status = None if status is None else ItemStatus(status)
        with self._reading() as session:
            wanted = items_with(status, now).options(*_WHOLE_ITEM).limit(limit).offset(offset)
            return tuple(queue_item(row, now) for row in session.scalars(wanted))

    def counts(self, now: datetime | None = None) -> QueueCounts:
        """How many items wait, are claimed, are decided."""
        now = now or datetime.now(UTC)
        with self._reading() as session:
            of_status = (
                select(func.count()).select_from(items_with(s, now).order_by(None).subquery()) for s in ItemStatus
            )
            waiting, claimed, decided = (session.scalar(wanted) or 0 for wanted in of_status)
            return QueueCounts(waiting, claimed, decided)

    def photo(self, sha256: str) -> bytes:
        """The bytes of a photo, as they were given.

        Raises:
            StoreError: when no photo has this hash.
        """
        with self._reading() as session:
            data = session.scalar(select(PhotoRow.data).where(PhotoRow.sha256 == sha256))
            if data is None:
                raise StoreError(f"no photo {sha256} in the store")
            return data

    # -- runs shared by link --------------------------------------------------------------------------------------

    def share(self, run: SharedRun, now: datetime | None = None) -> str:
        """Keep a run and return the token that opens it, which nobody can guess; it works for `lifetime`.

        Raises:
            SettingsError: when the time that links work is set wrongly.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        sha256s = tuple(hashlib.sha256(photo.data).hexdigest() for photo in run.photos)
        row = shared_row(token, run, sha256s, now or datetime.now(UTC))
        photos = dict(zip(sha256s, run.photos, strict=True))
        with self._writing() as session:
            for sha256 in sorted(photos):
                _keep_photo(session, sha256, photos[sha256].data)
            session.add(row)
        return token

    def shared(self, token: str, now: datetime | None = None) -> SharedRun:
        """The run that a token opens.

        Raises:
            StoreError: when the token opens nothing, or its time is over.
        """
        photos = selectinload(SharedRunRow.photos).joinedload(SharedPhotoRow.photo).undefer(PhotoRow.data)
        with self._reading() as session:
            # A link is copied by people; what cannot be a token is not asked for.
            row = session.get(SharedRunRow, token, options=(photos,)) if _TOKEN.fullmatch(token) else None
            if row is None:
                raise StoreError(Reason.LINK_UNKNOWN.format())
            if row.expires_at <= (now or datetime.now(UTC)):
                day = row.expires_at.date().isoformat()
                raise StoreError(Reason.LINK_EXPIRED.format(day=day))
            return shared_run(row)

    # -- the record -----------------------------------------------------------------------------------------------

    def decide(self, item_id: int, reviewer: str, verdict: Verdict, now: datetime | None = None) -> Decision:
        """Add a verdict on a claimed item to the record.

        A claim that lapsed still counts while nobody else has taken the item.

        Raises:
            StoreError: when the reviewer does not hold the item, or the verdict does not fit it.
        """
        with self._writing() as session:
            turn = claimed_turn(session, item_id, reviewer)
            return _append_verdict(session, turn, reviewer, verdict, now or datetime.now(UTC))

    def undo(self, reviewer: str, now: datetime | None = None) -> Decision:
        """Take the reviewer's last verdict back by adding a retraction; the reviewer then holds the item again.

        Raises:
            StoreError: when the reviewer has no verdict to take back.
        """
        now = now or datetime.now(UTC)
        with self._writing() as session:
            last = last_standing(session, reviewer)
            if last is None:
                raise StoreError(Reason.NOTHING_TO_UNDO.format(reviewer=reviewer))
            return _append_retraction(session, last, now)

    def decisions(self, since: datetime | None = None, reviewer: str | None = None) -> tuple[Decision, ...]:
        """The record in the order it was written, retractions included.

        Args:
            since: only lines of this moment or later.
            reviewer: only lines of this reviewer.
        """
        retraction = aliased(DecisionRow)
        wanted = (
            select(DecisionRow, TurnRow, ItemRow, retraction.id)
            .join(TurnRow, TurnRow.id == DecisionRow.turn_id)
            .join(ItemRow, ItemRow.id == TurnRow.item_id)
            .outerjoin(retraction, retraction.retracts == DecisionRow.id)
            .order_by(DecisionRow.id)
        )
        if since is not None:
            wanted = wanted.where(DecisionRow.decided_at >= since)
        if reviewer is not None:
            wanted = wanted.where(DecisionRow.reviewer == reviewer)
        with self._reading() as session:
            rows = session.execute(wanted)
            return tuple(decision(row, turn, item, by is not None) for row, turn, item, by in rows)

    def record(self, verdicts: Sequence[OutsideVerdict]) -> tuple[Decision, ...]:
        """Add verdicts that were given outside the queue to the record: all of them, or none.

        Nobody needs to have claimed the items: a verdict counts as the opinion that is wanted, or as one more when
        another reviewer holds the item or has decided it. What the reviewer has said of the item before is taken back,
        unless it is the same, which adds nothing.

        Returns:
            The lines that were added, without the retractions among them.

        Raises:
            StoreError: when an item does not exist or a verdict does not fit it.
        """
        with self._writing() as session:
            self._wait_for_others(session, "turns")
            added = (_record(session, given) for given in verdicts)
            return tuple(line for line in added if line is not None)

    # -- second opinions ------------------------------------------------------------------------------------------

    def ask_second_opinions(self, share: float, seed: int) -> int:
        """Queue a share of the decided items once more, for other reviewers, and return how many were added.

        Which items these are is decided by a hash of item and seed: asking again adds only items decided since.

        Args:
            share: in [0, 1].
            seed: same seed, same items.

        Raises:
            StoreError: when `share` lies outside [0, 1].
        """
        if not 0 <= share <= 1:
            raise StoreError(f"the share of second opinions must be in [0, 1], got {share}")
        with self._writing() as session:
            self._wait_for_others(session, "turns")
            once = (
                select(TurnRow.item_id)
                .group_by(TurnRow.item_id)
                .having(func.count() == 1, func.count(TurnRow.decided_by) == 1)
            )
            chosen = [item_id for item_id in session.scalars(once) if _draw(item_id, seed) < share]
            session.add_all(TurnRow(item_id=item_id, opinion=2) for item_id in sorted(chosen))
            return len(chosen)

    def agreement(self) -> Agreement:
        """How well reviewers agree on the items of which more than one gave an opinion."""
        return measure_agreement(self.decisions())


def _item(session: Session, item_id: int) -> ItemRow:
    row = session.get(ItemRow, item_id, options=_WHOLE_ITEM)
    if row is None:
        raise StoreError(Reason.ITEM_UNKNOWN.format(item=item_id))
    return row


def _keep_photo(session: Session, sha256: str, data: bytes) -> None:
    # ON CONFLICT is spelled the same in both databases; the ORM would ask first and insert later.
    session.execute(
        text("INSERT INTO photos (sha256, data, num_bytes) VALUES (:sha256, :data, :n) ON CONFLICT DO NOTHING"),
        {"sha256": sha256, "data": data, "n": len(data)},
    )


def _append_verdict(session: Session, turn: TurnRow, reviewer: str, verdict: Verdict, now: datetime) -> Decision:
    item = _item(session, turn.item_id)
    check_fits(item, verdict)
    row = DecisionRow(turn_id=turn.id, reviewer=reviewer, decided_at=now, **verdict_columns(verdict))
    turn.decided_by, turn.claimed_by, turn.claimed_until = reviewer, None, None
    session.add(row)
    session.flush()
    return decision(row, turn, item, retracted=False)


def _record(session: Session, given: OutsideVerdict) -> Decision | None:
    wanted = select(TurnRow).where(TurnRow.item_id == given.item_id).order_by(TurnRow.opinion).with_for_update()
    turns = session.scalars(wanted).all()
    before = last_standing(session, given.reviewer, given.item_id)
    if before is not None:
        turn = next(turn for turn in turns if turn.id == before.turn_id)
        if verdict_of(before) == given.verdict:
            return None
        _append_retraction(session, before, given.decided_at)
    else:
        turn = free_turn(turns, given.reviewer, datetime.now(UTC)) or TurnRow(
            item_id=_item(session, given.item_id).id, opinion=len(turns) + 1
        )
        session.add(turn)
        session.flush()
    return _append_verdict(session, turn, given.reviewer, given.verdict, given.decided_at)


def _append_retraction(session: Session, last: DecisionRow, now: datetime) -> Decision:
    turn = session.get_one(TurnRow, last.turn_id, with_for_update=True)
    said = {name: getattr(last, name) for name in ("reviewer", "accepted", "rule_id", "comment", "regions")}
    row = DecisionRow(turn_id=turn.id, decided_at=now, retracts=last.id, **said)
    turn.decided_by, turn.claimed_by, turn.claimed_until = None, last.reviewer, now + LEASE
    session.add(row)
    session.flush()
    return decision(row, turn, _item(session, turn.item_id), retracted=False)


def _draw(item_id: int, seed: int) -> float:
    digest = hashlib.sha256(f"{seed} {item_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
