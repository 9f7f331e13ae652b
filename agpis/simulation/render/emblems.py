"""Small signs of invented brands, drawn into a square."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import ImageDraw

from agpis.simulation.colours import Rgb

Canvas = ImageDraw.ImageDraw
Square = tuple[float, float, float, float]
_Point = tuple[float, float]


def draw_emblem(draw: Canvas, emblem: str, box: Square, colour: Rgb) -> None:
    """Draw one of EMBLEMS into a square box of pixels (x0, y0, x1, y1).

    Raises:
        KeyError: for a word outside EMBLEMS.
    """
    _DRAWINGS[emblem](draw, box, colour)


def _at(box: Square, *places: _Point) -> list[_Point]:
    x0, y0, x1, y1 = box
    return [(x0 + a * (x1 - x0), y0 + b * (y1 - y0)) for a, b in places]


def _inside(box: Square, x0: float, y0: float, x1: float, y1: float) -> Square:
    (left, top), (right, bottom) = _at(box, (x0, y0), (x1, y1))
    return left, top, right, bottom


def _line(box: Square, share: float) -> int:
    return max(1, round((box[2] - box[0]) * share))


def _ring(draw: Canvas, box: Square, colour: Rgb) -> None:
    draw.ellipse(box, outline=colour, width=_line(box, 0.16))


def _triangle(draw: Canvas, box: Square, colour: Rgb) -> None:
    draw.polygon(_at(box, (0.5, 0), (1, 0.95), (0, 0.95)), fill=colour)


def _star(draw: Canvas, box: Square, colour: Rgb) -> None:
    angles = np.arange(10) * np.pi / 5 - np.pi / 2
    radii = np.where(np.arange(10) % 2 == 0, 0.5, 0.2)
    places = [(0.5 + r * np.cos(a), 0.5 + r * np.sin(a)) for a, r in zip(angles, radii, strict=True)]
    draw.polygon(_at(box, *places), fill=colour)


def _diamond(draw: Canvas, box: Square, colour: Rgb) -> None:
    draw.polygon(_at(box, (0.5, 0), (0.95, 0.5), (0.5, 1), (0.05, 0.5)), fill=colour)


def _bars(draw: Canvas, box: Square, colour: Rgb) -> None:
    for left, top in ((0.05, 0.55), (0.38, 0.0), (0.71, 0.3)):
        draw.rectangle(_inside(box, left, top, left + 0.24, 1.0), fill=colour)


def _wave(draw: Canvas, box: Square, colour: Rgb) -> None:
    steps = np.linspace(0, 1, 13)
    for level in (0.25, 0.55, 0.85):
        places = [(t, level - 0.12 * np.sin(t * 4 * np.pi)) for t in steps]
        draw.line(_at(box, *places), fill=colour, width=_line(box, 0.08))


def _sun(draw: Canvas, box: Square, colour: Rgb) -> None:
    draw.ellipse(_inside(box, 0.28, 0.28, 0.72, 0.72), fill=colour)
    for angle in np.arange(8) * np.pi / 4:
        reach = [(0.5 + r * np.cos(angle), 0.5 + r * np.sin(angle)) for r in (0.32, 0.5)]
        draw.line(_at(box, *reach), fill=colour, width=_line(box, 0.08))


def _leaf(draw: Canvas, box: Square, colour: Rgb) -> None:
    t = np.linspace(0, 1, 12)
    upper = [(x, 1 - x - 0.42 * np.sin(np.pi * x)) for x in t]
    lower = [(x, 1 - x + 0.42 * np.sin(np.pi * x)) for x in t[::-1]]
    draw.polygon(_at(box, *upper, *lower), fill=colour)


def _blocks(draw: Canvas, box: Square, colour: Rgb) -> None:
    for left, top in ((0.0, 0.0), (0.54, 0.54), (0.54, 0.0)):
        draw.rectangle(_inside(box, left, top, left + 0.44, top + 0.44), fill=colour)


_DRAWINGS: dict[str, Callable[[Canvas, Square, Rgb], None]] = {
    "ring": _ring,
    "triangle": _triangle,
    "star": _star,
    "diamond": _diamond,
    "bars": _bars,
    "wave": _wave,
    "sun": _sun,
    "leaf": _leaf,
    "blocks": _blocks,
}
EMBLEMS: tuple[str, ...] = tuple(_DRAWINGS)
