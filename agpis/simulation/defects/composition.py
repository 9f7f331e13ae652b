"""Contact codes, collages and frames: something added beside, around or in place of the picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from agpis.errors import MissingExtraError
from agpis.simulation.defects.canvas import (
    BLACK,
    WHITE,
    Colour,
    hue_colour,
    outlined,
    paint,
    place_words,
    random_place,
    scaled,
)
from agpis.simulation.defects.lettering import choose_letters, text_mask
from agpis.simulation.defects.words import call, contact
from agpis.simulation.facts import Defect, DefectKind
from agpis.types import Box, Pixels


def draw_qr_code(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, Defect]:
    """Lay a QR code, or a seller's web address or phone number, over the image.

    Raises:
        MissingExtraError: when segno is not installed.
    """
    out = pixels.copy()
    height, width = out.shape[:2]
    if rng.random() < 0.3:
        kind, written = contact(rng, split)
        box = _contact_line(out, written, rng, split)
        return out, Defect(DefectKind.QR_CODE, f"the {kind} {written}", place_words(box, width, height), box)
    _, address = contact(rng, split)
    code = _matrix(address)
    quiet = int(rng.integers(1, 4))
    code = np.pad(code, quiet)
    module = max(2, round(min(height, width) * float(rng.uniform(0.2, 0.42)) / code.shape[0]))
    dark = BLACK if rng.random() < 0.7 else hue_colour(rng, split, value=(0.2, 0.5))
    tile = np.where(np.kron(code, np.ones((module, module), dtype=np.uint8))[..., None] == 1, dark, WHITE)
    area = tile.astype(np.uint8)
    content = "a QR code"
    if rng.random() < 0.4:
        words = call(rng, split)
        area = _with_words(area, words, rng, split)
        content = f"a QR code with the words '{words}'"
    h, w = area.shape[:2]
    x, y = random_place(rng, (width, height), (w, h))
    box = paint(out, np.full((h, w), 255, dtype=np.uint8), area, x, y, float(rng.uniform(0.9, 1.0)))
    return out, Defect(DefectKind.QR_CODE, content, place_words(box, width, height), box)


def draw_collage(pixels: Pixels, rng: np.random.Generator, others: Sequence[Pixels] = ()) -> tuple[Pixels, Defect]:
    """Join the image with other pictures: side by side, one above the other, two by two, or an inset.

    Args:
        pixels: (H, W, 3) uint8 RGB; the first picture.
        rng: decides layout and order.
        others: further pictures, used in random order; parts of `pixels` stand in when there are none.
    """
    height, width = pixels.shape[:2]
    pool = [others[index] for index in rng.permutation(len(others))] if others else []
    pool += [_part(pixels, rng) for _ in range(3 - len(pool))]
    kind = rng.random()
    if kind < 0.3:
        return _inset(pixels, pool[0], rng)
    gap = int(rng.integers(0, max(2, width // 40)))
    line: Colour = WHITE if rng.random() < 0.6 else (int(tone := rng.integers(60, 200)), int(tone), int(tone))
    out = np.empty_like(pixels)
    out[:] = line
    rows, columns = (1, 2) if kind < 0.55 else (2, 1) if kind < 0.7 else (2, 2)
    pictures = [pixels, *pool]
    h, w = (height - gap * (rows - 1)) // rows, (width - gap * (columns - 1)) // columns
    for number in range(rows * columns):
        row, column = divmod(number, columns)
        top, left = row * (h + gap), column * (w + gap)
        out[top : top + h, left : left + w] = _fitted(pictures[number], h, w, rng)
    counts = {2: "a collage of two pictures", 4: "a collage of four pictures"}
    return out, Defect(DefectKind.COLLAGE, counts[rows * columns])


def draw_border(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, Defect]:
    """Put a frame around the image: plain, double, or rounded inside; over its edge or with the image shrunk."""
    out = pixels.copy()
    height, width = out.shape[:2]
    thick = max(3, round(min(height, width) * float(rng.uniform(0.018, 0.075))))
    name, colour = _frame_colour(rng, split)
    if rng.random() < 0.4:
        inner = cv2.resize(pixels, (width - 2 * thick, height - 2 * thick), interpolation=cv2.INTER_AREA)
        out[thick : height - thick, thick : width - thick] = inner
    mask = np.full((height, width), 255, dtype=np.uint8)
    style = rng.random()
    if style < 0.7:
        mask[thick : height - thick, thick : width - thick] = 0
    elif style < 0.85:
        third = max(1, thick // 3)
        mask[third : height - third, third : width - third] = 0
        cv2.rectangle(mask, (2 * third, 2 * third), (width - 1 - 2 * third, height - 1 - 2 * third), 255, third)
    else:
        radius = 3 * thick
        low, right, bottom = thick + radius, width - thick - radius, height - thick - radius
        mask[low:bottom, thick : width - thick] = 0
        mask[thick : height - thick, low:right] = 0
        for centre in ((low, low), (right, low), (low, bottom), (right, bottom)):
            cv2.circle(mask, centre, radius, 0, -1, cv2.LINE_AA)
    paint(out, mask, colour, 0, 0)
    return out, Defect(
        DefectKind.BORDER,
        f"{'an' if name[0] in 'aeiou' else 'a'} {name} frame",
        "around the picture",
        Box(0, 0, width, height),
    )


def _matrix(address: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    try:
        import segno
    except ImportError as error:
        raise MissingExtraError("segno", "simulation") from error
    return np.array(segno.make(address, error="m", micro=False).matrix, dtype=np.uint8)


def _with_words(area: Pixels, words: str, rng: np.random.Generator, split: str) -> Pixels:
    side = area.shape[1]
    mask = scaled(text_mask(words, max(9, side // 6), choose_letters(rng, "latin", split)), side - 2, side // 4)
    strip = np.full((mask.shape[0] + 6, side, 3), 255, dtype=np.uint8)
    paint(strip, mask, BLACK, (side - mask.shape[1]) // 2, 3)
    return np.concatenate([area, strip] if rng.random() < 0.7 else [strip, area])


def _contact_line(out: Pixels, written: str, rng: np.random.Generator, split: str) -> Box:
    height, width = out.shape[:2]
    size = max(10, round(height * float(rng.uniform(0.06, 0.12))))
    mask = scaled(text_mask(written, size, choose_letters(rng, "latin", split)), round(width * 0.92), size * 2)
    x, y = random_place(rng, (width, height), (mask.shape[1], mask.shape[0]))
    if rng.random() < 0.5:
        pad = max(3, size // 3)
        plate = np.full((mask.shape[0] + 2 * pad, mask.shape[1] + 2 * pad), 255, dtype=np.uint8)
        box = paint(out, plate, hue_colour(rng, split, value=(0.2, 0.55)), x - pad, y - pad, 0.95)
        paint(out, mask, WHITE, x, y)
        return box
    inner, rim = outlined(mask, 1)
    box = paint(out, rim, WHITE, x - 1, y - 1)
    paint(out, inner, BLACK if rng.random() < 0.6 else hue_colour(rng, split, value=(0.25, 0.5)), x - 1, y - 1)
    return box


def _part(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    share = float(rng.uniform(0.45, 0.75))
    h, w = round(height * share), round(width * share)
    y, x = int(rng.integers(height - h + 1)), int(rng.integers(width - w + 1))
    return pixels[y : y + h, x : x + w]


def _fitted(pixels: Pixels, h: int, w: int, rng: np.random.Generator) -> Pixels:
    """A picture cut or shrunk to h x w: the middle part at full size, or all of it on white."""
    height, width = pixels.shape[:2]
    if rng.random() < 0.6:
        factor = min(h / height, w / width)
        size = max(1, round(width * factor)), max(1, round(height * factor))
        small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        # The picture's own corner continues its ground, so that no white bar gives the joint away.
        out = np.empty((h, w, 3), dtype=np.uint8)
        out[:] = pixels[0, 0]
        top, left = (h - size[1]) // 2, (w - size[0]) // 2
        out[top : top + size[1], left : left + size[0]] = small
        return out
    factor = max(h / height, w / width)
    size = max(w, round(width * factor)), max(h, round(height * factor))
    large = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    top, left = (size[1] - h) // 2, (size[0] - w) // 2
    return np.asarray(large[top : top + h, left : left + w], dtype=np.uint8)


def _inset(pixels: Pixels, other: Pixels, rng: np.random.Generator) -> tuple[Pixels, Defect]:
    out = pixels.copy()
    height, width = out.shape[:2]
    side = round(min(height, width) * float(rng.uniform(0.28, 0.42)))
    # Full strength to the edge of the frame: a small picture, framed or round, over the large one.
    small = cv2.resize(_square(other), (side, side), interpolation=cv2.INTER_AREA).astype(np.uint8)
    mask = np.full((side, side), 255, dtype=np.uint8)
    tone = int(rng.integers(40, 200))
    rim: Colour = (tone, tone, tone)
    if rng.random() < 0.5:
        mask[:] = 0
        cv2.circle(mask, (side // 2, side // 2), side // 2 - 1, 255, -1, cv2.LINE_AA)
        cv2.circle(small, (side // 2, side // 2), side // 2 - 2, rim, 2, cv2.LINE_AA)
    else:
        cv2.rectangle(small, (0, 0), (side - 1, side - 1), rim, 2)
    x, y = random_place(rng, (width, height), (side, side))
    box = paint(out, mask, small, x, y)
    return out, Defect(DefectKind.COLLAGE, "an inset picture", place_words(box, width, height), box)


def _square(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return np.ascontiguousarray(pixels[top : top + side, left : left + side])


def _frame_colour(rng: np.random.Generator, split: str) -> tuple[str, Colour]:
    if rng.random() < 0.3:
        tone = int(rng.integers(0, 60)) if rng.random() < 0.6 else int(rng.integers(90, 170))
        return ("black" if tone < 60 else "grey"), (tone, tone, tone)
    colour = hue_colour(rng, split, saturation=(0.6, 1.0), value=(0.5, 0.95))
    return colour_name(colour), colour


def colour_name(colour: Colour) -> str:
    """The everyday word for a saturated colour."""
    pixel = np.array([[colour]], dtype=np.uint8)
    hue = 2 * int(cv2.cvtColor(pixel, cv2.COLOR_RGB2HSV)[0, 0, 0])
    if 16 <= hue < 43 and max(colour) < 170:
        return "brown"
    names = ((16, "red"), (43, "orange"), (68, "yellow"), (165, "green"), (195, "turquoise"), (255, "blue"))
    return next((name for limit, name in names if hue < limit), _violet_names(hue))


def _violet_names(hue: int) -> str:
    return "purple" if hue < 290 else "pink" if hue < 345 else "red"
