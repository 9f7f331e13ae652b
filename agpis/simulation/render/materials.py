"""What rendered products are made of: how each material shines and the relief of its surface, drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from agpis.simulation.render.geometry import Floats
from agpis.types import Pixels

# Rows and columns of one piece of relief; it goes on at its edges, so that it can be laid side by side.
TILE = (256, 512)
# Pieces of each material; products share them, since drawing one takes longer than a picture.
_PIECES = 4
# Grey levels that relief moves besides its share of the colour; without them it would not show on black.
_LIFT = 24.0


@dataclass(frozen=True, slots=True)
class Material:
    """How a material looks, whatever its colour.

    Attributes:
        shine: strength of the highlights, 0 for cloth to 1 for glaze.
        depth: how far the relief darkens and lightens the colour, as a share of it; 0 for a smooth surface.
        relief: draws the unscaled relief, TILE of float64.
    """

    shine: float
    depth: float
    relief: Callable[[np.random.Generator], Floats]


def textured(pixels: Pixels, material: str, piece: int) -> Pixels:
    """Lay the relief of a material over painted pixels; their mean colour stays about the same.

    Args:
        pixels: (H, W, 3) uint8 RGB; one pixel of theirs is one of the relief.
        material: one of MATERIALS.
        piece: any number, not negative; decides which piece of relief and which part of it.
    """
    depth = MATERIALS[material].depth
    if depth == 0:
        return pixels
    relief = np.roll(_piece(material, piece % _PIECES), (piece // 7 % TILE[0], piece // 11 % TILE[1]), axis=(0, 1))
    height, width = pixels.shape[:2]
    relief = np.tile(relief, (-(-height // TILE[0]), -(-width // TILE[1])))[:height, :width, None] * np.float32(depth)
    # What is nearly white cannot get lighter, so there the relief goes down only.
    brightness = np.median(pixels[::8, ::8].max(axis=2))
    relief -= np.float32(0.4 * depth * np.clip((brightness - 215) / 40, 0, 1))
    return np.clip(pixels * (1 + relief) + _LIFT * relief, 0, 255).astype(np.uint8)


@lru_cache(maxsize=128)
def _piece(material: str, number: int) -> npt.NDArray[np.float32]:
    drawn = MATERIALS[material].relief(np.random.default_rng([number, list(MATERIALS).index(material)]))
    spread = max(float(drawn.std()), 1e-9)
    return np.asarray(np.clip((drawn - drawn.mean()) / (2 * spread), -1.2, 1.2), dtype=np.float32)


def _noise(rng: np.random.Generator, across: float, down: float | None = None) -> Floats:
    """Noise of spread 1 that goes on at its edges, blurred by so many pixels `across` and `down`."""
    down = across if down is None else down
    rows, columns = np.fft.fftfreq(TILE[0])[:, None], np.fft.rfftfreq(TILE[1])[None, :]
    blur = np.exp(-2 * np.pi**2 * ((rows * down) ** 2 + (columns * across) ** 2))
    blur[0, 0] = 0
    noise = np.fft.irfft2(np.fft.rfft2(rng.standard_normal(TILE)) * blur, s=TILE)
    return np.asarray(noise / noise.std())


def _places() -> tuple[Floats, Floats]:
    y, x = np.mgrid[0 : TILE[0], 0 : TILE[1]].astype(np.float64)
    return y, x


def _smooth(rng: np.random.Generator) -> Floats:
    return np.zeros(TILE)


def _glaze(rng: np.random.Generator) -> Floats:
    return _noise(rng, 30) + 0.3 * _noise(rng, 6)


def _brushed(rng: np.random.Generator) -> Floats:
    # Broad bands, as the surroundings are mirrored, under fine strokes.
    _, x = _places()
    turns = 2 * np.pi * x / TILE[1]
    bands = np.cos(2 * turns + rng.uniform(0, 6)) + 0.6 * np.cos(5 * turns + rng.uniform(0, 6))
    return bands + 0.3 * _noise(rng, 30, 0.7)


def _wood(rng: np.random.Generator) -> Floats:
    y, _ = _places()
    rings = 2 * np.pi * (9 * y / TILE[0] + 0.7 * _noise(rng, 60, 16))
    return np.abs(np.sin(rings / 2)) ** 0.5 + 0.16 * _noise(rng, 40, 0.9) + 0.1 * _noise(rng, 40, 20)


def _concrete(rng: np.random.Generator) -> Floats:
    pits = np.clip(_noise(rng, 2.0) - 1.7, 0, 1.2)
    return 0.5 * _noise(rng, 22) + 0.35 * _noise(rng, 0.8) - 2.4 * pits


def _cast(rng: np.random.Generator) -> Floats:
    return _noise(rng, 1.7) + 0.4 * _noise(rng, 8)


def _rattan(rng: np.random.Generator) -> Floats:
    # Strands go over and under upright stakes, every other one over the same.
    y, x = _places()
    over = np.cos(2 * np.pi * x / 32 + np.pi * np.floor(y / 8))
    return np.abs(np.sin(np.pi * y / 8)) * (1.2 + 0.8 * over) + 0.12 * _noise(rng, 12, 1)


def _leather(rng: np.random.Generator) -> Floats:
    # Creases run where two blurs of one noise are equal and divide the skin into cells.
    seed = int(rng.integers(2**31))
    fine, coarse = (_noise(np.random.default_rng(seed), radius) for radius in (2.4, 4.8))
    cells = np.minimum(np.abs(fine - coarse), 0.32)
    return cells + 0.05 * _noise(rng, 26, 40)


def _weave(rng: np.random.Generator) -> Floats:
    y, x = _places()
    warp = (np.floor(x / 4) + np.floor(y / 4)) % 2 > 0
    threads = np.where(warp, np.abs(np.sin(np.pi * x / 4)), 0.75 * np.abs(np.sin(np.pi * y / 4)))
    return threads + 0.12 * _noise(rng, 14, 1.2) + 0.12 * _noise(rng, 1.2, 14)


def _linen(rng: np.random.Generator) -> Floats:
    return _noise(rng, 22, 1.1) + _noise(rng, 1.1, 22) + 0.3 * _noise(rng, 1)


def _velvet(rng: np.random.Generator) -> Floats:
    return _noise(rng, 16, 24) + 0.4 * _noise(rng, 5) + 0.15 * _noise(rng, 0.7)


def _cotton(rng: np.random.Generator) -> Floats:
    return _noise(rng, 0.8)


def _denim(rng: np.random.Generator) -> Floats:
    y, x = _places()
    twill = np.sin(2 * np.pi * (x + y) / 8)
    return 0.8 * twill + 0.7 * _noise(rng, 1.0, 18) + 0.35 * _noise(rng, 20) + 0.4 * _noise(rng, 0.8)


def _knit(rng: np.random.Generator) -> Floats:
    # Columns of stitches, each a V.
    y, x = _places()
    across = np.pi * x * 40 / TILE[1]
    stitches = np.sin(2 * np.pi * (y / 8 + 0.9 * np.abs(np.sin(across))))
    return 0.6 * stitches + 0.7 * np.abs(np.cos(across)) + 0.1 * _noise(rng, 3)


def _corduroy(rng: np.random.Generator) -> Floats:
    _, x = _places()
    return np.abs(np.sin(np.pi * x * 64 / TILE[1])) + 0.1 * _noise(rng, 1, 5)


def _fleece(rng: np.random.Generator) -> Floats:
    seed = int(rng.integers(2**31))
    fine, coarse = (_noise(np.random.default_rng(seed), radius) for radius in (2.2, 3.6))
    return np.tanh(2.2 * (fine - coarse)) + 0.25 * _noise(rng, 1)


def _ripstop(rng: np.random.Generator) -> Floats:
    y, x = _places()
    # Threads close together, so that nobody takes them for a checked pattern.
    lines = (x % 8 < 1.5) | (y % 8 < 1.5)
    return 0.3 * lines + 0.5 * _noise(rng, 12, 6)


MATERIALS: Mapping[str, Material] = {
    "ceramic": Material(1.0, 0.03, _glaze),
    "steel": Material(1.0, 0.30, _brushed),
    "iron": Material(0.4, 0.16, _cast),
    "plastic": Material(0.25, 0.0, _smooth),
    "rubber": Material(0.05, 0.05, _cotton),
    "wood": Material(0.12, 0.24, _wood),
    "concrete": Material(0.02, 0.16, _concrete),
    "rattan": Material(0.08, 0.34, _rattan),
    "paper": Material(0.45, 0.0, _smooth),
    "leather": Material(1.0, 0.15, _leather),
    "canvas": Material(0.02, 0.26, _weave),
    "linen": Material(0.02, 0.17, _linen),
    "velvet": Material(0.3, 0.18, _velvet),
    "nylon": Material(1.0, 0.12, _ripstop),
    "cotton": Material(0.04, 0.03, _cotton),
    "denim": Material(0.03, 0.22, _denim),
    "knit": Material(0.02, 0.26, _knit),
    "corduroy": Material(0.06, 0.22, _corduroy),
    "fleece": Material(0.0, 0.13, _fleece),
    "glass": Material(1.0, 0.0, _smooth),
}
MATERIALS_OF: Mapping[str, tuple[str, ...]] = {
    "mug": ("ceramic", "steel", "wood"),
    "bottle": ("steel", "plastic", "wood"),
    "vase": ("ceramic", "concrete", "rattan"),
    "bowl": ("ceramic", "wood", "steel"),
    "teapot": ("ceramic", "steel", "iron"),
    "candle": ("ceramic", "concrete", "steel"),
    "lamp": ("linen", "rattan", "steel"),
    "chair": ("wood", "plastic", "steel"),
    "table": ("wood", "steel", "plastic"),
    "sofa": ("leather", "velvet", "linen"),
    "cushion": ("linen", "velvet", "knit"),
    "clock": ("wood", "plastic", "steel"),
    "book": ("paper", "leather", "linen"),
    "speaker": ("wood", "plastic", "linen"),
    "watch": ("leather", "rubber", "canvas"),
    "dumbbell": ("rubber", "iron", "steel"),
    "kettlebell": ("iron", "rubber", "steel"),
    "backpack": ("canvas", "leather", "nylon"),
    "tote bag": ("canvas", "leather", "knit"),
    "suitcase": ("plastic", "leather", "canvas"),
    "carton": ("paper",),
    "cereal box": ("paper",),
    "tub": ("plastic",),
    "can": ("steel",),
    "jar": ("glass",),
    "t-shirt": ("cotton", "knit", "linen"),
    "tank top": ("cotton", "knit"),
    "hoodie": ("cotton", "fleece", "knit"),
    "jacket": ("leather", "denim", "nylon", "corduroy"),
    "pants": ("cotton", "denim", "corduroy"),
    "leggings": ("cotton", "leather", "knit"),
    "shorts": ("cotton", "denim", "linen"),
    "skirt": ("cotton", "denim", "leather"),
    "dress": ("cotton", "knit", "linen", "denim"),
}
