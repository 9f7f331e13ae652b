"""A parcel instead of the product: a closed brown box with tape and a label, or a poly bag."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from agpis.simulation.defects.canvas import hue_colour, paint
from agpis.simulation.defects.lettering import choose_letters
from agpis.simulation.defects.shapes import Points, fill, set_lines
from agpis.simulation.defects.words import brand, handling
from agpis.simulation.render.backdrops import plain_backdrop
from agpis.types import Pixels

_Floats = npt.NDArray[np.float32]


def draw_parcel(pixels: Pixels, rng: np.random.Generator, split: str) -> Pixels:
    """A picture of a closed parcel, of the size of `pixels`; a bag keeps a hint of the product's colours."""
    height, width = pixels.shape[:2]
    backdrop = plain_backdrop(max(height, width), rng)[:height, :width]
    canvas = np.asarray(backdrop, dtype=np.float32).copy()
    drawn = _box(canvas, rng, split) if rng.random() < 0.55 else _bag(canvas, pixels, rng, split)
    return np.asarray(drawn.clip(0, 255), dtype=np.uint8)


def _face(height: int, width: int, tone: _Floats, rng: np.random.Generator) -> Pixels:
    """Corrugated cardboard."""
    flutes = 2.5 * np.sin(np.arange(width, dtype=np.float32) * np.float32(rng.uniform(0.8, 1.6)))[None, :, None]
    fibres = 4 * rng.standard_normal((height, width, 1), dtype=np.float32)
    return np.asarray((tone + flutes + fibres).clip(0, 255), dtype=np.uint8)


def _label(face: Pixels, rng: np.random.Generator, split: str) -> None:
    """An address label with lines and an article number, and words of handling beside it."""
    height, width = face.shape[:2]
    w, h = round(width * float(rng.uniform(0.34, 0.52))), round(height * float(rng.uniform(0.28, 0.42)))
    x, y = round(0.08 * width), round(height * float(rng.uniform(0.1, 0.45)))
    label = np.full((h, w, 3), 248, dtype=np.uint8)
    name = set_lines(brand(rng, split), choose_letters(rng, "latin", split), round(0.6 * w), round(0.2 * h), 1)
    paint(label, name, (30, 30, 34), round(0.08 * w), round(0.08 * h))
    for row in range(3):
        end = round(w * float(rng.uniform(0.4, 0.85)))
        level = round((0.38 + 0.1 * row) * h)
        cv2.line(label, (round(0.08 * w), level), (end, level), (120, 120, 120))
    at = round(0.1 * w)
    while at < 0.88 * w:
        bar = int(rng.integers(1, 4))
        cv2.rectangle(label, (at, round(0.7 * h)), (at + bar, round(0.92 * h)), (24, 24, 26), -1)
        at += bar + int(rng.integers(2, 5))
    paint(face, np.full((h, w), 255, dtype=np.uint8), label, x, y)
    words = handling(rng, split)
    room = width - x - w - round(0.08 * width)
    letters = set_lines(words.text, choose_letters(rng, "latin", split), max(20, room), round(0.4 * height), 3)
    ink = (60, 44, 30) if rng.random() < 0.6 else (190, 30, 30)
    paint(face, letters, ink, x + w + max(2, round(0.04 * width)), round(0.5 * height), 0.85)


def _box(canvas: _Floats, rng: np.random.Generator, split: str) -> _Floats:
    """A box from the front and a little above, its top closed with tape."""
    height, width = canvas.shape[:2]
    tone = np.array((188, 148, 104), dtype=np.float32) * float(rng.uniform(0.85, 1.12))
    if rng.random() < 0.15:
        tone = np.array((214, 213, 210), dtype=np.float32)
    size = min(height, width)
    w, h = size * float(rng.uniform(0.6, 0.82)), size * float(rng.uniform(0.34, 0.56))
    depth, shift = size * float(rng.uniform(0.12, 0.24)), size * float(rng.uniform(-0.14, 0.14))
    left, low = (width - w) / 2 - shift / 2, (height + h + depth) / 2
    front = np.array([(left, low - h), (left + w, low - h), (left + w, low), (left, low)])
    inset = 0.06 * w
    back = front[:2] + np.array([[shift + inset, -depth], [shift - inset, -depth]])
    top = np.array([back[0], back[1], front[1], front[0]])
    _ground_shadow(canvas, front, low, size)
    lid, wall = (_face(160, 240, tone * light, rng) for light in (1.1, 0.94))
    _label(wall, rng, split)
    tape = tone * 0.5 + np.array((214, 190, 140)) * 0.5 if rng.random() < 0.7 else np.full(3, 225.0)
    if rng.random() < 0.4:
        _tape(lid, tape * 1.08, 0, 69, 240, 22)
        cv2.line(lid, (0, 80), (240, 80), [float(value) for value in tone * 0.6], 1)
    else:
        _tape(lid, tape * 1.08, 109, 0, 22, 160)
        _tape(wall, tape, 109, 0, 22, 40)
    return _projected(_projected(canvas, lid, top), wall, front)


def _tape(face: Pixels, tone: npt.NDArray[np.floating], x: int, y: int, w: int, h: int) -> None:
    colour = tuple(int(value) for value in tone.clip(0, 255))
    paint(face, np.full((h, w), 255, dtype=np.uint8), (colour[0], colour[1], colour[2]), x, y, 0.85)


def _ground_shadow(canvas: _Floats, outline: Points, low: float, size: int) -> None:
    dark = np.zeros(canvas.shape[:2], dtype=np.uint8)
    left, right, top, foot = outline[:, 0].min(), outline[:, 0].max(), low - 0.06 * size, low + 0.02 * size
    fill(dark, np.array([(left, top), (right, top), (right, foot), (left, foot)]))
    canvas *= 1 - 0.5 * cv2.GaussianBlur(dark, (0, 0), 0.02 * size)[..., None].astype(np.float32) / 255


def _projected(canvas: _Floats, face: Pixels, outline: Points) -> _Floats:
    height, width = face.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corners, outline.astype(np.float32))
    size = (canvas.shape[1], canvas.shape[0])
    soft = cv2.GaussianBlur(face, (0, 0), 0.7).astype(np.float32)
    colour = cv2.warpPerspective(soft, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    alpha = np.zeros(canvas.shape[:2], dtype=np.uint8)
    fill(alpha, outline)
    share = alpha[..., None].astype(np.float32) / 255
    return np.asarray(canvas + share * (colour - canvas), dtype=np.float32)


def _bag(canvas: _Floats, pixels: Pixels, rng: np.random.Generator, split: str) -> _Floats:
    """A bag of film, clear, grey or of a colour, with wrinkles that catch the light, a seal and a label."""
    height, width = canvas.shape[:2]
    size = min(height, width)
    w, h = size * float(rng.uniform(0.56, 0.76)), size * float(rng.uniform(0.66, 0.86))
    left, top = (width - w) / 2, (height - h) / 2
    steps = np.linspace(0, 1, 16, endpoint=False)
    corners = np.array([(left, top), (left + w, top), (left + w, top + h), (left, top + h)])
    sides = [a + steps[:, None] * (b - a) for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)]
    outline = np.concatenate(sides) + rng.normal(0, 0.006 * size, size=(64, 2))
    mask = np.zeros((height, width), dtype=np.uint8)
    fill(mask, outline)
    alpha = cv2.GaussianBlur(mask, (0, 0), 0.7).astype(np.float32)[..., None] / 255
    kind = rng.random()
    if kind < 0.5:
        # Something of the product's colours shines through.
        film = cv2.GaussianBlur(pixels, (0, 0), 0.035 * size).astype(np.float32) * 0.55 + 0.45 * 222
    elif kind < 0.8:
        film = np.full((height, width, 3), float(rng.choice([60, 205, 236])), dtype=np.float32)
    else:
        film = np.broadcast_to(
            np.array(hue_colour(rng, split, (0.2, 0.7), (0.6, 0.95)), dtype=np.float32), canvas.shape
        )
    wrinkles = _wrinkles(height, width, rng)[..., None]
    film = film * (1 + 0.24 * wrinkles) + 46 * np.clip(wrinkles - 0.9, 0, 1)
    dropped = cv2.GaussianBlur(np.roll(mask, size // 60, axis=0), (0, 0), 0.02 * size)
    ground = canvas * (1 - 0.35 * dropped.astype(np.float32)[..., None] / 255)
    bag: Pixels = np.ascontiguousarray((ground + alpha * (film - ground)).clip(0, 255).astype(np.uint8))
    seal = round(top + h * float(rng.uniform(0.06, 0.12)))
    for offset in (0, max(2, size // 70)):
        cv2.line(bag, (round(left), seal + offset), (round(left + w), seal + offset), (250, 250, 250), 1, cv2.LINE_AA)
    label = _face(round(0.3 * h), round(0.62 * w), np.full(3, 246, dtype=np.float32), rng)
    _label(label, rng, split)
    place = round(left + w * float(rng.uniform(0.1, 0.28))), round(top + h * float(rng.uniform(0.25, 0.6)))
    paint(bag, np.full(label.shape[:2], 255, dtype=np.uint8), label, *place, 0.95)
    return np.asarray(bag, dtype=np.float32)


def _wrinkles(height: int, width: int, rng: np.random.Generator) -> _Floats:
    """Ridges in several directions, about -1 to 1."""
    # Half the size suffices for smooth ridges, at a quarter of the cost.
    h, w = height // 2, width // 2
    field = np.zeros((h, w), dtype=np.float32)
    rows, columns = np.mgrid[0:h, 0:w].astype(np.float32) / max(h, w)
    for _ in range(4):
        angle = float(rng.uniform(0, np.pi))
        coarse = rng.normal(0, 0.12, size=(5, 5)).astype(np.float32)
        bend = cv2.resize(coarse, (w, h), interpolation=cv2.INTER_CUBIC)
        phase = columns * np.float32(np.cos(angle)) + rows * np.float32(np.sin(angle)) + bend
        ridge = 1 - 2 * np.abs(np.sin(np.float32(rng.uniform(6, 16)) * phase))
        field += ridge * ridge * ridge
    return np.asarray(cv2.resize(field / 2, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
