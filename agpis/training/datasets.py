"""AGPIS-data on disk as torch datasets: single images for stage 1, sequences for MUIsC (section 4.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Dataset
from torchvision.transforms import v2

from agpis.data.reviews import ImageLabel, ReviewRecord
from agpis.images import read_image
from agpis.rules import RuleTaxonomy
from agpis.types import Pixels

Item = TypeVar("Item")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Located(Generic[Row]):
    """A row of AGPIS-data with the folder that its files are relative to.

    Attributes:
        folder: the data folder.
        row: a review or an image label.
    """

    folder: Path
    row: Row


class ImageDataset(Dataset[dict[str, object]]):
    """Single images with a label of 0 or 1.

    Items: `pixel_values` (3, S, S) float32 and `labels` 0.0 or 1.0.
    """

    def __init__(
        self,
        items: Sequence[tuple[Path, int]],
        to_pixel_values: Callable[[Pixels], npt.NDArray[np.float32]],
        augmentation: v2.Compose | None = None,
    ) -> None:
        """Keep what is needed to read `items` (image file, label) one at a time."""
        self.items = list(items)
        self.to_pixel_values = to_pixel_values
        self.augmentation = augmentation

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> dict[str, object]:
        file, label = self.items[index]
        pixels = augmented(read_image(file).pixels, self.augmentation)
        return {"pixel_values": torch.from_numpy(self.to_pixel_values(pixels)), "labels": float(label)}


class SequenceDataset(Dataset[dict[str, object]]):
    """Reviewed sequences.

    Items: `images` (list of (H, W, 3) uint8 RGB), `title`, `category`, `feedback`, `label` (class index).
    """

    def __init__(
        self,
        reviews: Sequence[Located[ReviewRecord]],
        taxonomy: RuleTaxonomy,
        augmentation: v2.Compose | None = None,
    ) -> None:
        """Keep what is needed to read `reviews` one at a time."""
        self.reviews = list(reviews)
        self.taxonomy = taxonomy
        self.augmentation = augmentation

    def __len__(self) -> int:
        return len(self.reviews)

    def __getitem__(self, index: int) -> dict[str, object]:
        folder, record = self.reviews[index].folder, self.reviews[index].row
        images = [augmented(read_image(folder / file).pixels, self.augmentation) for file in record.images]
        return {
            "images": images,
            "title": record.title,
            "category": record.category,
            "feedback": record.feedback,
            "label": self.taxonomy.index(record.rule_id),
        }


def augmented(pixels: Pixels, augmentation: v2.Compose | None) -> Pixels:
    """Apply `augmentation` to (H, W, 3) uint8 RGB; None leaves the pixels as they are."""
    if augmentation is None:
        return pixels
    tensor = augmentation(torch.from_numpy(pixels.copy()).permute(2, 0, 1))
    return np.ascontiguousarray(tensor.permute(1, 2, 0).numpy())


def primary_items(labels: Sequence[Located[ImageLabel]], split: str) -> list[tuple[Path, int]]:
    """Images of `split` with their label j^primary (eq. 1); images without one are left out."""
    return [
        (item.folder / item.row.file, int(item.row.primary))
        for item in labels
        if item.row.split == split and item.row.primary is not None
    ]


def noncompliance_items(labels: Sequence[Located[ImageLabel]], split: str) -> list[tuple[Path, int]]:
    """Images of `split` with 1 for non-compliant content, 0 for none (section 3.3.1)."""
    return [(item.folder / item.row.file, int(item.row.noncompliant)) for item in labels if item.row.split == split]


def sample(items: Sequence[Item], limit: int, seed: int) -> list[Item]:
    """At most `limit` of the items, drawn with `seed`, in their own order."""
    if len(items) <= limit:
        return list(items)
    chosen = np.random.default_rng(seed).choice(len(items), size=limit, replace=False)
    return [items[index] for index in sorted(chosen)]


def thinned(reviews: Sequence[Located[ReviewRecord]], max_per_product: int, seed: int) -> list[Located[ReviewRecord]]:
    """At most `max_per_product` reviews of every product, drawn with `seed`, in their own order."""
    by_product: dict[tuple[Path, str], list[int]] = {}
    for index, review in enumerate(reviews):
        by_product.setdefault((review.folder, review.row.product_id), []).append(index)
    rng = np.random.default_rng(seed)
    kept = {int(index) for indices in by_product.values() for index in rng.permutation(indices)[:max_per_product]}
    return [review for index, review in enumerate(reviews) if index in kept]
