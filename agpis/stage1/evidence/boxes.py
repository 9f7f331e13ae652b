"""Boxes around corners and around other boxes."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from agpis.types import Box, Pixels


def box_around(points: npt.ArrayLike, width: int, height: int) -> Box:
    """The smallest box around points (N, 2) of x and y, cut to an image of this size; at least one pixel."""
    corners = np.asarray(points, np.float64).reshape(-1, 2)
    left, top = (max(math.floor(value), 0) for value in corners.min(axis=0))
    right, bottom = (math.ceil(value) for value in corners.max(axis=0))
    left, top = min(left, width - 1), min(top, height - 1)
    right, bottom = min(max(right, left + 1), width), min(max(bottom, top + 1), height)
    return Box(left, top, right - left, bottom - top)


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around boxes, of which there is at least one."""
    listed = list(boxes)
    left, top = min(box.x for box in listed), min(box.y for box in listed)
    right, bottom = max(box.x + box.w for box in listed), max(box.y + box.h for box in listed)
    return Box(left, top, right - left, bottom - top)


def part_of(pixels: Pixels, box: Box) -> Pixels:
    """The pixels under a box, (h, w, 3) uint8 RGB; what sticks out is cut off."""
    return pixels[box.y : box.y + box.h, box.x : box.x + box.w]
