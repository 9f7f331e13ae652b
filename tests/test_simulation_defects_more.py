"""Drawings that spoil one picture beyond print: stand-ins, damage, props, several units, bad presentation."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from standins import SIZE, drawn, source_product

from agpis.rules import load_taxonomy
from agpis.simulation.cutouts import lift
from agpis.simulation.defects import draw_defect, words
from agpis.simulation.defects.damage import draw_distortion
from agpis.simulation.defects.hands import hold
from agpis.simulation.defects.packaging import draw_parcel
from agpis.simulation.defects.presentation import creased, on_hanger, on_mannequin
from agpis.simulation.defects.props import HAND
from agpis.simulation.defects.props_shapes import PROPS
from agpis.simulation.defects.shapes import set_lines, star
from agpis.simulation.defects.solid import product_of
from agpis.simulation.defects.units import several
from agpis.simulation.facts import DefectKind, ImageFacts, People, Presentation, TitleFacts, View
from agpis.simulation.pool import CandidatePool, Surroundings
from agpis.simulation.predicates import build_predicate
from agpis.simulation.recipes import add_flaw
from agpis.simulation.recipes.flaws import _ways
from agpis.simulation.reviewer import Reviewer
from agpis.simulation.sources import SourceImage
from agpis.types import Pixels

NEW = (
    DefectKind.BADGE,
    DefectKind.PLACEHOLDER,
    DefectKind.NOT_A_PHOTO,
    DefectKind.DISTORTION,
    DefectKind.CUTOUT,
    DefectKind.PROPS,
    DefectKind.OFFENSIVE,
)


def picture(height: int = 128, width: int = 128, colour: tuple[int, int, int] = (40, 60, 200)) -> Pixels:
    """An upright block before white, with a light spot."""
    pixels = np.full((height, width, 3), 255, dtype=np.uint8)
    cv2.rectangle(pixels, (width // 3, height // 5), (2 * width // 3, 4 * height // 5), colour, -1)
    cv2.circle(pixels, (width // 2, height // 3), min(height, width) // 14, (240, 220, 90), -1)
    return pixels


def product_size(pixels: Pixels) -> tuple[int, int]:
    """Height and width of what is blue."""
    blue = (pixels[..., 2].astype(int) - pixels[..., 0]) > 60
    return int(blue.any(axis=1).sum()), int(blue.any(axis=0).sum())


# -- drawn defects ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize(("height", "width"), [(64, 64), (128, 96), (90, 224)])
@pytest.mark.parametrize("kind", NEW)
def test_drawings_keep_the_shape_of_small_and_oblong_pictures(
    kind: DefectKind, height: int, width: int, split: str
) -> None:
    before = picture(height, width)
    for seed in range(12):
        after, defect = draw_defect(kind, before, np.random.default_rng(seed), split, [picture(80, 80, (200, 30, 40))])
        assert after.shape == before.shape
        assert after.dtype == np.uint8
        assert defect.content
        changed = np.abs(after.astype(int) - before).max(axis=2) > 12
        assert changed.any()
        if defect.box is not None:
            x, y, w, h = defect.box.x, defect.box.y, defect.box.w, defect.box.h
            assert 0 <= x < x + w <= width
            assert 0 <= y < y + h <= height
            outside = changed.copy()
            outside[max(0, y - h // 2) : y + 2 * h, max(0, x - w // 2) : x + 2 * w] = False
            assert outside.sum() <= 0.1 * changed.sum()


def test_a_placeholder_shows_nothing_of_the_product() -> None:
    for seed in range(10):
        first, second = (
            draw_defect(DefectKind.PLACEHOLDER, pixels, np.random.default_rng(seed), "train")[0]
            for pixels in (picture(), picture(colour=(200, 30, 40)))
        )
        assert np.array_equal(first, second)


def test_stretching_changes_the_proportions_the_way_it_says() -> None:
    seen = set()
    height, width = product_size(picture())
    for seed in range(12):
        after, defect = draw_distortion(picture(), np.random.default_rng(seed))
        seen.add(defect.content)
        tall, wide = product_size(after)
        if "sideways" in defect.content:
            assert wide / tall > 1.3 * width / height
        elif "upwards" in defect.content:
            assert tall / wide > 1.3 * height / width
    assert seen == {"stretched sideways", "stretched upwards", "scaled up from a thumbnail"}


@pytest.mark.parametrize(
    "draw", [words.claim, words.review_quote, words.absence, words.warning, words.button, words.handling]
)
def test_train_and_test_share_no_phrase(draw: Callable[[np.random.Generator, str], words.Wording]) -> None:
    rng = np.random.default_rng(0)
    texts = {split: {draw(rng, split).text.casefold() for _ in range(600)} for split in ("train", "test")}
    assert len(texts["train"]) >= 4
    assert not texts["train"] & texts["test"]


def test_train_and_test_share_no_rating() -> None:
    rng = np.random.default_rng(0)
    train, test = ([words.rating(rng, split) for _ in range(400)] for split in ("train", "test"))
    for part in (0, 1):
        assert not {rating[part] for rating in train} & {rating[part] for rating in test}


# -- props and hands ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROPS)
def test_every_prop_has_a_body_that_fills_its_frame_in_part(name: str) -> None:
    for seed in range(4):
        sprite = PROPS[name](60, np.random.default_rng(seed), "train")
        assert sprite.pixels.shape == (*sprite.mask.shape, 3)
        assert 0.05 < (sprite.mask > 127).mean() < 0.98
        assert sprite.pixels[sprite.mask > 127].std() > 3, "a body has light and shade"


def test_a_hand_comes_from_the_edge_and_leaves_most_of_the_product_free() -> None:
    before = picture()
    product = product_of(before)
    for seed in range(20):
        after, box = hold(before, product, np.random.default_rng(seed), "train")
        changed = np.abs(after.astype(int) - before).max(axis=2) > 20
        assert box.x == 0 or box.y == 0 or box.x + box.w == 128 or box.y + box.h == 128
        assert 0.02 < changed.mean() < 0.5
        assert changed[product > 0].mean() < 0.6


# -- product elsewhere --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("items", [2, 3, 4])
def test_several_units_show_as_many_bodies_or_a_wider_one(items: int) -> None:
    before = picture()
    cutout = lift(before)
    assert cutout is not None
    for seed in range(10):
        after, fill = several(before, cutout, items, np.random.default_rng(seed))
        assert after.shape == before.shape
        assert 0 < fill <= 1
        tall, wide = product_size(after)
        height, width = product_size(before)
        assert wide / tall > 1.1 * width / height or items == 4
        # A light spot on each unit; those behind others may hide theirs.
        assert (after[..., 0] > 200).sum() > 0


def test_creases_change_the_product_and_leave_the_ground() -> None:
    before = picture()
    cutout = lift(before)
    assert cutout is not None
    after = creased(before, cutout, np.random.default_rng(0))
    changed = np.abs(after.astype(int) - before).max(axis=2) > 8
    inside = product_of(before) > 0
    assert changed[inside].mean() > 0.2
    assert changed[~inside].mean() < 0.02


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("clips", [False, True])
def test_a_hanger_hangs_above_the_product(clips: bool, split: str) -> None:
    before = picture(colour=(30, 40, 200))
    cutout = lift(before)
    assert cutout is not None
    for seed in range(6):
        after, share = on_hanger(before, cutout, clips, np.random.default_rng(seed), split)
        assert 0 < share <= 1
        top = int(np.flatnonzero(((after[..., 2].astype(int) - after[..., 0]) > 60).any(axis=1))[0])
        above = np.abs(after[:top].astype(int) - 255).max(axis=2) > 30
        assert above.any(), "the hook"


@pytest.mark.parametrize("form", ["torso", "hips", "head"])
def test_a_mannequin_is_seen_beside_the_product(form: str) -> None:
    before = picture()
    cutout = lift(before)
    assert cutout is not None
    after, share = on_mannequin(before, cutout, form, np.random.default_rng(1), "train")
    assert 0 < share <= 1
    strange = (np.abs(after.astype(int) - 255).max(axis=2) > 25) & ((after[..., 2].astype(int) - after[..., 0]) < 40)
    assert strange.mean() > 0.01


def test_a_parcel_has_the_size_of_the_picture_and_a_label() -> None:
    for seed in range(8):
        parcel = draw_parcel(picture(100, 140), np.random.default_rng(seed), "train")
        assert parcel.shape == (100, 140, 3)
        assert parcel.std() > 10


def test_the_same_seed_packs_the_same_parcel() -> None:
    first, second = (draw_parcel(picture(), np.random.default_rng(5), "test") for _ in range(2))
    assert np.array_equal(first, second)


# -- facts of flawed pictures -------------------------------------------------------------------------------------


@pytest.fixture
def flaw_pool() -> CandidatePool:
    products = [source_product(number) for number in range(3)]
    around = Surroundings(Reviewer(load_taxonomy()), products, SIZE)
    return CandidatePool(products[0], around, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("mapping", "check"),
    [
        ({"kind": "has_defect", "defect": "badge"}, lambda f: f.defects[0].kind is DefectKind.BADGE),
        ({"kind": "has_defect", "defect": "placeholder"}, lambda f: f.view is View.UNKNOWN and f.capture == ""),
        ({"kind": "low_resolution", "min_side": 1000}, lambda f: 0 < f.longest_side < SIZE),
        ({"kind": "low_resolution", "min_side": 90}, lambda f: 0 < f.longest_side < 90),
        ({"kind": "several_items"}, lambda f: f.items > 1),
        ({"kind": "extra_props"}, lambda f: (f.people is People.HAND) == (f.defects[0].content == HAND)),
        ({"kind": "bad_presentation"}, lambda f: f.presentation is Presentation.PACKAGING and f.view is View.PACKAGE),
    ],
)
def test_a_flaw_is_told_by_facts_that_break_its_rule(
    flaw_pool: CandidatePool, mapping: dict[str, str], check: Callable[[ImageFacts], bool]
) -> None:
    predicate = build_predicate(mapping)
    for _ in range(6):
        made = add_flaw(flaw_pool, flaw_pool.wholes[0], predicate)
        assert made is not None
        image = flaw_pool.images[made]
        assert check(image.facts)
        assert list(predicate.hits([image.facts], TitleFacts("")))
        if image.facts.longest_side:
            assert max(image.pixels.shape[:2]) == image.facts.longest_side


@pytest.mark.parametrize(("height", "width"), [(96, 96), (96, 50), (60, 96), (96, 40)])
def test_a_small_picture_is_still_one_that_can_be_read(flaw_pool: CandidatePool, height: int, width: int) -> None:
    whole = flaw_pool.images[flaw_pool.wholes[0]]
    narrow = flaw_pool.add(SourceImage(whole.pixels[:height, :width], whole.facts))
    for _ in range(20):
        made = add_flaw(flaw_pool, narrow, build_predicate({"kind": "low_resolution", "min_side": 128}))
        if width == 40:  # 32 pixels of width would leave 77 of height, more than 0.7 of 96
            assert made is None
        else:
            assert made is not None
            assert min(flaw_pool.images[made].pixels.shape[:2]) >= 32
            assert flaw_pool.images[made].facts.longest_side == max(flaw_pool.images[made].pixels.shape[:2])


def test_close_ups_are_not_multiplied_cut_out_or_hung_up(flaw_pool: CandidatePool) -> None:
    for mapping in ({"kind": "several_items"}, {"kind": "bad_presentation"}, {"kind": "extra_props"}):
        assert add_flaw(flaw_pool, flaw_pool.details[0], build_predicate(mapping)) is None
    cutout = build_predicate({"kind": "has_defect", "defect": "cutout"})
    assert add_flaw(flaw_pool, flaw_pool.details[0], cutout) is None


def test_what_is_allowed_is_never_drawn(flaw_pool: CandidatePool) -> None:
    lenient = build_predicate({"kind": "bad_presentation", "allowed": ["packaging"]})
    assert add_flaw(flaw_pool, flaw_pool.wholes[0], lenient) is None


@pytest.mark.parametrize(
    ("category", "ways"),
    [
        ("mug", {Presentation.PACKAGING}),
        ("hat", {Presentation.MANNEQUIN, Presentation.CREASED, Presentation.PACKAGING}),
        ("dress", set(Presentation) - {Presentation.PRODUCT}),
        ("tote bag", {Presentation.HANGER, Presentation.CREASED, Presentation.PACKAGING}),
    ],
)
def test_ways_of_presentation_fit_the_kind_of_item(category: str, ways: set[Presentation]) -> None:
    facts = ImageFacts("a.jpg", "d", category, "red", View.FRONT, "c")
    assert set(_ways(facts)) == ways


# -- forms --------------------------------------------------------------------------------------------------------


def test_half_a_star_has_nothing_on_its_right() -> None:
    whole, half = star(40), star(40, 0.5)
    assert np.array_equal(whole[:, :20], half[:, :20])
    assert not half[:, 20:].any()
    assert whole[:, 20:].any()


def test_words_are_set_in_lines_that_fit() -> None:
    one, two = (set_lines("no image available", 0, 100, 60, lines) for lines in (1, 2))
    assert one.shape[1] <= 100
    assert two.shape[0] <= 60
    assert two.shape[0] / two.shape[1] > 1.5 * one.shape[0] / one.shape[1]


def test_small_holes_of_a_product_are_filled_and_large_ones_stay() -> None:
    pixels = picture()
    cv2.circle(pixels, (64, 80), 3, (255, 255, 255), -1)
    assert product_of(pixels)[80, 64] == 1
    cv2.rectangle(pixels, (50, 70), (78, 95), (255, 255, 255), -1)
    assert product_of(pixels)[82, 64] == 0


def test_stand_ins_for_tests_show_their_product() -> None:
    assert product_of(drawn("blue", View.FRONT, 0)).mean() > 0.2
