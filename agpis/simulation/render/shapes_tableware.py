"""Shapes of revolution: mug, bottle, vase, bowl, teapot, candle, lamp."""

from __future__ import annotations

import numpy as np

from agpis.simulation.render.geometry import arc, ball, cylinder, lathe, merge, smooth_profile, tube
from agpis.simulation.render.model import STEEL, WHITE, WOOD, Closeup, Model, Part
from agpis.simulation.render.surfaces import Surface


def build_mug(rng: np.random.Generator, surface: Surface) -> Model:
    """A mug with its handle on the right."""
    height, foot, rim = rng.uniform(1.7, 2.5), rng.uniform(0.78, 1.0), rng.uniform(0.95, 1.15)
    belly = rng.uniform(-0.05, 0.18)
    wall = smooth_profile([(foot, 0.06), ((foot + rim) / 2 + belly, height * 0.5), (rim, height)])
    inside = wall[::-1] * (0.92, 1.0) + (0.0, 0.0)
    inside[:, 1] = np.maximum(inside[:, 1], 0.15)
    lip = lathe([(rim, height), (rim * 0.97, height + 0.03), (rim * 0.92, height)])
    base = lathe([(0.0, 0.0), (foot - 0.05, 0.0), (foot, 0.06)])
    low, high = height * rng.uniform(0.14, 0.25), height * rng.uniform(0.75, 0.88)
    reach = rng.uniform(1.7, 2.3)
    left = rim * 0.92
    handle = tube(arc((left, 0, high), (left + reach, 0, (low + high) / 2), (left * 0.98, 0, low)), 0.13)
    inner_paint = surface.accent if rng.random() < 0.4 else surface.main
    # The mug turns so that its print is seen a little beside the handle, as on shop photos.
    parts = (
        Part(lathe(wall), surface.wrap(2 * np.pi * rim / height), 0.45),
        Part(merge(lathe(inside), cylinder(foot * 0.9, 0.1, 0.15)), inner_paint, 0.3),
        Part(merge(lip, base), surface.main, 0.45),
        Part(handle, surface.main, 0.45),
    )
    closeups = (
        Closeup((0, -rim, height * 0.5), rim * 0.6, 0, 8),
        Closeup((left + reach * 0.3, 0, (low + high) / 2), height * 0.38, 25, 12),
        Closeup((0, -rim * 0.6, height), rim * 0.7, -20, 38),
    )
    return Model(parts, closeups)


def build_bottle(rng: np.random.Generator, surface: Surface) -> Model:
    """A bottle with a cap in the accent colour."""
    height, radius = rng.uniform(3.0, 4.2), rng.uniform(0.75, 0.95)
    neck, shoulder = radius * rng.uniform(0.32, 0.62), height * rng.uniform(0.68, 0.8)
    waist = radius * rng.uniform(0.88, 1.0)
    body = [(radius, 0.1), (waist, shoulder * 0.55), (radius, shoulder)]
    top = smooth_profile([(radius, shoulder), (radius * 0.85, shoulder + 0.18 * height * 0.6), (neck, height)])
    cap_height = rng.uniform(0.35, 0.7)
    cap = cylinder(neck * rng.uniform(1.05, 1.3), height - 0.05, height + cap_height, 0.06)
    cap_paint = STEEL if rng.random() < 0.3 else surface.accent
    base = lathe([(0, 0), (radius - 0.1, 0), (radius, 0.1)])
    aspect = 2 * np.pi * radius / shoulder
    parts = (
        Part(lathe(smooth_profile(body)), surface.wrap(aspect, 0.85), 0.5),
        Part(merge(lathe(top), base), surface.main, 0.5),
        Part(cap, cap_paint, 0.4),
    )
    closeups = (
        Closeup((0, -radius, shoulder * 0.5), radius * 0.75, 0, 6),
        Closeup((0, 0, height), radius * 0.9, 20, 18),
    )
    return Model(parts, closeups)


def build_vase(rng: np.random.Generator, surface: Surface) -> Model:
    """A vase of free outline."""
    height = rng.uniform(2.2, 3.4)
    foot, belly, neck, rim = (
        rng.uniform(0.45, 0.8),
        rng.uniform(0.9, 1.35),
        rng.uniform(0.3, 0.6),
        rng.uniform(0.45, 0.95),
    )
    at = height * rng.uniform(0.3, 0.5)
    outline = smooth_profile(
        [
            (foot, 0.0),
            (foot + 0.72 * (belly - foot), at * 0.42),
            (belly, at),
            (neck + 0.62 * (belly - neck), at + 0.5 * (height * 0.82 - at)),
            (neck, height * 0.82),
            (rim, height),
        ],
        40,
    )
    inside = outline[::-1][:14] * (0.9, 1.0)
    # The print belongs on the belly; v grows with the length of the outline.
    centre = 1.0 - np.hypot(belly - foot, at) / (np.hypot(belly - foot, at) + np.hypot(belly - neck, height - at) + 0.1)
    parts = (
        Part(lathe(outline), surface.wrap(2 * np.pi * belly / (height * 1.15), 0.6, float(centre)), 0.5),
        Part(lathe([*inside, (0.0, inside[-1, 1])]), surface.accent, 0.2),
        Part(lathe([(0, 0), (foot, 0.0)]), surface.main, 0.2),
    )
    closeups = (Closeup((0, -belly, at), belly * 0.6, 0, 6), Closeup((0, 0, height * 0.95), rim * 1.1, 10, 32))
    return Model(parts, closeups)


def build_bowl(rng: np.random.Generator, surface: Surface) -> Model:
    """A bowl on a foot ring."""
    rim, height, foot = rng.uniform(1.4, 1.8), rng.uniform(0.9, 1.5), rng.uniform(0.55, 0.8)
    bulge = rng.uniform(0.72, 0.9)
    outline = smooth_profile([(foot, 0.12), (rim * bulge, height * 0.45), (rim, height)])
    inside = outline[::-1] * (0.95, 1.0) + (0.0, 0.03)
    ring = lathe([(foot * 0.8, 0.0), (foot * 0.9, 0.0), (foot * 0.92, 0.14)])
    floor = cylinder(foot * 0.95, 0.1, 0.16)
    parts = (
        Part(lathe(outline), surface.wrap(2 * np.pi * rim * 0.8 / height, 0.6, 0.42), 0.5),
        Part(merge(lathe(inside), floor), surface.accent if rng.random() < 0.3 else surface.main, 0.35),
        Part(
            merge(ring, lathe([(rim, height), (rim * 0.975, height + 0.03), (rim * 0.95, height)])), surface.main, 0.5
        ),
    )
    closeups = (
        Closeup((0, -rim * 0.85, height * 0.55), height * 0.55, 0, 5),
        Closeup((rim * 0.5, -rim * 0.8, height), height * 0.55, 30, 30),
    )
    return Model(parts, closeups)


def build_teapot(rng: np.random.Generator, surface: Surface) -> Model:
    """A teapot, spout on the left and handle on the right."""
    radius, height = rng.uniform(1.1, 1.35), rng.uniform(1.5, 2.1)
    mouth = radius * rng.uniform(0.45, 0.65)
    outline = smooth_profile(
        [
            (radius * 0.62, 0.0),
            (radius * 0.92, height * 0.18),
            (radius, height * 0.45),
            (radius * 0.9, height * 0.75),
            (mouth, height),
        ],
        32,
    )
    lid = smooth_profile([(mouth * 1.06, height - 0.02), (mouth * 0.7, height + 0.22), (0.02, height + 0.3)], 12)
    knob = ball(rng.uniform(0.12, 0.2), (0, 0, height + 0.42), 16)
    spout_path = arc((-radius * 0.8, 0, height * 0.3), (-radius * 1.55, 0, height * 0.35), (-radius * 1.75, 0, height))
    spout = tube(spout_path, np.linspace(0.33, 0.13, len(spout_path)))
    handle = tube(
        arc((radius * 0.8, 0, height * 0.82), (radius * 2.6, 0, height * 0.75), (radius * 0.9, 0, height * 0.22)), 0.12
    )
    parts = (
        Part(lathe(outline), surface.wrap(2 * np.pi * radius / (height * 1.2), 0.62, 0.5), 0.55),
        Part(merge(lathe(lid), spout, lathe([(0, 0), (radius * 0.65, 0)])), surface.main, 0.55),
        Part(merge(knob, handle), WOOD if rng.random() < 0.35 else surface.main, 0.4),
    )
    closeups = (
        Closeup((0, -radius, height * 0.5), radius * 0.62, 0, 8),
        Closeup((-radius * 1.5, 0, height * 0.7), radius * 0.7, -30, 15),
        Closeup((0, 0, height + 0.2), mouth * 1.3, 20, 30),
    )
    return Model(parts, closeups)


def build_candle(rng: np.random.Generator, surface: Surface) -> Model:
    """A candle in a jar, with or without lid."""
    radius, height = rng.uniform(0.8, 1.1), rng.uniform(1.5, 2.3)
    jar = lathe([(radius, 0.08), (radius, height - 0.05)])
    ends = merge(
        lathe([(0, 0), (radius - 0.08, 0), (radius, 0.08)]),
        lathe([(radius, height - 0.05), (radius - 0.04, height), (radius - 0.1, height), (radius - 0.1, height - 0.3)]),
    )
    parts = [Part(jar, surface.wrap(2 * np.pi * radius / height, 0.95), 0.6), Part(ends, surface.main, 0.6)]
    if rng.random() < 0.45:
        lid = merge(cylinder(radius * 1.04, height - 0.02, height + 0.25, 0.05), ball(0.14, (0, 0, height + 0.36), 16))
        parts.append(Part(lid, WOOD if rng.random() < 0.5 else STEEL, 0.3))
    else:
        wick = tube([(0, 0, height - 0.35), (0.02, 0, height - 0.15), (0.05, 0, height + 0.08)], 0.03)
        parts.append(Part(lathe([(radius - 0.1, height - 0.3), (0, height - 0.28)]), WHITE, 0.1))
        parts.append(Part(wick, (70, 60, 50), 0.0))
    closeups = (
        Closeup((0, -radius, height * 0.5), radius * 0.66, 0, 5),
        Closeup((0, -radius * 0.4, height), radius * 0.85, 15, 40),
    )
    return Model(tuple(parts), closeups)


def build_lamp(rng: np.random.Generator, surface: Surface) -> Model:
    """A table lamp: foot, pole and shade."""
    pole, shade_height = rng.uniform(1.3, 2.2), rng.uniform(1.2, 1.6)
    top, bottom = rng.uniform(0.55, 1.0), rng.uniform(1.1, 1.5)
    start = pole
    shade = lathe([(bottom, start), (top, start + shade_height)])
    lining = lathe([(top * 0.97, start + shade_height), (bottom * 0.97, start)])
    foot_radius = rng.uniform(0.6, 0.85)
    metal = STEEL if rng.random() < 0.4 else surface.accent
    if rng.random() < 0.5:
        foot = merge(cylinder(foot_radius, 0, 0.18, 0.06), tube([(0, 0, 0.1), (0, 0, pole + 0.5)], 0.07))
    else:
        belly = smooth_profile(
            [(foot_radius, 0), (foot_radius * 0.9, pole * 0.3), (0.12, pole * 0.9), (0.1, pole + 0.4)]
        )
        foot = lathe(belly)
    cord = tube(
        arc((0, foot_radius * 0.8, 0.05), (0.2, foot_radius + 0.9, 0.05), (0.9, foot_radius + 0.5, 0.05)), 0.035
    )
    parts = (
        Part(shade, surface.wrap(np.pi * (top + bottom) / shade_height, 0.7), 0.05),
        Part(lining, (250, 244, 228), 0.0),
        Part(foot, metal, 0.5),
        Part(cord, (60, 60, 60), 0.1),
    )
    middle = (top + bottom) / 2
    closeups = (
        Closeup((0, -middle, start + shade_height * 0.5), middle * 0.6, 0, 4),
        Closeup((0, 0, pole * 0.35), foot_radius * 1.1, 15, 22),
    )
    return Model(parts, closeups)
