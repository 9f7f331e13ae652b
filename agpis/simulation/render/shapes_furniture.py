"""Furniture and furnishings: chair, table, sofa, cushion, clock."""

from __future__ import annotations

import numpy as np
from PIL import Image as PilImage
from PIL import ImageDraw

from agpis.simulation.render.geometry import BoxFaces, Floats, Mesh, ball, cylinder, merge, rounded_box, tube
from agpis.simulation.render.model import CHARCOAL, STEEL, WHITE, WOOD, Closeup, Model, Part
from agpis.simulation.render.surfaces import Surface
from agpis.types import Pixels


def _legs(half_width: float, half_depth: float, height: float, radius: float, splay: float) -> Mesh:
    corners = [(x, y) for x in (-1, 1) for y in (-1, 1)]
    return merge(
        *(
            tube(
                [
                    (x * (half_width + splay), y * (half_depth + splay), 0.0),
                    (x * half_width, y * half_depth, height),
                ],
                (radius * 0.75, radius),
                10,
            )
            for x, y in corners
        )
    )


def build_chair(rng: np.random.Generator, surface: Surface) -> Model:
    """A chair whose backrest carries the print."""
    width, depth, seat_at = rng.uniform(1.5, 1.9), rng.uniform(1.4, 1.7), rng.uniform(1.2, 1.6)
    back_height, thickness = rng.uniform(1.1, 1.6), rng.uniform(0.12, 0.28)
    gap = rng.uniform(0.0, 0.35)
    seat = rounded_box(width, depth, thickness, thickness * 0.5).moved((0, 0, seat_at))
    lean = rng.uniform(4, 12)
    back = rounded_box(width * rng.uniform(0.85, 1.0), thickness * 0.8, back_height, thickness * 0.38)
    centre = (0.0, depth / 2 - 0.02, seat_at + gap + back_height / 2 + thickness / 2)
    back = back.turned("x", -lean).moved(centre)
    leg_paint = (WOOD, CHARCOAL, STEEL, surface.accent)[int(rng.integers(4))]
    legs = _legs(width * 0.42, depth * 0.42, seat_at, rng.uniform(0.06, 0.11), rng.uniform(0.0, 0.2))
    posts = [
        tube([(x, depth * 0.42, seat_at), (x, centre[1], centre[2])], 0.06, 8) for x in (-width * 0.33, width * 0.33)
    ]
    aspect = width / back_height
    parts = [
        Part(back.front, surface.front(aspect, 0.6), 0.12),
        Part(back.back, surface.back(aspect, 0.34), 0.12),
        Part(merge(back.rim, seat.rim, seat.front, seat.back), surface.main, 0.12),
        Part(seat.top, surface.plain(width / depth), 0.12),
        Part(merge(legs, *posts), leg_paint, 0.3),
    ]
    if rng.random() < 0.35:
        arms = [
            rounded_box(0.14, depth * 0.8, 0.1, 0.04).moved((side * width * 0.5, 0.05, seat_at + 0.65)).whole
            for side in (-1, 1)
        ]
        posts = [
            tube([(s * width * 0.5, -depth * 0.3, seat_at), (s * width * 0.5, -depth * 0.3, seat_at + 0.65)], 0.05, 8)
            for s in (-1, 1)
        ]
        parts.append(Part(merge(*arms, *posts), leg_paint, 0.3))
    closeups = (
        Closeup((0.0, centre[1] - 0.1, centre[2]), min(width, back_height) * 0.42, 0, 5),
        Closeup((width * 0.35, -depth * 0.4, seat_at - 0.1), 0.6, 35, 20),
    )
    return Model(tuple(parts), closeups)


def build_table(rng: np.random.Generator, surface: Surface) -> Model:
    """A table with a drawer on the front."""
    width, depth, height = rng.uniform(2.2, 3.2), rng.uniform(1.2, 1.7), rng.uniform(1.4, 1.9)
    top = rounded_box(width, depth, 0.14, 0.05).moved((0, 0, height))
    apron_height = rng.uniform(0.38, 0.55)
    apron = rounded_box(width * 0.9, depth * 0.86, apron_height, 0.02).moved((0, 0, height - 0.07 - apron_height / 2))
    legs = _legs(width * 0.42, depth * 0.38, height - 0.1, rng.uniform(0.07, 0.12), rng.uniform(0.0, 0.12))
    leg_paint = (WOOD, WHITE, CHARCOAL, surface.main)[int(rng.integers(4))]
    drawer_width = width * rng.uniform(0.45, 0.75)
    drawer = rounded_box(drawer_width, 0.06, apron_height * 0.86, 0.02)
    drawer = drawer.moved((0, -depth * 0.43 - 0.02, height - 0.07 - apron_height / 2))
    knob_place = (0.0, -depth * 0.43 - 0.1, height - 0.07 - apron_height * 0.5)
    knobs = [ball(0.06, (x, knob_place[1], knob_place[2]), 12) for x in (-drawer_width * 0.4, drawer_width * 0.4)]
    parts = (
        Part(merge(top.rim, top.front, top.back), surface.main, 0.25),
        Part(top.top, surface.plain(width / depth), 0.3),
        Part(apron.whole, surface.main, 0.2),
        Part(drawer.front, surface.front(drawer_width / (apron_height * 0.86), 0.95), 0.2),
        Part(drawer.rim, surface.accent, 0.2),
        Part(merge(*knobs), STEEL, 0.8),
        Part(legs, leg_paint, 0.25),
    )
    closeups = (
        Closeup(knob_place, drawer_width * 0.36, 0, 8),
        Closeup((width * 0.42, -depth * 0.4, height - 0.1), 0.5, 35, 22),
    )
    return Model(parts, closeups)


def build_sofa(rng: np.random.Generator, surface: Surface) -> Model:
    """A sofa with a printed throw cushion."""
    width, depth = rng.uniform(2.6, 3.6), rng.uniform(1.3, 1.6)
    seat_at, back_height = rng.uniform(0.55, 0.7), rng.uniform(0.75, 1.0)
    arm, arm_height = rng.uniform(0.25, 0.42), rng.uniform(0.35, 0.6)
    seats = 2 if width < 3.1 else 3
    inner = width - 2 * arm
    cushions = [
        rounded_box(inner / seats * 0.98, depth * 0.82, 0.32, 0.12).moved(
            (inner * ((index + 0.5) / seats - 0.5), -0.08, seat_at)
        )
        for index in range(seats)
    ]
    base = rounded_box(width * 0.98, depth, 0.4, 0.05).moved((0, 0, seat_at - 0.28))
    back = rounded_box(inner * 1.02, 0.36, back_height, 0.14).turned("x", -8)
    back = back.moved((0, depth / 2 - 0.12, seat_at + back_height / 2))
    arms = [
        rounded_box(arm, depth * 0.98, arm_height + 0.5, arm * 0.4).moved(
            (side * (width - arm) / 2, 0, seat_at + arm_height / 2 - 0.2)
        )
        for side in (-1, 1)
    ]
    legs = _legs(width * 0.44, depth * 0.4, 0.2, 0.07, 0.0).moved((0, 0, -0.08))
    pillow = _pillow(0.68, 0.68, 0.24).turned("x", -18).moved((0.0, 0.08, seat_at + 0.52))
    aspect = inner / back_height
    parts = (
        Part(back.front, surface.plain(aspect), 0.04),
        Part(back.back, surface.back(aspect, 0.4), 0.04),
        Part(merge(back.rim, base.whole, *(box.whole for box in arms)), surface.main, 0.04),
        Part(merge(*(box.whole for box in cushions)), surface.main, 0.04),
        Part(pillow.front, surface.front(1.0, 0.72), 0.04),
        Part(merge(pillow.back, pillow.rim), surface.accent, 0.04),
        Part(legs, WOOD if rng.random() < 0.6 else CHARCOAL, 0.2),
    )
    closeups = (
        Closeup((0.0, -0.1, seat_at + 0.5), 0.5, 0, 12),
        Closeup(((width - arm) / 2, -depth * 0.45, seat_at + 0.2), 0.55, 30, 20),
    )
    return Model(parts, closeups)


def _pillow(width: float, height: float, thickness: float) -> BoxFaces:
    box = rounded_box(width, 0.06, height, 0.03, inner=14)

    def puff(points: Floats) -> Floats:
        x, z = points[:, 0] / (width / 2), points[:, 2] / (height / 2)
        swell = np.clip((1 - np.abs(x) ** 2.2) * (1 - np.abs(z) ** 2.2), 0.0, 1.0) ** 0.6
        points[:, 1] += np.sign(points[:, 1]) * swell * thickness / 2
        # Filled corners stand out, the middles of the edges pull in.
        points[:, 0] *= 1 - 0.06 * (1 - z**2)
        points[:, 2] *= 1 - 0.06 * (1 - x**2)
        return points

    return box.warped(puff)


def build_cushion(rng: np.random.Generator, surface: Surface) -> Model:
    """A scatter cushion, printed in front, with a zip along the back."""
    width, height = rng.uniform(1.8, 2.4), rng.uniform(1.5, 2.1)
    cushion = _pillow(width, height, rng.uniform(0.6, 0.9))
    aspect = width / height
    back = PilImage.fromarray(surface.back(aspect, 0.22))
    y = round(back.height * 0.16)
    ImageDraw.Draw(back).line((back.width * 0.12, y, back.width * 0.88, y), fill=surface.ink, width=3)
    parts = (
        Part(cushion.front, surface.front(aspect, rng.uniform(0.5, 0.75)), 0.03),
        Part(cushion.back, np.asarray(back), 0.03),
        Part(cushion.rim, surface.accent if rng.random() < 0.5 else surface.main, 0.03),
    )
    closeups = (
        Closeup((0, -0.3, 0), height * 0.28, 0, 3),
        Closeup((width * 0.38, -0.1, height * 0.38), height * 0.25, 20, 10),
    )
    return Model(parts, closeups)


def build_clock(rng: np.random.Generator, surface: Surface) -> Model:
    """A round or square clock that hangs on a wall."""
    radius, thickness = 1.0, rng.uniform(0.16, 0.3)
    case = STEEL if rng.random() < 0.3 else surface.accent
    box = rounded_box(2 * radius, 2 * radius, thickness, 0.06).turned("x", 90)
    if rng.random() < 0.65:
        dial_scale = 0.93
        case_mesh = cylinder(radius, 0, thickness, 0.05, 64).turned("x", 90).moved((0, thickness / 2, 0))
    else:
        dial_scale = 0.9
        case_mesh = box.whole
    dial = _disc(radius * dial_scale).moved((0, -thickness / 2 - 0.012, 0))
    hub = ball(0.05, (0, -thickness / 2 - 0.05, 0), 12)
    hands = [
        rounded_box(0.05, 0.02, length, 0.008)
        .moved((0, -thickness / 2 - 0.04, length * 0.42))
        .turned("y", float(rng.uniform(0, 360)))
        .whole
        for length in (0.5, 0.76)
    ]
    holder = rounded_box(0.62, 0.14, 0.5, 0.03).moved((0, thickness / 2 + 0.05, 0.05))
    plate = _disc(radius * 0.9).turned("z", 180).moved((0, thickness / 2 + 0.012, 0))
    parts = (
        Part(case_mesh, case, 0.35),
        Part(dial, _dial(surface), 0.1),
        Part(merge(hub, *hands), surface.ink, 0.3),
        Part(holder.whole, CHARCOAL, 0.1),
        Part(plate, surface.back(1.0, 0.26), 0.1),
    )
    closeups = (Closeup((0, -0.1, 0.3), 0.48, 0, 4), Closeup((0.62, -0.1, 0.0), 0.45, 22, 8))
    return Model(parts, closeups)


def _disc(radius: float) -> Mesh:
    # A fan whose texture coordinates lie flat on the disc, unlike those of a body of revolution.
    rings, around = np.array([1e-3, 0.5, 1.0]), np.linspace(0.0, 2 * np.pi, 65)
    x, z = rings[:, None] * np.sin(around), -rings[:, None] * np.cos(around)
    points = np.stack([x * radius, np.zeros_like(x), z * radius], axis=-1).reshape(-1, 3)
    index = np.arange(len(points)).reshape(3, 65)
    a, b, c, d = (part.ravel() for part in (index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]))
    faces = np.concatenate([np.stack([a, c, b], axis=1), np.stack([a, d, c], axis=1)])
    return Mesh(points, faces, np.stack([x / 2 + 0.5, z / 2 + 0.5], axis=-1).reshape(-1, 2))


def _dial(surface: Surface) -> Pixels:
    side = 256
    dial = PilImage.fromarray(surface.front(1.0, 0.34, (0.5, 0.34), side))
    draw = ImageDraw.Draw(dial)
    for hour in range(12):
        angle = np.pi * hour / 6
        inner = 0.38 if hour % 3 == 0 else 0.42
        ends = [(side * (0.5 + r * np.sin(angle)), side * (0.5 - r * np.cos(angle))) for r in (inner, 0.46)]
        draw.line(ends, fill=surface.ink, width=7 if hour % 3 == 0 else 4)
    return np.asarray(dial)
