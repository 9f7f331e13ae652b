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


def measure_palette(image: Image) -> tuple[float, ...]:
    """Share of the foreground in each Lab bin, softened over neighbouring bins.

    The background is the median colour of the image's rim.

    Returns:
        `prod(BINS)` shares that sum to 1, or an empty tuple when nothing stands out from the background.
    """
    scale = SIDE / max(image.height, image.width)
    size = (max(8, round(image.width * scale)), max(8, round(image.height * scale)))
    lab = cv2.cvtColor(cv2.resize(image.pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB)
    rim = np.concatenate([lab[:3].reshape(-1, 3), lab[:, :3].reshape(-1, 3), lab[:, -3:].reshape(-1, 3)])
    background = np.median(rim, axis=0)
    colours = lab.reshape(-1, 3).astype(np.float64)
    foreground = colours[np.linalg.norm(colours - background, axis=1) > _MIN_DISTANCE]
    if len(foreground) < 0.01 * len(colours):
        return ()
    # Chroma of real goods lies well inside the 8-bit range of a and b.
    counts, _ = np.histogramdd(foreground, bins=BINS, range=((0, 256), (64, 192), (64, 192)))
    for axis in range(3):
        counts = counts + 0.5 * (_shifted(counts, axis, 1) + _shifted(counts, axis, -1))
    total = counts.sum()
    return tuple((counts / total).ravel().tolist()) if total else ()


def palette_agreement(first: Sequence[float], second: Sequence[float]) -> float:
    """Overlap of two palettes in [0, 1]; 0 when one is unknown."""
    if not first or not second:
        return 0.0
    return float(np.minimum(first, second).sum())


def _shifted(counts: npt.NDArray[np.float64], axis: int, by: int) -> npt.NDArray[np.float64]:
    moved = np.roll(counts, by, axis=axis)
    edge = [slice(None)] * 3
    edge[axis] = slice(0, 1) if by > 0 else slice(-1, None)
    moved[tuple(edge)] = 0
    return moved
