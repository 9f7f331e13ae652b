"""Pictures made from others: cut-outs, sets, other styles, cartons and scenes; facts and pixels agree."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from agpis.simulation.carton import package_view
from agpis.simulation.cutouts import lift, put, repeated
from agpis.simulation.facts import Background, ImageFacts, View
from agpis.simulation.relations import CopyKind, copy_relation
from agpis.simulation.restyling import restyled
from agpis.simulation.scenes import in_use
from agpis.simulation.sources import SourceImage

RED = (200, 30, 40)
FACTS = ImageFacts("a.jpg", "d", "mug", "red", View.FRONT, "c", fill=0.25, brand="Vitrio", style="light studio")


def boxed(colour: tuple[int, int, int] = RED, ground: int = 255, size: int = 120) -> SourceImage:
    """A square in the middle of a light ground, a quarter of its area."""
    pixels = np.full((size, size, 3), ground, dtype=np.uint8)
    mask = np.zeros((size, size), dtype=np.bool_)
    mask[size // 4 : 3 * size // 4, size // 4 : 3 * size // 4] = True
    pixels[mask] = colour
    return SourceImage(pixels, FACTS, mask)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize("known", [True, False])
def test_a_product_is_lifted_off_its_ground(known: bool) -> None:
    image = boxed(ground=250)
    cutout = lift(image.pixels, image.mask if known else None)
    assert cutout is not None
    assert cutout.ground == pytest.approx([250] * 3)
    assert cutout.alpha.shape[0] == pytest.approx(60, abs=4)
    assert float(cutout.alpha[10:-10, 10:-10].min()) == 1.0
    assert cutout.colour[30, 30] == pytest.approx(RED)


def test_an_empty_picture_has_nothing_to_lift() -> None:
    assert lift(np.full((80, 80, 3), 255, dtype=np.uint8)) is None
    assert lift(boxed().pixels, np.zeros((120, 120), dtype=np.bool_)) is None
    assert lift(boxed().pixels, np.ones((120, 120), dtype=np.bool_)) is None


def test_a_white_product_is_kept_where_its_mask_is_known() -> None:
    image = boxed(colour=(255, 255, 255))
    cutout = lift(image.pixels, image.mask)
    assert cutout is not None
    canvas = np.zeros((100, 100, 3), dtype=np.float32)
    put(canvas, cutout, 20, 20, 60, 60)
    assert canvas[50, 50] == pytest.approx([255] * 3)
    assert canvas[10, 10] == pytest.approx([0] * 3)


@pytest.mark.parametrize("items", [2, 3])
def test_a_set_shows_as_many_units_side_by_side(items: int, rng: np.random.Generator) -> None:
    made = repeated(boxed().pixels, items, rng)
    assert made is not None
    pixels, fill = made
    count, _ = cv2.connectedComponents((pixels[..., 1] < 128).astype(np.uint8))
    assert count - 1 == items
    rows, columns = np.nonzero(pixels[..., 1] < 128)
    assert fill == pytest.approx(np.ptp(rows) * np.ptp(columns) / 120**2, abs=0.05)


@pytest.mark.parametrize("seed", range(6))
def test_another_style_changes_the_ground_and_keeps_the_product(seed: int) -> None:
    image = boxed()
    made = restyled(image, np.random.default_rng(seed), ["pastel"])
    assert made is not None
    assert made.facts.style not in ("", "light studio", "pastel")
    assert np.linalg.norm(made.pixels[5, 5].astype(float) - 255) > 40
    red, green, _ = made.pixels[60, 60].astype(int)
    assert red > 2 * green
    assert copy_relation(image.facts, made.facts) is CopyKind.NEAR
    assert replace(made.facts, style=FACTS.style, resaved=False) == FACTS


def test_what_cannot_be_told_from_its_ground_keeps_its_style(rng: np.random.Generator) -> None:
    assert restyled(SourceImage(boxed((235, 235, 235)).pixels, FACTS), rng) is None
    assert restyled(boxed(ground=60), rng) is None


@pytest.mark.parametrize("seed", range(6))
def test_a_carton_is_a_picture_of_its_own(seed: int) -> None:
    rng = np.random.default_rng(seed)
    made, other = (package_view(boxed(), "Vitrio", "mug", "train", 128, rng) for _ in range(2))
    assert made is not None
    assert other is not None
    assert made.pixels.shape == (128, 128, 3)
    assert (made.facts.view, made.facts.design, made.facts.brand) == (View.PACKAGE, "d", "")
    assert copy_relation(made.facts, FACTS) is copy_relation(made.facts, other.facts) is None
    # The product is pictured on it, and the carton stands clear of the frame.
    red, green, blue = (made.pixels[..., channel].astype(int) for channel in range(3))
    assert ((red > 2 * green) & (red > 2 * blue)).mean() > 0.02
    rim = np.concatenate([made.pixels[0], made.pixels[-1], made.pixels[:, 0], made.pixels[:, -1]])
    assert rim.min() > 150
    assert 0.2 < made.facts.fill < 0.85


@pytest.mark.parametrize("seed", range(6))
def test_a_scene_shows_the_product_smaller_before_a_busy_ground(seed: int) -> None:
    image = boxed()
    made = in_use(image, 128, np.random.default_rng(seed))
    assert made is not None
    assert (made.facts.view, made.facts.background) == (View.WORN, Background.BUSY)
    assert (made.facts.style, made.facts.brand) == ("", "")
    assert 0.19 <= made.facts.fill < 0.5
    assert copy_relation(image.facts, made.facts) is not None


def test_nothing_is_made_of_a_picture_without_a_product(rng: np.random.Generator) -> None:
    empty = SourceImage(np.full((80, 80, 3), 255, dtype=np.uint8), FACTS)
    assert restyled(empty, rng) is None
    assert in_use(empty, 64, rng) is None
    assert package_view(empty, "", "", "train", 64, rng) is None
    assert repeated(empty.pixels, 2, rng) is None
