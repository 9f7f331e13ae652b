"""Colour words: drawn colours keep their word, measured pixels get the right one."""

from __future__ import annotations

import numpy as np
import pytest

from agpis.simulation.colours import COLOUR_WORDS, colour_word, draw_rgb, measure_colour
from agpis.types import Pixels


def filled(rgb: tuple[int, int, int], side: int = 20) -> Pixels:
    return np.full((side, side, 3), rgb, dtype=np.uint8)


@pytest.mark.parametrize("word", COLOUR_WORDS)
def test_a_drawn_colour_keeps_its_word_even_in_light_shade(word: str) -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        red, green, blue = draw_rgb(word, rng)
        assert colour_word((red, green, blue)) == word
        assert colour_word((round(red * 0.85), round(green * 0.85), round(blue * 0.85))) == word


@pytest.mark.parametrize(
    ("rgb", "word"),
    [
        ((0, 0, 0), "black"),
        ((255, 255, 255), "white"),
        ((128, 128, 128), "grey"),
        ((220, 20, 30), "red"),
        ((255, 140, 0), "orange"),
        ((255, 220, 0), "yellow"),
        ((30, 130, 40), "green"),
        ((0, 128, 128), "teal"),
        ((20, 60, 200), "blue"),
        ((110, 40, 160), "purple"),
        ((255, 160, 190), "pink"),
        ((100, 60, 30), "brown"),
        ((222, 200, 165), "beige"),
    ],
)
def test_well_known_colours_have_their_everyday_words(rgb: tuple[int, int, int], word: str) -> None:
    assert colour_word(rgb) == word
    assert measure_colour(filled(rgb)).word == word


def test_the_larger_part_names_the_colour_and_its_share() -> None:
    pixels = filled((20, 60, 200))
    pixels[:6] = (255, 220, 0)
    measured = measure_colour(pixels)
    assert (measured.word, measured.rgb) == ("blue", (20, 60, 200))
    assert measured.share == pytest.approx(0.7)


def test_white_print_does_not_turn_black_into_grey() -> None:
    pixels = filled((25, 25, 25))
    pixels[:7] = (250, 250, 250)
    assert measure_colour(pixels).word == "black"


def test_only_pixels_under_the_mask_count() -> None:
    pixels = filled((255, 255, 255))
    pixels[5:15, 5:15] = (220, 20, 30)
    mask = np.zeros((20, 20), dtype=np.bool_)
    mask[5:15, 5:15] = True
    assert measure_colour(pixels).word == "white"
    assert measure_colour(pixels, mask).word == "red"


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(ValueError, match="covers no pixel"):
        measure_colour(filled((1, 2, 3)), np.zeros((20, 20), dtype=np.bool_))
