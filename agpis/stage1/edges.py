"""Edge maps for EdgeBoxes: strength and direction of every edge pixel.

EdgeBoxes was published with edges from a Structured Forest, whose model file is large and apart. Thinned gradients at
two scales are good enough to propose with on product photos; the forest's edges are used when its file is given.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from agpis.errors import ModelError
from agpis.types import Pixels

Floats = npt.NDArray[np.float32]


def gradient_edges(small: Pixels) -> tuple[Floats, Floats]:
    """Thinned gradients at two scales.

    Args:
        small: (h, w, 3) uint8 RGB.

    Returns:
        Edge strength in [0, 1] and the direction across the edge in [0, pi), both (h, w) float32.
    """
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


def _thin(strength: Floats, angle: Floats) -> Floats:
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


def forest_edges(small: Pixels, path: str) -> tuple[Floats, Floats]:
    """Edges of the Structured Forest in a model file of OpenCV (model.yml.gz), as `gradient_edges` gives them.

    Raises:
        ModelError: when the file is missing or malformed.
    """
    detector = _forest(path)
    edges = detector.detectEdges(small.astype(np.float32) / np.float32(255))
    orientation = np.asarray(detector.computeOrientation(edges), np.float32)
    return np.asarray(detector.edgesNms(edges, orientation), np.float32), orientation


@lru_cache(maxsize=1)
def _forest(path: str) -> cv2.ximgproc.StructuredEdgeDetection:
    if not Path(path).is_file():
        raise ModelError(f"the Structured-Forest file {path} does not exist; leave it out to use gradient edges")
    try:
        # OpenCV divides by these without looking, which ends the process when they are missing
        storage = cv2.FileStorage(path, cv2.FILE_STORAGE_READ)  # its nodes die with it
        options = storage.getNode("options")
        steps = [options.getNode(name).real() for name in ("stride", "shrinkNumber", "numberOfTrees")]
        if min(steps) < 1:
            raise ModelError(f"{path} is no Structured-Forest model: its options lack stride or trees")
        return cv2.ximgproc.createStructuredEdgeDetection(path)
    except cv2.error as error:
        raise ModelError(f"{path} could not be read as a Structured-Forest model: {error}") from error
