"""Finished runs of products on disk, so that a simulation that was stopped goes on where it was."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agpis.data.catalog import PRODUCTS_FILE
from agpis.data.reviews import IMAGES_FILE, REVIEWS_FILE
from agpis.errors import SettingsError

_IMAGES = "images"
_FOLDER = "unfinished"
_SETTINGS = "settings.json"
_TABLES = {"products": PRODUCTS_FILE, "reviews": REVIEWS_FILE, "labels": IMAGES_FILE}


@dataclass(frozen=True, slots=True)
class ShardCounts:
    """What a run of products adds to the summary.

    Attributes:
        products: products, those without a review included.
        unreviewed: products without a review.
        images: image files.
        noncompliant: images labelled non-compliant.
        rules: class id -> reviews.
        splits: split -> reviews.
    """

    products: int = 0
    unreviewed: int = 0
    images: int = 0
    noncompliant: int = 0
    rules: Mapping[str, int] = field(default_factory=dict)
    splits: Mapping[str, int] = field(default_factory=dict)

    @property
    def reviews(self) -> int:
        """Reviewed sequences."""
        return sum(self.rules.values())

    def __add__(self, other: ShardCounts) -> ShardCounts:
        """Both together."""
        return ShardCounts(
            products=self.products + other.products,
            unreviewed=self.unreviewed + other.unreviewed,
            images=self.images + other.images,
            noncompliant=self.noncompliant + other.noncompliant,
            rules=dict(Counter(self.rules) + Counter(other.rules)),
            splits=dict(Counter(self.splits) + Counter(other.splits)),
        )


@dataclass(frozen=True, slots=True)
class Shard:
    """The rows of a run of products, as lines of JSON, and what they count.

    Attributes:
        products: lines for `products.jsonl`.
        reviews: lines for `reviews.jsonl`.
        labels: lines for `images.jsonl`.
        counts: what they add up to.
    """

    products: tuple[str, ...]
    reviews: tuple[str, ...]
    labels: tuple[str, ...]
    counts: ShardCounts


def images_folder(number: int) -> str:
    """The folder of a shard's images, relative to that of the simulation."""
    return f"{_IMAGES}/{number:06d}"


class ShardStore:
    """The finished shards of one simulation folder, by number."""

    def __init__(self, out: Path, settings: Mapping[str, Any]) -> None:
        """Open the shards of a stopped simulation, or begin.

        Raises:
            SettingsError: when `out` holds a stopped simulation with other settings.
        """
        self._out = out
        self._folder = out / _FOLDER
        written = json.dumps(settings, indent=2, sort_keys=True)
        file = self._folder / _SETTINGS
        if file.is_file() and file.read_text(encoding="utf-8") != written:
            raise SettingsError(
                f"{out} holds a stopped simulation with other settings ({file}); repeat its command to finish it, "
                "delete the folder, or choose another"
            )
        for folder in (self._folder, out / _IMAGES):
            folder.mkdir(parents=True, exist_ok=True)
        file.write_text(written, encoding="utf-8")

    def has(self, number: int) -> bool:
        """Whether this shard is finished."""
        return self._path(number).is_file()

    def save(self, number: int, shard: Shard) -> None:
        """Write a shard; after a kill it is there as a whole or not at all."""
        path = self._path(number)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(asdict(shard), ensure_ascii=False), encoding="utf-8")
        os.replace(part, path)

    def load(self, number: int) -> Shard:
        """Read a finished shard."""
        row = json.loads(self._path(number).read_text(encoding="utf-8"))
        rows = {name: tuple(row[name]) for name in _TABLES}
        return Shard(**rows, counts=ShardCounts(**row["counts"]))

    def discard_from(self, number: int) -> None:
        """Delete what was simulated ahead and is not needed: this shard and all later ones, finished or not."""
        for folder in (self._out / _IMAGES).iterdir():
            if int(folder.name) >= number:
                self.discard(int(folder.name))

    def discard(self, number: int) -> None:
        """Delete the images and rows of one shard."""
        shutil.rmtree(self._out / images_folder(number), ignore_errors=True)
        self._path(number).unlink(missing_ok=True)

    def join(self, count: int) -> None:
        """Write the tables from the first `count` shards and remove the shards."""
        for name, table in _TABLES.items():
            with (self._out / table).open("w", encoding="utf-8") as lines:
                for number in range(count):
                    lines.writelines(f"{line}\n" for line in getattr(self.load(number), name))
        shutil.rmtree(self._folder)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06d}.json"
