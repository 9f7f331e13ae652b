"""The printing on packages: far more of it than on other goods, and none of it laid over the photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image as PilImage
from PIL import ImageDraw

from agpis.simulation.colours import Rgb
from agpis.simulation.render.emblems import EMBLEMS, draw_emblem
from agpis.simulation.render.surfaces import Pattern, Surface, font
from agpis.types import Pixels

# Words of food packages; whoever adds words to the simulated banners should keep these out.
_KINDS = ("classic", "natural", "vanilla", "orange", "apple", "berry", "cocoa", "oat", "mild", "dark roast", "tomato")
_NOTES = ("no added sugar", "source of fibre", "keep refrigerated", "shake well", "rich in vitamin C", "baked daily")
_SIZES = ("1 L", "500 g", "330 ml", "750 g", "4 x 125 g", "1.5 L", "250 g")
_PICTURES: tuple[Rgb, ...] = (
    (232, 126, 34),
    (196, 42, 52),
    (120, 166, 60),
    (242, 200, 74),
    (112, 72, 48),
    (92, 62, 128),
)


def packed_front(surface: Surface, aspect: float, rng: np.random.Generator, height: int = 288) -> Pixels:
    """The front of a package: a field of colour, the brand, what is inside, a picture of it, and small print.

    Args:
        surface: of the product; a pattern is seen around a panel that carries the print.
        aspect: width of the front over its height.
        rng: draws the layout.
        height: rows of the texture.

    Returns:
        (height, height * aspect, 3) uint8 RGB.
    """
    (canvas, surface), width = _ground(surface, aspect, height), round(height * aspect)
    draw = ImageDraw.Draw(canvas)
    low, high = sorted(rng.uniform(0.3, 0.7, 2))
    if rng.random() < 0.6:
        draw.rectangle((0, low * height, width, max(high, low + 0.12) * height), fill=surface.accent)
    _picture(draw, (rng.uniform(0.3, 0.7) * width, rng.uniform(0.55, 0.75) * height), 0.3 * min(width, height), rng)
    brand_at = rng.uniform(0.12, 0.3)
    if rng.random() < 0.4:
        draw.rectangle(
            (0.06 * width, (brand_at - 0.1) * height, 0.94 * width, (brand_at + 0.1) * height), fill=surface.ink
        )
        _word(
            draw, surface, surface.brand, (0.5 * width, brand_at * height), (0.8 * width, 0.16 * height), surface.main
        )
    else:
        _word(draw, surface, surface.brand, (0.5 * width, brand_at * height), (0.86 * width, 0.2 * height), surface.ink)
    kind, note, size = (str(rng.choice(words)) for words in (_KINDS, _NOTES, _SIZES))
    _word(draw, surface, kind, (0.5 * width, (brand_at + 0.17) * height), (0.66 * width, 0.1 * height), surface.ink)
    _word(draw, surface, note, (0.5 * width, 0.88 * height), (0.7 * width, 0.05 * height), surface.ink)
    _word(
        draw, surface, size, (rng.uniform(0.2, 0.8) * width, 0.95 * height), (0.2 * width, 0.06 * height), surface.ink
    )
    return np.asarray(canvas)


def packed_back(surface: Surface, aspect: float, rng: np.random.Generator, height: int = 288) -> Pixels:
    """The back or a side of a package: lines of small print, a table and an article number; see `packed_front`."""
    (canvas, surface), width = _ground(surface, aspect, height), round(height * aspect)
    draw = ImageDraw.Draw(canvas)
    _word(draw, surface, surface.brand, (0.5 * width, 0.1 * height), (0.6 * width, 0.1 * height), surface.ink)
    lines = [" ".join(rng.choice([*_KINDS, *_NOTES], 3)) for _ in range(int(rng.integers(5, 10)))]
    for number, line in enumerate(lines):
        _word(
            draw,
            surface,
            line,
            (0.5 * width, (0.2 + 0.04 * number) * height),
            (0.84 * width, 0.032 * height),
            surface.ink,
        )
    left, top = 0.1 * width, 0.64 * height
    draw.rectangle((left, top, 0.9 * width, 0.84 * height), outline=surface.ink, width=max(1, height // 200))
    for row in range(1, 5):
        y = top + row * 0.04 * height
        draw.line((left, y, 0.9 * width, y), fill=surface.ink, width=max(1, height // 250))
    _bars(draw, (0.3 * width, 0.87 * height, 0.7 * width, 0.97 * height), rng)
    return np.asarray(canvas)


def packed_wrap(surface: Surface, aspect: float, rng: np.random.Generator, height: int = 288) -> Pixels:
    """A label that goes around: the front in its middle third, the back at the seam; see `packed_front`."""
    side = aspect / 3
    back = packed_back(surface, side, rng, height)
    front = packed_front(surface, side, rng, height)
    half = back.shape[1] // 2
    plain = np.asarray(surface.plain(side / 2, height))
    return np.concatenate([back[:, half:], plain, front, plain, back[:, :half]], axis=1)


def _ground(surface: Surface, aspect: float, height: int) -> tuple[PilImage.Image, Surface]:
    """The canvas, and the surface in whose colours it is to be printed on."""
    width = max(8, round(height * aspect))
    if surface.pattern is Pattern.PLAIN:
        return PilImage.new("RGB", (width, height), surface.main), surface
    patterned = PilImage.fromarray(surface.plain(aspect, height)).resize((width, height))
    panel = (round(0.1 * width), round(0.06 * height), round(0.9 * width), round(0.98 * height))
    ImageDraw.Draw(patterned).rectangle(panel, fill=surface.ink)
    return patterned, replace(surface, main=surface.ink, ink=surface.main)


def _word(
    draw: ImageDraw.ImageDraw,
    surface: Surface,
    text: str,
    centre: tuple[float, float],
    room: tuple[float, float],
    colour: Rgb,
) -> None:
    left, top, right, bottom = font(surface.font, 40).getbbox(text)
    size = int(40 * min(room[0] / max(right - left, 1), room[1] / max(bottom - top, 1)))
    if size >= 4:  # smaller letters are a smear
        draw.text(centre, text, font=font(surface.font, size), fill=colour, anchor="mm")


def _picture(draw: ImageDraw.ImageDraw, centre: tuple[float, float], size: float, rng: np.random.Generator) -> None:
    """What is inside, as a printer would show it: a few fruits or an emblem, in natural colours."""
    colour = _PICTURES[int(rng.integers(len(_PICTURES)))]
    for _ in range(int(rng.integers(1, 5))):
        x, y = np.array(centre) + rng.normal(0, 0.35 * size, 2)
        half = 0.5 * size * rng.uniform(0.5, 1.0)
        box = (float(x - half), float(y - half), float(x + half), float(y + half))
        if rng.random() < 0.7:
            draw.ellipse(box, fill=colour)
            light = tuple(min(255, channel + 40) for channel in colour)
            draw.ellipse((x - 0.6 * half, y - 0.7 * half, x - 0.1 * half, y - 0.2 * half), fill=light)
        else:
            draw_emblem(draw, EMBLEMS[int(rng.integers(len(EMBLEMS)))], box, colour)


def _bars(draw: ImageDraw.ImageDraw, box: Sequence[float], rng: np.random.Generator) -> None:
    left, top, right, bottom = box
    draw.rectangle((left, top, right, bottom), fill=(250, 250, 250))
    x, step = left + 2, max(1.0, (right - left) / 60)
    while x < right - 2 * step:
        wide = step * float(rng.choice([1.0, 1.0, 2.0]))
        draw.rectangle((x, top + 1, x + wide, bottom - 1), fill=(20, 20, 20))
        x += wide + step * float(rng.choice([1.0, 2.0]))
