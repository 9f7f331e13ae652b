"""A longer log of reviews from simulated products: more sequences of the same images, spread over months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from agpis.data.reviews import ReviewRecord, read_reviews
from agpis.rules import RuleCategory, RuleTaxonomy
from agpis.simulation.annotations import AnnotatedProduct, read_annotated
from agpis.simulation.config import NATURAL_PROPORTIONS
from agpis.simulation.facts import ImageFacts, TitleFacts
from agpis.simulation.reviewer import Reviewer
from agpis.simulation.sampler import is_noncompliant

RENDERED = "rendered"
_FIRST_DAY = date(2025, 1, 6)
# A product's sequences are submitted within so many days after it was listed.
_DAYS_OF_PRODUCT = 28
_LENGTHS = {2: 0.1, 3: 0.7, 4: 0.12, 5: 0.08}
_CLEAN_ONLY, _GOOD_START, _OTHER_TITLE = 0.6, 0.7, 0.08


@dataclass(frozen=True, slots=True)
class DrawingPlan:
    """What the log holds.

    Attributes:
        rendered_shares: split -> share of its rendered products that are taken.
        photo_source: the catalogue whose val and test products are taken as well, without further sequences: the
            shipped model may have learned from photos of the others.
        photos_from: day on which its first product is listed; rendered ones are from the beginning.
        more: split -> sequences a rendered product beyond those of the data.
        days: length of the log.
        tries: random sequences a wanted one, of which the reviewer's verdict picks.
        seed: of everything that is random.
    """

    rendered_shares: Mapping[str, float] = field(default_factory=lambda: {"train": 0.35, "val": 1.0, "test": 1.0})
    photo_source: str = "clothing"
    photos_from: int = 150
    more: Mapping[str, int] = field(default_factory=lambda: {"train": 24, "val": 20, "test": 20})
    days: int = 270
    tries: int = 6
    seed: int = 0


def draw_reviews(data: Path, taxonomy: RuleTaxonomy, plan: DrawingPlan) -> Iterator[ReviewRecord]:
    """The reviews of a simulated marketplace with more sequences of its rendered products, product by product.

    The further sequences are random ones of a product's candidates that a faultless reviewer judges; among them those
    are kept whose verdicts come near to the shares of Table 1 of the paper.
    """
    rng = np.random.default_rng(plan.seed)
    known: defaultdict[str, list[ReviewRecord]] = defaultdict(list)
    for record in read_reviews(data, taxonomy):
        known[record.product_id].append(record)
    reviewer = Reviewer(taxonomy)
    before: dict[str, AnnotatedProduct] = {}
    for product in read_annotated(data):
        records = known[product.product_id]
        if not records or not _taken(product, plan, rng):
            continue
        if product.source == RENDERED:
            stranger = before.get(product.split, product)
            records += _more(product, stranger.title, records, reviewer, plan, rng)
            before[product.split] = product
        first = plan.photos_from if product.source == plan.photo_source else 0
        yield from _dated(records, first, plan.days, rng)


def _taken(product: AnnotatedProduct, plan: DrawingPlan, rng: np.random.Generator) -> bool:
    if product.source == RENDERED:
        return bool(rng.random() < plan.rendered_shares[product.split])
    return product.source == plan.photo_source and product.split != "train"


def _more(
    product: AnnotatedProduct,
    other_title: TitleFacts,
    known: Sequence[ReviewRecord],
    reviewer: Reviewer,
    plan: DrawingPlan,
    rng: np.random.Generator,
) -> list[ReviewRecord]:
    """New sequences of one product, as near to the natural shares as its candidates allow."""
    count = plan.more[product.split]
    seen = {(record.title, record.images) for record in known}
    found: defaultdict[RuleCategory, list[ReviewRecord]] = defaultdict(list)
    categories = {rule.id: rule.category for rule in reviewer.taxonomy.classes}
    for images, title in _random_sequences(product, other_title, known, reviewer, count * plan.tries, rng):
        key = (title.text, tuple(facts.file for facts in images))
        if key in seen:
            continue
        seen.add(key)
        review = reviewer.review(title, images, rng)
        record = replace(known[0], title=title.text, images=key[1], feedback=review.feedback, rule_id=review.rule_id)
        found[categories[review.rule_id]].append(record)
    wanted = rng.choice(list(NATURAL_PROPORTIONS), size=count, p=list(NATURAL_PROPORTIONS.values()))
    return [found[RuleCategory(name)].pop() for name in wanted if found[RuleCategory(name)]]


def _random_sequences(
    product: AnnotatedProduct,
    other_title: TitleFacts,
    known: Sequence[ReviewRecord],
    reviewer: Reviewer,
    count: int,
    rng: np.random.Generator,
) -> Iterator[tuple[list[ImageFacts], TitleFacts]]:
    """Sequences as sellers might submit them: often, not always, of clean images and with a main image in front."""
    qualified = reviewer.taxonomy.qualified.id
    starts = {record.images[0] for record in known if record.rule_id == qualified}
    clean = [facts for facts in product.images if not is_noncompliant(facts, reviewer, product.title)]
    for _ in range(count):
        pool = clean if len(clean) > 1 and rng.random() < _CLEAN_ONLY else list(product.images)
        length = min(int(rng.choice(list(_LENGTHS), p=list(_LENGTHS.values()))), len(pool))
        chosen = [pool[int(index)] for index in rng.permutation(len(pool))[:length]]
        if rng.random() < _GOOD_START:
            chosen = _started(chosen, [facts for facts in pool if facts.file in starts], rng)
        yield chosen, other_title if rng.random() < _OTHER_TITLE else product.title


def _started(chosen: list[ImageFacts], starts: Sequence[ImageFacts], rng: np.random.Generator) -> list[ImageFacts]:
    """The sequence with one of `starts` in front, its length as it was."""
    if not starts:
        return chosen
    start = starts[int(rng.integers(len(starts)))]
    return [start, *(facts for facts in chosen if facts.file != start.file)][: len(chosen)]


def _dated(records: Iterable[ReviewRecord], first: int, days: int, rng: np.random.Generator) -> Iterator[ReviewRecord]:
    """The same reviews with new days, soon after the product was listed, which is on day `first` or later."""
    listed = int(rng.integers(first, days - _DAYS_OF_PRODUCT))
    for record in records:
        day = _FIRST_DAY + timedelta(days=listed + int(rng.integers(_DAYS_OF_PRODUCT)))
        yield replace(record, date=day.isoformat())
