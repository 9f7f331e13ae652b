"""Apparel with long sleeves, worn by a person: hoodie and jacket, with or without a zipper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from agpis.simulation.colours import Rgb
from agpis.simulation.render.cloth import Panel, new_panel
from agpis.simulation.render.figure import NECK, Figure, Trunk, add_arms, draw_figure, torso_field
from agpis.simulation.render.geometry import Floats, Mesh, ball, grid, merge, rounded_box, tube
from agpis.simulation.render.implicit import Field, clip
from agpis.simulation.render.model import CHARCOAL, STEEL, WHITE, Model, Part
from agpis.simulation.render.shapes_apparel import (
    NEUTRALS,
    Neckline,
    beyond_sleeve,
    decorate,
    dressed_top,
    hanging,
    neckline,
    top_field,
    worn_top,
)
from agpis.simulation.render.surfaces import Surface

_CUFF = 1.93


def build_hoodie(rng: np.random.Generator, surface: Surface) -> Model:
    """A hoodie: hood behind the neck, pocket and drawstrings in front, sometimes a zipper; cuffs and hem are ribbed."""
    ease = float(rng.uniform(0.020, 0.034))
    figure = draw_figure(rng, roomy=ease + 0.012)
    hem = float(rng.uniform(0.462, 0.500)) * figure.height
    hang = hanging(figure.trunk, ease, float(rng.uniform(0.0, 0.35)))
    zipped = rng.random() < 0.4
    neck = neckline(figure, "crew")
    open_to = 0.0
    if zipped and rng.random() < 0.6:
        open_to = float(rng.uniform(0.70, 0.78)) * figure.height
        neck = replace(neck, front=open_to, sharp=1.0, width=neck.width * 1.15)
    mesh = _long_sleeved(figure, hang, hem, ease, neck)
    front, back = (new_panel(surface, hang, hem - 0.01, NECK * figure.height + 0.03) for _ in range(2))
    _ribs(front, back, hem)
    _kangaroo_pocket(front, hem, split=zipped)
    decorate(front, back, surface, rng, 0.715 * figure.height)
    extras = [_hood(figure, surface, ease)]
    if zipped:
        metal = (STEEL, CHARCOAL, WHITE)[int(rng.integers(3))]
        extras.append(_zip(front, mesh, neck.front, metal))
        extras += _undershirt(figure, rng) if open_to else []
    extras.append(_drawstrings(figure, mesh, neck, surface, rng))
    sleeves = surface.accent if rng.random() < 0.22 else None
    parts = dressed_top(mesh, figure, hang, front, back, surface, rng, sleeves, (_CUFF - 0.24) / 2)
    return worn_top(figure, [*parts, *extras], hem, ease, rng)


def build_jacket(rng: np.random.Generator, surface: Surface) -> Model:
    """A jacket: collar, zipper or buttons all down the front, pockets, sometimes quilted or with a yoke."""
    quilted = rng.random() < 0.3
    ease = float(rng.uniform(0.030, 0.042) if quilted else rng.uniform(0.018, 0.030))
    figure = draw_figure(rng, roomy=ease + 0.014)
    height = figure.height
    hem = float(rng.uniform(0.455, 0.510)) * height
    hang = hanging(figure.trunk, ease, float(rng.uniform(0.0, 0.4)))
    neck = neckline(figure, "crew")
    open_wide = rng.random() < 0.5
    if open_wide:
        neck = replace(neck, front=float(rng.uniform(0.68, 0.79)) * height, sharp=1.0, width=neck.width * 1.25)
    mesh = _long_sleeved(figure, hang, hem, ease, neck)
    front, back = (new_panel(surface, hang, hem - 0.01, NECK * height + 0.03) for _ in range(2))
    _tailor(front, back, figure, hem, surface, rng, quilted)
    extras = [_stand_collar(figure, surface, rng, open_wide)]
    if rng.random() < 0.65:
        metal = (STEEL, CHARCOAL, surface.accent, WHITE)[int(rng.integers(4))]
        extras.append(_zip(front, mesh, neck.front, metal))
    else:
        extras.append(_buttons(front, mesh, neck.front - 0.02, hem + 0.03, rng))
    if open_wide:
        extras += _undershirt(figure, rng)
    if rng.random() < 0.5:
        layout = "word" if rng.random() < 0.5 else "emblem"
        front.stamp(surface.mark(128, layout), 0.09, 0.73 * height, 0.055)
    if rng.random() < 0.2:
        back.stamp(surface.mark(192, "word"), 0.0, 0.765 * height, 0.12)
    sleeves = surface.accent if rng.random() < 0.25 else None
    parts = dressed_top(mesh, figure, hang, front, back, surface, rng, sleeves, (_CUFF - 0.2) / 2)
    return worn_top(figure, [*parts, *extras], hem, ease, rng)


def _long_sleeved(figure: Figure, hang: Trunk, hem: float, ease: float, neck: Neckline) -> Mesh:
    field = top_field(figure, hang, hem, ease)
    add_arms(field, figure, ease * 0.55 + 0.004, 2.0, 0.002)
    mesh = field.contour()
    mesh = clip(mesh, np.maximum(neck.beyond(mesh.points), hem - mesh.points[:, 2]))
    for arm in figure.arms:
        mesh = clip(mesh, beyond_sleeve(mesh.points, arm, hang, _CUFF))
    return mesh


def _ribs(front: Panel, back: Panel, hem: float) -> None:
    for panel in (front, back):
        panel.shade((panel.z < hem + 0.055) & (np.sin(panel.x * 900) > 0.1), 0.88)
        panel.line(panel.z - hem - 0.055, 0.006)


def _kangaroo_pocket(front: Panel, hem: float, split: bool) -> None:
    low, high = hem + 0.058, hem + 0.215
    half = np.clip(0.155 - 0.55 * np.maximum(front.z - low - 0.055, 0), 0.085, 0.155)
    outline = np.maximum(np.abs(front.x) - half, np.maximum(front.z - high, low - front.z))
    front.line(outline, 0.007, 0.6)
    front.shade(outline < 0, 0.97)
    if split:
        front.line(np.where((outline < 0) & (np.abs(front.x) < 0.05), np.abs(front.x) - 0.022, 1.0), 0.006)


def _hood(figure: Figure, surface: Surface, ease: float) -> Part:
    """The hood lies on the back and rolls around the neck, open in front."""
    height = figure.height
    back = float(figure.trunk.at(0.79 * height)[2] + figure.trunk.at(0.79 * height)[1]) + ease
    field = Field((-0.19, -0.14, 0.68 * height), (0.19, 0.27, 0.92 * height), 0.0125)
    for side in (-1, 1):
        roll = [
            (side * 0.040, -0.062, 0.800 * height),
            (side * 0.078, -0.030, 0.832 * height),
            (side * 0.088, 0.030, 0.848 * height),
            (side * 0.050, back + 0.005, 0.846 * height),
            (0.0, back + 0.022, 0.840 * height),
        ]
        radii = (0.015, 0.022, 0.030, 0.036, 0.038)
        for start, end, first, second in zip(roll[:-1], roll[1:], radii[:-1], radii[1:], strict=True):
            field.add_limb(start, end, (first, second), 0.02)
    field.add_ellipsoid((0, back + 0.016, 0.793 * height), (0.110, 0.046, 0.085), 0.03)
    mesh = field.contour()
    low, high = 0.70 * height, 0.90 * height
    uv = np.stack([mesh.points[:, 0] / 0.4 + 0.5, (mesh.points[:, 2] - low) / (high - low)], axis=1)
    texture = replace(surface, period=surface.period * 1.1).plain(0.4 / (high - low), 128)
    return Part(Mesh(mesh.points, mesh.faces, np.clip(uv, 0.01, 0.99)), texture, 0.04)


def _drawstrings(figure: Figure, mesh: Mesh, neck: Neckline, surface: Surface, rng: np.random.Generator) -> Part:
    height, length = figure.height, float(rng.uniform(0.10, 0.20))
    cords = []
    for side in (-1, 1):
        x = 0.040 + 0.5 * max(0.0, 0.80 * height - neck.front) * 0.3
        top = 0.802 * height
        path = [
            (side * (x + drift), _front_at(mesh, side * (x + drift), top - drop) - 0.007, top - drop)
            for drop, drift in ((0.0, 0.0), (length * 0.4, 0.004), (length * 0.75, 0.006), (length, 0.005))
        ]
        cords.append(tube(path, 0.0045, 8))
    light = sum(surface.main) > 560
    colour = surface.accent if rng.random() < 0.4 else ((70, 70, 74) if light else WHITE)
    return Part(merge(*cords), colour, 0.05)


def _front_at(mesh: Mesh, x: float, z: float) -> float:
    """Where the cloth of a garment lies in front: y in metres."""
    near = (np.abs(mesh.points[:, 0] - x) < 0.018) & (np.abs(mesh.points[:, 2] - z) < 0.018)
    return float(mesh.points[near, 1].min()) if near.any() else -0.14


def _zip(front: Panel, mesh: Mesh, top: float, metal: Rgb) -> Part:
    closed = front.z < top + 0.01
    front.shade(closed & (np.abs(front.x) < 0.020), 0.86)
    front.paint(closed & (np.abs(front.x) < 0.0065), metal)
    front.shade(closed & (np.abs(front.x) < 0.0065) & (np.sin(front.z * 900) > 0.2), 0.7)
    pull = rounded_box(0.010, 0.006, 0.034, 0.003).whole.moved((0.0, _front_at(mesh, 0.0, top) - 0.012, top - 0.022))
    return Part(pull, metal, 0.6)


def _buttons(front: Panel, mesh: Mesh, top: float, low: float, rng: np.random.Generator) -> Part:
    placket = front.z < top + 0.03
    for x in (-0.020, 0.020):
        front.line(np.where(placket, front.x - x, 1.0), 0.005)
    count = int(rng.integers(5, 8))
    heights = np.linspace(top - 0.01, low, count)
    buttons = [ball(0.0095, (0.0, 0.0, 0.0), 12).scaled((1.0, 0.6, 1.0)) for _ in heights]
    placed = [
        button.moved((0.0, _front_at(mesh, 0.0, float(z)) - 0.004, float(z)))
        for button, z in zip(buttons, heights, strict=True)
    ]
    # Painted as well, for the cloth may stand off farther than the button.
    for z in heights:
        front.paint(front.x**2 + (front.z - z) ** 2 < 0.0085**2, (58, 46, 38))
    return Part(merge(*placed), (58, 46, 38), 0.4)


def _tailor(
    front: Panel,
    back: Panel,
    figure: Figure,
    hem: float,
    surface: Surface,
    rng: np.random.Generator,
    quilted: bool,
) -> None:
    height = figure.height
    yoke = rng.random() < 0.3
    ribbed = rng.random() < 0.4
    for panel in (front, back):
        if yoke:
            level = (0.760 if panel is front else 0.775) * height
            panel.paint(panel.z > level, surface.accent)
            panel.line(panel.z - level, 0.006)
        if quilted:
            panel.line((panel.z - hem) % 0.085 - 0.042, 0.010, 0.72)
            panel.shade(np.abs((panel.z - hem) % 0.085 - 0.075) < 0.010, 1.06)
        if ribbed:
            panel.shade((panel.z < hem + 0.05) & (np.sin(panel.x * 900) > 0.1), 0.85)
        panel.line(panel.z - hem - (0.05 if ribbed else 0.025), 0.005)
    for side in (-1, 1):
        opening = np.abs(front.x * side - 0.095 - 0.30 * (0.60 * height - front.z))
        front.line(np.where(np.abs(front.z - 0.555 * height) < 0.075, opening, 1.0), 0.009, 0.5)
    if rng.random() < 0.3:
        pocket = (np.abs(front.x - 0.085) < 0.045) & (np.abs(front.z - 0.715 * height) < 0.004)
        front.paint(pocket, CHARCOAL)


def _stand_collar(figure: Figure, surface: Surface, rng: np.random.Generator, open_wide: bool) -> Part:
    """A band around the neck, open in front; folded over it is a shirt's collar."""
    height = figure.height
    gap = float(rng.uniform(0.45, 0.7)) if open_wide else 0.16
    folded = rng.random() < 0.35
    tall = float(rng.uniform(0.034, 0.052))
    angle = np.linspace(-np.pi + gap, np.pi - gap, 41)
    # Angle 0 lies behind. The band stands on the edge of a round neckline.
    neck = neckline(figure, "crew")
    wide = neck.width * 1.02
    low = neck.edge(wide * np.sin(angle), (1 - np.cos(angle)) / 2) - 0.014 * np.abs(np.sin(angle)) - 0.004
    rows: list[tuple[float, Floats]] = [(0.0, low - 0.03), (0.0, low), (0.004, low + tall * 0.6), (0.006, low + tall)]
    if folded:
        rows += [(0.016, low + tall * 0.98), (0.034, low + tall * 0.45), (0.044, low + tall * 0.02)]
    else:
        rows += [(0.001, low + tall), (-0.004, low + tall * 0.5)]
    points = np.stack(
        [
            np.stack([(wide + out) * np.sin(angle), 0.014 * height + (wide * 1.08 + out) * np.cos(angle), z], axis=-1)
            for out, z in rows
        ]
    )
    colour = surface.accent if rng.random() < 0.25 else surface.main
    return Part(grid(points[:, ::-1], np.zeros((*points.shape[:2], 2))), colour, 0.04)


def _undershirt(figure: Figure, rng: np.random.Generator) -> Sequence[Part]:
    """The plain T-shirt that shows in an open front."""
    mesh = torso_field(figure).contour(0.004)
    neck = neckline(figure, "crew")
    mesh = clip(mesh, np.maximum(neck.beyond(mesh.points), 0.6 * figure.height - mesh.points[:, 2]))
    colours = (WHITE, WHITE, *NEUTRALS)
    return [Part(mesh, colours[int(rng.integers(len(colours)))], 0.04, support=True)]
