"""Where the product is on a picture, as one solid mask that cut-outs and hands can be laid around."""

from __future__ import annotations

import cv2
import numpy as np

from agpis.simulation.defects.canvas import Mask
from agpis.simulation.photos import find_foreground
from agpis.types import Pixels

# Holes above this share of the picture are seen through, as in a handle; smaller ones are prints and gloss.
_MAX_HOLE = 0.006


def product_of(pixels: Pixels) -> Mask:
    """(H, W) uint8, 1 on the product and 0 behind it; the middle of the picture where no product was found."""
    mask = find_foreground(pixels).mask.astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(1 - mask, connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] < _MAX_HOLE * mask.size
    # Label 0 is the product itself.
    small[0] = False
    return np.asarray(mask | small[labels], dtype=np.uint8)
