"""Overlaid text that is no promotion: captions, callouts with a line or an arrow, measures, bullet lists."""

from __future__ import annotations

import cv2
import numpy as np

from agpis.simulation.defects.canvas import (
    BLACK,
    WHITE,
    Colour,
    Mask,
    clash,
    contrast_with,
    hue_colour,
    outlined,
    paint,
    place_words,
    random_place,
    scaled,
)
from agpis.simulation.defects.lettering import choose_letters, text_mask
from agpis.simulation.defects.words import Wording, caption
from agpis.simulation.facts import Defect, DefectKind
from agpis.types import Box, Pixels


def draw_text(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, Defect]:
    """Lay words that explain the product over the image, at any place."""
    out = pixels.copy()
    height, width = out.shape[:2]
    words = caption(rng, split)
    kind = rng.random()
    if kind < 0.35:
        box = _caption(out, words, rng, split)
    elif kind < 0.7:
        box = _callout(out, words, rng, split)
    elif kind < 0.85:
        box = _measure(out, words, rng, split)
    else:
        box = _list(out, words, rng, split)
    return out, Defect(DefectKind.TEXT, words.text, place_words(box, width, height), box)


def _words(words: Wording, out: Pixels, rng: np.random.Generator, split: str, share: tuple[float, float]) -> Mask:
    height, width = out.shape[:2]
    mask = text_mask(
        words.text, max(10, round(height * float(rng.uniform(*share)))), choose_letters(rng, words.script, split)
    )
    return scaled(mask, round(width * 0.9), round(height * 0.3))


def _ink(out: Pixels, box: Box, rng: np.random.Generator, split: str) -> Colour:
    choices: list[Colour] = [BLACK, WHITE, hue_colour(rng, split, value=(0.3, 0.8)), (90, 90, 90)]
    choices = [choices[index] for index in rng.permutation(len(choices))]
    visible = [colour for colour in choices if contrast_with(out, box, colour) > 60]
    return visible[0] if visible else max(choices, key=lambda colour: contrast_with(out, box, colour))


def _write(out: Pixels, mask: Mask, x: int, y: int, rng: np.random.Generator, split: str) -> Box:
    """Write words so that they can be read: plain where the ground allows, else with a rim."""
    box = Box(x, y, mask.shape[1], mask.shape[0])
    ink = _ink(out, box, rng, split)
    if clash(out, box, ink) > 0.1:
        inner, rim = outlined(mask, 1)
        paint(out, rim, WHITE if sum(ink) < 380 else BLACK, x - 1, y - 1)
        mask, x, y = inner, x - 1, y - 1
    paint(out, mask, ink, x, y)
    return box


def _caption(out: Pixels, words: Wording, rng: np.random.Generator, split: str) -> Box:
    height, width = out.shape[:2]
    mask = _words(words, out, rng, split, (0.06, 0.14))
    x, y = random_place(rng, (width, height), (mask.shape[1], mask.shape[0]))
    if rng.random() < 0.25:
        pad = max(3, mask.shape[0] // 3)
        plate = np.full((mask.shape[0] + 2 * pad, mask.shape[1] + 2 * pad), 255, dtype=np.uint8)
        tone = WHITE if rng.random() < 0.5 else (40, 40, 44)
        box = paint(out, plate, tone, x - pad, y - pad, float(rng.uniform(0.55, 0.9)))
        _write(out, mask, x, y, rng, split)
        return box
    return _write(out, mask, x, y, rng, split)


def _callout(out: Pixels, words: Wording, rng: np.random.Generator, split: str) -> Box:
    """Words near an edge with a line or an arrow to the product."""
    height, width = out.shape[:2]
    mask = scaled(_words(words, out, rng, split, (0.05, 0.1)), round(width * 0.6), height)
    x, y = random_place(rng, (width, height), (mask.shape[1], mask.shape[0]))
    target = round(width * float(rng.uniform(0.35, 0.65))), round(height * float(rng.uniform(0.35, 0.65)))
    start = min(max(target[0], x), x + mask.shape[1]), y + mask.shape[0] + 4 if target[1] > y else y - 4
    colour = _ink(out, Box(x, y, mask.shape[1], mask.shape[0]), rng, split)
    thick = int(rng.integers(1, 4))
    if rng.random() < 0.6:
        cv2.arrowedLine(out, start, target, colour, thick, cv2.LINE_AA, tipLength=0.2)
    else:
        cv2.line(out, start, target, colour, thick, cv2.LINE_AA)
        cv2.circle(out, target, 3 + thick, colour, -1 if rng.random() < 0.5 else thick, cv2.LINE_AA)
    written = _write(out, mask, x, y, rng, split)
    left, top = min(written.x, target[0]), min(written.y, target[1])
    right, bottom = max(written.x + written.w, target[0] + 1), max(written.y + written.h, target[1] + 1)
    # The words say where it is; the arrow belongs to it but points away.
    return written if rng.random() < 0.5 else Box(left, top, right - left, bottom - top)


def _measure(out: Pixels, words: Wording, rng: np.random.Generator, split: str) -> Box:
    """A double arrow along one side with words beside it."""
    height, width = out.shape[:2]
    mask = scaled(_words(words, out, rng, split, (0.05, 0.09)), round(width * 0.5), height)
    upright = rng.random() < 0.5
    edge = float(rng.choice([0.06, 0.94]))
    low, high = float(rng.uniform(0.08, 0.25)), float(rng.uniform(0.75, 0.92))
    if upright:
        first, second = (round(edge * width), round(low * height)), (round(edge * width), round(high * height))
        x = first[0] + 5 if edge < 0.5 else first[0] - mask.shape[1] - 5
        y = (height - mask.shape[0]) // 2
    else:
        first, second = (round(low * width), round(edge * height)), (round(high * width), round(edge * height))
        x = (width - mask.shape[1]) // 2
        y = first[1] + 5 if edge < 0.5 else first[1] - mask.shape[0] - 5
    colour = _ink(out, Box(x, y, mask.shape[1], mask.shape[0]), rng, split)
    thick = int(rng.integers(1, 3))
    for one, other in ((first, second), (second, first)):
        cv2.arrowedLine(out, one, other, colour, thick, cv2.LINE_AA, tipLength=0.05)
    written = _write(out, mask, max(x, 0), min(max(y, 0), height - mask.shape[0]), rng, split)
    left, top = min(first[0], written.x), min(first[1], written.y)
    right = max(second[0] + 1, written.x + written.w)
    bottom = max(second[1] + 1, written.y + written.h)
    return Box(left, top, right - left, bottom - top)


def _list(out: Pixels, words: Wording, rng: np.random.Generator, split: str) -> Box:
    """Two or three lines, each with a bullet; the first holds `words`."""
    height, width = out.shape[:2]
    lines = [words, *(caption(rng, split) for _ in range(int(rng.integers(1, 3))))]
    size = max(10, round(height * float(rng.uniform(0.05, 0.09))))
    masks = [
        scaled(text_mask(line.text, size, choose_letters(rng, line.script, split)), round(width * 0.8), height)
        for line in lines
    ]
    gap = size // 2
    total = sum(mask.shape[0] for mask in masks) + gap * (len(masks) - 1)
    span = max(mask.shape[1] for mask in masks) + size
    x, y = random_place(rng, (width, height), (span, total))
    ink = _ink(out, Box(x, y, span, total), rng, split)
    at = y
    for mask in masks:
        centre = (x + size // 4, at + mask.shape[0] // 2)
        cv2.circle(out, centre, max(2, size // 5), ink, -1, cv2.LINE_AA)
        _write(out, mask, x + size, at, rng, split)
        at += mask.shape[0] + gap
    return Box(x, y, min(span, width - x), min(total, height - y))
