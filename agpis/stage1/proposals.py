"""Region proposals for image-pair recognition (section 3.3.2): EdgeBoxes (Zitnick and Dollar, 2014)."""

from __future__ import annotations

import os
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from agpis.errors import InstallationError, SettingsError
from agpis.stage1.edges import forest_edges, gradient_edges
from agpis.types import Box, Pixels

# Longest side, edge magnitude and sliding step: on crops of catalogue photos these keep as many boxes repeatable as
# 256 pixels with OpenCV's defaults, in a fifth of the time.
_EDGE_SIDE = 192
_EDGE_MAGNITUDE = 0.2
_SLIDING_STEP = 0.55
_LEAST_SCORE = 0.03  # a fifth faster than OpenCV's 0.01 for the same best boxes
_SMALLEST_SIDE = 16  # below this there is nothing for EdgeBoxes to group
_MIN_BOX_SHARE = 0.01  # of the image area


@dataclass(frozen=True, slots=True)
class Proposal:
    """A region that probably holds a whole thing.

    Attributes:
        box: in pixels of the image.
        score: EdgeBoxes' score, larger is better; comparable within one image only.
    """

    box: Box
    score: float


def propose(pixels: Pixels, max_boxes: int = 20, forest: str | os.PathLike[str] | None = None) -> tuple[Proposal, ...]:
    """Find at most `max_boxes` regions with EdgeBoxes, best first.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        max_boxes: at least 1.
        forest: Structured-Forest model file of OpenCV (model.yml.gz); without it gradient edges are used.

    Returns:
        Boxes inside the image; empty for an image that is blank or smaller than 16 pixels.

    Raises:
        SettingsError: when max_boxes is below 1.
        ModelError: when the forest file is missing or malformed.
        InstallationError: when OpenCV came without its contrib modules.
    """
    if max_boxes < 1:
        raise SettingsError(f"max_boxes must be at least 1, got {max_boxes}")
    if not hasattr(getattr(cv2, "ximgproc", None), "createEdgeBoxes"):
        raise InstallationError(
            "OpenCV has no ximgproc: the files of another OpenCV package lie over those of "
            "opencv-contrib-python-headless; put them back with "
            "pip install --force-reinstall --no-deps opencv-contrib-python-headless"
        )
    height, width = pixels.shape[:2]
    if min(height, width) < _SMALLEST_SIDE:
        return ()
    scale = min(1.0, _EDGE_SIDE / max(height, width))
    size = (max(_SMALLEST_SIDE, round(width * scale)), max(_SMALLEST_SIDE, round(height * scale)))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    edges, orientation = gradient_edges(small) if forest is None else forest_edges(small, os.fspath(forest))
    if not edges.any():
        return ()
    finder = cv2.ximgproc.createEdgeBoxes(
        alpha=_SLIDING_STEP,
        maxBoxes=max_boxes,
        edgeMinMag=_EDGE_MAGNITUDE,
        minScore=_LEAST_SCORE,
        minBoxArea=_MIN_BOX_SHARE * size[0] * size[1],
    )
    boxes, scores = finder.getBoundingBoxes(edges, orientation)
    if scores is None:
        return ()
    ratio = np.array([width / size[0], height / size[1]])
    found = (_inside(box[:2] * ratio, box[2:] * ratio, width, height) for box in np.asarray(boxes, np.float64))
    return tuple(Proposal(box, float(score)) for box, score in zip(found, np.ravel(scores), strict=True))


def _inside(corner: npt.NDArray[np.float64], size: npt.NDArray[np.float64], width: int, height: int) -> Box:
    x0, y0 = min(max(round(corner[0]), 0), width - 1), min(max(round(corner[1]), 0), height - 1)
    x1, y1 = min(round(corner[0] + size[0]), width), min(round(corner[1] + size[1]), height)
    return Box(x0, y0, max(x1 - x0, 1), max(y1 - y0, 1))
