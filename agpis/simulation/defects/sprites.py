"""Small pictures with a mask, made of rounded bodies that are shaded as under soft light."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from agpis.simulation.defects.canvas import Colour, Mask, paint, turned
from agpis.simulation.defects.shapes import Points, fill
from agpis.types import Pixels


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """A small picture to be laid over another.

    Attributes:
        pixels: (h, w, 3) uint8 RGB.
        mask: (h, w) uint8 coverage.
    """

    pixels: Pixels
    mask: Mask


def blank(height: int, width: int) -> Sprite:
    """A sprite on which nothing is drawn yet."""
    return Sprite(np.zeros((height, width, 3), dtype=np.uint8), np.zeros((height, width), dtype=np.uint8))


def shade(colour: Colour, factor: float) -> Colour:
    """A colour darker (below 1) or lighter."""
    red, green, blue = (int(min(255, max(0, value * factor))) for value in colour)
    return red, green, blue


def add_body(sprite: Sprite, points: Points, colour: Colour, light: float = 0.25) -> None:
    """A rounded body: its edge dark, its middle and upper left bright, in place."""
    height, width = sprite.mask.shape
    low = np.floor(points.min(axis=0)).astype(int) - 1
    high = np.ceil(points.max(axis=0)).astype(int) + 2
    x0, y0, x1, y1 = max(0, low[0]), max(0, low[1]), min(width, high[0]), min(height, high[1])
    if x0 >= x1 or y0 >= y1:
        return
    form = np.zeros((y1 - y0, x1 - x0), dtype=np.uint8)
    fill(form, points - np.array([x0, y0]))
    depth = cv2.distanceTransform((form > 127).astype(np.uint8), cv2.DIST_L2, 3)
    dome = np.sqrt(np.clip(depth / max(float(depth.max()), 1.0), 0.0, 1.0))
    slope = cv2.Sobel(cv2.GaussianBlur(dome, (0, 0), 1.0), cv2.CV_32F, 0, 1) + 0.6 * cv2.Sobel(dome, cv2.CV_32F, 1, 0)
    tone = np.asarray(colour, dtype=np.float32) * (1 - 0.5 * light + light * dome + 0.25 * light * slope)[..., None]
    part = sprite.pixels[y0:y1, x0:x1]
    paint(part, form, tone.clip(0, 255).astype(np.uint8), 0, 0)
    np.maximum(sprite.mask[y0:y1, x0:x1], form, out=sprite.mask[y0:y1, x0:x1])


def turn_sprite(sprite: Sprite, degrees: float) -> Sprite:
    """The sprite turned anticlockwise on a canvas that holds all of it."""
    channels = [turned(np.ascontiguousarray(sprite.pixels[..., channel]), degrees) for channel in range(3)]
    mask = turned(sprite.mask, degrees)
    # Turning blends the edge with black; dividing by the coverage gives its colour back.
    share = np.maximum(mask, 1).astype(np.float32)[..., None] / 255
    pixels = np.stack(channels, axis=2).astype(np.float32)
    whole = turned(np.where(sprite.mask > 0, 255, 0).astype(np.uint8), degrees).astype(np.float32)[..., None] / 255
    return Sprite((pixels / np.maximum(np.maximum(share, whole), 0.02)).clip(0, 255).astype(np.uint8), mask)
