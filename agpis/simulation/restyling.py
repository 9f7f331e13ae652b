"""Another shooting style: the same picture before another backdrop and in another light."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import cv2
import numpy as np

from agpis.simulation.cutouts import Canvas, lift
from agpis.simulation.sources import SourceImage


@dataclass(frozen=True, slots=True)
class _Look:
    """A style that nobody takes for a light studio.

    Attributes:
        backdrops: colours to choose the backdrop from.
        gains: what the light does to red, green and blue.
        fall: how much light is lost from the lit side to the other, in [0, 1].
        spot: how much darker the corners of the backdrop are, in [0, 1].
    """

    backdrops: tuple[tuple[int, int, int], ...]
    gains: tuple[float, float, float]
    fall: float
    spot: float


_LOOKS = {
    "warm beige": _Look(((212, 184, 150), (196, 164, 128), (222, 190, 166)), (1.05, 0.99, 0.88), 0.12, 0.18),
    "dark": _Look(((44, 46, 52), (30, 34, 46), (58, 50, 48)), (0.94, 0.94, 0.95), 0.38, 0.5),
    "pastel": _Look(((244, 196, 206), (184, 226, 206), (186, 212, 242), (214, 200, 240)), (1.0, 1.0, 1.0), 0.0, 0.04),
    "cool grey": _Look(((122, 134, 150), (142, 150, 160), (104, 120, 138)), (0.9, 0.97, 1.06), 0.22, 0.3),
}
# Distance in grey levels below which a product would drown in the backdrop.
_DISTINCT = 55.0


def restyled(image: SourceImage, rng: np.random.Generator, avoid: Collection[str] = ()) -> SourceImage | None:
    """The picture in another shooting style, of the same capture.

    Args:
        image: a whole view before a plain, light ground.
        rng: draws the look.
        avoid: styles not wanted.

    Returns:
        None when the product cannot be told from the ground, or would drown in every look.
    """
    cutout = lift(image.pixels, image.mask)
    if cutout is None or cutout.ground.min() < 150:
        return None
    shown = cutout.alpha[..., 0] > 0.5
    mean = cutout.colour[shown].mean(axis=0)
    choices = [
        (name, np.array(colour, dtype=np.float32))
        for name, look in _LOOKS.items()
        for colour in look.backdrops
        if name not in avoid and np.linalg.norm(mean - np.array(colour)) > _DISTINCT
    ]
    # What is as light as its ground is found in part only; it would seem torn.
    vague = image.mask is None and np.linalg.norm(mean - cutout.ground) < _DISTINCT
    if not choices or vague:
        return None
    names = list(dict.fromkeys(name for name, _ in choices))
    name = names[int(rng.integers(len(names)))]
    colours = [colour for other, colour in choices if other == name]
    look, colour = _LOOKS[name], colours[int(rng.integers(len(colours)))]
    height, width = image.pixels.shape[:2]
    light = _light(height, width, look.fall, rng)
    # Shadows on the old ground fall on the new one as well.
    shade = cv2.GaussianBlur(image.pixels.astype(np.float32).mean(axis=2) / float(cutout.ground.mean()), (0, 0), 1.5)
    canvas = colour * _vignette(height, width, look.spot, rng) * np.clip(shade, 0.55, 1.0)[..., None]
    covered = np.zeros((height, width), dtype=np.float32)
    covered[cutout.box] = cutout.alpha[..., 0]
    # Under the product the picture is no shadow; its darkness must not bleed out around it.
    near = cv2.GaussianBlur(cv2.dilate(covered, np.ones((7, 7), np.uint8)), (0, 0), 2.0)[..., None]
    canvas = canvas * (1 - near) + near * colour * _vignette(height, width, look.spot, rng)
    lit = cutout.colour * np.array(look.gains, dtype=np.float32) * light[cutout.box]
    place = canvas[cutout.box]
    place *= 1 - cutout.alpha
    place += cutout.alpha * lit
    noisy = canvas + 1.2 * rng.standard_normal(canvas.shape, dtype=np.float32)
    facts = replace(image.facts, style=name, resaved=True)
    return SourceImage(np.clip(noisy, 0, 255).astype(np.uint8), facts)


def _light(height: int, width: int, fall: float, rng: np.random.Generator) -> Canvas:
    across = np.linspace(1 + fall / 3, 1 - fall, width, dtype=np.float32)
    across = across if rng.random() < 0.5 else across[::-1]
    return np.broadcast_to(across[None, :, None], (height, width, 1))


def _vignette(height: int, width: int, spot: float, rng: np.random.Generator) -> Canvas:
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    away = np.hypot(rows / height - 0.45, columns / width - 0.5) / 0.7
    return np.asarray(1.0 + 0.25 * spot - spot * away**2, dtype=np.float32)[..., None]
