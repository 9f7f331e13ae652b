"""Products of a catalogue: who they are and which files picture them; pixels are read by `agpis.images`.

A catalogue is a folder with a table, `products.jsonl`, `.csv`, `.tsv` or `.parquet`, one product a row:
`{"product_id": ..., "title": ..., "category": ..., "images": [{"file": ..., "view": ..., "color": ...}]}`,
where `file` is relative to the folder. An image may also be the bare path; in a CSV table the paths stand in one cell,
apart by `|`. Further keys are allowed and ignored. A folder without a table is a catalogue too when its sub-folders
hold photos: each is one product, its name the product's id, its title in `title.txt`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from agpis.data.catalog_tables import TABLE_NAMES, files_in_cell, table_of, table_rows
from agpis.errors import CatalogError
from agpis.reasons import Reason

PRODUCTS_FILE = "products.jsonl"
TITLE_FILE = "title.txt"
# A longer file is no title; the rest of it is not even read.
TITLE_CHARACTERS = 2000
IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})


@dataclass(frozen=True, slots=True)
class CatalogImage:
    """One picture of a catalogue product.

    Attributes:
        file: path relative to the catalogue folder, with forward slashes.
        view: the catalogue's word for the side shown, e.g. "front"; empty when it gives none.
        color: the catalogue's name for the colour, not a measurement; empty when it gives none.
        on_model: whether the catalogue says that a person wears the product.
    """

    file: str
    view: str = ""
    color: str = ""
    on_model: bool = False


@dataclass(frozen=True, slots=True)
class CatalogProduct:
    """One product of a catalogue.

    Attributes:
        product_id: the shop's identifier (SKU), unique in the catalogue.
        title: product title; may be empty.
        category: the shop's category path; may be empty.
        images: its pictures in the catalogue's order.
        folder: the catalogue folder, which `CatalogImage.file` is relative to.
    """

    product_id: str
    title: str
    category: str
    images: tuple[CatalogImage, ...]
    folder: Path

    def path_of(self, image: CatalogImage) -> Path:
        """Where the file of `image` lies."""
        return self.folder / image.file


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """A row or sub-folder of a catalogue that is no product.

    Attributes:
        where: the line of the table, or the sub-folder.
        reason: why, for a person.
        product_id: as far as it could be read; else empty.
    """

    where: str
    reason: str
    product_id: str = ""


def read_catalog(path: Path | str) -> Iterator[CatalogProduct]:
    """Read the products of a catalogue one by one, without holding them all; the first bad one ends it.

    Args:
        path: a folder with a table or with sub-folders of photos, or a table; its files are relative to its folder.

    Raises:
        CatalogError: when the file is missing, or a row is not a product, repeats an id, or names a file outside
            the folder; the message names file and line. Image files themselves are not opened.
    """
    path = Path(path)
    for entry in read_entries(path):
        if isinstance(entry, RefusedEntry):
            raise CatalogError(f"{table_of(path) or path}, {entry.where}: {entry.reason}")
        yield entry


def read_entries(path: Path | str, photos: Path | None = None) -> Iterator[CatalogProduct | RefusedEntry]:
    """Read a catalogue to its end: every good product, and every bad row with the reason.

    Args:
        path: as in `read_catalog`.
        photos: the folder that the table's files are relative to; its own by default.

    Raises:
        CatalogError: when the catalogue as a whole cannot be read.
    """
    path = Path(path)
    table = table_of(path)
    if table is None:
        yield from _folder_entries(path)
        return
    folder, first_seen = table.parent if photos is None else photos, dict[str, int]()
    for row in table_rows(table):
        try:
            product = _parse_product(_record(row.values, row.problem), folder)
            if product.product_id in first_seen:
                line = first_seen[product.product_id]
                raise CatalogError(Reason.ID_TWICE.format(product=repr(product.product_id), line=line))
        except CatalogError as error:
            yield RefusedEntry(f"line {row.line}", str(error), str(row.values.get("product_id") or ""))
        else:
            first_seen[product.product_id] = row.line
            yield product


def find_product(path: Path | str, product_id: str) -> CatalogProduct:
    """The product of this id; see `read_catalog` for `path`.

    Raises:
        CatalogError: when no product has this id (the message offers similar ids), or as in `read_catalog`.
    """
    ids = []
    for product in read_catalog(path):
        if product.product_id == product_id:
            return product
        ids.append(product.product_id)
    similar = difflib.get_close_matches(product_id, ids, n=3) or ids[:3]
    raise CatalogError(
        f"no product {product_id!r} among the {len(ids)} of {path}; it holds for example {', '.join(similar) or 'none'}"
    )


def folder_product(folder: Path | str, title: str) -> CatalogProduct:
    """Take the image files of a plain folder as the pictures of one product, in natural order (2 before 10).

    Hidden files, sub-folders and files without an image suffix are left out.

    Raises:
        CatalogError: when the folder does not exist or holds no image file.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise CatalogError(f"{folder} is not a folder; give one that holds the product's photos")
    names = _image_names(folder)
    if not names:
        suffixes = ", ".join(sorted(IMAGE_SUFFIXES))
        raise CatalogError(Reason.NO_IMAGE_FILE.format(folder=folder, suffixes=suffixes))
    images = tuple(CatalogImage(file=name) for name in names)
    return CatalogProduct(
        product_id=folder.resolve().name or "product", title=title, category="", images=images, folder=folder
    )


def _folder_entries(folder: Path) -> Iterator[CatalogProduct | RefusedEntry]:
    """One product for every sub-folder with photos; sub-folders without are none."""
    found = False
    for name in sorted((entry.name for entry in folder.iterdir() if entry.is_dir()), key=_natural_key):
        names = [] if name.startswith((".", "__")) else _image_names(folder / name)
        if not names:
            continue
        found = True
        try:
            images = tuple(_parse_image(f"{name}/{image}", folder) for image in names)
            yield CatalogProduct(name, _title_in(folder / name), "", images, folder)
        except CatalogError as error:
            yield RefusedEntry(f"sub-folder {name}", str(error), name)
    if not found:
        raise CatalogError(Reason.NO_CATALOGUE.format(folder=folder, tables=", ".join(TABLE_NAMES)))


def _image_names(folder: Path) -> list[str]:
    names = [
        entry.name
        for entry in folder.iterdir()
        if entry.is_file() and entry.suffix.lower() in IMAGE_SUFFIXES and not entry.name.startswith(".")
    ]
    return sorted(names, key=_natural_key)


def _title_in(folder: Path) -> str:
    file = folder / TITLE_FILE
    if not file.is_file():
        return ""
    _require_inside(f"{folder.name}/{TITLE_FILE}", folder.parent)
    try:
        with file.open(encoding="utf-8-sig") as text:
            return " ".join(text.read(TITLE_CHARACTERS).split())
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"{TITLE_FILE} cannot be read as UTF-8 text: {error}") from error


def _natural_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    # Numbers compare as numbers and before letters; the name itself breaks ties such as "a1" and "a01".
    parts = re.findall(r"[0-9]+|[^0-9]+", name.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts], name


def _record(values: Mapping[str, Any], problem: str) -> Mapping[str, Any]:
    if problem:
        raise CatalogError(problem)
    return values


def _parse_product(record: Mapping[str, Any], folder: Path) -> CatalogProduct:
    product_id = _text(record, "product_id")
    if not product_id:
        raise CatalogError(Reason.ID_LACKING.format())
    entries = record.get("images")
    if isinstance(entries, str):
        entries = files_in_cell(entries)
    if not isinstance(entries, list):
        raise CatalogError(f"images must be a list of files, got {type(entries).__name__}")
    images = tuple(_parse_image(entry, folder) for entry in entries)
    files = [image.file for image in images]
    repeated = sorted({file for file in files if files.count(file) > 1})
    if repeated:
        raise CatalogError(Reason.FILES_TWICE.format(product=repr(product_id), files=", ".join(repeated)))
    return CatalogProduct(product_id, _text(record, "title"), _text(record, "category"), images, folder)


def _parse_image(entry: Any, folder: Path) -> CatalogImage:
    record = {"file": entry} if isinstance(entry, str) else entry
    if not isinstance(record, dict):
        raise CatalogError(f"an image must be a path or a JSON object with a file, got {type(entry).__name__}")
    file = _text(record, "file")
    if not file:
        raise CatalogError(Reason.ENTRY_LACKS_FILE.format())
    _require_inside(file, folder)
    return CatalogImage(file, _text(record, "view"), _text(record, "color"), record.get("on_model") is True)


def _require_inside(file: str, folder: Path) -> None:
    # Resolving catches links as well; the first test keeps absolute paths out even when they point inside.
    inside = not PurePosixPath(file).is_absolute() and "\0" not in file
    if not inside or not (folder / file).resolve().is_relative_to(folder.resolve()):
        raise CatalogError(Reason.FILE_OUTSIDE.format(file=repr(file)))


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise CatalogError(f"{key} must be text, got {type(value).__name__} {value!r}")
    return value
