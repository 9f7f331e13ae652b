"""The simulated marketplace on disk: AGPIS-data with images, candidates, reviews and image labels (section 4.1)."""

from __future__ import annotations

import json
import logging
import multiprocessing
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import cv2

from agpis.data.catalog import PRODUCTS_FILE, read_catalog
from agpis.data.reviews import IMAGES_FILE, REVIEWS_FILE, review_to_json
from agpis.errors import SettingsError
from agpis.rules import RuleCategory, RuleTaxonomy, load_taxonomy
from agpis.simulation.annotations import product_to_json
from agpis.simulation.chunk import IMAGES_FOLDER, Chunk, ChunkResult, simulate_chunk
from agpis.types import to_json

_logger = logging.getLogger(__name__)

MANIFEST_FILE = "manifest.json"
# Products drawn together: each other's strangers and wrong titles. Part of what a seed means, so never a setting.
_CHUNK = 12

# Table 1 of the paper.
NATURAL_PROPORTIONS: dict[RuleCategory, float] = {
    RuleCategory.QUALIFIED: 0.71,
    RuleCategory.SINGLE: 0.12,
    RuleCategory.PAIR: 0.07,
    RuleCategory.MULTI: 0.10,
}
# More of every kind of rejection, for training.
BALANCED_PROPORTIONS: dict[RuleCategory, float] = {
    RuleCategory.QUALIFIED: 0.45,
    RuleCategory.SINGLE: 0.20,
    RuleCategory.PAIR: 0.15,
    RuleCategory.MULTI: 0.20,
}

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class SimulationConfig:
    """What to simulate.

    Attributes:
        out: folder to write to; created when missing, must not hold a finished simulation.
        num_rendered: rendered products, at least 0.
        catalogs: folders of photo catalogues to take products from.
        image_size: longest side of the images in pixels, at least 64.
        seed: with everything else but `workers`, decides every byte; not negative.
        sequences_per_product: reviewed sequences a product, at least 1.
        num_images: lengths K^t and how often each is drawn; a product with few pictures gets the next shorter one.
        candidates: mean number of candidates K^c a product.
        proportions: how often each category of verdict is aimed at; Table 1 by default.
        balanced_training: give the training split BALANCED_PROPORTIONS instead.
        miss_rate: probability that the reviewer overlooks a broken rule, in [0, 1].
        false_alarm_rate: probability that the reviewer rejects without cause, in [0, 1].
        rules: rule file, or None for the default rules.
        workers: processes, at least 1.
    """

    out: Path
    num_rendered: int = 0
    catalogs: tuple[Path, ...] = ()
    image_size: int = 224
    seed: int = 0
    sequences_per_product: int = 3
    num_images: Mapping[int, float] = field(default_factory=lambda: {2: 0.1, 3: 0.7, 4: 0.12, 5: 0.08})
    candidates: float = 7.0
    proportions: Mapping[RuleCategory, float] = field(default_factory=lambda: dict(NATURAL_PROPORTIONS))
    balanced_training: bool = False
    miss_rate: float = 0.0
    false_alarm_rate: float = 0.0
    rules: Path | None = None
    workers: int = 2

    def __post_init__(self) -> None:
        limits = {
            "num_rendered": (self.num_rendered, 0),
            "image_size": (self.image_size, 64),
            "seed": (self.seed, 0),
            "sequences_per_product": (self.sequences_per_product, 1),
            "candidates": (self.candidates, 2),
            "workers": (self.workers, 1),
        }
        for name, (value, least) in limits.items():
            if value < least:
                raise SettingsError(f"{name} must be at least {least}, got {value}")
        if self.num_rendered == 0 and not self.catalogs:
            raise SettingsError("nothing to simulate: give num_rendered above 0 or at least one photo catalogue")
        for name, shares in (("num_images", self.num_images), ("proportions", self.proportions)):
            if not shares or min(shares.values()) < 0 or sum(shares.values()) <= 0:
                raise SettingsError(f"{name} needs shares of at least 0 with a sum above 0, got {dict(shares)}")
        if min(self.num_images) < 1:
            raise SettingsError(f"num_images are sequence lengths of at least 1, got {sorted(self.num_images)}")


@dataclass(frozen=True, slots=True)
class SimulationSummary:
    """What was written.

    Attributes:
        out: the folder.
        num_products: products, those without a review included.
        num_images: image files.
        num_reviews: reviewed sequences.
        num_unreviewed: products with too few clean pictures for any sequence.
        rules: class id -> reviews, most frequent first.
        categories: category -> share of the reviews.
        splits: split -> reviews.
        noncompliant_share: share of the images labelled non-compliant.
    """

    out: Path
    num_products: int
    num_images: int
    num_reviews: int
    num_unreviewed: int
    rules: dict[str, int]
    categories: dict[str, float]
    splits: dict[str, int]
    noncompliant_share: float


def simulate(config: SimulationConfig, progress: Progress | None = None) -> SimulationSummary:
    """Write a simulated marketplace: `images/`, `products.jsonl`, `reviews.jsonl`, `images.jsonl`, `manifest.json`.

    Products stream through; memory does not grow with their number. The same settings give the same bytes on one
    machine, whatever the number of workers; other machines may have other fonts.

    Args:
        config: what to simulate.
        progress: called with (products done, products in all) whenever some are finished.

    Raises:
        SettingsError: when `config.out` already holds a finished simulation.
        CatalogError: when a photo catalogue cannot be read.
        RulesError: when the rule file is not valid.
        MissingExtraError: when rendering or QR codes are wanted and their packages are missing.
    """
    if (config.out / MANIFEST_FILE).exists():
        raise SettingsError(f"{config.out} already holds a simulation; delete it or choose another folder")
    taxonomy = load_taxonomy(config.rules)
    chunks = _chunks(config, taxonomy)
    total = sum(chunk.stop - chunk.start for chunk in chunks)
    (config.out / IMAGES_FOLDER).mkdir(parents=True, exist_ok=True)
    tally = _Tally()
    with (
        (config.out / PRODUCTS_FILE).open("w", encoding="utf-8") as products,
        (config.out / REVIEWS_FILE).open("w", encoding="utf-8") as reviews,
        (config.out / IMAGES_FILE).open("w", encoding="utf-8") as labels,
    ):
        for result in _run(chunks, config.workers):
            products.writelines(_line(product_to_json(product)) for product in result.products)
            reviews.writelines(_line(review_to_json(review)) for review in result.reviews)
            labels.writelines(_line(to_json(label)) for label in result.labels)
            tally.add(result)
            if progress is not None:
                progress(tally.products, total)
    summary = tally.summary(config.out, taxonomy)
    (config.out / MANIFEST_FILE).write_text(_manifest(config, taxonomy.version, summary), encoding="utf-8")
    _logger.info("%s: %d products, %d reviews", config.out, summary.num_products, summary.num_reviews)
    return summary


def _chunks(config: SimulationConfig, taxonomy: RuleTaxonomy) -> list[Chunk]:
    """Runs of neighbouring products; the numbers of the sources keep their random streams apart."""
    sizes: list[tuple[Path | None, int]] = [(None, config.num_rendered)]
    sizes += [(folder, sum(1 for _ in read_catalog(folder))) for folder in config.catalogs]
    return [
        Chunk(
            out=config.out,
            catalog=catalog,
            source_number=number,
            start=start,
            stop=min(start + _CHUNK, size),
            image_size=config.image_size,
            seed=config.seed,
            sequences_per_product=config.sequences_per_product,
            num_images=dict(config.num_images),
            candidates=config.candidates,
            proportions=dict(config.proportions),
            training_proportions=dict(BALANCED_PROPORTIONS if config.balanced_training else config.proportions),
            miss_rate=config.miss_rate,
            false_alarm_rate=config.false_alarm_rate,
            taxonomy=taxonomy,
        )
        for number, (catalog, size) in enumerate(sizes)
        for start in range(0, size, _CHUNK)
    ]


def _run(chunks: Sequence[Chunk], workers: int) -> Iterator[ChunkResult]:
    """Results in the order of the chunks; at most two chunks a worker are under way."""
    if workers == 1:
        yield from map(simulate_chunk, chunks)
        return
    waiting = iter(chunks)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_one_thread) as pool:
        under_way: deque[Future[ChunkResult]] = deque()
        try:
            under_way.extend(pool.submit(simulate_chunk, chunk) for chunk in islice(waiting, 2 * workers))
            while under_way:
                yield under_way.popleft().result()
                under_way.extend(pool.submit(simulate_chunk, chunk) for chunk in islice(waiting, 1))
        finally:
            # After an error the rest would only be thrown away.
            pool.shutdown(wait=True, cancel_futures=True)


def _one_thread() -> None:
    # As many processes as cores: more threads would only push each other aside.
    cv2.setNumThreads(1)


def _line(row: object) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


class _Tally:
    """Counts what streams by."""

    def __init__(self) -> None:
        self.products = 0
        self._unreviewed = 0
        self._images = 0
        self._noncompliant = 0
        self._rules: Counter[str] = Counter()
        self._splits: Counter[str] = Counter()

    def add(self, result: ChunkResult) -> None:
        self.products += len(result.products)
        self._unreviewed += len(result.products) - len({review.product_id for review in result.reviews})
        self._images += len(result.labels)
        self._noncompliant += sum(label.noncompliant for label in result.labels)
        self._rules.update(review.rule_id for review in result.reviews)
        self._splits.update(review.split for review in result.reviews)

    def summary(self, out: Path, taxonomy: RuleTaxonomy) -> SimulationSummary:
        reviews = self._rules.total()
        categories: Counter[str] = Counter()
        for rule_id, count in self._rules.items():
            categories[taxonomy[rule_id].category.value] += count
        return SimulationSummary(
            out=out,
            num_products=self.products,
            num_images=self._images,
            num_reviews=reviews,
            num_unreviewed=self._unreviewed,
            rules=dict(sorted(self._rules.items(), key=lambda item: (-item[1], item[0]))),
            categories={name: count / reviews for name, count in sorted(categories.items())},
            splits=dict(sorted(self._splits.items())),
            noncompliant_share=self._noncompliant / self._images if self._images else 0.0,
        )


def _manifest(config: SimulationConfig, rules_version: int, summary: SimulationSummary) -> str:
    """Settings and counts; neither folders nor the number of workers, which change no byte of the data."""
    settings = {
        "num_rendered": config.num_rendered,
        "catalogs": [folder.resolve().name for folder in config.catalogs],
        "image_size": config.image_size,
        "seed": config.seed,
        "sequences_per_product": config.sequences_per_product,
        "num_images": {str(length): share for length, share in config.num_images.items()},
        "candidates": config.candidates,
        "proportions": {category.value: share for category, share in config.proportions.items()},
        "balanced_training": config.balanced_training,
        "miss_rate": config.miss_rate,
        "false_alarm_rate": config.false_alarm_rate,
        "rules_version": rules_version,
    }
    counts = {
        "num_products": summary.num_products,
        "num_images": summary.num_images,
        "num_reviews": summary.num_reviews,
        "num_unreviewed": summary.num_unreviewed,
        "rules": summary.rules,
        "categories": summary.categories,
        "splits": summary.splits,
        "noncompliant_share": summary.noncompliant_share,
    }
    return json.dumps({"settings": settings, "counts": to_json(counts)}, indent=2) + "\n"
