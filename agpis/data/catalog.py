"""Products of a catalogue folder: who they are and which files picture them; pixels are read by `agpis.images`.

A catalogue is a folder with `products.jsonl`, one product a line:
`{"product_id": ..., "title": ..., "category": ..., "images": [{"file": ..., "view": ..., "color": ...}]}`,
where `file` is relative to the folder. Further keys are allowed and ignored.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from agpis.errors import CatalogError

PRODUCTS_FILE = "products.jsonl"
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


def read_catalog(path: Path | str) -> Iterator[CatalogProduct]:
    """Read the products of a catalogue one by one, without holding them all.

    Args:
        path: a folder that holds `products.jsonl`, or a `.jsonl` file; files are relative to its folder.

    Raises:
        CatalogError: when the file is missing, or a line is not a product, repeats an id, or names a file outside
            the folder; the message names file and line. Image files themselves are not opened.
    """
    table = _table_of(Path(path))
    folder = table.parent
    first_seen: dict[str, int] = {}
    try:
        with table.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                where = f"{table}, line {number}"
                product = _parse_product(line, folder, where)
                if product.product_id in first_seen:
                    raise CatalogError(
                        f"{where}: product_id {product.product_id!r} was already given in line "
                        f"{first_seen[product.product_id]}; ids must be unique"
                    )
                first_seen[product.product_id] = number
                yield product
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"{table} cannot be read as UTF-8 text: {error}") from error


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
    names = [
        entry.name
        for entry in folder.iterdir()
        if entry.is_file() and entry.suffix.lower() in IMAGE_SUFFIXES and not entry.name.startswith(".")
    ]
    if not names:
        raise CatalogError(f"{folder} holds no image file; known suffixes are {', '.join(sorted(IMAGE_SUFFIXES))}")
    images = tuple(CatalogImage(file=name) for name in sorted(names, key=_natural_key))
    return CatalogProduct(
        product_id=folder.resolve().name or "product", title=title, category="", images=images, folder=folder
    )


def _table_of(path: Path) -> Path:
    table = path / PRODUCTS_FILE if path.is_dir() else path
    if not table.is_file():
        expected = f"it has no {PRODUCTS_FILE}" if path.is_dir() else "there is no such folder or file"
        raise CatalogError(f"{path} is not a catalogue: {expected}")
    return table


def _natural_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    # Numbers compare as numbers and before letters; the name itself breaks ties such as "a1" and "a01".
    parts = re.findall(r"[0-9]+|[^0-9]+", name.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts], name


def _parse_product(line: str, folder: Path, where: str) -> CatalogProduct:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise CatalogError(f"{where}: not valid JSON: {error}") from error
    if not isinstance(record, dict):
        raise CatalogError(f"{where}: a product must be a JSON object, got {type(record).__name__}")
    product_id = _text(record, "product_id", where)
    if not product_id:
        raise CatalogError(f"{where}: product_id is missing or empty; every product needs one")
    entries = record.get("images")
    if not isinstance(entries, list):
        raise CatalogError(f"{where}: images must be a list of objects with a file, got {type(entries).__name__}")
    images = tuple(_parse_image(entry, folder, where) for entry in entries)
    files = [image.file for image in images]
    repeated = sorted({file for file in files if files.count(file) > 1})
    if repeated:
        raise CatalogError(f"{where}: product {product_id!r} lists files twice: {', '.join(repeated)}")
    title, category = _text(record, "title", where), _text(record, "category", where)
    return CatalogProduct(product_id=product_id, title=title, category=category, images=images, folder=folder)


def _parse_image(entry: Any, folder: Path, where: str) -> CatalogImage:
    if not isinstance(entry, dict):
        raise CatalogError(f"{where}: an image must be a JSON object with a file, got {type(entry).__name__}")
    file = _text(entry, "file", where)
    if not file:
        raise CatalogError(f"{where}: an image has no file; give its path relative to the catalogue folder")
    # Resolving catches links as well; the first test keeps absolute paths out even when they point inside.
    inside = not PurePosixPath(file).is_absolute() and "\0" not in file
    if not inside or not (folder / file).resolve().is_relative_to(folder.resolve()):
        raise CatalogError(f"{where}: file {file!r} lies outside the catalogue folder; use a path inside it")
    on_model = entry.get("on_model") is True
    return CatalogImage(file, _text(entry, "view", where), _text(entry, "color", where), on_model)


def _text(record: dict[str, Any], key: str, where: str) -> str:
    value = record.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise CatalogError(f"{where}: {key} must be text, got {type(value).__name__} {value!r}")
    return value
