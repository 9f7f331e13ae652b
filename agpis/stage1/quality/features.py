"""What is measured on the pixels of a photo, before calibration turns it into scores.

Photos are looked at no larger than 448 px, as a shop shows them. Levels are luminance in [0, 1], but for darkness the
largest of red, green and blue: a close-up of something deep red is not dark.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from agpis.types import Image

Levels = npt.NDArray[np.float32]

SIDE = 448
_FINE, _COARSE = 0.7, 2.0  # Gaussian scales in pixels at which edges are measured
_LEAST_EDGE = 0.012  # change of level a pixel, at the coarse scale, that counts as an edge
_STRONG = 0.3  # of the strongest edges' gradient
_RIDGE = 0.97  # of the steepest place nearby
_FEWEST_EDGES = 40
_WIDEST = 8.0
_DIRECTIONS = 4
_BAND = 0.18  # share of a side in which a border is looked for
_STEP = 0.05  # change of level across the seam of a border


@dataclass(frozen=True, slots=True)
class QualityFeatures:
    """The measures of one photo.

    Attributes:
        sharpness: log width in pixels of the sharpest fifth of the edges, of the median edge, and of the median edge in
            the softest direction, which tells a shaken photo; empty when there are too few edges to judge.
        darkness: the median of the largest channel, and its 95th and 99th percentile.
        haze: the 1st, 5th and 99th percentile of the levels.
        frame: share in [0, 1] of a straight seam that runs along two opposite sides.
        shape: absolute log of width / height.
        content: log detail, log spread of the levels, and share of pixels off the median level.
    """

    sharpness: tuple[float, ...]
    darkness: tuple[float, ...]
    haze: tuple[float, ...]
    frame: tuple[float, ...]
    shape: tuple[float, ...]
    content: tuple[float, ...]


def measure_features(image: Image) -> QualityFeatures:
    """Measure one photo."""
    scale = min(1.0, SIDE / max(image.height, image.width))
    size = (max(8, round(image.width * scale)), max(8, round(image.height * scale)))
    colours = image.pixels if scale == 1.0 else cv2.resize(image.pixels, size, interpolation=cv2.INTER_AREA)
    grey = np.asarray(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY), dtype=np.float32) / np.float32(255)
    fine, _ = _gradient(grey, _FINE)
    detail = float(np.log10(np.quantile(fine, 0.995) + 1e-4))
    p1, p5, p50, p99 = (float(level) for level in np.percentile(grey, (1, 5, 50, 99)))
    brightest = np.percentile(colours.max(axis=2), (50, 95, 99)) / 255
    return QualityFeatures(
        sharpness=_sharpness(grey, fine),
        darkness=tuple(brightest.tolist()),
        haze=(p1, p5, p99),
        frame=_frame(grey),
        shape=(abs(float(np.log(image.width / image.height))),),
        content=(
            detail,
            float(np.log10(grey.std() + 1e-4)),
            float((np.abs(grey - p50) > 0.04).mean()),
        ),
    )


def _gradient(grey: Levels, sigma: float) -> tuple[Levels, Levels]:
    """Change of level a pixel at one scale, and its direction in degrees, 0 to 180."""
    smooth = cv2.GaussianBlur(grey, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    across = cv2.Scharr(smooth, cv2.CV_32F, 1, 0, scale=1 / 32)
    down = cv2.Scharr(smooth, cv2.CV_32F, 0, 1, scale=1 / 32)
    magnitude, angle = cv2.cartToPolar(across, down, angleInDegrees=True)
    return np.asarray(magnitude, dtype=np.float32), np.asarray(angle % 180, dtype=np.float32)


def _sharpness(grey: Levels, fine: Levels) -> tuple[float, ...]:
    """Widths of the edges: one that is s pixels wide is sqrt(s^2 + c^2) wide at Gaussian scale c; two scales tell s."""
    coarse, angle = _gradient(grey, _COARSE)
    strong = coarse > max(_LEAST_EDGE, _STRONG * float(np.quantile(coarse, 0.995)))
    # The widths hold on the middle of an edge alone.
    strong &= coarse > _RIDGE * cv2.dilate(coarse, np.ones((5, 5), np.uint8))
    if int(strong.sum()) < _FEWEST_EDGES:
        return ()
    ratio = np.square(fine[strong] / coarse[strong])
    squares = (_COARSE**2 - _FINE**2 * ratio) / np.maximum(ratio - 1, 1e-3)
    widths = np.sqrt(np.clip(squares, 0.0, _WIDEST**2))
    directions = (angle[strong] / (180 / _DIRECTIONS)).astype(np.int64) % _DIRECTIONS
    groups = [widths[directions == direction] for direction in range(_DIRECTIONS)]
    softest = max(float(np.median(group)) for group in groups if len(group) >= len(widths) / 20)
    return tuple(float(np.log(width + 0.2)) for width in (*np.quantile(widths, (0.2, 0.5)), softest))


def _frame(grey: Levels) -> tuple[float, ...]:
    """Bars lie at two opposite sides, a frame at all four."""
    upright, lying = (min(_seam(turned), _seam(turned[::-1])) for turned in (grey, grey.T))
    return (max(upright, lying),)


def _seam(grey: Levels) -> float:
    """Share of the first rows' length along which the level jumps at one and the same depth, off a band of one tone."""
    depth = max(4, round(_BAND * grey.shape[0]))
    # Corners belong to the neighbouring sides of a frame; a seam is up to three pixels wide after compression.
    margin = round(_BAND * grey.shape[1])
    rows = grey[:depth, margin : grey.shape[1] - margin]
    jumps = (np.abs(rows[3:] - rows[:-3]) > _STEP).mean(axis=1)
    same = (np.abs(rows - np.median(rows[0])) < _STEP).mean(axis=1)
    even = np.cumsum(same)[: len(jumps)] / np.arange(1, len(jumps) + 1)
    return float((jumps * even).max(initial=0.0))
