"""Patch features and their nearest neighbours (section 3.3.2): they propose which regions of two images to compare."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from agpis.stage1.proposals import propose
from agpis.stage1.threads import in_threads
from agpis.types import Box, Image

if TYPE_CHECKING:
    from agpis.stage1.classifier import ImageClassifier

_BATCH_SIZE = 32
_PATCH_SIZE = 64  # pixels, side of the network input; at the classifier's 192 patches cost nine times as much


@dataclass(frozen=True, slots=True, eq=False)
class ImagePatches:
    """The patches of one image, computed once and compared with those of every other image.

    Attributes:
        boxes: EdgeBoxes proposals, best first; may be empty.
        features: (len(boxes), D) float32, rows of length 1.
    """

    boxes: tuple[Box, ...]
    features: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PatchPair:
    """Two patches that are each other's nearest neighbours.

    Attributes:
        first: box on the first image.
        second: box on the second image.
        closeness: cosine of the two features, in [-1, 1].
    """

    first: Box
    second: Box
    closeness: float


def describe_patches(
    images: Sequence[Image],
    network: ImageClassifier,
    max_boxes: int = 4,
    forest: str | os.PathLike[str] | None = None,
) -> tuple[ImagePatches, ...]:
    """Propose patches in every image and embed them all in batches through one network.

    The mean feature of the product's patches is taken off before the rows are brought to length 1: what all patches
    have in common, such as the white background, says nothing about which two belong together.

    Args:
        images: the images of one product.
        network: its backbone gives the features (section 3.3.2: "a pretrained DNN").
        max_boxes: proposals per image, at least 1; those after the tenth are mostly background.
        forest: as for `propose`.
    """
    proposed = in_threads(lambda image: propose(image.pixels, max_boxes, forest), images)
    boxes = [tuple(proposal.box for proposal in found) for found in proposed]
    crops = [
        Image(f"{image.file}[{box.x},{box.y}]", image.pixels[box.y : box.y + box.h, box.x : box.x + box.w])
        for image, found in zip(images, boxes, strict=True)
        for box in found
    ]
    features = network.features(crops, _BATCH_SIZE, _PATCH_SIZE)
    if len(features):
        features = features - features.mean(axis=0)
        features /= np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    ends = np.cumsum([len(found) for found in boxes])
    rows = np.split(features, ends[:-1]) if len(boxes) else []
    return tuple(ImagePatches(found, part) for found, part in zip(boxes, rows, strict=True))


def match_patches(first: ImagePatches, second: ImagePatches, most: int = 5) -> tuple[PatchPair, ...]:
    """Find at most `most` mutual nearest neighbours (k = 1 in both directions) by cosine, closest first."""
    if not first.boxes or not second.boxes:
        return ()
    cosines = first.features @ second.features.T
    nearest, back = cosines.argmax(axis=1), cosines.argmax(axis=0)
    mutual = [
        PatchPair(first.boxes[row], second.boxes[column], float(cosines[row, column]))
        for row, column in enumerate(nearest)
        if back[column] == row
    ]
    return tuple(sorted(mutual, key=lambda pair: -pair.closeness)[:most])
