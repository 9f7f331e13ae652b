"""A hand that holds the product: a palm, fingers and a forearm as rounded bodies under one light."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from agpis.simulation.defects.canvas import Mask
from agpis.types import Box, Pixels

_Floats = npt.NDArray[np.float32]
# Skin from light to dark, in RGB; those of the test split lie between those of the others.
_SKINS = {
    "train": ((240, 205, 180), (224, 176, 146), (196, 144, 110), (150, 102, 74), (96, 64, 48)),
    "test": ((232, 192, 164), (210, 160, 128), (172, 122, 90), (120, 80, 60)),
}
# Fingers from the index to the little one: knuckle (x, y), length, width and angle; palm in the origin, fingers up,
# units of the palm's width.
_FINGERS = (
    (-0.36, -0.42, 0.72, 0.115, -0.16),
    (-0.12, -0.52, 0.82, 0.12, -0.04),
    (0.13, -0.5, 0.76, 0.115, 0.06),
    (0.36, -0.38, 0.58, 0.1, 0.2),
)


def hold(pixels: Pixels, product: Mask, rng: np.random.Generator, split: str) -> tuple[Pixels, Box]:
    """Let a hand reach in from an edge of the frame and take hold of the product.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        product: (H, W) uint8, not 0 on the product, which hides the fingers while the thumb lies over it.
        rng: draws edge, size, pose and skin.
        split: has its own skin tones.

    Returns:
        A new image, and the box of what is to be seen of the hand.
    """
    height, width = pixels.shape[:2]
    rows, columns = np.flatnonzero(product.any(axis=1)), np.flatnonzero(product.any(axis=0))
    middle = np.array([(columns[0] + columns[-1]) / 2, (rows[0] + rows[-1]) / 2])
    reach = np.array([(columns[-1] - columns[0]) / 2, (rows[-1] - rows[0]) / 2])
    size = min(height, width) * float(rng.uniform(0.3, 0.44))
    # The arm comes from below or from one side; `way` points from the product to the arm.
    way = math.radians(float(rng.choice([90.0, 90.0, 0.0, 180.0])) + float(rng.uniform(-35, 35)))
    direction = np.array([math.cos(way), math.sin(way)])
    edge = float(np.min(reach / np.maximum(np.abs(direction), 1e-6)))
    palm = middle + direction * (edge + size * float(rng.uniform(-0.1, 0.25)))
    palm = np.clip(palm, [0.1 * width, 0.1 * height], [0.92 * width, 0.92 * height])
    turn = way - math.pi / 2
    mirrored = 1.0 if rng.random() < 0.5 else -1.0
    skin = _skin(rng, split)
    behind = _Body(height, width, palm, size, turn, mirrored)
    for x, y, length, thick, angle in _FINGERS:
        _finger(behind, (x, y), length * float(rng.uniform(0.85, 1.05)), thick, angle + float(rng.normal(0, 0.06)))
    behind.add((-0.26, -0.2), (0.26, -0.18), 0.27)
    behind.add((-0.18, 0.2), (0.18, 0.2), 0.3)
    behind.add((0.0, 0.3), (0.0, 3.5), 0.27)
    front = _Body(height, width, palm, size, turn, mirrored)
    front.add((-0.32, 0.2), (-0.52, -0.06), 0.16)
    front.add((-0.52, -0.06), (-0.5, -0.36), 0.125)
    front.add((-0.5, -0.36), (-0.4, -0.58), 0.105)
    front.nail((-0.42, -0.56), 0.42)
    free = product == 0
    out = behind.paint(pixels, skin, free)
    out = front.paint(out, skin, np.ones_like(free))
    seen = ((behind.height > 0) & free) | (front.height > 0)
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    x, y = int(columns[0]), int(rows[0])
    return out, Box(x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y)


def _skin(rng: np.random.Generator, split: str) -> _Floats:
    tones = np.array(_SKINS["test" if split == "test" else "train"], dtype=np.float32)
    tone = tones[int(rng.integers(len(tones)))] + rng.normal(0, 5, size=3)
    return np.asarray(tone, dtype=np.float32)


def _finger(body: _Body, knuckle: tuple[float, float], length: float, thick: float, angle: float) -> None:
    """Two joints, the second one bent a little and thinner, with a nail."""
    x, y = knuckle
    at = (x + 0.55 * length * math.sin(angle), y - 0.55 * length * math.cos(angle))
    tip = (at[0] + 0.45 * length * math.sin(1.3 * angle), at[1] - 0.45 * length * math.cos(1.3 * angle))
    body.add((x * 0.7, y * 0.4), at, thick)
    body.add(at, tip, 0.9 * thick)


class _Body:
    """Rounded rods in the frame of a palm, joined by the highest; `height` in pixels above the picture."""

    def __init__(
        self, height: int, width: int, palm: npt.NDArray[np.float64], size: float, turn: float, mirrored: float
    ) -> None:
        self._palm, self._size, self._mirrored = palm, size, mirrored
        self._turn = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        self.height: _Floats = np.zeros((height, width), dtype=np.float32)
        self._nails: list[tuple[tuple[float, float], float]] = []

    def add(self, start: tuple[float, float], end: tuple[float, float], radius: float) -> None:
        """A rod between two places in units of the palm."""
        (x0, y0), (x1, y1) = self._place(start), self._place(end)
        r = radius * self._size
        height, width = self.height.shape
        left, right = max(0, math.floor(min(x0, x1) - r)), min(width, math.ceil(max(x0, x1) + r) + 1)
        top, bottom = max(0, math.floor(min(y0, y1) - r)), min(height, math.ceil(max(y0, y1) + r) + 1)
        if left >= right or top >= bottom:
            return
        columns = np.arange(left, right, dtype=np.float32)[None, :] - np.float32(x0)
        rows = np.arange(top, bottom, dtype=np.float32)[:, None] - np.float32(y0)
        dx, dy = np.float32(x1 - x0), np.float32(y1 - y0)
        along = np.clip((columns * dx + rows * dy) / max(float(dx * dx + dy * dy), 1e-6), 0.0, 1.0)
        away = (columns - along * dx) ** 2 + (rows - along * dy) ** 2
        part = self.height[top:bottom, left:right]
        np.maximum(part, np.sqrt(np.maximum(np.float32(r * r) - away, 0.0)), out=part)

    def nail(self, place: tuple[float, float], angle: float) -> None:
        """A finger nail, pointing `angle` radians off the fingers' way."""
        self._nails.append((place, angle))

    def paint(self, pixels: Pixels, skin: _Floats, free: npt.NDArray[np.bool_]) -> Pixels:
        """The bodies over the picture where it is `free`, with a soft shadow beside them."""
        soft = cv2.GaussianBlur(self.height, (0, 0), max(0.8, 0.012 * self._size))
        slope_x, slope_y = cv2.Sobel(soft, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(soft, cv2.CV_32F, 0, 1) / 8
        # Light from the upper left; the slope is damped, since skin has no hard edges.
        light = (0.75 + 0.25 * slope_x + 0.35 * slope_y) / np.sqrt(1 + 0.5 * (slope_x**2 + slope_y**2))
        shade = np.clip(0.5 + 0.62 * light, 0.42, 1.12)[..., None]
        # The dark side of skin is redder than its light side.
        tone = np.asarray(skin * shade + (1.12 - shade) * np.array([14, -4, -10], dtype=np.float32), dtype=np.float32)
        self._paint_nails(tone, skin)
        cover = np.clip(self.height / 1.2, 0.0, 1.0)
        open_to_view = cv2.GaussianBlur(free.astype(np.float32), (0, 0), 0.7)
        alpha = (cv2.GaussianBlur(cover, (0, 0), 0.6) * open_to_view)[..., None]
        moved = cv2.warpAffine(
            cover, np.array([[1, 0, 2], [0, 1, 3]], dtype=np.float32), (cover.shape[1], cover.shape[0])
        )
        drop = cv2.GaussianBlur(moved, (0, 0), max(1.5, 0.04 * self._size)) * open_to_view
        under = pixels.astype(np.float32) * (1 - 0.3 * drop[..., None])
        return np.asarray((under + alpha * (tone - under)).clip(0, 255), dtype=np.uint8)

    def _paint_nails(self, tone: _Floats, skin: _Floats) -> None:
        for place, angle in self._nails:
            x, y = self._place(place)
            turn = math.degrees(math.atan2(self._turn[1, 0], self._turn[0, 0]) + self._mirrored * angle)
            axes = (round(0.06 * self._size), round(0.085 * self._size))
            pale = 0.55 * skin + 0.45 * np.array([255, 225, 215], dtype=np.float32)
            colour = [float(value) for value in pale]
            cv2.ellipse(tone, (round(x), round(y)), axes, turn, 0, 360, colour, -1, cv2.LINE_AA)

    def _place(self, point: tuple[float, float]) -> tuple[float, float]:
        x, y = self._palm + self._size * (self._turn @ np.array([self._mirrored * point[0], point[1]]))
        return float(x), float(y)
