"""Runs over whole catalogues as values: what was asked for, how far it is, and what came out of every product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from agpis.types import Outcome, PipelineSettings


class RunStatus(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    DONE = "done"

    @property
    def is_active(self) -> bool:
        """Whether a server is computing the run, or will when its turn comes."""
        return self in (RunStatus.QUEUED, RunStatus.RUNNING)

    @property
    def may_resume(self) -> bool:
        """Whether the run has stopped before its end and may go on."""
        return not self.is_active and self is not RunStatus.DONE


class ProductStatus(StrEnum):
    """Where one product of a run stands."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run to be begun.

    Attributes:
        name: what a person knows the catalogue by.
        folder: the folder that the files of the products are relative to.
        kept: folder that belongs to the run alone and goes with it; None when the photos are somebody else's.
        settings: in force for every product.
        model_version: which models; a run never mixes two.
        threshold_version: which choice of th^t.
        created_by: name or e-mail; may be empty.
    """

    name: str
    folder: Path
    kept: Path | None
    settings: PipelineSettings
    model_version: str
    threshold_version: str
    created_by: str = ""


@dataclass(frozen=True, slots=True)
class NewProduct:
    """A row of the catalogue.

    Attributes:
        product_id: the SKU; of a refused row as far as it could be read.
        title: W^t; may be empty.
        category: may be empty.
        files: the candidate photos, relative to the run's folder.
        refusal: why the row is no product; empty when it is one.
    """

    product_id: str
    title: str = ""
    category: str = ""
    files: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class RunCounts:
    """Products of a run.

    Attributes:
        waiting: not yet run.
        failed: without a result, with the reason.
        outcomes: outcome -> products, only those that occur.
        submitted: sequences that were sent to the review queue.
    """

    waiting: int
    failed: int
    outcomes: Mapping[Outcome, int]
    submitted: int

    @property
    def done(self) -> int:
        """Products with a result."""
        return sum(self.outcomes.values())

    @property
    def finished(self) -> int:
        """Products with a result or a reason why there is none."""
        return self.done + self.failed

    @property
    def total(self) -> int:
        """All products."""
        return self.finished + self.waiting

    @property
    def share(self) -> float:
        """`finished` of `total`, in [0, 1]; 1 for a run of nothing."""
        return self.finished / self.total if self.total else 1.0

    @property
    def to_submit(self) -> int:
        """Sequences that reach th^t and are not in the review queue yet."""
        return self.outcomes.get(Outcome.SUBMIT, 0) - self.submitted


@dataclass(frozen=True, slots=True)
class Run:
    """A run over one catalogue.

    Attributes:
        id: number of the run.
        status: where it stands.
        reason: why it failed; else empty.
        asked: what a person asked of a run that is computing: paused or cancelled, or None.
        server: token of the server that computes it; empty when it was never begun.
        created_at: UTC.
        counts: its products.
        seconds: mean wall time of its latest products, or None before the first.

    All other fields are those of `NewRun`.
    """

    id: int
    name: str
    folder: Path
    kept: Path | None
    settings: PipelineSettings
    model_version: str
    threshold_version: str
    created_by: str
    created_at: datetime
    status: RunStatus
    reason: str
    asked: RunStatus | None
    server: str
    counts: RunCounts
    seconds: float | None

    @property
    def remaining_seconds(self) -> float | None:
        """Estimate for the products that wait, or None before the first is done."""
        return None if self.seconds is None else self.seconds * self.counts.waiting

    @property
    def products_a_minute(self) -> float | None:
        """Throughput of the latest products, or None before the first is done."""
        return 60 / self.seconds if self.seconds else None


@dataclass(frozen=True, slots=True)
class RunProduct:
    """One product of a run.

    Attributes:
        id: number of the row.
        position: place in the catalogue, from 1.
        status: where it stands.
        reason: why it ended so; empty while it waits.
        outcome: how it ended, or None without a result.
        p_qualified: p^t in [0, 1], or None when nothing was scored.
        sequence: I^t in order; empty when there is none.
        result: JSON form of the `SequenceResult`; empty without a result.
        seconds: wall time, 0 while it waits.
        item_id: number in the review queue, or None.

    All other fields are those of `NewProduct`.
    """

    id: int
    position: int
    product_id: str
    title: str
    category: str
    files: tuple[str, ...]
    status: ProductStatus
    reason: str
    outcome: Outcome | None
    p_qualified: float | None
    sequence: tuple[str, ...]
    result: Mapping[str, Any]
    seconds: float
    item_id: int | None
