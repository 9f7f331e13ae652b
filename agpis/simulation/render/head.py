"""Face and hair: a head as an implicit surface, its features painted on, in metres around the middle of the skull."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image as PilImage
from PIL import ImageDraw

from agpis.simulation.colours import Rgb
from agpis.simulation.render.geometry import Mesh, ball, tube
from agpis.simulation.render.implicit import Field, clip, split
from agpis.simulation.render.model import Part
from agpis.types import Pixels

HAIR_STYLES = ("short", "bob", "bob", "long", "long", "ponytail", "ponytail", "bun", "bun", "bald")
# What the face's texture covers, in metres: x from -_HALF to _HALF and z from _BOTTOM to _TOP.
_HALF, _BOTTOM, _TOP = 0.10, -0.15, 0.13
_PIXEL = 2500
_STEP = 0.0078


@dataclass(frozen=True, slots=True)
class Hair:
    """How the hair is worn.

    Attributes:
        style: one of HAIR_STYLES.
        colour: of the hair and the brows.
    """

    style: str
    colour: Rgb


def build_head(skin: Rgb, hair: Hair, feminine: float, seed: int, turn: float, scale: float) -> list[Part]:
    """Head and hair around the middle of the skull.

    Args:
        skin: colour of the skin.
        hair: style and colour.
        feminine: 0 for a man's features to 1 for a woman's.
        seed: draws the features.
        turn: how far it looks aside, in degrees.
        scale: size.
    """
    rng = np.random.default_rng(seed)
    field = _skull(feminine, rng)
    mesh = field.contour()
    back, front = split(mesh, -(mesh.points[:, 1] - 0.0))[0], split(mesh, mesh.points[:, 1])[0]
    uv = np.stack(
        [
            (front.points[:, 0] + _HALF) / (2 * _HALF),
            (front.points[:, 2] - _BOTTOM) / (_TOP - _BOTTOM),
        ],
        axis=1,
    )
    face = Part(Mesh(front.points, front.faces, uv), _paint_face(skin, hair, feminine, rng), 0.08)
    parts = [face, Part(back, skin, 0.08)]
    if hair.style != "bald":
        parts += _hair(field, hair, rng)
    return [
        Part(part.mesh.scaled((scale, scale, scale)).turned("z", turn), part.paint, part.shine, part.flat)
        for part in parts
    ]


def _skull(feminine: float, rng: np.random.Generator) -> Field:
    field = Field((-0.11, -0.15, -0.16), (0.11, 0.13, 0.13), _STEP)
    jaw = 0.062 - 0.007 * feminine + rng.normal(0, 0.0015)
    nose = 1.0 + rng.normal(0, 0.12)
    field.add_ellipsoid((0, 0.012, 0.012), (0.075, 0.093, 0.094), 0.0)
    field.add_ellipsoid((0, -0.020, -0.045), (jaw, 0.070, 0.078), 0.03)
    field.add_limb((-0.014, -0.062, -0.104), (0.014, -0.062, -0.104), (0.019, 0.019), 0.035)
    field.add_limb((0, -0.080, -0.002), (0, -0.100, -0.046), (0.007, 0.0115 * nose), 0.014)
    for side in (-1, 1):
        field.add_ellipsoid((side * 0.010, -0.092, -0.050), (0.009 * nose, 0.009, 0.008), 0.006)
        field.add_ellipsoid((side * 0.078, 0.016, -0.018), (0.009, 0.018, 0.030), 0.004)
        field.add_ellipsoid((side * 0.030, -0.072, 0.014), (0.026, 0.012, 0.008), 0.014)
        field.add_ellipsoid((side * 0.040, -0.058, -0.045), (0.022, 0.024, 0.024), 0.03)
    field.add_ellipsoid((0, -0.083, -0.080), (0.021, 0.011, 0.011), 0.012)
    return field


def _paint_face(skin: Rgb, hair: Hair, feminine: float, rng: np.random.Generator) -> Pixels:
    width, height = round(2 * _HALF * _PIXEL), round((_TOP - _BOTTOM) * _PIXEL)
    canvas = PilImage.new("RGB", (width, height), skin)
    draw = ImageDraw.Draw(canvas)

    def spot(x: float, z: float, wide: float, high: float, colour: Rgb) -> None:
        box = ((x - wide + _HALF), (_TOP - z - high), (x + wide + _HALF), (_TOP - z + high))
        draw.ellipse([value * _PIXEL for value in box], fill=colour)

    def line(points: list[tuple[float, float]], thick: float, colour: Rgb) -> None:
        draw.line(
            [((x + _HALF) * _PIXEL, (_TOP - z) * _PIXEL) for x, z in points],
            fill=colour,
            width=max(1, round(thick * _PIXEL)),
            joint="curve",
        )

    shade, lips = _mix(skin, (70, 30, 20), 0.28), _mix(skin, (round(60 + 0.5 * skin[0]), 40, 48), 0.40 + 0.2 * feminine)
    apart, eye_z = 0.031 + rng.normal(0, 0.001), -0.014
    dark = _mix(skin, (20, 12, 10), 0.75)
    for side in (-1, 1):
        spot(side * 0.046, -0.050, 0.018, 0.013, _mix(skin, (200, 70, 60), 0.12))
        spot(side * apart, eye_z + 0.002, 0.0205, 0.0125, _mix(skin, shade, 0.6))
    canvas = PilImage.fromarray(cv2.GaussianBlur(np.asarray(canvas), (0, 0), 0.006 * _PIXEL))
    draw = ImageDraw.Draw(canvas)
    iris = ((70, 46, 30), (60, 84, 110), (70, 90, 60), (40, 28, 22))[int(rng.integers(4)) if sum(skin) > 520 else 3]
    brow = _mix(hair.colour, dark, 0.35)
    for side in (-1, 1):
        x = side * apart
        spot(x, eye_z, 0.0150, 0.0064, dark)
        spot(x, eye_z - 0.0008, 0.0138, 0.0052, (238, 234, 230))
        spot(x, eye_z, 0.0058, 0.0058, iris)
        spot(x, eye_z, 0.0028, 0.0028, (12, 10, 10))
        lid = [(x - 0.0150, eye_z), (x - 0.008, eye_z + 0.0056), (x + 0.006, eye_z + 0.0056), (x + 0.0150, eye_z)]
        line(lid, 0.0022 + 0.0014 * feminine, dark)
        arch = [(side * 0.013, 0.0065), (side * 0.028, 0.0115), (side * 0.047, 0.006)]
        line(arch, 0.0058 - 0.0022 * feminine, brow)
        spot(side * 0.0065, -0.0595, 0.0036, 0.0020, _mix(skin, (40, 15, 10), 0.6))
    mouth = -0.084 + rng.normal(0, 0.001)
    broad = 0.0235 + rng.normal(0, 0.0012)
    spot(0, mouth - 0.0028, broad * 0.80, 0.0062, lips)
    spot(-0.006, mouth + 0.002, broad * 0.55, 0.0042, lips)
    spot(0.006, mouth + 0.002, broad * 0.55, 0.0042, lips)
    smile = float(rng.uniform(0.0, 0.005))
    if rng.random() < 0.3:
        spot(0, mouth - 0.0005, broad * 0.72, 0.0042, (242, 238, 232))
    line(
        [(-broad, mouth + smile), (-0.01, mouth), (0.01, mouth), (broad, mouth + smile)],
        0.0018,
        _mix(lips, (40, 10, 10), 0.6),
    )
    pixels = cv2.GaussianBlur(np.asarray(canvas), (0, 0), 1.6).astype(np.float32)
    if feminine < 0.5 and rng.random() < 0.4:
        pixels = _beard(pixels, hair.colour, float(rng.uniform(0.2, 0.75)), mouth)
    return np.ascontiguousarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _beard(pixels: np.ndarray, colour: Rgb, strength: float, mouth: float) -> np.ndarray:
    rows, columns = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]]
    x, z = columns / _PIXEL - _HALF, _TOP - rows / _PIXEL
    jaw = (z < mouth + 0.014 + 9 * x**2) & ~((np.abs(x) < 0.024) & (np.abs(z - mouth) < 0.008))
    soft = cv2.GaussianBlur(jaw.astype(np.float32), (0, 0), 0.004 * _PIXEL)[..., None] * strength
    return np.asarray(pixels * (1 - soft) + np.asarray(colour, dtype=np.float32) * soft)


def _hair(field: Field, hair: Hair, rng: np.random.Generator) -> list[Part]:
    long = hair.style in ("bob", "long")
    thick = {"short": rng.uniform(0.006, 0.016), "bob": 0.019, "long": 0.017}.get(hair.style, 0.009)
    low = -0.42 if hair.style == "long" else -0.20
    coat = Field((-0.15, -0.16, low), (0.15, 0.22, 0.16), 0.0095)
    coat.add_ellipsoid((0, 0.014, 0.014), tuple(r + thick for r in (0.076, 0.094, 0.095)), 0.0)  # type: ignore[arg-type]
    if not long:
        # Close-cut hair follows the nape.
        coat.add_ellipsoid((0, 0.030, -0.045), (0.060 + thick * 0.6, 0.060 + thick * 0.5, 0.062), 0.02)
    if hair.style == "bob":
        for side in (-1, 1):
            coat.add_limb((side * 0.066, 0.012, 0.0), (side * 0.074, 0.012, -0.105), (0.034, 0.030), 0.03)
        coat.add_limb((0, 0.062, 0.0), (0, 0.058, -0.105), (0.052, 0.046), 0.04, (1.5, 1.0, 1.0))
    if hair.style == "long":
        for side in (-1, 1):
            coat.add_limb((side * 0.064, 0.014, 0.0), (side * 0.066, 0.060, -0.14), (0.034, 0.030), 0.03)
        coat.add_limb((0, 0.060, 0.0), (0, 0.085, -0.16), (0.050, 0.036), 0.04, (1.6, 1.0, 1.0))
        coat.add_limb((0, 0.085, -0.16), (0, 0.130, -0.34), (0.036, 0.026), 0.03, (2.0, 1.0, 1.0))
    mesh = coat.contour()
    # The hairline: over the forehead in front, down the temples, behind the ears, low at the nape.
    x, y, z = mesh.points.T
    if long:
        line = np.interp(y, (-0.10, -0.055, -0.035, -0.02), (0.062, 0.052, 0.0, -0.5))
    else:
        line = np.interp(
            y,
            (-0.10, -0.05, -0.03, -0.012, 0.004, 0.028, 0.045, 0.1),
            (0.060, 0.056, 0.03, -0.012, 0.004, 0.0, -0.055, -0.085),
        )
    parting = 0.012 * np.sin(x * 30 + rng.uniform(0, 6))
    coat_mesh = clip(mesh, line + parting * (y < -0.04) - z)
    sheet = _strands(hair.colour, rng)
    parts = [_haired(coat_mesh, sheet)]
    if hair.style == "bun":
        high = rng.uniform(-0.01, 0.075)
        parts.append(_haired(ball(0.038, (0, 0.128 - 0.5 * max(high, 0), high), 20), sheet))
    if hair.style == "ponytail":
        path = np.array([(0, 0.09, 0.035), (0, 0.135, 0.03), (0, 0.155, -0.04), (0, 0.150, -0.15), (0, 0.150, -0.27)])
        parts.append(_haired(tube(path, [0.018, 0.024, 0.030, 0.027, 0.006], 14), sheet))
    return parts


def _haired(mesh: Mesh, sheet: Pixels) -> Part:
    # Strands run down from the crown: the angle around it picks the strand.
    angle = np.arctan2(mesh.points[:, 0], -mesh.points[:, 1] - 0.02) / (2 * np.pi)
    # The seam of the angle lies behind; fold it there.
    uv = np.stack([np.abs(angle) * 2 * 0.98 + 0.01, np.clip((mesh.points[:, 2] + 0.45) / 0.65, 0.01, 0.99)], axis=1)
    return Part(Mesh(mesh.points, mesh.faces, uv), sheet, 0.35)


def _strands(colour: Rgb, rng: np.random.Generator) -> Pixels:
    rough = (rng.normal(0, 1, (1, 96)) + 0.35 * rng.normal(0, 1, (24, 96))).astype(np.float32)
    noise = cv2.resize(rough, (96, 96), interpolation=cv2.INTER_LINEAR)[..., None]
    base = np.asarray(colour, dtype=np.float32)
    return np.clip(base * (1 + 0.16 * noise) + 3 * noise, 0, 255).astype(np.uint8)


def _mix(first: Rgb, second: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue
