"""The colours of what stands before the background, to tell which colour variant the other photos show."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from agpis.types import Image

SIDE = 128
BINS = (8, 12, 12)
"""Of L, a and b."""
_MIN_DISTANCE = 12.0
"""From the background, in 8-bit Lab, to count as foreground."""
_NEUTRAL = 128.0
_MIN_LIGHTNESS, _MAX_CHROMA = 185.0, 14.0
"""Of a studio background, in 8-bit Lab."""
_SKIN_WEIGHT = 0.1


def measure_palette(image: Image) -> tuple[float, ...]:
    """Share of the foreground in each Lab bin, softened over neighbouring bins.

    A light and neutral rim is the background and does not count; any other belongs to a close-up or a scene. Where
    other colours are there too, skin counts little, so that clothes on a model are compared by the clothes.

    Returns:
        `prod(BINS)` shares that sum to 1, or an empty tuple when nothing stands out from the background.
    """
    scale = SIDE / max(image.height, image.width)
    size = (max(8, round(image.width * scale)), max(8, round(image.height * scale)))
    lab = cv2.cvtColor(cv2.resize(image.pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB)
    rim = np.concatenate([lab[:3].reshape(-1, 3), lab[:, :3].reshape(-1, 3), lab[:, -3:].reshape(-1, 3)])
    background = np.median(rim, axis=0).astype(np.float64)
    colours = lab.reshape(-1, 3).astype(np.float64)
    is_studio = background[0] > _MIN_LIGHTNESS and np.hypot(*(background[1:] - _NEUTRAL)) < _MAX_CHROMA
    foreground = colours[np.linalg.norm(colours - background, axis=1) > _MIN_DISTANCE] if is_studio else colours
    if len(foreground) < 0.01 * len(colours):
        return ()
    # Chroma of real goods lies well inside the 8-bit range of a and b.
    counts, _ = np.histogramdd(
        foreground,
        bins=BINS,
        range=((0, 256), (64, 192), (64, 192)),
        weights=np.where(_is_skin(foreground), _SKIN_WEIGHT, 1.0),
    )
    for axis in range(3):
        counts = counts + 0.5 * (_shifted(counts, axis, 1) + _shifted(counts, axis, -1))
    total = counts.sum()
    return tuple((counts / total).ravel().tolist()) if total else ()


def palette_agreement(first: Sequence[float], second: Sequence[float]) -> float:
    """Overlap of two palettes in [0, 1]; 0 when one is unknown."""
    if not first or not second:
        return 0.0
    return float(np.minimum(first, second).sum())


def _is_skin(colours: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Hues between red and yellow of little chroma, light or dark: every skin, and goods of such colours."""
    a, b = colours[:, 1] - _NEUTRAL, colours[:, 2] - _NEUTRAL
    hue, chroma = np.degrees(np.arctan2(b, a)), np.hypot(a, b)
    return (hue > 25) & (hue < 75) & (chroma > 8) & (chroma < 40) & (colours[:, 0] > 60)


def _shifted(counts: npt.NDArray[np.float64], axis: int, by: int) -> npt.NDArray[np.float64]:
    moved = np.roll(counts, by, axis=axis)
    edge = [slice(None)] * 3
    edge[axis] = slice(0, 1) if by > 0 else slice(-1, None)
    moved[tuple(edge)] = 0
    return moved
