"""Which image of a labelled product comes first, by p^primary, by the whole of stage 1, and by simple rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import track

from agpis.data.catalog import CatalogProduct, read_catalog
from agpis.images import read_product
from agpis.pipeline import AgpisPipeline
from agpis.types import ImageAssessment
from analysis.metrics.bootstrap import Score
from benchmarks.stage1.catalog_labels import CatalogLabels
from benchmarks.stage1.primary_baselines import BASELINES
from benchmarks.stage1.tables import share

LARGEST_P, STAGE_ONE, RANDOM = "largest p^primary", "stage 1", "an image at random"
# The second shows what ties cost where a shop lists its worst picture first.
SHOP_ORDER, REVERSE_ORDER = "p^primary, ties by the shop's order", "p^primary, ties by the reverse order"


@dataclass(frozen=True, slots=True)
class PrimaryChoice:
    """What came first of one product.

    Attributes:
        catalog: name of the catalogue.
        product_id: the product.
        candidates: its images.
        acceptable: those a person accepts, at least one.
        chosen: way of choosing -> the file, or None where the way found no image good enough.
        p_primary: file -> p^primary in [0, 1].
    """

    catalog: str
    product_id: str
    candidates: tuple[str, ...]
    acceptable: frozenset[str]
    chosen: Mapping[str, str | None]
    p_primary: Mapping[str, float]

    def is_right(self, way: str) -> bool:
        """Whether an acceptable image was chosen; no choice is wrong, as there is an acceptable image."""
        return self.chosen[way] in self.acceptable


def judgeable(labels: CatalogLabels) -> list[tuple[CatalogProduct, frozenset[str]]]:
    """Products with two or more photos, every photo labelled, some but not all acceptable; and the acceptable ones."""
    found = []
    for product in read_catalog(labels.folder):
        files = [image.file for image in product.images]
        if len(files) >= 2 and all(file in labels.images for file in files):
            acceptable = frozenset(file for file in files if labels.images[file].acceptable_primary)
            if acceptable:
                found.append((product, acceptable))
    return found


def choose(pipeline: AgpisPipeline, labels: CatalogLabels, *, whole_stage: bool) -> list[PrimaryChoice]:
    """Ask every way of choosing for every product that can be judged; the whole of stage 1 also compares pairs."""
    name = Path(labels.folder).name
    chosen = judgeable(labels)
    return [
        _choice(pipeline, name, entry, acceptable, whole_stage=whole_stage)
        for entry, acceptable in track(chosen, name, console=Console(stderr=True))
    ]


def primary_scores(choices: Sequence[PrimaryChoice]) -> Iterator[Score]:
    """Share of products whose chosen image is acceptable, for every way and catalogue."""
    ways = list(choices[0].chosen) if choices else []
    for name in ["all", *dict.fromkeys(choice.catalog for choice in choices)]:
        those = [choice for choice in choices if name in ("all", choice.catalog)]
        products = [f"{choice.catalog}/{choice.product_id}" for choice in those]
        for way in ways:
            yield share(f"{name}: {way}", [choice.is_right(way) for choice in those], products)
        by_chance = [len(choice.acceptable) / len(choice.candidates) for choice in those]
        yield share(f"{name}: {RANDOM}", by_chance, products)


def _choice(
    pipeline: AgpisPipeline, catalog: str, entry: CatalogProduct, acceptable: frozenset[str], *, whole_stage: bool
) -> PrimaryChoice:
    files = [(image.file, entry.path_of(image)) for image in entry.images]
    product = read_product(entry.product_id, entry.title, files, category=entry.category)
    p_primary = dict(
        zip((i.file for i in product.images), pipeline.primary.predict(product.images).tolist(), strict=True)
    )
    alone = replace(pipeline.settings, num_images=1, primary_threshold=0.0)
    assessed = [ImageAssessment(file, p, 0.0) for file, p in p_primary.items()]
    chosen: dict[str, str | None] = {
        LARGEST_P: max(p_primary, key=lambda file: p_primary[file]),
        SHOP_ORDER: pipeline.select(assessed, (), alone).primary,
        REVERSE_ORDER: pipeline.select(assessed[::-1], (), alone).primary,
    }
    if whole_stage:
        matches = pipeline.match(product)
        chosen[STAGE_ONE] = pipeline.select(pipeline.assess(product), matches, pipeline.settings).primary
    chosen |= {way: baseline(product.images) for way, baseline in BASELINES.items()}
    candidates = tuple(image.file for image in product.images)
    return PrimaryChoice(catalog, entry.product_id, candidates, acceptable, chosen, p_primary)
