"""Photos damaged in ways that the quality checks must find; the light and sharpness of shops' worst photos."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from agpis.stage1.quality.kinds import QualityKind
from agpis.types import Pixels

Damage = Callable[[Pixels, np.random.Generator], Pixels]


def damaged(kind: QualityKind, pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A damaged copy of a photo, (H, W, 3) uint8; of the same shape unless the damage is one of shape."""
    return DAMAGES[kind](pixels, rng)


def _blur(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Out of focus by 0.6% to 2% of the shorter side, or shaken by 3% to 8% of it."""
    side = min(pixels.shape[:2])
    kind = rng.random()
    if kind < 0.35:
        return _levels(cv2.GaussianBlur(pixels, (0, 0), max(1.2, side * float(rng.uniform(0.006, 0.016)))))
    if kind < 0.7:
        radius = max(2.0, side * float(rng.uniform(0.01, 0.03)))
        reach = int(np.ceil(radius))
        rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
        return _filtered(pixels, (np.hypot(rows, columns) <= radius).astype(np.float32))
    length = max(5, round(side * float(rng.uniform(0.03, 0.08)))) | 1
    line = np.zeros((length, length), np.float32)
    line[length // 2] = 1
    turn = cv2.getRotationMatrix2D((length // 2, length // 2), float(rng.uniform(0, 180)), 1.0)
    return _filtered(pixels, np.asarray(cv2.warpAffine(line, turn, (length, length)), dtype=np.float32))


def _dark(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A fifth to half of the light."""
    light = (pixels / 255.0) ** float(rng.uniform(1.0, 1.4))
    return _levels(255 * float(rng.uniform(0.2, 0.5)) * light)


def _overexposed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Twice to four times the light, or a white veil that leaves a quarter to half of the contrast."""
    if rng.random() < 0.5:
        return _levels(pixels * float(rng.uniform(2.0, 4.0)))
    left = float(rng.uniform(0.25, 0.5))
    return _levels(255 * (1 - left) + left * pixels.astype(np.float64))


def _border(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A frame, or two bars, of one tone unlike the photo's rim, 2% to 10% of the side wide."""
    height, width = pixels.shape[:2]
    out = pixels.copy()
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]).mean(axis=0)
    colour = rng.integers(0, 256, 3)
    while abs(float(colour.mean() - rim.mean())) < 50:
        colour = rng.integers(0, 256, 3)
    thick = max(3, round(min(height, width) * float(rng.uniform(0.02, 0.1))))
    sides = rng.random()
    if sides < 0.75:
        out[:thick], out[height - thick :] = colour, colour
    if sides < 0.5 or sides >= 0.75:
        out[:, :thick], out[:, width - thick :] = colour, colour
    return _pressed(out, rng)


def _odd_aspect(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Two to four times as long as it was, in either direction."""
    height, width = pixels.shape[:2]
    factor = float(rng.uniform(2.0, 4.0))
    upright = height > width if height != width else rng.random() < 0.5
    size = (width, round(height * factor)) if upright else (round(width * factor), height)
    return np.asarray(cv2.resize(pixels, size), dtype=np.uint8)


def _blank(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """One tone, a soft run from tone to tone, or the photo with hardly any contrast; with a little noise."""
    height, width = pixels.shape[:2]
    first, last = rng.integers(0, 256, 3), rng.integers(0, 256, 3)
    kind = rng.random()
    if kind < 0.4:
        out = np.broadcast_to(first, pixels.shape).astype(np.float64)
    elif kind < 0.7:
        run = np.linspace(0, float(rng.uniform(0.1, 0.5)), width)[None, :, None]
        out = np.broadcast_to(first + run * (last - first), pixels.shape)
    else:
        out = first + float(rng.uniform(0.01, 0.05)) * (pixels.astype(np.float64) - 128)
    return _pressed(_levels(out + rng.normal(0, float(rng.uniform(0, 2)), (height, width, 1))), rng)


DAMAGES: dict[QualityKind, Damage] = {
    QualityKind.BLUR: _blur,
    QualityKind.DARK: _dark,
    QualityKind.OVEREXPOSED: _overexposed,
    QualityKind.BORDER: _border,
    QualityKind.ODD_ASPECT: _odd_aspect,
    QualityKind.BLANK: _blank,
}


def _filtered(pixels: Pixels, kernel: npt.NDArray[np.float32]) -> Pixels:
    return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)


def _pressed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """As a JPEG, which softens seams."""
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(75, 96))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), dtype=np.uint8)


def _levels(values: npt.NDArray[np.generic]) -> Pixels:
    return np.asarray(np.rint(values).clip(0, 255), dtype=np.uint8)
