"""Several units of one product in a picture: in a row, fanned out, or one behind the other."""

from __future__ import annotations

import numpy as np

from agpis.simulation.cutouts import Cutout, put
from agpis.types import Pixels

# Where units stand, as centres in units of the product's width and height, the farthest first.
_Places = list[tuple[float, float, float]]


def several(pixels: Pixels, cutout: Cutout, items: int, rng: np.random.Generator) -> tuple[Pixels, float]:
    """Show a product several times on its own ground.

    Args:
        pixels: (H, W, 3) uint8 RGB; gives size and ground.
        cutout: the product of this picture.
        items: units, at least 2.
        rng: draws the arrangement.

    Returns:
        The picture and the share of it that the units' common bounding box covers.
    """
    height, width = pixels.shape[:2]
    tall, wide = cutout.alpha.shape[:2]
    places = _arrangement(items, wide / tall, rng)
    left = min((x - size / 2) * wide for x, _, size in places)
    right = max((x + size / 2) * wide for x, _, size in places)
    top = min((y - size / 2) * tall for _, y, size in places)
    low = max((y + size / 2) * tall for _, y, size in places)
    factor = float(rng.uniform(0.86, 0.96)) * min(width / (right - left), height / (low - top))
    canvas = np.empty(pixels.shape, dtype=np.float32)
    canvas[:] = cutout.ground
    middle = (left + right) / 2, (top + low) / 2
    for x, y, size in places:
        w, h = max(2, int(wide * factor * size)), max(2, int(tall * factor * size))
        at_x = round(width / 2 + (x * wide - middle[0]) * factor - w / 2)
        at_y = round(height / 2 + (y * tall - middle[1]) * factor - h / 2)
        put(canvas, cutout, min(max(at_x, 0), width - w), min(max(at_y, 0), height - h), w, h, shadow=0.18)
    fill = (right - left) * (low - top) * factor**2 / (height * width)
    return np.clip(canvas, 0, 255).astype(np.uint8), float(min(1.0, fill))


def _arrangement(items: int, slimness: float, rng: np.random.Generator) -> _Places:
    """Centre (x, y) and size of every unit."""
    kind = rng.random()
    if (kind < 0.4 and items <= 3) or (kind < 0.4 and slimness < 0.7):
        step = float(rng.uniform(1.04, 1.15))
        return [(step * number, 0.0, 1.0) for number in range(items)]
    if kind < 0.55 and items == 4:
        step = float(rng.uniform(1.03, 1.12))
        return [(step * (number % 2), step * (number // 2), 1.0) for number in range(4)]
    if kind < 0.55 and slimness > 1.3:
        return [(0.0, 1.08 * number, 1.0) for number in range(items)]
    # One behind the other: what stands farther back is smaller and higher up.
    across = float(rng.uniform(0.35, 0.65)) * (1 if rng.random() < 0.5 else -1)
    back = float(rng.uniform(0.04, 0.14))
    places = [(across * number, -back * number, 1.0 - 0.07 * number) for number in range(items)]
    return places[::-1]
