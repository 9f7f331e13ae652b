"""Packed goods as they stand on a shelf: carton, cereal box, tub, can, jar. All of them are printed all over."""

from __future__ import annotations

import numpy as np

from agpis.simulation.render.geometry import Floats, Mesh, cylinder, grid, lathe, merge, rounded_box
from agpis.simulation.render.labels import packed_back, packed_front, packed_wrap
from agpis.simulation.render.model import STEEL, WHITE, Closeup, Model, Part
from agpis.simulation.render.surfaces import Surface


def build_carton(rng: np.random.Generator, surface: Surface) -> Model:
    """A drink carton with a gable top, with or without a screw cap."""
    width, depth, height = 1.0, rng.uniform(0.75, 1.0), rng.uniform(1.6, 2.3)
    roof, fin = rng.uniform(0.35, 0.55), 0.16
    body = rounded_box(width, depth, height, 0.02).moved((0, 0, height / 2))
    aspect, side = width / height, depth / height
    ridge = rounded_box(width, 0.05, fin, 0.02).moved((0, 0, height + roof + fin / 2)).whole
    half = (width / 2, depth / 2)
    corners = {(x, y): (x * half[0], y * half[1], height) for x in (-1, 1) for y in (-1, 1)}
    ends = {x: (x * half[0], 0.0, height + roof) for x in (-1, 1)}
    slopes = merge(
        _sheet(corners[-1, -1], corners[1, -1], ends[-1], ends[1]),
        _sheet(corners[1, 1], corners[-1, 1], ends[1], ends[-1]),
    )
    # The gables are folded in: their middle lies behind the edge.
    folds = [_sheet(corners[x, -x], corners[x, x], (x * half[0] * 0.55, 0.0, height + roof), ends[x]) for x in (-1, 1)]
    parts = [
        Part(body.front, packed_front(surface, aspect, rng), 0.3),
        Part(
            body.back,
            packed_front(surface, aspect, rng) if rng.random() < 0.5 else packed_back(surface, aspect, rng),
            0.3,
        ),
        Part(body.left, packed_back(surface, side, rng), 0.3),
        Part(body.right, packed_back(surface, side, rng), 0.3),
        Part(merge(body.top, body.bottom, slopes, *folds, ridge), surface.main, 0.3, flat=True),
    ]
    if rng.random() < 0.5:
        lean = np.degrees(np.arctan2(roof, half[1]))
        cap = cylinder(0.17, 0.0, 0.14, 0.02, 24).turned("x", lean).moved((0, -half[1] / 2, height + roof / 2))
        parts.append(Part(cap, WHITE if rng.random() < 0.5 else surface.accent, 0.3))
    closeups = (
        Closeup((0, -depth / 2, height * 0.75), width * 0.42, 0, 4),
        Closeup((0, -depth * 0.2, height + roof * 0.6), width * 0.5, 25, 22),
    )
    return Model(tuple(parts), closeups)


def build_cereal_box(rng: np.random.Generator, surface: Surface) -> Model:
    """A flat box of cardboard."""
    width, depth, height = rng.uniform(1.2, 1.7), rng.uniform(0.3, 0.6), rng.uniform(1.7, 2.3)
    box = rounded_box(width, depth, height, 0.015).moved((0, 0, height / 2))
    aspect, side = width / height, depth / height
    parts = (
        Part(box.front, packed_front(surface, aspect, rng), 0.3),
        Part(box.back, packed_back(surface, aspect, rng), 0.3),
        Part(box.left, packed_back(surface, side, rng), 0.3),
        Part(box.right, packed_back(surface, side, rng), 0.3),
        Part(merge(box.top, box.bottom), surface.main, 0.3),
    )
    closeups = (
        Closeup((0, -depth / 2, height * 0.76), width * 0.4, 0, 4),
        Closeup((width * 0.4, -depth * 0.4, height * 0.9), width * 0.35, 35, 25),
    )
    return Model(parts, closeups)


def build_tub(rng: np.random.Generator, surface: Surface) -> Model:
    """A tub or cup of yoghurt under a lid of foil or plastic."""
    low, height = rng.uniform(0.45, 0.75), rng.uniform(0.8, 1.6)
    high = low * rng.uniform(1.05, 1.35)
    wall = lathe([(low, 0.0), (high, height)])
    lid = merge(
        lathe([(high, height), (high * 1.08, height + 0.01), (high * 1.08, height + 0.07), (0.0, height + 0.07)]),
        lathe([(0.0, 0.0), (low, 0.0)]),
    )
    cover = (STEEL, WHITE, surface.accent)[int(rng.integers(3))]
    parts = (
        Part(wall, packed_wrap(surface, np.pi * (low + high) / height, rng), 0.3),
        Part(lid, cover, 0.5),
    )
    closeups = (
        Closeup((0, -high, height * 0.68), low * 0.7, 0, 5),
        Closeup((high * 0.5, -high * 0.5, height), high * 0.6, 30, 25),
    )
    return Model(parts, closeups)


def build_can(rng: np.random.Generator, surface: Surface) -> Model:
    """A tin or a drink can with bare rims."""
    radius, height = rng.uniform(0.5, 0.75), rng.uniform(1.1, 2.2)
    neck = rng.uniform(0.8, 1.0)
    wall = lathe([(radius, 0.12), (radius, height)])
    metal = merge(
        lathe([(0.0, 0.03), (radius * neck, 0.0), (radius, 0.12)]),
        lathe([(radius, height), (radius * neck, height + 0.14), (radius * neck, height + 0.2)]),
        lathe([(radius * neck, height + 0.2), (radius * neck * 0.94, height + 0.14), (0.0, height + 0.14)]),
    )
    parts = (
        Part(wall, packed_wrap(surface, 2 * np.pi * radius / height, rng), 0.5),
        Part(metal, STEEL, 0.9),
    )
    closeups = (
        Closeup((0, -radius, height * 0.72), radius * 0.75, 0, 5),
        Closeup((0, 0, height + 0.15), radius * 0.9, 20, 32),
    )
    return Model(parts, closeups)


def build_jar(rng: np.random.Generator, surface: Surface) -> Model:
    """A jar: its content shows above and below a label, a metal lid closes it."""
    radius, height = rng.uniform(0.55, 0.8), rng.uniform(1.2, 1.9)
    low, high = 0.2 * height, rng.uniform(0.66, 0.78) * height
    shoulder: Floats = np.array([(radius, high), (radius, 0.84 * height), (radius * 0.8, height)])
    content = merge(
        lathe([(0.0, 0.0), (radius * 0.94, 0.0), (radius, 0.06), (radius, low)]),
        lathe(shoulder),
    )
    lid = cylinder(radius * 0.84, height - 0.02, height + 0.22, 0.03)
    inside = ((150, 52, 32), (196, 136, 44), (92, 50, 34), (170, 30, 40))[int(rng.integers(4))]
    parts = (
        Part(
            lathe([(radius * 1.005, low), (radius * 1.005, high)]),
            packed_wrap(surface, 2 * np.pi * radius / (high - low), rng),
            0.3,
        ),
        Part(content, inside, 1.0),
        Part(lid, surface.accent if rng.random() < 0.6 else STEEL, 0.7),
    )
    closeups = (
        Closeup((0, -radius, (low + high) / 2), radius * 0.7, 0, 5),
        Closeup((0, -radius * 0.4, height), radius * 0.8, 25, 18),
    )
    return Model(parts, closeups)


def _sheet(
    lower_left: tuple[float, float, float],
    lower_right: tuple[float, float, float],
    upper_left: tuple[float, float, float],
    upper_right: tuple[float, float, float],
) -> Mesh:
    points = np.array([[lower_left, lower_right], [upper_left, upper_right]])
    uv = np.array([[(0.0, 0.0), (1.0, 0.0)], [(0.0, 1.0), (1.0, 1.0)]])
    return grid(points, uv)
