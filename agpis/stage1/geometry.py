"""Do two images show the same thing in the same shape? ORB keypoints and a full affine map, mirrored or not."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from agpis.types import Pixels

Affine = npt.NDArray[np.float64]
Points = npt.NDArray[np.float32]
Signs = npt.NDArray[np.float32]

_KEYPOINTS = 400
_CANDIDATES = 1500  # corners that they are chosen from
_GRID = 6  # cells a side; half of the keypoints are spread over them, lest the letters of a banner take all
_FAST_THRESHOLD = 8  # lower than OpenCV's 20, so that plain fabric gives keypoints too
_SMALLEST_SIDE = 24  # ORB needs room for its patch
_RATIO = 0.85
_REPROJECTION = 4.0  # pixels
_FEWEST_MATCHES = 5  # three points fix an affine map, two more confirm it
_NEARBY = 10.0  # pixels around the place a first map gives
_ALIKE = 80  # of 256 bits may differ there
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
        descriptors: (N, 256) float32, -1 or 1 for each bit.
        size: width and height of the small image in pixels.
    """

    points: Points
    descriptors: Signs
    size: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Every keypoint of one image beside every keypoint of another.

    Attributes:
        first: (N, 2) float32 x, y in pixels of the first small image.
        second: (M, 2), of the second.
        sizes: width and height of both small images in pixels.
        likeness: (N, M) float32, equal bits minus differing bits of the descriptors, in [-256, 256].
    """

    first: Points
    second: Points
    sizes: tuple[tuple[int, int], tuple[int, int]]
    likeness: npt.NDArray[np.float32]

    def within(self, first: npt.NDArray[np.bool_], second: npt.NDArray[np.bool_]) -> Compared:
        """Only some keypoints of each, as two masks (N,) and (M,) tell."""
        likeness = self.likeness[np.ix_(first, second)]
        return Compared(self.first[first], self.second[second], self.sizes, likeness)


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """An affine map between two small images and what supports it.

    Attributes:
        affine: (2, 3), takes a point x, y of the first small image to the second.
        inliers: (M, 2) float32, the supporting points in the second small image.
        support: number of different spots among the inliers, the smaller of both images.
        repeated: share of the keypoints of the common area that are found again in their place, of the image where
            that area has fewer, in [0, 1]; chance alone gives about a tenth.
    """

    affine: Affine
    inliers: Points
    support: int
    repeated: float = 0.0


def find_keypoints(small: Pixels) -> Keypoints:
    """Detect ORB keypoints in an (h, w, 3) uint8 RGB image; none in one that is blank or tiny."""
    size = (small.shape[1], small.shape[0])
    none = Keypoints(np.zeros((0, 2), np.float32), np.zeros((0, _BITS), np.float32), size)
    if min(size) < _SMALLEST_SIDE:
        return none
    orb = cv2.ORB.create(nfeatures=_CANDIDATES, fastThreshold=_FAST_THRESHOLD, edgeThreshold=_ORB_EDGE)
    found, descriptors = orb.detectAndCompute(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), None)
    if descriptors is None:
        return none
    points = np.array([point.pt for point in found], np.float32)
    signs = np.unpackbits(np.asarray(descriptors, np.uint8), axis=1).astype(np.float32) * 2 - 1
    kept = _spread(points, np.array([point.response for point in found]), size)
    return Keypoints(points[kept], signs[kept], size)


def _spread(points: Points, strengths: npt.NDArray[np.float64], size: tuple[int, int]) -> npt.NDArray[np.int64]:
    """Which to keep: the strongest half of what is wanted, then the strongest of every cell in turn."""
    order = np.argsort(-strengths, kind="stable")
    cells = (points[order] * _GRID / np.array(size)).astype(np.int64) @ np.array([1, _GRID])
    by_cell = np.argsort(cells, kind="stable")
    _, starts, counts = np.unique(cells[by_cell], return_index=True, return_counts=True)
    turn = np.empty(len(order), np.int64)
    turn[by_cell] = np.arange(len(order)) - np.repeat(starts, counts)
    turn[: _KEYPOINTS // 2] = -1
    return np.sort(order[np.argsort(turn, kind="stable")[:_KEYPOINTS]])


def compared(first: Keypoints, second: Keypoints) -> Compared:
    """Compare all descriptors of two images at once, as one product of matrices."""
    likeness = first.descriptors @ second.descriptors.T
    return Compared(first.points, second.points, (first.size, second.size), likeness)


def align(pair: Compared) -> Alignment | None:
    """Find the affine map most keypoints agree on, or None when too few do or the map is no plausible view change.

    Matches that are clearly the best give a first map and the support. Then every keypoint may match what lies near
    the place where that map takes it, which makes the map more exact; such matches follow from the map, so they are
    no further support for it.
    """
    fitted = _fit(pair, _distinct_matches(pair.likeness))
    if fitted is None:
        return None
    mapped = (pair.first @ fitted.affine[:, :2].T + fitted.affine[:, 2]).astype(np.float32)
    squared = sum((mapped[:, axis, None] - pair.second[None, :, axis]) ** 2 for axis in (0, 1))
    refined = _fit(pair, _near_matches(np.where(squared > _NEARBY**2, -_BITS, pair.likeness)))
    if refined is None or refined.support <= fitted.support:
        refined = fitted
    onto, back = refined.affine, inverted(refined.affine)
    common = min(_common(pair.first, onto, pair.sizes[1]), _common(pair.second, back, pair.sizes[0]))
    return replace(refined, support=fitted.support, repeated=min(len(refined.inliers) / max(common, 1), 1.0))


def inverted(affine: Affine) -> Affine:
    """The map back, (2, 3)."""
    return np.asarray(cv2.invertAffineTransform(affine), np.float64)


def _common(points: Points, affine: Affine, size: tuple[int, int]) -> int:
    """How many points a map takes inside a small image of width and height `size`."""
    mapped = points @ affine[:, :2].T + affine[:, 2]
    return int(((mapped >= _ORB_EDGE) & (mapped < np.array(size) - _ORB_EDGE)).all(axis=1).sum())


def _fit(pair: Compared, matches: npt.NDArray[np.int64]) -> Alignment | None:
    if len(matches) < _FEWEST_MATCHES:
        return None
    source, target = pair.first[matches[:, 0]], pair.second[matches[:, 1]]
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


def _distinct_matches(likeness: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Pairs of row and column (M, 2) that are nearest both ways and clearly nearer than the row's second best."""
    if not likeness.size:
        return np.zeros((0, 2), np.int64)
    pairs = _mutual(likeness)
    rows = likeness[pairs[:, 0]]
    best = rows[np.arange(len(pairs)), pairs[:, 1]].copy()
    rows[np.arange(len(pairs)), pairs[:, 1]] = -_BITS
    return np.asarray(pairs[_BITS - best < _RATIO * (_BITS - rows.max(axis=1))])


def _near_matches(likeness: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Pairs of row and column (M, 2) that are nearest both ways and alike."""
    pairs = _mutual(likeness)
    return pairs[likeness[pairs[:, 0], pairs[:, 1]] > _BITS - 2 * _ALIKE]


def _mutual(likeness: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Pairs of row and column (M, 2), each the other's nearest."""
    nearest, back = likeness.argmax(axis=1), likeness.argmax(axis=0)
    rows = np.flatnonzero(back[nearest] == np.arange(len(likeness)))
    return np.stack([rows, nearest[rows]], axis=1)


def _plausible(affine: Affine) -> bool:
    stretch = np.linalg.svd(affine[:, :2], compute_uv=False)
    if not np.isfinite(stretch).all() or stretch[1] < 1 / _LARGEST_ZOOM or stretch[0] > _LARGEST_ZOOM:
        return False
    # a mirrored view is looked for on its own, with the mirrored image
    return bool(stretch[0] / stretch[1] < _LARGEST_STRETCH and np.linalg.det(affine[:, :2]) > 0)


def _spots(points: Points) -> int:
    return len({(int(x), int(y)) for x, y in points // _CELL})
