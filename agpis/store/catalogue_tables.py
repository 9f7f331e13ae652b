"""The tables of runs over whole catalogues. They change while a run computes; deleting a run deletes its products."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from agpis.store.tables import Base


class RunRow(Base):
    """One run over one catalogue."""

    __tablename__ = "catalogue_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    folder: Mapped[str]
    kept: Mapped[str | None]
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    model_version: Mapped[str]
    threshold_version: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    status: Mapped[str]
    reason: Mapped[str]
    asked: Mapped[str | None]
    server: Mapped[str]


class RunProductRow(Base):
    """One product of a run, with its result as soon as there is one."""

    __tablename__ = "catalogue_products"
    __table_args__ = (
        UniqueConstraint("run_id", "position"),
        Index("ix_catalogue_products_run_id_status_outcome", "run_id", "status", "outcome"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("catalogue_runs.id", ondelete="CASCADE"))
    position: Mapped[int]
    product_id: Mapped[str]
    title: Mapped[str]
    category: Mapped[str]
    files: Mapped[list[Any]]
    status: Mapped[str]
    reason: Mapped[str]
    outcome: Mapped[str | None]
    p_qualified: Mapped[float | None]
    sequence: Mapped[list[Any]]
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
    seconds: Mapped[float]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))
