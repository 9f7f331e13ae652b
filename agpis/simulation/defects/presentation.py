"""A product badly presented: creased, on a hanger, on a mannequin or another stand."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from agpis.simulation.cutouts import Cutout, put
from agpis.simulation.defects.canvas import Colour, hue_colour
from agpis.simulation.defects.shapes import Points, ellipse, line
from agpis.simulation.defects.sprites import Sprite, add_body, blank, shade
from agpis.types import Pixels

_Floats = npt.NDArray[np.float32]
# Fabric of tailors' dummies and gloss of shop mannequins; each split has its own.
_SKINS: dict[str, tuple[Colour, ...]] = {
    "train": ((226, 208, 182), (238, 238, 236), (44, 44, 48), (214, 186, 160)),
    "test": ((200, 178, 148), (222, 224, 230), (74, 70, 70)),
}
# Distance to the ground from which a stand is seen at a glance, in grey levels of the largest channel.
_DISTINCT = 30.0
_WOODS: dict[str, tuple[Colour, ...]] = {
    "train": ((196, 150, 98), (140, 92, 54), (226, 196, 150)),
    "test": ((170, 122, 76), (110, 72, 46)),
}


def creased(pixels: Pixels, cutout: Cutout, rng: np.random.Generator) -> Pixels:
    """The product full of creases, as when it comes from a parcel: bent along them, lit and in shadow beside them."""
    height, width = pixels.shape[:2]
    side = min(cutout.alpha.shape[:2])
    relief = _creases(height, width, max(side, 24), rng)
    depth = 0.012 * side * float(rng.uniform(0.8, 1.4))
    slope_x, slope_y = cv2.Sobel(relief, cv2.CV_32F, 1, 0), cv2.Sobel(relief, cv2.CV_32F, 0, 1)
    norm = max(float(np.quantile(np.hypot(slope_x, slope_y), 0.97)), 1e-6)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    bent = cv2.remap(
        pixels, columns + depth * slope_x / norm, rows + depth * slope_y / norm, cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    light = (slope_x * 0.6 + slope_y * 0.8) / norm
    strength = float(rng.uniform(0.28, 0.45))
    lit = bent.astype(np.float32) * (1 + strength * np.clip(light, -1.4, 1.1))[..., None]
    # On dark cloth creases show by their gloss.
    lit += 26 * np.clip(light, 0, 1.2)[..., None]
    out = pixels.astype(np.float32)
    place, share = out[cutout.box], cv2.erode(cutout.alpha[..., 0], np.ones((3, 3), np.uint8))[..., None]
    place += share * (lit[cutout.box] - place)
    return np.asarray(out.clip(0, 255), dtype=np.uint8)


def _creases(height: int, width: int, side: int, rng: np.random.Generator) -> _Floats:
    """Heights of cloth with sharp folds in all directions, some of them long and straight as from a parcel."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    relief = np.zeros((height, width), dtype=np.float32)
    for _ in range(5):
        cells = max(3, round(max(height, width) / side * float(rng.uniform(3, 7))))
        coarse = rng.normal(0, 1, size=(cells, cells)).astype(np.float32)
        noise = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        relief += side / cells * 0.16 * (1 - np.abs(noise)) * float(rng.uniform(0.5, 1.0))
    for _ in range(int(rng.integers(2, 6))):
        angle = float(rng.choice([0.0, math.pi / 2])) + float(rng.normal(0, 0.25))
        offset = (columns - rng.uniform(0.2, 0.8) * width) * math.cos(angle)
        offset += (rows - rng.uniform(0.2, 0.8) * height) * math.sin(angle)
        relief += 0.05 * side * np.exp(-np.abs(offset) / (0.03 * side)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(relief, (0, 0), max(0.7, side / 150)), dtype=np.float32)


def on_hanger(
    pixels: Pixels, cutout: Cutout, clips: bool, rng: np.random.Generator, split: str
) -> tuple[Pixels, float]:
    """The product, a little smaller, on a hanger.

    Args:
        pixels: (H, W, 3) uint8 RGB; gives size and ground.
        cutout: the product of this picture.
        clips: hangs from two clips by its waist rather than over arms.
        rng: draws hanger and size.
        split: has its own woods and hues.

    Returns:
        The picture and the area of the product over that in `pixels`.
    """
    size = min(pixels.shape[:2])
    room = float(rng.uniform(0.15, 0.21))
    canvas, place, share = _smaller(pixels, cutout, room, 0.02)
    x, y, w, h = place
    middle = x + _neck(cutout) * w
    hanger = blank(pixels.shape[0], pixels.shape[1])
    half = min(0.5 * w * float(rng.uniform(0.72, 0.9)), 0.34 * size)
    material = rng.random()
    woods = _WOODS["test" if split == "test" else "train"]
    tone: Colour = (150, 152, 156) if material < 0.3 else woods[int(rng.integers(len(woods)))]
    if material > 0.75:
        tone = hue_colour(rng, split, (0.2, 0.8), (0.3, 0.95)) if rng.random() < 0.5 else (36, 36, 38)
    thick = max(2.0, size * (0.009 if material < 0.3 else float(rng.uniform(0.02, 0.032))))
    bar = y - 0.015 * size if clips else y + 0.045 * size
    apex = bar - (0.06 if clips else 0.11) * size
    if clips:
        _rod(hanger, np.array([(middle - half, bar), (middle + half, bar)]), thick, tone)
    else:
        bow = np.linspace(-1, 1, 21)
        arms = np.stack([middle + bow * half, apex + (bar + 0.03 * size - apex) * np.abs(bow) ** 1.3], axis=1)
        _rod(hanger, arms, thick, tone)
        if material < 0.5:
            _rod(hanger, arms[[0, -1]] + np.array([0, 0.01 * size]), 0.6 * thick, tone)
    _hook(hanger, middle, apex if not clips else bar, max(0.02, apex / size - room * 0.6) * size, size)
    _blend(canvas, hanger)
    put(canvas, cutout, x, y, w, h, shadow=0.0)
    if clips:
        grips = blank(pixels.shape[0], pixels.shape[1])
        for at in (middle - 0.7 * half, middle + 0.7 * half):
            corners = np.array([(-1.0, -1.4), (1.0, -1.4), (1.4, 2.2), (-1.4, 2.2)]) * 0.018 * size
            add_body(grips, corners + np.array([at, bar + 0.012 * size]), shade(tone, 0.8), 0.4)
        _blend(canvas, grips)
    return np.asarray(canvas.clip(0, 255), dtype=np.uint8), share


def _smaller(
    pixels: Pixels, cutout: Cutout, above: float, below: float
) -> tuple[_Floats, tuple[int, int, int, int], float]:
    """Bare ground, where the product comes to lie (x, y, w, h) with room above and below, and its area over before."""
    height, width = pixels.shape[:2]
    tall, wide = cutout.alpha.shape[:2]
    factor = min(1.0, (1 - above - below) * height / tall, 0.92 * width / wide)
    w, h = max(2, int(wide * factor)), max(2, int(tall * factor))
    free = height * (1 - below) - height * above - h
    y = round(height * above + min(0.4 * free, 0.06 * height))
    canvas = np.empty(pixels.shape, dtype=np.float32)
    canvas[:] = cutout.ground
    return canvas, ((width - w) // 2, y, w, h), factor**2


def _neck(cutout: Cutout) -> float:
    """The middle of the product's upper fifth, as a share of its width."""
    upper = cutout.alpha[: max(1, cutout.alpha.shape[0] // 5), :, 0]
    columns = np.flatnonzero(upper.max(axis=0) > 0.5)
    return float(columns.mean() / cutout.alpha.shape[1]) if columns.size else 0.5


def _rod(sprite: Sprite, points: Points, thick: float, colour: Colour) -> None:
    """A round bar through points, lighter along its upper side."""
    form = np.zeros(sprite.mask.shape, dtype=np.uint8)
    line(form, points, thick)
    np.maximum(sprite.mask, form, out=sprite.mask)
    line(sprite.pixels, points, thick + 1, shade(colour, 0.8))
    line(sprite.pixels, points - np.array([0, 0.22 * thick]), max(1.0, 0.45 * thick), shade(colour, 1.15))


def _hook(sprite: Sprite, x: float, low: float, top: float, size: int) -> None:
    radius = 0.035 * size
    steps = np.linspace(math.pi * 0.5, math.pi * 1.9, 24) + math.pi * 0.55
    centre_y = top + radius
    bend = np.stack([x + radius * np.cos(steps), centre_y + radius * np.sin(steps)], axis=1)
    # The bend ends above the stem, so that the hook hangs in its own middle.
    stem = np.array([(x, low), (x, centre_y + radius)])
    start = int(np.argmin(np.hypot(*(bend - stem[1]).T)))
    _rod(sprite, np.concatenate([stem, np.roll(bend, -start, axis=0)[:18]]), max(1.5, 0.01 * size), (168, 170, 174))


def _blend(canvas: _Floats, sprite: Sprite) -> None:
    alpha = sprite.mask[..., None].astype(np.float32) / 255
    canvas += alpha * (sprite.pixels - canvas)


def on_mannequin(
    pixels: Pixels, cutout: Cutout, form: str, rng: np.random.Generator, split: str
) -> tuple[Pixels, float]:
    """The product, a little smaller, on a stand.

    Args:
        pixels: (H, W, 3) uint8 RGB; gives size and ground.
        cutout: the product of this picture.
        form: "torso", "hips" or "head".
        rng: draws stand and size.
        split: has its own materials.

    Returns:
        The picture and the area of the product over that in `pixels`.
    """
    height = pixels.shape[0]
    above, below = {"torso": (0.16, 0.14), "hips": (0.3, 0.08), "head": (0.05, 0.36)}[form]
    canvas, (x, y, w, h), share = _smaller(pixels, cutout, above + float(rng.uniform(0, 0.04)), below)
    skins = _SKINS["test" if split == "test" else "train"]
    seen = [skin for skin in skins if np.abs(cutout.ground - skin).max() > _DISTINCT] or list(skins)
    skin = seen[int(rng.integers(len(seen)))]
    stand = blank(*pixels.shape[:2])
    middle = x + _neck(cutout) * w
    if form == "head":
        _head(stand, middle, y + 0.35 * h, 0.36 * w, height, skin)
    else:
        _pole(stand, middle, y + 0.5 * h, height, rng)
        body = _torso(0.3 * w) if form == "torso" else _waist(0.44 * w)
        top = y + (0.05 * h if form == "torso" else 0.0)
        add_body(stand, body + np.array([middle, top]), skin, 0.35)
        if form == "torso":
            cap = ellipse((middle, top - 0.15 * w), (0.1 * w, 0.03 * w))
            add_body(stand, cap, shade(skin, 0.75), 0.2)
    _blend(canvas, stand)
    put(canvas, cutout, x, y, w, h, shadow=0.0)
    return np.asarray(canvas.clip(0, 255), dtype=np.uint8), share


def _mirrored(half: Points, scale: float) -> Points:
    """A closed outline from its right half, top to bottom."""
    return np.asarray(np.concatenate([half, half[::-1] * np.array([-1, 1])]) * scale)


def _torso(scale: float) -> Points:
    """Neck, shoulders and trunk; the collar lies in the origin, one unit is half the shoulders' width."""
    half = [(0.33, -0.52), (0.32, -0.2), (0.4, -0.04), (0.7, 0.06), (0.96, 0.2), (1.02, 0.42), (0.9, 0.9), (0.72, 1.6),
            (0.7, 1.9), (0.86, 2.4), (0.84, 2.7)]  # fmt: skip
    return _mirrored(np.array(half), scale)


def _waist(scale: float) -> Points:
    """A trunk cut above the waist, and hips; the waist lies in the origin."""
    half = [(0.86, -0.95), (0.84, -0.6), (0.74, -0.2), (0.72, 0.0), (0.86, 0.4), (0.94, 0.8), (0.86, 1.2)]
    return _mirrored(np.array(half), scale)


def _head(stand: Sprite, x: float, top: float, half: float, height: int, skin: Colour) -> None:
    """A smooth head without a face, a neck and a foot."""
    neck = np.array([(-0.42, 0.9), (0.42, 0.9), (0.46, 2.0), (0.8, 2.5), (-0.8, 2.5), (-0.46, 2.0)]) * half
    neck[:, 1] = np.minimum(neck[:, 1], 0.97 * height - top)
    add_body(stand, neck + np.array([x, top]), shade(skin, 0.92), 0.35)
    add_body(stand, ellipse((x, top + 0.4 * half), (0.86 * half, 1.15 * half)), skin, 0.35)


def _pole(stand: Sprite, x: float, top: float, height: int, rng: np.random.Generator) -> None:
    tone: Colour = (60, 60, 64) if rng.random() < 0.5 else (168, 128, 84)
    low = 0.965 * height
    half = max(1.5, 0.011 * height)
    add_body(stand, np.array([(x - half, top), (x + half, top), (x + half, low), (x - half, low)]), tone, 0.5)
    base = ellipse((x, low), (0.13 * height, 0.018 * height))
    add_body(stand, base, shade(tone, 0.85), 0.4)
