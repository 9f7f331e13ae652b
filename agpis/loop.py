"""The whole method against the simulated marketplace: what of the submitted sequences does the reviewer reject?

The candidates of a simulated catalogue carry facts, so the simulated reviewer can judge any sequence made from them.
The paper's figure is the reject rate of reviewers online (section 4.5): 19.3% with stage 1 only, 13.6% with stage 2.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binomtest

from agpis.data.reviews import SPLITS
from agpis.errors import CatalogError, RulesError, SettingsError
from agpis.images import read_product
from agpis.rules import RuleTaxonomy
from agpis.simulation.annotations import AnnotatedProduct, read_annotated
from agpis.simulation.reviewer import Review, Reviewer
from agpis.types import Outcome, PipelineSettings

if TYPE_CHECKING:
    from agpis.pipeline import AgpisPipeline

SWEEP = tuple(tenth / 10 for tenth in range(1, 10))
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Submissions:
    """What one way of making sequences submits, and what becomes of it.

    Attributes:
        policy: the way, in words.
        threshold: th^t, or None when everything is submitted that was built.
        num_products: products that were tried.
        num_submitted: products with a submitted sequence.
        num_rejected: submitted sequences that the reviewer rejected.
        reject_rate: `num_rejected` / `num_submitted`, or None when nothing was submitted.
        interval: 95% Wilson interval of `reject_rate`, or None when nothing was submitted.
        submitted_share: `num_submitted` / `num_products`, in [0, 1].
        accepted_share: products with an accepted sequence / `num_products`, in [0, 1].
        rules: most severe broken rule -> rejected sequences, most frequent first.
    """

    policy: str
    threshold: float | None
    num_products: int
    num_submitted: int
    num_rejected: int
    reject_rate: float | None
    interval: tuple[float, float] | None
    submitted_share: float
    accepted_share: float
    rules: dict[str, int]


@dataclass(frozen=True, slots=True)
class LoopResult:
    """The loop over one split.

    Attributes:
        split: "train", "val", "test" or "all".
        settings: of the pipeline; its `seed` decides what is drawn.
        num_products: products that were tried.
        num_too_small: products of the split left out, with fewer than K^t readable candidates.
        first: the first K^t candidates in the given order.
        random: K^t random candidates in random order.
        stage_one: every sequence that stage 1 builds.
        stage_two: those with p^t of at least th^t.
        sweep: `stage_two` at other thresholds, rising.
        terminations: why stage 1 built no sequence -> products.
    """

    split: str
    settings: PipelineSettings
    num_products: int
    num_too_small: int
    first: Submissions
    random: Submissions
    stage_one: Submissions
    stage_two: Submissions
    sweep: tuple[Submissions, ...]
    terminations: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Verdicts:
    """The reviews of one product's sequences."""

    first: Review
    random: Review
    built: Review | None
    p_qualified: float
    termination: Outcome | None


def close_loop(
    pipeline: AgpisPipeline,
    data: Sequence[Path],
    settings: PipelineSettings,
    taxonomy: RuleTaxonomy,
    *,
    split: str = "test",
    limit: int | None = None,
    sweep: Sequence[float] = SWEEP,
    progress: Progress | None = None,
) -> LoopResult:
    """Make sequences for the products of simulated catalogues and let a faultless reviewer judge them.

    Args:
        pipeline: the models.
        data: folders that `agpis simulate` wrote.
        settings: thresholds and K^t; `seed` decides the random choices here as well.
        taxonomy: the rules of the reviewer.
        split: "train", "val" or "test" for those products, "all" for every product.
        limit: try at most this many products, drawn at random.
        sweep: thresholds th^t in [0, 1] to try besides.
        progress: told of (products done, products in all).

    Raises:
        SettingsError: when a value lies outside its range, or K^t is larger than the model takes.
        CatalogError: when a catalogue carries no facts, or no product of the split has K^t readable candidates.
        RulesError: when the reviewer can see no rule broken.
    """
    _check(split, limit, sweep)
    if settings.num_images > pipeline.max_images:
        raise SettingsError(f"num_images (K^t) is {settings.num_images}, the model takes at most {pipeline.max_images}")
    reviewer = Reviewer(taxonomy)
    if not reviewer.known_rules:
        raise RulesError("no rule of the rule file has a predicate, so the reviewer would accept everything")
    products = _products(data, split, limit, settings.seed)
    verdicts = []
    for done, (folder, product) in enumerate(products, start=1):
        judged = _judge(pipeline, folder, product, settings, reviewer)
        if judged is not None:
            verdicts.append(judged)
        if progress is not None:
            progress(done, len(products))
    if not verdicts:
        raise CatalogError(
            f"none of the {len(products)} products of split {split} has {settings.num_images} readable candidates"
        )
    return LoopResult(
        split=split,
        settings=settings,
        num_products=len(verdicts),
        num_too_small=len(products) - len(verdicts),
        first=_submissions("first images as given", None, [item.first for item in verdicts]),
        random=_submissions("random images", None, [item.random for item in verdicts]),
        stage_one=_submissions("stage 1", None, [item.built for item in verdicts]),
        stage_two=_at(settings.submission_threshold, verdicts),
        sweep=tuple(_at(threshold, verdicts) for threshold in sorted(sweep)),
        terminations=_by_count(item.termination.value for item in verdicts if item.termination),
    )


def _check(split: str, limit: int | None, sweep: Sequence[float]) -> None:
    if split not in (*SPLITS, "all"):
        raise SettingsError(f"split must be {', '.join(SPLITS)} or all, got {split!r}")
    if limit is not None and limit < 1:
        raise SettingsError(f"limit must be at least 1 product, got {limit}")
    for threshold in sweep:
        if not 0.0 <= threshold <= 1.0:
            raise SettingsError(f"a threshold of the sweep must lie in [0, 1], got {threshold}")


def _products(data: Sequence[Path], split: str, limit: int | None, seed: int) -> list[tuple[Path, AnnotatedProduct]]:
    everything = [(folder, product) for folder in data for product in read_annotated(folder)]
    products = [(folder, product) for folder, product in everything if split in (product.split, "all")]
    if not products:
        known = sorted({product.split for _, product in everything})
        raise CatalogError(
            f"no product of split {split} among the {len(everything)} of {', '.join(map(str, data))}; "
            f"there are products of {', '.join(known) or 'no split'}"
        )
    if limit is None or limit >= len(products):
        return products
    # Drawn, because a catalogue lists its sources one after the other.
    chosen = np.random.default_rng(seed).choice(len(products), limit, replace=False)
    return [products[index] for index in sorted(chosen)]


def _judge(
    pipeline: AgpisPipeline, folder: Path, entry: AnnotatedProduct, settings: PipelineSettings, reviewer: Reviewer
) -> _Verdicts | None:
    """The reviews of one product's sequences, or None when it has too few readable candidates."""
    files = [(facts.file, folder / facts.file) for facts in entry.images]
    product = read_product(entry.product_id, entry.title.text, files, category=entry.category)
    readable = [image.file for image in product.images]
    if len(readable) < settings.num_images:
        return None
    # By the product's name, so that neither limit nor order changes what is drawn for it.
    rng = np.random.default_rng([settings.seed, zlib.crc32(entry.product_id.encode("utf-8"))])

    def review(sequence: Sequence[str]) -> Review:
        return reviewer.review(entry.title, [entry.facts_of(file) for file in sequence], rng)

    drawn = [readable[index] for index in rng.permutation(len(readable))[: settings.num_images]]
    stage_one = pipeline.select(pipeline.assess(product), pipeline.match(product), settings)
    built, p_qualified = None, 0.0
    if stage_one.sequence:
        built = review(stage_one.sequence)
        p_qualified = pipeline.score(pipeline.encode(product, stage_one.sequence)).p_qualified
    return _Verdicts(
        first=review(readable[: settings.num_images]),
        random=review(drawn),
        built=built,
        p_qualified=p_qualified,
        termination=stage_one.termination,
    )


def _at(threshold: float, verdicts: Sequence[_Verdicts]) -> Submissions:
    reviews = [item.built if item.p_qualified >= threshold else None for item in verdicts]
    return _submissions("stage 1 + stage 2", threshold, reviews)


def _submissions(policy: str, threshold: float | None, reviews: Sequence[Review | None]) -> Submissions:
    """Count the reviews of a policy: one a product, None where nothing was submitted."""
    submitted = [review for review in reviews if review is not None]
    rejected = [review for review in submitted if not review.accepted]
    interval = None
    if submitted:
        bounds = binomtest(len(rejected), len(submitted)).proportion_ci(0.95, method="wilson")
        interval = (float(bounds.low), float(bounds.high))
    return Submissions(
        policy=policy,
        threshold=threshold,
        num_products=len(reviews),
        num_submitted=len(submitted),
        num_rejected=len(rejected),
        reject_rate=len(rejected) / len(submitted) if submitted else None,
        interval=interval,
        submitted_share=len(submitted) / len(reviews),
        accepted_share=(len(submitted) - len(rejected)) / len(reviews),
        rules=_by_count(review.rule_id for review in rejected),
    )


def _by_count(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])))
