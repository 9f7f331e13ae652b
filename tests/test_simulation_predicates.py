"""Every predicate hits what breaks its rule and narrowly misses what does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agpis.errors import RulesError
from agpis.rules import load_taxonomy
from agpis.simulation.facts import Background, Defect, DefectKind, ImageFacts, TitleFacts, View
from agpis.simulation.predicates import Hit, build_predicate, predicate_kinds
from agpis.simulation.relations import CopyKind, copy_relation

TITLE = TitleFacts("Red mug", "mug", "red")
FRONT = ImageFacts("a.jpg", "d1", "mug", "red", View.FRONT, "c1", fill=0.5)
BACK = replace(FRONT, file="b.jpg", view=View.BACK, capture="c2")
DETAIL = replace(FRONT, file="c.jpg", view=View.DETAIL, capture="c3")
SIDE = replace(FRONT, file="d.jpg", view=View.LEFT, capture="c4")
GOOD = (FRONT, BACK, DETAIL)
BANNER = Defect(DefectKind.BANNER, "SALE -30%", "at the bottom")


def hits(mapping: dict[str, Any], *images: ImageFacts, title: TitleFacts = TITLE) -> list[Hit]:
    return list(build_predicate(mapping).hits(images, title))


def positions(kind: str, *images: ImageFacts, title: TitleFacts = TITLE, **parameters: Any) -> list[tuple[int, ...]]:
    return [hit.images for hit in hits({"kind": kind, **parameters}, *images, title=title)]


def test_no_predicate_of_the_default_rules_finds_fault_with_a_good_sequence() -> None:
    rules = [rule for rule in load_taxonomy().rules if rule.predicate]
    assert len(rules) >= 20
    assert {rule.category.value for rule in rules} == {"single", "pair", "multi"}
    assert [rule.id for rule in rules if hits(rule.predicate, *GOOD)] == []


@pytest.mark.parametrize("kind", list(DefectKind))
def test_a_defect_breaks_its_own_rule_and_no_other(kind: DefectKind) -> None:
    flawed = replace(BACK, defects=(Defect(kind, "x", "at the top"),))
    for other in DefectKind:
        found = positions("has_defect", FRONT, flawed, DETAIL, defect=other.value)
        assert found == ([(2,)] if other is kind else [])


def test_a_banner_is_named_with_its_words_and_place() -> None:
    flawed = replace(DETAIL, defects=(BANNER,))
    (hit,) = hits({"kind": "has_defect", "defect": "banner"}, FRONT, BACK, flawed)
    assert hit == Hit((3,), "at the bottom", "a banner 'SALE -30%'")


def test_every_defective_image_is_a_hit() -> None:
    flawed = replace(FRONT, defects=(BANNER, BANNER))
    assert positions("has_defect", flawed, BACK, replace(DETAIL, defects=(BANNER,)), defect="banner") == [
        (1,),
        (1,),
        (3,),
    ]


def test_cropped_full_view() -> None:
    cut = replace(BACK, cut_off=True)
    assert positions("cropped_full_view", FRONT, cut) == [(2,)]
    assert positions("cropped_full_view", FRONT, replace(DETAIL, cut_off=True)) == []


def test_a_cut_part_beside_its_original_is_left_to_the_pair_rule() -> None:
    part = replace(FRONT, crop=(0.0, 0.0, 0.7, 0.7), cut_off=True)
    assert positions("cropped_full_view", part, BACK) == [(1,)]
    assert positions("cropped_full_view", FRONT, part) == []
    assert positions("partial_copy", FRONT, part) == [(1, 2)]


def test_a_cut_original_beside_its_close_up_is_still_cut() -> None:
    close = replace(DETAIL, capture="c1", crop=(0.1, 0.1, 0.4, 0.4))
    assert positions("cropped_full_view", replace(FRONT, cut_off=True), close) == [(1,)]


def test_low_fill_has_its_limit_as_parameter_and_ignores_details() -> None:
    small = replace(BACK, fill=0.12)
    assert positions("low_fill", FRONT, small, min_fill=0.13) == [(2,)]
    assert positions("low_fill", FRONT, small, min_fill=0.12) == []
    assert positions("low_fill", FRONT, replace(DETAIL, fill=0.01), min_fill=0.13) == []
    assert positions("low_fill", FRONT, replace(small, view=View.WORN), min_fill=0.13) == []


def test_busy_background_counts_on_the_first_image_only() -> None:
    busy = replace(FRONT, background=Background.BUSY)
    assert positions("busy_primary_background", busy, BACK) == [(1,)]
    assert positions("busy_primary_background", BACK, busy) == []


COPIES = {
    "exact_copy": FRONT,
    "near_copy": replace(FRONT, resaved=True),
    "partial_copy": replace(FRONT, crop=(0.2, 0.1, 0.9, 0.8)),
    "transformed_copy": replace(FRONT, mirrored=True),
}


@pytest.mark.parametrize("made", COPIES)
def test_a_copy_breaks_exactly_one_rule_in_either_order(made: str) -> None:
    copy = replace(COPIES[made], file="copy.jpg")
    for images in ((FRONT, BACK, copy), (copy, BACK, FRONT)):
        broken = {kind: positions(kind, *images) for kind in (*COPIES, "same_view", "variant_differs")}
        assert {kind for kind, found in broken.items() if found} == {made}
        assert broken[made] == [(1, 3)]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"crop": (0.02, 0.0, 0.98, 0.97), "resaved": True}, CopyKind.NEAR),
        ({"crop": (0.02, 0.0, 0.98, 0.97)}, CopyKind.NEAR),
        ({"defects": (BANNER,)}, CopyKind.NEAR),
        ({"fill": 0.1, "resaved": True}, CopyKind.NEAR),
        ({"colour": "blue"}, CopyKind.NEAR),
        ({"colour": "RED", "view": View.BACK, "brand": "Acme"}, CopyKind.EXACT),
        ({"colour": ""}, CopyKind.EXACT),
        ({"rotation": 90}, CopyKind.TRANSFORMED),
        ({"rotation": 360}, CopyKind.EXACT),
        ({"mirrored": True, "crop": (0.1, 0.1, 0.7, 0.8)}, CopyKind.PARTIAL),
        ({"capture": "elsewhere"}, None),
    ],
)
def test_copy_relation(change: dict[str, Any], kind: CopyKind | None) -> None:
    assert copy_relation(FRONT, replace(FRONT, **change)) is kind


def test_images_of_unknown_capture_are_no_copies() -> None:
    unknown = replace(FRONT, capture="")
    assert copy_relation(unknown, unknown) is None


def test_a_small_close_up_is_a_view_of_its_own() -> None:
    close = replace(FRONT, view=View.DETAIL, crop=(0.3, 0.3, 0.78, 0.78))  # 23% of the photo
    larger = replace(close, crop=(0.3, 0.3, 0.82, 0.82))  # 27%
    assert positions("partial_copy", FRONT, close, min_area=0.25) == []
    assert positions("partial_copy", FRONT, larger, min_area=0.25) == [(1, 2)]
    assert positions("partial_copy", FRONT, close, min_area=0.2) == [(1, 2)]


@pytest.mark.parametrize("view", [View.FRONT, View.WORN])
def test_a_small_part_that_is_meant_to_be_whole_is_no_close_up(view: View) -> None:
    zoom = replace(FRONT, view=view, crop=(0.3, 0.3, 0.7, 0.7), cut_off=True)
    assert positions("partial_copy", FRONT, zoom) == positions("partial_copy", zoom, FRONT) == [(1, 2)]
    # The rule about cut views leaves it to the pair rule, so one of the two must take it.
    assert positions("cropped_full_view", FRONT, zoom) == []


def test_close_ups_of_two_places_are_fine_and_of_one_place_are_not() -> None:
    one = replace(FRONT, view=View.DETAIL, crop=(0.0, 0.0, 0.45, 0.45))
    two = replace(one, crop=(0.5, 0.5, 0.95, 0.95))
    same = replace(one, crop=(0.01, 0.0, 0.46, 0.45))
    for kind in COPIES:
        assert positions(kind, one, two) == []
    assert [kind for kind in COPIES if positions(kind, one, same)] == ["near_copy"]


def test_same_view() -> None:
    again = replace(FRONT, capture="c9")
    assert positions("same_view", FRONT, BACK, again) == [(1, 3)]
    assert positions("same_view", FRONT, replace(again, colour="")) == [(1, 2)]
    assert positions("same_view", FRONT, replace(again, colour="blue")) == []
    assert positions("same_view", FRONT, replace(again, design="d2")) == []
    striped = replace(FRONT, pattern="striped")
    assert positions("same_view", striped, replace(again, pattern="Striped")) == [(1, 2)]
    assert positions("same_view", striped, again) == [(1, 2)]
    assert positions("same_view", striped, replace(again, pattern="plain")) == []
    assert positions("same_view", FRONT, replace(FRONT, resaved=True)) == []
    assert positions("same_view", DETAIL, replace(DETAIL, capture="c9")) == []
    unknown = replace(FRONT, capture="")
    assert positions("same_view", FRONT, unknown) == positions("same_view", unknown, unknown) == [(1, 2)]
    side = replace(FRONT, view=View.SIDE)
    assert positions("same_view", side, replace(side, capture="c9")) == []


def test_colour_variants_differ_within_one_design_and_between_known_colours() -> None:
    blue = replace(BACK, colour="blue")
    assert positions("variant_differs", FRONT, DETAIL, blue) == [(1, 3), (2, 3)]
    assert positions("variant_differs", FRONT, replace(blue, colour="")) == []
    assert positions("variant_differs", FRONT, replace(blue, design="d2")) == []
    assert positions("variant_differs", FRONT, replace(blue, colour="Red")) == []


def test_pattern_variants_differ_within_one_design_and_between_known_patterns() -> None:
    striped, plain = replace(FRONT, pattern="striped"), replace(BACK, pattern="plain")
    (hit,) = hits({"kind": "variant_differs"}, striped, DETAIL, plain)
    assert hit == Hit((1, 3), thing="striped", other="plain")
    assert positions("variant_differs", striped, replace(plain, pattern="")) == []
    assert positions("variant_differs", striped, replace(plain, pattern="Striped")) == []
    assert positions("variant_differs", striped, replace(plain, design="d2")) == []
    # Material makes no other variant, and a pair that differs twice is one hit.
    assert positions("variant_differs", replace(FRONT, material="wood"), replace(BACK, material="steel")) == []
    (both,) = hits({"kind": "variant_differs"}, striped, replace(plain, colour="blue"))
    assert (both.thing, both.other) == ("red", "blue")


def test_product_differs() -> None:
    other = replace(BACK, design="d2", category="chair")
    (hit,) = hits({"kind": "product_differs"}, FRONT, other)
    assert (hit.images, hit.thing, hit.other) == ((1, 2), "mug", "chair")
    assert positions("product_differs", FRONT, replace(BACK, colour="blue")) == []


@pytest.mark.parametrize(
    ("view", "found"), [(View.BACK, 1), (View.DETAIL, 1), (View.ANGLE, 0), (View.FRONT, 0), (View.UNKNOWN, 0)]
)
def test_primary_not_front(view: View, found: int) -> None:
    assert len(positions("primary_not_front", replace(FRONT, view=view), BACK)) == found
    assert positions("primary_not_front", FRONT, replace(BACK, view=view)) == []


def test_primary_views_are_a_parameter() -> None:
    assert positions("primary_not_front", BACK, views=["back"]) == []
    assert positions("primary_not_front", FRONT, views=["back"]) == [(1,)]


def test_detail_before_view() -> None:
    assert positions("detail_before_view", FRONT, DETAIL, BACK) == [(2, 3)]
    assert positions("detail_before_view", FRONT, DETAIL, BACK, SIDE) == [(2, 4)]
    assert positions("detail_before_view", FRONT, BACK, DETAIL, DETAIL) == []
    assert positions("detail_before_view", DETAIL, DETAIL) == []


def test_title_category_differs() -> None:
    chair = TitleFacts("Red chair", "chair", "red")
    assert positions("title_category_differs", *GOOD, title=chair) == [(1,)]
    assert positions("title_category_differs", *GOOD, title=TitleFacts("Thing")) == []
    one_chair = (FRONT, replace(BACK, category="chair", design="d2"))
    assert positions("title_category_differs", *one_chair, title=chair) == []
    assert positions("title_category_differs", replace(FRONT, category=""), BACK, title=chair) == [(2,)]


@pytest.mark.parametrize(
    ("fact", "said", "shown"),
    [("colour", "blue", "red"), ("material", "steel", "wood"), ("pattern", "striped", "plain")],
)
def test_title_variant_differs(fact: str, said: str, shown: str) -> None:
    kind, title = "title_variant_differs", TitleFacts("Mug", "mug", **{fact: said})  # type: ignore[arg-type]
    front, back = replace(FRONT, **{fact: shown}), replace(BACK, **{fact: shown})  # type: ignore[arg-type]
    (hit,) = hits({"kind": kind}, front, back, title=title)
    assert hit == Hit((1,), thing=said, other=shown)
    unknown = replace(FRONT, **{fact: ""})  # type: ignore[arg-type]
    assert positions(kind, unknown, back, title=title) == [(2,)]
    assert positions(kind, unknown, title=title) == []
    assert positions(kind, front, replace(back, **{fact: said.upper()}), title=title) == []  # type: ignore[arg-type]
    assert positions(kind, front, back, title=TitleFacts("Mug", "mug")) == []


def test_a_title_that_is_wrong_twice_is_told_both() -> None:
    wrong = TitleFacts("Blue steel mug", "mug", "blue", material="steel")
    found = hits({"kind": "title_variant_differs"}, replace(FRONT, material="wood"), title=wrong)
    assert [(hit.thing, hit.other) for hit in found] == [("blue", "red"), ("steel", "wood")]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"kind": "has_smell"}, "no predicate of kind 'has_smell'; known are .*has_defect"),
        ({}, "no predicate of kind None"),
        ({"kind": "has_defect"}, "has_defect is not valid: defect: Field required"),
        ({"kind": "has_defect", "defect": "smell"}, "defect: Input should be 'banner'"),
        ({"kind": "low_fill", "min_fill": 1.5}, "min_fill: Input should be less than 1"),
        ({"kind": "exact_copy", "min_area": 0.2}, "min_area: Extra inputs are not permitted"),
    ],
)
def test_bad_predicates_are_refused(mapping: dict[str, Any], message: str) -> None:
    with pytest.raises(RulesError, match=message):
        build_predicate(mapping)


def test_every_known_kind_is_used_by_the_default_rules() -> None:
    used = {rule.predicate["kind"] for rule in load_taxonomy().rules if rule.predicate}
    assert used == set(predicate_kinds())
