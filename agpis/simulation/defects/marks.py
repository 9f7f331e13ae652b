"""Overlaid logos and watermarks."""

from __future__ import annotations

import math

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
    turned,
)
from agpis.simulation.defects.lettering import choose_letters, text_mask
from agpis.simulation.defects.words import brand, ownership
from agpis.simulation.facts import Defect, DefectKind
from agpis.types import Box, Pixels

# Below this distance in brightness a person no longer sees a logo at a glance.
_VISIBLE = 30.0
# Below this mean change a person misses a watermark.
_FAINT = 26.0


def draw_logo(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, Defect]:
    """Lay an invented logo over the image: a drawn mark, a brand word, or both; opaque, at any place."""
    out = pixels.copy()
    height, width = out.shape[:2]
    name = brand(rng, split)
    size = round(min(height, width) * float(rng.uniform(0.1, 0.24)))
    form = rng.random()
    parts: list[Mask] = []
    if form < 0.8:
        parts.append(_emblem(size, rng, name))
    if form >= 0.2 or not parts:
        share = float(rng.uniform(0.35, 0.6)) if parts else float(rng.uniform(0.5, 0.8))
        word = text_mask(name, max(9, round(size * share)), choose_letters(rng, "latin", split))
        parts.append(scaled(word, round(width * 0.55), size))
    below = len(parts) == 2 and rng.random() < 0.5
    masks = _beside(parts, below, gap=max(2, size // 8))
    h, w = masks[0].shape
    x, y = random_place(rng, (width, height), (w, h))
    box = Box(x, y, min(w, width - x), min(h, height - y))
    colours = _logo_colours(out, box, rng, split, len(masks))
    hidden = min(clash(out, box, colour) for colour in colours) > 0.4
    if hidden or rng.random() < 0.15:
        box = _plate(out, x, y, w, h, colours[0], rng)
    for mask, colour in zip(masks, colours, strict=True):
        paint(out, mask, colour, x, y)
    return out, Defect(DefectKind.LOGO, name, place_words(box, width, height), box)


def draw_watermark(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, Defect]:
    """Lay a watermark over the image: 15 to 45% opaque, single or tiled, straight or slanted, at any place."""
    out = pixels.copy()
    height, width = out.shape[:2]
    words = ownership(rng, split)
    tiled = rng.random() < 0.35
    size = round(min(height, width) * float(rng.uniform(0.05, 0.09) if tiled else rng.uniform(0.07, 0.18)))
    mask = text_mask(words.text, max(10, size), choose_letters(rng, words.script, split))
    mask = cv2.dilate(mask, np.ones((2, 2), np.uint8)).astype(np.uint8)
    if rng.random() < 0.3:
        mask = _beside([_emblem(max(14, size), rng, words.text), mask], below=False, gap=3, merge=True)[0]
    if tiled or rng.random() < 0.5:
        mask = turned(mask, float(rng.choice([-45, -30, 30, 45]) if tiled else rng.uniform(-50, 50)))
    mask = scaled(mask, round(width * 0.96), round(height * 0.96))
    opacity = float(rng.uniform(0.22, 0.45))
    if tiled:
        layer = _tiles(mask, height, width, rng)
        _stamp(out, layer, 0, 0, opacity, rng, split)
        return out, Defect(DefectKind.WATERMARK, words.text, "across the whole picture", Box(0, 0, width, height))
    x, y = random_place(rng, (width, height), (mask.shape[1], mask.shape[0]))
    _stamp(out, mask, x, y, opacity, rng, split)
    box = Box(x, y, min(mask.shape[1], width - x), min(mask.shape[0], height - y))
    return out, Defect(DefectKind.WATERMARK, words.text, place_words(box, width, height), box)


def _logo_colours(out: Pixels, box: Box, rng: np.random.Generator, split: str, count: int) -> list[Colour]:
    """One colour a part, each visible on what lies below."""
    colours: list[Colour] = []
    for _ in range(count):
        choices: list[Colour] = [hue_colour(rng, split) for _ in range(4)] + [BLACK, WHITE]
        seen = [colour for colour in choices if contrast_with(out, box, colour) > _VISIBLE]
        best = max(choices, key=lambda colour: contrast_with(out, box, colour))
        colours.append(seen[0] if seen else best)
    return [colours[0]] * count if rng.random() < 0.5 else colours


def _plate(out: Pixels, x: int, y: int, w: int, h: int, on_top: Colour, rng: np.random.Generator) -> Box:
    """A light or dark plate below the logo, whichever lets it be read."""
    pad = max(3, h // 6)
    light = sum(on_top) < 380
    tone = int(rng.integers(235, 256)) if light else int(rng.integers(10, 50))
    plate = np.full((h + 2 * pad, w + 2 * pad), 255, dtype=np.uint8)
    box = paint(out, plate, (tone, tone, tone), x - pad, y - pad)
    return box


def _stamp(out: Pixels, mask: Mask, x: int, y: int, opacity: float, rng: np.random.Generator, split: str) -> None:
    """White letters with a thin dark rim, grey or coloured ones: seen on light and on dark ground alike."""
    kind = rng.random()
    before = out.astype(np.int16)
    box = Box(max(x, 0), max(y, 0), mask.shape[1], mask.shape[0])
    if kind < 0.5:
        inner, rim = outlined(mask, 1)
        paint(out, rim, (70, 70, 74), x - 1, y - 1, opacity * 0.9)
        paint(out, inner, WHITE, x - 1, y - 1, min(1.0, opacity * 1.6))
    else:
        tint: Colour = (80, 80, 86) if kind < 0.8 else hue_colour(rng, split, value=(0.3, 0.7))
        paint(out, mask, max((tint, WHITE), key=lambda colour: contrast_with(out, box, colour)), x, y, opacity)
    inked = mask[: out.shape[0] - box.y, : out.shape[1] - box.x] > 128
    change = np.abs(out.astype(np.int16) - before)[box.y : box.y + box.h, box.x : box.x + box.w][inked].mean()
    if change < _FAINT:
        ground = before[box.y : box.y + box.h, box.x : box.x + box.w][inked].mean()
        paint(out, mask, (80, 80, 86) if ground > 128 else WHITE, x, y, 0.25)


def _tiles(mask: Mask, height: int, width: int, rng: np.random.Generator) -> Mask:
    step_x = mask.shape[1] + round(width * float(rng.uniform(0.03, 0.2)))
    step_y = mask.shape[0] + round(height * float(rng.uniform(0.03, 0.15)))
    layer = np.zeros((height + 2 * step_y, width + 2 * step_x), dtype=np.uint8)
    for row, y in enumerate(range(0, height + step_y, step_y)):
        shift = (row % 2) * step_x // 2
        for x in range(0, width + step_x - shift, step_x):
            part = layer[y : y + mask.shape[0], x + shift : x + shift + mask.shape[1]]
            np.maximum(part, mask[: part.shape[0], : part.shape[1]], out=part)
    left, top = int(rng.integers(step_x)), int(rng.integers(step_y))
    return layer[top : top + height, left : left + width]


def _beside(parts: list[Mask], below: bool, gap: int, merge: bool = False) -> list[Mask]:
    """Put parts side by side or one below the other; one mask each on a common canvas, or one for all."""
    axis = 0 if below else 1
    across = max(part.shape[1 - axis] for part in parts)
    along = sum(part.shape[axis] for part in parts) + gap * (len(parts) - 1)
    shape = (along, across) if below else (across, along)
    masks, at = [], 0
    for part in parts:
        canvas = np.zeros(shape, dtype=np.uint8)
        off = (across - part.shape[1 - axis]) // 2
        y, x = (at, off) if below else (off, at)
        canvas[y : y + part.shape[0], x : x + part.shape[1]] = part
        masks.append(canvas)
        at += part.shape[axis] + gap
    return [np.maximum.reduce(masks)] if merge else masks


def _emblem(size: int, rng: np.random.Generator, name: str) -> Mask:
    """An invented mark: one or two simple forms, sometimes with something cut out."""
    scale = 3
    side = size * scale
    mask = np.zeros((side, side), dtype=np.uint8)
    centre, radius = (side // 2, side // 2), side // 2 - scale
    kind = rng.integers(8)
    if kind == 0:
        cv2.circle(mask, centre, radius, 255, -1)
        cv2.circle(mask, (side * 2 // 3, side // 2), radius * 2 // 3, 0, -1)
    elif kind == 1:
        cv2.circle(mask, centre, radius, 255, max(3, side // 9))
        cv2.circle(mask, centre, radius // 2, 255, -1 if rng.random() < 0.5 else max(3, side // 10))
    elif kind == 2:
        _polygon(mask, int(rng.integers(3, 7)), radius, float(rng.uniform(0, math.pi)), 255)
        _polygon(mask, int(rng.integers(3, 7)), radius // 2, float(rng.uniform(0, math.pi)), 0)
    elif kind == 3:
        for number in range(3):
            top = side * (3 - number) // 5
            cv2.rectangle(mask, (side * number // 3 + scale, top), (side * (number + 1) // 3 - scale, side), 255, -1)
    elif kind == 4:
        for number in range(3):
            y = side * (number + 1) // 4
            steps = np.linspace(0, 2 * math.pi, 40)
            wave = np.stack([steps / (2 * math.pi) * side, y + side / 9 * np.sin(steps)], axis=1)
            cv2.polylines(mask, [wave.astype(np.int32)], False, 255, max(3, side // 9))
    elif kind == 5:
        _star(mask, int(rng.integers(4, 8)), radius)
    elif kind == 6:
        cv2.ellipse(mask, centre, (radius, radius // 2), float(rng.uniform(0, 180)), 0, 360, 255, max(3, side // 10))
        cv2.ellipse(mask, centre, (radius // 2, radius), float(rng.uniform(0, 180)), 0, 360, 255, max(3, side // 10))
    else:
        cv2.rectangle(mask, (scale, scale), (side - scale, side - scale), 255, -1)
        cv2.putText(
            mask, name[:1].upper(), (side // 5, side * 4 // 5), cv2.FONT_HERSHEY_DUPLEX, side / 32, 0, max(3, side // 9)
        )
    return np.asarray(cv2.resize(mask, (size, size), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _polygon(mask: Mask, corners: int, radius: int, start: float, value: int) -> None:
    angles = start + np.arange(corners) * 2 * math.pi / corners
    points = mask.shape[0] / 2 + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    cv2.fillPoly(mask, [points.astype(np.int32)], value)


def _star(mask: Mask, spikes: int, radius: int) -> None:
    angles = np.arange(2 * spikes) * math.pi / spikes - math.pi / 2
    reach = np.where(np.arange(2 * spikes) % 2 == 0, radius, radius * 0.42)[:, None]
    points = mask.shape[0] / 2 + reach * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    cv2.fillPoly(mask, [points.astype(np.int32)], 255)
