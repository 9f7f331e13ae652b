"""One product of the simulated marketplace: its candidates I^c and the reviews of sequences made from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agpis.rules import Rule, RuleCategory
from agpis.simulation.copies import make_copy
from agpis.simulation.facts import DefectKind, ImageFacts, TitleFacts
from agpis.simulation.pool import CandidatePool, Surroundings
from agpis.simulation.predicates import HasDefect, Predicate, build_predicate
from agpis.simulation.recipes import Draft, add_flaw, break_rule, spoils_single_pictures
from agpis.simulation.relations import CopyKind
from agpis.simulation.reviewer import Review, Reviewer
from agpis.simulation.shares import CategoryShares
from agpis.simulation.sources import SourceImage, SourceProduct

_ATTEMPTS = 4
# Flawed pictures beside those of the rejected sequences: up to three a product, each with this probability.
_EXTRA_DEFECTS = 0.45


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """What is drawn for every product.

    Attributes:
        num_images: lengths K^t to choose from, with their weights.
        sequences: reviewed sequences a product.
        candidates: mean number of candidates K^c.
        proportions: class shares that the sequences aim at.
        wrong_titles: sequences beyond those, accepted ones under a wrong title; fewer where a product has none.
    """

    num_images: Mapping[int, float]
    sequences: int
    candidates: float
    proportions: Mapping[RuleCategory, float]
    wrong_titles: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class SampledReview:
    """A reviewed sequence.

    Attributes:
        images: indices into the candidates, in order.
        title: what the title says that it was submitted with.
        review: the verdict.
    """

    images: tuple[int, ...]
    title: TitleFacts
    review: Review


@dataclass(frozen=True, slots=True, eq=False)
class SampledProduct:
    """A simulated product.

    Attributes:
        product: the source product.
        candidates: I^c in random order; every image of every review is among them.
        reviews: the reviewed sequences; none when the source has too few clean pictures for one, and fewer than
            planned where the shares could not be kept otherwise.
    """

    product: SourceProduct
    candidates: tuple[SourceImage, ...]
    reviews: tuple[SampledReview, ...]


def sample_product(
    product: SourceProduct,
    around: Surroundings,
    plan: SamplingPlan,
    judge: Reviewer,
    rng: np.random.Generator,
    shares: CategoryShares | None = None,
) -> SampledProduct:
    """Draw the candidates and reviews of one product.

    Args:
        product: where the pictures come from.
        around: other products, image size, and the faultless reviewer that sequences are aimed with.
        plan: how much of what.
        judge: the reviewer whose verdict becomes the label; may be a forgetful one.
        rng: decides everything that is random.
        shares: keeps the shares over several products of one plan; those of this product alone when not given.
    """
    shares = shares or CategoryShares(plan.proportions)
    pool = CandidatePool(product, around, rng)
    aims = _Aims(around.reviewer, rng)
    drafts: list[Draft] = []
    # By length, since a category may have sequences of one length and none of another.
    lacking: defaultdict[int, set[RuleCategory]] = defaultdict(set)
    for _ in range(plan.sequences):
        drawn, order = shares.draw(rng)
        length = _length(plan, rng)
        for wanted in [category for category in order if category not in lacking[length]]:
            if not shares.allows(wanted):
                continue
            draft = _draft(wanted, pool, plan, length, aims, drafts)
            if draft is not None:
                drafts.append(draft)
                shares.settle(drawn, wanted)
                break
            lacking[length].add(wanted)
            if drafts and wanted is RuleCategory.QUALIFIED:
                shares.note_lack_of_good()
        else:
            # A product without a single good sequence has no part in the shares.
            if drafts:
                shares.settle(drawn, None)
    chosen = _candidates(pool, drafts, plan, aims)
    drafts += _wrong_titles(drafts, pool, plan.wrong_titles, aims)
    place = {index: position for position, index in enumerate(chosen)}
    reviews = []
    for draft in drafts:
        verdict = judge.review(draft.title, [pool.images[index].facts for index in draft.images], rng)
        reviews.append(SampledReview(tuple(place[index] for index in draft.images), draft.title, verdict))
    return SampledProduct(product, tuple(pool.images[index] for index in chosen), tuple(reviews))


def is_noncompliant(facts: ImageFacts, reviewer: Reviewer, title: TitleFacts) -> bool:
    """Whether an image alone is reason for a rejection; see `defect_words`."""
    return bool(defect_words(facts, reviewer, title))


def defect_words(facts: ImageFacts, reviewer: Reviewer, title: TitleFacts) -> tuple[str, ...]:
    """Words for what makes an image non-compliant, without repeats.

    Args:
        facts: of the image.
        reviewer: knows which resolution, people and presentation the rules allow.
        title: how many units it promises; what else it says does not matter.

    Returns:
        The kinds of its defects, and the flaws that `reviewer` sees. A product cut by the frame is none: from one
        picture nobody can tell a bad whole view from a good close-up, so that is left to the rules of sequences.
    """
    words = [defect.kind.value for defect in facts.defects]
    return tuple(dict.fromkeys((*words, *reviewer.flaws(facts, title))))


class _Aims:
    """The rules that sequences can be aimed at, by category."""

    def __init__(self, reviewer: Reviewer, rng: np.random.Generator) -> None:
        self.reviewer = reviewer
        self._rng = rng
        self._rules: dict[RuleCategory, list[tuple[Rule, Predicate]]] = {}
        for rule in reviewer.known_rules:
            self._rules.setdefault(rule.category, []).append((rule, build_predicate(rule.predicate)))
        known = [predicate for rules in self._rules.values() for _, predicate in rules]
        self._flaws: list[Predicate] = [HasDefect(kind="has_defect", defect=kind) for kind in DefectKind]
        self._flaws += [flaw for flaw in known if spoils_single_pictures(flaw) and not isinstance(flaw, HasDefect)]

    def shuffled(self, category: RuleCategory) -> list[tuple[Rule, Predicate]]:
        """The rules of a category in random order, frequent ones rather early."""
        rules = self._rules.get(category, [])
        # Sorting by these keys draws one rule after the other by its weight.
        keys = self._rng.exponential([1 / rule.frequency for rule, _ in rules])
        return [rules[int(position)] for position in np.argsort(keys)]

    def of_titles(self) -> list[tuple[Rule, Predicate]]:
        """The rules that compare the title with the pictures, in random order as `shuffled`."""
        return [aim for aim in self.shuffled(RuleCategory.MULTI) if aim[1].reads_title]

    def spoilt(self, pool: CandidatePool) -> int:
        """A clean picture of the pool with a random flaw: any defect, or whatever else one picture can break."""
        while True:
            flaw = self._flaws[int(self._rng.integers(len(self._flaws)))]
            made = add_flaw(pool, pool.pick([*pool.wholes, *pool.details]), flaw)
            if made is not None:  # a defect can always be drawn
                return made


def _draft(
    wanted: RuleCategory, pool: CandidatePool, plan: SamplingPlan, length: int, aims: _Aims, drawn: Sequence[Draft]
) -> Draft | None:
    """A new sequence that a faultless reviewer puts into the wanted category, or None when the product has no other."""
    title = pool.product.title
    if wanted is RuleCategory.QUALIFIED:
        for _ in range(_ATTEMPTS):
            base = _base(pool, plan, length)
            if base is not None and pool.accepts(base, title) and Draft(tuple(base), title) not in drawn:
                return Draft(tuple(base), title)
        return None
    for rule, predicate in aims.shuffled(wanted):
        for _ in range(_ATTEMPTS):
            base = _base(pool, plan, length)
            draft = None if base is None else break_rule(predicate, pool, base, title)
            if draft is not None and draft not in drawn and _rule_of(draft, pool, aims.reviewer) == rule.id:
                return draft
    return None


def _wrong_titles(drafts: Sequence[Draft], pool: CandidatePool, count: int, aims: _Aims) -> list[Draft]:
    """Up to `count` of the good sequences among `drafts` under titles that break a rule."""
    made: list[Draft] = []
    good = [draft for draft in drafts if pool.accepts(draft.images, draft.title)] if count else []
    for _ in range(count if good else 0):
        base = good[int(pool.rng.integers(len(good)))]
        for rule, predicate in aims.of_titles():
            draft = break_rule(predicate, pool, base.images, base.title)
            if draft is not None and draft not in made and _rule_of(draft, pool, aims.reviewer) == rule.id:
                made.append(draft)
                break
    return made


def _length(plan: SamplingPlan, rng: np.random.Generator) -> int:
    # Drawn before the category, so that it tells nothing about the verdict.
    lengths = sorted(plan.num_images)
    weights = np.array([plan.num_images[length] for length in lengths])
    return lengths[int(rng.choice(len(lengths), p=weights / weights.sum()))]


def _base(pool: CandidatePool, plan: SamplingPlan, longest: int) -> list[int] | None:
    """A good sequence of this length, or of the next shorter length that the pictures suffice for."""
    for length in sorted((length for length in plan.num_images if length <= longest), reverse=True):
        base = pool.good_sequence(length)
        if base is not None:
            return base
    return None


def _rule_of(draft: Draft, pool: CandidatePool, reviewer: Reviewer) -> str:
    facts = [pool.images[index].facts for index in draft.images]
    return reviewer.review(draft.title, facts, pool.rng).rule_id


def _candidates(pool: CandidatePool, drafts: Sequence[Draft], plan: SamplingPlan, aims: _Aims) -> list[int]:
    """The images that the drafts need and others, clean and flawed, up to about K^c, in random order."""
    rng = pool.rng
    chosen = list(dict.fromkeys(index for draft in drafts for index in draft.images))
    target = round(float(np.clip(rng.normal(plan.candidates, 1.3), 3, 2 * plan.candidates)))
    whole_clean = pool.wholes or pool.details
    if whole_clean:
        extra = int(rng.binomial(3, _EXTRA_DEFECTS))
        chosen += [aims.spoilt(pool) for _ in range(extra)]
    clean = [index for index in [*pool.wholes, *pool.details] if index not in chosen]
    rare = [index for index in [*pool.flawed, *pool.variants, *pool.strangers[:1]] if index not in chosen]
    while len(chosen) < target:
        roll = rng.random()
        if clean and (roll < 0.5 or not whole_clean):
            chosen.append(clean.pop(int(rng.integers(len(clean)))))
        elif rare and (roll < 0.75 or not whole_clean):
            chosen.append(rare.pop(int(rng.integers(len(rare)))))
        elif whole_clean and roll < 0.95:
            chosen.append(aims.spoilt(pool))
        elif whole_clean:
            kind = list(CopyKind)[int(rng.integers(len(CopyKind)))]
            chosen.append(pool.add(make_copy(kind, pool.images[pool.pick(whole_clean)], rng)))
        else:
            break
    return [chosen[int(position)] for position in rng.permutation(len(chosen))]
