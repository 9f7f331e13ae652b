"""Colour words and the RGB values they stand for: drawing a colour by its word and measuring the word of pixels."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from agpis.types import Pixels

Rgb = tuple[int, int, int]

# Where each word is drawn from: hue in degrees (may pass 360), saturation and value in [0, 1]. Narrower than what
# `colour_word` accepts, so that a drawn colour keeps its word under light and shade.
_RANGES: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "black": ((0, 360), (0.0, 0.12), (0.07, 0.14)),
    "white": ((0, 360), (0.0, 0.03), (0.94, 1.0)),
    "grey": ((0, 360), (0.0, 0.06), (0.42, 0.58)),
    "red": ((354, 364), (0.80, 0.95), (0.70, 0.88)),
    "orange": ((20, 30), (0.85, 0.97), (0.93, 1.0)),
    "yellow": ((48, 56), (0.75, 0.95), (0.90, 1.0)),
    "green": ((95, 145), (0.55, 0.85), (0.38, 0.70)),
    "teal": ((177, 187), (0.65, 0.90), (0.50, 0.70)),
    "blue": ((208, 232), (0.65, 0.92), (0.50, 0.90)),
    "purple": ((265, 285), (0.50, 0.80), (0.45, 0.70)),
    "pink": ((332, 347), (0.28, 0.52), (0.93, 1.0)),
    "brown": ((18, 28), (0.55, 0.75), (0.30, 0.46)),
    "beige": ((32, 42), (0.18, 0.30), (0.86, 0.95)),
}
COLOUR_WORDS: tuple[str, ...] = tuple(_RANGES)


@dataclass(frozen=True, slots=True)
class MeasuredColour:
    """The main colour of some pixels.

    Attributes:
        word: one of `COLOUR_WORDS`.
        share: share of the pixels that have this colour, in (0, 1].
        rgb: the typical lit value of these pixels.
    """

    word: str
    share: float
    rgb: Rgb


def draw_rgb(word: str, rng: np.random.Generator) -> Rgb:
    """A colour that this word names.

    Raises:
        KeyError: for a word outside `COLOUR_WORDS`.
    """
    hue, saturation, value = (rng.uniform(*limits) for limits in _RANGES[word])
    red, green, blue = colorsys.hsv_to_rgb(hue / 360.0 % 1.0, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def colour_word(rgb: Rgb) -> str:
    """The word of one lit colour."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(channel / 255.0 for channel in rgb))
    return _word_of_hsv(hue * 360.0, saturation, value)


def measure_colour(pixels: Pixels, mask: npt.NDArray[np.bool_] | None = None) -> MeasuredColour:
    """Measure the main colour of an image, or of the part of it that `mask` covers.

    The largest group wins: the pixels without hue, or those around one hue. Within it the lit pixels of the commonest
    brightness name the colour, because shade turns orange into brown and white into grey.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        mask: (H, W), true where the product is.

    Raises:
        ValueError: when the mask covers no pixel.
    """
    chosen = pixels.reshape(-1, 3) if mask is None else pixels[mask]
    if len(chosen) == 0:
        raise ValueError("the mask covers no pixel; a colour needs at least one")
    scaled = (chosen[None] / np.float32(255.0)).astype(np.float32)
    hue, saturation, value = cv2.cvtColor(scaled, cv2.COLOR_RGB2HSV)[0].T
    hueless = (saturation < np.where((hue < 65) | (hue > 330), 0.11, 0.14)) | (value < 0.17)
    counts = np.bincount((hue[~hueless] / 10.0).astype(int) % 36, minlength=36)
    around = counts + np.roll(counts, 1) + np.roll(counts, -1)
    if hueless.sum() >= around.max():
        group = hueless
    else:
        peak = 10.0 * int(around.argmax()) + 5.0
        group = ~hueless & (np.abs((hue - peak + 180.0) % 360.0 - 180.0) <= 18.0)
    # Print and pattern in a darker or lighter tone form a second heap of values; the higher heap is the product.
    heaps = np.convolve(np.bincount((value[group] * 15.99).astype(int), minlength=16), np.ones(4), mode="same")
    near = group & (np.abs(value - (int(heaps.argmax()) + 0.5) / 16.0) <= 0.16)
    lit = near & (value >= np.quantile(value[near], 0.5))
    typical = np.median(chosen[lit], axis=0)
    rgb = (int(typical[0]), int(typical[1]), int(typical[2]))
    return MeasuredColour(word=colour_word(rgb), share=float(group.mean()), rgb=rgb)


def _word_of_hsv(hue: float, saturation: float, value: float) -> str:
    warm = hue < 65.0 or hue > 330.0
    if value < 0.17 or saturation < (0.11 if warm else 0.14) or saturation * value < 0.055:
        if value < 0.27:
            return "black"
        return "white" if value > 0.69 else "grey"
    if hue < 14.0 or hue >= 346.0:
        if saturation < 0.52 and value > 0.62:
            return "pink"
        return "brown" if saturation < 0.62 and value < 0.5 else "red"
    if hue < 44.0:
        return _warm_word(hue, saturation, value)
    if hue < 68.0:
        if saturation < 0.38:
            return "beige" if value > 0.55 else "grey"
        return "yellow" if value > 0.55 else "green"
    for limit, word in ((168.0, "green"), (196.0, "teal"), (252.0, "blue"), (302.0, "purple")):
        if hue < limit:
            return word
    return "pink" if value > 0.55 else "purple"


def _warm_word(hue: float, saturation: float, value: float) -> str:
    if saturation < 0.45 and value > (0.44 if saturation < 0.35 else 0.58):
        return "pink" if hue < 20.0 and saturation > 0.2 else "beige"
    if value < 0.64:
        return "brown"
    return "red" if hue < 16.0 else "orange"
