"""Where an image raises p^nc: the place for which the network's own local logits are highest (class activation)."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from agpis.errors import ModelError
from agpis.stage1.classifier import ImageClassifier
from agpis.stage1.evidence.boxes import box_around
from agpis.stage1.evidence.kinds import Evidence, EvidenceKind
from agpis.types import Box, Image

_SIDE = 320  # pixels of the network input here: finer places than at the size it was trained for
_SHARE = 0.5  # of the highest logit that neighbouring places must reach to belong to the spot
_LARGEST = 0.5  # share of the image; a spot that covers more points nowhere


def find_hotspots(
    images: Sequence[Image], p_noncompliant: Sequence[float], network: ImageClassifier
) -> tuple[tuple[Evidence, ...], ...]:
    """For each image the one place that speaks most for non-compliant content, or nothing when no place stands out.

    Args:
        images: those whose p^nc is high.
        p_noncompliant: p^nc of each; becomes the score.
        network: that gave p^nc. A network without a feature map points nowhere.
    """
    try:
        maps = network.local_logits(images, image_size=_SIDE)
    except ModelError:
        return ((),) * len(images)
    keeps_aspect = network.config.resize == "pad"
    spots = (_spot(local, image, keeps_aspect) for local, image in zip(maps, images, strict=True))
    return tuple(
        (Evidence(EvidenceKind.PLACE, probability, box),) if box else ()
        for box, probability in zip(spots, p_noncompliant, strict=True)
    )


def _spot(local: npt.NDArray[np.float32], image: Image, keeps_aspect: bool) -> Box | None:
    """The box in the image around the highest place and the high ones that touch it."""
    if local.max() <= 0:
        return None
    high = (local >= _SHARE * local.max()).astype(np.uint8)
    _, regions = cv2.connectedComponents(high, connectivity=4)
    row, column = np.unravel_index(int(local.argmax()), local.shape)
    rows, columns = np.nonzero(regions == regions[row, column])
    places = np.array([[columns.min(), rows.min()], [columns.max() + 1, rows.max() + 1]], np.float64)
    sides = np.array([image.width, image.height], np.float64)
    shown = np.full(2, sides.max()) if keeps_aspect else sides  # what the square input covers
    corners = places / np.array(local.shape[::-1]) * shown - (shown - sides) / 2
    if (corners[1] <= 0).any() or (corners[0] >= sides).any():
        return None  # in the padding
    box = box_around(corners, image.width, image.height)
    return box if box.area <= _LARGEST * image.width * image.height else None
