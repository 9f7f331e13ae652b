"""Signed heat maps over photos, and the bars that say what their colours mean. Pixels in, new pixels out."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from agpis.types import Pixels
from app.components.drawing import fit

# Two colours of Okabe and Ito's palette that colour-blind people tell apart, also by their lightness.
AGAINST = (0, 114, 178)
FOR = (213, 94, 0)


def overlay_signed(pixels: Pixels, heat: npt.NDArray[np.floating], side: int) -> Pixels:
    """Lay a signed map over an image: grey where it is 0, orange where it is positive, blue where it is negative.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        heat: (h, w) in [-1, 1], covering the same picture at any resolution.
        side: of the result's longer side, in pixels.

    Returns:
        (H', W', 3) uint8 RGB, in the image's proportions.
    """
    photo = fit(pixels, side)
    size = (photo.shape[1], photo.shape[0])
    resized = cv2.resize(np.asarray(heat, dtype=np.float32), size, interpolation=cv2.INTER_LINEAR)
    values = np.clip(resized, -1.0, 1.0)
    grey = np.repeat(photo.mean(axis=2, keepdims=True), 3, axis=2)
    # Lightened, so that dark products leave room for colour.
    return _coloured(0.75 * grey + 0.25 * 255, values)


def signed_bar(width: int = 240, height: int = 12) -> Pixels:
    """The colours of `overlay_signed` from -1 at the left to 1 at the right: (height, width, 3) uint8 RGB."""
    values = np.tile(np.linspace(-1, 1, width, dtype=np.float32), (height, 1))
    return _coloured(np.full((height, width, 3), 225.0), values)


def attention_bar(width: int = 240, height: int = 12) -> Pixels:
    """The colours of `overlay_heat` from 0 at the left to 1 at the right: (height, width, 3) uint8 RGB."""
    values = np.tile(np.linspace(0, 255, width).astype(np.uint8), (height, 1))
    return np.asarray(cv2.applyColorMap(values, cv2.COLORMAP_INFERNO)[:, :, ::-1], dtype=np.uint8)


def _coloured(ground: npt.NDArray[np.floating], values: npt.NDArray[Any]) -> Pixels:
    colour = np.where(values[:, :, None] > 0, FOR, AGAINST)
    strength = 0.85 * np.abs(values)[:, :, None]
    return np.asarray(np.rint(ground * (1 - strength) + colour * strength), dtype=np.uint8)
