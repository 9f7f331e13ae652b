"""A part of an image, or its mirror image, described once and compared with many others."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from agpis.stage1.geometry import Affine, Keypoints, find_keypoints, inverted
from agpis.stage1.picture import Mask, Picture, picture_of, shrink
from agpis.types import Box, Image, Pixels

KEYPOINT_SIDE = 384  # longest side in pixels at which keypoints are found; more is slower and no better


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What is compared of an image.

    Attributes:
        image: that it shows, or shows a part of.
        keypoints: in pixels of their own small image.
        picture: for colours, smaller still.
        from_keypoints: (2, 3), takes pixels of the keypoints to pixels of the image.
        from_picture: (2, 3), takes pixels of the picture to pixels of the image.
    """

    image: Image
    keypoints: Keypoints
    picture: Picture
    from_keypoints: Affine
    from_picture: Affine

    @property
    def is_mirrored(self) -> bool:
        """Whether left and right are swapped."""
        return bool(self.from_keypoints[0, 0] < 0)

    def within(self, box: Box) -> npt.NDArray[np.bool_]:
        """Which keypoints lie inside a box of the image, one bool each."""
        places = moved(self.keypoints.points, self.from_keypoints)
        low, high = np.array([box.x, box.y]), np.array([box.x + box.w, box.y + box.h])
        return np.asarray(((places >= low) & (places < high)).all(axis=1), np.bool_)

    def mirrored(self) -> View:
        """The same part, left to right."""
        return view_of(self.image, mirrored=True, picture=self.picture.mirrored())

    def closer(self, box: Box) -> View:
        """A part of it, larger; mirrored when this is."""
        return view_of(self.image, box, mirrored=self.is_mirrored)

    def box_of(self, region: Mask) -> Box | None:
        """The box in the image around a region of the picture; None when the region is empty."""
        rows, columns = np.nonzero(region.any(axis=1))[0], np.nonzero(region.any(axis=0))[0]
        if not len(rows):
            return None
        return moved_box((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1), self.from_picture, self.image)


def view_of(image: Image, box: Box | None = None, mirrored: bool = False, picture: Picture | None = None) -> View:
    """Describe an image, or what lies in `box` of it; `picture` spares computing it when it is known."""
    box = box or Box(0, 0, image.width, image.height)
    part: Pixels = image.pixels[box.y : box.y + box.h, box.x : box.x + box.w]
    if mirrored:
        part = np.ascontiguousarray(part[:, ::-1])
    small = shrink(part, KEYPOINT_SIDE)
    picture = picture or picture_of(part)
    frames = (_frame(pixels, box, mirrored) for pixels in (small, picture.pixels))
    return View(image, find_keypoints(small), picture, *frames)


def _frame(small: Pixels, box: Box, mirrored: bool) -> Affine:
    """Takes pixels of a shrunken part of an image to pixels of the image; pixel centres lie at whole numbers."""
    height, width = small.shape[:2]
    step = np.array([box.w / width, box.h / height])
    start = step / 2 - 0.5
    if mirrored:
        return np.array([[-step[0], 0, box.x + box.w - 1 - start[0]], [0, step[1], box.y + start[1]]])
    return np.array([[step[0], 0, box.x + start[0]], [0, step[1], box.y + start[1]]])


def chained(*maps: Affine) -> Affine:
    """One map (2, 3) for several, applied from the left to the right."""
    whole = np.eye(3)
    for each in maps:
        whole = np.vstack([each, [0, 0, 1]]) @ whole
    return np.asarray(whole[:2], np.float64)


def between_pictures(first: View, second: View, alignment: Affine) -> Affine:
    """The map between keypoints, for pixels of the pictures."""
    to_keypoints = chained(first.from_picture, inverted(first.from_keypoints))
    return chained(to_keypoints, alignment, second.from_keypoints, inverted(second.from_picture))


def between_images(first: View, second: View, between: Affine) -> Affine:
    """The map between pictures, for pixels of the images."""
    return chained(inverted(first.from_picture), between, second.from_picture)


def moved(points: npt.NDArray[np.floating], affine: Affine) -> npt.NDArray[np.float64]:
    """Points (N, 2), x and y, after a map."""
    return np.asarray(points @ affine[:, :2].T + affine[:, 2], np.float64)


def moved_box(edges: tuple[float, float, float, float], affine: Affine, image: Image) -> Box | None:
    """The box around what a map makes of x0, y0, x1, y1, clipped to the image; None when it lies outside."""
    x0, y0, x1, y1 = edges
    corners = moved(np.array([[x0, y0], [x1, y0], [x0, y1], [x1, y1]]) - 0.5, affine) + 0.5
    limits = np.array([image.width, image.height])
    low = np.clip(np.floor(corners.min(axis=0) + 1e-6), 0, limits).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0) - 1e-6), 0, limits).astype(int)
    if (high <= low).any():
        return None
    return Box(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))


def warped(mask: Mask, affine: Affine, shape: tuple[int, ...]) -> Mask:
    """What a map makes of a mask, in a picture of (h, w) `shape`."""
    size = (shape[1], shape[0])
    return np.asarray(cv2.warpAffine(mask.astype(np.uint8), affine, size, flags=cv2.INTER_NEAREST), bool)
