"""Predicates over pairs that divide a sequence, over whole sequences and over titles: each hits and narrowly misses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agpis.errors import RulesError
from agpis.simulation.facts import Background, Defect, DefectKind, ImageFacts, TitleFacts, View
from agpis.simulation.predicates import Hit, build_predicate
from agpis.simulation.predicates.groups import Division, divided

TITLE = TitleFacts("Red mug", "mug", "red")
FRONT = ImageFacts("a.jpg", "d1", "mug", "red", View.FRONT, "c1", fill=0.5, style="light")
BACK = replace(FRONT, file="b.jpg", view=View.BACK, capture="c2")
LEFT = replace(FRONT, file="d.jpg", view=View.LEFT, capture="c4")
ANGLE = replace(FRONT, file="e.jpg", view=View.ANGLE, capture="c5")
DETAIL = replace(FRONT, file="c.jpg", view=View.DETAIL, capture="c3")
SCENE = replace(BACK, background=Background.BUSY)
PACKAGE = replace(FRONT, file="p.jpg", view=View.PACKAGE, capture="c6")
MIXED, STRAY = {"kind": "products_mixed"}, {"kind": "product_differs"}
STYLES, CLASH = {"kind": "styles_mixed"}, {"kind": "style_differs"}


def hits(mapping: dict[str, Any], *images: ImageFacts, title: TitleFacts = TITLE) -> list[Hit]:
    return list(build_predicate(mapping).hits(images, title))


def positions(mapping: dict[str, Any], *images: ImageFacts, title: TitleFacts = TITLE) -> list[tuple[int, ...]]:
    return [hit.images for hit in hits(mapping, *images, title=title)]


@pytest.mark.parametrize(
    ("values", "common", "strays"),
    [
        ("aab", 1, (3,)),
        ("baa", 2, (1,)),
        ("ab", 1, (2,)),
        ("abc", 1, (2, 3)),
        ("abba", 1, (2, 3)),
        ("a", 1, ()),
        (("", "a", "", "b"), 2, (4,)),
        (("", ""), 1, ()),
    ],
)
def test_a_sequence_is_divided_by_its_commonest_value(values: str, common: int, strays: tuple[int, ...]) -> None:
    assert divided(tuple(values)) == Division(common, strays)


def test_one_stray_product_is_a_matter_of_the_pair_and_two_are_a_mixed_set() -> None:
    chair = replace(BACK, design="d2", category="chair")
    lamp = replace(LEFT, design="d3", category="lamp")
    (hit,) = hits(STRAY, FRONT, DETAIL, chair)
    assert (hit.images, hit.thing, hit.other) == ((1, 3), "mug", "chair")
    assert positions(STRAY, chair, FRONT, DETAIL) == [(1, 2)]
    assert positions(MIXED, FRONT, DETAIL, chair) == []
    (hit,) = hits(MIXED, FRONT, chair, lamp)
    assert (hit.images, hit.thing, hit.other) == ((2, 3), "mug", "chair")
    assert positions(STRAY, FRONT, chair, lamp) == []
    assert positions(MIXED, FRONT, DETAIL, chair, replace(chair, file="x.jpg")) == [(3, 4)]
    assert positions(MIXED, FRONT, BACK) == positions(STRAY, FRONT, BACK) == []


def test_one_stray_style_is_a_matter_of_the_pair_and_two_are_an_inconsistent_set() -> None:
    dark, pastel = replace(BACK, style="dark"), replace(LEFT, style="pastel")
    (hit,) = hits(CLASH, FRONT, ANGLE, dark)
    assert (hit.images, hit.thing, hit.other) == ((1, 3), "light", "dark")
    assert positions(STYLES, FRONT, ANGLE, dark) == []
    (hit,) = hits(STYLES, FRONT, dark, pastel)
    assert (hit.images, hit.thing, hit.other) == ((2, 3), "dark", "light")
    assert positions(CLASH, FRONT, dark, pastel) == []


@pytest.mark.parametrize("change", [{"style": ""}, {"style": "dark", "view": View.DETAIL}])
def test_unknown_styles_and_those_of_close_ups_prove_nothing(change: dict[str, Any]) -> None:
    other = replace(BACK, **change)
    assert positions(CLASH, FRONT, ANGLE, other) == positions(STYLES, FRONT, other, replace(other, capture="x")) == []


def test_too_few_counts_usable_images() -> None:
    rule = {"kind": "too_few_images", "min_images": 3}
    assert positions(rule, FRONT, BACK, DETAIL) == []
    (hit,) = hits(rule, FRONT, BACK, replace(DETAIL, defects=(Defect(DefectKind.BLUR),)))
    assert (hit.images, hit.thing, hit.other) == ((1,), "2 usable images", "3")
    (hit,) = hits(rule, FRONT, replace(BACK, cut_off=True))
    assert hit.thing == "1 usable image"
    assert positions(rule, FRONT, BACK, replace(DETAIL, cut_off=True)) == []
    assert positions({"kind": "too_few_images"}, FRONT) == [(1,)]
    assert positions({"kind": "too_few_images"}, FRONT, BACK) == []


SIDES = {"kind": "side_missing", "min_images": 4, "sides": {"default": ["back", "left"], "dress": ["back"]}}


def test_a_sequence_of_some_length_needs_one_of_the_sides() -> None:
    close = replace(DETAIL, capture="c7")
    (hit,) = hits(SIDES, FRONT, ANGLE, DETAIL, close)
    assert (hit.images, hit.thing) == ((1,), "back or left")
    assert positions(SIDES, FRONT, ANGLE, DETAIL) == []
    assert positions(SIDES, FRONT, LEFT, DETAIL, close) == []
    assert positions(SIDES, FRONT, replace(ANGLE, view=View.UNKNOWN), DETAIL, close) == []


def test_needed_sides_depend_on_the_category() -> None:
    dress = [replace(image, category="dress") for image in (FRONT, LEFT, ANGLE, DETAIL)]
    assert [hit.thing for hit in hits(SIDES, *dress)] == ["back"]
    assert positions(SIDES, *dress[:3], replace(BACK, category="dress")) == []
    assert positions({**SIDES, "sides": {"dress": ["back"]}}, FRONT, LEFT, ANGLE, DETAIL) == []


def test_missing_sides_are_asked_of_pictures_of_one_product_only() -> None:
    close = replace(DETAIL, capture="c7")
    assert positions(SIDES, FRONT, ANGLE, SCENE, DETAIL) == []
    assert positions(SIDES, FRONT, ANGLE, PACKAGE, DETAIL) == []
    assert positions(SIDES, FRONT, ANGLE, DETAIL, replace(close, design="d2")) == []


def test_one_side_only_needs_a_second_side_and_not_just_close_ups() -> None:
    rule = {"kind": "one_side_only", "min_images": 3}
    close = replace(DETAIL, capture="c7")
    (hit,) = hits(rule, FRONT, DETAIL, close)
    assert (hit.images, hit.thing) == ((1, 2, 3), "the front")
    assert [hit.thing for hit in hits(rule, DETAIL, close, replace(close, capture="c8"))] == ["a detail"]
    assert positions(rule, FRONT, DETAIL) == []
    assert positions(rule, FRONT, ANGLE, DETAIL) == []
    assert positions(rule, FRONT, DETAIL, replace(close, view=View.UNKNOWN)) == []


def test_two_views_called_a_side_may_be_both_sides() -> None:
    rule = {"kind": "one_side_only", "min_images": 3}
    side = replace(LEFT, view=View.SIDE)
    assert positions(rule, side, replace(side, capture="c8"), DETAIL) == []
    assert positions(rule, side, DETAIL, replace(DETAIL, capture="c8")) == [(1, 2, 3)]


def test_no_sequence_lacks_a_side_and_shows_one_side_only() -> None:
    close = replace(DETAIL, capture="c7")
    for images in ((FRONT, DETAIL, close, close), (FRONT, ANGLE, DETAIL, close)):
        assert len([*hits(SIDES, *images), *hits({"kind": "one_side_only", "min_images": 4}, *images)]) == 1


def test_no_close_up() -> None:
    rule = {"kind": "no_close_up", "min_images": 3}
    assert positions(rule, FRONT, BACK, LEFT) == [(3,)]
    assert positions(rule, FRONT, BACK) == []
    assert positions(rule, FRONT, BACK, DETAIL) == []
    assert positions(rule, FRONT, BACK, replace(LEFT, view=View.UNKNOWN)) == []
    assert positions(rule, FRONT, BACK, PACKAGE) == []


@pytest.mark.parametrize(
    ("images", "found", "thing"),
    [
        ((FRONT, PACKAGE), (2,), "the package"),
        ((FRONT, SCENE, PACKAGE), (2, 3), "package and scene"),
        ((FRONT, BACK, SCENE, SCENE), (3, 4), "a scene"),
        ((FRONT, BACK, SCENE), (), ""),
        ((FRONT, BACK, DETAIL), (), ""),
        ((FRONT, replace(BACK, view=View.WORN)), (), ""),
    ],
)
def test_mostly_not_product(images: tuple[ImageFacts, ...], found: tuple[int, ...], thing: str) -> None:
    expected = [(found, thing)] if found else []
    assert [(hit.images, hit.thing) for hit in hits({"kind": "mostly_not_product"}, *images)] == expected


def test_mostly_has_its_share_as_parameter() -> None:
    assert positions({"kind": "mostly_not_product", "share": 0.6}, FRONT, PACKAGE) == []
    assert positions({"kind": "mostly_not_product", "share": 0.3}, FRONT, BACK, PACKAGE) == [(3,)]


QUANTITY = {"kind": "title_quantity_differs"}


def test_title_quantity_differs() -> None:
    three = TitleFacts("Mug, set of 3", "mug", quantity=3)
    shown = replace(BACK, items=3)
    (hit,) = hits(QUANTITY, DETAIL, FRONT, title=three)
    assert (hit.images, hit.thing, hit.other) == ((2,), "3 pieces", "1 piece")
    assert positions(QUANTITY, FRONT, shown, title=three) == []
    assert positions(QUANTITY, DETAIL, PACKAGE, title=three) == []


def test_a_title_without_a_number_means_one() -> None:
    pair = [replace(image, items=2) for image in (FRONT, BACK)]
    assert [hit.thing for hit in hits(QUANTITY, *pair)] == ["1 piece"]
    assert positions(QUANTITY, FRONT, BACK) == []
    assert positions(QUANTITY, *pair, title=TitleFacts("")) == []


BRAND = {"kind": "title_brand_differs"}
VITRIO = TitleFacts("Vitrio mug", "mug", brand="Vitrio")


def test_title_brand_differs() -> None:
    other = replace(FRONT, brand="Quedoon")
    (hit,) = hits(BRAND, DETAIL, other, title=VITRIO)
    assert (hit.images, hit.thing, hit.other) == ((2,), "Vitrio", "Quedoon")
    assert positions(BRAND, other) == []
    assert positions(BRAND, replace(FRONT, brand="VITRIO"), title=VITRIO) == []
    assert positions(BRAND, FRONT, BACK, title=VITRIO) == []
    assert positions(BRAND, other, replace(DETAIL, brand="Vitrio"), title=VITRIO) == []


@pytest.mark.parametrize("change", [{"view": View.DETAIL}, {"cut_off": True}, {"view": View.ANGLE}])
def test_a_brand_is_read_off_a_whole_front_only(change: dict[str, Any]) -> None:
    assert positions(BRAND, replace(FRONT, brand="Quedoon", **change), title=VITRIO) == []


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"kind": "side_missing"}, "sides: Field required"),
        ({"kind": "side_missing", "sides": {"default": ["inside"]}}, r"sides.default.0: Input should be 'front'"),
        ({"kind": "one_side_only", "min_images": 1}, "min_images: Input should be greater than or equal to 2"),
        ({"kind": "mostly_not_product", "share": 0}, "share: Input should be greater than 0"),
    ],
)
def test_bad_parameters_are_refused(mapping: dict[str, Any], message: str) -> None:
    with pytest.raises(RulesError, match=message):
        build_predicate(mapping)
