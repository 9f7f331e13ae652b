"""Straight seams between pictures: lines of pixels where the content changes all along the image."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from agpis.types import Pixels

Shares = npt.NDArray[np.float64]

_FAINTEST = 3.0  # difference of a channel, 0 to 255, below which JPEG alone could have made it
_REACH = 3  # pixels beside the line that belong to it: ringing, or a narrow gap
_SHARE_OF_OTHER = 0.6  # a gap has two sides, and the weaker one counts too
_END, _LEAST_AT_ENDS = 0.08, 0.2  # share of the height that is an end, and share of an end that must be seam
_RIM = 8  # pixels along the border of the image, where frames lie


def vertical_seams(pixels: Pixels) -> Shares:
    """How much of its height each column is a seam.

    A pixel belongs to a seam when the change across it stands out from the changes on both of its sides. Edges of
    things do that too, but not in one column over most of the image.

    Args:
        pixels: (H, W, 3) uint8 RGB.

    Returns:
        (W,) shares of the height in [0, 1]; 0 along the border, and for what does not reach both ends of the column
        as the edge of a carton does not.
    """
    if pixels.shape[1] <= 2 * _RIM:
        return np.zeros(pixels.shape[1])
    values = pixels.astype(np.int16)
    change = np.zeros(pixels.shape[:2], np.float32)
    change[:, 1:-1] = np.abs(values[:, 2:] - values[:, :-2]).max(axis=2)
    here = _largest_along_rows(change, _REACH)
    beside = _largest_along_rows(change, 2 * _REACH - 1)
    left, right = np.roll(beside, 2 * _REACH - 1, axis=1), np.roll(beside, 1 - 2 * _REACH, axis=1)
    strong = (
        (here >= _FAINTEST)
        & (here >= _SHARE_OF_OTHER * np.maximum(left, right))
        & (here > 1.5 * np.minimum(left, right) + 1)
    )
    shares = strong.mean(axis=0)
    ends = max(1, round(_END * len(strong)))
    shares[np.minimum(strong[:ends].mean(axis=0), strong[-ends:].mean(axis=0)) < _LEAST_AT_ENDS] = 0.0
    shares[:_RIM] = shares[-_RIM:] = 0.0
    return np.asarray(shares, np.float64)


def horizontal_seams(pixels: Pixels) -> Shares:
    """How much of its width each row is a seam: (H,) shares in [0, 1]; as `vertical_seams`."""
    return vertical_seams(np.ascontiguousarray(pixels.transpose(1, 0, 2)))


def _largest_along_rows(values: npt.NDArray[np.float32], width: int) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.dilate(values, np.ones((1, width), np.uint8)), np.float32)
