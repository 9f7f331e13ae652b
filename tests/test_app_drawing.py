"""Decisions drawn into pixels, checked pixel by pixel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from agpis.types import Box, Pixels
from app.components.drawing import GREEN, RED, WHITE, blank, draw_boxes, fit, frame, overlay_heat, square


def grey(height: int, width: int, value: int = 128) -> Pixels:
    pixels = np.full((height, width, 3), value, dtype=np.uint8)
    pixels.flags.writeable = False  # as agpis.images hands them out
    return pixels


def mask(pixels: Pixels, colour: tuple[int, int, int]) -> npt.NDArray[np.bool_]:
    return np.asarray((pixels == np.array(colour)).all(axis=2))


def test_frame_is_red_on_all_four_sides_and_nowhere_else() -> None:
    framed = frame(grey(20, 30), RED, 3)
    expected = np.ones((20, 30), dtype=bool)
    expected[3:-3, 3:-3] = False
    np.testing.assert_array_equal(mask(framed, RED), expected)


def test_box_outline_lies_on_the_edge_of_the_box() -> None:
    drawn = mask(draw_boxes(grey(100, 100), [Box(10, 20, 40, 50)]), GREEN)
    rows, columns = np.nonzero(drawn)
    assert (columns.min(), rows.min()) == (10, 20)
    assert (columns.max(), rows.max()) == (49, 69)
    assert not drawn[25:65, 15:45].any(), "the inside of the box stays as it was"
    assert drawn[20, 10:50].all()
    assert drawn[69, 10:50].all()
    assert drawn[20:70, 10].all()
    assert drawn[20:70, 49].all()


def test_every_box_is_drawn_and_one_that_sticks_out_is_cut() -> None:
    drawn = mask(draw_boxes(grey(60, 60), [Box(5, 5, 10, 10), Box(40, 40, 50, 50)]), GREEN)
    assert drawn[5, 5:15].all()
    assert drawn[40, 40:60].all()


@pytest.mark.parametrize("size", [(40, 40), (4000, 3000)])
def test_lines_stay_visible_after_the_image_is_shrunk(size: tuple[int, int]) -> None:
    height, width = size
    drawn = fit(draw_boxes(grey(height, width), [Box(width // 4, height // 4, width // 2, height // 2)]), 40)
    green = (drawn[:, :, 1].astype(int) - drawn[:, :, 0]) > 20
    around = 2 * (20 + 15) - 4 if height > width else 4 * 20 - 4
    assert green.sum() >= 0.9 * around


def test_drawing_leaves_the_original_alone() -> None:
    original = grey(50, 50)
    before = original.copy()
    draw_boxes(original, [Box(0, 0, 50, 50)])
    frame(original, RED, 5)
    overlay_heat(original, np.ones((5, 5), dtype=np.float32), 50)
    np.testing.assert_array_equal(original, before)


@pytest.mark.parametrize(("height", "width"), [(100, 50), (50, 100), (64, 64), (1000, 33), (7, 9)])
def test_square_shows_the_whole_image_centred_on_white(height: int, width: int) -> None:
    shown = square(grey(height, width, 0), 60)
    assert shown.shape == (60, 60, 3)
    dark = ~mask(shown, WHITE)
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    scale = 60 / max(height, width)
    assert len(rows) == max(1, round(height * scale))
    assert len(columns) == max(1, round(width * scale))
    assert abs(rows[0] - (59 - rows[-1])) <= 1
    assert abs(columns[0] - (59 - columns[-1])) <= 1


def test_fit_keeps_the_proportions() -> None:
    assert fit(grey(300, 100), 60).shape == (60, 20, 3)
    assert fit(grey(10, 20), 60).shape == (30, 60, 3)


def test_heat_is_bright_where_the_map_is_high() -> None:
    heat = np.zeros((4, 4), dtype=np.float32)
    heat[:, 2:] = 1.0
    shown = overlay_heat(grey(80, 80, 60), heat, 80).astype(int).sum(axis=2)
    assert shown[:, 70:].min() > shown[:, :10].max() + 200


def test_heat_takes_the_shape_of_the_image_whatever_its_resolution() -> None:
    assert overlay_heat(grey(200, 100), np.zeros((14, 14), dtype=np.float32), 50).shape == (50, 25, 3)


def test_blank_is_not_an_image_of_one_colour() -> None:
    assert len(np.unique(blank(96).reshape(-1, 3), axis=0)) > 1
