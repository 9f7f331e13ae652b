"""A product in use: small in a room, where everything else competes with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from agpis.simulation.cutouts import lift, put
from agpis.simulation.facts import Background, View
from agpis.simulation.render.backdrops import busy_backdrop
from agpis.simulation.sources import SourceImage

# Not below this share of the frame: a tiny product would be another fault.
_LEAST_FILL = 0.2


def in_use(image: SourceImage, size: int, rng: np.random.Generator) -> SourceImage | None:
    """Put the product into a room.

    Args:
        image: a whole view before a plain ground.
        size: side of the square picture in pixels.
        rng: draws room and place.

    Returns:
        None when the product cannot be told from its ground.
    """
    cutout = lift(image.pixels, image.mask)
    if cutout is None:
        return None
    canvas = busy_backdrop(size, rng)
    tall, wide = cutout.alpha.shape[:2]
    wanted = float(rng.uniform(0.5, 0.62)) * size / max(tall, wide)
    scale = max(wanted, size * (_LEAST_FILL / (tall * wide)) ** 0.5)
    scale = min(scale, 0.96 * size / max(tall, wide))
    w, h = max(2, round(wide * scale)), max(2, round(tall * scale))
    x = round((size - w) * float(rng.uniform(0.1, 0.9)))
    y = round((size - h) * float(rng.uniform(0.6, 0.95)))
    put(canvas, cutout, x, y, w, h, shadow=0.45)
    facts = replace(
        image.facts,
        view=View.WORN,
        background=Background.BUSY,
        fill=w * h / size**2,
        resaved=True,
        brand="",
        style="",
    )
    return SourceImage(np.clip(canvas, 0, 255).astype(np.uint8), facts)
