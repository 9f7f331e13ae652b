"""Packed goods: shapes that close, and print that follows brand, colour and pattern."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agpis.simulation.render.design import draw_product, recolour, repattern
from agpis.simulation.render.labels import packed_back, packed_front, packed_wrap
from agpis.simulation.render.surfaces import Pattern
from agpis.types import Pixels

PACKAGES = ("carton", "cereal box", "tub", "can", "jar")
LABELS = (packed_front, packed_back, packed_wrap)


def steps(pixels: Pixels) -> float:
    """Mean difference of neighbours in a row: print has many edges."""
    return float(np.abs(np.diff(pixels.astype(int), axis=1)).mean())


@pytest.mark.parametrize("draw", LABELS)
@pytest.mark.parametrize("aspect", [0.3, 1.0, 2.5])
def test_a_label_has_the_asked_shape_and_carries_print(draw: object, aspect: float) -> None:
    surface = repattern(draw_product(3, "train", "carton"), Pattern.PLAIN).surface
    label = draw(surface, aspect, np.random.default_rng(0), 240)  # type: ignore[operator]
    assert label.shape[0] == 240
    assert abs(label.shape[1] - 240 * aspect) <= 6
    assert label.dtype == np.uint8
    assert steps(label) > 1.0
    assert steps(surface.plain(aspect, 240)) == 0
    # Most of what is not print is the main colour.
    assert (label == np.array(surface.main)).all(axis=2).mean() > 0.25


def test_a_label_depends_on_generator_and_surface_alone() -> None:
    surface = draw_product(1, "train", "can").surface
    first, again = (packed_front(surface, 0.8, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first, again)
    renamed = packed_front(replace(surface, brand="Zylou"), 0.8, np.random.default_rng(5))
    assert not np.array_equal(first, renamed)


def test_a_pattern_shows_around_the_print() -> None:
    plain = repattern(draw_product(2, "train", "tub"), Pattern.PLAIN).surface
    striped = replace(plain, pattern=Pattern.STRIPES)
    for draw in LABELS:
        rows = [draw(surface, 1.0, np.random.default_rng(1))[4] for surface in (plain, striped)]
        assert len(np.unique(rows[0], axis=0)) == 1 or draw is packed_wrap
        assert len(np.unique(rows[1], axis=0)) > 1


@pytest.mark.parametrize("category", PACKAGES)
@pytest.mark.parametrize("seed", range(3))
def test_packages_stand_on_the_floor_and_name_two_closeups(category: str, seed: int) -> None:
    product = draw_product(seed, "test", category)
    model = product.build()
    points = np.concatenate([part.mesh.points for part in model.parts])
    assert np.isfinite(points).all()
    assert abs(float(points[:, 2].min())) < 0.05
    assert len(model.closeups) == 2
    prints = [part.paint for part in model.parts if isinstance(part.paint, np.ndarray)]
    assert any(steps(paint) > 1.0 for paint in prints)


@pytest.mark.parametrize("category", PACKAGES)
def test_another_colour_is_another_print_of_the_same_design(category: str) -> None:
    product = recolour(draw_product(4, "train", category), "red")
    other = recolour(product, "blue")
    for first, second in zip(product.build().parts, other.build().parts, strict=True):
        assert np.array_equal(first.mesh.points, second.mesh.points)
    first_print, second_print = (
        next(part.paint for part in each.build().parts if isinstance(part.paint, np.ndarray))
        for each in (product, other)
    )
    assert first_print.shape == second_print.shape
    assert not np.array_equal(first_print, second_print)
