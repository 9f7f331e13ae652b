"""A small picture whose foreground is told from a plain background: what colours are compared on."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from agpis.types import Pixels

Mask = npt.NDArray[np.bool_]

SIDE = 160  # longest side in pixels
_FOREGROUND_TOLERANCE = 8.0  # CIELAB units from the border's colour
_PLAIN_BORDER = 0.6  # share of the border that must have one colour for a background to exist
_SMALLEST_FOREGROUND = 0.01  # share of the picture


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A small picture, ready to be compared.

    Attributes:
        pixels: (h, w, 3) uint8 RGB, longest side at most 160.
        foreground: (h, w), what differs from a plain border; all True without a plain border.
    """

    pixels: Pixels
    foreground: Mask

    def mirrored(self) -> Picture:
        """Flip left to right."""
        return Picture(np.ascontiguousarray(self.pixels[:, ::-1]), self.foreground[:, ::-1].copy())


def picture_of(pixels: Pixels) -> Picture:
    """Shrink an image and tell foreground from a plain background."""
    small = shrink(pixels, SIDE)
    lab = to_lab(small)
    border = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    background = np.median(border, axis=0)
    plain = np.mean(np.linalg.norm(border - background, axis=1) < _FOREGROUND_TOLERANCE) >= _PLAIN_BORDER
    foreground = np.linalg.norm(lab - background, axis=2) > _FOREGROUND_TOLERANCE
    if not plain or foreground.mean() < _SMALLEST_FOREGROUND:
        foreground = np.ones(small.shape[:2], bool)
    return Picture(small, foreground)


def shrink(pixels: Pixels, side: int) -> Pixels:
    """Make the longest side at most `side` pixels."""
    height, width = pixels.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def to_lab(pixels: Pixels) -> npt.NDArray[np.float32]:
    """CIELAB, (h, w, 3): L in [0, 100], a and b about [-127, 127]."""
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2Lab), np.float32)
