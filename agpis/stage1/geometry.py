"""Do two images show the same thing in the same shape? ORB keypoints and a full affine map, mirrored or not."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from agpis.types import Box, Pixels

Affine = npt.NDArray[np.float64]
Points = npt.NDArray[np.float32]
Bits = npt.NDArray[np.uint64]

SIDE = 384  # longest side in pixels at which keypoints are found; more is slower and no better
_KEYPOINTS = 400
_FAST_THRESHOLD = 8  # lower than OpenCV's 20, so that plain fabric gives keypoints too
_SMALLEST_SIDE = 24  # ORB needs room for its patch
_RATIO = 0.85
_REPROJECTION = 4.0  # pixels at SIDE
_FEWEST_MATCHES = 5  # three points fix an affine map, two more confirm it
_NEARBY = 10.0  # pixels at SIDE around the place a first map gives
_ALIKE = 64  # of 256 bits may differ there
_CELL = 6  # pixels; keypoints of neighbouring scales sit on one spot and confirm nothing
_LARGEST_ZOOM = 8.0
_LARGEST_STRETCH = 2.5
_ORB_EDGE = 15
_BITS = 256


@dataclass(frozen=True, slots=True, eq=False)
class Keypoints:
    """ORB keypoints of one image.

    Attributes:
        points: (N, 2) float32 x, y in pixels of the small image.
        descriptors: (N, 4) uint64, the 256 bits of each.
    """

    points: Points
    descriptors: Bits

    def within(self, box: Box, scale: float) -> Keypoints:
        """Keep those inside a box of the original image; `scale` is small pixels per original pixel."""
        x, y = self.points[:, 0] / scale, self.points[:, 1] / scale
        keep = (x >= box.x) & (x < box.x + box.w) & (y >= box.y) & (y < box.y + box.h)
        return Keypoints(self.points[keep], self.descriptors[keep])


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """An affine map between two small images and what supports it.

    Attributes:
        affine: (2, 3), takes a point x, y of the first small image to the second.
        inliers: (M, 2) float32, the supporting points in the second small image.
        support: number of different spots among the inliers, the smaller of both images.
    """

    affine: Affine
    inliers: Points
    support: int


def shrink(pixels: Pixels, side: int = SIDE) -> tuple[Pixels, float]:
    """Make the longest side at most `side`; also gives small pixels per original pixel, at most 1."""
    height, width = pixels.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def find_keypoints(small: Pixels) -> Keypoints:
    """Detect ORB keypoints in an (h, w, 3) uint8 RGB image; none in one that is blank or tiny."""
    none = Keypoints(np.zeros((0, 2), np.float32), np.zeros((0, 4), np.uint64))
    if min(small.shape[:2]) < _SMALLEST_SIDE:
        return none
    orb = cv2.ORB.create(nfeatures=_KEYPOINTS, fastThreshold=_FAST_THRESHOLD, edgeThreshold=_ORB_EDGE)
    found, descriptors = orb.detectAndCompute(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), None)
    if descriptors is None:
        return none
    points = np.array([point.pt for point in found], np.float32)
    return Keypoints(points, np.ascontiguousarray(descriptors, np.uint8).view(np.uint64))


def align(first: Keypoints, second: Keypoints) -> Alignment | None:
    """Find the affine map most keypoints agree on, or None when too few do or the map is no plausible view change.

    Matches that are clearly the best give a first map and the support. Then every keypoint may match what lies near
    the place where that map takes it, which makes the map more exact; such matches follow from the map, so they are
    no further support for it.
    """
    if min(len(first.points), len(second.points)) < _FEWEST_MATCHES:
        return None
    distances = _hamming(first.descriptors, second.descriptors)
    fitted = _fit(first, second, _distinct_matches(distances))
    if fitted is None:
        return None
    mapped = (first.points @ fitted.affine[:, :2].T + fitted.affine[:, 2]).astype(np.float32)
    squared = sum((mapped[:, axis, None] - second.points[None, :, axis]) ** 2 for axis in (0, 1))
    distances[squared > _NEARBY**2] = _BITS
    refined = _fit(first, second, _near_matches(distances))
    if refined is None or refined.support <= fitted.support:
        return fitted
    return Alignment(refined.affine, refined.inliers, fitted.support)


def _fit(first: Keypoints, second: Keypoints, pairs: npt.NDArray[np.int64]) -> Alignment | None:
    if len(pairs) < _FEWEST_MATCHES:
        return None
    source, target = first.points[pairs[:, 0]], second.points[pairs[:, 1]]
    found, mask = cv2.estimateAffine2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=_REPROJECTION, maxIters=1000, confidence=0.99
    )
    if found is None:
        return None
    affine = np.asarray(found, np.float64)
    if not _plausible(affine):
        return None
    inlying = np.ravel(mask).astype(bool)
    support = min(_spots(source[inlying]), _spots(target[inlying]))
    return Alignment(affine, target[inlying], support) if support >= _FEWEST_MATCHES else None


def _distinct_matches(distances: npt.NDArray[np.uint16]) -> npt.NDArray[np.int64]:
    """Pairs of row and column (M, 2) that are nearest both ways and clearly nearer than the row's second best."""
    rows = np.arange(len(distances))
    nearest, back = distances.argmin(axis=1), distances.argmin(axis=0)
    rest = distances.copy()
    rest[rows, nearest] = _BITS
    good = (distances[rows, nearest] < _RATIO * rest.min(axis=1)) & (back[nearest] == rows)
    return np.stack([rows[good], nearest[good]], axis=1)


def _near_matches(distances: npt.NDArray[np.uint16]) -> npt.NDArray[np.int64]:
    """Pairs of row and column (M, 2) that are nearest both ways and alike."""
    rows = np.arange(len(distances))
    nearest, back = distances.argmin(axis=1), distances.argmin(axis=0)
    good = (distances[rows, nearest] < _ALIKE) & (back[nearest] == rows)
    return np.stack([rows[good], nearest[good]], axis=1)


def _hamming(first: Bits, second: Bits) -> npt.NDArray[np.uint16]:
    """Number of differing bits between all rows, (N, M); three times as fast here as OpenCV's brute-force matcher."""
    distances = np.zeros((len(first), len(second)), np.uint16)
    for word in range(4):
        distances += np.bitwise_count(first[:, word, None] ^ second[None, :, word])
    return distances


def _plausible(affine: Affine) -> bool:
    stretch = np.linalg.svd(affine[:, :2], compute_uv=False)
    if not np.isfinite(stretch).all() or stretch[1] < 1 / _LARGEST_ZOOM or stretch[0] > _LARGEST_ZOOM:
        return False
    # a mirrored view is looked for on its own, with the mirrored image
    return bool(stretch[0] / stretch[1] < _LARGEST_STRETCH and np.linalg.det(affine[:, :2]) > 0)


def _spots(points: Points) -> int:
    return len({(int(x), int(y)) for x, y in points // _CELL})
