"""Badges and claims: best-seller tags, seals, medals, star ratings with numbers of reviews, review quotes."""

from __future__ import annotations

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
    scaled,
)
from agpis.simulation.defects.lettering import choose_letters, text_mask
from agpis.simulation.defects.shapes import disc, ellipse, fill, line, rounded, scallop, set_lines, star
from agpis.simulation.defects.words import claim, rating, review_quote
from agpis.simulation.facts import Defect, DefectKind
from agpis.types import Box, Pixels

_Badge = Callable[[Pixels, np.random.Generator, str], tuple[Box, str]]
# Shades of gold, of which train and test have their own; hue_colour would seldom give a star its colour.
_GOLD: dict[str, tuple[Colour, ...]] = {
    "train": ((255, 180, 0), (246, 160, 20), (222, 140, 10)),
    "test": ((250, 200, 60), (235, 120, 20)),
}


def draw_badge(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, Defect]:
    """Lay a badge, a seal, a star rating or a review quote over the image, at any place."""
    out = pixels.copy()
    kinds: tuple[_Badge, ...] = (_seal, _seal, _tag, _medal, _stars, _stars, _review)
    box, content = kinds[rng.integers(len(kinds))](out, rng, split)
    return out, Defect(DefectKind.BADGE, content, place_words(box, out.shape[1], out.shape[0]), box)


def _gold(rng: np.random.Generator, split: str) -> Colour:
    shades = _GOLD["test" if split == "test" else "train"]
    return shades[int(rng.integers(len(shades)))]


def _lay(out: Pixels, area: Pixels, mask: Mask, rng: np.random.Generator) -> Box:
    h, w = mask.shape
    x, y = random_place(rng, (out.shape[1], out.shape[0]), (w, h))
    if rng.random() < 0.35:
        shadow = cv2.GaussianBlur(cv2.copyMakeBorder(mask, 6, 6, 6, 6, cv2.BORDER_CONSTANT, value=0), (0, 0), 2.0)
        paint(out, shadow.astype(np.uint8), BLACK, x - 5, y - 4, 0.4)
    return paint(out, mask, area, x, y)


def _plain(mask: Mask, colour: Colour) -> Pixels:
    return np.full((*mask.shape, 3), colour, dtype=np.uint8)


def _seal(out: Pixels, rng: np.random.Generator, split: str) -> tuple[Box, str]:
    """A round or scalloped seal with a ring, words in its middle, stars above and below, sometimes ribbon ends."""
    words = claim(rng, split)
    size = round(min(out.shape[:2]) * float(rng.uniform(0.24, 0.42)))
    colour = _gold(rng, split) if rng.random() < 0.4 else hue_colour(rng, split, value=(0.3, 0.9))
    ink = readable_on(colour, rng)
    bumps, depth = int(rng.integers(10, 26)), float(rng.uniform(0.05, 0.16))
    body = scallop(size, bumps, depth) if rng.random() < 0.7 else disc(size)
    tail = round(0.3 * size) if rng.random() < 0.4 else 0
    mask = np.zeros((size + tail, size), dtype=np.uint8)
    if tail:
        for side in (-1, 1):
            _ribbon_end(mask, size, side)
    mask[:size] = np.maximum(mask[:size], body)
    area = (0.7 * _plain(mask, colour)).astype(np.uint8)
    paint(area[:size], body, colour, 0, 0)
    share = float(rng.uniform(0.78, 0.86))
    ring = cv2.subtract(disc(size, share), disc(size, share - max(0.035, 2.5 / size))).astype(np.uint8)
    paint(area, ring, ink, 0, 0)
    letters = set_lines(words.text, choose_letters(rng, words.script, split), round(0.64 * size), round(0.34 * size), 3)
    paint(area, letters, ink, (size - letters.shape[1]) // 2, (size - letters.shape[0]) // 2)
    for y in (0.2, 0.8) if rng.random() < 0.7 else ():
        _star_row(area, int(rng.integers(1, 4)), max(5, size // 9), size // 2, round(y * size), ink)
    return _lay(out, area, mask, rng), f"a seal '{words.text}'"


def _ribbon_end(mask: Mask, size: int, side: int) -> None:
    tall = mask.shape[0] - 1
    inner, outer = size / 2 + side * 0.04 * size, size / 2 + side * 0.36 * size
    middle = (inner + outer) / 2
    top, notch = 0.6 * size, (middle, tall - 0.1 * size)
    fill(mask, np.array([(inner, top), (outer, top), (outer, tall), notch, (inner, tall)]))


def _star_row(area: Pixels, count: int, size: int, x: int, y: int, ink: Colour) -> None:
    step = round(1.15 * size)
    left = x - (step * (count - 1) + size) // 2
    for number in range(count):
        paint(area, star(size), ink, left + number * step, y - size // 2)


def _tag(out: Pixels, rng: np.random.Generator, split: str) -> tuple[Box, str]:
    """A platform's flag with a slanted or notched end."""
    words = claim(rng, split)
    h = round(min(out.shape[:2]) * float(rng.uniform(0.08, 0.15)))
    letters = text_mask(words.text, round(0.68 * h), choose_letters(rng, words.script, split))
    letters = scaled(letters, round(0.8 * out.shape[1]), round(0.66 * h))
    w, pad = letters.shape[1] + round(1.5 * h), round(0.5 * h)
    mask = np.full((h, w), 0, dtype=np.uint8)
    end = float(rng.choice([w - 0.5 * h, w - 1, w - 1]))
    notch = w - 0.4 * h if rng.random() < 0.5 else end
    fill(mask, np.array([(0, 0), (w - 1, 0), (notch, h / 2), (end, h - 1), (0, h - 1)]))
    colour = _gold(rng, split) if rng.random() < 0.4 else hue_colour(rng, split, value=(0.25, 0.85))
    area = _plain(mask, colour)
    paint(area, letters, readable_on(colour, rng), pad, (h - letters.shape[0]) // 2)
    return _lay(out, area, mask, rng), f"a badge '{words.text}'"


def _medal(out: Pixels, rng: np.random.Generator, split: str) -> tuple[Box, str]:
    """A shield or disc with a tick, a "1" or a star, and words below."""
    words = claim(rng, split)
    size = round(min(out.shape[:2]) * float(rng.uniform(0.18, 0.3)))
    colour = hue_colour(rng, split, value=(0.3, 0.8)) if rng.random() < 0.6 else _gold(rng, split)
    letters = set_lines(words.text, choose_letters(rng, words.script, split), round(1.7 * size), round(0.42 * size), 2)
    pad = max(2, size // 14)
    w, h = max(size, letters.shape[1]) + 2 * pad, size + letters.shape[0] + 3 * pad
    plate = rounded(w, h, 2 * pad)
    area = _plain(plate, WHITE)
    form = disc(size) if rng.random() < 0.5 else _shield(size)
    left = (w - size) // 2
    paint(area, form, colour, left, pad)
    sign = rng.integers(3)
    if sign == 0:
        tick = np.array([(0.28, 0.5), (0.44, 0.66), (0.73, 0.33)]) * size + np.array([left, pad])
        line(area, tick, max(2, size // 9), WHITE)
    else:
        one = text_mask("1", round(0.62 * size), choose_letters(rng, "latin", split))
        glyph = star(round(0.6 * size)) if sign == 1 else one
        paint(area, glyph, WHITE, (w - glyph.shape[1]) // 2, pad + (size - glyph.shape[0]) // 2)
    paint(area, letters, BLACK if rng.random() < 0.5 else colour, (w - letters.shape[1]) // 2, size + 2 * pad)
    return _lay(out, area, plate, rng), f"a badge '{words.text}'"


def _shield(size: int) -> Mask:
    half = [(0.5, 0.0), (0.92, 0.14), (0.92, 0.5), (0.82, 0.76), (0.5, 1.0)]
    mask = np.zeros((size, size), dtype=np.uint8)
    fill(mask, np.array([*half, *((1 - x, y) for x, y in reversed(half))]) * (size - 1))
    return mask


def _stars(out: Pixels, rng: np.random.Generator, split: str) -> tuple[Box, str]:
    """Five stars, the last one in part, with the mean or the number of reviews; on a plate or bare with a rim."""
    mean, count = rating(rng, split)
    size = round(min(out.shape[:2]) * float(rng.uniform(0.07, 0.13)))
    text = (f"{mean} ({count})", mean, f"{count} reviews")[int(rng.integers(3))]
    letters = scaled(
        text_mask(text, round(0.8 * size), choose_letters(rng, "latin", split)), round(0.42 * out.shape[1]), size
    )
    step, pad, below = round(1.12 * size), max(3, size // 3), rng.random() < 0.45
    row = np.zeros((size, 5 * step), dtype=np.uint8)
    empty = row.copy()
    for number in range(5):
        at = slice(number * step, number * step + size)
        row[:, at] = star(size, min(1.0, max(0.0, float(mean) - number)))
        empty[:, at] = star(size)
    wide, tall = letters.shape[1], letters.shape[0]
    w = (max(5 * step, wide) if below else 5 * step + pad // 2 + wide) + 2 * pad
    h = size + (pad // 2 + tall if below else 0) + 2 * pad
    left = (w - 5 * step) // 2 if below else pad
    x, y = ((w - wide) // 2, h - pad - tall) if below else (left + 5 * step + pad // 2, pad + (size - tall) // 2)
    dark = rng.random() < 0.25
    area = np.full((h, w, 3), (34, 36, 40) if dark else WHITE, dtype=np.uint8)
    paint(area, empty, (96, 96, 100) if dark else (214, 214, 214), left, pad)
    paint(area, row, _gold(rng, split), left, pad)
    paint(area, letters, WHITE if dark else (60, 60, 64), x, y)
    mask = rounded(w, h, int(rng.choice([0, pad, h // 2])))
    if not dark and rng.random() < 0.4:
        stencil = np.zeros((h, w), dtype=np.uint8)
        stencil[pad : pad + size, left : left + 5 * step] = empty
        stencil[y : y + tall, x : x + wide] = letters
        # A white rim, so that it can be read on any ground.
        mask = outlined(stencil, 2)[1][2:-2, 2:-2]
    return _lay(out, area, mask, rng), f"a star rating '{text}'"


def _review(out: Pixels, rng: np.random.Generator, split: str) -> tuple[Box, str]:
    """A card or speech bubble with stars, a quotation and a customer's picture and name."""
    words = review_quote(rng, split)
    w = round(out.shape[1] * float(rng.uniform(0.5, 0.85)))
    size = max(7, round(w * float(rng.uniform(0.06, 0.085))))
    pad = max(4, size // 2)
    quote = set_lines(f'"{words.text}"', choose_letters(rng, words.script, split), w - 2 * pad, round(2.6 * size), 2)
    h = quote.shape[0] + round(2.2 * size) + 3 * pad
    plate = rounded(w, h + pad, int(rng.choice([0, pad, 2 * pad])))
    plate[h:] = 0
    if rng.random() < 0.4:
        fill(plate, np.array([(2 * pad, h - 1), (4 * pad, h - 1), (2 * pad, h + pad - 1)]))
    tone: Colour = WHITE if rng.random() < 0.7 else hue_colour(rng, split, (0.05, 0.2), (0.9, 1.0))
    area = _plain(plate, tone)
    portrait, gold = round(1.8 * size), _gold(rng, split)
    _portrait(area, portrait, pad, hue_colour(rng, split, (0.2, 0.5), (0.5, 0.8)))
    step = min(1.15 * size, (w - 3 * pad - portrait) / 5)
    for number in range(5):
        paint(area, star(max(3, round(step / 1.15))), gold, 2 * pad + portrait + round(number * step), pad + size // 4)
    ink: Colour = (50, 50, 54)
    paint(area, quote, ink, pad, 2 * pad + portrait)
    return _lay(out, area, plate, rng), f"a review quote '{words.text}'"


def _portrait(area: Pixels, size: int, at: int, colour: Colour) -> None:
    """The sign for a person: a head and shoulders on a disc."""
    sign = np.zeros((size, size), dtype=np.uint8)
    fill(sign, ellipse((size / 2, 0.38 * size), (0.19 * size, 0.19 * size)))
    fill(sign, ellipse((size / 2, 0.95 * size), (0.36 * size, 0.34 * size)))
    paint(area, disc(size), colour, at, at)
    paint(area, np.minimum(sign, disc(size)), WHITE, at, at)
