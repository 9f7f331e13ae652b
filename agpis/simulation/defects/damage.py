"""Pictures spoilt in editing: stretched or scaled up from a thumbnail, and products cut out badly."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from agpis.simulation.defects.canvas import Mask, hue_colour
from agpis.simulation.defects.solid import product_of
from agpis.simulation.facts import Defect, DefectKind
from agpis.types import Pixels

_Floats = npt.NDArray[np.float32]
# A picture, the product on it (0 to 1) and the ground behind, in; the spoilt picture and what it is, out.
_Spoiler = Callable[[_Floats, _Floats, _Floats, np.random.Generator, str], tuple[_Floats, str]]


def draw_distortion(pixels: Pixels, rng: np.random.Generator) -> tuple[Pixels, Defect]:
    """Stretch the product in one direction, or scale the picture up from a thumbnail.

    Raises:
        MissingExtraError: when kornia is not installed.
    """
    if rng.random() < 0.45:
        return _upscaled(pixels, rng), Defect(DefectKind.DISTORTION, "scaled up from a thumbnail")
    upright = rng.random() < 0.5
    turned = np.ascontiguousarray(pixels.transpose(1, 0, 2)) if upright else pixels
    out = _stretched(turned, rng)
    words = "stretched upwards" if upright else "stretched sideways"
    return np.ascontiguousarray(out.transpose(1, 0, 2)) if upright else out, Defect(DefectKind.DISTORTION, words)


def _stretched(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Wider by a factor: all of the product where the frame has room, else its rows move apart as well."""
    height, width = pixels.shape[:2]
    factor = float(rng.uniform(1.45, 2.1))
    columns = np.flatnonzero(product_of(pixels).any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    margin = round(width * float(rng.uniform(0.01, 0.05)))
    # The part of the width that stays, at least the product with a margin; height is lost where it does not suffice.
    kept = max(width / factor, min(width, right - left + 2 * margin))
    squeeze = factor * kept / width
    x0 = min(max(0, round((left + right - kept) / 2)), width - round(kept))
    part = pixels[:, x0 : x0 + round(kept)]
    tall = round(height / squeeze)
    wide = cv2.resize(part, (width, tall), interpolation=cv2.INTER_AREA if tall < height else cv2.INTER_CUBIC)
    above = (height - tall) // 2
    return np.asarray(
        cv2.copyMakeBorder(wide, above, height - tall - above, 0, 0, cv2.BORDER_REPLICATE), dtype=np.uint8
    )


def _upscaled(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """As if a thumbnail had been sharpened to fill the frame; a small picture becomes a smaller thumbnail."""
    # Imported here: it loads torch, which reviewing and planning do without.
    from agpis.simulation.defects import photometric

    height, width = pixels.shape[:2]
    share = min(0.6, float(rng.uniform(52, 92)) / max(height, width))
    return photometric.enlarge_thumbnail(
        pixels, max(8, round(width * share)), float(rng.uniform(12, 45)), float(rng.uniform(0.7, 1.8))
    )


def draw_cutout(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, Defect]:
    """Cut the product out badly and put it back before an even ground: halo, leftovers, jags, bites, hard shadow."""
    mask = product_of(pixels)
    picture = pixels.astype(np.float32)
    ground = _ground(pixels, mask, rng)
    spoilers: tuple[_Spoiler, ...] = (_halo, _halo, _leftovers, _jags, _bites, _hard_shadow)
    spoil = spoilers[int(rng.integers(len(spoilers)))]
    out, content = spoil(picture, mask.astype(np.float32), ground, rng, split)
    return out.clip(0, 255).astype(np.uint8), Defect(DefectKind.CUTOUT, content, "around the product")


def _ground(pixels: Pixels, mask: Mask, rng: np.random.Generator) -> _Floats:
    """White, or what lies behind the product smoothed to one tone where that is light."""
    behind = pixels[mask == 0]
    tone = np.median(behind, axis=0) if behind.size else np.full(3, 255.0)
    if tone.min() < 200 or rng.random() < 0.3:
        tone = np.full(3, float(rng.uniform(244, 256)))
    return np.broadcast_to(tone.clip(0, 255), pixels.shape).astype(np.float32)


def _over(ground: _Floats, picture: _Floats, alpha: _Floats) -> _Floats:
    return np.asarray(ground + alpha[..., None] * (picture - ground), dtype=np.float32)


def _grown(mask: _Floats, width: float) -> _Floats:
    """The mask with its rim moved out by `width` pixels, or in where negative."""
    side = 2 * max(1, round(abs(width))) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    moved = cv2.dilate(mask, kernel) if width > 0 else cv2.erode(mask, kernel)
    return np.asarray(moved, dtype=np.float32)


def _soft(mask: _Floats, sigma: float) -> _Floats:
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma), dtype=np.float32)


def _halo(
    picture: _Floats, mask: _Floats, ground: _Floats, rng: np.random.Generator, split: str
) -> tuple[_Floats, str]:
    """A rim of another tone around the product: of the wall it stood before, white, grey or dark."""
    side = min(mask.shape)
    width = side * float(rng.uniform(0.012, 0.03))
    rim = _soft(_grown(mask, width), float(rng.choice([0.5, 0.5, width / 2])))
    kind = rng.random()
    if kind < 0.35:
        tone, name = np.full(3, float(rng.uniform(90, 180))), "a grey rim"
    elif kind < 0.55:
        tone, name = np.full(3, float(rng.uniform(0, 50))), "a dark rim"
    elif kind < 0.75 and ground.mean() < 245:
        tone, name = np.full(3, 255.0), "a white halo"
    else:
        tone, name = np.array(hue_colour(rng, split, (0.3, 0.9), (0.45, 0.9)), dtype=np.float64), "a halo of colour"
    wall = np.broadcast_to(tone, picture.shape).astype(np.float32)
    strength = float(rng.uniform(0.6, 1.0))
    return _over(_over(ground, wall, rim * strength), picture, _soft(mask, 0.6)), name


def _leftovers(
    picture: _Floats, mask: _Floats, ground: _Floats, rng: np.random.Generator, split: str
) -> tuple[_Floats, str]:
    """Patches of the old background that still hang on to the product."""
    height, width = mask.shape
    base = np.array(hue_colour(rng, split, (0.1, 0.6), (0.3, 0.75)), dtype=np.float32)
    texture = _noise((height, width), min(height, width) / 14, rng)[..., None] * 40
    old = np.clip(base + texture + rng.normal(0, 6, size=(height, width, 1)), 0, 255).astype(np.float32)
    near = _grown(mask, min(height, width) * float(rng.uniform(0.03, 0.09)))
    patches = (_noise((height, width), min(height, width) / float(rng.uniform(7, 14)), rng) > 0.35).astype(np.float32)
    # Gaps between parts of the product are easily forgotten.
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8)).astype(np.float32)
    left = np.maximum(near * patches, closed) if rng.random() < 0.6 else near * patches
    return _over(_over(ground, old, _soft(left, 0.6)), picture, _soft(mask, 0.6)), "leftovers of the old background"


def _jags(
    picture: _Floats, mask: _Floats, ground: _Floats, rng: np.random.Generator, split: str
) -> tuple[_Floats, str]:
    """An edge in coarse steps, or one cut with a few straight snips."""
    height, width = mask.shape
    if rng.random() < 0.5:
        cells = float(rng.uniform(30, 52)) / max(height, width)
        small = cv2.resize(mask, (round(width * cells), round(height * cells)), interpolation=cv2.INTER_AREA)
        coarse = cv2.resize((small > 0.5).astype(np.float32), (width, height), interpolation=cv2.INTER_NEAREST)
        return _over(_wall(ground, mask, rng), picture, np.asarray(coarse, dtype=np.float32)), "a jagged edge"
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    snipped = np.zeros((height, width), dtype=np.uint8)
    for contour in contours:
        corners = cv2.approxPolyDP(contour, min(height, width) * float(rng.uniform(0.03, 0.07)), True)
        spread = rng.normal(0, 0.012 * min(height, width), size=corners.shape)
        cv2.fillPoly(snipped, [(corners + spread).astype(np.int32)], 1)
    return _over(ground, picture, snipped.astype(np.float32)), "a roughly snipped edge"


def _wall(ground: _Floats, mask: _Floats, rng: np.random.Generator) -> _Floats:
    """The ground, so much unlike a pale product that its edge is seen."""
    return np.asarray(ground * float(rng.uniform(0.86, 1.0)), dtype=np.float32)


def _bites(
    picture: _Floats, mask: _Floats, ground: _Floats, rng: np.random.Generator, split: str
) -> tuple[_Floats, str]:
    """Pieces of the product that went with the background."""
    side = min(mask.shape)
    rim = np.argwhere(mask - _grown(mask, -1.0) > 0)
    kept = mask.copy()
    for _ in range(int(rng.integers(3, 7))):
        y, x = (int(value) for value in rim[int(rng.integers(len(rim)))])
        radii = (side * rng.uniform(0.03, 0.1, size=2)).round().astype(int)
        cv2.ellipse(kept, (x, y), (int(radii[0]), int(radii[1])), float(rng.uniform(0, 180)), 0, 360, 0.0, -1)
    blurred = _soft(kept, 1.5)
    # Ragged at the edge alone, where the blurred mask is neither 0 nor 1.
    ragged = blurred + blurred * (1 - blurred) * _noise(mask.shape, side / 50, rng)
    sharp = np.clip((ragged - 0.5) * 4 + 0.5, 0, 1) * _grown(kept, 1.0)
    return _over(ground, picture, sharp.astype(np.float32)), "bites out of the edge"


def _hard_shadow(
    picture: _Floats, mask: _Floats, ground: _Floats, rng: np.random.Generator, split: str
) -> tuple[_Floats, str]:
    """The product's own outline again in dark, moved to one side, as editors add it."""
    side = min(mask.shape)
    angle, reach = float(rng.uniform(0.1, 0.9)) * math.pi, side * float(rng.uniform(0.04, 0.1))
    shift = np.array([[1, 0, reach * math.cos(angle)], [0, 1, reach * math.sin(angle)]], dtype=np.float32)
    moved = cv2.warpAffine(mask, shift, (mask.shape[1], mask.shape[0])).astype(np.float32)
    shadow = _soft(moved, float(rng.uniform(0.4, 1.6))) * float(rng.uniform(0.35, 0.8))
    dark = np.full_like(ground, float(rng.uniform(10, 70)))
    return _over(_over(ground, dark, shadow), picture, _soft(_grown(mask, -1.0), 0.6)), "a fake hard shadow"


def _noise(shape: tuple[int, ...], step: float, rng: np.random.Generator) -> _Floats:
    """Smooth noise with a spread of one and lumps about `step` pixels wide."""
    rows, columns = max(2, round(shape[0] / step) + 1), max(2, round(shape[1] / step) + 1)
    coarse = rng.normal(0, 1, size=(rows, columns)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), dtype=np.float32)
