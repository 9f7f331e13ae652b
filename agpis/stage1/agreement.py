"""Do two aligned pictures agree in colour, and if not, in structure? The verdict on what geometry proposes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from agpis.stage1.geometry import Affine, Points
from agpis.stage1.picture import Mask, Picture, to_lab
from agpis.types import Pixels

_BLUR = 1.5  # pixels; forgives small misalignment and JPEG
_LIGHTNESS_WEIGHT = 0.75  # of lightness in colour distances; light changes more between copies than hue does
_LAB_TOLERANCE = 10.0  # CIELAB units, lightness weighted
_LAB_RECOLOURED = 16.0  # the same units; solid areas beyond this were given another colour
_LARGEST_GAIN = 1.55  # how much brighter the whole of one picture may be than the other
_CLIPPED, _BLACK = 245, 20  # pixel values that say nothing about the gain
_FEWEST_PIXELS = 16
_SLIGHT_BLUR = 0.3  # pixels; less is not worth doing
_LARGEST_STRETCH = 1.1  # silhouettes are of one photo, so both sides shrink alike
_HULL_MARGIN = 0.06  # of the side; keypoints never sit on the rim of what they support


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """How well two aligned pictures agree.

    "Overlap" is where the foregrounds of both lie on one another, "core" the part of it that keypoints support.

    Attributes:
        core: share of the core with equal colours less the share of the largest differing blob, in [0, 1].
        overlap: the same of the whole overlap.
        recoloured: share of the overlap taken by solid areas of clearly different colour, in [0, 1].
        shape: agreement of edge directions in the whole overlap, in [-1, 1]; 0 is chance.
        structure: the same in and around the areas of different colour (`shape` when there are none): high where a
            thing was recoloured, low where something was laid over it.
        beyond: share of the areas of clearly different colour that reaches over the first picture's background, in
            [0, 1]: a banner does not stop where the product stops, another colour does.
        region: (h, w) of the second picture: where both agree, around the core.
    """

    core: float
    overlap: float
    recoloured: float
    shape: float
    structure: float
    beyond: float
    region: Mask


@dataclass(frozen=True, slots=True, eq=False)
class Silhouettes:
    """Two foregrounds laid over one another by their bounding boxes.

    Attributes:
        affine: (2, 3), takes pixels x, y of the first picture to the second.
        outline: intersection over union of the foregrounds, in [0, 1].
        distance: mean colour distance inside both, in CIELAB units, lightness weighted.
        agreement: as for keypoints; the core is the whole overlap.
    """

    affine: Affine
    outline: float
    distance: float
    agreement: Agreement


def compare(first: Picture, second: Picture, affine: Affine, hull: Mask) -> Agreement:
    """Lay the first picture over the second and compare them.

    Args:
        first: is warped.
        second: stays.
        affine: (2, 3), takes pixels x, y of the first picture to the second.
        hull: (h, w) of the second picture, the region that keypoints support.
    """
    size = (second.pixels.shape[1], second.pixels.shape[0])
    warped, target = _equally_sharp(first.pixels, second.pixels, affine)
    inside = cv2.warpAffine(np.ones(first.pixels.shape[:2], np.uint8), affine, size)
    fore = cv2.warpAffine(first.foreground.astype(np.uint8), affine, size).astype(bool)
    shared = cv2.erode(inside, np.ones((3, 3), np.uint8)).astype(bool)
    overlap = shared & fore & second.foreground
    core = overlap & hull
    if core.sum() < _FEWEST_PIXELS:
        return Agreement(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, core)
    a, b = (_blurred(pixels, _BLUR) for pixels in (warped, target))
    distance = min(_distances(a, b, core), key=lambda each: float((each > _LAB_TOLERANCE)[overlap].mean()))
    differs = distance > _LAB_TOLERANCE
    solid = _opened(overlap & (distance > _LAB_RECOLOURED))
    around = overlap & np.asarray(cv2.dilate(solid.astype(np.uint8), np.ones((5, 5), np.uint8)), bool)
    shape, structure = _structures(a, b, (overlap, around if solid.any() else overlap))
    return Agreement(
        core=_agreeing_share(differs, core),
        overlap=_agreeing_share(differs, overlap),
        recoloured=float(solid.sum() / overlap.sum()),
        shape=shape,
        structure=structure,
        beyond=_beyond(_opened(shared & (distance > _LAB_RECOLOURED)), solid, fore),
        region=_grown(core, overlap & ~differs),
    )


def compare_silhouettes(first: Picture, second: Picture) -> Silhouettes | None:
    """Lay one foreground over the other; None when either has no plain background to stand out from."""
    one, two = _extent(first.foreground), _extent(second.foreground)
    if one is None or two is None:
        return None
    zoom = (two[1] - two[0]) / (one[1] - one[0])
    affine = np.column_stack([np.diag(zoom), two[0] - zoom * one[0]])
    size = (second.pixels.shape[1], second.pixels.shape[0])
    fore = cv2.warpAffine(first.foreground.astype(np.uint8), affine, size).astype(bool)
    both = fore & second.foreground
    outline = float(both.sum()) / max(float((fore | second.foreground).sum()), 1.0)
    if both.sum() < _FEWEST_PIXELS or max(zoom) > _LARGEST_STRETCH * min(zoom):
        return None
    distance = float(_distance(*_equally_sharp(first.pixels, second.pixels, affine))[both].mean())
    return Silhouettes(affine, outline, distance, compare(first, second, affine, both))


def _extent(foreground: Mask) -> npt.NDArray[np.float64] | None:
    """First and one-past-last x, y of the foreground, (2, 2); None when it fills the picture."""
    if foreground.all():
        return None
    rows, columns = np.nonzero(foreground.any(axis=1))[0], np.nonzero(foreground.any(axis=0))[0]
    return np.array([[columns[0], rows[0]], [columns[-1] + 1, rows[-1] + 1]], np.float64)


def _equally_sharp(first: Pixels, second: Pixels, affine: Affine) -> tuple[Pixels, Pixels]:
    """Warp the first onto the second and blur whichever shows more detail, so that zooming makes no difference."""
    zoom = max(abs(float(np.linalg.det(affine[:, :2]))), 1e-6) ** 0.5
    sigma = 0.5 * abs(zoom**2 - 1) ** 0.5 / min(zoom, 1.0)
    if sigma > _SLIGHT_BLUR:
        first, second = (first, _blurred(second, sigma)) if zoom > 1 else (_blurred(first, sigma), second)
    size = (second.shape[1], second.shape[0])
    return np.asarray(cv2.warpAffine(first, affine, size, borderMode=cv2.BORDER_REPLICATE), np.uint8), second


def _blurred(pixels: Pixels, sigma: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)


def _agreeing_share(differs: Mask, region: Mask) -> float:
    area = float(region.sum())
    return max(1.0 - float(differs[region].mean()) - _largest_blob(differs & region) / area, 0.0)


def hull_of(points: Points, shape: tuple[int, ...]) -> Mask:
    """Fill the convex hull of points x, y (M, 2) in a picture of (h, w) `shape`."""
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.round(points).astype(np.int32)), 1)
    return mask.astype(bool)


def widened(hull: Mask) -> Mask:
    """A hull and a little around it."""
    margin = 2 * round(_HULL_MARGIN * max(hull.shape)) + 1
    return np.asarray(cv2.dilate(hull.astype(np.uint8), np.ones((margin, margin), np.uint8)), bool)


def _distances(a: Pixels, b: Pixels, region: Mask) -> list[npt.NDArray[np.float32]]:
    """Colour distances (h, w) as they are, and after making the darker one of the two brighter as a whole."""
    darker, brighter = (a, b) if a[region].mean() <= b[region].mean() else (b, a)
    bright, dark = brighter[region].astype(np.float32), darker[region].astype(np.float32)
    usable = (bright.max(axis=1) < _CLIPPED) & (dark.max(axis=1) > _BLACK)
    distances = [_distance(a, b)]
    if usable.sum() >= _FEWEST_PIXELS:
        gain = float(np.median(bright[usable].sum(axis=1) / dark[usable].sum(axis=1)))
        gain = min(max(gain, 1.0), _LARGEST_GAIN)
        lifted = np.minimum(darker.astype(np.float32) * gain, 255).astype(np.uint8)
        distances.append(_distance(lifted, brighter))
    return distances


def _distance(a: Pixels, b: Pixels) -> npt.NDArray[np.float32]:
    difference = to_lab(a) - to_lab(b)
    difference[..., 0] *= _LIGHTNESS_WEIGHT
    return np.asarray(np.linalg.norm(difference, axis=2), np.float32)


def _opened(mask: Mask) -> Mask:
    """Without specks."""
    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), bool)


def _beyond(differing: Mask, solid: Mask, foreground: Mask) -> float:
    """Share of background in the differing blobs that touch the product."""
    _, labels = cv2.connectedComponents(differing.astype(np.uint8), connectivity=4)
    touching = differing & np.isin(labels, np.unique(labels[solid & differing]))
    return float((touching & ~foreground).sum()) / max(float(touching.sum()), 1.0)


def _largest_blob(mask: Mask) -> float:
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    return float(stats[1:, cv2.CC_STAT_AREA].max(initial=0))


def _structures(a: Pixels, b: Pixels, regions: tuple[Mask, ...]) -> list[float]:
    """Mean of cos 2(difference of edge directions), weighted by both edge strengths; blind to which side is darker."""
    (ax, ay), (bx, by) = (_gradient(pixels) for pixels in (a, b))
    # With complex numbers, e^2i(difference) is the square of one gradient times the other's conjugate.
    product = (ax + 1j * ay) * (bx - 1j * by)
    weight = np.abs(product)
    alike = np.divide((product * product).real, weight, out=np.zeros_like(weight), where=weight > 0)
    return [float(alike[where].sum() / max(float(weight[where].sum()), 1e-9)) for where in regions]


def _gradient(pixels: Pixels) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    light = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    gx, gy = cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1)
    strength = np.sqrt(np.hypot(gx, gy)) + np.float32(1e-6)  # the square root keeps outlines from deciding alone
    return gx / strength, gy / strength


def _grown(core: Mask, agreeing: Mask) -> Mask:
    """The core and the agreeing areas that touch it."""
    joined = cv2.morphologyEx((core | agreeing).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    count, labels = cv2.connectedComponents(joined)
    touched = np.zeros(count, bool)
    touched[np.unique(labels[core])] = True
    touched[0] = False
    return np.asarray(core | touched[labels], bool)
