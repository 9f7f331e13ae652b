"""QR codes, found and read by OpenCV."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from agpis.stage1.evidence.boxes import box_around
from agpis.stage1.evidence.kinds import Evidence, EvidenceKind
from agpis.types import Pixels

_LONGEST_SIDE = 1024  # pixels; a code that matters fills a good part of the picture
_SMALL_SIDE = 640  # smaller images are tried enlarged too: OpenCV loses modules of two pixels
_READ, _SEEN = 1.0, 0.8  # strength of a code that was read, and of one that only looks like a code
_LARGEST_SKEW = 1.25  # between the sides of a code that could not be read
_DARK = (0.25, 0.75)  # share of dark pixels in it


def find_qr_codes(pixels: Pixels) -> tuple[Evidence, ...]:
    """Find the QR codes of an image.

    A code that cannot be read counts only when it is square and about half of it is dark.

    Args:
        pixels: (H, W, 3) uint8 RGB.

    Returns:
        One piece of evidence a code, with its content where that could be read.
    """
    longest = max(pixels.shape[:2])
    scales = [min(1.0, _LONGEST_SIDE / longest), *([2.0] if longest < _SMALL_SIDE else [])]
    return next((found for found in (_find(pixels, scale) for scale in scales) if found), ())


def _find(pixels: Pixels, scale: float) -> tuple[Evidence, ...]:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if scale != 1:
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=how)
    found, texts, quads, _ = cv2.QRCodeDetector().detectAndDecodeMulti(grey)
    if not found:
        return ()
    height, width = pixels.shape[:2]
    return tuple(
        Evidence(
            EvidenceKind.QR_CODE,
            _READ if text else _SEEN,
            box_around(quad / scale, width, height),
            " ".join(text.split()),
        )
        for text, quad in zip(texts, quads, strict=True)
        if text or _looks_like_a_code(grey, quad)
    )


def _looks_like_a_code(grey: npt.NDArray[Any], quad: npt.NDArray[Any]) -> bool:
    sides = np.linalg.norm(quad - np.roll(quad, 1, axis=0), axis=1)
    if sides.min() < 21 or sides.max() > _LARGEST_SKEW * sides.min():  # 21 modules at least
        return False
    target = np.array([[0, 0], [63, 0], [63, 63], [0, 63]], np.float32)
    inside = cv2.warpPerspective(grey, cv2.getPerspectiveTransform(quad.astype(np.float32), target), (64, 64))
    limit = (int(inside.min()) + int(inside.max())) / 2
    return _DARK[0] < float((inside < limit).mean()) < _DARK[1]
