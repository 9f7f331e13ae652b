"""Finding and reading lines of text: a small interface to RapidOCR, whose models lie in its package."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from agpis.types import Pixels

Quad = npt.NDArray[np.float64]
"""(4, 2) corners as x and y in pixels of the image, clockwise from the upper left one of the text."""

_DETECTION_SIDE = 512
"""Longest side in pixels at which lines are looked for; RapidOCR's own 736 of the shortest takes five times as long."""
_LEAST_HEIGHT = 6.0  # pixels at that size; lower lines cannot be read
_READ_HEIGHT = 48  # pixels to which a line is brought before it is read, as the recogniser expects
_UPRIGHT = 1.5  # a region so much higher than wide holds a line that runs upwards


@dataclass(frozen=True, slots=True)
class Reading:
    """What is written on a line.

    Attributes:
        text: as read, words apart by one space; may be empty.
        confidence: of the reader, in [0, 1].
    """

    text: str
    confidence: float


class TextReader(Protocol):
    """Two steps, since finding lines is cheap and reading them is not."""

    def find_lines(self, pixels: Pixels) -> tuple[Quad, ...]:
        """Where lines of text are, in (H, W, 3) uint8 RGB."""

    def read_lines(self, pixels: Pixels, quads: Sequence[Quad]) -> tuple[Reading, ...]:
        """What is written on lines that `find_lines` gave, in their order."""


@lru_cache(maxsize=1)
def default_reader() -> TextReader:
    """RapidOCR, loaded on the first call; touches no network."""
    return RapidReader()


class RapidReader:
    """PP-OCR by RapidOCR on the CPU."""

    def __init__(self) -> None:
        """Load the library; its two networks follow when they are first used."""
        # Imported here: it takes a second, and most commands read no text.
        from rapidocr import RapidOCR

        # It sets up a logger of its own, which would write to standard error.
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        self._engine: Any = RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.use_vertical_padding": False,
                "Det.limit_type": "max",
                "Det.limit_side_len": _DETECTION_SIDE,
            }
        )

    def find_lines(self, pixels: Pixels) -> tuple[Quad, ...]:
        """Where lines of text are; lines lower than 6 pixels of 512 are left out."""
        scale = _DETECTION_SIDE / max(pixels.shape[:2])
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        resized = cv2.resize(pixels[..., ::-1], None, fx=scale, fy=scale, interpolation=how)
        found = self._engine(resized, use_det=True, use_cls=False, use_rec=False)
        boxes = getattr(found, "boxes", None)
        if boxes is None:
            return ()
        quads = [np.asarray(box, np.float64) for box in boxes]
        return tuple(quad / scale for quad in quads if min(line_size(quad)) >= _LEAST_HEIGHT)

    def read_lines(self, pixels: Pixels, quads: Sequence[Quad]) -> tuple[Reading, ...]:
        """What is written on the lines; all of them go through the network in batches."""
        if not quads:
            return ()
        crops = [np.ascontiguousarray(straightened(pixels, quad)[..., ::-1]) for quad in quads]
        found = self._engine.recognize_txt(crops)
        return tuple(
            Reading(" ".join(text.split()), float(score)) for text, score in zip(found.txts, found.scores, strict=True)
        )


def line_size(quad: Quad) -> tuple[float, float]:
    """Width and height of a line in pixels: along the words and across."""
    sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)  # upper, right, lower, left
    return float(max(sides[0], sides[2])), float(max(sides[1], sides[3]))


def straightened(pixels: Pixels, quad: Quad, height: int = _READ_HEIGHT) -> Pixels:
    """Cut a line out and lay it level: (height, w, 3) uint8 RGB, w in proportion; upright lines are turned."""
    wide, high = line_size(quad)
    corners = quad
    if high > _UPRIGHT * wide:
        corners, wide, high = np.roll(quad, -1, axis=0), high, wide
    width = max(1, round(wide * height / max(high, 1.0)))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    how = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    level = cv2.warpPerspective(pixels, how, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(level, np.uint8)
