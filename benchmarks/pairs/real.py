"""All pairs within the products of a catalogue of real photos, against its labels."""

from __future__ import annotations

import itertools
import json
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agpis.stage1.classifier import ImageClassifier
from agpis.stage1.duplicates import find_pairs
from agpis.types import Image, PairMatch, PairRelation
from benchmarks.pairs.made import Photo, read_photos


@dataclass(frozen=True, slots=True)
class RealPair:
    """Two photos of a product.

    Attributes:
        first: path of one photo.
        second: path of the other.
        label: "near-duplicate", "borderline", "main in two colours" or "none".
        match: what image-pair recognition says, or None when it found nothing in common.
    """

    first: Path
    second: Path
    label: str
    match: PairMatch | None

    def is_called(self, relation: PairRelation, threshold: float) -> bool:
        """Whether the pair violates, and by which relation."""
        return self.match is not None and self.match.relation is relation and self.match.similarity >= threshold


@dataclass(frozen=True, slots=True)
class RealResult:
    """Every pair of a catalogue.

    Attributes:
        catalog: its name.
        pairs: of all products.
        images: how many photos were compared.
        seconds: of processor time for all products.
    """

    catalog: str
    pairs: Sequence[RealPair]
    images: int
    seconds: float

    def count(self, label: str, relation: PairRelation | None = None, threshold: float = 0.0) -> int:
        """Pairs of a label, or those of them that are called duplicates or variants."""
        labelled = [pair for pair in self.pairs if pair.label == label]
        return len(labelled) if relation is None else sum(pair.is_called(relation, threshold) for pair in labelled)


def compare_catalog(folder: Path, network: ImageClassifier | None) -> RealResult:
    """Run image-pair recognition on every product."""
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))["products"]
    products: dict[str, list[Photo]] = defaultdict(list)
    for photo in read_photos(folder):
        products[photo.product].append(photo)
    pairs: list[RealPair] = []
    totals: Counter[str] = Counter()
    seconds = 0.0
    for product, photos in products.items():
        images = [Image(f"images/{photo.path.name}", photo.read()) for photo in photos]
        started = time.process_time()
        matches = {frozenset((match.first, match.second)): match for match in find_pairs(images, network)}
        seconds += time.process_time() - started
        totals["images"] += len(images)
        label_of = _labels(labels.get(product, {}))
        for one, two in itertools.combinations(zip(photos, images, strict=True), 2):
            names = frozenset((one[1].file, two[1].file))
            label = label_of.get(names, "main in two colours" if _both_main(names) else "none")
            pairs.append(RealPair(one[0].path, two[0].path, label, matches.get(names)))
    return RealResult(folder.name, pairs, totals["images"], seconds)


def _labels(entry: dict[str, Any]) -> dict[frozenset[str], str]:
    """Names of two files -> what the annotator called them; most pairs have no entry."""
    found = {frozenset(pair): "borderline" for pair in entry.get("near_duplicates_borderline", [])}
    return found | {frozenset(pair): "near-duplicate" for pair in entry.get("near_duplicates", [])}


def _both_main(names: frozenset[str]) -> bool:
    """Magento's main photos of a product in several colours are, with few exceptions, one photo recoloured."""
    return all("_main" in name for name in names)
