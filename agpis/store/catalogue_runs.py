"""Runs over whole catalogues in the store: every product's result is kept the moment it is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Self

from sqlalchemy import ColumnElement, Engine, Select, delete, func, insert, select, update
from sqlalchemy.orm import Session

from agpis.errors import StoreError
from agpis.reasons import Reason
from agpis.store.catalogue_tables import RunProductRow, RunRow
from agpis.store.catalogue_values import NewProduct, NewRun, ProductStatus, Run, RunCounts, RunProduct, RunStatus
from agpis.store.database import connect, database_url, migrate, told_plainly
from agpis.types import Outcome, PipelineSettings, SequenceResult, to_json

_BATCH = 1000
# The estimate of the remaining time looks at so many products, since a catalogue's end may differ from its beginning.
_LATEST = 25
ALL, FAILED = "all", "failed"


class CatalogueRuns:
    """The catalogue runs of one database; every method is one transaction.

    Attributes:
        engine: connection to the database, with its tables in place.
    """

    def __init__(self, engine: Engine) -> None:
        """Use a database with its tables in place."""
        self.engine = engine
        self._writes = engine.execution_options(writes=True)

    @classmethod
    def open(cls, url: str | None = None) -> Self:
        """Use the database of `agpis.store.open_store`, and bring its tables to the newest form.

        Raises:
            StoreError: as in `open_store`.
        """
        engine = connect(database_url(url))
        migrate(engine)
        return cls(engine)

    def create(self, new: NewRun, products: Iterable[NewProduct]) -> int:
        """Keep a run, paused until it is queued; refused rows count as failed from the start.

        Args:
            new: the run.
            products: of the catalogue, in order.

        Returns:
            The number of the run.

        Raises:
            StoreError: when there is no product, or the database fails.
        """
        with told_plainly(self.engine), Session(self._writes) as session, session.begin():
            row = RunRow(
                name=new.name,
                folder=str(new.folder),
                kept=None if new.kept is None else str(new.kept),
                settings=asdict(new.settings),
                model_version=new.model_version,
                threshold_version=new.threshold_version,
                created_by=new.created_by,
                created_at=datetime.now(UTC),
                status=RunStatus.PAUSED.value,
                reason="",
                asked=None,
                server="",
            )
            session.add(row)
            session.flush()
            number, waiting = 0, iter(products)
            while batch := list(islice(waiting, _BATCH)):
                session.execute(
                    insert(RunProductRow), [_new_product(row.id, number + place, p) for place, p in enumerate(batch, 1)]
                )
                number += len(batch)
            if not number:
                raise StoreError(f"{new.name} holds no product; a run needs at least one")
            return row.id

    def run(self, run_id: int) -> Run:
        """One run.

        Raises:
            StoreError: when there is none of this number, or the database fails.
        """
        with told_plainly(self.engine), Session(self.engine) as session:
            return _run(session, _row(session, run_id, lock=False))

    def runs(self) -> tuple[Run, ...]:
        """Every run, newest first.

        Raises:
            StoreError: when the database fails.
        """
        with told_plainly(self.engine), Session(self.engine) as session:
            rows = session.scalars(select(RunRow).order_by(RunRow.id.desc())).all()
            return tuple(_run(session, row) for row in rows)

    def ask(self, run_id: int, wanted: RunStatus) -> None:
        """Pause or cancel: at once while the run waits in line, after the product in work while it computes.

        Raises:
            StoreError: when there is no such run, or the database fails.
        """
        with told_plainly(self.engine), Session(self._writes) as session, session.begin():
            row = _row(session, run_id)
            status = RunStatus(row.status)
            if status is RunStatus.RUNNING:
                row.asked = wanted.value
            elif status is not RunStatus.DONE:
                row.status = wanted.value

    def queue(self, run_id: int, server: str) -> bool:
        """Put a stopped run into the line of a server; False when it is not one that may go on.

        Raises:
            StoreError: when there is no such run, or the database fails.
        """
        with told_plainly(self.engine), Session(self._writes) as session, session.begin():
            row = _row(session, run_id)
            if not RunStatus(row.status).may_resume:
                return False
            row.status, row.reason, row.asked, row.server = RunStatus.QUEUED.value, "", None, server
            return True

    def begin(self, run_id: int) -> RunStatus:
        """Its turn has come: a queued run computes now, one that was asked to stop stops, others stay as they are.

        Raises:
            StoreError: when there is no such run, or the database fails.
        """
        with told_plainly(self.engine), Session(self._writes) as session, session.begin():
            row = _row(session, run_id)
            if row.asked is not None:
                row.status, row.asked = row.asked, None
            elif row.status == RunStatus.QUEUED:
                row.status = RunStatus.RUNNING.value
            return RunStatus(row.status)

    def stop(self, run_id: int, status: RunStatus, reason: str = "") -> None:
        """The run ends here, or stops until somebody resumes it.

        Raises:
            StoreError: when there is no such run, or the database fails.
        """
        with told_plainly(self.engine), Session(self._writes) as session, session.begin():
            row = _row(session, run_id)
            row.status, row.reason, row.asked = status.value, reason, None

    def mark_interrupted(self, is_alive: Callable[[int, str], bool]) -> None:
        """Runs whose server is gone become interrupted.

        Args:
            is_alive: told a run and the token of its server.

        Raises:
            StoreError: when the database fails.
        """
        active = [status.value for status in RunStatus if status.is_active]
        query = select(RunRow.id, RunRow.server).where(RunRow.status.in_(active))
        with told_plainly(self.engine), Session(self.engine) as session:
            lost = [run_id for run_id, server in session.execute(query) if not is_alive(run_id, server)]
        if not lost:
            return
        with told_plainly(self.engine), Session(self._writes) as session, session.begin():
            session.execute(
                update(RunRow)
                .where(RunRow.id.in_(lost), RunRow.status.in_(active))
                .values(status=RunStatus.INTERRUPTED.value, asked=None)
            )

    def next_product(self, run_id: int) -> RunProduct | None:
        """The first product that waits, or None when none does.

        Raises:
            StoreError: when the database fails.
        """
        query = _products(run_id).where(RunProductRow.status == ProductStatus.WAITING.value).limit(1)
        with told_plainly(self.engine), Session(self.engine) as session:
            row = session.scalars(query).first()
            return None if row is None else _product(row)

    def record(self, product: RunProduct, result: SequenceResult, seconds: float) -> None:
        """Keep the result of a product.

        Raises:
            StoreError: when the database fails.
        """
        self._write(
            product.id,
            status=ProductStatus.DONE.value,
            reason=result.reason,
            outcome=result.outcome.value,
            p_qualified=result.p_qualified,
            sequence=list(result.sequence),
            result=to_json(result),
            seconds=seconds,
        )

    def record_failure(self, product: RunProduct, reason: str, seconds: float) -> None:
        """Keep why a product has no result.

        Raises:
            StoreError: when the database fails.
        """
        self._write(product.id, status=ProductStatus.FAILED.value, reason=reason, seconds=seconds)

    def record_submission(self, product: RunProduct, item_id: int) -> None:
        """Keep that a product's sequence is in the review queue.

        Raises:
            StoreError: when the database fails.
        """
        self._write(product.id, item_id=item_id)

    def products(
        self, run_id: int, group: str = ALL, words: str = "", limit: int | None = None, offset: int = 0
    ) -> tuple[RunProduct, ...]:
        """Products of a run that are no longer waiting, in the catalogue's order.

        Args:
            run_id: the run.
            group: `ALL`, `FAILED`, or an outcome.
            words: text that id or title must hold, in any case; empty for all.
            limit: at most so many.
            offset: leave out so many at the beginning.

        Raises:
            StoreError: when the database fails.
        """
        query = _products(run_id).where(*_chosen(group, words)).limit(limit).offset(offset)
        with told_plainly(self.engine), Session(self.engine) as session:
            return tuple(_product(row) for row in session.scalars(query))

    def count(self, run_id: int, group: str = ALL, words: str = "") -> int:
        """How many `products` there are.

        Raises:
            StoreError: when the database fails.
        """
        query = select(func.count()).where(RunProductRow.run_id == run_id, *_chosen(group, words))
        with told_plainly(self.engine), Session(self.engine) as session:
            return session.scalar(query) or 0

    def every_product(self, run_id: int) -> Iterator[RunProduct]:
        """All products of a run with a result or a reason, without holding them all.

        Raises:
            StoreError: when the database fails.
        """
        offset = 0
        while batch := self.products(run_id, limit=_BATCH, offset=offset):
            yield from batch
            offset += len(batch)

    def delete(self, run_id: int) -> None:
        """Take a run out, with its products and results; what it sent to the review queue stays there.

        Raises:
            StoreError: when it is computing or waits in line, there is none of this number, or the database fails.
        """
        with told_plainly(self.engine), Session(self._writes) as session, session.begin():
            row = _row(session, run_id)
            if RunStatus(row.status).is_active:
                raise StoreError(f"run {run_id} is {row.status}; cancel it before it is deleted")
            session.execute(delete(RunRow).where(RunRow.id == run_id))

    def _write(self, product_id: int, **values: object) -> None:
        with told_plainly(self.engine), Session(self._writes) as session, session.begin():
            session.execute(update(RunProductRow).where(RunProductRow.id == product_id).values(**values))


def _new_product(run_id: int, position: int, new: NewProduct) -> dict[str, object]:
    return {
        "run_id": run_id,
        "position": position,
        "product_id": new.product_id,
        "title": new.title,
        "category": new.category,
        "files": list(new.files),
        "status": (ProductStatus.FAILED if new.refusal else ProductStatus.WAITING).value,
        "reason": new.refusal,
        "outcome": None,
        "p_qualified": None,
        "sequence": [],
        "result": {},
        "seconds": 0.0,
        "item_id": None,
    }


def _row(session: Session, run_id: int, *, lock: bool = True) -> RunRow:
    row = session.get(RunRow, run_id, with_for_update=lock)
    if row is None:
        raise StoreError(Reason.RUN_UNKNOWN.format(run=run_id))
    return row


def _products(run_id: int) -> Select[RunProductRow]:
    return select(RunProductRow).where(RunProductRow.run_id == run_id).order_by(RunProductRow.position)


def _chosen(group: str, words: str) -> Sequence[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = [RunProductRow.status != ProductStatus.WAITING.value]
    if group == FAILED:
        chosen.append(RunProductRow.status == ProductStatus.FAILED.value)
    elif group != ALL:
        chosen.append(RunProductRow.outcome == group)
    if words.strip():
        text = RunProductRow.product_id + " " + RunProductRow.title
        chosen.append(text.icontains(words.strip(), autoescape=True))
    return chosen


def _run(session: Session, row: RunRow) -> Run:
    latest = (
        select(RunProductRow.seconds)
        .where(RunProductRow.run_id == row.id, RunProductRow.status == ProductStatus.DONE.value)
        .order_by(RunProductRow.position.desc())
        .limit(_LATEST)
        .subquery()
    )
    return Run(
        id=row.id,
        name=row.name,
        folder=Path(row.folder),
        kept=None if row.kept is None else Path(row.kept),
        settings=PipelineSettings(**row.settings),
        model_version=row.model_version,
        threshold_version=row.threshold_version,
        created_by=row.created_by,
        created_at=row.created_at,
        status=RunStatus(row.status),
        reason=row.reason,
        asked=None if row.asked is None else RunStatus(row.asked),
        server=row.server,
        counts=_counts(session, row.id),
        seconds=session.scalar(select(func.avg(latest.c.seconds))),
    )


def _counts(session: Session, run_id: int) -> RunCounts:
    query = (
        select(RunProductRow.status, RunProductRow.outcome, func.count(), func.count(RunProductRow.item_id))
        .where(RunProductRow.run_id == run_id)
        .group_by(RunProductRow.status, RunProductRow.outcome)
    )
    by_status: dict[str, int] = {}
    outcomes: dict[Outcome, int] = {}
    submitted = 0
    for status, outcome, number, queued in session.execute(query):
        by_status[status] = by_status.get(status, 0) + number
        submitted += queued
        if outcome is not None:
            outcomes[Outcome(outcome)] = number
    return RunCounts(
        waiting=by_status.get(ProductStatus.WAITING, 0),
        failed=by_status.get(ProductStatus.FAILED, 0),
        outcomes=_in_order(outcomes),
        submitted=submitted,
    )


def _in_order(outcomes: Mapping[Outcome, int]) -> dict[Outcome, int]:
    return {outcome: outcomes[outcome] for outcome in Outcome if outcome in outcomes}


def _product(row: RunProductRow) -> RunProduct:
    result: Mapping[str, Any] = row.result
    return RunProduct(
        id=row.id,
        position=row.position,
        product_id=row.product_id,
        title=row.title,
        category=row.category,
        files=tuple(row.files),
        status=ProductStatus(row.status),
        reason=row.reason,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        p_qualified=row.p_qualified,
        sequence=tuple(row.sequence),
        result=result,
        seconds=row.seconds,
        item_id=row.item_id,
    )
