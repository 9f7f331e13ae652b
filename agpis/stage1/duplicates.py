"""Image-pair recognition (section 3.3.2): which images of a product repeat one another, and where.

As in the paper, EdgeBoxes patches and their nearest neighbours propose regions. Departure: closeness of patch features
does not decide, since fabric and skin look alike everywhere. Keypoints that agree on one affine map (mirrored or not)
and colours that agree under that map do.
"""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from agpis.stage1.agreement import compare, compare_silhouettes, hull_of, widened
from agpis.stage1.geometry import Affine, Compared, align, compared, inverted
from agpis.stage1.pair_model import PairModel, features_of, weigh
from agpis.stage1.patches import ImagePatches, PatchPair, describe_patches, match_patches
from agpis.stage1.picture import Mask
from agpis.stage1.refinement import refine
from agpis.stage1.threads import in_threads
from agpis.stage1.views import View, between_images, between_pictures, chained, moved, moved_box, view_of, warped
from agpis.types import Box, Image, PairMatch, PairRelation

if TYPE_CHECKING:
    from agpis.stage1.classifier import ImageClassifier

_FLOOR = 0.1  # weaker matches are not worth reporting
_CERTAIN = 0.97  # no second look can change the verdict
_DOUBTFUL = 0.02
_RECOLOURED = 0.015  # share of the overlap beyond which a difference in colour is no accident
_PATCH_PAIRS = 3
_CLOSE = 0.5  # cosine of patches that are worth a look of their own; of 504 made pairs none needed less
_VERIFIED_IOU = 0.5
_FEW_KEYPOINTS = 80  # with fewer in either image the silhouettes are compared too
_PLAIN_DISTANCE = 2.0  # CIELAB units, the mean between two silhouettes of one photo saved twice
_PLAIN_OUTLINE = 0.96  # intersection over union
_SMALL_PART = 0.5  # of an image; where the other shows no more of it, that part is looked at from nearer
_SMALLEST_SIDE = 48  # pixels of such a part
_MARGIN = 0.05  # of the part's sides


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """What is computed once per image.

    Attributes:
        image: the image.
        straight: as it is.
        mirrored: left to right.
        patches: proposed regions with features; None without a network.
    """

    image: Image
    straight: View
    mirrored: View
    patches: ImagePatches | None


@dataclass(frozen=True, slots=True, eq=False)
class ViewPair:
    """Two views and their keypoints side by side, compared once.

    Attributes:
        first: the view of the first image.
        second: the view of the second image, which may be mirrored.
        keypoints: of both.
    """

    first: View
    second: View
    keypoints: Compared

    @classmethod
    def of(cls, first: View, second: View) -> ViewPair:
        """Compare the keypoints of two views."""
        return cls(first, second, compared(first.keypoints, second.keypoints))

    def within(self, patches: PatchPair) -> ViewPair:
        """Only the keypoints inside two patches."""
        inside = self.first.within(patches.first), self.second.within(patches.second)
        return ViewPair(self.first, self.second, self.keypoints.within(*inside))


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """One way to lay one image over another, and what it shows.

    Attributes:
        relation: the likelier one.
        similarity: its probability, in [0, 1].
        affine: takes pixels of the first view's picture to the second's.
        region: of the second view's picture, where both agree.
        first: the view of the first image.
        second: the view of the second image, which may be mirrored.
        features: what `pair_model.weigh` weighed; empty for silhouettes.
    """

    relation: PairRelation
    similarity: float
    affine: Affine
    region: Mask
    first: View
    second: View
    features: npt.NDArray[np.float64]


def find_pairs(
    images: Sequence[Image], network: ImageClassifier | None = None, forest: str | os.PathLike[str] | None = None
) -> tuple[PairMatch, ...]:
    """Compare every two images of one product.

    `similarity` is the probability of the relation, made so that 0.5 is the recommended threshold: of the model in
    `agpis.stage1.pair_model`, or, for images almost without keypoints, of their silhouettes laid over one another
    (`_plain_verdict`). Equal pixels give 1.

    Args:
        images: the images of one product, K^c of them; files unique.
        network: its backbone describes patches, which find small repeated regions and add patch pairs to `boxes`.
            Without it whole images are compared.
        forest: Structured-Forest model file for the edges that patches are proposed from; gradients without it.

    Returns:
        Matches of similarity 0.1 and more, strongest first; at most one per pair. The first pair of `boxes` covers
        the verified area, the others are verified patches. All boxes lie inside their images.
    """
    described = describe(images, network, forest)
    matches = in_threads(lambda pair: _match(*pair), itertools.combinations(described, 2))
    return tuple(sorted((match for match in matches if match is not None), key=lambda match: -match.similarity))


def describe(
    images: Sequence[Image], network: ImageClassifier | None = None, forest: str | os.PathLike[str] | None = None
) -> tuple[Described, ...]:
    """Compute once per image what comparing it with every other needs."""
    patches = describe_patches(images, network, forest=forest) if network is not None else (None,) * len(images)
    straight = in_threads(view_of, images)
    mirrored = in_threads(View.mirrored, straight)
    return tuple(itertools.starmap(Described, zip(images, straight, mirrored, patches, strict=True)))


def verdicts(
    first: Described, second: Described, patch_pairs: Sequence[PatchPair] = (), model: PairModel | None = None
) -> list[Verdict]:
    """Every plausible way to lay the first image over the second; empty when there is none.

    Args:
        first: one image.
        second: the other one.
        patch_pairs: regions to look into when the whole images show nothing.
        model: weighs the evidence; the shipped one when left out.
    """
    pairs = [ViewPair.of(first.straight, other) for other in (second.straight, second.mirrored)]
    found = list(_whole_verdicts(pairs, model))
    if not any(verdict.similarity > 0.5 for verdict in found):
        found.extend(_patch_verdicts(pairs, patch_pairs, model))
    found.extend([verdict for each in found if (verdict := _closer_verdict(each, model)) is not None])
    return found


def _match(first: Described, second: Described) -> PairMatch | None:
    files = first.image.file, second.image.file
    if np.array_equal(first.image.pixels, second.image.pixels):
        whole = Box(0, 0, first.image.width, first.image.height)
        return PairMatch(*files, PairRelation.DUPLICATE, 1.0, ((whole, whole),))
    patch_pairs = match_patches(first.patches, second.patches) if first.patches and second.patches else ()
    best = max(verdicts(first, second, patch_pairs), key=lambda verdict: verdict.similarity, default=None)
    boxes = _boxes_of(best) if best is not None else None
    if best is None or boxes is None or best.similarity < _FLOOR:
        return None
    verified = [(pair.first, pair.second) for pair in patch_pairs if _is_verified(pair, best)]
    return PairMatch(*files, best.relation, best.similarity, (boxes, *verified[:_PATCH_PAIRS]))


def _whole_verdicts(pairs: Sequence[ViewPair], model: PairModel | None) -> Iterator[Verdict]:
    for pair in pairs:
        verdict = _verdict(pair, model)
        if verdict is not None:
            yield verdict
        if min(pair.keypoints.likeness.shape) < _FEW_KEYPOINTS:
            yield from _plain_verdict(pair.first, pair.second)


def _patch_verdicts(
    pairs: Sequence[ViewPair], patches: Sequence[PatchPair], model: PairModel | None
) -> Iterator[Verdict]:
    """Look again at the keypoints inside patches that look alike: less to confuse them with."""
    for patch in patches[:_PATCH_PAIRS]:
        if patch.closeness < _CLOSE:
            break
        for pair in pairs:
            verdict = _verdict(pair.within(patch), model)
            if verdict is not None:
                yield verdict


def _verdict(pair: ViewPair, model: PairModel | None) -> Verdict | None:
    alignment = align(pair.keypoints)
    if alignment is None:
        return None
    first, second = pair.first, pair.second
    affine = between_pictures(first, second, alignment.affine)
    inliers = moved(alignment.inliers, chained(second.from_keypoints, inverted(second.from_picture)))
    hull = hull_of(inliers.astype(np.float32), second.picture.pixels.shape)
    affine = refine(first.picture, second.picture, affine, hull)
    agreement = compare(first.picture, second.picture, affine, widened(hull))
    features = features_of(alignment, agreement)
    relation, similarity = weigh(features, model)
    return Verdict(relation, similarity, affine, agreement.region, first, second, features)


def _closer_verdict(verdict: Verdict, model: PairModel | None) -> Verdict | None:
    """Where one image shows a small part of the other, compare with that part alone, at its own scale."""
    if not verdict.features.size or not _DOUBTFUL < verdict.similarity < _CERTAIN:
        return None
    first, second = verdict.first, verdict.second
    onto = between_images(first, second, verdict.affine)
    one = moved_box((0, 0, second.image.width, second.image.height), inverted(onto), first.image)
    two = moved_box((0, 0, first.image.width, first.image.height), onto, second.image)
    nearer = _nearer(first, one), _nearer(second, two)
    if nearer == (first, second):
        return None
    return _verdict(ViewPair.of(*nearer), model)


def _nearer(view: View, part: Box | None) -> View:
    if part is None or part.area > _SMALL_PART * view.image.width * view.image.height:
        return view
    across, down = math.ceil(_MARGIN * part.w), math.ceil(_MARGIN * part.h)
    x, y = max(part.x - across, 0), max(part.y - down, 0)
    right = min(part.x + part.w + across, view.image.width)
    bottom = min(part.y + part.h + down, view.image.height)
    wide = Box(x, y, right - x, bottom - y)
    return view.closer(wide) if min(wide.w, wide.h) >= _SMALLEST_SIDE else view


def _plain_verdict(first: View, second: View) -> Iterator[Verdict]:
    """Compare the silhouettes of two images of a plain thing, which has too few keypoints.

    Outlines must coincide, and colours must differ no more than JPEG makes them differ (DUPLICATE) or the shading must
    run alike (VARIANT): the back of a plain shirt has the outline of its front, but other folds.
    """
    silhouettes = compare_silhouettes(first.picture, second.picture)
    if silhouettes is None:
        return
    outline = 100 * (silhouettes.outline - _PLAIN_OUTLINE)
    if silhouettes.agreement.recoloured >= _RECOLOURED:
        relation, inner = PairRelation.VARIANT, 10 * (silhouettes.agreement.structure - 0.8)
    else:
        relation, inner = PairRelation.DUPLICATE, 3 * (_PLAIN_DISTANCE - silhouettes.distance)
    similarity = 1 / (1 + math.exp(-min(outline, inner)))
    region = silhouettes.agreement.region
    yield Verdict(relation, similarity, silhouettes.affine, region, first, second, np.zeros(0))


def _is_verified(pair: PatchPair, verdict: Verdict) -> bool:
    """Does the verdict's map take the first patch to the second?"""
    box = pair.first
    onto = between_images(verdict.first, verdict.second, verdict.affine)
    target = moved_box((box.x, box.y, box.x + box.w, box.y + box.h), onto, verdict.second.image)
    return target is not None and target.iou(pair.second) > _VERIFIED_IOU


def _boxes_of(verdict: Verdict) -> tuple[Box, Box] | None:
    """Boxes around the verified region in both images; None when it is empty."""
    back = warped(verdict.region, inverted(verdict.affine), verdict.first.picture.pixels.shape)
    one, two = verdict.first.box_of(back), verdict.second.box_of(verdict.region)
    return (one, two) if one is not None and two is not None else None
