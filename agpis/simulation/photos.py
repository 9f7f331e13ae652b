"""What can be read from, and made of, one real product photo: its foreground, a cut-out, and close-ups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from agpis.simulation.render.backdrops import plain_backdrop
from agpis.stage1.framing import even_border
from agpis.stage1.picture import to_lab
from agpis.types import Pixels

Mask = npt.NDArray[np.bool_]
Region = tuple[float, float, float, float]

_WORKING_SIDE = 160
_MIN_AREA, _MIN_STUDIO_AREA, _MAX_AREA = 0.15, 0.02, 0.90
_MIN_MAIN_SHARE = 0.85


@dataclass(frozen=True, slots=True, eq=False)
class Foreground:
    """Where the product is on a photo.

    Attributes:
        mask: (H, W), true on the product; the middle of the photo when it was not found.
        found: the mask is trustworthy: of a sensible size and in one piece.
        fill: share of the photo that the mask's bounding box covers; 1 when it was not found.
        edge_contact: share of the photo's border that the mask touches; 0 when it was not found.
    """

    mask: Mask
    found: bool
    fill: float
    edge_contact: float


def fit_within(pixels: Pixels, side: int) -> Pixels:
    """Scale a photo down so that its longest side is at most `side`; smaller photos stay as they are."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1.0:
        return pixels
    target = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, target, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def find_foreground(pixels: Pixels) -> Foreground:
    """Tell the product from what lies behind it.

    An even border is taken for a studio backdrop and everything unlike it for the product; otherwise GrabCut decides.

    Args:
        pixels: (H, W, 3) uint8 RGB.
    """
    height, width = pixels.shape[:2]
    small = fit_within(pixels, _WORKING_SIDE)
    for rough, least_piece, least in _roughs(small):
        main, is_main = _main_pieces(rough, least_piece)
        if is_main and least <= float(main.mean()) <= _MAX_AREA:
            return _trusted(main, height, width)
    middle = np.zeros((height, width), dtype=np.bool_)
    middle[height // 4 : height - height // 4, width // 4 : width - width // 4] = True
    return Foreground(mask=middle, found=False, fill=1.0, edge_contact=0.0)


def _roughs(small: Pixels) -> Iterator[tuple[npt.NDArray[np.uint8], float, float]]:
    # Rough masks, the surest first, each with the least share of a piece and of the whole; GrabCut is slow.
    backdrop = even_border(to_lab(small))
    if backdrop is not None:
        # Goods such as shoes come in several pieces.
        yield _unlike(small, backdrop), 0.15, _MIN_STUDIO_AREA
    yield _grab(small), 1.0, _MIN_AREA


def _trusted(main: Mask, height: int, width: int) -> Foreground:
    # GrabCut holds the two outermost pixels for background, so contact shows in the third.
    frame = np.concatenate([main[2], main[-3], main[:, 2], main[:, -3]])
    rows, columns = np.flatnonzero(main.any(axis=1)), np.flatnonzero(main.any(axis=0))
    box = (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)
    smooth = cv2.GaussianBlur(main.astype(np.float32), (0, 0), 1.0)
    soft = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_CUBIC)
    return Foreground(
        mask=np.asarray(soft > 0.5), found=True, fill=float(box / main.size), edge_contact=float(frame.mean())
    )


def _unlike(small: Pixels, backdrop: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    difference = to_lab(small) - backdrop
    # A shadow is darker but keeps its hue, so brightness counts for less than colour.
    distance = np.linalg.norm(difference * np.array([0.6, 1.4, 1.4], dtype=np.float32), axis=2)
    rough = (distance > 11.0).astype(np.uint8)
    rough = cv2.morphologyEx(rough, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return np.asarray(cv2.morphologyEx(rough, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), dtype=np.uint8)


def _grab(small: Pixels) -> npt.NDArray[np.uint8]:
    rows, columns = small.shape[:2]
    labels = np.full((rows, columns), cv2.GC_PR_BGD, dtype=np.uint8)
    labels[round(rows * 0.1) : round(rows * 0.9), round(columns * 0.1) : round(columns * 0.9)] = cv2.GC_PR_FGD
    labels[:2], labels[-2:], labels[:, :2], labels[:, -2:] = (cv2.GC_BGD,) * 4
    # GrabCut seeds its colour clusters from OpenCV's own generator.
    cv2.setRNGSeed(0)
    try:
        cv2.grabCut(
            small, labels, (0, 0, columns, rows), np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK
        )
    except cv2.error:
        # A photo of one single colour leaves no cluster for one of the sides: nothing stands out.
        return np.zeros((rows, columns), dtype=np.uint8)
    rough = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(rough, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), dtype=np.uint8)


def has_plain_background(pixels: Pixels, foreground: Foreground) -> bool:
    """Whether the photo's surroundings are light and even, as a shop asks for."""
    height, width = pixels.shape[:2]
    margin = max(2, min(height, width) // 20)
    surroundings = np.ones((height, width), dtype=np.bool_)
    surroundings[margin:-margin, margin:-margin] = False
    if foreground.found:
        grown = cv2.dilate(foreground.mask.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
        around = ~grown
        surroundings = around if around.any() else surroundings
    values = pixels[surroundings].astype(np.float32)
    typical = np.median(values, axis=0)
    return bool(typical.mean() > 200 and values.std(axis=0).mean() < 24 and np.ptp(typical) < 30)


def cut_out(pixels: Pixels, foreground: Foreground, side: int, rng: np.random.Generator) -> tuple[Pixels, float]:
    """Put the product on a white or light studio backdrop, with a soft edge and a margin around it.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        foreground: of these pixels, found.
        side: longest side of the result in pixels.
        rng: draws backdrop and margin.

    Returns:
        The picture, and the share of it that the product's bounding box covers.
    """
    rows, columns = np.flatnonzero(foreground.mask.any(axis=1)), np.flatnonzero(foreground.mask.any(axis=0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    height, width = bottom - top, right - left
    margin = round(max(height, width) * rng.uniform(0.03, 0.10))
    square = rng.random() < 0.6
    tall, wide = height + 2 * margin, width + 2 * margin
    if square:
        tall = wide = max(tall, wide)
    scale = side / max(tall, wide)
    # Two pixels less all around, so that no rim of the old background shines through.
    core = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    eroded = cv2.erode(foreground.mask.astype(np.uint8), core).astype(np.float32)
    alpha = cv2.GaussianBlur(eroded, (0, 0), 1.2)[top:bottom, left:right]
    target = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    colour = cv2.resize(pixels[top:bottom, left:right], target, interpolation=method).astype(np.float32)
    alpha = np.clip(cv2.resize(alpha, target, interpolation=method), 0.0, 1.0)[..., None]
    canvas = plain_backdrop(side, rng)[: round(tall * scale), : round(wide * scale)].copy()
    y, x = max(0, (canvas.shape[0] - target[1]) // 2), max(0, (canvas.shape[1] - target[0]) // 2)
    place = canvas[y : y + target[1], x : x + target[0]]
    place *= 1 - alpha[: place.shape[0], : place.shape[1]]
    place += (alpha * colour)[: place.shape[0], : place.shape[1]]
    fill = target[0] * target[1] / (canvas.shape[0] * canvas.shape[1])
    return np.clip(canvas, 0, 255).astype(np.uint8), min(1.0, float(fill))


def draw_details(foreground: Foreground, rng: np.random.Generator, count: int = 3) -> tuple[Region, ...]:
    """Choose up to `count` disjoint parts of a photo that lie almost wholly on the product.

    Returns:
        Regions as x0, y0, x1, y1 in [0, 1], each 6% to 14% of the photo's area.
    """
    height, width = foreground.mask.shape
    coverage = cv2.integral(foreground.mask.astype(np.uint8))
    chosen: list[Region] = []
    for _ in range(200):
        if len(chosen) == count:
            break
        area, stretch = rng.uniform(0.065, 0.13), rng.uniform(0.85, 1.18)
        w, h = round(width * np.sqrt(area * stretch)), round(height * np.sqrt(area / stretch))
        x, y = int(rng.integers(0, width - w + 1)), int(rng.integers(0, height - h + 1))
        inside = coverage[y + h, x + w] - coverage[y, x + w] - coverage[y + h, x] + coverage[y, x]
        region = (x / width, y / height, (x + w) / width, (y + h) / height)
        if inside >= 0.88 * w * h and not any(_overlap(region, other) for other in chosen):
            chosen.append(region)
    return tuple(chosen)


def crop_region(pixels: Pixels, region: Region) -> Pixels:
    """The part of a photo that a region of relative coordinates names."""
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = region
    return np.ascontiguousarray(pixels[round(y0 * height) : round(y1 * height), round(x0 * width) : round(x1 * width)])


def _main_pieces(rough: npt.NDArray[np.uint8], least_piece: float) -> tuple[Mask, bool]:
    # The largest piece and those not much smaller, with small holes filled, and whether they are nearly all there is.
    _, labels, stats, _ = cv2.connectedComponentsWithStats(rough, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    if areas.size == 0:
        return np.zeros(rough.shape, dtype=np.bool_), False
    kept = np.flatnonzero(areas >= least_piece * areas.max())
    main = np.isin(labels, kept + 1)
    outlines, _ = cv2.findContours(main.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(np.zeros(rough.shape, np.uint8), outlines, -1, 1, cv2.FILLED)
    # Large holes, as between trouser legs or in a handle, are background and stay.
    holes = (filled > 0) & ~main
    filled_mask = main | (holes if holes.mean() < 0.01 else np.zeros_like(main))
    return filled_mask, bool(areas[kept].sum() >= _MIN_MAIN_SHARE * areas.sum())


def _overlap(first: Region, second: Region) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]
