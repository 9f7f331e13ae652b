"""Where a part of an image, shrunk and mirrored, lies in the image."""

from __future__ import annotations

import numpy as np
import pytest

from agpis.stage1.views import between_images, chained, moved, moved_box, view_of
from agpis.types import Box, Image

WIDE = Image("wide", np.random.default_rng(0).integers(0, 256, (400, 800, 3), dtype=np.uint8))


def test_maps_are_chained_from_the_left() -> None:
    double, shift = np.array([[2.0, 0, 0], [0, 2.0, 0]]), np.array([[1.0, 0, 5], [0, 1.0, 0]])
    assert moved(np.array([[1.0, 1.0]]), chained(double, shift)).tolist() == [[7, 2]]
    assert moved(np.array([[1.0, 1.0]]), chained(shift, double)).tolist() == [[12, 2]]


def test_pixel_centres_of_a_shrunken_image() -> None:
    view = view_of(WIDE)  # 800 wide, pictures 160 wide: a pixel of the picture covers five
    assert view.picture.pixels.shape == (80, 160, 3)
    assert moved(np.array([[0.0, 0.0], [159.0, 79.0]]), view.from_picture).tolist() == [[2, 2], [797, 397]]


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_box_around_a_region_of_the_picture(mirrored: bool) -> None:
    view = view_of(WIDE, Box(200, 100, 400, 200), mirrored)  # pictures 160 wide: a pixel covers two and a half
    region = np.zeros(view.picture.pixels.shape[:2], bool)
    assert view.box_of(region) is None
    region[20:40, 40:80] = True
    box = view.box_of(region)
    assert view.is_mirrored is mirrored
    assert box == (Box(400, 150, 100, 50) if mirrored else Box(300, 150, 100, 50))


def test_a_mirrored_view_shows_the_same_places() -> None:
    straight, mirror = view_of(WIDE), view_of(WIDE).mirrored()
    onto = between_images(straight, mirror, np.array([[-1.0, 0, 159], [0, 1.0, 0]]))
    assert moved(np.array([[10.0, 20.0]]), onto).tolist() == [[pytest.approx(10), pytest.approx(20)]]
    assert np.array_equal(mirror.picture.pixels, straight.picture.pixels[:, ::-1])


def test_keypoints_inside_a_box() -> None:
    view = view_of(WIDE)
    half = Box(0, 0, 400, 400)
    places = moved(view.keypoints.points[view.within(half)], view.from_keypoints)
    assert 0 < len(places) < len(view.keypoints.points)
    assert places.max() < 400


def test_a_moved_box_is_clipped_to_the_image() -> None:
    shift = np.array([[1.0, 0, 700], [0, 1.0, 0]])
    assert moved_box((0, 10, 200, 50), shift, WIDE) == Box(700, 10, 100, 40)
    assert moved_box((200, 10, 300, 50), shift, WIDE) is None
