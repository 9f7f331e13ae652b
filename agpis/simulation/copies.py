"""Copies of an image, as sellers make them: the same pixels, re-saved, a part of it, mirrored or turned."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from PIL import Image as PillowImage

from agpis.simulation.facts import ImageFacts, View
from agpis.simulation.relations import CopyKind
from agpis.simulation.sources import SourceImage
from agpis.types import Pixels

Crop = tuple[float, float, float, float]


def make_copy(kind: CopyKind, image: SourceImage, rng: np.random.Generator) -> SourceImage:
    """A copy of `image` with the same `capture`; the caller names the file.

    Returns:
        EXACT the same pixels; NEAR re-encoded, resized, relit or cut at the rim; PARTIAL 30 to 75% of the area of
        the image, enlarged or set on white; TRANSFORMED mirrored or turned.
    """
    return _COPIES[kind](image, rng)


def detail_of(image: SourceImage, box: Crop, size: int) -> SourceImage:
    """A close-up: the part `box` of the image (x0, y0, x1, y1 in [0, 1]), enlarged to `size` x `size` pixels."""
    facts = replace(_cropped(image.facts, box), view=View.DETAIL, cut_off=False, fill=1.0)
    return SourceImage(_resized(_part(image.pixels, box), size, size), facts)


def _exact(image: SourceImage, rng: np.random.Generator) -> SourceImage:
    return SourceImage(image.pixels, image.facts)


def _near(image: SourceImage, rng: np.random.Generator) -> SourceImage:
    pixels, facts = image.pixels, replace(image.facts, resaved=True)
    height, width = pixels.shape[:2]
    if rng.random() < 0.4:
        rim = [float(value) for value in rng.uniform(0.005, 0.035, size=4)]
        box = (rim[0], rim[1], 1 - rim[2], 1 - rim[3])
        facts = _cropped(facts, box)
        pixels = _resized(_part(pixels, box), height, width)
    if rng.random() < 0.6:
        share = float(rng.uniform(0.5, 0.85))
        pixels = _resized(_resized(pixels, round(height * share), round(width * share)), height, width)
    if rng.random() < 0.6:
        gain, lift = float(rng.uniform(0.88, 1.1)), float(rng.uniform(-10, 8))
        pixels = np.clip(pixels.astype(np.float32) * gain + lift, 0, 255).astype(np.uint8)
    return SourceImage(_resaved(pixels, int(rng.integers(40, 75))), facts)


def _partial(image: SourceImage, rng: np.random.Generator) -> SourceImage:
    height, width = image.pixels.shape[:2]
    box = _random_box(rng, float(rng.uniform(0.32, 0.72)))
    part = _part(image.pixels, box)
    # A part of a whole view is still meant as one: a seller's zoom, which shows nothing new.
    facts = replace(_cropped(image.facts, box), resaved=True)
    if rng.random() < 0.3:
        share = float(rng.uniform(0.75, 0.95))
        h, w = round(height * share), round(width * share)
        pixels = np.full_like(image.pixels, 255)
        top, left = int(rng.integers(height - h + 1)), int(rng.integers(width - w + 1))
        pixels[top : top + h, left : left + w] = _resized(part, h, w)
        return SourceImage(pixels, facts)
    return SourceImage(_resized(part, height, width), facts)


def _transformed(image: SourceImage, rng: np.random.Generator) -> SourceImage:
    if rng.random() < 0.6:
        facts = replace(image.facts, mirrored=not image.facts.mirrored)
        return SourceImage(np.ascontiguousarray(image.pixels[:, ::-1]), facts)
    turns = int(rng.choice([1, 1, 2, 3, 3]))
    facts = replace(image.facts, rotation=(image.facts.rotation + 90 * turns) % 360)
    return SourceImage(np.ascontiguousarray(np.rot90(image.pixels, turns)), facts)


_COPIES: dict[CopyKind, Callable[[SourceImage, np.random.Generator], SourceImage]] = {
    CopyKind.EXACT: _exact,
    CopyKind.NEAR: _near,
    CopyKind.PARTIAL: _partial,
    CopyKind.TRANSFORMED: _transformed,
}


def _random_box(rng: np.random.Generator, area: float) -> Crop:
    """A box of `area` around the middle, a little off it, so that it holds product and not ground."""
    aspect = float(rng.uniform(0.8, 1.25))
    w, h = min(0.98, (area * aspect) ** 0.5), min(0.98, (area / aspect) ** 0.5)
    x0 = (1 - w) * float(rng.uniform(0.25, 0.75))
    y0 = (1 - h) * float(rng.uniform(0.15, 0.85))
    return x0, y0, x0 + w, y0 + h


def _cropped(facts: ImageFacts, box: Crop) -> ImageFacts:
    """Facts of the part `box` of an image that may itself be a part of its capture."""
    x0, y0, x1, y1 = facts.crop
    w, h = x1 - x0, y1 - y0
    return replace(facts, crop=(x0 + box[0] * w, y0 + box[1] * h, x0 + box[2] * w, y0 + box[3] * h))


def _part(pixels: Pixels, box: Crop) -> Pixels:
    height, width = pixels.shape[:2]
    left, top = round(box[0] * width), round(box[1] * height)
    right, bottom = max(left + 1, round(box[2] * width)), max(top + 1, round(box[3] * height))
    return np.ascontiguousarray(pixels[top:bottom, left:right])


def _resized(pixels: Pixels, height: int, width: int) -> Pixels:
    method = cv2.INTER_AREA if height * width < pixels.shape[0] * pixels.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=method), dtype=np.uint8)


def _resaved(pixels: Pixels, quality: int) -> Pixels:
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return np.asarray(PillowImage.open(buffer).convert("RGB"), dtype=np.uint8)
