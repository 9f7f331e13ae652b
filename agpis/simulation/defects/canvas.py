"""Laying shapes and words over an image, choosing colours and places, and saying a place in words."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np
import numpy.typing as npt

from agpis.types import Box, Pixels

Colour = tuple[int, int, int]
Mask = npt.NDArray[np.uint8]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (12, 12, 12)


def hue_colour(
    rng: np.random.Generator,
    split: str,
    saturation: tuple[float, float] = (0.55, 1.0),
    value: tuple[float, float] = (0.45, 1.0),
) -> Colour:
    """A colour whose hue belongs to the split: of every 60 degrees train has the first 36, test degrees 40 to 56."""
    low, high = (40.0, 56.0) if split == "test" else (0.0, 36.0)
    hue = (60.0 * float(rng.integers(6)) + float(rng.uniform(low, high))) / 360.0
    red, green, blue = colorsys.hsv_to_rgb(hue, float(rng.uniform(*saturation)), float(rng.uniform(*value)))
    return round(255 * red), round(255 * green), round(255 * blue)


def luminance(colour: Colour) -> float:
    """Perceived brightness, 0 to 255."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def readable_on(colour: Colour, rng: np.random.Generator) -> Colour:
    """White, black or yellow, whichever can be read on `colour`."""
    if luminance(colour) > 140:
        return BLACK
    return WHITE if rng.random() < 0.8 else (255, 230, 60)


def contrast_with(pixels: Pixels, box: Box, colour: Colour) -> float:
    """Mean distance in brightness between a colour and the part of the image under `box`, 0 to 255."""
    part = pixels[box.y : box.y + box.h, box.x : box.x + box.w]
    grey = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY)
    return float(np.abs(grey.astype(np.float32) - luminance(colour)).mean())


def clash(pixels: Pixels, box: Box, colour: Colour) -> float:
    """Share of the area under `box` that is about as bright as a colour, in [0, 1]: where it would not be seen."""
    part = pixels[box.y : box.y + box.h, box.x : box.x + box.w]
    grey = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY)
    return float((np.abs(grey.astype(np.float32) - luminance(colour)) < 60).mean())


def paint(pixels: Pixels, mask: Mask, colour: Colour | Pixels, x: int, y: int, opacity: float = 1.0) -> Box:
    """Blend a colour, or a picture of the mask's size, into `pixels` in place.

    Args:
        pixels: (H, W, 3) uint8 RGB, written to.
        mask: (h, w) uint8 coverage.
        colour: one colour or (h, w, 3) uint8 RGB.
        x: left edge of the mask in `pixels`; may lie outside.
        y: upper edge of the mask in `pixels`; may lie outside.
        opacity: in [0, 1].

    Returns:
        The part of the frame that was touched.

    Raises:
        ValueError: when all of the mask lies outside the frame.
    """
    height, width = mask.shape
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + width, pixels.shape[1]), min(y + height, pixels.shape[0])
    if x1 <= x0 or y1 <= y0:
        raise ValueError(
            f"a mask of {width} x {height} at ({x}, {y}) lies outside {pixels.shape[1]} x {pixels.shape[0]}"
        )
    inner = (slice(y0 - y, y1 - y), slice(x0 - x, x1 - x))
    alpha = mask[inner].astype(np.float32)[..., None] * (opacity / 255.0)
    top = colour[inner].astype(np.float32) if isinstance(colour, np.ndarray) else np.asarray(colour, dtype=np.float32)
    part = pixels[y0:y1, x0:x1]
    part[:] = (part + alpha * (top - part) + 0.5).astype(np.uint8)
    return Box(x0, y0, x1 - x0, y1 - y0)


def turned(mask: Mask, degrees: float) -> Mask:
    """The mask turned anticlockwise on a canvas that holds all of it."""
    height, width = mask.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    new_width, new_height = int(height * sine + width * cosine) + 2, int(height * cosine + width * sine) + 2
    matrix[0, 2] += new_width / 2 - width / 2
    matrix[1, 2] += new_height / 2 - height / 2
    return np.asarray(cv2.warpAffine(mask, matrix, (new_width, new_height), flags=cv2.INTER_LINEAR), dtype=np.uint8)


def scaled(mask: Mask, width: int, height: int) -> Mask:
    """The mask shrunk, its proportions kept, until it fits into `width` x `height`; never enlarged."""
    factor = min(1.0, width / mask.shape[1], height / mask.shape[0])
    if factor >= 1.0:
        return mask
    size = max(1, round(mask.shape[1] * factor)), max(1, round(mask.shape[0] * factor))
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def outlined(mask: Mask, width: int) -> tuple[Mask, Mask]:
    """The mask with a margin of `width`, and the same mask grown by `width`: the outline to paint below it."""
    padded = cv2.copyMakeBorder(mask, width, width, width, width, cv2.BORDER_CONSTANT, value=0)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1, 2 * width + 1))
    return np.asarray(padded, dtype=np.uint8), np.asarray(cv2.dilate(padded, kernel), dtype=np.uint8)


def random_place(rng: np.random.Generator, frame: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """A place (x, y) for something of `size` (w, h) within `frame` (W, H): at an edge, in a corner, or anywhere."""
    free = max(frame[0] - size[0], 0), max(frame[1] - size[1], 0)
    margin = min(frame) * float(rng.uniform(0.0, 0.06))
    place = []
    anywhere = rng.random() < 0.45
    for room in free:
        edge = rng.integers(3)
        if anywhere:
            at = float(rng.uniform(0, room))
        else:
            at = min(margin, room) if edge == 0 else max(room - margin, 0) if edge == 1 else room / 2
        place.append(round(at))
    return place[0], place[1]


def place_words(box: Box, width: int, height: int) -> str:
    """Where a box lies in a frame, in words such as "in the upper left corner" or "at the bottom"."""
    if box.w >= 0.8 * width and box.h >= 0.6 * height:
        return "across the whole picture"
    column = _third(box.x + box.w / 2, width) if box.w < 0.7 * width else 1
    row = _third(box.y + box.h / 2, height) if box.h < 0.7 * height else 1
    words = (
        ("in the upper left corner", "at the top", "in the upper right corner"),
        ("on the left", "in the middle", "on the right"),
        ("in the lower left corner", "at the bottom", "in the lower right corner"),
    )
    return words[row][column]


def _third(centre: float, extent: int) -> int:
    share = centre / extent
    return 0 if share < 0.38 else 1 if share <= 0.62 else 2
