"""The sampler: proportions, true labels, nothing that gives a verdict away, recipes that break their rule."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from standins import SIZE, source_product

from agpis.rules import RuleCategory, RuleTaxonomy, load_taxonomy
from agpis.simulation.facts import Defect, DefectKind, ImageFacts, People, Presentation, TitleFacts, View
from agpis.simulation.pool import CandidatePool, Surroundings
from agpis.simulation.predicates import build_predicate
from agpis.simulation.recipes import break_rule
from agpis.simulation.reviewer import Reviewer
from agpis.simulation.sampler import SampledProduct, SamplingPlan, defect_words, is_noncompliant, sample_product
from agpis.simulation.shares import CategoryShares
from agpis.simulation.sources import SourceProduct

TAXONOMY = load_taxonomy()
REVIEWER = Reviewer(TAXONOMY)
PRODUCTS = [source_product(number) for number in range(24)]
SHARES = {
    RuleCategory.QUALIFIED: 0.71,
    RuleCategory.SINGLE: 0.12,
    RuleCategory.PAIR: 0.07,
    RuleCategory.MULTI: 0.10,
}
PLAN = SamplingPlan(num_images={2: 0.1, 3: 0.7, 4: 0.2}, sequences=4, candidates=7.0, proportions=SHARES)


def sampled(
    product: SourceProduct,
    seed: int,
    plan: SamplingPlan = PLAN,
    judge: Reviewer = REVIEWER,
    aimed_by: Reviewer = REVIEWER,
) -> SampledProduct:
    around = Surroundings(aimed_by, PRODUCTS, SIZE)
    return sample_product(product, around, plan, judge, np.random.default_rng(seed))


def pool_of(product: SourceProduct, seed: int = 0) -> CandidatePool:
    return CandidatePool(product, Surroundings(REVIEWER, PRODUCTS, SIZE), np.random.default_rng(seed))


@pytest.fixture(scope="module")
def market() -> list[SampledProduct]:
    return [sampled(PRODUCTS[seed % len(PRODUCTS)], seed) for seed in range(200)]


def test_proportions_are_those_asked_for(market: list[SampledProduct]) -> None:
    rules = [review.review.rule_id for product in market for review in product.reviews]
    assert len(rules) == 200 * 4
    shares = Counter(TAXONOMY[rule_id].category for rule_id in rules)
    for category, share in SHARES.items():
        assert shares[category] / len(rules) == pytest.approx(share, abs=0.04)


def test_shares_hold_over_products_although_some_rules_cannot_be_broken() -> None:
    # Without close-ups, other products and colours hardly a rule of pairs or sequences can be broken.
    plain = [
        replace(product, images=product.images[:2], variants=(), title=TitleFacts("Thing")) for product in PRODUCTS
    ]
    plan = replace(PLAN, proportions={RuleCategory.QUALIFIED: 0.5, RuleCategory.MULTI: 0.5}, num_images={2: 1.0})
    shares = CategoryShares(plan.proportions)
    verdicts: Counter[RuleCategory] = Counter()
    for seed in range(40):
        product = plain[seed % 24] if seed % 3 else PRODUCTS[seed % 24]
        around = Surroundings(REVIEWER, [product], SIZE)
        made = sample_product(product, around, plan, REVIEWER, np.random.default_rng(seed), shares)
        verdicts.update(TAXONOMY[review.review.rule_id].category for review in made.reviews)
    # Where too few good sequences are left, fewer are made in all.
    assert 100 <= verdicts.total() <= 160
    assert verdicts[RuleCategory.MULTI] / verdicts.total() == pytest.approx(0.5, abs=0.05)


def test_frequent_rules_are_broken_more_often() -> None:
    plan = replace(PLAN, proportions={RuleCategory.SINGLE: 1.0}, sequences=12)
    rules = Counter(
        review.review.rule_id for seed in range(20) for review in sampled(PRODUCTS[seed % 24], seed, plan).reviews
    )
    assert TAXONOMY["S03"].frequency >= 6 * TAXONOMY["S08"].frequency
    assert rules["S03"] >= 3 * rules["S08"]


def test_at_least_20_rules_of_every_category_occur() -> None:
    even = replace(
        PLAN, num_images={2: 0.1, 3: 0.4, 4: 0.5}, proportions={category: 1.0 for category in SHARES}, sequences=16
    )
    classes = tuple(rule.model_copy(update={"frequency": 1.0}) for rule in TAXONOMY.classes)
    reviewer = Reviewer(RuleTaxonomy(version=1, classes=classes))
    rules = {
        review.review.rule_id
        for seed in range(48)
        for review in sampled(PRODUCTS[seed % len(PRODUCTS)], seed, even, aimed_by=reviewer).reviews
    }
    known = {rule.id for rule in REVIEWER.known_rules}
    assert len(known) >= 20
    assert rules == known | {"qualified"}


def test_wrong_titles_come_beyond_the_other_sequences_and_break_rules_of_the_title() -> None:
    told = {rule.id for rule in REVIEWER.known_rules if build_predicate(rule.predicate).reads_title}
    assert told == {"M10", "M11", "M12", "M13"}
    broken: Counter[str] = Counter()
    for seed in range(24):
        without = sampled(PRODUCTS[seed], seed)
        product = sampled(PRODUCTS[seed], seed, replace(PLAN, wrong_titles=3))
        assert [c.facts for c in product.candidates] == [c.facts for c in without.candidates]
        count = len(without.reviews)
        assert [r.images for r in product.reviews[:count]] == [r.images for r in without.reviews]
        accepted = {review.images for review in without.reviews if review.review.accepted}
        further = product.reviews[count:]
        assert len(further) <= 3 if accepted else not further
        for review in further:
            assert review.review.rule_id in told
            assert review.images in accepted
            assert review.title.text != product.product.title.text
        assert len({(r.images, r.title.text) for r in further}) == len(further)
        broken.update(review.review.rule_id for review in further)
    assert broken.total() > 40
    assert {"M10", "M11", "M12"} <= set(broken)


def test_every_label_is_what_the_reviewer_says_of_the_candidates(market: list[SampledProduct]) -> None:
    rng = np.random.default_rng(0)
    for product in market[:100]:
        for review in product.reviews:
            facts = [product.candidates[index].facts for index in review.images]
            again = REVIEWER.review(review.title, facts, rng)
            assert again.rule_id == review.review.rule_id
            assert TAXONOMY.classify_feedback(review.review.feedback).id == again.rule_id


def test_a_rejected_sequence_breaks_few_rules(market: list[SampledProduct]) -> None:
    rejected = [review.review for product in market for review in product.reviews if not review.review.accepted]
    several = [review for review in rejected if len({violation.rule_id for violation in review.violations}) > 1]
    assert len(several) / len(rejected) < 0.25


def test_length_and_place_among_the_candidates_do_not_tell_the_verdict(market: list[SampledProduct]) -> None:
    lengths: dict[bool, list[int]] = defaultdict(list)
    places: dict[bool, list[float]] = defaultdict(list)
    for product in market:
        for review in product.reviews:
            lengths[review.review.accepted].append(len(review.images))
            places[review.review.accepted] += [index / len(product.candidates) for index in review.images]
    assert np.mean(lengths[True]) == pytest.approx(np.mean(lengths[False]), abs=0.12)
    assert np.mean(places[True]) == pytest.approx(np.mean(places[False]), abs=0.05)


def test_a_qualified_sequence_opens_with_a_clean_front_and_ends_with_details(market: list[SampledProduct]) -> None:
    for product in market[:100]:
        for review in product.reviews:
            if review.review.accepted:
                facts = [product.candidates[index].facts for index in review.images]
                assert facts[0].view in (View.FRONT, View.ANGLE)
                assert not any(is_noncompliant(image, REVIEWER, review.title) for image in facts)
                whole = [image.whole for image in facts]
                assert whole == sorted(whole, reverse=True)


def test_candidates_are_about_seven_and_flawed_ones_are_among_them(market: list[SampledProduct]) -> None:
    counts = [len(product.candidates) for product in market]
    assert np.mean(counts) == pytest.approx(7.5, abs=1.0)
    flawed = [
        is_noncompliant(image.facts, REVIEWER, product.product.title)
        for product in market
        for image in product.candidates
    ]
    assert 0.12 < np.mean(flawed) < 0.4


def test_the_same_seed_gives_the_same_product() -> None:
    first, second = sampled(PRODUCTS[3], 5), sampled(PRODUCTS[3], 5)
    assert [image.facts for image in first.candidates] == [image.facts for image in second.candidates]
    assert all(
        np.array_equal(one.pixels, other.pixels) for one, other in zip(first.candidates, second.candidates, strict=True)
    )
    assert [review.review for review in first.reviews] == [review.review for review in second.reviews]
    assert [image.facts for image in sampled(PRODUCTS[3], 6).candidates] != [i.facts for i in first.candidates]


def test_a_forgetful_judge_lets_bad_sequences_pass() -> None:
    broken = replace(PLAN, proportions={RuleCategory.SINGLE: 1.0})
    verdicts = [
        review.review.accepted
        for seed in range(40)
        for review in sampled(PRODUCTS[seed % 24], seed, broken, Reviewer(TAXONOMY, miss_rate=1.0)).reviews
    ]
    assert verdicts
    assert all(verdicts)


def test_a_product_without_a_clean_front_gets_no_review_but_keeps_its_candidates() -> None:
    banner = Defect(DefectKind.BANNER, "SALE", "at the top")
    images = tuple(replace(image, facts=replace(image.facts, defects=(banner,))) for image in PRODUCTS[0].images[:3])
    product = sampled(replace(PRODUCTS[0], images=images, variants=()), 0)
    assert product.reviews == ()
    assert len(product.candidates) >= 3


RULES = {rule.id: rule for rule in REVIEWER.known_rules}


# Lengths at which a rule can be broken, where not every length will do.
LENGTHS = {"M03": 4, "M05": 4, "M06": 4}


@pytest.mark.parametrize("rule_id", RULES)
def test_every_recipe_breaks_its_rule_and_keeps_the_length(rule_id: str) -> None:
    predicate = build_predicate(RULES[rule_id].predicate)
    length = LENGTHS.get(rule_id, 3)
    rng = np.random.default_rng(0)
    hit = made = 0
    for seed in range(30):
        pool = pool_of(PRODUCTS[seed % 24], seed)
        base = pool.good_sequence(length)
        assert base is not None
        draft = break_rule(predicate, pool, base, pool.product.title)
        if draft is None:
            continue
        made += 1
        # Only where images are missing is the sequence shorter.
        assert len(draft.images) == (1 if rule_id == "M02" else length)
        assert len(set(draft.images)) == len(draft.images)
        review = REVIEWER.review(draft.title, [pool.images[index].facts for index in draft.images], rng)
        hit += rule_id in {violation.rule_id for violation in review.violations}
    assert made >= 8
    assert hit >= 0.9 * made


@pytest.mark.parametrize("length", [2, 3, 4, 5])
def test_good_sequences_have_the_length_asked_for(length: int) -> None:
    for seed in range(10):
        pool = pool_of(PRODUCTS[seed], seed)
        sequence = pool.good_sequence(length)
        assert sequence is not None
        assert len(set(sequence)) == length
        assert pool.accepts(sequence)
    assert pool.good_sequence(30) is None


def broken_facts(rule_id: str, seed: int) -> tuple[TitleFacts, list[ImageFacts]] | None:
    pool = pool_of(PRODUCTS[seed % 24], seed)
    base = pool.good_sequence(3)
    assert base is not None
    draft = break_rule(build_predicate(RULES[rule_id].predicate), pool, base, pool.product.title)
    return None if draft is None else (draft.title, [pool.images[index].facts for index in draft.images])


def test_wrong_titles_are_wrong_about_colour_material_and_pattern() -> None:
    wrong: Counter[str] = Counter()
    for seed in range(60):
        broken = broken_facts("M11", seed)
        assert broken is not None
        title, images = broken
        changed = [
            fact
            for fact in ("colour", "material", "pattern")
            if getattr(title, fact) not in ("", getattr(images[0], fact))
        ]
        assert len(changed) == 1
        wrong.update(changed)
    assert min(wrong[fact] for fact in ("colour", "material", "pattern")) >= 5
    assert wrong["colour"] == max(wrong.values())


def test_what_one_picture_may_pass_for_is_no_wrong_title() -> None:
    # Of the words for a striped mug only "dotted" is no other word for what is seen, of those for a ceramic one not
    # the likes of plastic.
    for seed in range(120):
        broken = broken_facts("M11", seed)
        assert broken is not None
        title, images = broken
        if images[0].pattern == "striped":
            assert title.pattern in ("", "striped", "dotted")
        if images[0].category == "mug":
            assert title.material in ("", "ceramic", "steel", "wood")


def test_another_variant_is_one_in_colour_or_in_pattern() -> None:
    seen = set()
    for seed in range(60):
        broken = broken_facts("P06", seed)
        assert broken is not None
        images = broken[1]
        seen.add((len({image.colour for image in images}), len({image.pattern for image in images})))
    assert seen == {(2, 1), (1, 2)}


def test_one_side_only_is_shown_by_sequences_that_are_long_enough() -> None:
    predicate = build_predicate(RULES["M05"].predicate)
    for length, wanted in ((2, 4), (3, 4), (4, 4)):
        pool = pool_of(PRODUCTS[length])
        base = pool.good_sequence(length)
        assert base is not None
        draft = break_rule(predicate, pool, base, pool.product.title)
        assert draft is not None
        assert len(draft.images) == wanted
    # Five would need a fourth close-up.
    pool = pool_of(PRODUCTS[5])
    assert break_rule(predicate, pool, pool.good_sequence(5) or [], pool.product.title) is None


def test_defect_words() -> None:
    front, title = PRODUCTS[0].images[0].facts, PRODUCTS[0].title

    def words(title: TitleFacts = title, **facts: Any) -> tuple[str, ...]:
        image = replace(front, **facts)
        found = defect_words(image, REVIEWER, title)
        assert is_noncompliant(image, REVIEWER, title) == bool(found)
        return found

    banner = Defect(DefectKind.BANNER, "SALE", "at the top")
    assert words() == ()
    assert words(defects=(banner, banner)) == ("banner",)
    assert words(cut_off=True) == ()  # nobody could tell it from a close-up
    assert words(defects=(Defect(DefectKind.PROPS, "a hand"),), people=People.HAND) == ("props",)
    assert words(people=People.HAND) == ("props",)
    assert words(people=People.MODEL) == ()
    assert words(longest_side=100) == ("low_resolution",)
    assert words(presentation=Presentation.HANGER) == ("presentation",)
    assert words(items=3) == ("several_items",)
    assert words(TitleFacts("Three mugs", quantity=3), items=3) == ()


def test_a_rule_file_with_other_limits_changes_what_is_good() -> None:
    classes = tuple(
        rule.model_copy(update={"predicate": {"kind": "low_fill", "min_fill": 0.5}}) if rule.id == "S17" else rule
        for rule in TAXONOMY.classes
    )
    strict = Reviewer(RuleTaxonomy(version=1, classes=classes))
    pool = CandidatePool(PRODUCTS[0], Surroundings(strict, PRODUCTS, SIZE), np.random.default_rng(0))
    assert pool.wholes == []
    assert pool_of(PRODUCTS[0]).wholes != []


def test_no_sequence_is_reviewed_twice() -> None:
    many = replace(PLAN, sequences=40)
    for number in range(4):
        reviews = sampled(PRODUCTS[number], number, many).reviews
        assert 10 < len(reviews) <= 40
        assert len({(review.images, review.title.text) for review in reviews}) == len(reviews)
