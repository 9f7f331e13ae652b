"""What people wrote down about the photos of a catalogue: the `labels.json` beside its `products.jsonl`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agpis.errors import CatalogError

LABELS_FILE = "labels.json"
GRAPHICS = frozenset({"banner", "logo", "text_overlay", "watermark", "collage", "screenshot_or_diagram"})
"""Reasons that stand for something laid over, or made instead of, a photo."""
HAND, PERSON = "hand", "person"

Pair = frozenset[str]


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """What is known of one image.

    Attributes:
        file: path relative to the catalogue folder.
        product_id: its product; its own file name for pictures that show no product.
        noncompliant: the strict reasons: any part of a body counts as a person or a hand.
        acceptable_primary: whether it may come first.
        colour: as seen; empty where it does not matter or cannot be decided.
        on_model: apparel worn by a model before a plain background.
    """

    file: str
    product_id: str
    noncompliant: frozenset[str]
    acceptable_primary: bool = False
    colour: str = ""
    on_model: bool = False

    def flaws(self, *, models_allowed: bool = True) -> frozenset[str]:
        """The reasons that count: a model who wears the product is none where models are allowed."""
        return self.noncompliant - {PERSON} if models_allowed and self.on_model else self.noncompliant

    @property
    def is_graphic(self) -> bool:
        """Whether something is laid over the photo, or it is a graphic altogether."""
        return bool(self.noncompliant & GRAPHICS)


@dataclass(frozen=True, slots=True)
class LabelledProduct:
    """What is known of the image pairs of one product.

    Attributes:
        product_id: the product.
        duplicates: pairs that surely show the same.
        borderline: pairs that a strict reader might call duplicates; not to be scored.
        colour_conflicts: pairs in clearly different colours.
    """

    product_id: str
    duplicates: frozenset[Pair]
    borderline: frozenset[Pair]
    colour_conflicts: frozenset[Pair]


@dataclass(frozen=True, slots=True)
class CatalogLabels:
    """The labels of one catalogue.

    Attributes:
        folder: the catalogue.
        images: file -> labels, of the product photos that were labelled.
        products: product id -> labels.
        graphics: banners and the like that belong to no product.
    """

    folder: Path
    images: Mapping[str, LabelledImage]
    products: Mapping[str, LabelledProduct]
    graphics: tuple[LabelledImage, ...]


def read_labels(folder: Path) -> CatalogLabels:
    """Read `labels.json` of a catalogue.

    Raises:
        CatalogError: when it is missing, not JSON, or an entry lacks what every entry has.
    """
    file = folder / LABELS_FILE
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        return CatalogLabels(
            folder=folder,
            images={name: _image(name, entry) for name, entry in stored["images"].items()},
            products={name: _product(name, entry) for name, entry in stored["products"].items()},
            graphics=tuple(_image(entry["file"], entry) for entry in stored["noncompliant_only"]),
        )
    except (OSError, ValueError) as error:
        raise CatalogError(f"{file} cannot be read as JSON: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise CatalogError(f"{file} is no table of labels: {type(error).__name__} {error}") from error


def _image(file: str, entry: Mapping[str, Any]) -> LabelledImage:
    return LabelledImage(
        file=file,
        product_id=entry.get("product_id", file),
        noncompliant=frozenset(entry["noncompliant"]),
        acceptable_primary=bool(entry.get("acceptable_primary")),
        colour=entry.get("color_observed") or "",
        on_model=bool(entry.get("on_model")),
    )


def _product(product_id: str, entry: Mapping[str, Any]) -> LabelledProduct:
    return LabelledProduct(
        product_id=product_id,
        duplicates=_pairs(entry["near_duplicates"]),
        borderline=_pairs(entry["near_duplicates_borderline"]),
        colour_conflicts=_pairs(entry["color_conflicts"]),
    )


def _pairs(listed: Iterable[Iterable[str]]) -> frozenset[Pair]:
    return frozenset(frozenset(pair) for pair in listed)
