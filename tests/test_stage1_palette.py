"""Palettes of drawn goods, and the colour variant that selection makes primary."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agpis.stage1.palette import measure_palette, palette_agreement
from agpis.stage1.selection import select
from agpis.types import Image, ImageAssessment, PairMatch, PairRelation, PipelineSettings

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
        PipelineSettings(duplicate_threshold=0.99),  # the match does not count
    ],
)
def test_it_stays_with_the_largest_p_primary_otherwise(settings: PipelineSettings) -> None:
    assert select(FOUR, VARIANTS, settings).primary == "navy front"


def test_without_known_colours_the_largest_p_primary_stays() -> None:
    blank = tuple(replace(assessment, palette=()) for assessment in FOUR)
    assert select(blank, VARIANTS, PipelineSettings()).primary == "navy front"
