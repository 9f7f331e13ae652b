"""Placeholders: cards with words, icons or generic silhouettes where a picture should be."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from agpis.simulation.defects.canvas import WHITE, Colour, Mask, hue_colour, luminance, paint
from agpis.simulation.defects.lettering import choose_letters
from agpis.simulation.defects.shapes import Points, ellipse, fill, line, rounded, set_lines
from agpis.simulation.defects.words import Wording, absence
from agpis.simulation.facts import Defect, DefectKind
from agpis.types import Pixels

# Silhouettes as outlines in the unit square, right half only: they are symmetrical.
_HALVES: dict[str, tuple[tuple[float, float], ...]] = {
    "shirt": (
        (0.5, 0.16),
        (0.6, 0.12),
        (0.78, 0.18),
        (0.98, 0.42),
        (0.84, 0.52),
        (0.76, 0.42),
        (0.76, 0.92),
        (0.5, 0.92),
    ),
    "bottle": ((0.5, 0.04), (0.57, 0.04), (0.57, 0.24), (0.68, 0.36), (0.68, 0.96), (0.5, 0.96)),
    "dress": ((0.5, 0.2), (0.62, 0.06), (0.66, 0.3), (0.6, 0.46), (0.84, 0.94), (0.5, 0.94)),
    "bag": ((0.5, 0.32), (0.84, 0.32), (0.9, 0.92), (0.5, 0.92)),
    "box": ((0.5, 0.06), (0.92, 0.26), (0.92, 0.74), (0.5, 0.96)),
    "lamp": ((0.5, 0.06), (0.64, 0.06), (0.82, 0.5), (0.53, 0.5), (0.53, 0.86), (0.72, 0.92), (0.5, 0.92)),
}
_SILHOUETTES = {"train": ("shirt", "bottle", "box"), "test": ("dress", "bag", "lamp")}


def draw_placeholder(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, Defect]:
    """Put a placeholder of the same size in the place of the image."""
    ground, ink = _card_colours(rng, split)
    out = np.full_like(pixels, ground)
    if rng.random() < 0.3:
        _grade(out, rng)
    if rng.random() < 0.3:
        _dashes(out, ink, rng)
    kind = rng.random()
    words = absence(rng, split) if kind < 0.75 else None
    sign = _sign(rng, split) if kind > 0.2 else None
    _arrange(out, words, sign, ink, rng, split)
    content = (
        f"a placeholder '{words.text}'" if words else f"a placeholder with {_article(sign[0] if sign else 'sign')}"
    )
    return out, Defect(DefectKind.PLACEHOLDER, content)


def _article(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _card_colours(rng: np.random.Generator, split: str) -> tuple[Colour, Colour]:
    kind = rng.random()
    tone = int(rng.integers(215, 256))
    ground: Colour = (tone, tone, tone)
    if kind > 0.85:
        ground = hue_colour(rng, split, (0.3, 0.8), (0.35, 0.8))
    elif kind > 0.7:
        ground = hue_colour(rng, split, (0.05, 0.25), (0.85, 1.0))
    if luminance(ground) < 150:
        return ground, WHITE
    dark = int(rng.integers(70, 180))
    return ground, (dark, dark, dark) if rng.random() < 0.75 else hue_colour(rng, split, value=(0.3, 0.6))


def _grade(out: Pixels, rng: np.random.Generator) -> None:
    shade = 1.0 - float(rng.uniform(0.05, 0.2)) * np.linspace(0, 1, out.shape[0])[:, None, None]
    out[:] = (out * shade).astype(np.uint8)


def _dashes(out: Pixels, ink: Colour, rng: np.random.Generator) -> None:
    """A frame of dashes some way in."""
    height, width = out.shape[:2]
    gap, dash = round(min(height, width) * float(rng.uniform(0.03, 0.1))), int(rng.integers(4, 12))
    mask = np.zeros((height, width), dtype=np.uint8)
    cv2.rectangle(mask, (gap, gap), (width - 1 - gap, height - 1 - gap), 255, int(rng.integers(1, 4)))
    if rng.random() < 0.6:
        mask[(np.add.outer(np.arange(height), np.arange(width)) // dash) % 2 == 0] = 0
    paint(out, mask, ink, 0, 0)


def _arrange(
    out: Pixels,
    words: Wording | None,
    sign: tuple[str, Callable[[int], Mask]] | None,
    ink: Colour,
    rng: np.random.Generator,
    split: str,
) -> None:
    """The sign in the middle, the words below it or above it."""
    height, width = out.shape[:2]
    size = round(min(height, width) * float(rng.uniform(0.3, 0.62 if words is None else 0.45)))
    parts: list[Mask] = [sign[1](size)] if sign else []
    if words:
        room = round(width * float(rng.uniform(0.5, 0.85)))
        text = set_lines(
            words.text, choose_letters(rng, words.script, split), room, round(height * float(rng.uniform(0.09, 0.3))), 3
        )
        parts.insert(0 if rng.random() < 0.2 else len(parts), text)
    gap = round(0.05 * height)
    at = (height - sum(part.shape[0] for part in parts) - gap * (len(parts) - 1)) // 2
    for part in parts:
        paint(out, part, ink, (width - part.shape[1]) // 2, at)
        at += part.shape[0] + gap


def _sign(rng: np.random.Generator, split: str) -> tuple[str, Callable[[int], Mask]]:
    kind = rng.random()
    crossed = rng.random() < 0.4
    if kind < 0.35:
        return "camera icon", lambda size: _camera(size, crossed)
    if kind < 0.65:
        return "picture icon", lambda size: _mountains(size, crossed)
    if kind < 0.72:
        return "question mark", _question
    names = _SILHOUETTES["test" if split == "test" else "train"]
    name = names[int(rng.integers(len(names)))]
    hollow = rng.random() < 0.3
    return f"generic {name} silhouette", lambda size: _silhouette(name, size, hollow)


def _camera(size: int, crossed: bool) -> Mask:
    mask = np.zeros((size, size), dtype=np.uint8)
    body = rounded(size, round(0.66 * size), size // 12)
    top = round(0.22 * size)
    mask[top : top + body.shape[0]] = body
    fill(mask, np.array([(0.34, 0.24), (0.4, 0.12), (0.6, 0.12), (0.66, 0.24)]) * size)
    centre = (size / 2, 0.55 * size)
    for share, value in ((0.22, 0), (0.14, 255)):
        cv2.circle(mask, (round(centre[0]), round(centre[1])), round(share * size), value, -1, cv2.LINE_AA)
    return _crossed_out(mask) if crossed else mask


def _mountains(size: int, crossed: bool) -> Mask:
    """The sign for a picture: a frame with two mountains and the sun."""
    mask = np.zeros((size, size), dtype=np.uint8)
    thick, tall = max(2, size // 18), round(0.78 * size)
    top = (size - tall) // 2
    mask[top : top + tall] = rounded(size, tall, size // 14)
    mask[top + thick : top + tall - thick, thick : size - thick] = 0
    fill(mask, ellipse((0.3 * size, 0.34 * size), (0.08 * size, 0.08 * size)))
    base = 0.8 * size
    fill(mask, np.array([(0.12 * size, base), (0.36 * size, 0.5 * size), (0.56 * size, base)]))
    fill(mask, np.array([(0.4 * size, base), (0.64 * size, 0.4 * size), (0.9 * size, base)]))
    return _crossed_out(mask) if crossed else mask


def _question(size: int) -> Mask:
    mask = np.zeros((size, size), dtype=np.uint8)
    arc = ellipse((0.5 * size, 0.32 * size), (0.22 * size, 0.22 * size), count=40)
    curve = np.concatenate([arc[20:], arc[:10], [(0.5 * size, 0.68 * size)]])
    line(mask, curve, size / 10)
    fill(mask, ellipse((0.5 * size, 0.85 * size), (0.07 * size, 0.07 * size)))
    return mask


def _silhouette(name: str, size: int, hollow: bool) -> Mask:
    half = _HALVES[name]
    points: Points = np.array([*half, *((1 - x, y) for x, y in reversed(half))]) * (size - 1)
    mask = np.zeros((size, size), dtype=np.uint8)
    fill(mask, points)
    if name == "bag":
        handle = ellipse((0.5 * size, 0.32 * size), (0.2 * size, 0.24 * size))
        line(mask, handle[20:], size / 20)
    if name == "box":
        for x, y in ((0.08, 0.26), (0.92, 0.26), (0.5, 0.96)):
            line(mask, np.array([(0.5, 0.47), (x, y)]) * size, size / 40, 0)
    if not hollow:
        return mask
    thin = max(3, size // 24) | 1
    return cv2.subtract(mask, cv2.erode(mask, np.ones((thin, thin), np.uint8))).astype(np.uint8)


def _crossed_out(mask: Mask) -> Mask:
    size = mask.shape[0]
    ends = np.array([(0.08, 0.08), (0.92, 0.92)]) * size
    line(mask, ends, size / 7, 0)
    line(mask, ends, size / 18)
    return mask
