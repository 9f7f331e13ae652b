"""Apparel for the upper body, worn by a person: T-shirt, tank top, hoodie, jacket."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from agpis.simulation.colours import Rgb
from agpis.simulation.render.cloth import Panel, new_panel, sleeve_uv, wrap
from agpis.simulation.render.figure import (
    NECK,
    WAIST,
    Arm,
    Figure,
    Trunk,
    add_arms,
    add_legs,
    body_mesh,
    draw_figure,
    limb_parts,
    torso_field,
)
from agpis.simulation.render.geometry import Floats, Mesh
from agpis.simulation.render.implicit import Field, clip, split
from agpis.simulation.render.model import Closeup, Frame, Model, Part
from agpis.simulation.render.surfaces import Surface

NEUTRALS: tuple[Rgb, ...] = (
    (28, 28, 31),
    (66, 68, 74),
    (44, 52, 76),
    (150, 140, 122),
    (205, 196, 178),
    (120, 122, 128),
    (235, 234, 230),
)


@dataclass(frozen=True, slots=True)
class Neckline:
    """The opening for the head: the cloth ends where its height passes a curve, lower in front than behind.

    Attributes:
        front: height of its lowest point in front, in metres.
        back: height of its lowest point behind.
        top: height that both curves reach `width` from the middle.
        width: half of the opening.
        sharp: 1 for a V, 2 for a round neck, more for a square one.
    """

    front: float
    back: float
    top: float
    width: float
    sharp: float

    def edge(self, x: Floats, share: Floats | float) -> Floats:
        """Height of the edge; `share` is 1 in front and 0 behind."""
        away = np.abs(x) / self.width
        front = self.front + (self.top - self.front) * away**self.sharp
        back = self.back + (self.top - self.back) * away**2.2
        return np.asarray(back + (front - back) * share)

    def beyond(self, points: Floats) -> Floats:
        """Positive for (N, 3) points in the opening."""
        share = np.clip((0.045 - points[:, 1]) / 0.05, 0, 1)
        return np.asarray(points[:, 2] - self.edge(points[:, 0], share * share * (3 - 2 * share)))


def build_t_shirt(rng: np.random.Generator, surface: Surface) -> Model:
    """A T-shirt: round or V neck, short sleeves, a print on the chest, behind plain or with a small one."""
    ease = float(rng.uniform(0.010, 0.028))
    figure = draw_figure(rng, roomy=ease + 0.004)
    height = figure.height
    kind = str(rng.choice(("crew", "crew", "v", "scoop" if figure.feminine > 0.5 else "crew")))
    neck = neckline(figure, kind)
    hem = float(rng.uniform(0.452, 0.495)) * height
    sleeve = float(rng.uniform(0.42, 0.72))
    hang = hanging(figure.trunk, ease, float(rng.uniform(0.1, 0.75 if figure.feminine > 0.5 else 0.4)))
    field = top_field(figure, hang, hem, ease)
    add_arms(field, figure, ease * 0.75 + 0.004, sleeve + 0.12, float(rng.uniform(0.004, 0.016)))
    mesh = field.contour()
    mesh = clip(mesh, neck.beyond(mesh.points))
    mesh = clip(mesh, hem - mesh.points[:, 2] + 0.004 * np.sin(mesh.points[:, 0] * 23))
    for arm in figure.arms:
        mesh = clip(mesh, beyond_sleeve(mesh.points, arm, hang, sleeve))
    front, back = (new_panel(surface, hang, hem - 0.01, NECK * height + 0.03) for _ in range(2))
    contrast = surface.accent if rng.random() < 0.3 else None
    for panel, share in ((front, 1.0), (back, 0.0)):
        collar(panel, neck, share, contrast)
        panel.line(panel.z - hem - 0.022, 0.004)
    decorate(front, back, surface, rng, chest=0.715 * height)
    raglan = contrast is not None and rng.random() < 0.5
    parts = dressed_top(mesh, figure, hang, front, back, surface, rng, surface.accent if raglan else None, sleeve / 2)
    return worn_top(figure, parts, hem, ease, rng)


def build_tank_top(rng: np.random.Generator, surface: Surface) -> Model:
    """A tank top: no sleeves, straps over the shoulders that may run together behind."""
    ease = float(rng.uniform(0.006, 0.022))
    figure = draw_figure(rng, roomy=ease + 0.002)
    height = figure.height
    neck = neckline(figure, str(rng.choice(("tank", "scoop", "crew", "v"))))
    hem = float(rng.uniform(0.465, 0.515)) * height
    hang = hanging(figure.trunk, ease, float(rng.uniform(0.2, 0.95 if figure.feminine > 0.5 else 0.5)))
    mesh = top_field(figure, hang, hem, ease).contour()
    mesh = clip(mesh, np.maximum(neck.beyond(mesh.points), hem - mesh.points[:, 2]))
    strap, racer = float(rng.uniform(0.0, 0.03)), float(rng.uniform(0.02, 0.05)) if rng.random() < 0.45 else 0.0
    mesh = cut_armholes(mesh, figure, strap, racer)
    front, back = (new_panel(surface, hang, hem - 0.01, NECK * height + 0.03) for _ in range(2))
    contrast = surface.accent if rng.random() < 0.3 else None
    for panel, share in ((front, 1.0), (back, 0.0)):
        collar(panel, neck, share, contrast, 0.013)
        panel.line(panel.z - hem - 0.022, 0.004)
    decorate(front, back, surface, rng, chest=0.700 * height)
    return worn_top(figure, wrap(mesh, hang, front, back, rng), hem, ease, rng)


def cut_armholes(mesh: Mesh, figure: Figure, wide: float, racer: float = 0.0) -> Mesh:
    """Cut the openings for bare arms.

    Args:
        mesh: a garment without sleeves.
        figure: who wears it.
        wide: takes away so much more of the shoulder, in metres.
        racer: likewise, behind only.
    """
    height = figure.height
    x, z = np.abs(mesh.points[:, 0]), mesh.points[:, 2]
    shoulder = abs(figure.arms[0].shoulder[0])
    taken = wide + racer * np.clip(mesh.points[:, 1] / 0.05, 0, 1)
    armpit = 0.745 * height - taken * 0.6
    above = np.clip((z - armpit) / (0.80 * height - armpit), 0, 1)
    edge = shoulder * np.interp(above, (0.0, 0.5, 1.0), (1.25, 0.93, 0.86))
    return clip(mesh, np.minimum(x - edge + taken * np.minimum(2 * above, 1), z - armpit))


def neckline(figure: Figure, kind: str) -> Neckline:
    """The opening of a "crew", "v", "scoop" or "tank" neck on a person."""
    height = figure.height
    low, width, sharp = {
        "crew": (0.815, 0.037, 2.2),
        "v": (0.780, 0.045, 1.05),
        "scoop": (0.783, 0.054, 2.4),
        "tank": (0.778, 0.058, 2.6),
        "high": (0.826, 0.042, 2.0),
    }[kind]
    return Neckline(
        front=low * height,
        back=(0.828 if kind != "tank" else 0.805) * height,
        top=0.850 * height,
        width=width * height,
        sharp=sharp,
    )


def hanging(trunk: Trunk, ease: float, fit: float) -> Trunk:
    """Cloth around a trunk: it hangs straight down from the widest place above; with `fit` 1 it follows the waist."""
    order = slice(None, None, -1)

    def hang(measures: Floats) -> Floats:
        falling = np.maximum.accumulate(measures[order])[order]
        return np.asarray(falling + fit * (measures - falling) + ease)

    return Trunk(trunk.levels, hang(trunk.widths), hang(trunk.depths), trunk.middles)


def top_field(figure: Figure, hang: Trunk, low: float, ease: float, reach: float = 0.0) -> Field:
    """A field with the cloth around the trunk, from below `low` up to the neck; `reach` as for `torso_field`."""
    height = figure.height
    field = torso_field(figure, reach)
    field.values -= np.float32(ease)
    wide = float(hang.widths.max())
    field.add(hang.distance(low - 0.04, 0.80 * height), (-wide, -0.22, low - 0.04), (wide, 0.22, 0.80 * height), 0.03)
    return field


def beyond_sleeve(points: Floats, arm: Arm, hang: Trunk, until: float) -> Floats:
    """Positive for points of a sleeve past `until`, where 1 is the elbow and 2 the wrist."""
    first, second = (arm.shoulder, arm.elbow) if until <= 1 else (arm.elbow, arm.wrist)
    start, way = np.asarray(first), np.asarray(second) - np.asarray(first)
    length = float(np.linalg.norm(way))
    along = (points - start) @ way / length
    past = along - (until if until <= 1 else until - 1) * length
    # Only cloth around the arm counts; bust and seat stand off the trunk too.
    away = np.linalg.norm(points - start - np.clip(along, 0, length)[:, None] * way / length, axis=1)
    near = np.minimum(arm.radii[0] + 0.05 - away, np.abs(points[:, 0]) - 0.6 * abs(arm.shoulder[0]))
    return np.asarray(np.minimum(np.minimum(past, off_trunk(points, hang) - 0.012), near))


def collar(panel: Panel, neck: Neckline, share: float, colour: Rgb | None, band: float = 0.020) -> None:
    """Paint the ribbed band of a neckline."""
    edge = neck.edge(panel.x, share)
    under = edge - panel.z
    # The band is as wide beside the neck as below it, although the curve is steep there.
    slope = np.gradient(edge[0], panel.x[0])[None, :]
    inside = (under < band * np.sqrt(1 + slope**2)) & (np.abs(panel.x) < neck.width * 1.4)
    if colour is not None:
        panel.paint(inside, colour)
    else:
        panel.shade(inside, 0.90 if panel.pixels.mean() > 55 else 1.35)
    panel.line(np.where(np.abs(panel.x) < neck.width * 1.3, under / np.sqrt(1 + slope**2) - band, 1.0), 0.005)


def decorate(front: Panel, back: Panel, surface: Surface, rng: np.random.Generator, chest: float) -> None:
    """Print on the chest, large or small on the wearer's left; the back stays plain or has a small or a large print."""
    draw = rng.random()
    if draw < 0.45:
        front.stamp(surface.mark(224), 0.0, chest - 0.01, float(rng.uniform(0.17, 0.27)))
    elif draw < 0.8:
        layout = str(rng.choice(("word", "emblem", "badge")))
        front.stamp(surface.mark(160, layout), 0.085, chest + 0.01, float(rng.uniform(0.05, 0.085)))
    draw = rng.random()
    if draw < 0.25:
        back.stamp(surface.mark(160, "word"), 0.0, chest + 0.125, float(rng.uniform(0.06, 0.10)))
    elif draw < 0.33:
        back.stamp(surface.mark(224, "word"), 0.0, chest + 0.05, float(rng.uniform(0.18, 0.25)))


def dressed_top(
    mesh: Mesh,
    figure: Figure,
    hang: Trunk,
    front: Panel,
    back: Panel,
    surface: Surface,
    rng: np.random.Generator,
    sleeves: Rgb | None,
    cuff: float | None,
) -> list[Part]:
    """The parts of a top with sleeves.

    Args:
        mesh: the whole garment.
        figure: who wears it.
        hang: what the panels lie around.
        front: painted front.
        back: painted back.
        surface: paints the sleeves.
        rng: draws folds.
        sleeves: their colour, or None for that of the trunk.
        cuff: where the sleeve ends as share of the arm, to paint its seam.
    """
    parts: list[Part] = []
    for arm in figure.arms:
        mesh, sleeve = split(mesh, beyond_armhole(mesh.points, hang, arm))
        own = surface if sleeves is None else replace(surface, main=sleeves)
        panel = new_panel(own, Trunk(np.zeros(1), np.full(1, 0.07), np.full(1, 0.07), np.zeros(1)), 0.0, 0.6)
        if cuff is not None:
            panel.line(panel.z / 0.6 - (1 - cuff) - 0.035, 0.008)
        parts.append(Part(sleeve_uv(sleeve, arm), panel.finish(rng), 0.04))
    return [*wrap(mesh, hang, front, back, rng), *parts]


def beyond_armhole(points: Floats, hang: Trunk, arm: Arm) -> Floats:
    """Positive for points that belong to the sleeve rather than to the trunk."""
    shoulder, elbow, wrist = (np.asarray(joint) for joint in (arm.shoulder, arm.elbow, arm.wrist))
    away = np.minimum(_from_line(points, shoulder, elbow), _from_line(points, elbow, wrist))
    trunk = off_trunk(points, hang)
    side = points[:, 0] * np.sign(shoulder[0]) - 0.6 * abs(float(shoulder[0]))
    return np.asarray(np.minimum(trunk + 0.045 - (away - arm.radii[0] * 0.8), side))


def _from_line(points: Floats, start: Floats, end: Floats) -> Floats:
    way = end - start
    share = np.clip((points - start) @ way / (way @ way), -0.3, 1.0)
    return np.asarray(np.linalg.norm(points - start - share[:, None] * way, axis=1))


def off_trunk(points: Floats, trunk: Trunk) -> Floats:
    """About how far points lie outside a trunk, in metres."""
    width, depth, middle = trunk.at(points[:, 2])
    unit = np.hypot(points[:, 0] / width, (points[:, 1] - middle) / depth)
    return np.asarray((unit - 1) * np.minimum(width, depth))


def support_bottoms(figure: Figure, lower: Field, room: float, rng: np.random.Generator) -> list[Part]:
    """The trousers or leggings that go with a top and stay `room` below it; they are not the product."""
    height = figure.height
    mesh = lower.contour(float(rng.uniform(0.4, 0.8)) * min(room, 0.013))
    end = float(rng.choice((0.07, 0.07, 0.07, 0.33))) * height
    mesh = clip(mesh, np.maximum(mesh.points[:, 2] - WAIST * height, end - mesh.points[:, 2]))
    return [Part(mesh, NEUTRALS[int(rng.integers(len(NEUTRALS)))], 0.04, support=True)]


def worn_top(figure: Figure, product: list[Part], hem: float, room: float, rng: np.random.Generator) -> Model:
    """Put a top on its wearer and say how it is photographed."""
    height = figure.height
    lower = torso_field(figure)
    add_legs(lower, figure)
    parts = [
        *product,
        Part(body_mesh(figure, lower), figure.skin, 0.07, support=True),
        *support_bottoms(figure, lower, room, rng),
        *limb_parts(figure),
    ]
    chin = height - 0.235 * figure.head_scale
    top = (height + 0.05, height + 0.02, height - 0.07, chin + 0.055)[int(rng.choice(4, p=[0.3, 0.3, 0.2, 0.2]))]
    frame = Frame(min(hem - rng.uniform(0.02, 0.12), 0.43 * height), top)
    return Model(tuple(parts), top_closeups(figure, hem, rng), frame)


def top_closeups(figure: Figure, hem: float, rng: np.random.Generator) -> tuple[Closeup, ...]:
    """The neck from in front, then one of hem, sleeve, shoulder or back."""
    height = figure.height
    low = (rng.uniform(0.74, 0.79)) * height
    aside = float(rng.normal(0, 14))
    neck = Closeup((float(rng.normal(0, 0.02)), -0.08, low), float(rng.uniform(0.16, 0.27)), aside, 2)
    side = -1 if rng.random() < 0.5 else 1
    arm = figure.arms[0 if side < 0 else 1]
    others = (
        Closeup((side * 0.06, -0.08, hem + 0.10), float(rng.uniform(0.15, 0.22)), side * 20, 2),
        Closeup((arm.shoulder[0], 0.0, arm.shoulder[2] - 0.10), float(rng.uniform(0.16, 0.24)), side * 55, 3),
        Closeup((0.0, 0.10, 0.755 * height), float(rng.uniform(0.18, 0.27)), 180 + float(rng.normal(0, 15)), 2),
        Closeup((0.03 * side, -0.1, 0.69 * height), float(rng.uniform(0.17, 0.25)), float(rng.normal(0, 20)), 2),
    )
    second = others[int(rng.integers(len(others)))]
    return neck, second
