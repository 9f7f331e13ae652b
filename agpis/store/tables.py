"""The tables. Only `turns` ever changes; the database itself refuses to change or delete rows of the others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

_SHA256 = String(64)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no time zone, so it is put back when the value is read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a time zone, which could mean any."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone; give a moment in UTC")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The same moment, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables of the store, with names for their constraints that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: UtcDateTime, str: Text, dict[str, float]: JSON, list[Any]: JSON}


class PhotoRow(Base):
    """The bytes of one photo, once, however many sequences show it."""

    __tablename__ = "photos"

    sha256: Mapped[str] = mapped_column(_SHA256, primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    num_bytes: Mapped[int]


class ItemPhotoRow(Base):
    """One place of a sequence."""

    __tablename__ = "item_photos"

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str]
    sha256: Mapped[str] = mapped_column(_SHA256, ForeignKey("photos.sha256"), index=True)
    photo: Mapped[PhotoRow] = relationship(lazy="raise")


class ItemRow(Base):
    """A submission: what a reviewer is asked about, and what the model had said of it."""

    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str] = mapped_column(_SHA256, index=True)
    product_id: Mapped[str]
    title: Mapped[str]
    category: Mapped[str]
    p_qualified: Mapped[float]
    p_nlg_qualified: Mapped[float | None]
    rule_probabilities: Mapped[dict[str, float]]
    feedback: Mapped[str]
    model_version: Mapped[str]
    submission_threshold: Mapped[float]
    threshold_version: Mapped[str]
    source: Mapped[str]
    submitted_by: Mapped[str]
    submitted_at: Mapped[datetime]
    photos: Mapped[list[ItemPhotoRow]] = relationship(order_by=ItemPhotoRow.place, lazy="raise")
    turns: Mapped[list[TurnRow]] = relationship(order_by="TurnRow.opinion", lazy="raise", back_populates="item")


class TurnRow(Base):
    """One opinion that is wanted of an item: who holds it until when, and who gave it."""

    __tablename__ = "turns"
    __table_args__ = (
        UniqueConstraint("item_id", "opinion"),
        Index(
            "ix_turns_open", "id", sqlite_where=text("decided_by IS NULL"), postgresql_where=text("decided_by IS NULL")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    opinion: Mapped[int]
    claimed_by: Mapped[str | None]
    claimed_until: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    item: Mapped[ItemRow] = relationship(lazy="raise", back_populates="turns")


class DecisionRow(Base):
    """One verdict, or the retraction of one."""

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("retracts"),
        CheckConstraint("accepted = (rule_id = '')", name="rule_of_a_rejection"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    turn_id: Mapped[int] = mapped_column(ForeignKey("turns.id"), index=True)
    reviewer: Mapped[str] = mapped_column(index=True)
    decided_at: Mapped[datetime] = mapped_column(index=True)
    accepted: Mapped[bool]
    rule_id: Mapped[str]
    comment: Mapped[str]
    regions: Mapped[list[Any]]
    retracts: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    turn: Mapped[TurnRow] = relationship(lazy="raise")
