"""The closed carton that a product is sold in, drawn in perspective."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from agpis.simulation.cutouts import Canvas, Cutout, lift, put
from agpis.simulation.defects.lettering import choose_letters, text_mask
from agpis.simulation.facts import View
from agpis.simulation.render.backdrops import plain_backdrop
from agpis.simulation.sources import SourceImage

_PAINTS = ((196, 158, 112), (244, 243, 240), (36, 40, 48), (206, 222, 232), (150, 40, 46), (52, 84, 132), (70, 110, 84))
_LABEL = (250.0, 250.0, 248.0)
# Rows of a face before it is put into perspective.
_FACE = 320
_Points = npt.NDArray[np.float64]


def package_view(
    image: SourceImage, brand: str, item: str, split: str, size: int, rng: np.random.Generator
) -> SourceImage | None:
    """The carton, with a small picture of the product, brand and kind of item on the front.

    Args:
        image: a whole view before a plain ground, for the picture on the carton.
        brand: word on the carton; empty for none.
        item: kind of item on the carton; empty for none.
        split: whose fonts are used.
        size: side of the square picture in pixels.
        rng: draws carton, standpoint and backdrop.

    Returns:
        A picture of a capture of its own; None when the product cannot be told from its ground.
    """
    cutout = lift(image.pixels, image.mask)
    if cutout is None:
        return None
    tall, wide = cutout.alpha.shape[:2]
    across = float(np.clip(wide / tall, 0.65, 1.35)) * float(rng.uniform(0.9, 1.1))
    depth = across * float(rng.uniform(0.35, 0.7))
    paint = np.array(_PAINTS[int(rng.integers(len(_PAINTS)))], dtype=np.float32)
    faces = (
        _front(cutout, paint, (brand.upper(), item), split, across, rng),
        _side(paint, brand or item, split, depth, rng),
        _blank(_FACE // 2, _FACE // 2, paint),
    )
    canvas, fill = _boxed(faces, (across, depth), plain_backdrop(size, rng), rng)
    facts = replace(
        image.facts,
        view=View.PACKAGE,
        capture=f"{image.facts.capture}#package{int(rng.integers(2**31))}",
        fill=fill,
        brand="",
        pattern="",
        items=1,
        crop=(0.0, 0.0, 1.0, 1.0),
        mirrored=False,
        rotation=0,
        resaved=False,
    )
    return SourceImage(np.clip(canvas, 0, 255).astype(np.uint8), facts)


def _front(
    cutout: Cutout, paint: Canvas, words: tuple[str, str], split: str, across: float, rng: np.random.Generator
) -> Canvas:
    height, width = _FACE, round(_FACE * across)
    face = _blank(height, width, paint)
    ink = _ink(paint)
    if rng.random() < 0.6:
        cv2.rectangle(face, (width // 14, round(0.3 * height)), (width - width // 14, round(0.94 * height)), _LABEL, -1)
    tall, wide = cutout.alpha.shape[:2]
    scale = min(0.56 * height / tall, 0.78 * width / wide)
    w, h = max(2, round(wide * scale)), max(2, round(tall * scale))
    put(face, cutout, (width - w) // 2, round(0.34 * height) + (round(0.56 * height) - h) // 2, w, h, shadow=0.2)
    letters = choose_letters(rng, "latin", split)
    for word, top, tallness in ((words[0], 0.05, 0.13), (words[1], 0.205, 0.07)):
        _write(face, text_mask(word, round(tallness * height), letters), round(top * height), ink)
    return face


def _side(paint: Canvas, word: str, split: str, depth: float, rng: np.random.Generator) -> Canvas:
    height, width = _FACE, max(40, round(_FACE * depth))
    face = _blank(height, width, paint)
    ink = _ink(paint)
    _write(face, text_mask(word, round(0.08 * height), choose_letters(rng, "latin", split)), round(0.08 * height), ink)
    for line in range(6):
        y, end = round((0.3 + 0.05 * line) * height), round(width * float(rng.uniform(0.5, 0.9)))
        cv2.rectangle(face, (width // 10, y), (end, y + 3), ink.tolist(), -1)
    # An article number.
    left, right = width // 8, width - width // 8
    cv2.rectangle(face, (left, round(0.72 * height)), (right, round(0.9 * height)), _LABEL, -1)
    x = left + 6
    while x < right - 6:
        bar = int(rng.integers(1, 4))
        cv2.rectangle(face, (x, round(0.74 * height)), (x + bar, round(0.88 * height)), (20.0, 20.0, 20.0), -1)
        x += bar + int(rng.integers(2, 5))
    return face


def _write(face: Canvas, mask: npt.NDArray[np.uint8], y: int, ink: Canvas) -> None:
    factor = min(1.0, 0.84 * face.shape[1] / mask.shape[1])
    small = cv2.resize(mask, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else mask
    x = (face.shape[1] - small.shape[1]) // 2
    place = face[y : y + small.shape[0], x : x + small.shape[1]]
    alpha = small[: place.shape[0], :, None] / np.float32(255.0)
    place *= 1 - alpha
    place += alpha * ink


def _ink(paint: Canvas) -> Canvas:
    return np.array((28, 28, 32) if paint.mean() > 140 else (246, 244, 238), dtype=np.float32)


def _blank(height: int, width: int, colour: Canvas) -> Canvas:
    face = np.empty((height, width, 3), dtype=np.float32)
    face[:] = colour
    return face


def _boxed(
    faces: tuple[Canvas, Canvas, Canvas], measures: tuple[float, float], canvas: Canvas, rng: np.random.Generator
) -> tuple[Canvas, float]:
    """Front, side and top put on a ground, and the share of the frame that their bounding box covers.

    Args:
        faces: front, side and top.
        measures: width and depth over height.
        canvas: (size, size, 3), the ground.
        rng: draws the standpoint.
    """
    size = canvas.shape[0]
    rightwards = bool(rng.random() < 0.5)
    corners, fill = _projected(measures, rightwards, size, rng)
    # Corners by left or right, near or far, and low or high.
    edge = 1 if rightwards else 0
    ends = ((edge, 0), (edge, 1)) if rightwards else ((edge, 1), (edge, 0))
    front = [corners[0, 0, 1], corners[1, 0, 1], corners[1, 0, 0], corners[0, 0, 0]]
    side = [corners[(*ends[0], 1)], corners[(*ends[1], 1)], corners[(*ends[1], 0)], corners[(*ends[0], 0)]]
    top = [corners[0, 1, 1], corners[1, 1, 1], corners[1, 0, 1], corners[0, 0, 1]]
    foot = np.array([corners[0, 0, 0], corners[1, 0, 0], corners[1, 1, 0], corners[0, 1, 0]])
    dark = np.zeros((size, size), dtype=np.float32)
    cv2.fillConvexPoly(dark, np.round(foot + np.array([0.0, 0.012 * size])).astype(np.int32), (1.0,))
    canvas = canvas * (1 - 0.45 * cv2.GaussianBlur(dark, (0, 0), 0.025 * size))[..., None]
    for face, place, light in ((faces[2], top, 1.06), (faces[1], side, 0.76), (faces[0], front, 0.98)):
        canvas = _faced(canvas, np.minimum(face * light, 255), np.array(place, dtype=np.float32))
    return canvas, fill


def _projected(
    measures: tuple[float, float], rightwards: bool, size: int, rng: np.random.Generator
) -> tuple[_Points, float]:
    """Where the eight corners lie in the picture, (2, 2, 2, 2): left or right, near or far, low or high; the fill."""
    turn = float(rng.uniform(0.35, 0.7)) * (-1 if rightwards else 1)
    pitch = float(rng.uniform(0.25, 0.4))
    half = np.array([*measures, 1.0]) / 2
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    spin = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    # From above: what is farther away appears higher.
    tilt = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    seen = (signs * half) @ spin.T @ tilt.T
    distance = 5.0 * float(np.linalg.norm(half))
    flat = seen[:, [0, 2]] * (distance / (distance + seen[:, 1]))[:, None] * (1, -1)
    low, high = flat.min(axis=0), flat.max(axis=0)
    scale = float(rng.uniform(0.74, 0.88)) * size / float((high - low).max())
    placed = (flat - (low + high) / 2) * scale + size / 2
    return placed.reshape(2, 2, 2, 2), float(np.prod((high - low) * scale)) / size**2


def _faced(canvas: Canvas, face: Canvas, place: Canvas) -> Canvas:
    height, width = face.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corners, place)
    size = (canvas.shape[1], canvas.shape[0])
    # The face is larger than its place; smoothed, or its print would break up.
    soft = cv2.GaussianBlur(face, (0, 0), max(0.1, 0.35 * width / max(1.0, float(np.ptp(place[:, 0])))))
    colour = cv2.warpPerspective(soft, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpPerspective(np.ones((height, width), dtype=np.float32), matrix, size)[..., None]
    return np.asarray(canvas * (1 - alpha) + alpha * colour, dtype=np.float32)
