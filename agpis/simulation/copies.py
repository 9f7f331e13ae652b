"""Copies of an image, as sellers make them: the same pixels, re-saved, a part of it, mirrored or turned."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PIL import Image as PillowImage

from agpis.simulation.framing import Crop, cut_out, resized
from agpis.simulation.relations import CopyKind
from agpis.simulation.sources import SourceImage
from agpis.types import Pixels


def make_copy(kind: CopyKind, image: SourceImage, rng: np.random.Generator) -> SourceImage:
    """A copy of `image` with the same `capture`; the caller names the file.

    Returns:
        EXACT the same pixels; NEAR re-encoded, resized, relit or cut at the rim; PARTIAL 30 to 75% of the area of
        the image, enlarged or set on white; TRANSFORMED mirrored or turned.
    """
    return _COPIES[kind](image, rng)


def _exact(image: SourceImage, rng: np.random.Generator) -> SourceImage:
    return SourceImage(image.pixels, image.facts)


def _near(image: SourceImage, rng: np.random.Generator) -> SourceImage:
    pixels, facts = image.pixels, replace(image.facts, resaved=True)
    height, width = pixels.shape[:2]
    if rng.random() < 0.4:
        rim = [float(value) for value in rng.uniform(0.005, 0.035, size=4)]
        cut = cut_out(image, (rim[0], rim[1], 1 - rim[2], 1 - rim[3]))
        # A rim this thin does not spoil a view, even where it takes some of the product.
        pixels, facts = cut.pixels, replace(cut.facts, cut_off=facts.cut_off, resaved=True)
    if rng.random() < 0.6:
        share = float(rng.uniform(0.5, 0.85))
        pixels = resized(resized(pixels, round(height * share), round(width * share)), height, width)
    if rng.random() < 0.6:
        gain, lift = float(rng.uniform(0.88, 1.1)), float(rng.uniform(-10, 8))
        pixels = np.clip(pixels.astype(np.float32) * gain + lift, 0, 255).astype(np.uint8)
    return SourceImage(_resaved(pixels, int(rng.integers(40, 75))), facts)


def _partial(image: SourceImage, rng: np.random.Generator) -> SourceImage:
    height, width = image.pixels.shape[:2]
    # A part of a whole view is still meant as one: a seller's zoom, which shows nothing new.
    part = cut_out(image, _random_box(rng, float(rng.uniform(0.32, 0.72))))
    facts = replace(part.facts, resaved=True)
    if rng.random() < 0.3:
        share = float(rng.uniform(0.75, 0.95))
        h, w = round(height * share), round(width * share)
        pixels = np.full_like(image.pixels, 255)
        top, left = int(rng.integers(height - h + 1)), int(rng.integers(width - w + 1))
        pixels[top : top + h, left : left + w] = resized(part.pixels, h, w)
        return SourceImage(pixels, facts)
    return SourceImage(part.pixels, facts)


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


def _resaved(pixels: Pixels, quality: int) -> Pixels:
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return np.asarray(PillowImage.open(buffer).convert("RGB"), dtype=np.uint8)
