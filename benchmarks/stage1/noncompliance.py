"""p^nc on drawn and on real flaws, and what of the clean photos it removes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import track

from agpis.data.catalog import read_catalog
from agpis.images import read_image
from agpis.pipeline import AgpisPipeline
from agpis.simulation.facts import DefectKind
from agpis.stage1.classifier import ImageClassifier
from agpis.stage1.selection import why_noncompliant
from agpis.types import Image, Product
from analysis.metrics.bootstrap import Score
from benchmarks.stage1.catalog_labels import HAND, CatalogLabels, LabelledImage
from benchmarks.stage1.drawn_defects import draw_on
from benchmarks.stage1.tables import auc_against, share

OVERLAYS = (
    DefectKind.BANNER,
    DefectKind.LOGO,
    DefectKind.WATERMARK,
    DefectKind.TEXT,
    DefectKind.QR_CODE,
    DefectKind.BADGE,
    DefectKind.COLLAGE,
)
"""What stage 1 also gives evidence on, with its place."""


@dataclass(frozen=True, slots=True)
class Judged:
    """p^nc of one image.

    Attributes:
        group: what is resampled as a whole: its product, or the photo it was drawn on.
        p_noncompliant: in [0, 1].
    """

    group: str
    p_noncompliant: float


def drawn_scores(classifier: ImageClassifier, photos: Sequence[Image], copies: int, seed: int) -> Iterator[Score]:
    """AUC of photos with a drawn defect against the same photos without: all kinds, overlays, and kind by kind."""
    clean: list[Judged] = []
    flawed: dict[DefectKind, list[Judged]] = {kind: [] for kind in DefectKind}
    drawn = track(draw_on(photos, copies, seed), "drawing", len(photos), console=Console(stderr=True))
    for photo, kinds, images in drawn:
        p_photo, *p_drawn = classifier.predict([photo, *images]).tolist()
        clean.append(Judged(photo.file, p_photo))
        for kind, p_noncompliant in zip(kinds, p_drawn, strict=True):
            flawed[kind].append(Judged(photo.file, p_noncompliant))
    yield _auc("all kinds", [item for items in flawed.values() for item in items], clean)
    yield _auc("laid over the photo, or a collage", [item for kind in OVERLAYS for item in flawed[kind]], clean)
    for kind, items in flawed.items():
        yield _auc(f"  {kind.value}", items, clean)


def real_scores(
    classifier: ImageClassifier, labels: Mapping[str, CatalogLabels], *, models_allowed: bool
) -> Iterator[Score]:
    """AUC on labelled photos of magento, saleor and grocery; hands also against photos that are as cluttered."""
    judged = {name: _judged(classifier, catalog) for name, catalog in labels.items()}
    clean = {
        name: [item for file, item in judged[name].items() if _is_clean(catalog, file, models_allowed)]
        for name, catalog in labels.items()
    }
    graphics = {
        name: [judged[name][image.file] for image in catalog.graphics if image.is_graphic]
        for name, catalog in labels.items()
    }
    hands, without = (
        [judged["grocery"][image.file] for image in labels["grocery"].images.values() if chosen(image)]
        for chosen in (_has_hand, _has_clutter_alone)
    )
    storefront = [judged["magento"][image.file] for image in labels["magento"].graphics]
    yield _auc("magento: storefront graphics", graphics["magento"], clean["magento"])
    yield _auc("magento: all storefront pictures, scenes too", storefront, clean["magento"])
    yield _auc("saleor: storefront graphics", graphics["saleor"], clean["saleor"])
    yield _auc("grocery: hands against clean photos", hands, clean["grocery"])
    yield _auc("grocery: hands against cluttered photos without", hands, without)
    bad = [*graphics["magento"], *graphics["saleor"], *hands]
    yield _auc("all of these flaws against all clean photos", bad, [item for items in clean.values() for item in items])


def clean_scores(
    pipeline: AgpisPipeline,
    labels: Mapping[str, CatalogLabels],
    unlabelled: Mapping[str, Path],
    *,
    models_allowed: bool,
) -> Iterator[Score]:
    """Share of clean photos removed, by p^nc, by a quality check and by either; all unlabelled ones count as clean."""
    for name, catalog in labels.items():
        clean = [image for file, image in catalog.images.items() if _is_clean(catalog, file, models_allowed)]
        yield from _removed(pipeline, name, catalog.folder, clean)
    for name, folder in unlabelled.items():
        clean = [
            LabelledImage(image.file, product.product_id, frozenset())
            for product in read_catalog(folder)
            for image in product.images
        ]
        yield from _removed(pipeline, name, folder, clean)


def _removed(pipeline: AgpisPipeline, name: str, folder: Path, clean: Sequence[LabelledImage]) -> Iterator[Score]:
    images = tuple(read_image(folder / image.file, image.file) for image in clean)
    assessments = pipeline.assess(Product(name, "", images))
    groups = [image.product_id for image in clean]
    for words, settings in (
        ("p^nc", replace(pipeline.settings, quality_threshold=1.0)),
        ("quality", replace(pipeline.settings, noncompliance_threshold=1.0)),
        ("either", pipeline.settings),
    ):
        yield share(f"{name}: {words}", [bool(why_noncompliant(item, settings)) for item in assessments], groups)


def _judged(classifier: ImageClassifier, catalog: CatalogLabels) -> dict[str, Judged]:
    return {
        image.file: _judge(classifier, catalog.folder, image) for image in [*catalog.images.values(), *catalog.graphics]
    }


def _judge(classifier: ImageClassifier, folder: Path, image: LabelledImage) -> Judged:
    (p_noncompliant,) = classifier.predict([read_image(folder / image.file, image.file)])
    return Judged(image.product_id, float(p_noncompliant))


def _is_clean(catalog: CatalogLabels, file: str, models_allowed: bool) -> bool:
    return file in catalog.images and not catalog.images[file].flaws(models_allowed=models_allowed)


def _has_hand(image: LabelledImage) -> bool:
    return HAND in image.noncompliant


def _has_clutter_alone(image: LabelledImage) -> bool:
    return bool(image.noncompliant) and not _has_hand(image)


def _auc(name: str, bad: Sequence[Judged], good: Sequence[Judged]) -> Score:
    return auc_against(
        name,
        [item.p_noncompliant for item in bad],
        [item.p_noncompliant for item in good],
        [item.group for item in bad],
        [item.group for item in good],
    )
