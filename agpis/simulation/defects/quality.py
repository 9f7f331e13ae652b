"""Bad photographs: out of focus, shaken, coarse, too dark, washed out, of a wrong tint."""

from __future__ import annotations

import cv2
import numpy as np

from agpis.simulation.defects.canvas import hue_colour
from agpis.simulation.defects.composition import colour_name
from agpis.simulation.facts import Defect, DefectKind
from agpis.types import Pixels


def draw_blur(pixels: Pixels, rng: np.random.Generator) -> tuple[Pixels, Defect]:
    """Blur the whole image: out of focus, motion, or coarse pixels."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    kind = rng.random()
    if kind < 0.4:
        sigma = side * float(rng.uniform(0.007, 0.02))
        out = cv2.GaussianBlur(pixels, (0, 0), sigma)
        return out.astype(np.uint8), Defect(DefectKind.BLUR, "out of focus")
    if kind < 0.7:
        length = max(5, round(side * float(rng.uniform(0.035, 0.1))))
        kernel = np.zeros((length, length), dtype=np.float32)
        kernel[length // 2] = 1.0
        matrix = cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), float(rng.uniform(0, 180)), 1.0)
        kernel = cv2.warpAffine(kernel, matrix, (length, length)).astype(np.float32)
        out = cv2.filter2D(pixels, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)
        return out.astype(np.uint8), Defect(DefectKind.BLUR, "shaken")
    cells = int(rng.integers(38, 80))
    small = cv2.resize(pixels, (cells, round(cells * height / width)), interpolation=cv2.INTER_AREA)
    out = cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST)
    return out.astype(np.uint8), Defect(DefectKind.BLUR, "pixelated")


def draw_exposure(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, Defect]:
    """Expose the whole image badly: too dark, washed out, or with a strong colour cast."""
    kind = rng.random()
    values = pixels.astype(np.float32)
    if kind < 0.35:
        levels = 255.0 * float(rng.uniform(0.28, 0.5)) * (values / 255.0) ** float(rng.uniform(1.0, 1.4))
        return levels.astype(np.uint8), Defect(DefectKind.EXPOSURE, "too dark")
    if kind < 0.65:
        lift = float(rng.uniform(0.5, 0.72))
        levels = values + lift * (float(rng.uniform(238, 255)) - values)
        return levels.clip(0, 255).astype(np.uint8), Defect(DefectKind.EXPOSURE, "washed out")
    tint = hue_colour(rng, split, saturation=(0.9, 1.0), value=(1.0, 1.0))
    strength = float(rng.uniform(0.2, 0.38))
    gains = 1.0 - strength * (1.0 - np.asarray(tint, dtype=np.float32) / 255.0)
    name = colour_name(tint)
    content = f"of {'an' if name[0] in 'aeiou' else 'a'} {name} tint"
    return (values * gains).astype(np.uint8), Defect(DefectKind.EXPOSURE, content)
