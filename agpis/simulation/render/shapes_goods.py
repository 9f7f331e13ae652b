"""Goods to carry and to use: book, speaker, watch, dumbbell, kettlebell, backpack, tote bag, suitcase."""

from __future__ import annotations

import numpy as np

from agpis.simulation.render.geometry import (
    Floats,
    Mesh,
    arc,
    ball,
    cylinder,
    grid,
    lathe,
    merge,
    rounded_box,
    tube,
)
from agpis.simulation.render.model import CHARCOAL, STEEL, WHITE, Closeup, Model, Part
from agpis.simulation.render.surfaces import Surface


def build_book(rng: np.random.Generator, surface: Surface) -> Model:
    """A standing hardcover: cover, spine on the left, pages."""
    width, height, depth = rng.uniform(1.3, 1.7), rng.uniform(1.9, 2.3), rng.uniform(0.22, 0.5)
    board = 0.035
    front = rounded_box(width, board, height, 0.012).moved((0, -depth / 2, height / 2))
    back = rounded_box(width, board, height, 0.012).moved((0, depth / 2, height / 2))
    spine = rounded_box(board, depth, height, 0.012).moved((-width / 2, 0, height / 2))
    pages = rounded_box(width * 0.96, depth - board, height * 0.96, 0.005).moved((-0.01, 0, height / 2))
    aspect = width / height
    # Pages show as fine lines along the block.
    lines = np.broadcast_to(np.array([[228, 222, 208], [242, 237, 226]], np.uint8)[np.arange(64) % 2], (8, 64, 3))
    parts = (
        Part(front.front, surface.front(aspect, rng.uniform(0.75, 0.9), (0.5, 0.42), 256), 0.3),
        Part(back.back, surface.back(aspect, 0.5), 0.3),
        Part(spine.left, surface.front(depth / height, 0.95, (0.5, 0.4), 256, turned=3), 0.3),
        Part(
            merge(front.back, front.rim, back.front, back.rim, spine.right, spine.top, spine.bottom), surface.main, 0.3
        ),
        Part(pages.right, np.ascontiguousarray(lines), 0.0),
        Part(pages.top, np.ascontiguousarray(lines.transpose(1, 0, 2)), 0.0),
    )
    closeups = (
        Closeup((0, -depth / 2, height * 0.58), width * 0.4, 0, 4),
        Closeup((width * 0.4, 0, height * 0.92), width * 0.35, 40, 30),
    )
    return Model(parts, closeups)


def build_speaker(rng: np.random.Generator, surface: Surface) -> Model:
    """A loudspeaker box with one or two cones in front and terminals at the back."""
    width, depth, top = rng.uniform(1.1, 1.5), rng.uniform(0.9, 1.3), rng.uniform(0.32, 0.6)
    big, small = width * rng.uniform(0.3, 0.4), width * rng.uniform(0.13, 0.18)
    # From the floor up: the big cone, the small one, the print.
    low = 1.12 * big + 0.12
    small_at = low + 1.12 * (big + small) + 0.05
    shoulder = small_at + 1.12 * small
    height = shoulder + top
    print_at = 1.0 - (shoulder + top * 0.52) / height
    body = rounded_box(width, depth, height, rng.uniform(0.03, 0.2)).moved((0, 0, height / 2))
    front = -depth / 2
    cones = [_cone(big).moved((0, front, low)), _cone(small).moved((0, front, small_at))]
    rings = [
        _ring(big).moved((0, front, low)),
        _ring(small).moved((0, front, small_at)),
    ]
    aspect = width / height
    terminal = rounded_box(width * 0.5, 0.05, width * 0.4, 0.02).moved((0, depth / 2 + 0.01, height * 0.3))
    plugs = [ball(0.07, (x * width, depth / 2 + 0.06, height * 0.3), 12) for x in (-0.12, 0.12)]
    parts = (
        Part(body.front, surface.front(aspect, 1.05 * top / width, (0.5, print_at), 256), 0.2),
        Part(body.back, surface.back(aspect, 0.34), 0.2),
        Part(body.rim, surface.main, 0.25),
        Part(merge(*cones), CHARCOAL, 0.35),
        Part(merge(*rings), STEEL if rng.random() < 0.5 else surface.accent, 0.7),
        Part(terminal.whole, (24, 24, 26), 0.2),
        Part(plugs[0], (170, 30, 30), 0.5),
        Part(plugs[1], (40, 40, 40), 0.5),
    )
    closeups = (
        Closeup((0, front, shoulder + top * 0.5), width * 0.36, 0, 4),
        Closeup((0, front, low), big * 1.1, 18, 10),
    )
    return Model(parts, closeups)


def _cone(radius: float) -> Mesh:
    dish = lathe([(0, 0.05), (radius * 0.3, 0.07), (radius * 0.36, 0.02), (radius * 0.85, 0.04), (radius, 0.015)][::-1])
    return dish.turned("x", 90)


def _ring(radius: float) -> Mesh:
    return lathe([(radius * 1.12, 0.0), (radius * 1.08, 0.05), (radius * 0.98, 0.05), (radius * 0.96, 0.01)]).turned(
        "x", 90
    )


def build_watch(rng: np.random.Generator, surface: Surface) -> Model:
    """A wrist watch laid out flat: strap above and below the case."""
    radius, thickness = rng.uniform(0.75, 0.95), rng.uniform(0.22, 0.34)
    strap_width, strap_length = radius * rng.uniform(0.95, 1.25), rng.uniform(1.6, 2.1)
    case = cylinder(radius, 0, thickness, 0.06, 56).turned("x", 90).moved((0, thickness / 2, 0))
    crown = cylinder(0.1, 0, 0.16, 0.03, 16).turned("y", 90).moved((radius - 0.02, 0, 0))
    metal = (STEEL, (196, 160, 96), CHARCOAL)[int(rng.integers(3))]
    start = radius * 0.75

    def droop(points: Floats) -> Floats:
        away = np.maximum(np.abs(points[:, 2]) - start, 0.0) / strap_length
        points[:, 1] += 0.55 * strap_length * away**2
        points[:, 0] *= 1 - 0.18 * away
        return points

    straps = [
        rounded_box(strap_width, 0.1, strap_length, 0.045, inner=10)
        .moved((0, 0, side * (start + strap_length / 2)))
        .warped(droop)
        for side in (-1, 1)
    ]
    dial = cylinder(radius * 0.86, 0, 0.01, 0.0, 56).turned("x", 90).moved((0, -thickness / 2, 0))
    ticks = [
        rounded_box(0.04, 0.014, 0.14, 0.004)
        .moved((0, -thickness / 2 - 0.015, radius * 0.72))
        .turned("y", 30.0 * hour)
        .whole
        for hour in range(12)
    ]
    hands = [
        rounded_box(0.045, 0.014, length, 0.004)
        .moved((0, -thickness / 2 - 0.03, length * 0.45))
        .turned("y", float(rng.uniform(0, 360)))
        .whole
        for length in (radius * 0.5, radius * 0.7)
    ]
    face_paint, mark_paint = ((246, 246, 242), CHARCOAL) if rng.random() < 0.5 else ((28, 30, 36), WHITE)
    back = rounded_box(radius * 1.1, 0.02, radius * 1.1, 0.008).moved((0, thickness / 2 + 0.005, 0))
    aspect = strap_width / strap_length
    parts = (
        Part(case, metal, 0.8),
        Part(crown, metal, 0.8),
        Part(dial, face_paint, 0.15),
        Part(merge(*ticks, *hands), mark_paint, 0.2),
        Part(straps[1].front, surface.plain(aspect), 0.08),
        Part(straps[0].front, surface.front(aspect, 0.75, (0.5, 0.35), 256), 0.08),
        Part(merge(*(strap.rim for strap in straps)), surface.main, 0.08),
        Part(merge(*(strap.back for strap in straps)), surface.main, 0.05),
        Part(back.back, surface.back(1.0, 0.8), 0.3),
    )
    closeups = (
        Closeup((0, 0.1, -start - strap_length * 0.35), strap_width * 0.8, 0, 2),
        Closeup((0, -thickness / 2, 0), radius * 0.8, 12, 12),
        Closeup((radius, 0, 0), radius * 0.6, 35, 12),
    )
    return Model(parts, closeups)


def build_dumbbell(rng: np.random.Generator, surface: Surface) -> Model:
    """A dumbbell lying across the picture, round or hexagonal."""
    radius, thickness = rng.uniform(0.65, 0.95), rng.uniform(0.6, 0.95)
    grip = rng.uniform(0.55, 0.75)
    sides = 6 if rng.random() < 0.5 else 40
    handle = tube([(-grip, 0, 0), (-grip * 0.5, 0, 0), (0, 0, 0), (grip * 0.5, 0, 0), (grip, 0, 0)], _grip(), 16)
    wall = [(radius * 0.92, 0.0), (radius, thickness * 0.12), (radius, thickness * 0.88), (radius * 0.92, thickness)]
    aspect = 2 * np.pi * radius / thickness
    spin = 30.0 if sides == 6 else 0.0
    parts = [Part(handle, STEEL, 0.9)]
    for side in (-1, 1):
        middle = side * (grip + thickness / 2)
        # A vertical drum with its print in front is laid down; the print is painted a quarter turn back.
        drum = lathe(wall, sides).turned("z", spin).moved((0, 0, -thickness / 2)).turned("y", 90).moved((middle, 0, 0))
        ends = lathe([(0, 0), (radius * 0.92, 0)], sides).turned("z", spin).moved((0, 0, -thickness / 2))
        caps = merge(ends, lathe([(radius * 0.92, 0), (0, 0)], sides).turned("z", spin).moved((0, 0, thickness / 2)))
        paint = surface.plain(aspect)
        parts.append(Part(drum, paint, 0.25, flat=sides == 6))
        parts.append(Part(caps.turned("y", 90).moved((middle, 0, 0)), surface.main, 0.2))
        plate = _facing_plate(radius, thickness, sides).moved((middle, 0, 0))
        parts.append(Part(plate, surface.front(thickness * 0.8 / radius, 0.85), 0.15))
    closeups = (
        Closeup((grip + thickness / 2, -radius, 0), thickness * 0.52, 0, 10),
        Closeup((0, 0, 0), grip * 0.9, 25, 28),
    )
    return Model(tuple(parts), closeups)


def _grip() -> tuple[float, ...]:
    return (0.15, 0.18, 0.2, 0.18, 0.15)


def _facing_plate(radius: float, thickness: float, sides: int) -> Mesh:
    # A curved or flat plate just above the front of a lying drum, upright for its print.
    reach = np.linspace(-0.5, 0.5, 9) * (np.pi / 3 * 0.9)
    across = np.linspace(-0.4, 0.4, 2) * thickness
    lift = radius * (np.cos(np.pi / 6) if sides == 6 else 1.0) + 0.012
    if sides == 6:
        z, y = np.tan(np.pi / 6) * radius * np.cos(np.pi / 6) * np.linspace(-0.92, 0.92, 9), np.full(9, -lift)
    else:
        z, y = lift * np.sin(reach), -lift * np.cos(reach)
    points = np.stack(np.broadcast_arrays(across[None, :], y[:, None], z[:, None]), axis=-1)
    uv = np.stack(np.broadcast_arrays(np.linspace(0, 1, 2)[None, :], np.linspace(0, 1, 9)[:, None]), axis=-1)
    return grid(points, uv)


def build_kettlebell(rng: np.random.Generator, surface: Surface) -> Model:
    """A kettlebell: ball, flat foot, wide handle."""
    radius = rng.uniform(0.95, 1.1)
    slope = np.linspace(-0.98, 1.1, 24)
    body = np.stack([radius * np.cos(slope), radius * (0.85 + np.sin(slope))], axis=1)
    width, height = radius * rng.uniform(0.62, 0.8), radius * rng.uniform(2.4, 2.75)
    bottom = radius * 1.45
    path = np.concatenate(
        [
            arc((-width * 0.75, 0, bottom), (-width * 1.1, 0, height), (-width * 0.45, 0, height), 12),
            arc((width * 0.45, 0, height), (width * 1.1, 0, height), (width * 0.75, 0, bottom), 12),
        ]
    )
    handle = tube(path, radius * rng.uniform(0.13, 0.17))
    handle_paint = STEEL if rng.random() < 0.5 else surface.main
    parts = (
        Part(lathe(body), surface.wrap(2 * np.pi * radius / (radius * 2.2), 0.75, 0.52), 0.25),
        Part(
            merge(
                lathe([(0, float(body[0, 1])), tuple(body[0])]),
                lathe([tuple(body[-1]), (0, float(body[-1, 1]) + 0.03)]),
            ),
            surface.main,
            0.25,
        ),
        Part(handle, handle_paint, 0.5),
    )
    closeups = (
        Closeup((0, -radius, radius * 0.85), radius * 0.62, 0, 5),
        Closeup((width * 0.5, 0, height * 0.85), radius * 0.7, 25, 18),
    )
    return Model(parts, closeups)


def build_backpack(rng: np.random.Generator, surface: Surface) -> Model:
    """A backpack: front pocket with the print, straps at the back."""
    width, depth, height = rng.uniform(1.4, 1.7), rng.uniform(0.7, 0.9), rng.uniform(2.0, 2.5)
    taper = rng.uniform(0.08, 0.22)

    def shape(points: Floats) -> Floats:
        up = points[:, 2] / height
        points[:, 0] *= 1 - taper * np.clip(up, 0, 1) ** 2
        points[:, 1] *= 1 - 0.35 * np.clip(up, 0, 1) ** 2
        return points

    bag = rounded_box(width, depth, height, 0.3, inner=8).moved((0, 0, height / 2)).warped(shape)
    pocket_height = height * rng.uniform(0.38, 0.5)
    pocket = rounded_box(width * 0.78, 0.34, pocket_height, 0.12, inner=6)
    pocket = pocket.moved((0, -depth / 2 - 0.04, pocket_height / 2 + 0.14))
    zip_at = pocket_height + 0.2
    zipper = tube(
        arc(
            (-width * 0.4, -depth * 0.49, zip_at),
            (0, -depth * 0.6, zip_at + 0.25),
            (width * 0.4, -depth * 0.49, zip_at),
        ),
        0.025,
        8,
    )
    handle = tube(arc((-0.22, 0.05, height * 0.96), (0, 0.05, height * 1.2), (0.22, 0.05, height * 0.96)), 0.055, 8)
    straps = [
        tube(
            arc((x * 0.5, depth * 0.3, height * 0.9), (x * 1.3, depth * 1.25, height * 0.5), (x, depth * 0.45, 0.2)),
            0.09,
            8,
        )
        for x in (-width * 0.36, width * 0.36)
    ]
    panel = rounded_box(width * 0.72, 0.12, height * 0.66, 0.05).moved((0, depth / 2, height * 0.46))
    trim = CHARCOAL if rng.random() < 0.5 else surface.accent
    parts = (
        Part(bag.front, surface.plain(width / height), 0.06),
        Part(merge(bag.rim, bag.back), surface.main, 0.06),
        Part(pocket.front, surface.front(width * 0.78 / pocket_height, 0.75), 0.06),
        Part(pocket.rim, surface.main, 0.06),
        Part(merge(zipper, handle), trim, 0.15),
        Part(merge(*straps), trim, 0.05),
        Part(panel.back, surface.back(width / height, 0.36), 0.05),
        Part(panel.rim, trim, 0.05),
    )
    closeups = (
        Closeup((0, -depth / 2 - 0.2, pocket_height * 0.55 + 0.1), width * 0.36, 0, 5),
        Closeup((0, 0, height * 0.98), width * 0.36, 20, 25),
        Closeup((width * 0.3, -depth / 2, zip_at), width * 0.3, 25, 15),
    )
    return Model(parts, closeups)


def build_tote_bag(rng: np.random.Generator, surface: Surface) -> Model:
    """A shopping bag of cloth with two long handles."""
    width, height = rng.uniform(1.7, 2.1), rng.uniform(1.8, 2.2)
    bag = rounded_box(width, 0.16, height, 0.06, inner=10)

    def fill(points: Floats) -> Floats:
        x, z = points[:, 0] / (width / 2), points[:, 2] / (height / 2)
        points[:, 1] *= 1 + 1.6 * (1 - x**2) * np.clip(0.6 - z, 0.0, 1.2)
        points[:, 0] *= 1 - 0.05 * (1 - z)
        return points

    bag = bag.warped(fill).moved((0, 0, height / 2))
    reach = rng.uniform(0.8, 1.3)
    handles = [
        tube(
            arc(
                (-width * 0.25, y, height * 0.97), (0, y * 3, height + 2 * reach), (width * 0.25, y, height * 0.97), 24
            ),
            0.05,
            8,
        )
        for y in (-0.09, 0.09)
    ]
    aspect = width / height
    parts = (
        Part(bag.front, surface.front(aspect, rng.uniform(0.55, 0.75), (0.5, 0.52)), 0.02),
        Part(bag.back, surface.back(aspect, 0.2), 0.02),
        Part(bag.rim, surface.main, 0.02),
        Part(merge(*handles), surface.accent if rng.random() < 0.5 else surface.main, 0.02),
    )
    closeups = (
        Closeup((0, -0.2, height * 0.48), width * 0.34, 0, 4),
        Closeup((width * 0.22, -0.1, height * 0.95), width * 0.28, 15, 12),
    )
    return Model(parts, closeups)


def build_suitcase(rng: np.random.Generator, surface: Surface) -> Model:
    """A cabin suitcase with ribs, wheels and a pulled-out handle."""
    width, depth, height = rng.uniform(1.4, 1.7), rng.uniform(0.6, 0.8), rng.uniform(2.1, 2.5)
    body = rounded_box(width, depth, height, 0.16).moved((0, 0, height / 2 + 0.2))
    ribs: list[Mesh] = []
    for x in np.linspace(-0.38, 0.38, int(rng.integers(3, 6))) * width:
        if abs(x) > width * 0.22:
            rib = rounded_box(0.06, 0.05, height * 0.84, 0.02)
            ribs.extend(rib.moved((x, y, height / 2 + 0.2)).whole for y in (-depth / 2 - 0.01, depth / 2 + 0.01))
    wheels = [
        cylinder(0.12, -0.06, 0.06, 0.02, 20).turned("y", 90).moved((x * width * 0.4, y * depth * 0.32, 0.12))
        for x in (-1, 1)
        for y in (-1, 1)
    ]
    pull = rng.uniform(0.5, 1.0)
    top = height + 0.2
    rails = [tube([(x, depth * 0.36, top - 0.1), (x, depth * 0.36, top + pull)], 0.035, 8) for x in (-0.26, 0.26)]
    bar = rounded_box(0.66, 0.12, 0.12, 0.05).moved((0, depth * 0.36, top + pull))
    grip = rounded_box(0.5, 0.1, 0.08, 0.03).moved((0, 0, top + 0.05))
    aspect = width / height
    parts = (
        Part(body.front, surface.front(aspect, 0.46, (0.5, 0.34), 256), 0.4),
        Part(body.back, surface.back(aspect, 0.3), 0.4),
        Part(body.rim, surface.main, 0.4),
        Part(merge(*ribs), surface.main, 0.4),
        Part(merge(*wheels, bar.whole, grip.whole), CHARCOAL, 0.3),
        Part(merge(*rails), STEEL, 0.8),
    )
    closeups = (
        Closeup((0, -depth / 2, height * 0.66 + 0.2), width * 0.36, 0, 5),
        Closeup((width * 0.4, -depth * 0.3, 0.35), 0.5, 30, 12),
        Closeup((0, 0, top), 0.55, 20, 25),
    )
    return Model(parts, closeups)
