"""Flat forms as masks with smooth edges: rounded plates, discs, stars, seals; and words set in several lines."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from agpis.simulation.defects.canvas import Mask, scaled
from agpis.simulation.defects.lettering import Letters, text_mask

# Fractional bits of OpenCV's drawing functions.
_SHIFT = 4
_UNIT = 1 << _SHIFT

Points = npt.NDArray[np.floating]


def fill(mask: npt.NDArray[np.uint8], points: Points, value: int | tuple[int, int, int] = 255) -> None:
    """Fill the polygon with corners (n, 2) as x, y in pixels, to a sixteenth of a pixel, in place."""
    corners = np.round(np.asarray(points) * _UNIT).astype(np.int32)
    colour = value if isinstance(value, tuple) else (value,)
    cv2.fillPoly(mask, [corners], colour, cv2.LINE_AA, _SHIFT)


def line(mask: npt.NDArray[np.uint8], points: Points, thick: float, value: int | tuple[int, int, int] = 255) -> None:
    """Draw a line through points (n, 2), at least one pixel thick, in place."""
    corners = np.round(np.asarray(points) * _UNIT).astype(np.int32)
    colour = value if isinstance(value, tuple) else (value,)
    cv2.polylines(mask, [corners], False, colour, max(1, round(thick)), cv2.LINE_AA, _SHIFT)


def ellipse(centre: tuple[float, float], radii: tuple[float, float], degrees: float = 0.0, count: int = 40) -> Points:
    """Corners (count, 2) of an ellipse whose first axis is turned clockwise by `degrees`."""
    steps = np.linspace(0, 2 * math.pi, count, endpoint=False)
    x, y = radii[0] * np.cos(steps), radii[1] * np.sin(steps)
    turn = math.radians(degrees)
    return np.stack(
        [centre[0] + x * math.cos(turn) - y * math.sin(turn), centre[1] + x * math.sin(turn) + y * math.cos(turn)],
        axis=1,
    )


def rounded(width: int, height: int, radius: int) -> Mask:
    """A plate with round corners."""
    mask = np.zeros((height, width), dtype=np.uint8)
    radius = max(0, min(radius, (width - 1) // 2, (height - 1) // 2))
    cv2.rectangle(mask, (radius, 0), (width - 1 - radius, height - 1), 255, -1)
    cv2.rectangle(mask, (0, radius), (width - 1, height - 1 - radius), 255, -1)
    for x in (radius, width - 1 - radius):
        for y in (radius, height - 1 - radius):
            cv2.circle(mask, (x, y), radius, 255, -1, cv2.LINE_AA)
    return mask


def disc(size: int, share: float = 1.0) -> Mask:
    """A disc in the middle of a square of `size`, over `share` of its width."""
    mask = np.zeros((size, size), dtype=np.uint8)
    fill(mask, ellipse(((size - 1) / 2, (size - 1) / 2), (share * (size - 1) / 2,) * 2, count=64))
    return mask


def scallop(size: int, bumps: int, depth: float) -> Mask:
    """A disc whose rim goes in and out `bumps` times by `depth` of its radius, as of a seal."""
    angles = np.linspace(0, 2 * math.pi, 12 * bumps, endpoint=False)
    radius = (size / 2 - 1) * (1 - depth / 2 + depth / 2 * np.cos(bumps * angles))
    mask = np.zeros((size, size), dtype=np.uint8)
    fill(mask, size / 2 - 0.5 + radius[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1))
    return mask


def star(size: int, share: float = 1.0) -> Mask:
    """A star with five spikes in a square of `size`; only the left `share` of it."""
    angles = np.arange(10) * math.pi / 5 - math.pi / 2
    reach = np.where(np.arange(10) % 2 == 0, 1.0, 0.4)[:, None] * (size / 2 - 0.5)
    mask = np.zeros((size, size), dtype=np.uint8)
    fill(mask, size / 2 + reach * np.stack([np.cos(angles), np.sin(angles)], axis=1))
    mask[:, round(size * share) :] = 0
    return mask


def set_lines(text: str, letters: Letters | int, width: int, height: int, lines: int) -> Mask:
    """Words in at most `lines` centred lines, as large as fits into `width` x `height`."""
    rows = _broken(text, lines)
    size = max(7, round(0.8 * height / len(rows)))
    masks = [text_mask(row, size, letters) for row in rows]
    factor = min(1.0, width / max(mask.shape[1] for mask in masks))
    masks = [scaled(mask, max(1, round(mask.shape[1] * factor)), height) for mask in masks]
    gap = max(1, round(0.3 * max(mask.shape[0] for mask in masks)))
    total = sum(mask.shape[0] for mask in masks) + gap * (len(masks) - 1)
    out = np.zeros((total, max(mask.shape[1] for mask in masks)), dtype=np.uint8)
    top = 0
    for mask in masks:
        left = (out.shape[1] - mask.shape[1]) // 2
        out[top : top + mask.shape[0], left : left + mask.shape[1]] = mask
        top += mask.shape[0] + gap
    return scaled(out, max(1, width), max(1, height))


def _broken(text: str, lines: int) -> list[str]:
    """The words of `text` in lines of about the same length."""
    words = text.split(" ")
    count = min(lines, len(words))
    target, rows = len(text) / count, [words[0]]
    for word in words[1:]:
        if len(rows) < count and len(rows[-1]) + len(word) / 2 > target:
            rows.append(word)
        else:
            rows[-1] += f" {word}"
    return rows
