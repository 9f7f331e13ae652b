"""Image-pair recognition (section 3.3.2): which images of a product repeat one another, and where.

As in the paper, EdgeBoxes patches and their nearest neighbours propose regions. Departure: closeness of patch features
does not decide, since fabric and skin look alike everywhere. Keypoints that agree on one affine map (mirrored or not)
and colours that agree under that map do.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from agpis.stage1.agreement import Agreement, Mask, Picture, compare, compare_silhouettes, hull_of, picture_of
from agpis.stage1.classifier import ImageClassifier
from agpis.stage1.geometry import Affine, Keypoints, align, find_keypoints, shrink
from agpis.stage1.patches import ImagePatches, PatchPair, describe_patches, match_patches
from agpis.types import Box, Image, PairMatch, PairRelation

_FLOOR = 0.1  # weaker matches are not worth reporting
_MOST_SUPPORT = 40  # more keypoints than this make no difference
_RECOLOURED = 0.015  # share of the overlap beyond which a difference in colour is no accident
_SAME_STRUCTURE = 0.4  # a recoloured area keeps its edges at least so well, one that is covered up does not
_PATCH_PAIRS = 3
_VERIFIED_IOU = 0.5
_FEW_KEYPOINTS = 80  # with fewer in either image the silhouettes are compared too
_PLAIN_DISTANCE = 2.0  # CIELAB units, the mean between two silhouettes of one photo saved twice
_PLAIN_OUTLINE = 0.96  # intersection over union


def find_pairs(images: Sequence[Image], network: ImageClassifier | None = None) -> tuple[PairMatch, ...]:
    """Compare every two images of one product.

    `similarity` is the logistic function of the evidence, made so that 0.5 is the recommended threshold. With n the
    spots at which keypoints support the map (at most 40 count) and the shares of `Agreement`:

    - DUPLICATE: 4 ln(n / 10.5) + 14 (overlap - 0.86)
    - VARIANT, when solid areas have another colour but the same edges: 4 ln(n / 14) + 6 (structure - 0.6)
    - images almost without keypoints: their silhouettes laid over one another, see `_plain_verdict`.

    It grows with support and agreement. Equal pixels give 1.

    Args:
        images: the images of one product, K^c of them; files unique.
        network: its backbone describes patches, which find small repeated regions and add patch pairs to `boxes`.
            Without it whole images are compared.

    Returns:
        Matches of similarity 0.1 and more, strongest first; at most one per pair. The first pair of `boxes` covers
        the verified area, the others are verified patches. All boxes lie inside their images.
    """
    patches = describe_patches(images, network) if network is not None else (None,) * len(images)
    described = [_describe(image, found) for image, found in zip(images, patches, strict=True)]
    matches = (_match(first, second) for first, second in itertools.combinations(described, 2))
    return tuple(sorted((match for match in matches if match is not None), key=lambda match: -match.similarity))


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One image as it is, or mirrored."""

    keypoints: Keypoints
    picture: Picture


@dataclass(frozen=True, slots=True, eq=False)
class _Described:
    """What is computed once per image."""

    image: Image
    scale: float  # keypoint pixels per original pixel
    straight: _Side
    mirrored: _Side
    patches: ImagePatches | None


@dataclass(frozen=True, slots=True, eq=False)
class _Verdict:
    relation: PairRelation
    evidence: float
    affine: Affine  # from the first picture to the second, mirrored when `mirrored`
    region: Mask  # of the second picture, mirrored when `mirrored`
    mirrored: bool


def _describe(image: Image, patches: ImagePatches | None) -> _Described:
    small, scale = shrink(image.pixels)
    flipped = np.ascontiguousarray(small[:, ::-1])
    picture = picture_of(image.pixels)
    straight = _Side(find_keypoints(small), picture)
    return _Described(image, scale, straight, _Side(find_keypoints(flipped), picture.mirrored()), patches)


def _match(first: _Described, second: _Described) -> PairMatch | None:
    files = first.image.file, second.image.file
    whole = Box(0, 0, first.image.width, first.image.height)
    if np.array_equal(first.image.pixels, second.image.pixels):
        return PairMatch(*files, PairRelation.DUPLICATE, 1.0, ((whole, whole),))
    patch_pairs = match_patches(first.patches, second.patches) if first.patches and second.patches else ()
    verdicts = list(_whole_verdicts(first, second))
    if not any(verdict.evidence > 0 for verdict in verdicts):
        verdicts.extend(_patch_verdicts(first, second, patch_pairs))
    best = max(verdicts, key=lambda verdict: verdict.evidence, default=None)
    if best is None:
        return None
    similarity = 1 / (1 + math.exp(-best.evidence))
    if similarity < _FLOOR or not best.region.any():
        return None
    verified = [(pair.first, pair.second) for pair in patch_pairs if _is_verified(pair, best, first, second)]
    boxes = (_boxes_of(best, first, second), *verified[:_PATCH_PAIRS])
    return PairMatch(*files, best.relation, similarity, boxes)


def _whole_verdicts(first: _Described, second: _Described) -> Iterator[_Verdict]:
    for mirrored in (False, True):
        other = second.mirrored if mirrored else second.straight
        verdict = _verdict(first, second, first.straight.keypoints, other.keypoints, mirrored)
        if verdict is not None:
            yield verdict
        if min(len(first.straight.keypoints.points), len(other.keypoints.points)) < _FEW_KEYPOINTS:
            yield from _plain_verdict(first.straight.picture, other.picture, mirrored)


def _patch_verdicts(first: _Described, second: _Described, pairs: Sequence[PatchPair]) -> Iterator[_Verdict]:
    """Look again at the keypoints inside patches that look alike: less to confuse them with."""
    for pair in pairs[:_PATCH_PAIRS]:
        inside = first.straight.keypoints.within(pair.first, first.scale)
        for mirrored in (False, True):
            box = _flipped(pair.second, second.image.width) if mirrored else pair.second
            other = (second.mirrored if mirrored else second.straight).keypoints.within(box, second.scale)
            verdict = _verdict(first, second, inside, other, mirrored)
            if verdict is not None:
                yield verdict


def _verdict(
    first: _Described, second: _Described, source: Keypoints, target: Keypoints, mirrored: bool
) -> _Verdict | None:
    alignment = align(source, target)
    if alignment is None:
        return None
    other = (second.mirrored if mirrored else second.straight).picture
    ratios = first.straight.picture.scale / first.scale, other.scale / second.scale
    affine = _rescaled(alignment.affine, *ratios)
    hull = hull_of(alignment, ratios[1], other.pixels.shape[:2])
    agreement = compare(first.straight.picture, other, affine, hull)
    relation, evidence = _weigh(alignment.support, agreement)
    return _Verdict(relation, evidence, affine, agreement.region, mirrored)


def _rescaled(affine: Affine, source: float, target: float) -> Affine:
    """The same map between pictures that are `source` and `target` times as large; pixel centres lie at halves."""
    scaled = affine.copy()
    scaled[:, :2] *= target / source
    centre = affine[:, :2] @ np.full(2, 0.5 / source - 0.5) + affine[:, 2]  # where the first picture's (0, 0) goes
    scaled[:, 2] = (centre + 0.5) * target - 0.5
    return scaled


def _weigh(support: int, agreement: Agreement) -> tuple[PairRelation, float]:
    """The relation and its evidence; 0 is the recommended threshold. See `find_pairs`."""
    counted = min(support, _MOST_SUPPORT)
    if agreement.recoloured >= _RECOLOURED and agreement.structure >= _SAME_STRUCTURE:
        return PairRelation.VARIANT, 4 * math.log(counted / 14) + 6 * (agreement.structure - 0.6)
    return PairRelation.DUPLICATE, 4 * math.log(counted / 10.5) + 14 * (agreement.overlap - 0.86)


def _plain_verdict(first: Picture, second: Picture, mirrored: bool) -> Iterator[_Verdict]:
    """Compare the silhouettes of two images of a plain thing, which has too few keypoints.

    Outlines must coincide, and colours must differ no more than JPEG makes them differ (DUPLICATE) or the shading must
    run alike (VARIANT): the back of a plain shirt has the outline of its front, but other folds.
    """
    silhouettes = compare_silhouettes(first, second)
    if silhouettes is None:
        return
    outline = 100 * (silhouettes.outline - _PLAIN_OUTLINE)
    if silhouettes.agreement.recoloured >= _RECOLOURED:
        relation, inner = PairRelation.VARIANT, 10 * (silhouettes.agreement.structure - 0.8)
    else:
        relation, inner = PairRelation.DUPLICATE, 3 * (_PLAIN_DISTANCE - silhouettes.distance)
    yield _Verdict(relation, min(outline, inner), silhouettes.affine, silhouettes.agreement.region, mirrored)


def _is_verified(pair: PatchPair, verdict: _Verdict, first: _Described, second: _Described) -> bool:
    """Does the verdict's map take the first patch to the second?"""
    scale = first.straight.picture.scale
    box = pair.first
    corners = np.array([[box.x, box.y], [box.x + box.w, box.y], [box.x, box.y + box.h], [box.x + box.w, box.y + box.h]])
    mapped = (corners * scale) @ verdict.affine[:, :2].T + verdict.affine[:, 2]
    target = _box_around(mapped / second.straight.picture.scale, second.image)
    if target is None:
        return False
    return (_flipped(target, second.image.width) if verdict.mirrored else target).iou(pair.second) > _VERIFIED_IOU


def _boxes_of(verdict: _Verdict, first: _Described, second: _Described) -> tuple[Box, Box]:
    """Boxes around the verified region in both images, in original pixels."""
    picture = first.straight.picture
    size = (picture.pixels.shape[1], picture.pixels.shape[0])
    back = cv2.warpAffine(
        verdict.region.astype(np.uint8), verdict.affine, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    )
    one = _box_of(np.asarray(back, bool), picture.scale, first.image)
    two = _box_of(verdict.region, second.straight.picture.scale, second.image)
    return one, _flipped(two, second.image.width) if verdict.mirrored else two


def _box_of(region: Mask, scale: float, image: Image) -> Box:
    rows, columns = np.nonzero(region.any(axis=1))[0], np.nonzero(region.any(axis=0))[0]
    if not len(rows):
        return Box(0, 0, image.width, image.height)
    ends = np.array([[columns[0], rows[0]], [columns[-1] + 1, rows[-1] + 1]], np.float64) / scale
    return _box_around(ends, image) or Box(0, 0, image.width, image.height)


def _box_around(points: np.ndarray[tuple[int, ...], np.dtype[np.float64]], image: Image) -> Box | None:
    """The box around points (N, 2), clipped to the image; None when they lie outside."""
    limits = np.array([image.width, image.height])
    low = np.clip(np.floor(points.min(axis=0)), 0, limits).astype(int)
    high = np.clip(np.ceil(points.max(axis=0)), 0, limits).astype(int)
    if (high <= low).any():
        return None
    return Box(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))


def _flipped(box: Box, width: int) -> Box:
    return Box(max(width - box.x - box.w, 0), box.y, box.w, box.h)
