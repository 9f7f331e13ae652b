"""What lies behind a product: studio white and its neighbours, or a procedural room."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

Canvas = npt.NDArray[np.float32]


def plain_backdrop(size: int, rng: np.random.Generator) -> Canvas:
    """A white or light studio backdrop, (size, size, 3) float32 in [0, 255]."""
    kind = int(rng.choice(4, p=[0.45, 0.2, 0.15, 0.2]))
    if kind == 0:
        return np.full((size, size, 3), 255.0, dtype=np.float32)
    if kind == 1:
        tint = np.float32(rng.uniform(244, 253)) + rng.uniform(-3, 3, 3).astype(np.float32)
        return np.broadcast_to(np.clip(tint, 0, 255), (size, size, 3)).copy()
    if kind == 2:
        return np.full((size, size, 3), rng.uniform(222, 242), dtype=np.float32)
    top, bottom = rng.uniform(244, 255), rng.uniform(220, 240)
    if rng.random() < 0.5:
        column = np.linspace(top, bottom, size, dtype=np.float32)
        return np.broadcast_to(column[:, None, None], (size, size, 3)).copy()
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size - 0.5
    spot = top - (top - bottom) * np.clip(np.hypot(x, y) / 0.7, 0, 1)
    return np.repeat(spot[:, :, None].astype(np.float32), 3, axis=2)


def busy_backdrop(size: int, rng: np.random.Generator) -> Canvas:
    """A surface or a room that does not belong on a shop's primary image, (size, size, 3) float32 in [0, 255]."""
    kind = int(rng.integers(5))
    if kind == 0:
        canvas = _planks(size, rng)
    elif kind == 1:
        canvas = _tiles(size, rng)
    elif kind == 2:
        canvas = _weave(size, rng)
    elif kind == 3:
        canvas = _room(size, rng)
    else:
        canvas = _clutter(size, rng)
    uneven = _noise(size, 3, rng) * 22.0 + _noise(size, max(8, size // 3), rng) * 5.0
    light = np.linspace(rng.uniform(-25, 25), rng.uniform(-25, 25), size, dtype=np.float32)[None, :, None]
    return np.asarray(np.clip(canvas + uneven[:, :, None] + light, 0, 255), dtype=np.float32)


def _noise(size: int, cells: int, rng: np.random.Generator) -> Canvas:
    coarse = rng.normal(0, 1, (cells, cells)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _tone(rng: np.random.Generator, low: float = 60, high: float = 210) -> Canvas:
    base = rng.uniform(low, high)
    return np.asarray(np.clip(base + rng.normal(0, rng.choice([8.0, 18.0, 34.0]), 3), 15, 235), dtype=np.float32)


def _planks(size: int, rng: np.random.Generator) -> Canvas:
    wood = np.array([[150, 105, 66], [190, 150, 105], [110, 74, 48], [205, 190, 170]], dtype=np.float32)
    base = wood[int(rng.integers(len(wood)))]
    count = int(rng.integers(4, 9))
    edges = np.linspace(0, size, count + 1).astype(int)
    canvas = np.empty((size, size, 3), dtype=np.float32)
    streaks = cv2.resize(rng.normal(0, 9, (size, 6)).astype(np.float32), (size, size))
    for start, end in pairwise(edges):
        canvas[start:end] = base * rng.uniform(0.82, 1.12)
        canvas[max(start - 1, 0) : start + 1] = base * 0.5
    canvas += streaks[:, :, None]
    return canvas if rng.random() < 0.5 else canvas.transpose(1, 0, 2).copy()


def _tiles(size: int, rng: np.random.Generator) -> Canvas:
    first, second, joint = _tone(rng), _tone(rng), _tone(rng, 120, 230)
    step = size / rng.uniform(3.5, 8.0)
    offset = rng.uniform(0, step, 2)
    rows, columns = np.mgrid[0:size, 0:size]
    y = (rows + offset[0]) / step
    # Bricks shift every second row, tiles do not.
    x = (columns + offset[1]) / (step * rng.choice([1.0, 2.0])) + 0.5 * (np.floor(y) % 2) * rng.integers(2)
    odd = (np.floor(x) + np.floor(y)) % 2 == 0
    canvas = np.where(odd[:, :, None], first, second if rng.random() < 0.6 else first * 0.92).astype(np.float32)
    canvas[(y % 1.0 < 0.06) | (x % 1.0 < 0.05)] = joint
    return canvas


def _weave(size: int, rng: np.random.Generator) -> Canvas:
    first, second = _tone(rng), _tone(rng)
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32)
    angle = rng.uniform(0, np.pi)
    along = (rows * np.sin(angle) + columns * np.cos(angle)) / size * rng.uniform(6, 22)
    across = (rows * np.cos(angle) - columns * np.sin(angle)) / size * rng.uniform(6, 22)
    share = 0.5 + 0.25 * np.sin(2 * np.pi * along) + 0.25 * np.sin(2 * np.pi * across) * rng.integers(2)
    grain = rng.normal(0, 10, (size, size)).astype(np.float32)
    return np.asarray(first + (second - first) * share[:, :, None] + grain[:, :, None], dtype=np.float32)


def _room(size: int, rng: np.random.Generator) -> Canvas:
    wall, floor = _tone(rng, 120, 215), _tone(rng, 70, 170)
    horizon = int(size * rng.uniform(0.5, 0.75))
    canvas = np.empty((size, size, 3), dtype=np.float32)
    canvas[:horizon], canvas[horizon:] = wall, floor
    canvas[horizon - max(2, size // 40) : horizon] = np.minimum(wall * 1.15, 250)
    for _ in range(int(rng.integers(2, 5))):
        x, width = int(rng.uniform(-0.1, 0.9) * size), int(rng.uniform(0.12, 0.4) * size)
        top = int(rng.uniform(0.02, 0.45) * size)
        bottom = horizon + int(rng.uniform(0, 0.1) * size) if rng.random() < 0.6 else top + width
        cv2.rectangle(canvas, (x, top), (x + width, bottom), _tone(rng).tolist(), -1)
        cv2.rectangle(canvas, (x, top), (x + width, bottom), _tone(rng).tolist(), max(1, size // 60))
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), size / 160), dtype=np.float32)


def _clutter(size: int, rng: np.random.Generator) -> Canvas:
    canvas = np.broadcast_to(_tone(rng, 90, 200), (size, size, 3)).copy()
    for _ in range(int(rng.integers(9, 18))):
        centre = tuple(int(value) for value in rng.uniform(0, size, 2))
        extent = tuple(int(value) for value in rng.uniform(0.05, 0.22, 2) * size)
        colour = _tone(rng, 40, 220).tolist()
        if rng.random() < 0.5:
            cv2.ellipse(canvas, centre, extent, float(rng.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
        else:
            corners = cv2.boxPoints((centre, (extent[0] * 2, extent[1] * 2), float(rng.uniform(0, 180))))
            cv2.fillConvexPoly(canvas, corners.astype(np.int32), colour, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), size / rng.uniform(90, 240)), dtype=np.float32)
