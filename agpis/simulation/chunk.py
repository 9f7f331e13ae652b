"""A run of neighbouring products, simulated in one process: images go to disk, everything else comes back."""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import cv2
import numpy as np

from agpis.data.reviews import ImageLabel, ReviewRecord, primary_labels, review_to_json, sku_split
from agpis.rules import RuleTaxonomy
from agpis.simulation.annotations import AnnotatedProduct, product_to_json
from agpis.simulation.config import SimulationConfig
from agpis.simulation.pool import Surroundings
from agpis.simulation.rendered import rendered_source
from agpis.simulation.reviewer import Reviewer
from agpis.simulation.sampler import SampledProduct, SamplingPlan, defect_words, is_noncompliant, sample_product
from agpis.simulation.shards import Shard, ShardCounts, images_folder
from agpis.simulation.shares import CategoryShares
from agpis.simulation.sources import SourceImage, SourceProduct, photo_source
from agpis.types import to_json

_FIRST_DAY = date(2025, 1, 6)
# Three months, as long as AGPIS-data was collected.
_DAYS = 92


@dataclass(frozen=True, slots=True)
class Chunk:
    """Products `start` to `stop` of one source.

    Attributes:
        config: how to simulate them; the chunk's images go to a folder of their own in `config.out`.
        taxonomy: the rules.
        number: of the chunk, from 0.
        catalog: the photo catalogue, or None for rendered products.
        source_number: keeps the random streams of the sources apart.
        start: number of the first product in its source.
        stop: number of the product to end before.
    """

    config: SimulationConfig
    taxonomy: RuleTaxonomy
    number: int
    catalog: Path | None
    source_number: int
    start: int
    stop: int


def simulate_chunk(chunk: Chunk, max_reviews: int | None = None) -> Shard:
    """Draw the products of a chunk, write their images, and return their rows.

    Args:
        chunk: what to draw.
        max_reviews: end with the product that has this many reviews full; its later reviews are left out.
    """
    return simulate_sources(chunk, read_sources(chunk), max_reviews)


def simulate_sources(chunk: Chunk, sources: Sequence[SourceProduct], max_reviews: int | None = None) -> Shard:
    """`simulate_chunk` for sources that are in memory already."""
    config = chunk.config
    faultless = Reviewer(chunk.taxonomy)
    judge = Reviewer(chunk.taxonomy, config.miss_rate, config.false_alarm_rate)
    folder = images_folder(chunk.number)
    (config.out / folder).mkdir(parents=True, exist_ok=True)
    products: list[AnnotatedProduct] = []
    reviews: list[ReviewRecord] = []
    labels: list[ImageLabel] = []
    # Splits may aim at different shares.
    shares = {split: CategoryShares(config.proportions_of(split)) for split in {source.split for source in sources}}
    for number, source in enumerate(sources):
        alike = [other for other in sources if other.split == source.split]
        plan = SamplingPlan(
            num_images=config.num_images,
            sequences=config.sequences_per_product,
            candidates=config.candidates,
            proportions=config.proportions_of(source.split),
            wrong_titles=config.wrong_titles if source.split == "train" else 0,
        )
        rng = np.random.default_rng([config.seed, chunk.source_number, chunk.start + number])
        around = Surroundings(faultless, alike, config.image_size)
        sampled = sample_product(source, around, plan, judge, rng, shares[source.split])
        if max_reviews is not None:
            sampled = replace(sampled, reviews=sampled.reviews[: max_reviews - len(reviews)])
        product = _annotated(sampled, folder)
        for image, facts in zip(sampled.candidates, product.images, strict=True):
            _save(config.out / facts.file, image)
        written = _reviews(sampled, product, rng)
        products.append(product)
        reviews += written
        labels += _labels(product, written, faultless)
        if len(reviews) == max_reviews:
            break
    return _shard(products, reviews, labels)


def _shard(
    products: Sequence[AnnotatedProduct], reviews: Sequence[ReviewRecord], labels: Sequence[ImageLabel]
) -> Shard:
    def lines(rows: Iterable[object]) -> tuple[str, ...]:
        return tuple(json.dumps(row, ensure_ascii=False) for row in rows)

    counts = ShardCounts(
        products=len(products),
        unreviewed=len(products) - len({review.product_id for review in reviews}),
        images=len(labels),
        noncompliant=sum(label.noncompliant for label in labels),
        rules=dict(Counter(review.rule_id for review in reviews)),
        splits=dict(Counter(review.split for review in reviews)),
    )
    return Shard(
        products=lines(product_to_json(product) for product in products),
        reviews=lines(review_to_json(review) for review in reviews),
        labels=lines(to_json(label) for label in labels),
        counts=counts,
    )


def read_sources(chunk: Chunk) -> list[SourceProduct]:
    """Render the products of a chunk, or read their photos."""
    seed, size = chunk.config.seed, chunk.config.image_size
    if chunk.catalog is None:
        # Every chunk is a source of its own, so that no worker renders what belongs to another.
        seed = int(np.random.SeedSequence([seed, chunk.start]).generate_state(1)[0])
        return list(rendered_source(seed, chunk.stop - chunk.start, size, sku_split))
    # Twice the size, so that close-ups are not blown up.
    return list(photo_source(chunk.catalog, 2 * size, seed, start=chunk.start, stop=chunk.stop))


def _annotated(sampled: SampledProduct, folder: str) -> AnnotatedProduct:
    """The product with its files named; names tell nothing about the images."""
    source = sampled.product
    stem = re.sub(r"[^A-Za-z0-9-]+", "-", source.product_id)[:48]
    if stem != source.product_id:
        stem = f"{stem}-{zlib.crc32(source.product_id.encode()):08x}"
    images = tuple(
        replace(image.facts, file=f"{folder}/{stem}_{number:02d}.jpg")
        for number, image in enumerate(sampled.candidates, start=1)
    )
    known = [image.facts.category for image in source.images if image.facts.category]
    return AnnotatedProduct(
        product_id=source.product_id,
        category=known[0] if known else source.title.category,
        title=source.title,
        images=images,
        source=source.source,
        split=source.split,
    )


def _reviews(sampled: SampledProduct, product: AnnotatedProduct, rng: np.random.Generator) -> list[ReviewRecord]:
    return [
        ReviewRecord(
            product_id=product.product_id,
            title=review.title.text,
            category=product.category,
            images=tuple(product.images[index].file for index in review.images),
            feedback=review.review.feedback,
            rule_id=review.review.rule_id,
            date=(_FIRST_DAY + timedelta(days=int(rng.integers(_DAYS)))).isoformat(),
            source=product.source,
            split=product.split,
        )
        for review in sampled.reviews
    ]


def _labels(product: AnnotatedProduct, reviews: Sequence[ReviewRecord], reviewer: Reviewer) -> list[ImageLabel]:
    qualified_id = reviewer.taxonomy.qualified.id
    approved = [review.images for review in reviews if review.rule_id == qualified_id]
    primary = primary_labels([facts.file for facts in product.images], approved)
    return [
        ImageLabel(
            file=facts.file,
            product_id=product.product_id,
            noncompliant=is_noncompliant(facts, reviewer, product.title),
            primary=primary[facts.file],
            defects=defect_words(facts, reviewer, product.title),
            source=product.source,
            split=product.split,
        )
        for facts in product.images
    ]


def _save(path: Path, image: SourceImage) -> None:
    # One quality for all copies of a photograph: an exact copy must have the same bytes.
    quality = 84 + zlib.crc32(image.facts.capture.encode()) % 12
    bgr = cv2.cvtColor(np.ascontiguousarray(image.pixels), cv2.COLOR_RGB2BGR)
    if not cv2.imwrite(str(path), bgr, [cv2.IMWRITE_JPEG_QUALITY, quality]):
        raise OSError(f"{path} could not be written")
