"""Framing an image anew, with facts that stay true: cut off, too small in the frame, before a busy ground, close up."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from agpis.simulation.facts import Background, ImageFacts, View
from agpis.simulation.sources import SourceImage
from agpis.types import Box, Pixels

Crop = tuple[float, float, float, float]

# Distance to the ground, in grey levels of the largest channel, from which a pixel counts as product.
_PRODUCT_DISTANCE = 22
# A rim whose pixels vary more than this is no plain ground.
_PLAIN_SPREAD = 14.0


def product_mask(pixels: Pixels) -> npt.NDArray[np.bool_] | None:
    """(H, W), true where an image with a plain ground shows the product; None when the ground is not plain."""
    height, width = pixels.shape[:2]
    rim = max(2, min(height, width) // 40)
    # The upper corners: shadows and cut garments lie below.
    corners = np.concatenate([pixels[: 4 * rim, :rim].reshape(-1, 3), pixels[: 4 * rim, -rim:].reshape(-1, 3)])
    if corners.std(axis=0).max() > _PLAIN_SPREAD:
        return None
    ground = np.median(corners, axis=0).astype(np.int16)
    mask = np.asarray(np.abs(pixels.astype(np.int16) - ground).max(axis=2) > _PRODUCT_DISTANCE)
    return mask if 0.005 < mask.mean() < 0.98 else None


def product_box(pixels: Pixels) -> Box | None:
    """Where the product lies, or None when the ground is not plain."""
    mask = product_mask(pixels)
    if mask is None:
        return None
    # A row or column needs more than specks.
    rows = np.flatnonzero(mask.mean(axis=1) > 0.01)
    columns = np.flatnonzero(mask.mean(axis=0) > 0.01)
    if not rows.size or not columns.size:
        return None
    x, y = int(columns[0]), int(rows[0])
    return Box(x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y)


def cut_out(image: SourceImage, box: Crop) -> SourceImage:
    """The part `box` (x0, y0, x1, y1 in [0, 1]) of an image, enlarged to the size of the image.

    `cut_off` tells whether the frame now cuts the product; where the ground is not plain it is taken to do so.
    """
    height, width = image.pixels.shape[:2]
    part = _part(image.pixels, box)
    cut = image.facts.cut_off or _cuts(image.pixels, box)
    fill = min(1.0, image.facts.fill / max((box[2] - box[0]) * (box[3] - box[1]), 1e-6))
    facts = replace(cropped_facts(image.facts, box), cut_off=cut, fill=fill)
    return SourceImage(resized(part, height, width), facts)


def cut_off(image: SourceImage, rng: np.random.Generator) -> SourceImage | None:
    """The image moved so that the frame clearly cuts the product; None when the ground is not plain."""
    product = product_box(image.pixels)
    if product is None:
        return None
    height, width = image.pixels.shape[:2]
    share = float(rng.uniform(0.2, 0.42))
    left, top = product.x / width, product.y / height
    right, bottom = (product.x + product.w) / width, (product.y + product.h) / height
    side = int(rng.integers(4))
    # From one side a share of the product goes; the frame stays square by losing ground or product elsewhere.
    x0, y0, x1, y1 = 0.0, 0.0, 1.0, 1.0
    if side == 0:
        x0 = left + share * (right - left)
    elif side == 1:
        x1 = right - share * (right - left)
    elif side == 2:
        y0 = top + share * (bottom - top)
    else:
        y1 = bottom - share * (bottom - top)
    extent = min(x1 - x0, y1 - y0)
    if extent < 0.35:
        return None
    if side < 2:
        y0 = (1.0 - extent) * float(rng.uniform(0.2, 0.8))
        y1 = y0 + extent
    else:
        x0 = (1.0 - extent) * float(rng.uniform(0.2, 0.8))
        x1 = x0 + extent
    return cut_out(image, (x0, y0, x1, y1))


def shrunk(image: SourceImage, limit: float, rng: np.random.Generator) -> SourceImage | None:
    """The product made so small that it fills less than `limit` of the frame; None without a plain ground."""
    height, width = image.pixels.shape[:2]
    product = product_box(image.pixels)
    touches = product is not None and (
        product.x < 2 or product.y < 2 or product.x + product.w > width - 2 or product.y + product.h > height - 2
    )
    if product is None or touches or image.facts.fill <= 0:
        return None
    factor = min(0.6, float(rng.uniform(0.5, 0.85)) * (limit / image.facts.fill) ** 0.5)
    if min(height, width) * factor < 24:
        return None
    h, w = round(height * factor), round(width * factor)
    top, left = (int(room * float(rng.uniform(0.2, 0.8))) for room in (height - h, width - w))
    # The rim goes on outwards, so that a graded ground shows no joint.
    pixels = cv2.copyMakeBorder(
        resized(image.pixels, h, w), top, height - h - top, left, width - w - left, cv2.BORDER_REPLICATE
    )
    facts = replace(image.facts, fill=image.facts.fill * factor**2, resaved=True)
    return SourceImage(np.asarray(pixels, dtype=np.uint8), facts)


def on_busy_ground(image: SourceImage, ground: Pixels, rng: np.random.Generator) -> SourceImage | None:
    """The product before another picture; None when the ground of the image is not plain."""
    mask = product_mask(image.pixels)
    if mask is None:
        return None
    height, width = image.pixels.shape[:2]
    behind = resized(ground, height, width).astype(np.float32)
    closed = cv2.morphologyEx(mask.astype(np.uint8) * 255, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros((height, width), dtype=np.uint8)
    cv2.drawContours(filled, [c for c in contours if cv2.contourArea(c) > 0.002 * height * width], -1, 255, -1)
    alpha = cv2.GaussianBlur(cv2.erode(filled, np.ones((3, 3), np.uint8)), (3, 3), 0).astype(np.float32)[..., None]
    pixels = behind + alpha / 255.0 * (image.pixels.astype(np.float32) - behind)
    return SourceImage(pixels.astype(np.uint8), replace(image.facts, background=Background.BUSY, resaved=True))


def busy_ground(rng: np.random.Generator, size: int) -> Pixels:
    """An invented room or table: boards, tiles, stripes, soft lights and things lying about, (size, size, 3)."""
    base = rng.uniform(70, 215, size=3)
    coarse = rng.normal(0, 1, size=(6, 6, 3)).astype(np.float32)
    field = base + 34 * cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)
    step, angle = int(rng.integers(size // 14, size // 4)), float(rng.uniform(0, np.pi))
    along = np.cos(angle) * np.arange(size)[None, :] + np.sin(angle) * np.arange(size)[:, None]
    field = field + ((along // step) % 2 * float(rng.uniform(-32, 32)))[..., None]
    out = np.ascontiguousarray(field.clip(0, 255).astype(np.uint8))
    for _ in range(int(rng.integers(5, 14))):
        colour = tuple(int(value) for value in rng.integers(20, 240, size=3))
        centre = (int(rng.integers(size)), int(rng.integers(size)))
        extent = (int(rng.integers(size // 16, size // 4)), int(rng.integers(size // 16, size // 4)))
        turn = float(rng.uniform(0, 180))
        if rng.random() < 0.5:
            cv2.ellipse(out, centre, extent, turn, 0, 360, colour, -1, cv2.LINE_AA)
        else:
            corners = cv2.boxPoints(((float(centre[0]), float(centre[1])), (extent[0] * 2.0, extent[1] * 1.0), turn))
            cv2.fillPoly(out, [corners.astype(np.int32)], colour, cv2.LINE_AA)
    soft = cv2.GaussianBlur(out, (0, 0), float(rng.uniform(0.6, 2.0)))
    noise = rng.normal(0, 5, size=(size, size, 1))
    return (soft + noise).clip(0, 255).astype(np.uint8)


def close_ups(image: SourceImage, count: int, size: int, rng: np.random.Generator) -> list[SourceImage]:
    """Up to `count` close-ups of different places of the product, `size` x `size`, each 8 to 20% of the image.

    Places with many edges come first; none when the ground is not plain.
    """
    product = product_box(image.pixels)
    if product is None:
        return []
    height, width = image.pixels.shape[:2]
    grey = cv2.cvtColor(image.pixels, cv2.COLOR_RGB2GRAY)
    edges = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    mask = product_mask(image.pixels)
    assert mask is not None  # there is a product box
    choices: list[tuple[float, Crop]] = []
    for _ in range(24):
        side = float(rng.uniform(0.08, 0.2)) ** 0.5
        x0 = (product.x + product.w * float(rng.uniform(0.02, 0.98))) / width - side / 2
        y0 = (product.y + product.h * float(rng.uniform(0.02, 0.98))) / height - side / 2
        x0, y0 = min(max(x0, 0.0), 1 - side), min(max(y0, 0.0), 1 - side)
        box = (x0, y0, x0 + side, y0 + side)
        window = _window(box, height, width)
        if mask[window].mean() > 0.6:
            choices.append((float(edges[window].mean()), box))
    chosen: list[Crop] = []
    for _, box in sorted(choices, reverse=True):
        if len(chosen) < count and all(_apart(box, other) for other in chosen):
            chosen.append(box)
    return [
        SourceImage(
            resized(_part(image.pixels, box), size, size),
            replace(cropped_facts(image.facts, box), view=View.DETAIL, cut_off=False, fill=1.0),
        )
        for box in chosen
    ]


def cropped_facts(facts: ImageFacts, box: Crop) -> ImageFacts:
    """Facts of the part `box` of an image that may itself be a part of its capture."""
    x0, y0, x1, y1 = facts.crop
    w, h = x1 - x0, y1 - y0
    return replace(facts, crop=(x0 + box[0] * w, y0 + box[1] * h, x0 + box[2] * w, y0 + box[3] * h))


def resized(pixels: Pixels, height: int, width: int) -> Pixels:
    """The picture at another size; by area when it shrinks."""
    method = cv2.INTER_AREA if height * width < pixels.shape[0] * pixels.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=method), dtype=np.uint8)


def _window(box: Crop, height: int, width: int) -> tuple[slice, slice]:
    left, top = round(box[0] * width), round(box[1] * height)
    right, bottom = max(left + 1, round(box[2] * width)), max(top + 1, round(box[3] * height))
    return slice(top, bottom), slice(left, right)


def _part(pixels: Pixels, box: Crop) -> Pixels:
    return np.ascontiguousarray(pixels[_window(box, *pixels.shape[:2])])


def _apart(first: Crop, second: Crop) -> bool:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second))
    return max(width, 0.0) * max(height, 0.0) < 0.15 * smaller


def _cuts(pixels: Pixels, box: Crop) -> bool:
    """Whether the frame `box` runs through the product."""
    mask = product_mask(pixels)
    if mask is None:
        return True
    rows, columns = _window(box, *pixels.shape[:2])
    inside = mask[rows, columns].sum()
    # A sliver outside may be shadow; more than that is product.
    return bool(mask.sum() - inside > 0.03 * mask.sum())
