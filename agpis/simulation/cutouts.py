"""A product lifted off the plain ground of its picture, to be put somewhere else."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from agpis.simulation.photos import Mask, find_foreground
from agpis.types import Pixels

Canvas = npt.NDArray[np.float32]

# Distances to the ground, in weighted CIELAB: up to the first a pixel at the rim is nothing but ground, from the
# second on nothing but product.
_CLEAR, _OPAQUE = 3.0, 16.0
_GAP = 0.06


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """A product without its ground.

    Attributes:
        colour: (h, w, 3) float32 in [0, 255]; the ground's share is taken out of the rim.
        alpha: (h, w, 1) float32 in [0, 1].
        ground: (3,) float32, the colour that lay behind.
        box: rows and columns of the picture that it was cut from.
    """

    colour: Canvas
    alpha: Canvas
    ground: Canvas
    box: tuple[slice, slice]


def lift(pixels: Pixels, mask: Mask | None = None) -> Cutout | None:
    """Cut the product out of a picture with a plain ground.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        mask: (H, W), true on the product to the pixel; when it is not given the product is looked for.

    Returns:
        None when the product was not found.
    """
    if mask is None:
        foreground = find_foreground(pixels)
        if not foreground.found:
            return None
        rough = foreground.mask.astype(np.uint8)
    else:
        rough = mask.astype(np.uint8)
    reach = max(3, round(min(rough.shape) / 50)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    hull = cv2.dilate(rough, kernel)
    if hull.all() or not rough.any():
        return None
    ground = np.median(pixels[hull == 0], axis=0).astype(np.float32)
    if mask is None:
        # The mask is coarse; at its rim the distance to the ground tells how much of a pixel is product.
        rim = np.clip((_distance(pixels, ground) - _CLEAR) / (_OPAQUE - _CLEAR), 0.0, 1.0)
        alpha = np.where(cv2.erode(rough, kernel) > 0, 1.0, np.where(hull > 0, rim, 0.0))
    else:
        alpha = np.minimum(cv2.GaussianBlur(rough.astype(np.float32), (3, 3), 0.7), rough)
    alpha = alpha.astype(np.float32)[..., None]
    mixed = pixels.astype(np.float32)
    colour = np.clip((mixed - (1.0 - alpha) * ground) / np.maximum(alpha, 0.2), 0, 255)
    rows, columns = np.flatnonzero(alpha.any(axis=(1, 2))), np.flatnonzero(alpha.any(axis=(0, 2)))
    if not rows.size:
        return None
    box = (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1))
    return Cutout(colour[box].astype(np.float32), alpha[box], ground, box)


def put(canvas: Canvas, cutout: Cutout, x: int, y: int, w: int, h: int, shadow: float = 0.0) -> None:
    """Put a cut-out into a picture, in place, with a soft shadow of some strength at its foot.

    Args:
        canvas: (H, W, 3) float32.
        cutout: what to put.
        x: left column; the box must lie inside the canvas.
        y: upper row.
        w: width in pixels.
        h: height in pixels.
        shadow: 0 for none to 1 for black.
    """
    method = cv2.INTER_AREA if h < cutout.alpha.shape[0] else cv2.INTER_LINEAR
    colour = cv2.resize(cutout.colour, (w, h), interpolation=method)
    alpha = cv2.resize(cutout.alpha, (w, h), interpolation=method)[..., None]
    if shadow:
        depth = max(2, round(0.07 * h))
        dark = np.zeros(canvas.shape[:2], dtype=np.float32)
        foot = min(y + h, canvas.shape[0] - 1)
        cv2.ellipse(dark, (x + w // 2, foot - depth // 3), (max(1, round(0.5 * w)), depth), 0, 0, 360, 1.0, -1)
        canvas *= 1.0 - shadow * cv2.GaussianBlur(dark, (0, 0), max(1.0, 0.7 * depth))[..., None]
    place = canvas[y : y + h, x : x + w]
    place *= 1.0 - alpha
    place += alpha * colour


def repeated(pixels: Pixels, items: int, rng: np.random.Generator) -> tuple[Pixels, float] | None:
    """The picture with several units of the product side by side, as a set is shown.

    Args:
        pixels: (H, W, 3) uint8 RGB with a plain ground.
        items: units, at least 2.
        rng: draws how large they are.

    Returns:
        The picture, of the same size, and the share of it that their common bounding box covers; None when the
        product was not found.
    """
    cutout = lift(pixels)
    if cutout is None:
        return None
    height, width = pixels.shape[:2]
    tall, wide = cutout.alpha.shape[:2]
    row = wide * (items + _GAP * (items - 1))
    factor = float(rng.uniform(0.88, 0.96)) * min(height / tall, width / row)
    h, w = max(2, int(tall * factor)), max(2, int(wide * factor))
    step = w + int(_GAP * w)
    canvas = np.empty(pixels.shape, dtype=np.float32)
    canvas[:] = cutout.ground
    left, top = (width - (items - 1) * step - w) // 2, (height - h) // 2
    for unit in range(items):
        put(canvas, cutout, left + unit * step, top, w, h, shadow=0.12)
    fill = h * ((items - 1) * step + w) / (height * width)
    return np.clip(canvas, 0, 255).astype(np.uint8), float(fill)


def _distance(pixels: Pixels, ground: Canvas) -> Canvas:
    def lab(values: npt.NDArray[np.float32]) -> Canvas:
        return np.asarray(cv2.cvtColor(values / np.float32(255.0), cv2.COLOR_RGB2LAB), dtype=np.float32)

    # Shadows are darker than the ground but of its hue.
    difference = lab(pixels.astype(np.float32)) - lab(ground.reshape(1, 1, 3))
    return np.asarray(
        np.linalg.norm(difference * np.array([0.6, 1.4, 1.4], dtype=np.float32), axis=2), dtype=np.float32
    )
