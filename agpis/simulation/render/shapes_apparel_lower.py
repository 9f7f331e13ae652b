"""Apparel for the lower body and dresses, worn by a person: trousers, leggings, shorts, skirt, dress."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from agpis.simulation.render.cloth import Panel, new_panel, wrap
from agpis.simulation.render.figure import (
    NECK,
    Figure,
    Trunk,
    add_arms,
    add_legs,
    body_mesh,
    draw_figure,
    limb_parts,
    torso_field,
)
from agpis.simulation.render.geometry import Floats, Mesh, ball, tube
from agpis.simulation.render.implicit import Field, clip, split
from agpis.simulation.render.model import WHITE, Closeup, Frame, Model, Part
from agpis.simulation.render.shapes_apparel import (
    NEUTRALS,
    beyond_sleeve,
    collar,
    cut_armholes,
    decorate,
    dressed_top,
    hanging,
    neckline,
    top_field,
)
from agpis.simulation.render.surfaces import Surface


def build_pants(rng: np.random.Generator, surface: Surface) -> Model:
    """Trousers: straight, slim or wide, with fly and pockets or with a drawstring."""
    figure = draw_figure(rng, roomy=0.008)
    width = float(rng.choice((0.0, 0.012, 0.024)) + rng.uniform(0, 0.008))
    return _legwear(rng, surface, figure, ease=0.012, hem=0.045, knee=0.012 + width, ankle=0.022 + width * 1.4)


def build_leggings(rng: np.random.Generator, surface: Surface) -> Model:
    """Leggings: as tight as skin, with a broad waistband, long or to the calf."""
    figure = draw_figure(rng, float(np.clip(rng.normal(0.85, 0.15), 0, 1)), roomy=0.004)
    hem = float(rng.choice((0.065, 0.065, 0.19)))
    return _legwear(rng, surface, figure, ease=0.0045, hem=hem, knee=None, ankle=0.0)


def build_shorts(rng: np.random.Generator, surface: Surface) -> Model:
    """Shorts, from very short to knee-long."""
    figure = draw_figure(rng, roomy=0.008)
    hem = float(rng.uniform(0.30, 0.37) if figure.feminine < 0.5 else rng.uniform(0.33, 0.42))
    return _legwear(rng, surface, figure, ease=0.013, hem=hem, knee=float(rng.uniform(0.028, 0.05)), ankle=0.03)


def _legwear(
    rng: np.random.Generator,
    surface: Surface,
    figure: Figure,
    *,
    ease: float,
    hem: float,
    knee: float | None,
    ankle: float,
) -> Model:
    """Trousers of any length; `knee` and `ankle` are how far they stand off there, None for a second skin."""
    height = figure.height
    lower = torso_field(figure)
    add_legs(lower, figure)
    cloth = lower.copy()
    cloth.values -= np.float32(ease)
    if knee is not None:
        _add_trouser_legs(cloth, figure, ease, knee, ankle)
    waist = float(rng.uniform(0.578, 0.604)) * height
    end = hem * height
    mesh = cloth.contour()
    y, z = mesh.points[:, 1], mesh.points[:, 2]
    # The waist rises a little behind, the hem of long legs in front.
    mesh = clip(mesh, np.maximum(z - waist - 0.03 * y, end - z - (0.1 * (y - 0.02) if hem < 0.1 else 0.0)))
    trunk = _flat_trunk(figure, 0.0)
    front, back = (new_panel(surface, trunk, end - 0.01, waist + 0.02) for _ in range(2))
    casual = knee is None or rng.random() < 0.45
    extras = _paint_legwear(front, back, figure, surface, rng, waist, casual, knee is None)
    parts = wrap(mesh, trunk, front, back, rng)
    if rng.random() < 0.3:
        parts = _striped_sides(parts, figure, surface)
    for panel in (front, back):
        panel.line(panel.z - end - 0.025, 0.004)
    frame = Frame(-0.02 * height if hem < 0.3 or rng.random() < 0.8 else 0.2 * height, _upper_end(height, rng))
    support = _upper_support(figure, lower, waist, rng)
    return Model((*parts, *extras, *support), _lower_closeups(figure, waist, end, rng), frame)


def _add_trouser_legs(field: Field, figure: Figure, ease: float, knee: float, ankle: float) -> None:
    for leg in figure.legs:
        thigh = leg.radii[0] + ease
        at_knee, at_ankle = leg.radii[1] + knee, leg.radii[2] + ankle
        limb = field.copy()
        limb.values[:] = 0.5
        limb.add_limb(leg.hip, leg.knee, (thigh, at_knee), 0.0)
        foot = (leg.ankle[0], leg.ankle[1], -0.02)
        limb.add_limb(leg.knee, foot, (at_knee, at_ankle), 0.03)
        field.values = np.minimum(field.values, limb.values)


def _flat_trunk(figure: Figure, ease: float) -> Trunk:
    # Legs lie beside each other, so their cloth is laid on from front and back.
    width = float(figure.trunk.widths.max()) + ease
    levels = np.array([0.0, 0.25, 0.5, 1.0]) * figure.height
    middles = np.array([0.022, 0.012, 0.006, 0.0]) + np.array([0.0, 0.0, 0.005, 0.01])
    return Trunk(levels, np.full(4, width), np.full(4, 0.1), middles)


def _upper_end(height: float, rng: np.random.Generator) -> float:
    # Mostly cut at the chest or the waist, now and then the whole person.
    return float(rng.choice((0.66, 0.70, 0.76, 1.02), p=(0.35, 0.3, 0.2, 0.15))) * height


def _paint_legwear(
    front: Panel,
    back: Panel,
    figure: Figure,
    surface: Surface,
    rng: np.random.Generator,
    waist: float,
    casual: bool,
    tight: bool,
) -> list[Part]:
    band = float(rng.uniform(0.055, 0.095) if tight else rng.uniform(0.032, 0.045))
    contrast = rng.random() < (0.25 if casual else 0.0)
    height = figure.height
    for panel in (front, back):
        panel.line(panel.z - waist + band, 0.005)
        if contrast:
            panel.paint(panel.z > waist - band, surface.accent)
        elif casual:
            # Gathered cloth of an elastic waistband.
            panel.shade((panel.z > waist - band) & (np.sin(panel.x * 700) > 0.2), 0.90)
        panel.line(np.where((panel.z < waist - band) & (panel.z > 0.46 * height), panel.x, 1.0), 0.005)
    extras: list[Part] = []
    if tight:
        if rng.random() < 0.5:
            back.stamp(surface.mark(96, "word"), 0.0, waist - band * 0.5, 0.05)
        else:
            front.stamp(surface.mark(96, "word"), -0.09, 0.45 * height, 0.05)
        return extras
    for side in (-1, 1):
        slant = np.abs(front.x * side - 0.105 - 0.25 * (waist - front.z - band)) + 1.0 * (
            (front.z > waist - band) | (front.z < waist - band - 0.15)
        )
        front.line(slant, 0.006, 0.55)
        _pocket(back, side * 0.085, waist - band - 0.055, 0.115, 0.125)
    if casual:
        surface_front = -float(figure.trunk.at(waist - 0.02)[1]) - 0.018
        for side in (-1, 1):
            path = np.array(
                [
                    (side * 0.012, surface_front, waist - band * 0.5),
                    (side * 0.022, surface_front - 0.012, waist - band - 0.04),
                    (side * 0.030, surface_front - 0.020, waist - band - 0.13),
                ]
            )
            extras.append(Part(tube(path, 0.0042, 8), WHITE if max(surface.main) < 190 else (60, 60, 64), 0.05))
    else:
        fly = (front.z > waist - 0.17) & (front.z < waist - band)
        front.line(np.where(fly, front.x - 0.030 + 0.9 * np.clip(waist - 0.12 - front.z, 0, 1), 1.0), 0.005)
        button = ball(0.0085, (0.0, -float(figure.trunk.at(waist - 0.02)[1]) - 0.014, waist - band * 0.5), 10)
        extras.append(Part(button, (150, 140, 120), 0.6))
    if rng.random() < 0.35:
        front.stamp(surface.mark(128, "emblem" if rng.random() < 0.5 else "word"), 0.10, 0.43 * height, 0.055)
    return extras


def _pocket(panel: Panel, x: float, z: float, width: float, height: float) -> None:
    across, down = np.abs(panel.x - x) - width / 2, np.abs(panel.z - z + height / 2) - height / 2
    # A patch pocket ends in a blunt point.
    down = np.maximum(down, z - height + 0.35 * np.abs(panel.x - x) - panel.z - 0.0)
    panel.line(np.maximum(across, down), 0.006, 0.6)


def _striped_sides(parts: list[Part], figure: Figure, surface: Surface) -> list[Part]:
    striped: list[Part] = []
    for part in parts:
        x, y, z = part.mesh.points.T
        leg = figure.legs[0]
        middle = np.interp(z, (leg.ankle[2], leg.knee[2], leg.hip[2]), (leg.ankle[1], leg.knee[1], leg.hip[1]))
        joints = (leg.ankle, leg.knee, leg.hip)
        outside = np.interp(z, [joint[2] for joint in joints], [abs(joint[0]) for joint in joints])
        plain, stripe = split(part.mesh, np.minimum(0.016 - np.abs(y - middle), np.abs(x) - outside))
        striped += [replace(part, mesh=plain), replace(part, mesh=stripe, paint=surface.accent)]
    return striped


def _upper_support(figure: Figure, lower: Field, waist: float, rng: np.random.Generator) -> list[Part]:
    """The rest of the person, with bare chest or in a plain top."""
    parts = [Part(body_mesh(figure, lower), figure.skin, 0.07, support=True), *limb_parts(figure)]
    if figure.feminine < 0.5 and rng.random() < 0.5:
        return parts
    top = torso_field(figure)
    neck = neckline(figure, "crew" if figure.feminine < 0.5 else "tank")
    sleeved = figure.feminine < 0.5 or rng.random() < 0.4
    if sleeved:
        add_arms(top, figure, 0.002, 0.7)
    mesh = top.contour(0.0035)
    if not sleeved:
        mesh = cut_armholes(mesh, figure, 0.0)
    # Tucked in, or cropped above the waist.
    end = waist - 0.02 if rng.random() < 0.6 else waist + float(rng.uniform(0.03, 0.12))
    mesh = clip(mesh, np.maximum(neck.beyond(mesh.points), end - mesh.points[:, 2]))
    for arm in figure.arms:
        mesh = clip(mesh, beyond_sleeve(mesh.points, arm, figure.trunk, 0.5))
    colour = NEUTRALS[int(rng.integers(len(NEUTRALS)))]
    return [*parts, Part(mesh, colour, 0.04, support=True)]


def _lower_closeups(figure: Figure, waist: float, hem: float, rng: np.random.Generator) -> tuple[Closeup, ...]:
    height, side = figure.height, float(rng.choice((-1, 1)))
    leg = figure.legs[0 if side < 0 else 1]
    front = Closeup(
        (float(rng.normal(0, 0.02)), -0.08, waist - rng.uniform(0.03, 0.10)),
        float(rng.uniform(0.15, 0.25)),
        float(rng.normal(0, 18)),
        3,
    )
    others = (
        Closeup((leg.ankle[0] * 0.7, 0.0, hem + 0.05), float(rng.uniform(0.14, 0.24)), side * 35, 4),
        Closeup((0.0, 0.10, 0.535 * height), float(rng.uniform(0.17, 0.26)), 180 + float(rng.normal(0, 20)), 2),
        Closeup((side * 0.1, 0.0, 0.50 * height), float(rng.uniform(0.16, 0.24)), side * 70, 3),
    )
    return front, others[int(rng.integers(len(others)))]


def build_skirt(rng: np.random.Generator, surface: Surface) -> Model:
    """A skirt, from short to long, straight or flared, in folds or smooth."""
    figure = draw_figure(rng, float(np.clip(rng.normal(0.9, 0.1), 0.5, 1)), roomy=0.01)
    height = figure.height
    waist, hem = float(rng.uniform(0.585, 0.612)) * height, float(rng.uniform(0.16, 0.41)) * height
    skirt = _skirt(figure, waist, hem, rng)
    field = _skirt_field(figure, skirt, waist, hem, rng)
    mesh = field.contour()
    mesh = clip(mesh, np.maximum(mesh.points[:, 2] - waist, hem - mesh.points[:, 2]))
    front, back = (new_panel(surface, skirt, hem - 0.01, waist + 0.02) for _ in range(2))
    for panel in (front, back):
        panel.line(panel.z - waist + 0.036, 0.005)
        panel.line(panel.z - hem - 0.025, 0.004)
    # The zipper is behind.
    back.line(np.where(back.z > waist - 0.19, back.x, 1.0), 0.008, 0.5)
    if rng.random() < 0.4:
        _buttons_down(front, waist - 0.02, hem + 0.03, surface)
    if rng.random() < 0.3:
        front.stamp(surface.mark(128, "word"), 0.09, hem + 0.10, 0.06)
    lower = torso_field(figure)
    add_legs(lower, figure)
    frame = Frame(-0.02 * height, _upper_end(height, rng))
    parts = wrap(mesh, skirt, front, back, rng)
    support = _upper_support(figure, lower, waist, rng)
    return Model((*parts, *support), _lower_closeups(figure, waist, hem, rng), frame)


def _buttons_down(panel: Panel, high: float, low: float, surface: Surface) -> None:
    panel.line(panel.x - 0.018, 0.004)
    panel.line(panel.x + 0.018, 0.004)
    for z in np.arange(high, low, -0.075):
        panel.paint((panel.x**2 + (panel.z - z) ** 2) < 0.0065**2, surface.ink)


def _skirt(figure: Figure, waist: float, hem: float, rng: np.random.Generator) -> Trunk:
    """Cross-sections from hem to waist; the cloth falls from the hips, ever wider when flared."""
    trunk, height = figure.trunk, figure.height
    hips = 0.515 * height
    flare = float(rng.choice((-0.04, 0.08, 0.25, 0.42)))
    levels = np.array([hem - 0.1, hem, (hem + hips) / 2, hips, 0.55 * height, waist, waist + 0.06])
    width, depth, middle = trunk.at(levels)
    falling = np.maximum(hips - levels, 0) * flare
    hip_width, hip_depth, _ = trunk.at(hips)
    below = levels < hips
    width = np.where(below, hip_width + 0.018 + falling, width + 0.009)
    depth = np.where(below, hip_depth + 0.032 + falling * 0.9, depth + 0.009 + 0.018 * (levels < 0.56 * height))
    return Trunk(levels, width, depth, np.where(below, 0.010, middle))


def _skirt_field(figure: Figure, skirt: Trunk, waist: float, hem: float, rng: np.random.Generator) -> Field:
    wide = float(skirt.widths.max()) * 1.25
    flared = wide > 0.26
    field = torso_field(figure, wide + 0.04)
    field.values -= np.float32(0.008)
    folds = float(rng.uniform(0.05, 0.12)) if flared else float(rng.uniform(0.0, 0.015))
    count = int(rng.integers(7, 13)) if flared else 5
    shape = skirt.distance(hem - 0.06, waist + 0.03, folds, count, float(rng.uniform(0, 6)))
    field.add(shape, (-wide, -wide, hem - 0.06), (wide, wide, waist + 0.03), 0.012)
    return field


def build_dress(rng: np.random.Generator, surface: Surface) -> Model:
    """A dress: bodice with or without short sleeves, and a skirt from the waist down."""
    figure = draw_figure(rng, float(np.clip(rng.normal(0.92, 0.08), 0.6, 1)), roomy=0.012)
    height = figure.height
    waist, hem = 0.612 * height, float(rng.uniform(0.14, 0.38)) * height
    skirt = _skirt(figure, waist, hem, rng)
    ease = 0.007
    field = _skirt_field(figure, skirt, waist, hem, rng)
    bodice = hanging(figure.trunk, ease, 1.0)
    upper = top_field(figure, bodice, 0.52 * height, ease, float(skirt.widths.max()) * 1.25 + 0.04)
    field.values = np.minimum(field.values, upper.values)
    sleeve = float(rng.uniform(0.25, 0.7)) if rng.random() < 0.5 else 0.0
    neck = neckline(figure, str(rng.choice(("v", "scoop", "tank", "crew"))))
    hang = _joined(skirt, bodice, waist)
    if sleeve:
        add_arms(field, figure, 0.008, sleeve + 0.12, 0.012)
    mesh = field.contour()
    mesh = clip(mesh, np.maximum(neck.beyond(mesh.points), hem - mesh.points[:, 2]))
    front, back = (new_panel(surface, hang, hem - 0.01, NECK * height + 0.03) for _ in range(2))
    for panel, share in ((front, 1.0), (back, 0.0)):
        collar(panel, neck, share, None, 0.010)
        panel.line(panel.z - hem - 0.025, 0.004)
        if rng.random() < 0.8:
            panel.line(panel.z - waist, 0.006)
    back.line(np.where(back.z > waist - 0.14, back.x, 1.0), 0.007, 0.5)
    if rng.random() < 0.35:
        belt = surface.accent if rng.random() < 0.7 else surface.ink
        for panel in (front, back):
            panel.paint(np.abs(panel.z - waist) < 0.022, belt)
    if rng.random() < 0.3:
        _buttons_down(front, neck.front - 0.02, waist, surface)
    elif rng.random() < 0.3:
        decorate(front, back, surface, rng, 0.705 * height)
    parts = _sleeved(mesh, figure, hang, front, back, surface, rng, sleeve)
    lower = torso_field(figure)
    add_legs(lower, figure)
    support = [Part(body_mesh(figure, lower), figure.skin, 0.07, support=True), *limb_parts(figure)]
    low = -0.02 * height if rng.random() < 0.75 else hem - 0.1
    frame = Frame(low, height + float(rng.choice((0.03, 0.03, -0.08, -0.17))))
    closeups = (
        Closeup((0.0, -0.08, 0.76 * height), float(rng.uniform(0.17, 0.27)), float(rng.normal(0, 14)), 2),
        _dress_closeup(figure, hem, rng),
    )
    return Model((*parts, *support), closeups, frame)


def _sleeved(
    mesh: Mesh,
    figure: Figure,
    hang: Trunk,
    front: Panel,
    back: Panel,
    surface: Surface,
    rng: np.random.Generator,
    sleeve: float,
) -> list[Part]:
    if not sleeve:
        return wrap(cut_armholes(mesh, figure, 0.0), hang, front, back, rng)
    for arm in figure.arms:
        mesh = clip(mesh, beyond_sleeve(mesh.points, arm, hang, sleeve))
    return dressed_top(mesh, figure, hang, front, back, surface, rng, None, sleeve / 2)


def _joined(lower: Trunk, upper: Trunk, level: float) -> Trunk:
    below, above = lower.levels < level, upper.levels >= level

    def join(first: Floats, second: Floats) -> Floats:
        return np.concatenate([first[below], second[above]])

    return Trunk(
        join(lower.levels, upper.levels),
        join(lower.widths, upper.widths),
        join(lower.depths, upper.depths),
        join(lower.middles, upper.middles),
    )


def _dress_closeup(figure: Figure, hem: float, rng: np.random.Generator) -> Closeup:
    height = figure.height
    side = float(rng.choice((-1, 1)))
    others = (
        Closeup((0.0, -0.1, 0.61 * height), float(rng.uniform(0.17, 0.26)), side * 25, 2),
        Closeup((0.0, 0.1, 0.74 * height), float(rng.uniform(0.18, 0.27)), 180 + side * 15, 2),
        Closeup((side * 0.08, -0.1, hem + 0.08), float(rng.uniform(0.16, 0.25)), side * 20, 3),
    )
    return others[int(rng.integers(len(others)))]
