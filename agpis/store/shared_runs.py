"""Runs shared by link: the photos, the title, the settings and the chosen order behind a token nobody can guess."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from agpis.errors import SettingsError, StoreError
from agpis.store.tables import Base, PhotoRow
from agpis.store.values import StoredPhoto, check_text

DAYS_VARIABLE = "AGPIS_SHARE_DAYS"
DEFAULT_DAYS = 30
MOST_DAYS = 3650
TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True)
class SharedRun:
    """What is needed to run a product again as somebody saw it.

    Attributes:
        product_id: the SKU, or "upload".
        title: product title W^t; may be empty.
        category: the shop's category path; may be empty.
        photos: every photo of the product, in order, 1 or more.
        settings: name of a setting of the pipeline -> value.
        order: files of the sequence a person chose; empty for the automatic sequence.
        locked: those of them that keep their places.
    """

    product_id: str
    title: str
    category: str
    photos: tuple[StoredPhoto, ...]
    settings: Mapping[str, float | int | bool]
    order: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_text("product_id", self.product_id, required=True)
        for name in ("title", "category"):
            check_text(name, getattr(self, name))
        for file in (*self.order, *self.locked):
            check_text("file name in an order", file, required=True)
        if not self.photos:
            raise StoreError(f"product {self.product_id}: a shared run needs at least one photo, got none")


class SharedRunRow(Base):
    """One shared run."""

    __tablename__ = "shared_runs"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    product_id: Mapped[str]
    title: Mapped[str]
    category: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    chosen: Mapped[list[Any]]
    locked: Mapped[list[Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    photos: Mapped[list[SharedPhotoRow]] = relationship(order_by="SharedPhotoRow.place", lazy="raise")


class SharedPhotoRow(Base):
    """One photo of a shared run."""

    __tablename__ = "shared_run_photos"

    token: Mapped[str] = mapped_column(String(64), ForeignKey("shared_runs.token"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64), ForeignKey("photos.sha256"))
    photo: Mapped[PhotoRow] = relationship(lazy="raise")


def lifetime() -> timedelta:
    """How long a shared link works: `$AGPIS_SHARE_DAYS` days, 30 when it is not set.

    Raises:
        SettingsError: when the variable is no whole number from 1 to 3650.
    """
    text = os.environ.get(DAYS_VARIABLE, str(DEFAULT_DAYS)).strip()
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_DAYS):
        raise SettingsError(f"{DAYS_VARIABLE} is {text!r}; give a whole number of days, 1 to {MOST_DAYS}")
    return timedelta(days=int(text))


def shared_row(token: str, run: SharedRun, sha256s: tuple[str, ...], now: datetime) -> SharedRunRow:
    """A new row with its photos, to expire after `lifetime`."""
    return SharedRunRow(
        token=token,
        product_id=run.product_id,
        title=run.title,
        category=run.category,
        settings=dict(run.settings),
        chosen=list(run.order),
        locked=list(run.locked),
        created_at=now,
        expires_at=now + lifetime(),
        photos=[
            SharedPhotoRow(place=place, file=photo.file, sha256=sha256)
            for place, (photo, sha256) in enumerate(zip(run.photos, sha256s, strict=True), start=1)
        ],
    )


def shared_run(row: SharedRunRow) -> SharedRun:
    """The run of a row whose photos were loaded."""
    return SharedRun(
        product_id=row.product_id,
        title=row.title,
        category=row.category,
        photos=tuple(StoredPhoto(photo.file, photo.photo.data) for photo in row.photos),
        settings=row.settings,
        order=tuple(row.chosen),
        locked=tuple(row.locked),
    )
