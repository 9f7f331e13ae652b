"""Reading and remaking single photos: foreground, background, cut-outs, close-ups."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from agpis.simulation.photos import (
    Foreground,
    crop_region,
    cut_out,
    draw_details,
    find_foreground,
    fit_within,
    has_plain_background,
)
from agpis.types import Pixels


def disc_photo(floor: str, centre: tuple[int, int] = (100, 100), radius: int = 60) -> Pixels:
    """A red disc, 200 x 200, on white or on a floor of wild tiles."""
    pixels = np.full((200, 200, 3), 250, dtype=np.uint8)
    if floor == "tiles":
        rows, columns = np.mgrid[0:200, 0:200] // 10
        pixels[(rows + columns) % 2 == 0] = (40, 90, 60)
    cv2.circle(pixels, centre, radius, (200, 20, 30), -1)
    return pixels


def disc_overlap(foreground: Foreground, centre: tuple[int, int] = (100, 100), radius: int = 60) -> float:
    truth = np.zeros((200, 200), dtype=np.uint8)
    cv2.circle(truth, centre, radius, 1, -1)
    return float((foreground.mask & (truth > 0)).sum() / (foreground.mask | (truth > 0)).sum())


@pytest.mark.parametrize("floor", ["white", "tiles"])
def test_the_product_is_found_on_any_floor(floor: str) -> None:
    foreground = find_foreground(disc_photo(floor))
    assert foreground.found
    assert disc_overlap(foreground) > 0.9
    # The disc's bounding box is 121 of 200 pixels wide and tall.
    assert foreground.fill == pytest.approx(0.366, abs=0.03)
    assert foreground.edge_contact == 0.0


def test_a_product_cut_by_the_frame_touches_it() -> None:
    foreground = find_foreground(disc_photo("white", centre=(0, 100), radius=80))
    assert foreground.found
    assert foreground.edge_contact > 0.15


def test_a_photo_without_product_has_no_foreground() -> None:
    foreground = find_foreground(np.full((120, 80, 3), 200, dtype=np.uint8))
    assert not foreground.found
    assert foreground.mask.shape == (120, 80)
    assert foreground.mask.any()


def test_two_shoes_on_white_are_one_foreground() -> None:
    pixels = disc_photo("white", (60, 100), 35)
    cv2.circle(pixels, (145, 100), 35, (200, 20, 30), -1)
    foreground = find_foreground(pixels)
    assert foreground.found
    assert foreground.mask[100, 60]
    assert foreground.mask[100, 145]


def test_plain_and_busy_surroundings_are_told_apart() -> None:
    for floor, plain in (("white", True), ("tiles", False)):
        pixels = disc_photo(floor)
        assert has_plain_background(pixels, find_foreground(pixels)) is plain


def test_a_cut_out_keeps_the_product_and_loses_the_floor() -> None:
    pixels = disc_photo("tiles")
    made, fill = cut_out(pixels, find_foreground(pixels), 160, np.random.default_rng(3))
    assert max(made.shape[:2]) == 160
    assert np.abs(made[made.shape[0] // 2, made.shape[1] // 2].astype(int) - (200, 20, 30)).max() <= 2
    assert made[:3, :3].min() > 200
    assert 0.6 < fill < 0.95
    green = (made[..., 1].astype(int) - made[..., 0]) > 20
    assert green.mean() < 0.015


@pytest.mark.parametrize("seed", range(5))
def test_details_are_disjoint_small_and_on_the_product(seed: int) -> None:
    mask = np.zeros((200, 100), dtype=np.bool_)
    mask[20:190, 5:95] = True
    regions = draw_details(Foreground(mask, True, 0.8, 0.0), np.random.default_rng(seed))
    assert 1 <= len(regions) <= 3
    for index, (x0, y0, x1, y1) in enumerate(regions):
        assert 0.06 <= (x1 - x0) * (y1 - y0) <= 0.14
        assert mask[round(y0 * 200) : round(y1 * 200), round(x0 * 100) : round(x1 * 100)].mean() >= 0.88
        for other in regions[:index]:
            assert x1 <= other[0] or other[2] <= x0 or y1 <= other[1] or other[3] <= y0


def test_no_details_are_cut_from_a_product_that_is_too_small() -> None:
    mask = np.zeros((200, 200), dtype=np.bool_)
    mask[90:110, 90:110] = True
    assert draw_details(Foreground(mask, True, 0.01, 0.0), np.random.default_rng(0)) == ()


def test_crop_region_takes_the_named_part() -> None:
    pixels = np.arange(10 * 20 * 3, dtype=np.uint8).reshape(10, 20, 3)
    assert np.array_equal(crop_region(pixels, (0.25, 0.5, 0.75, 1.0)), pixels[5:10, 5:15])


def test_fit_within_only_makes_smaller() -> None:
    assert fit_within(np.zeros((100, 50, 3), np.uint8), 40).shape == (40, 20, 3)
    assert fit_within(np.zeros((30, 20, 3), np.uint8), 40).shape == (30, 20, 3)
