"""A more exact map between two pictures: keypoints sit a pixel or two beside what they mark, pixels do not."""

from __future__ import annotations

import cv2
import numpy as np

from agpis.stage1.geometry import Affine, inverted
from agpis.stage1.picture import Mask, Picture

_STEPS = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 12, 1e-3)
_BLUR = 5  # pixels, of the Gaussian window; lets the steps find their way
_FARTHEST = 4.0  # pixels; who moves farther has found something else
_SMALLEST = 64  # pixels that both show


def refine(first: Picture, second: Picture, affine: Affine, hull: Mask) -> Affine:
    """Move an affine map until the grey levels of two pictures correlate best (ECC; Evangelidis and Psarakis, 2008).

    Args:
        first: is laid over the second.
        second: stays.
        affine: (2, 3), takes pixels x, y of the first picture to the second.
        hull: (h, w) of the second picture, the region to compare.

    Returns:
        The better map, (2, 3), or `affine` itself where none is found within four pixels of it.
    """
    if hull.sum() < _SMALLEST:
        return affine
    template, moving = (cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2GRAY) for picture in (second, first))
    everywhere = np.full(moving.shape, 255, np.uint8)
    start = inverted(affine).astype(np.float32)
    try:
        _, found = cv2.findTransformECCWithMask(
            template, moving, hull.astype(np.uint8) * 255, everywhere, start, cv2.MOTION_AFFINE, _STEPS, _BLUR
        )
    except cv2.error:  # the steps led nowhere: no texture, or two pictures that have nothing in common
        return affine
    better = inverted(np.asarray(found, np.float64))
    rows, columns = np.nonzero(hull)
    corners = np.array([[x, y, 1.0] for x in (columns.min(), columns.max()) for y in (rows.min(), rows.max())])
    # where the corners of the region came from, and where the better map takes those places
    sources = np.column_stack([corners @ inverted(affine).T, np.ones(len(corners))])
    moved = np.abs(sources @ better.T - corners[:, :2]).max()
    return better if np.isfinite(moved) and moved <= _FARTHEST else affine
