"""Defects and copies: drawn within the frame, seen, told truly, different between train and test, repeatable."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from standins import drawn

from agpis.simulation.copies import make_copy
from agpis.simulation.defects import draw_defect, lettering, words
from agpis.simulation.defects.canvas import hue_colour, place_words
from agpis.simulation.facts import DefectKind, ImageFacts, View
from agpis.simulation.relations import CopyKind, copy_relation
from agpis.simulation.sources import SourceImage
from agpis.types import Box, Pixels

SIZE = 128
# Kinds that concern the whole picture or all of the product, always or now and then.
WHOLE = (
    DefectKind.BLUR,
    DefectKind.EXPOSURE,
    DefectKind.COLLAGE,
    DefectKind.PLACEHOLDER,
    DefectKind.NOT_A_PHOTO,
    DefectKind.DISTORTION,
    DefectKind.CUTOUT,
)
LOCAL = [kind for kind in DefectKind if kind not in WHOLE]


def picture(seed: int = 0) -> Pixels:
    return drawn("blue", View.FRONT, seed, size=SIZE)


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("kind", list(DefectKind))
def test_a_defect_changes_the_picture_within_its_box(kind: DefectKind, split: str) -> None:
    rng = np.random.default_rng(3)
    for number in range(25):
        before = picture(number)
        kept = before.copy()
        after, defect = draw_defect(kind, before, rng, split, [picture(90), picture(91)])
        assert np.array_equal(before, kept)
        assert after.shape == before.shape
        assert after.dtype == np.uint8
        assert defect.kind is kind
        assert defect.content
        changed = np.abs(after.astype(int) - before).max(axis=2) > 12
        assert changed.mean() > 0.001, "nobody would see it"
        if defect.box is not None:
            box = defect.box
            assert box.x + box.w <= SIZE
            assert box.y + box.h <= SIZE
            assert defect.place
            inside = changed[box.y : box.y + box.h, box.x : box.x + box.w].sum()
            assert inside > 0
            if kind in (DefectKind.BANNER, DefectKind.WATERMARK, DefectKind.QR_CODE):
                assert inside >= 0.6 * changed.sum()


@pytest.mark.parametrize("kind", LOCAL)
def test_defects_come_everywhere_in_the_frame(kind: DefectKind) -> None:
    rng = np.random.default_rng(0)
    places = {draw_defect(kind, picture(), rng, "train")[1].place for _ in range(150)}
    assert len(places) >= (1 if kind is DefectKind.BORDER else 8)


def test_the_same_seed_draws_the_same_defect() -> None:
    for kind in DefectKind:
        first, second = (draw_defect(kind, picture(), np.random.default_rng(11), "train") for _ in range(2))
        assert np.array_equal(first[0], second[0])
        assert first[1] == second[1]


@pytest.mark.parametrize("draw", [words.promotion, words.caption, words.ownership])
def test_train_and_test_never_share_a_phrase(draw: Callable[[np.random.Generator, str], words.Wording]) -> None:
    rng = np.random.default_rng(0)
    texts = {split: {draw(rng, split).text for _ in range(1500)} for split in ("train", "val", "test")}
    assert not texts["train"] & texts["test"]
    assert not texts["val"] & texts["test"]
    assert texts["val"] & texts["train"]


def test_train_and_test_never_share_a_brand_or_a_hue() -> None:
    rng = np.random.default_rng(0)
    brands = {split: {words.brand(rng, split).lower() for _ in range(800)} for split in ("train", "test")}
    assert not brands["train"] & brands["test"]
    colours = {split: {hue_colour(rng, split) for _ in range(2000)} for split in ("train", "test")}
    assert not colours["train"] & colours["test"]


def test_without_any_system_font_words_are_still_written(monkeypatch: pytest.MonkeyPatch) -> None:
    caches = (lettering._font_files, lettering._supporting, lettering._faces, lettering.available_scripts)
    for cache in caches:
        cache.cache_clear()
    monkeypatch.setattr(lettering, "_font_files", lambda: ())
    try:
        assert "latin" in lettering.available_scripts()
        rng = np.random.default_rng(0)
        for kind in LOCAL:
            _, defect = draw_defect(kind, picture(), rng, "test")
            assert defect.content
        assert "han" not in lettering.available_scripts()
    finally:
        for cache in caches[1:]:
            cache.cache_clear()


def test_text_masks_are_tight_and_grow_with_the_letters() -> None:
    small, large = (lettering.text_mask("Hxg", height, lettering.Letters("")) for height in (12, 36))
    assert 2.5 < large.shape[0] / small.shape[0] < 3.5
    for mask in (small, large):
        assert mask[0].any()
        assert mask[-1].any()
        assert mask[:, 0].any()
        assert mask[:, -1].any()
    assert not lettering.text_mask(" ", 12, lettering.Letters("")).any()


@pytest.mark.parametrize(
    ("box", "words"),
    [
        (Box(0, 0, 20, 10), "in the upper left corner"),
        (Box(80, 90, 20, 10), "in the lower right corner"),
        (Box(0, 90, 100, 10), "at the bottom"),
        (Box(40, 0, 20, 10), "at the top"),
        (Box(0, 0, 10, 100), "on the left"),
        (Box(45, 45, 10, 10), "in the middle"),
        (Box(0, 0, 100, 100), "across the whole picture"),
    ],
)
def test_place_words(box: Box, words: str) -> None:
    assert place_words(box, 100, 100) == words


@pytest.mark.parametrize("kind", list(CopyKind))
def test_copies_carry_the_facts_that_tell_their_kind(kind: CopyKind) -> None:
    facts = ImageFacts("a.jpg", "d", "mug", "blue", View.FRONT, "c", fill=0.36)
    original = SourceImage(picture(), facts)
    rng = np.random.default_rng(0)
    for _ in range(40):
        copy = make_copy(kind, original, rng)
        assert copy_relation(facts, copy.facts) is kind
        assert copy.pixels.shape == original.pixels.shape
        assert np.array_equal(copy.pixels, original.pixels) == (kind is CopyKind.EXACT)
        if kind is CopyKind.PARTIAL:
            assert 0.3 <= copy.facts.crop_area <= 0.75
        if kind is CopyKind.NEAR:
            assert copy.facts.crop_area > 0.85
            assert not copy.facts.cut_off


def test_a_mirrored_copy_is_the_mirror_image() -> None:
    original = SourceImage(picture(), ImageFacts("a.jpg", "d", "mug", "blue", View.FRONT, "c"))
    rng = np.random.default_rng(0)
    copies = [make_copy(CopyKind.TRANSFORMED, original, rng) for _ in range(20)]
    assert {copy.facts.mirrored for copy in copies} == {True, False}
    for copy in copies:
        turned = np.rot90(original.pixels, copy.facts.rotation // 90)
        assert np.array_equal(copy.pixels, original.pixels[:, ::-1] if copy.facts.mirrored else turned)
