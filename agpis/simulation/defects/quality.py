"""Bad photographs: not sharp, spoilt by compression, grainy, badly exposed, of a wrong tint."""

from __future__ import annotations

import numpy as np

from agpis.simulation.defects.canvas import hue_colour
from agpis.simulation.defects.composition import colour_name
from agpis.simulation.facts import Defect, DefectKind
from agpis.types import Pixels


def draw_blur(pixels: Pixels, rng: np.random.Generator) -> tuple[Pixels, Defect]:
    """Take the detail from the whole image: out of focus, shaken, soft, coarse pixels, or pressed too hard.

    Raises:
        MissingExtraError: when kornia is not installed.
    """
    # Imported here: it loads torch, which reviewing and planning do without.
    from agpis.simulation.defects import photometric

    side = min(pixels.shape[:2])
    kind = rng.random()
    if kind < 0.25:
        out = photometric.defocus(pixels, side * float(rng.uniform(0.016, 0.042)))
        content = "out of focus"
    elif kind < 0.4:
        out = photometric.smooth(pixels, side * float(rng.uniform(0.008, 0.02)))
        content = "out of focus"
    elif kind < 0.65:
        length = max(5, round(side * float(rng.uniform(0.045, 0.11))))
        out = photometric.shake(pixels, length, float(rng.uniform(0, 180)))
        content = "shaken"
    elif kind < 0.75:
        out = photometric.coarsen(pixels, int(rng.integers(26, 46)), blocks=False)
        content = "soft all over"
    elif kind < 0.9:
        out = photometric.coarsen(pixels, int(rng.integers(36, 72)), blocks=True)
        content = "pixelated"
    else:
        out = photometric.compress(pixels, float(rng.uniform(2.0, 3.3)))
        content = "full of compression artefacts"
    return out, Defect(DefectKind.BLUR, content)


def draw_exposure(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, Defect]:
    """Expose the whole image badly: too dark, washed out, flat, grainy, or with a strong colour cast.

    Raises:
        MissingExtraError: when kornia is not installed.
    """
    from agpis.simulation.defects import photometric

    kind = rng.random()
    if kind < 0.25:
        out = photometric.darken(pixels, float(rng.uniform(0.28, 0.5)), float(rng.uniform(1.0, 1.4)))
        content = "too dark"
    elif kind < 0.45:
        out = photometric.veil(pixels, 1.0 - float(rng.uniform(0.5, 0.72)), float(rng.uniform(0.93, 1.0)))
        content = "washed out"
    elif kind < 0.6:
        out = photometric.veil(pixels, float(rng.uniform(0.25, 0.42)), float(rng.uniform(0.45, 0.65)))
        content = "flat and without contrast"
    elif kind < 0.75:
        out = _grainy(pixels, rng)
        content = "grainy"
    else:
        colour = hue_colour(rng, split, saturation=(0.9, 1.0), value=(1.0, 1.0))
        strength = float(rng.uniform(0.2, 0.38))
        red, green, blue = (1.0 - strength * (1.0 - level / 255.0) for level in colour)
        out = photometric.tint(pixels, (red, green, blue))
        name = colour_name(colour)
        content = f"of {'an' if name[0] in 'aeiou' else 'a'} {name} tint"
    return out, Defect(DefectKind.EXPOSURE, content)


def _grainy(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Too little light, made up for by the sensor: somewhat dark, with grey and coloured grain."""
    from agpis.simulation.defects import photometric

    height, width = pixels.shape[:2]
    # White hides half of the noise, as levels end there.
    dim = photometric.darken(pixels, float(rng.uniform(0.65, 0.9)), 1.0)
    # A grain keeps its share of the picture: a large picture is looked at reduced.
    size = max(1.0, min(height, width) / 224 * float(rng.uniform(1.0, 1.8)))
    shape = round(height / size), round(width / size)
    grey = rng.normal(0, float(rng.uniform(0.07, 0.14)), size=(*shape, 1))
    coloured = rng.normal(0, float(rng.uniform(0.04, 0.1)), size=(*shape, 3))
    return photometric.add_noise(dim, (grey + coloured).astype(np.float32))
