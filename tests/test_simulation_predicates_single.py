"""Predicates of single images: each hits what breaks its rule and narrowly misses what does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agpis.errors import RulesError
from agpis.rules import load_taxonomy
from agpis.simulation.facts import Defect, DefectKind, ImageFacts, People, Presentation, TitleFacts, View
from agpis.simulation.predicates import Hit, build_predicate
from agpis.simulation.relations import CopyKind, copy_relation
from agpis.simulation.reviewer import Reviewer

TITLE = TitleFacts("Red dress", "dress", "red")
FRONT = ImageFacts("a.jpg", "d1", "dress", "red", View.FRONT, "c1", fill=0.5)
BACK = replace(FRONT, file="b.jpg", view=View.BACK, capture="c2")
TAXONOMY = load_taxonomy()
REVIEWER = Reviewer(TAXONOMY)


def hits(mapping: dict[str, Any], *images: ImageFacts, title: TitleFacts = TITLE) -> list[Hit]:
    return list(build_predicate(mapping).hits(images, title))


def positions(kind: str, *images: ImageFacts, title: TitleFacts = TITLE, **parameters: Any) -> list[tuple[int, ...]]:
    return [hit.images for hit in hits({"kind": kind, **parameters}, *images, title=title)]


def rules_of(image: ImageFacts, title: TitleFacts = TITLE) -> set[str]:
    """The single-image rules that the default file finds broken by one image."""
    review = REVIEWER.review(title, [image], np.random.default_rng(0))
    return {violation.rule_id for violation in review.violations if violation.rule_id.startswith("S")}


# -- what is drawn on a picture -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule_id", "defect", "words"),
    [
        ("S04", Defect(DefectKind.BADGE, "a seal 'TOP RATED'", "at the top"), ("a seal 'TOP RATED'", "at the top")),
        ("S09", Defect(DefectKind.PLACEHOLDER, "a placeholder 'No image'"), ("a placeholder 'No image'", "photo")),
        ("S10", Defect(DefectKind.NOT_A_PHOTO, "a pencil sketch"), ("a pencil sketch", "photo")),
        ("S14", Defect(DefectKind.DISTORTION, "stretched sideways"), ("stretched sideways",)),
        ("S16", Defect(DefectKind.CUTOUT, "a grey rim", "around the product"), ("a grey rim",)),
        ("S19", Defect(DefectKind.PROPS, "a ruler", "on the left"), ("a ruler", "on the left")),
        ("S21", Defect(DefectKind.OFFENSIVE, "a rude gesture", "at the top"), ("a rude gesture", "at the top")),
    ],
)
def test_a_drawn_defect_breaks_one_rule_and_the_reviewer_says_what_and_where(
    rule_id: str, defect: Defect, words: tuple[str, ...]
) -> None:
    flawed = replace(BACK, defects=(defect,))
    assert rules_of(flawed) == {rule_id}
    assert rules_of(BACK) == set()
    rng, written = np.random.default_rng(0), set()
    for _ in range(40):
        review = REVIEWER.review(TITLE, [FRONT, flawed], rng)
        assert review.rule_id == rule_id
        assert TAXONOMY.classify_feedback(review.feedback).id == rule_id
        text = review.feedback.casefold()
        assert "2nd" in text or "image 2" in text
        assert all(word.casefold() in text for word in words)
        written.add(review.feedback)
    assert len(written) >= 5


# -- props, hands and models --------------------------------------------------------------------------------------

CUP = Defect(DefectKind.PROPS, "a cup", "on the right")


def test_a_prop_is_named_with_its_place_and_a_hand_is_found_once() -> None:
    with_hand = replace(BACK, people=People.HAND, defects=(Defect(DefectKind.PROPS, "a hand", "at the bottom"),))
    assert hits({"kind": "extra_props"}, FRONT, replace(BACK, defects=(CUP,))) == [Hit((2,), "on the right", "a cup")]
    assert hits({"kind": "extra_props"}, with_hand) == [Hit((1,), "at the bottom", "a hand")]
    assert hits({"kind": "extra_props"}, replace(FRONT, people=People.HAND)) == [Hit((1,), thing="a hand")]
    assert positions("extra_props", FRONT, BACK) == []


def test_models_are_a_policy_and_hands_are_not() -> None:
    worn, held = replace(FRONT, people=People.MODEL), replace(FRONT, people=People.HAND)
    assert positions("extra_props", worn) == []
    assert positions("extra_props", worn, allow_models=False) == [(1,)]
    assert positions("extra_props", held, allow_models=True) == [(1,)]
    assert rules_of(worn) == set()


# -- resolution ---------------------------------------------------------------------------------------------------


def test_low_resolution_begins_below_the_limit_and_unknown_proves_nothing() -> None:
    sizes = [replace(FRONT, longest_side=side) for side in (0, 127, 128, 500)]
    assert positions("low_resolution", *sizes, min_side=128) == [(2,)]
    assert positions("low_resolution", *sizes, min_side=127) == []
    assert positions("low_resolution", *sizes, min_side=1000) == [(2,), (3,), (4,)]
    (hit,) = hits({"kind": "low_resolution", "min_side": 500}, replace(FRONT, longest_side=80))
    assert (hit.thing, hit.other) == ("80 pixels", "500 pixels")


def test_ordinary_simulated_pictures_are_large_enough_for_the_default_rules() -> None:
    assert rules_of(replace(FRONT, longest_side=128)) == set()
    assert rules_of(replace(FRONT, longest_side=127)) == {"S11"}


# -- units --------------------------------------------------------------------------------------------------------


def test_several_units_where_one_is_sold() -> None:
    two = replace(BACK, items=2)
    assert positions("several_items", FRONT, two) == [(2,)]
    assert positions("several_items", FRONT, BACK) == []
    assert positions("several_items", two, title=replace(TITLE, quantity=1)) == [(1,)]


@pytest.mark.parametrize("quantity", [2, 3])
def test_several_units_are_no_fault_where_the_title_promises_a_number(quantity: int) -> None:
    pack = replace(TITLE, text="Pack of dresses", quantity=quantity)
    assert positions("several_items", replace(FRONT, items=2), title=pack) == []


# -- presentation -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("presentation", [way for way in Presentation if way is not Presentation.PRODUCT])
def test_every_bad_presentation_is_found_unless_the_rule_file_allows_it(presentation: Presentation) -> None:
    shown = replace(BACK, presentation=presentation)
    assert positions("bad_presentation", FRONT, shown) == [(2,)]
    assert positions("bad_presentation", FRONT, shown, allowed=[presentation.value]) == []
    assert rules_of(shown) == {"S22"}


def test_the_bare_product_is_well_presented() -> None:
    assert positions("bad_presentation", FRONT, BACK, allowed=["hanger"]) == []


# -- what all of them share ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"people": People.HAND}, ("props",)),
        ({"longest_side": 64}, ("low_resolution",)),
        ({"items": 2}, ("several_items",)),
        ({"presentation": Presentation.CREASED}, ("presentation",)),
        ({"items": 2, "people": People.HAND}, ("props", "several_items")),
        ({"longest_side": 640, "people": People.MODEL}, ()),
    ],
)
def test_the_reviewer_has_a_word_for_every_flaw(change: dict[str, Any], words: tuple[str, ...]) -> None:
    assert REVIEWER.flaws(replace(FRONT, **change), TITLE) == words


@pytest.mark.parametrize(
    "change",
    [{"items": 2}, {"people": People.HAND}, {"presentation": Presentation.CREASED}, {"longest_side": 64}],
)
def test_a_spoilt_picture_is_a_near_copy_of_its_original(change: dict[str, Any]) -> None:
    spoilt = replace(FRONT, **change)
    assert copy_relation(FRONT, spoilt) is CopyKind.NEAR
    assert copy_relation(spoilt, spoilt) is CopyKind.EXACT


def _feedback(image: ImageFacts) -> Callable[[int], str]:
    return lambda seed: REVIEWER.review(TITLE, [FRONT, image], np.random.default_rng(seed)).feedback


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"longest_side": 64}, ("64 pixels",)),
        ({"items": 3}, ("3 units",)),
        ({"presentation": Presentation.HANGER}, ("dress", "on a hanger")),
        ({"people": People.HAND}, ("a hand",)),
    ],
)
def test_feedback_tells_image_and_thing_in_several_ways(change: dict[str, Any], parts: tuple[str, ...]) -> None:
    write = _feedback(replace(BACK, **change))
    texts = {write(seed).casefold() for seed in range(30)}
    assert len(texts) >= 4
    for text in texts:
        assert "2nd" in text or "image 2" in text
        assert all(part in text for part in parts)
        assert "  " not in text
        assert " ," not in text


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"kind": "low_resolution", "min_side": 0}, "min_side: Input should be greater than 0"),
        ({"kind": "extra_props", "allow_hands": True}, "allow_hands: Extra inputs are not permitted"),
        ({"kind": "bad_presentation", "allowed": ["upside down"]}, "allowed.0: Input should be 'product'"),
        ({"kind": "several_items", "most": 2}, "most: Extra inputs are not permitted"),
    ],
)
def test_bad_parameters_are_refused(mapping: dict[str, Any], message: str) -> None:
    with pytest.raises(RulesError, match=message):
        build_predicate(mapping)
