"""A picture photographed as if it were printed on something: in perspective, in uneven light, through a lens."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from agpis.types import Pixels

_SHARPENED = 0.6  # share of photos

Homography = npt.NDArray[np.float64]


def photographed(pixels: Pixels, rng: np.random.Generator) -> tuple[Pixels, Homography]:
    """Photograph a picture once more.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        rng: draws standpoint, light, blur and noise.

    Returns:
        (H, W, 3) uint8 RGB, and the (3, 3) map that takes points of the picture to where they lie now.
    """
    height, width = pixels.shape[:2]
    standpoint = _standpoint(height, width, rng)
    warped = cv2.warpPerspective(
        pixels, standpoint, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    seen = np.asarray(warped, np.float32) * _light(height, width, rng)[..., None]
    grain = rng.normal(0, float(rng.uniform(1.0, 5.0)), (height, width, 3)).astype(np.float32)
    # A sensor's noise is softened by what the camera does to it.
    seen = _blurred(seen, float(rng.uniform(0.3, 1.1))) + _blurred(grain, 0.6)
    if rng.random() < _SHARPENED:  # phones do, and so does shrinking a large photo
        seen += float(rng.uniform(0.4, 1.6)) * (seen - _blurred(seen, 1.0))
    return np.asarray(seen.clip(0, 255), np.uint8), standpoint


def moved(points: npt.NDArray[np.float64], standpoint: Homography) -> npt.NDArray[np.float64]:
    """Where points (N, 2) of the picture lie in the photo."""
    return np.asarray(cv2.perspectiveTransform(points[None].astype(np.float64), standpoint)[0], np.float64)


def _blurred(values: npt.NDArray[np.float32], sigma: float) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)


def _standpoint(height: int, width: int, rng: np.random.Generator) -> Homography:
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    centre = corners.mean(axis=0)
    angle = np.radians(rng.normal(0, 6))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    target = (corners - centre) @ turn.T * float(rng.uniform(0.75, 1.0)) + centre
    target += rng.uniform(-0.05, 0.05, (4, 2)) * [width, height]
    return np.asarray(cv2.getPerspectiveTransform(corners.astype(np.float32), target.astype(np.float32)), np.float64)


def _light(height: int, width: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Brightness that falls off in some direction, as a factor: (H, W)."""
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    angle = float(rng.uniform(0, 2 * np.pi))
    along = np.cos(angle) * columns + np.sin(angle) * rows
    return np.asarray(float(rng.uniform(0.75, 1.0)) * (1 + float(rng.uniform(0.03, 0.25)) * along), np.float32)
