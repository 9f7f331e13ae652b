"""Promotional banners: strips, labels, corner ribbons, bursts and bare words with prices and discounts."""

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
    contrast_with,
    hue_colour,
    luminance,
    outlined,
    paint,
    place_words,
    random_place,
    readable_on,
    scaled,
    turned,
)
from agpis.simulation.defects.lettering import choose_letters, text_mask
from agpis.simulation.defects.words import Wording, promotion
from agpis.simulation.facts import Defect, DefectKind
from agpis.types import Box, Pixels

_Shape = Callable[[Pixels, Wording, np.random.Generator, str], Box]


def draw_banner(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, Defect]:
    """Lay a promotional banner over the image, at any place."""
    out = pixels.copy()
    words = promotion(rng, split)
    shapes: tuple[_Shape, ...] = (_strip, _strip, _label, _label, _corner_ribbon, _burst, _bare_words)
    box = shapes[rng.integers(len(shapes))](out, words, rng, split)
    height, width = out.shape[:2]
    return out, Defect(DefectKind.BANNER, words.text, place_words(box, width, height), box)


def _letters(words: Wording, rng: np.random.Generator, split: str, height: int, width: int, bold: bool = False) -> Mask:
    mask = text_mask(words.text, max(8, height), choose_letters(rng, words.script, split))
    if bold or rng.random() < 0.4:
        mask = cv2.dilate(mask, np.ones((2, 2), np.uint8)).astype(np.uint8)
    return scaled(mask, max(8, width), max(8, 2 * height))


def _fill(height: int, width: int, rng: np.random.Generator, split: str) -> tuple[Pixels, Colour]:
    """A plain, graded or striped area and its main colour."""
    colour = hue_colour(rng, split) if rng.random() < 0.85 else (30, 30, 34)
    area = np.empty((height, width, 3), dtype=np.float32)
    area[:] = colour
    kind = rng.random()
    if kind < 0.25:
        other = np.asarray(hue_colour(rng, split), dtype=np.float32)
        area += 0.5 * np.linspace(0, 1, width, dtype=np.float32)[None, :, None] * (other - area)
    elif kind < 0.35:
        stripes = (np.add.outer(np.arange(height), np.arange(width)) // max(3, height // 4)) % 2 == 0
        area[stripes] *= 0.88
    return area.clip(0, 255).astype(np.uint8), colour


def _strip(out: Pixels, words: Wording, rng: np.random.Generator, split: str) -> Box:
    """A band along the whole width or height, sometimes repeating its words."""
    height, width = out.shape[:2]
    upright = rng.random() < 0.15
    length, across = (height, width) if upright else (width, height)
    thick = round(across * float(rng.uniform(0.08, 0.24)))
    area, colour = _fill(thick, length, rng, split)
    letters = _letters(words, rng, split, round(thick * float(rng.uniform(0.5, 0.85))), round(length * 0.94))
    repeat = rng.random() < 0.25
    step = letters.shape[1] + max(10, letters.shape[0])
    count = max(1, length // step) if repeat else 1
    start = round((length - count * step) * float(rng.choice([0.1, 0.5, 0.9]))) + (step - letters.shape[1]) // 2
    for number in range(count):
        paint(area, letters, readable_on(colour, rng), start + number * step, (thick - letters.shape[0]) // 2)
    if upright:
        area = np.ascontiguousarray(np.rot90(area))
    free = across - thick
    offset = round(free * float(rng.choice([0.0, 1.0, rng.uniform(0, 1)], p=[0.3, 0.35, 0.35])))
    x, y = (offset, 0) if upright else (0, offset)
    mask = np.full(area.shape[:2], 255, dtype=np.uint8)
    return paint(out, mask, area, x, y, float(rng.uniform(0.75, 1.0)))


def _label(out: Pixels, words: Wording, rng: np.random.Generator, split: str) -> Box:
    """A rectangle, rounded rectangle, pill, flag or disc with words."""
    height, width = out.shape[:2]
    size = round(min(height, width) * float(rng.uniform(0.07, 0.2)))
    letters = _letters(words, rng, split, size, round(width * float(rng.uniform(0.3, 0.8))))
    pad = max(3, round(letters.shape[0] * float(rng.uniform(0.3, 0.7))))
    form = rng.integers(5)
    notch = pad if form == 3 else 0
    w, h = letters.shape[1] + 2 * pad + notch, letters.shape[0] + 2 * pad
    if form == 4 and w < 2.2 * h:
        w = h = max(w, h)
    mask = _label_form(w, h, pad, int(form))
    area, colour = _fill(h, w, rng, split)
    paint(area, letters, readable_on(colour, rng), (w - notch - letters.shape[1]) // 2, (h - letters.shape[0]) // 2)
    x, y = random_place(rng, (width, height), (w, h))
    return paint(out, mask, area, x, y, float(rng.uniform(0.8, 1.0)))


def _label_form(w: int, h: int, pad: int, form: int) -> Mask:
    mask = np.zeros((h, w), dtype=np.uint8)
    if form == 0:
        mask[:] = 255
    elif form in (1, 2):
        radius = min(pad if form == 1 else h // 2, h // 2, w // 2)
        cv2.rectangle(mask, (radius, 0), (w - 1 - radius, h - 1), 255, -1)
        cv2.rectangle(mask, (0, radius), (w - 1, h - 1 - radius), 255, -1)
        for cx in (radius, w - 1 - radius):
            for cy in (radius, h - 1 - radius):
                cv2.circle(mask, (cx, cy), radius, 255, -1, cv2.LINE_AA)
    elif form == 3:
        points = [(0, 0), (w - 1, 0), (w - 1 - pad, h // 2), (w - 1, h - 1), (0, h - 1)]
        cv2.fillPoly(mask, [np.array(points, dtype=np.int32)], 255, cv2.LINE_AA)
    else:
        cv2.ellipse(mask, (w // 2, h // 2), (w // 2, h // 2), 0, 0, 360, 255, -1, cv2.LINE_AA)
    return mask


def _corner_ribbon(out: Pixels, words: Wording, rng: np.random.Generator, split: str) -> Box:
    """A band across one corner."""
    height, width = out.shape[:2]
    reach = min(height, width) * float(rng.uniform(0.4, 0.65))
    thick = round(reach * float(rng.uniform(0.22, 0.34)))
    length = round(reach * math.sqrt(2)) + thick
    area, colour = _fill(thick, length, rng, split)
    letters = _letters(words, rng, split, round(thick * 0.6), round(reach * 0.85), bold=True)
    paint(area, letters, readable_on(colour, rng), (length - letters.shape[1]) // 2, (thick - letters.shape[0]) // 2)
    left, top = rng.random() < 0.5, rng.random() < 0.75
    degrees = 45.0 if left == top else -45.0
    mask = turned(np.full((thick, length), 255, dtype=np.uint8), degrees)
    picture = np.stack([turned(np.ascontiguousarray(area[..., i]), degrees) for i in range(3)], axis=2)
    middle = reach / 2 - thick / 4
    cx = middle if left else width - middle
    cy = middle if top else height - middle
    return paint(out, mask, picture, round(cx - mask.shape[1] / 2), round(cy - mask.shape[0] / 2))


def _burst(out: Pixels, words: Wording, rng: np.random.Generator, split: str) -> Box:
    """A star with words, often a little turned."""
    height, width = out.shape[:2]
    size = round(min(height, width) * float(rng.uniform(0.22, 0.42)))
    spikes = int(rng.integers(8, 22))
    inner = float(rng.uniform(0.72, 0.9))
    angles = np.arange(2 * spikes) * math.pi / spikes
    radius = np.where(np.arange(2 * spikes) % 2 == 0, 1.0, inner) * (size / 2 - 1)
    points = np.stack([size / 2 + radius * np.cos(angles), size / 2 + radius * np.sin(angles)], axis=1)
    mask = np.zeros((size, size), dtype=np.uint8)
    cv2.fillPoly(mask, [np.round(points).astype(np.int32)], 255, cv2.LINE_AA)
    area, colour = _fill(size, size, rng, split)
    letters = _letters(words, rng, split, round(size * 0.34), round(size * 0.92 * inner), bold=True)
    tilted = turned(letters, float(rng.uniform(-25, 25)))
    paint(area, tilted, readable_on(colour, rng), (size - tilted.shape[1]) // 2, (size - tilted.shape[0]) // 2)
    x, y = random_place(rng, (width, height), (size, size))
    return paint(out, mask, area, x, y, float(rng.uniform(0.85, 1.0)))


def _bare_words(out: Pixels, words: Wording, rng: np.random.Generator, split: str) -> Box:
    """Large words without an area below, outlined so that they can be read."""
    height, width = out.shape[:2]
    size = round(min(height, width) * float(rng.uniform(0.1, 0.24)))
    letters = _letters(words, rng, split, size, round(width * 0.9), bold=True)
    if rng.random() < 0.35:
        letters = turned(letters, float(rng.uniform(-30, 30)))
    letters, edge = outlined(letters, max(1, size // 12))
    x, y = random_place(rng, (width, height), (letters.shape[1], letters.shape[0]))
    colour = hue_colour(rng, split, value=(0.4, 1.0))
    box = paint(out, edge, WHITE if rng.random() < 0.7 else (20, 20, 24), x, y)
    if contrast_with(out, box, colour) < 25:
        colour = WHITE if luminance(colour) < 128 else BLACK
    return paint(out, letters, colour, x, y)
