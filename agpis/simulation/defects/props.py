"""Things beside the product that are not part of the offer: flowers, coins, a ruler, a cup, other goods, a hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from agpis.simulation.defects.canvas import Mask, paint, place_words
from agpis.simulation.defects.hands import hold
from agpis.simulation.defects.props_shapes import PROPS
from agpis.simulation.defects.solid import product_of
from agpis.simulation.defects.sprites import Sprite
from agpis.simulation.facts import Defect, DefectKind
from agpis.types import Box, Pixels

HAND = "a hand"
_HAND_SHARE, _GOODS_SHARE = 0.3, 0.15


def draw_props(
    pixels: Pixels, rng: np.random.Generator, split: str, others: Sequence[Pixels] = ()
) -> tuple[Pixels, Defect]:
    """Lay one to three props beside the product, or let a hand hold it.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        rng: decides what lies where.
        split: has its own hues, skins and numbers.
        others: pictures of other products, cut out and laid beside this one now and then.
    """
    product = product_of(pixels)
    height, width = product.shape
    kind = rng.random()
    if kind < _HAND_SHARE:
        out, box = hold(pixels, product, rng, split)
        return out, Defect(DefectKind.PROPS, HAND, place_words(box, width, height), box)
    if others and kind < _HAND_SHARE + _GOODS_SHARE:
        name, make = "another product", _goods(others[int(rng.integers(len(others)))])
    else:
        name = tuple(PROPS)[int(rng.integers(len(PROPS)))]
        make = PROPS[name]
    out = pixels.copy()
    boxes: list[Box] = []
    taken = product.astype(np.float32)
    count = int(rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1])) if name != "another product" else 1
    for _ in range(count):
        side = round(min(height, width) * float(rng.uniform(0.24, 0.42)) / count**0.25)
        sprite = make(side, rng, split)
        x, y = _free_place(taken, sprite.mask, rng)
        boxes.append(_lay(out, sprite, x, y))
        taken[boxes[-1].y : boxes[-1].y + boxes[-1].h, boxes[-1].x : boxes[-1].x + boxes[-1].w] = 1.0
    box = _around(boxes)
    return out, Defect(DefectKind.PROPS, name, place_words(boxes[0], width, height), box)


def _around(boxes: Sequence[Box]) -> Box:
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.w for box in boxes), max(box.y + box.h for box in boxes)
    return Box(left, top, right - left, bottom - top)


def _free_place(taken: npt.NDArray[np.float32], mask: Mask, rng: np.random.Generator) -> tuple[int, int]:
    """Of some random places, partly over the edge at times, the one that hides least; the lower half comes first."""
    height, width = taken.shape
    h, w = mask.shape
    sums = cv2.integral(taken)
    best, found = float("inf"), (0, 0)
    for _ in range(24):
        x = int(rng.integers(-w // 6, max(-w // 6 + 1, width - w + w // 6)))
        y = int(rng.integers(0, max(1, height - h + h // 6)))
        x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, width), min(y + h, height)
        hidden = float(sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]) / (h * w)
        cost = hidden + 0.25 * (1 - y1 / height) + 0.1 * float(rng.random())
        if cost < best:
            best, found = cost, (x, y)
    return found


def _lay(out: Pixels, sprite: Sprite, x: int, y: int) -> Box:
    """The prop with a soft shadow on the ground below it."""
    size = max(sprite.mask.shape)
    pad = size // 5
    room = cv2.copyMakeBorder(sprite.mask, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0)
    shadow = cv2.GaussianBlur(room, (0, 0), max(1.0, 0.035 * size)).astype(np.uint8)
    paint(out, shadow, (30, 28, 26), x - pad + max(1, size // 40), y - pad + max(1, size // 22), 0.4)
    return paint(out, sprite.mask, sprite.pixels, x, y)


def _goods(other: Pixels) -> Callable[[int, np.random.Generator, str], Sprite]:
    def make(size: int, rng: np.random.Generator, split: str) -> Sprite:
        mask = product_of(other)
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        area = slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
        part, cover = other[area], cv2.erode(mask, np.ones((3, 3), np.uint8))[area] * np.uint8(255)
        factor = 1.25 * size / max(part.shape[:2])
        shape = max(4, round(part.shape[1] * factor)), max(4, round(part.shape[0] * factor))
        small = cv2.resize(part, shape, interpolation=cv2.INTER_AREA)
        return Sprite(small.astype(np.uint8), cv2.resize(cover, shape, interpolation=cv2.INTER_AREA).astype(np.uint8))

    return make
