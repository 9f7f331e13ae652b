"""Palettes of drawn goods, and the colour variant that selection makes primary."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agpis.stage1.palette import measure_palette, palette_agreement
from agpis.stage1.selection import select
from agpis.types import (
    Image,
    ImageAssessment,
    Outcome,
    PairMatch,
    PairRelation,
    PipelineSettings,
    RemovalCause,
)

RED, NAVY = (190, 30, 40), (25, 40, 110)


def good(file: str, rgb: tuple[int, int, int], side: int = 60, ground: int = 240) -> Image:
    """A square of one colour on a plain ground."""
    pixels = np.full((100, 100, 3), ground, np.uint8)
    start = (100 - side) // 2
    pixels[start : start + side, start : start + side] = rgb
    return Image(file, pixels)


def test_a_palette_is_a_distribution_over_the_foreground_alone() -> None:
    palette = measure_palette(good("a", RED))
    assert sum(palette) == pytest.approx(1.0)
    assert palette_agreement(palette, palette) == pytest.approx(1.0)
    # Size and background do not matter, the colour does.
    assert palette_agreement(palette, measure_palette(good("b", RED, side=30, ground=215))) > 0.9
    assert palette_agreement(palette, measure_palette(good("c", NAVY))) < 0.1


def test_a_close_up_counts_whole_and_a_studio_backdrop_does_not() -> None:
    close_up = measure_palette(Image("a", np.full((50, 50, 3), NAVY, np.uint8)))
    assert palette_agreement(close_up, measure_palette(good("b", NAVY))) > 0.9
    assert palette_agreement(close_up, measure_palette(good("c", RED))) < 0.1


SKINS = [(255, 224, 196), (224, 172, 135), (141, 85, 54), (96, 60, 40)]


@pytest.mark.parametrize("skin", SKINS)
def test_clothes_on_a_model_are_compared_by_the_clothes(skin: tuple[int, int, int]) -> None:
    def worn(rgb: tuple[int, int, int]) -> tuple[float, ...]:
        image = good("a", rgb)
        pixels = image.pixels.copy()
        pixels[20:50, 20:80] = skin  # half of what is seen
        return measure_palette(Image("a", pixels))

    assert palette_agreement(worn(RED), measure_palette(good("b", RED))) > 0.8
    assert palette_agreement(worn(RED), worn(NAVY)) < 0.25


def test_goods_in_the_colour_of_skin_have_a_palette_too() -> None:
    leather = measure_palette(good("a", SKINS[2]))
    assert sum(leather) == pytest.approx(1.0)
    assert palette_agreement(leather, measure_palette(good("b", SKINS[2], side=40))) > 0.9


def test_nothing_stands_out_of_a_blank_picture() -> None:
    blank = measure_palette(Image("a", np.full((50, 50, 3), 255, np.uint8)))
    assert blank == ()
    assert palette_agreement(blank, measure_palette(good("b", RED))) == 0.0


def assessed(file: str, rgb: tuple[int, int, int], p_primary: float) -> ImageAssessment:
    return ImageAssessment(file, p_primary, 0.1, palette=measure_palette(good(file, rgb)))


FOUR = (
    assessed("navy front", NAVY, 0.9),
    assessed("red front", RED, 0.8),
    assessed("red back", RED, 0.2),
    assessed("red detail", RED, 0.1),
)
VARIANTS = (PairMatch("navy front", "red front", PairRelation.VARIANT, 0.95, ()),)


def test_the_colour_of_the_other_photos_becomes_primary() -> None:
    result = select(FOUR, VARIANTS, PipelineSettings())
    assert result.sequence == ("red front", "red back", "red detail")
    assert "unlike navy front" in result.reason
    assert [removal.file for removal in result.removals] == ["navy front"]


@pytest.mark.parametrize(
    "settings",
    [
        PipelineSettings(remove_variants=False),  # variants are welcome: nothing to decide
        PipelineSettings(primary_threshold=0.85),  # the red front is no primary image
        PipelineSettings(duplicate_threshold=0.99, colour_threshold=0.0),  # neither match nor colours count
    ],
)
def test_it_stays_with_the_largest_p_primary_otherwise(settings: PipelineSettings) -> None:
    assert select(FOUR, VARIANTS, settings).primary == "navy front"


def test_without_known_colours_the_largest_p_primary_stays() -> None:
    blank = tuple(replace(assessment, palette=()) for assessment in FOUR)
    assert select(blank, VARIANTS, PipelineSettings()).primary == "navy front"


def test_images_in_other_colours_are_removed_with_the_agreement_and_the_limit() -> None:
    result = select(
        (
            assessed("red front", RED, 0.9),
            assessed("red back", RED, 0.2),
            assessed("navy side", NAVY, 0.1),
            replace(assessed("grey", RED, 0.1), palette=()),
        ),
        (),
        PipelineSettings(),
    )
    assert result.sequence == ("red front", "red back", "grey")  # nothing is known of grey, so it stays
    (removal,) = result.removals
    assert (removal.file, removal.cause) == ("navy side", RemovalCause.OTHER_COLOUR)
    assert removal.reason == "Shows other colours than the primary image red front (agreement 0.00, limit 0.40)."


@pytest.mark.parametrize("settings", [PipelineSettings(colour_threshold=0.0), PipelineSettings(remove_variants=False)])
def test_other_colours_stay_when_asked_for(settings: PipelineSettings) -> None:
    mixed = (assessed("red front", RED, 0.9), assessed("red back", RED, 0.2), assessed("navy side", NAVY, 0.1))
    assert select(mixed, (), settings).removals == ()


def test_the_colour_with_enough_images_wins_over_the_largest_p_primary() -> None:
    # No photo of one scene in two colours here, so no pair tells: the navy front is simply alone.
    result = select(FOUR, (), PipelineSettings())
    assert result.sequence == ("red front", "red back", "red detail")
    assert [removal.cause for removal in result.removals] == [RemovalCause.OTHER_COLOUR]
    assert "unlike navy front" in result.reason


def test_without_enough_images_of_any_colour_the_largest_p_primary_and_the_reason_are_kept() -> None:
    result = select(FOUR[:2], (), PipelineSettings(num_images=2))
    assert result.termination is Outcome.TOO_FEW_IMAGES
    assert result.primary == "navy front"
    assert result.reason == "1 image is left of 2 after removing duplicates and other colours; 2 are needed."
