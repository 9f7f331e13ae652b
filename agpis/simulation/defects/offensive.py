"""Harmless stand-ins for offensive content: hidden pictures with a warning, red splashes, crossed-out signs."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np

from agpis.simulation.defects.canvas import (
    BLACK,
    WHITE,
    Colour,
    Mask,
    hue_colour,
    outlined,
    paint,
    place_words,
    random_place,
    readable_on,
    turned,
)
from agpis.simulation.defects.lettering import choose_letters, text_mask
from agpis.simulation.defects.shapes import disc, ellipse, fill, line, rounded, set_lines
from agpis.simulation.defects.words import warning
from agpis.simulation.facts import Defect, DefectKind
from agpis.types import Box, Pixels

_Drawing = Callable[[Pixels, np.random.Generator, str], tuple[Box, str]]
# Outlines in the unit square, pointing right.
_KNIFE = ((0.0, 0.44), (0.36, 0.42), (0.36, 0.36), (0.4, 0.36), (0.4, 0.4), (0.86, 0.38), (1.0, 0.56), (0.4, 0.57),
          (0.4, 0.61), (0.36, 0.61), (0.36, 0.55), (0.0, 0.55))  # fmt: skip
_DAGGER = ((0.0, 0.46), (0.28, 0.46), (0.28, 0.34), (0.33, 0.34), (0.33, 0.43), (0.85, 0.44), (1.0, 0.5), (0.85, 0.56),
           (0.33, 0.57), (0.33, 0.66), (0.28, 0.66), (0.28, 0.54), (0.0, 0.54))  # fmt: skip
_PISTOL = ((0.04, 0.3), (0.98, 0.3), (0.98, 0.44), (0.52, 0.46), (0.5, 0.58), (0.36, 0.6), (0.3, 0.9), (0.08, 0.86),
           (0.16, 0.48), (0.04, 0.42))  # fmt: skip
_AXE = ((0.0, 0.5), (0.62, 0.45), (0.6, 0.24), (0.78, 0.12), (0.94, 0.16), (0.86, 0.4), (0.98, 0.66), (0.84, 0.72),
        (0.66, 0.6), (0.64, 0.54), (0.0, 0.6))  # fmt: skip
_WEAPONS = {
    "train": (("a knife", _KNIFE), ("a pistol", _PISTOL)),
    "test": (("a dagger", _DAGGER), ("an axe", _AXE)),
}


def draw_offensive(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, Defect]:
    """Lay a stand-in for nudity, violence or hate over the image."""
    out = pixels.copy()
    kinds: tuple[_Drawing, ...] = (_hidden, _hidden, _violence, _violence, _gesture)
    box, content = kinds[int(rng.integers(len(kinds)))](out, rng, split)
    return out, Defect(DefectKind.OFFENSIVE, content, place_words(box, out.shape[1], out.shape[0]), box)


def _hidden(out: Pixels, rng: np.random.Generator, split: str) -> tuple[Box, str]:
    """A body in skin tones behind coarse squares or a black bar, with a warning."""
    height, width = out.shape[:2]
    w, h = round(width * float(rng.uniform(0.38, 0.7))), round(height * float(rng.uniform(0.38, 0.65)))
    area = _blurred_body(h, w, rng)
    cells = int(rng.integers(7, 13))
    small = cv2.resize(area, (cells, max(3, round(cells * h / w))), interpolation=cv2.INTER_AREA)
    area = cv2.resize(small, (w, h), interpolation=cv2.INTER_NEAREST).astype(np.uint8)
    words = warning(rng, split)
    letters = set_lines(words.text, choose_letters(rng, "latin", split), round(0.84 * w), round(0.22 * h), 2)
    band = letters.shape[0] + max(4, letters.shape[0] // 2)
    colour: Colour = BLACK if rng.random() < 0.6 else (200, 20, 24)
    top = round((h - band) * float(rng.uniform(0.35, 0.7)))
    if rng.random() < 0.6:
        area[top : top + band] = colour
        paint(area, letters, WHITE, (w - letters.shape[1]) // 2, top + (band - letters.shape[0]) // 2)
    else:
        _round_sign(area, letters, rng)
    x, y = random_place(rng, (width, height), (w, h))
    return paint(out, rounded(w, h, 0), area, x, y), f"hidden adult content marked '{words.text}'"


def _blurred_body(h: int, w: int, rng: np.random.Generator) -> Pixels:
    """Head, trunk and arms in one skin tone, which squares will hide: nobody is to be recognised in it."""
    tone = (np.array([224, 172, 140]) * float(rng.uniform(0.45, 1.08))).clip(0, 255)
    skin: Colour = (int(tone[0]), int(tone[1]), int(tone[2]))
    ground = rng.integers(130, 225, size=3)
    area = np.full((h, w, 3), ground, dtype=np.uint8)
    lean = float(rng.uniform(-0.1, 0.1)) * w
    fill(area, ellipse((w / 2 + lean, 0.2 * h), (0.13 * w, 0.14 * h)), (skin[0] // 3, skin[1] // 3, skin[2] // 3))
    fill(area, ellipse((w / 2 + lean, 0.23 * h), (0.1 * w, 0.12 * h)), skin)
    fill(area, ellipse((w / 2, 0.7 * h), (0.26 * w, 0.4 * h)), skin)
    for side in (-1, 1):
        line(
            area,
            np.array([(0.5 * w + side * 0.2 * w, 0.45 * h), (0.5 * w + side * 0.34 * w, 0.95 * h)]),
            0.12 * w,
            skin,
        )
    return area


def _round_sign(area: Pixels, letters: Mask, rng: np.random.Generator) -> None:
    """The words in a round warning sign."""
    h, w = area.shape[:2]
    size = min(h, w, round(1.25 * max(letters.shape)))
    x, y = (w - size) // 2, (h - size) // 2
    paint(area, disc(size), (200, 20, 24), x, y)
    paint(area, disc(size, 0.84), WHITE, x, y)
    factor = min(1.0, 0.7 * size / max(letters.shape))
    small = cv2.resize(letters, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).astype(np.uint8)
    paint(area, small, BLACK, (w - small.shape[1]) // 2, (h - small.shape[0]) // 2)


def _violence(out: Pixels, rng: np.random.Generator, split: str) -> tuple[Box, str]:
    """A red splash with the silhouette of a weapon."""
    height, width = out.shape[:2]
    size = round(min(height, width) * float(rng.uniform(0.4, 0.7)))
    area = np.zeros((size, size, 3), dtype=np.uint8)
    splash = _splash(size, rng)
    red: Colour = (int(rng.integers(120, 190)), int(rng.integers(0, 20)), int(rng.integers(5, 25)))
    area[:] = red
    depth = cv2.distanceTransform((splash > 127).astype(np.uint8), cv2.DIST_L2, 3)
    area[:] = (area * (0.75 + 0.35 * np.clip(depth / (0.06 * size), 0, 1))[..., None]).clip(0, 255).astype(np.uint8)
    weapons = _WEAPONS["test" if split == "test" else "train"]
    name, outline = weapons[int(rng.integers(len(weapons)))]
    side = round(0.9 * size)
    blade = np.zeros((side, side), dtype=np.uint8)
    fill(blade, np.array(outline) * (side - 1))
    blade = turned(blade, float(rng.uniform(0, 360)))
    scale = min(1.0, 0.96 * size / max(blade.shape))
    blade = cv2.resize(blade, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
    tone = int(rng.integers(15, 70))
    x, y = (size - blade.shape[1]) // 2, (size - blade.shape[0]) // 2
    inner, rim = outlined(blade, 1)
    paint(area, rim, (200, 200, 204), x - 1, y - 1)
    paint(area, inner, (tone, tone, tone), x - 1, y - 1)
    mask = splash.copy()
    part = mask[max(y - 1, 0) : y - 1 + rim.shape[0], max(x - 1, 0) : x - 1 + rim.shape[1]]
    np.maximum(part, rim[: part.shape[0], : part.shape[1]], out=part)
    at = random_place(rng, (width, height), (size, size))
    return paint(out, mask, area, *at), f"{name} with blood"


def _splash(size: int, rng: np.random.Generator) -> Mask:
    """A blot with rays and drops around it, and runs below at times."""
    mask = np.zeros((size, size), dtype=np.uint8)
    centre = size * rng.uniform(0.42, 0.58, size=2)
    angles = np.linspace(0, 2 * math.pi, 90, endpoint=False)
    radius = size * 0.2 * np.ones(90)
    for number in range(2, 9):
        radius += size * 0.035 * float(rng.normal()) * np.sin(number * angles + float(rng.uniform(0, 7)))
    radius = radius.clip(0.05 * size, 0.4 * size)
    fill(mask, centre + radius[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1))
    for _ in range(int(rng.integers(12, 30))):
        angle, reach = float(rng.uniform(0, 2 * math.pi)), size * float(rng.uniform(0.2, 0.48))
        drop = float(rng.uniform(0.006, 0.035)) * size
        place = centre + reach * np.array([math.cos(angle), math.sin(angle)])
        fill(mask, ellipse((place[0], place[1]), (drop * float(rng.uniform(1, 2.5)), drop), math.degrees(angle)))
        if rng.random() < 0.3:
            line(mask, np.stack([centre, place]), max(1.0, drop))
    for _ in range(int(rng.integers(0, 5))):
        x = float(centre[0] + size * rng.uniform(-0.15, 0.15))
        line(mask, np.array([(x, centre[1]), (x, centre[1] + size * float(rng.uniform(0.2, 0.45)))]), 0.02 * size)
    return mask


def _gesture(out: Pixels, rng: np.random.Generator, split: str) -> tuple[Box, str]:
    """A rude gesture as a sign in one colour, or signs of swearing, under the red stroke of a ban."""
    height, width = out.shape[:2]
    size = round(min(height, width) * float(rng.uniform(0.28, 0.5)))
    plate: Colour = WHITE if rng.random() < 0.6 else hue_colour(rng, split, (0.2, 0.8), (0.6, 1.0))
    area = np.full((size, size, 3), plate, dtype=np.uint8)
    fist = rng.random() < 0.55
    if fist:
        paint(area, _fist(size), BLACK, 0, 0)
    else:
        order = rng.permutation(5)
        signs = "".join("#@$%!"[int(index)] for index in order)
        letters = text_mask(signs, max(8, size // 3), choose_letters(rng, "latin", split))
        factor = 0.74 * size / letters.shape[1]
        letters = cv2.resize(letters, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).astype(np.uint8)
        paint(area, letters, readable_on(plate, rng), (size - letters.shape[1]) // 2, (size - letters.shape[0]) // 2)
    ring = cv2.subtract(disc(size), disc(size, 0.84)).astype(np.uint8)
    line(ring, np.array([(0.16, 0.16), (0.84, 0.84)]) * size, 0.07 * size)
    paint(area, ring, (205, 20, 26), 0, 0)
    x, y = random_place(rng, (width, height), (size, size))
    return paint(out, disc(size), area, x, y), "a rude gesture" if fist else "a sign of swearing"


def _fist(size: int) -> Mask:
    """The back of a fist with the middle finger raised, as a plain sign."""
    mask = np.zeros((size, size), dtype=np.uint8)

    def plate(x0: float, y0: float, x1: float, y1: float) -> None:
        form = rounded(round((x1 - x0) * size), round((y1 - y0) * size), round(0.055 * size))
        spot = mask[
            round(y0 * size) : round(y0 * size) + form.shape[0], round(x0 * size) : round(x0 * size) + form.shape[1]
        ]
        np.maximum(spot, form, out=spot)

    plate(0.3, 0.48, 0.7, 0.8)
    for number, top in enumerate((0.43, 0.17, 0.42, 0.46)):
        plate(0.3 + 0.1 * number, top, 0.395 + 0.1 * number, 0.66)
    plate(0.22, 0.54, 0.4, 0.68)
    return mask
