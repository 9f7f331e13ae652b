"""Draw decisions into pixels: the red frame, the green and orange boxes, the heat map. Pixels in, new pixels out."""

from __future__ import annotations

import base64
from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from agpis.types import Box, Pixels

RED = (224, 27, 36)
GREEN = (0, 170, 60)
ORANGE = (255, 128, 0)
WHITE = (255, 255, 255)
LINE = (222, 226, 232)
BLANK = (241, 243, 246)
STROKE = (160, 168, 180)


def square(pixels: Pixels, side: int) -> Pixels:
    """Fit an image into a white square so that photos of any shape line up.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        side: of the square, in pixels.

    Returns:
        (side, side, 3) uint8 RGB: the whole image, centred.
    """
    fitted = fit(pixels, side)
    canvas = np.full((side, side, 3), WHITE, dtype=np.uint8)
    top, left = (side - fitted.shape[0]) // 2, (side - fitted.shape[1]) // 2
    canvas[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    return canvas


def blank(side: int) -> Pixels:
    """A grey square with a stroke through it, for a picture that cannot be shown.

    Args:
        side: in pixels.
    """
    canvas = np.full((side, side, 3), BLANK, dtype=np.uint8)
    inset = side // 3
    cv2.line(canvas, (inset, inset), (side - inset, side - inset), STROKE, max(2, side // 48), cv2.LINE_AA)
    cv2.line(canvas, (side - inset, inset), (inset, side - inset), STROKE, max(2, side // 48), cv2.LINE_AA)
    return canvas


def fit(pixels: Pixels, side: int) -> Pixels:
    """Scale an image so that its longer side measures `side` pixels; the proportions stay.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        side: of the result's longer side, at least 1.
    """
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    shrink = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, size, interpolation=shrink), dtype=np.uint8)


def jpeg_url(pixels: Pixels, quality: int) -> str:
    """An image as a data URL that a browser shows: a JPEG in base64.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        quality: of the JPEG, 0 to 100.
    """
    jpeg = cv2.imencode(".jpg", np.ascontiguousarray(pixels[:, :, ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return "data:image/jpeg;base64," + base64.b64encode(jpeg.tobytes()).decode("ascii")


def frame(pixels: Pixels, colour: tuple[int, int, int], thickness: int) -> Pixels:
    """A copy with a frame of `thickness` pixels drawn over its edge.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        colour: RGB, 0 to 255 each.
        thickness: in pixels.
    """
    framed = pixels.copy()
    _outline(framed, colour, thickness)
    return framed


def draw_boxes(pixels: Pixels, boxes: Iterable[Box], colour: tuple[int, int, int] = GREEN) -> Pixels:
    """A copy with the outline of every box; the line is 1% of the longer side, at least 2 pixels.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        boxes: in pixels of this image; what sticks out is cut off.
        colour: RGB, 0 to 255 each.
    """
    drawn = pixels.copy()
    thickness = max(2, round(max(pixels.shape[:2]) / 100))
    for box in boxes:
        _outline(drawn[box.y : box.y + box.h, box.x : box.x + box.w], colour, thickness)
    return drawn


def _outline(region: Pixels, colour: tuple[int, int, int], thickness: int) -> None:
    """Write the edge of `region` in place."""
    for edge in (np.s_[:thickness], np.s_[-thickness:], np.s_[:, :thickness], np.s_[:, -thickness:]):
        region[edge] = colour


def overlay_heat(pixels: Pixels, heat: npt.NDArray[np.floating], side: int) -> Pixels:
    """Lay a heat map over an image: the photo in grey where it is cold, yellow over it where it is hot.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        heat: (h, w) in [0, 1], covering the same picture at any resolution.
        side: of the result's longer side.

    Returns:
        (H', W', 3) uint8 RGB, in the image's proportions.
    """
    photo = fit(pixels, side)
    size = (photo.shape[1], photo.shape[0])
    warmth = np.clip(cv2.resize(np.asarray(heat, dtype=np.float32), size, interpolation=cv2.INTER_LINEAR), 0.0, 1.0)
    coloured = cv2.applyColorMap(np.asarray(warmth * 255, dtype=np.uint8), cv2.COLORMAP_INFERNO)[:, :, ::-1]
    grey = np.repeat(photo.mean(axis=2, keepdims=True), 3, axis=2)
    strength = 0.25 + 0.55 * warmth[:, :, None]
    return np.asarray(np.rint(grey * (1 - strength) + coloured * strength), dtype=np.uint8)
