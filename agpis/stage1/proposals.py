"""Region proposals for image-pair recognition (section 3.3.2): EdgeBoxes on gradient edges.

EdgeBoxes (Zitnick and Dollar, 2014) was published with edges from a Structured Forest, whose model file is large and
apart. Here edges are thinned Sobel gradients at two scales, which on product photos give proposals good enough to
propose with; the forest's edges are used when its file is given.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from agpis.errors import ModelError, SettingsError
from agpis.types import Box, Pixels

# Longest side, edge magnitude and sliding step: on crops of catalogue photos these keep as many boxes repeatable as
# 256 pixels with OpenCV's defaults, in a fifth of the time.
_EDGE_SIDE = 192
_EDGE_MAGNITUDE = 0.2
_SLIDING_STEP = 0.55
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
    """
    if max_boxes < 1:
        raise SettingsError(f"max_boxes must be at least 1, got {max_boxes}")
    height, width = pixels.shape[:2]
    if min(height, width) < _SMALLEST_SIDE:
        return ()
    scale = min(1.0, _EDGE_SIDE / max(height, width))
    size = (max(_SMALLEST_SIDE, round(width * scale)), max(_SMALLEST_SIDE, round(height * scale)))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    edges, orientation = _gradient_edges(small) if forest is None else _forest_edges(small, os.fspath(forest))
    if not edges.any():
        return ()
    finder = cv2.ximgproc.createEdgeBoxes(
        alpha=_SLIDING_STEP,
        maxBoxes=max_boxes,
        edgeMinMag=_EDGE_MAGNITUDE,
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


def _gradient_edges(small: Pixels) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Thinned edge strength in [0, 1] and the direction across the edge in [0, pi), both (h, w) float32."""
    gx = np.zeros(small.shape[:2], np.float32)
    gy = np.zeros_like(gx)
    strength = np.zeros_like(gx)
    for sigma in (1.0, 2.0):
        smooth = cv2.GaussianBlur(small, (0, 0), sigma).astype(np.float32)
        across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
        norm = sigma * np.hypot(*across)
        # the strongest channel, so that edges between colours of equal brightness count
        channel = norm.argmax(axis=2)[..., None]
        best, dx, dy = (np.take_along_axis(values, channel, 2)[..., 0] for values in (norm, *across))
        coarser = best > strength
        gx, gy = np.where(coarser, dx, gx).astype(np.float32), np.where(coarser, dy, gy).astype(np.float32)
        strength = np.maximum(strength, best).astype(np.float32)
    top = float(np.percentile(strength, 99)) or float(strength.max())
    if top <= 0:
        return strength, strength
    angle = np.mod(np.arctan2(gy, gx), np.pi).astype(np.float32)
    return _thin(np.minimum(strength / top, 1), angle), angle


def _thin(strength: npt.NDArray[np.float32], angle: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Keep the strength only where it is the largest across the edge."""
    padded = np.pad(strength, 1)
    height, width = strength.shape
    kept = np.zeros_like(strength)
    sector = np.round(angle / (np.pi / 4)).astype(np.int32) % 4
    for index, (dx, dy) in enumerate(((1, 0), (1, 1), (0, 1), (-1, 1))):
        ahead = padded[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]
        behind = padded[1 - dy : 1 - dy + height, 1 - dx : 1 - dx + width]
        largest = (sector == index) & (strength >= ahead) & (strength >= behind)
        kept[largest] = strength[largest]
    return kept


@lru_cache(maxsize=1)
def _forest(path: str) -> cv2.ximgproc.StructuredEdgeDetection:
    if not Path(path).is_file():
        raise ModelError(f"the Structured-Forest file {path} does not exist; leave it out to use gradient edges")
    try:
        # OpenCV divides by these without looking, which ends the process when they are missing
        options = cv2.FileStorage(path, cv2.FILE_STORAGE_READ).getNode("options")
        steps = [options.getNode(name).real() for name in ("stride", "shrinkNumber", "numberOfTrees")]
        if min(steps) < 1:
            raise ModelError(f"{path} is no Structured-Forest model: its options lack stride or trees")
        return cv2.ximgproc.createStructuredEdgeDetection(path)
    except cv2.error as error:
        raise ModelError(f"{path} could not be read as a Structured-Forest model: {error}") from error


def _forest_edges(small: Pixels, path: str) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    detector = _forest(path)
    edges = detector.detectEdges(small.astype(np.float32) / np.float32(255))
    orientation = np.asarray(detector.computeOrientation(edges), np.float32)
    return np.asarray(detector.edgesNms(edges, orientation), np.float32), orientation
