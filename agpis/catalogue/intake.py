"""Where a catalogue comes from: uploaded files, which are kept for the run, or a place on this machine."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from platformdirs import user_data_path
from sqlalchemy.engine import URL

from agpis.data.archives import unpack_archive
from agpis.data.catalog import RefusedEntry, read_entries
from agpis.data.catalog_tables import TABLE_SUFFIXES, table_of
from agpis.errors import CatalogError
from agpis.reasons import Reason
from agpis.store.catalogue_values import NewProduct

ROOTS_ENVIRONMENT = "AGPIS_CATALOGUE_ROOTS"
ZIP = ".zip"
_FILES = "files"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file.

    Attributes:
        name: as the sender gave it; not to be trusted.
        data: its bytes, from the beginning.
    """

    name: str
    data: IO[bytes]


@dataclass(frozen=True, slots=True)
class Source:
    """A catalogue that can be read.

    Attributes:
        name: what a person knows it by.
        path: its table, or its folder.
        folder: what the files of its products are relative to.
        kept: folder made for it, to be deleted with the run; None when everything lies elsewhere.
    """

    name: str
    path: Path
    folder: Path
    kept: Path | None

    def discard(self) -> None:
        """Delete what was kept for it."""
        if self.kept is not None:
            shutil.rmtree(self.kept)

    def products(self) -> Iterator[NewProduct]:
        """Every row of the catalogue, good and bad.

        Raises:
            CatalogError: when the catalogue as a whole cannot be read.
        """
        for entry in read_entries(self.path, self.folder):
            if isinstance(entry, RefusedEntry):
                yield NewProduct(
                    _storable(entry.product_id),
                    refusal=_storable(Reason.OF_FILE.format(file=entry.where, clause=entry.reason)),
                )
                continue
            files = tuple(image.file for image in entry.images)
            texts = (entry.product_id, entry.title, entry.category, *files)
            if any(_storable(text) != text for text in texts):
                yield NewProduct(
                    _storable(entry.product_id),
                    _storable(entry.title),
                    refusal=Reason.UNSTORABLE.format(),
                )
            else:
                yield NewProduct(entry.product_id, entry.title, entry.category, files)


def allowed_roots() -> tuple[Path, ...]:
    """The folders that `AGPIS_CATALOGUE_ROOTS` allows catalogues in; empty when every folder is allowed."""
    given = os.environ.get(ROOTS_ENVIRONMENT, "")
    return tuple(Path(part).expanduser().resolve() for part in given.split(os.pathsep) if part.strip())


def allowed_path(text: str) -> Path:
    """A place on this machine, with every link followed.

    Raises:
        CatalogError: when it does not exist, or lies outside the allowed folders.
    """
    if not text.strip() or "\0" in text:
        raise CatalogError(Reason.NO_PATH.format(path=repr(text)))
    path = Path(text.strip()).expanduser().resolve()
    roots = allowed_roots()
    if roots and not any(path.is_relative_to(root) for root in roots):
        shown = ", ".join(str(root) for root in roots)
        raise CatalogError(Reason.PATH_OUTSIDE.format(path=path, folders=shown, variable=ROOTS_ENVIRONMENT))
    if not path.exists():
        raise CatalogError(Reason.PATH_UNKNOWN.format(path=path))
    return path


def server_source(text: str, data_folder: Path) -> Source:
    """The catalogue at a place on this machine; only a ZIP archive is copied, by being unpacked.

    Args:
        text: path of a folder, a table or a ZIP archive.
        data_folder: where unpacked files are kept.

    Raises:
        CatalogError: when it is not allowed, does not exist, or is no catalogue.
    """
    path = allowed_path(text)
    if path.suffix.lower() == ZIP and path.is_file():
        kept = _new_folder(data_folder)
        with _discarded_on_error(kept):
            folder = unpack_archive(path, kept / _FILES)
            return _source(path.name, folder, kept)
    return _source(path.name, path, None)


def uploaded_source(uploads: Sequence[Upload], data_folder: Path, photos: str = "") -> Source:
    """The catalogue in uploaded files: a ZIP archive, or a table with or without its photos.

    Args:
        uploads: the files.
        data_folder: where they are kept.
        photos: folder on this machine that the table's files are relative to; empty when they were uploaded too.

    Raises:
        CatalogError: when the files are no catalogue, or `photos` is not allowed.
    """
    beside = None
    if photos.strip():
        beside = allowed_path(photos)
        if not beside.is_dir():
            raise CatalogError(Reason.PHOTOS_NO_FOLDER.format(folder=beside))
    kept = _new_folder(data_folder)
    with _discarded_on_error(kept):
        if len(uploads) == 1 and _name(uploads[0]).lower().endswith(ZIP):
            folder = unpack_archive(uploads[0].data, kept / _FILES)
            return _source(_name(uploads[0]), folder, kept)
        table = _save(uploads, kept / _FILES)
        return _source(table.name, table, kept, beside)


def catalogue_folder(url: URL) -> Path:
    """Where the files of catalogues are kept: beside a SQLite file, else in the user's data folder.

    Args:
        url: of the database.
    """
    if url.get_backend_name() == "sqlite":
        return Path(str(url.database)).expanduser().resolve().parent / "catalogues"
    return user_data_path("agpis", appauthor=False) / "catalogues"


def _source(name: str, path: Path, kept: Path | None, photos: Path | None = None) -> Source:
    table = table_of(path)
    folder = photos or (path if table is None else table.parent)
    return Source(name, table or path, folder, kept)


def _save(uploads: Sequence[Upload], folder: Path) -> Path:
    """Write the files beside one another and return the table among them."""
    tables = [_name(upload) for upload in uploads if PurePosixPath(_name(upload)).suffix.lower() in TABLE_SUFFIXES]
    if len(tables) != 1:
        suffixes = ", ".join(TABLE_SUFFIXES)
        raise CatalogError(Reason.UPLOAD_TABLES.format(suffixes=suffixes, tables=len(tables), files=len(uploads)))
    folder.mkdir(parents=True)
    for upload in uploads:
        try:
            with (folder / _name(upload)).open("xb") as file:
                shutil.copyfileobj(upload.data, file, _CHUNK)
        except FileExistsError as error:
            raise CatalogError(Reason.UPLOAD_TWICE.format(file=_name(upload))) from error
    return folder / tables[0]


def _name(upload: Upload) -> str:
    """The last part of the sender's name, whichever system it comes from."""
    name = PurePosixPath(upload.name.replace("\\", "/")).name
    if not name or name == ".." or "\0" in name:
        raise CatalogError(Reason.UPLOAD_NAME.format(file=repr(upload.name)))
    return name


def _new_folder(data_folder: Path) -> Path:
    folder = data_folder / uuid.uuid4().hex
    folder.mkdir(parents=True)
    return folder


@contextmanager
def _discarded_on_error(folder: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        shutil.rmtree(folder)
        raise


def _storable(text: str) -> str:
    """The text without the characters that databases cannot keep."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()
