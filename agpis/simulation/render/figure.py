"""A person who wears the product: build, pose, skin and shoes; see `head` for face and hair.

The person stands on z = 0 and faces -y; lengths are in metres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agpis.simulation.colours import Rgb
from agpis.simulation.render.geometry import Floats, Mesh, Vector, merge, tube
from agpis.simulation.render.head import HAIR_STYLES, Hair, build_head
from agpis.simulation.render.implicit import Distance, Field, Values, split
from agpis.simulation.render.model import Part

STEP = 0.0155
POSES = ("hang", "out", "hip", "behind", "pocket")
_SKINS: tuple[Rgb, ...] = (
    (246, 221, 206),
    (238, 206, 184),
    (228, 188, 160),
    (210, 164, 130),
    (186, 136, 100),
    (152, 104, 74),
    (116, 76, 54),
    (84, 55, 41),
    (62, 42, 33),
)
_HAIRS: tuple[Rgb, ...] = (
    (24, 20, 20),
    (44, 32, 26),
    (74, 50, 34),
    (110, 74, 44),
    (168, 124, 72),
    (212, 178, 118),
    (150, 70, 36),
    (140, 136, 134),
)
_SHOES: tuple[Rgb, ...] = ((245, 245, 243), (30, 30, 33), (92, 66, 48), (120, 122, 128), (40, 48, 72))
# Heights as shares of the body's height, then half widths and half depths there, of a man and of a woman.
_LEVELS = (0.40, 0.46, 0.50, 0.53, 0.58, 0.615, 0.66, 0.72, 0.76, 0.79, 0.812, 0.835)
_WIDTHS_M = (0.080, 0.092, 0.098, 0.097, 0.089, 0.087, 0.094, 0.105, 0.107, 0.098, 0.070, 0.036)
_WIDTHS_F = (0.084, 0.098, 0.106, 0.104, 0.084, 0.074, 0.078, 0.086, 0.089, 0.083, 0.058, 0.030)
_DEPTHS_M = (0.056, 0.062, 0.066, 0.066, 0.062, 0.061, 0.065, 0.070, 0.066, 0.056, 0.046, 0.034)
_DEPTHS_F = (0.056, 0.062, 0.067, 0.066, 0.054, 0.051, 0.054, 0.059, 0.056, 0.048, 0.040, 0.030)
_MIDDLES = (0.010, 0.010, 0.008, 0.006, -0.002, -0.003, 0.000, 0.004, 0.007, 0.010, 0.013, 0.014)
# Shares of the height at which things lie.
CROTCH, WAIST, CHEST, SHOULDER, NECK = 0.470, 0.600, 0.720, 0.805, 0.830


@dataclass(frozen=True, slots=True)
class Trunk:
    """Elliptic cross-sections of a body or of what hangs on it, by height.

    Attributes:
        levels: heights in metres, rising.
        widths: half widths there.
        depths: half depths there.
        middles: y of the centre there.
    """

    levels: Floats
    widths: Floats
    depths: Floats
    middles: Floats

    def at(self, z: Floats | float) -> tuple[Floats, Floats, Floats]:
        """Half width, half depth and middle at heights."""
        heights = np.asarray(z, dtype=np.float64)
        return (
            np.asarray(np.interp(heights, self.levels, self.widths)),
            np.asarray(np.interp(heights, self.levels, self.depths)),
            np.asarray(np.interp(heights, self.levels, self.middles)),
        )

    def angle(self, points: Floats) -> Floats:
        """Where points lie around the trunk: 0 in front, half pi at the right in the picture, in radians."""
        width, depth, middle = self.at(points[:, 2])
        return np.asarray(np.arctan2(points[:, 0] / width, -(points[:, 1] - middle) / depth))

    def distance(self, low: float, high: float, folds: float = 0.0, count: int = 9, phase: float = 0.0) -> Distance:
        """Distance to the trunk between two heights; `folds` is their share of the radius at the lower end."""

        def distance(x: Values, y: Values, z: Values) -> Values:
            width, depth, middle = (value.astype(np.float32) for value in self.at(z.astype(np.float64)))
            if folds > 0:
                swing = np.float32(folds) * np.clip((high - z) / (high - low), 0, 1) ** 1.3
                # Folds stand off outwards only, for legs are inside.
                wave = 1 + swing * (0.8 + 0.8 * np.cos(count * np.arctan2(x, -(y - middle)) + np.float32(phase)))
                width, depth = width * wave, depth * wave
            px, py = x / width, (y - middle) / depth
            unit = np.sqrt(px**2 + py**2)
            steep = np.sqrt((px / width) ** 2 + (py / depth) ** 2)
            round_distance = unit * (unit - 1) / np.maximum(steep, 1e-6)
            return np.asarray(np.maximum(round_distance, np.maximum(low - z, z - high)), dtype=np.float32)

        return distance


@dataclass(frozen=True, slots=True)
class Arm:
    """Joints of one arm and the radii of shoulder, elbow and wrist."""

    shoulder: Vector
    elbow: Vector
    wrist: Vector
    fingers: Vector
    radii: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Leg:
    """Joints of one leg and the radii of thigh, knee and ankle."""

    hip: Vector
    knee: Vector
    ankle: Vector
    radii: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Figure:
    """The measures of one person in one pose.

    Attributes:
        height: in metres.
        feminine: 0 for a man's build to 1 for a woman's.
        skin: colour of the skin.
        hair: style and colour.
        trunk: cross-sections of the naked trunk.
        arms: left and right in the picture of the front.
        legs: left and right likewise.
        turn: how far the head looks aside, in degrees.
        shoes: colour of the shoes, or None for bare feet.
        face_seed: draws the features.
    """

    height: float
    feminine: float
    skin: Rgb
    hair: Hair
    trunk: Trunk
    arms: tuple[Arm, Arm]
    legs: tuple[Leg, Leg]
    turn: float
    shoes: Rgb | None
    face_seed: int

    @property
    def head_centre(self) -> Vector:
        """The middle of the skull."""
        return (0.0, -0.004 * self.height, self.height - 0.108 * self.head_scale)

    @property
    def head_scale(self) -> float:
        """Size of the head against that of an adult of 1.76 m."""
        return 0.5 + 0.5 * self.height / 1.76


def draw_figure(rng: np.random.Generator, feminine: float | None = None, roomy: float = 0.0) -> Figure:
    """Draw a person.

    Args:
        rng: draws build, pose, skin, hair.
        feminine: 0 for a man's build to 1 for a woman's; drawn when None.
        roomy: how far clothes stand off the trunk in metres, so that the arms keep clear of them.
    """
    drawn = float(np.clip(rng.normal(0.12, 0.1) if rng.random() < 0.5 else rng.normal(0.9, 0.1), 0, 1))
    feminine = drawn if feminine is None else feminine
    height = float(rng.normal(1.80 - 0.10 * feminine, 0.045))
    stout = float(np.clip(rng.normal(0.955, 0.05), 0.87, 1.12))
    hips, shoulders = float(rng.normal(1.0, 0.03)), float(rng.normal(1.0, 0.03))
    trunk = _trunk(height, feminine, stout, hips, shoulders)
    stance = float(rng.uniform(0.0, 0.035))
    poses = _draw_poses(rng)
    arms = tuple(
        _arm(side, pose, height, feminine, stout, shoulders, roomy, rng)
        for side, pose in zip((-1, 1), poses, strict=True)
    )
    legs = tuple(_leg(side, height, feminine, stout, stance, rng) for side in (-1, 1))
    styles = HAIR_STYLES if feminine > 0.5 else ("bald", "short", "short", "short", "bob", "bun")
    skin = _SKINS[int(rng.integers(len(_SKINS)))]
    light = sum(skin) > 480
    return Figure(
        height=height,
        feminine=feminine,
        skin=skin,
        hair=Hair(str(styles[int(rng.integers(len(styles)))]), _HAIRS[int(rng.integers(len(_HAIRS) if light else 3))]),
        trunk=trunk,
        arms=arms,  # type: ignore[arg-type]
        legs=legs,  # type: ignore[arg-type]
        turn=float(np.clip(rng.normal(0, 12), -28, 28)),
        shoes=_SHOES[int(rng.integers(len(_SHOES)))] if rng.random() < 0.75 else None,
        face_seed=int(rng.integers(2**31)),
    )


def _trunk(height: float, feminine: float, stout: float, hips: float, shoulders: float) -> Trunk:
    widths = feminine * (np.array(_WIDTHS_F) - _WIDTHS_M) + _WIDTHS_M
    depths = feminine * (np.array(_DEPTHS_F) - _DEPTHS_M) + _DEPTHS_M
    # From hips to shoulders one factor passes into the other.
    factor = np.interp(_LEVELS, (0.53, 0.72), (hips, shoulders)) * np.interp(_LEVELS, (0.76, 0.83), (stout, 1.0))
    levels = np.array(_LEVELS) * height
    return Trunk(levels, widths * factor * height, depths * factor * height, np.array(_MIDDLES) * height)


def _draw_poses(rng: np.random.Generator) -> tuple[str, str]:
    kind = int(rng.choice(5, p=[0.34, 0.22, 0.2, 0.1, 0.14]))
    if kind == 2:
        pair = ("hip", "hang")
        return pair if rng.random() < 0.5 else (pair[1], pair[0])
    if kind == 4:
        pair = ("pocket", "pocket" if rng.random() < 0.5 else "hang")
        return pair if rng.random() < 0.5 else (pair[1], pair[0])
    pose = POSES[kind]
    return pose, pose


def _arm(
    side: int,
    pose: str,
    height: float,
    feminine: float,
    stout: float,
    shoulders: float,
    roomy: float,
    rng: np.random.Generator,
) -> Arm:
    x = (0.112 - 0.016 * feminine) * shoulders * height
    shoulder = (x, 0.012 * height, (SHOULDER - 0.012) * height)
    wide = max((0.098 + 0.006 * feminine) * stout * height, x) + roomy
    jitter = rng.normal(0, 0.008, 4)
    if pose == "hip":
        elbow, wrist = (x + 0.155, 0.075, 0.645), (wide + 0.012, -0.005, 0.565)
        fingers = (wide - 0.035, -0.075, 0.535)
    elif pose == "behind":
        elbow, wrist = (wide + 0.085, 0.085, 0.635), (0.075, 0.150 + roomy, 0.535)
        fingers = (-0.01, 0.155 + roomy, 0.500)
    elif pose == "pocket":
        elbow, wrist = (wide + 0.095, 0.055, 0.630), (wide + 0.022, -0.035, 0.535)
        fingers = (wide - 0.008, -0.055, 0.500)
    else:
        out = 0.010 if pose == "hang" else 0.065
        elbow = (wide + out + 0.022, 0.022, 0.635)
        wrist = (wide + out * 1.7 + 0.022, -0.028, 0.492)
        fingers = (wide + out * 1.8 + 0.012, -0.045, 0.430)
    slim = (1 - 0.2 * feminine) * (0.5 + 0.5 * stout) * height

    def place(joint: Vector, shift: float, lift: float) -> Vector:
        return (side * (joint[0] + shift), joint[1], (joint[2] + lift) * height)

    return Arm(
        (side * shoulder[0], shoulder[1], shoulder[2]),
        place(elbow, jitter[0], jitter[1] * 0.5),
        place(wrist, 0.0, 0.0),
        place(fingers, 0.0, 0.0),
        (0.0315 * slim, 0.0235 * slim, 0.0165 * slim),
    )


def _leg(side: int, height: float, feminine: float, stout: float, stance: float, rng: np.random.Generator) -> Leg:
    x = (0.050 + 0.003 * feminine) * height
    forward = float(rng.normal(0, 0.012))
    return Leg(
        (side * x, 0.010 * height, 0.49 * height),
        (side * (x * 0.98 + stance * 0.6), forward, 0.285 * height),
        (side * (x * 0.92 + stance * 1.3), 0.022 + forward, 0.050 * height),
        (0.0535 * stout * height, 0.0315 * stout * height, 0.0205 * height),
    )


def torso_field(figure: Figure, wide: float = 0.0) -> Field:
    """The trunk without limbs, in a grid that holds the whole body and `wide` metres on every side of the middle."""
    height = figure.height
    reach = max(abs(joint[0]) for arm in figure.arms for joint in (arm.elbow, arm.wrist)) + 0.1
    reach = max(reach, wide)
    field = Field((-reach, -max(0.26, wide), -0.04), (reach, max(0.30, wide), 0.95 * height), STEP)
    trunk = figure.trunk
    half = float(trunk.widths.max())
    field.add(trunk.distance(0.485 * height, 0.84 * height), (-half, -0.2, 0.485 * height), (half, 0.2, height), 0.0)
    for side in (-1, 1):
        shoulder = figure.arms[0 if side < 0 else 1].shoulder
        field.add_limb(
            (side * 0.012, 0.014 * height, 0.842 * height),
            (shoulder[0] * 0.9, shoulder[1], shoulder[2] + 0.010 * height),
            (0.030 * height, 0.0225 * height),
            0.05,
        )
        seat = float((0.050 + 0.006 * figure.feminine) * height)
        field.add_ellipsoid((side * 0.040 * height, 0.034 * height, 0.505 * height), (seat, seat, seat * 1.15), 0.04)
        bust = (0.030 + 0.008 * figure.feminine) * height
        front = -(0.026 + 0.014 * figure.feminine) * height
        field.add_ellipsoid((side * 0.046 * height, front, 0.735 * height), (bust, bust * 0.95, bust * 0.95), 0.045)
    return field


def add_arms(field: Field, figure: Figure, ease: float = 0.0, until: float = 2.0, flare: float = 0.0) -> None:
    """Melt the arms, or sleeves around them, into a field.

    Args:
        field: changed in place.
        figure: whose arms.
        ease: how far a sleeve stands off the skin.
        until: where it ends: 1 is the elbow and 2 the wrist.
        flare: by how much wider it is at its end.
    """
    for arm in figure.arms:
        upper, middle, lower = (radius + ease for radius in arm.radii)
        end = _between(arm.shoulder, arm.elbow, min(until, 1.0))
        stop = upper + (middle - upper) * min(until, 1.0) + flare
        field.add_limb(arm.shoulder, end, (upper, stop), 0.05)
        if until > 1.0:
            end = _between(arm.elbow, arm.wrist, until - 1.0)
            bulge = _between(arm.elbow, arm.wrist, 0.25)
            field.add_limb(arm.elbow, bulge, (middle, middle * 1.02), 0.015)
            field.add_limb(bulge, end, (middle * 1.02, lower + flare), 0.015)


def add_neck(field: Field, figure: Figure) -> None:
    """Melt the neck into a field."""
    height, slim = figure.height, (0.0335 - 0.006 * figure.feminine) * figure.height
    x, y, z = figure.head_centre
    field.add_limb((0, 0.014 * height, 0.80 * height), (x, y + 0.008, z - 0.04), (slim * 1.05, slim * 0.97), 0.045)


def add_legs(field: Field, figure: Figure) -> None:
    """Melt the legs into a field."""
    for leg in figure.legs:
        thigh, knee, ankle = leg.radii
        limbs = field.copy()
        limbs.values[:] = 0.5
        middle = _between(leg.hip, leg.knee, 0.5)
        limbs.add_limb(leg.hip, middle, (thigh, thigh * 0.92), 0.0)
        limbs.add_limb(middle, leg.knee, (thigh * 0.92, knee), 0.02)
        calf = _between(leg.knee, leg.ankle, 0.35)
        calf = (calf[0], calf[1] + 0.012, calf[2])
        limbs.add_limb(leg.knee, calf, (knee, knee * 1.04), 0.02)
        limbs.add_limb(calf, leg.ankle, (knee * 1.04, ankle), 0.02)
        # Thighs touch but do not grow together.
        joined = np.minimum(field.values, limbs.values)
        near = np.maximum(np.float32(0.04) - np.abs(field.values - limbs.values), 0)
        field.values = np.asarray(joined - near * near * np.float32(0.25 / 0.04), dtype=np.float32)


def _between(start: Vector, end: Vector, share: float) -> Vector:
    a, b = np.asarray(start), np.asarray(end)
    x, y, z = a + share * (b - a)
    return (float(x), float(y), float(z))


def body_mesh(figure: Figure, lower: Field) -> Mesh:
    """The naked body without head, hands and feet.

    Args:
        figure: whose body.
        lower: trunk and legs; not changed.
    """
    field = lower.copy()
    add_arms(field, figure)
    add_neck(field, figure)
    return field.contour()


def limb_parts(figure: Figure) -> list[Part]:
    """Head, hands and feet."""
    hands = merge(*(_hand(arm) for arm in figure.arms))
    head = build_head(figure.skin, figure.hair, figure.feminine, figure.face_seed, figure.turn, figure.head_scale)
    moved = [Part(p.mesh.moved(figure.head_centre), p.paint, p.shine, p.flat, support=True) for p in head]
    return [*moved, Part(hands, figure.skin, 0.08, support=True), *_feet(figure)]


def _hand(arm: Arm) -> Mesh:
    wrist, tips = np.asarray(arm.wrist), np.asarray(arm.fingers)
    along = (tips - wrist) / np.linalg.norm(tips - wrist)
    side = np.sign(arm.shoulder[0])
    # The back of a hand looks outward; fingers lie one behind the other, the thumb in front.
    across = np.array([0.25 * side, -1.0, 0.0])
    across -= along * float(across @ along)
    across /= np.linalg.norm(across)
    size = arm.radii[2] / 0.0285
    palm = Field((-0.06, -0.06, -0.12), (0.06, 0.06, 0.06), 0.009)
    palm.add_limb((0, 0.0, 0.03), (0, 0, -0.012), (arm.radii[2] * 0.98, 0.021 * size), 0.0)
    for offset in (-0.022, 0.0, 0.020):
        palm.add_limb((offset * 0.5 * size, 0, -0.02), (offset * size, 0, -0.078 * size), (0.016, 0.013 * size), 0.012)
    mesh = palm.contour()
    third = np.cross(along, across)
    basis = np.stack([across, third, -along])
    meshes = [Mesh(mesh.points @ basis + wrist, mesh.faces, mesh.uv)]
    inward = np.array([-side, 0.0, 0.0])
    curl = inward - along * float(inward @ along)
    for offset, length in ((-0.026, 0.062), (-0.009, 0.076), (0.008, 0.080), (0.024, 0.070)):
        root = wrist + along * 0.078 * size + across * offset * size
        bend = root + along * length * 0.55 * size + curl * 0.006
        tip = root + along * length * 0.95 * size + curl * 0.024
        meshes.append(tube(np.stack([root - along * 0.02, root, bend, tip]), [0.0095 * size] * 3 + [0.0065 * size], 8))
    root = wrist + along * 0.022 * size + across * 0.018 * size
    knuckle = wrist + along * 0.062 * size + across * 0.042 * size + curl * 0.01
    tip = wrist + along * 0.098 * size + across * 0.040 * size + curl * 0.018
    meshes.append(tube(np.stack([root, knuckle, tip]), [0.013 * size, 0.0115 * size, 0.008 * size], 8))
    return merge(*meshes)


def _feet(figure: Figure) -> list[Part]:
    shod = figure.shoes is not None
    wide = max(abs(leg.ankle[0]) for leg in figure.legs) + 0.13
    field = Field((-wide, -0.30, -0.03), (wide, 0.16, 0.17), 0.0125)
    fat = 0.008 if shod else 0.0
    size = figure.height / 1.76
    for leg in figure.legs:
        x, y, z = leg.ankle
        toe = x + np.sign(x) * 0.035
        field.add_limb((x, y, z + 0.03), (x, y + 0.008, 0.045), (leg.radii[2] + fat * 1.4, 0.036 + fat), 0.0)
        field.add_limb((x, y + 0.022, 0.030), (toe, y - 0.155 * size, 0.026), (0.032 + fat, 0.030 + fat), 0.02)
        field.add_limb((x, y, 0.075), (toe, y - 0.13 * size, 0.034), (0.030 + fat, 0.026 + fat), 0.025)
    mesh = field.contour()
    flattened = mesh.points.copy()
    flattened[:, 2] = np.maximum(flattened[:, 2], 0.0)
    mesh = Mesh(flattened, mesh.faces, mesh.uv)
    if figure.shoes is None:
        return [Part(mesh, figure.skin, 0.06, support=True)]
    sole, upper = split(mesh, mesh.points[:, 2] - 0.024)
    white = (236, 236, 234) if sum(figure.shoes) < 600 else (214, 214, 214)
    return [Part(upper, figure.shoes, 0.15, support=True), Part(sole, white, 0.1, support=True)]
