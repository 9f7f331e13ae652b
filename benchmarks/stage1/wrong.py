"""Where stage 1 and the person who labelled the photos disagree, one decision at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from agpis.data.catalog import CatalogProduct, read_catalog
from agpis.images import read_image, read_product
from agpis.pipeline import AgpisPipeline
from agpis.stage1.selection import why_noncompliant
from agpis.types import ImageAssessment, PairRelation, Product, RemovalCause, StageOneResult
from benchmarks.stage1.catalog_labels import CatalogLabels, Pair


class Mistake(StrEnum):
    """In which way a decision is wrong."""

    CLEAN_REMOVED = "clean photo removed as non-compliant"
    FLAWED_KEPT = "flawed photo kept"
    WRONG_PRIMARY = "primary image not acceptable"
    NO_PRIMARY = "no primary image, though one is acceptable"
    NO_DUPLICATE = "different photos called duplicates"
    DUPLICATE_KEPT = "duplicates kept"
    MIXED_COLOURS = "two colours in one sequence"


@dataclass(frozen=True, slots=True)
class WrongDecision:
    """One decision that the labels contradict.

    Attributes:
        mistake: in which way.
        catalog: name of the catalogue.
        product_id: the product; "storefront" for graphics that belong to none.
        files: the photos it is about, one or two, relative to the catalogue folder.
        label: what the person wrote.
        said: what stage 1 said, with its figures.
    """

    mistake: Mistake
    catalog: str
    product_id: str
    files: tuple[str, ...]
    label: str
    said: str


@dataclass(frozen=True, slots=True)
class _Judged:
    """One product with its labels and what stage 1 made of it."""

    catalog: CatalogLabels
    product_id: str
    result: StageOneResult

    def wrong(self, mistake: Mistake, files: tuple[str, ...], label: str, said: str) -> WrongDecision:
        return WrongDecision(mistake, self.catalog.folder.name, self.product_id, files, label, said)


def wrong_decisions(pipeline: AgpisPipeline, catalog: CatalogLabels) -> Iterator[WrongDecision]:
    """Run stage 1 with its stored settings on every product that has labels, and on the graphics of the storefront."""
    for entry in read_catalog(catalog.folder):
        if any(image.file in catalog.images for image in entry.images):
            judged = _judge(pipeline, catalog, entry)
            yield from _images(judged)
            yield from _primary(judged)
            yield from _pairs(judged)
    yield from _graphics(pipeline, catalog)


def _judge(pipeline: AgpisPipeline, catalog: CatalogLabels, entry: CatalogProduct) -> _Judged:
    files = [(image.file, entry.path_of(image)) for image in entry.images]
    product = read_product(entry.product_id, entry.title, files, category=entry.category)
    result = pipeline.select(pipeline.assess(product), pipeline.match(product), pipeline.settings)
    return _Judged(catalog, entry.product_id, result)


def _images(judged: _Judged) -> Iterator[WrongDecision]:
    removals = {removal.file: removal for removal in judged.result.removals}
    for assessment in judged.result.assessments:
        label = judged.catalog.images.get(assessment.file)
        if label is None:
            continue
        removal, flaws, file = removals.get(assessment.file), label.flaws(), (assessment.file,)
        if not flaws and removal is not None and removal.cause is RemovalCause.NONCOMPLIANT:
            yield judged.wrong(Mistake.CLEAN_REMOVED, file, "clean", removal.reason)
        if flaws and removal is None:
            yield judged.wrong(Mistake.FLAWED_KEPT, file, ", ".join(sorted(flaws)), _figures(assessment))


def _primary(judged: _Judged) -> Iterator[WrongDecision]:
    labels, result = judged.catalog.images, judged.result
    files = [assessment.file for assessment in result.assessments]
    acceptable = [file for file in files if file in labels and labels[file].acceptable_primary]
    if not acceptable or not all(file in labels for file in files):
        return
    wanted = f"acceptable: {', '.join(acceptable)}"
    if result.primary is None:
        yield judged.wrong(Mistake.NO_PRIMARY, (acceptable[0],), wanted, result.reason)
    elif result.primary not in acceptable:
        chosen = next(item for item in result.assessments if item.file == result.primary)
        yield judged.wrong(Mistake.WRONG_PRIMARY, (result.primary,), wanted, f"p^primary {chosen.p_primary:.2f}")


def _pairs(judged: _Judged) -> Iterator[WrongDecision]:
    labels, result = judged.catalog.products.get(judged.product_id), judged.result
    if labels is None:
        return
    for pair in result.duplicates:
        files = frozenset({pair.kept, pair.removed})
        if pair.relation is PairRelation.DUPLICATE and files not in labels.duplicates | labels.borderline:
            said = f"similarity {pair.similarity:.2f}"
            yield judged.wrong(Mistake.NO_DUPLICATE, (pair.kept, pair.removed), "no duplicates", said)
    for mistake, pairs, where in (
        (Mistake.DUPLICATE_KEPT, labels.duplicates, result.remaining),
        (Mistake.MIXED_COLOURS, labels.colour_conflicts, result.sequence),
    ):
        for both in _within(pairs, where):
            yield judged.wrong(mistake, both, "duplicates" if mistake is Mistake.DUPLICATE_KEPT else "two colours", "")


def _within(pairs: frozenset[Pair], files: tuple[str, ...]) -> list[tuple[str, ...]]:
    return sorted(tuple(sorted(pair)) for pair in pairs if pair <= set(files))


def _graphics(pipeline: AgpisPipeline, catalog: CatalogLabels) -> Iterator[WrongDecision]:
    images = tuple(read_image(catalog.folder / image.file, image.file) for image in catalog.graphics)
    if not images:
        return
    assessments = pipeline.assess(Product("storefront", "", images))
    for label, assessment in zip(catalog.graphics, assessments, strict=True):
        if not why_noncompliant(assessment, pipeline.settings):
            words = ", ".join(sorted(label.noncompliant))
            yield WrongDecision(
                Mistake.FLAWED_KEPT, catalog.folder.name, "storefront", (label.file,), words, _figures(assessment)
            )


def _figures(assessment: ImageAssessment) -> str:
    worst = max(assessment.quality, key=lambda check: check.score, default=None)
    quality = f", {worst.kind} {worst.score:.2f}" if worst else ""
    return f"p^nc {assessment.p_noncompliant:.2f}{quality}"
