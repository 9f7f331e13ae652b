"""The simulated catalogue on disk: products whose images and titles carry facts, so that any sequence can be judged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from agpis.data.catalog import PRODUCTS_FILE
from agpis.errors import CatalogError
from agpis.simulation.facts import ImageFacts, TitleFacts
from agpis.types import to_json

_IMAGE = TypeAdapter(ImageFacts)
_TITLE = TypeAdapter(TitleFacts)


@dataclass(frozen=True, slots=True)
class AnnotatedProduct:
    """A product of a simulated catalogue.

    Attributes:
        product_id: the SKU.
        category: kind of item.
        title: what the title says.
        images: the facts of every candidate; `file` is relative to the catalogue folder.
        source: where the pictures come from.
        split: "train", "val" or "test".
    """

    product_id: str
    category: str
    title: TitleFacts
    images: tuple[ImageFacts, ...]
    source: str
    split: str

    def facts_of(self, file: str) -> ImageFacts:
        """The facts of one candidate.

        Raises:
            CatalogError: when the product has no such candidate.
        """
        for facts in self.images:
            if facts.file == file:
                return facts
        raise CatalogError(f"product {self.product_id} has no image {file!r} among its {len(self.images)} candidates")


def product_to_json(product: AnnotatedProduct) -> dict[str, Any]:
    """One line of `products.jsonl`, which `agpis.data.catalog` reads as well."""
    return {
        "product_id": product.product_id,
        "title": product.title.text,
        "category": product.category,
        "source": product.source,
        "split": product.split,
        "title_facts": to_json(product.title),
        "images": [
            {"file": facts.file, "view": facts.view.value, "color": facts.colour or None, "facts": to_json(facts)}
            for facts in product.images
        ],
    }


def read_annotated(path: Path | str) -> Iterator[AnnotatedProduct]:
    """Read a simulated catalogue (its folder or its table) product by product.

    Raises:
        CatalogError: when the file cannot be read or a line is not an annotated product; the message names both.
    """
    table = Path(path) / PRODUCTS_FILE if Path(path).is_dir() else Path(path)
    try:
        with table.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _parse(line, f"{table}, line {number}")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"{table} cannot be read as UTF-8 text: {error}") from error


def _parse(line: str, where: str) -> AnnotatedProduct:
    try:
        row = json.loads(line)
        return AnnotatedProduct(
            product_id=str(row["product_id"]),
            category=str(row.get("category", "")),
            title=_TITLE.validate_python(row["title_facts"]),
            images=tuple(_facts(image["facts"]) for image in row["images"]),
            source=str(row.get("source", "")),
            split=str(row.get("split", "")),
        )
    except json.JSONDecodeError as error:
        raise CatalogError(f"{where}: not JSON: {error}") from error
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(str(part) for part in problem["loc"])
        raise CatalogError(f"{where}: {field}: {problem['msg']}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CatalogError(
            f"{where}: not a product with facts ({error}); only simulated catalogues carry them"
        ) from error


def _facts(value: Mapping[str, Any]) -> ImageFacts:
    defects = [
        {**defect, "box": dict(zip("xywh", defect["box"], strict=True)) if defect.get("box") else None}
        for defect in value.get("defects", ())
    ]
    return _IMAGE.validate_python({**value, "defects": defects})
