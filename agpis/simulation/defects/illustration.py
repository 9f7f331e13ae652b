"""Pictures that are no photos: drawings made from the photo, and screenshots of an app or a browser that shows it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from agpis.simulation.defects.canvas import BLACK, WHITE, Colour, hue_colour, paint, readable_on, scaled
from agpis.simulation.defects.lettering import choose_letters, text_mask
from agpis.simulation.defects.shapes import line, rounded, set_lines, star
from agpis.simulation.defects.words import brand, button, rating
from agpis.simulation.facts import Defect, DefectKind
from agpis.types import Pixels

_LEAST_SIDE = 128
_Drawing = Callable[[Pixels, np.random.Generator, str], tuple[Pixels, str]]


def draw_not_a_photo(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, Defect]:
    """Turn the image into a pencil sketch, a line drawing, a cartoon, a flat illustration or a screenshot."""
    kinds: tuple[_Drawing, ...] = (_pencil, _pencil, _lines, _lines, _cartoon, _flat, _phone, _phone, _browser)
    height, width = pixels.shape[:2]
    # Letters and buttons have a least size, so small pictures are drawn large and shrunk.
    factor = max(1.0, _LEAST_SIDE / min(height, width))
    size = round(width * factor), round(height * factor)
    large = pixels if factor == 1.0 else cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8)
    drawn, content = kinds[rng.integers(len(kinds))](large, rng, split)
    if factor > 1.0:
        drawn = cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)
    return drawn, Defect(DefectKind.NOT_A_PHOTO, content)


def _grey(pixels: Pixels) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.float32)


def _paper(shape: tuple[int, int], rng: np.random.Generator, split: str) -> npt.NDArray[np.float32]:
    """White or tinted paper with a little grain, (H, W, 3) in [0, 1]."""
    tint = hue_colour(rng, split, (0.0, 0.12), (0.92, 1.0)) if rng.random() < 0.5 else WHITE
    grain = rng.normal(1.0, 0.012, size=(*shape, 1)).astype(np.float32)
    return np.asarray(np.clip(grain * np.asarray(tint) / 255.0, 0.0, 1.0), dtype=np.float32)


def _inked(ink: npt.NDArray[np.float32], rng: np.random.Generator, split: str) -> Pixels:
    """Ink in [0, 1] on paper; grey, black or of a colour."""
    colour = hue_colour(rng, split, (0.5, 1.0), (0.2, 0.5)) if rng.random() < 0.25 else BLACK
    paper = _paper((ink.shape[0], ink.shape[1]), rng, split)
    tone = np.asarray(colour, dtype=np.float32) / 255.0
    return (255 * (paper + ink[..., None] * (tone - paper))).clip(0, 255).astype(np.uint8)


def _pencil(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, str]:
    """Tones by dodging, with hatching where it is dark; grey or with pale crayon colours."""
    grey = _grey(pixels)
    height, width = grey.shape
    wide = cv2.GaussianBlur(grey, (0, 0), min(height, width) * float(rng.uniform(0.012, 0.03)))
    ink = 1.0 - np.clip(grey / np.maximum(wide, 1.0), 0.0, 1.0)
    ink = np.clip(float(rng.uniform(2.0, 3.2)) * ink, 0.0, 1.0)
    angle, step = float(rng.uniform(0.5, 1.1)), float(rng.uniform(2.5, 4.5))
    phase = (np.arange(width)[None, :] * np.cos(angle) + np.arange(height)[:, None] * np.sin(angle)) / step
    noise = cv2.GaussianBlur(rng.normal(0, 1.4, size=grey.shape).astype(np.float32), (0, 0), 1.2)
    strokes = 0.5 + 0.5 * np.sin(2 * np.pi * phase + 2.0 * noise)
    ink = np.maximum(ink, float(rng.uniform(0.35, 0.65)) * strokes * np.clip(1.0 - wide / 190.0, 0.0, 1.0))
    drawn = _inked(ink.astype(np.float32), rng, split)
    if rng.random() < 0.7:
        return drawn, "a pencil sketch"
    crayon = 255.0 - 0.75 * (255.0 - cv2.GaussianBlur(pixels, (0, 0), 2.0).astype(np.float32))
    return (drawn.astype(np.float32) * crayon / 255.0).astype(np.uint8), "a crayon drawing"


def _lines(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, str]:
    """Contours alone, thin as from a pen or thick as from a brush."""
    grey = _grey(cv2.bilateralFilter(pixels, 5, 40, 5).astype(np.uint8))
    sigma = float(rng.uniform(0.6, 1.6))
    narrow, wide = cv2.GaussianBlur(grey, (0, 0), sigma), cv2.GaussianBlur(grey, (0, 0), 1.6 * sigma)
    edge = np.clip((wide - narrow - 0.8) / 3.5, 0.0, 1.0)
    if rng.random() < 0.4:
        low = float(rng.uniform(20, 50))
        canny = cv2.Canny(grey.astype(np.uint8), low, 2.5 * low)
        thick = int(rng.integers(2, 4))
        edge = cv2.GaussianBlur(cv2.dilate(canny, np.ones((thick, thick), np.uint8)), (3, 3), 0) / 255.0
    return _inked(edge.astype(np.float32), rng, split), "a line drawing"


def _cartoon(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, str]:
    """Even areas of strong colour with dark contours."""
    smooth = cv2.bilateralFilter(pixels, 7, 60, 7)
    levels = int(rng.integers(3, 7))
    hsv = cv2.cvtColor(smooth, cv2.COLOR_RGB2HSV).astype(np.float32)
    hsv[..., 1] = np.clip(hsv[..., 1] * float(rng.uniform(1.2, 1.7)), 0, 255)
    hsv[..., 2] = np.round(hsv[..., 2] / 255 * levels) / levels * 255
    flat = cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB)
    grey = cv2.medianBlur(_grey(pixels).astype(np.uint8), 5)
    contour = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 9, 3)
    soft = cv2.GaussianBlur(contour, (3, 3), 0).astype(np.float32)[..., None] / 255.0
    return (cv2.medianBlur(flat, 3) * (0.15 + 0.85 * soft)).astype(np.uint8), "a cartoon"


def _flat(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, str]:
    """Three to six flat colours with smooth borders, as of a vector drawing."""
    height, width = pixels.shape[:2]
    small = cv2.resize(pixels, (max(8, width // 3), max(8, height // 3)), interpolation=cv2.INTER_AREA)
    samples = small.reshape(-1, 3).astype(np.float32)
    count = int(rng.integers(3, 7))
    # k-means seeds its clusters from OpenCV's own generator.
    cv2.setRNGSeed(int(rng.integers(2**30)))
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 8, 1.0)
    start = np.zeros((len(samples), 1), dtype=np.int32)
    _, labels, centres = cv2.kmeans(samples, count, start, criteria, 1, cv2.KMEANS_PP_CENTERS)
    large = cv2.resize(
        labels.reshape(small.shape[:2]).astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST
    )
    side = max(5, min(height, width) // 32 | 1)
    return centres[cv2.medianBlur(large, side)].clip(0, 255).astype(np.uint8), "a flat illustration"


def _phone(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, str]:
    """An app on a phone: status bar, title bar, the photo, its price line and a button, sometimes within the device."""
    height, width = pixels.shape[:2]
    dark = rng.random() < 0.3
    ground: Colour = (24, 25, 28) if dark else WHITE
    ink: Colour = (235, 235, 238) if dark else (40, 40, 44)
    out = np.full_like(pixels, ground)
    side = round(width * float(rng.choice([0.0, 0.0, 0.14, 0.2])))
    inner = out[:, side : width - side]
    top = _status_bar(inner, ink, rng, split)
    top += _title_bar(inner, top, ink, rng, split)
    shown = round(height * float(rng.uniform(0.5, 0.62)))
    _show(inner, pixels, top, shown)
    _offer(inner, top + shown, ink, rng, split)
    if side:
        bezel = np.full((height, width), 255, dtype=np.uint8)
        margin = max(4, width // 40)
        screen = rounded(width - 2 * side, height - 2 * margin, width // 16)
        bezel[margin : height - margin, side : width - side] = 255 - screen
        device = np.zeros((height, width), dtype=np.uint8)
        body = rounded(width - 2 * side + 2 * margin, height - 2, width // 12)
        device[1 : height - 1, side - margin : width - side + margin] = body
        outside = hue_colour(rng, split, (0.0, 0.3), (0.8, 1.0))
        paint(out, bezel, (18, 18, 20), 0, 0)
        paint(out, (255 - device).astype(np.uint8), outside, 0, 0)
    return out, "a screenshot of an app"


def _status_bar(inner: Pixels, ink: Colour, rng: np.random.Generator, split: str) -> int:
    tall: int = max(9, round(0.055 * inner.shape[0]))
    odd = int(split == "test")
    clock = text_mask(
        f"{int(rng.integers(24))}:{2 * int(rng.integers(5, 30)) + odd:02d}",
        max(7, round(0.6 * tall)),
        choose_letters(rng, "latin", split),
    )
    mid = tall // 2 + 2
    margin = max(6, inner.shape[1] // 20)
    paint(inner, scaled(clock, inner.shape[1] // 3, tall), ink, margin, mid - clock.shape[0] // 2)
    size, right = max(5, round(0.45 * tall)), inner.shape[1] - margin
    cv2.rectangle(inner, (right - 2 * size, mid - size // 2), (right, mid + size // 2), ink, 1)
    charge = int(rng.integers(1, 2 * size))
    cv2.rectangle(inner, (right - 2 * size, mid - size // 2), (right - charge, mid + size // 2), ink, -1)
    for bar in range(4):
        x = right - 3 * size - (4 - bar) * max(2, size // 3)
        cv2.line(inner, (x, mid + size // 2), (x, mid + size // 2 - (bar + 1) * size // 4), ink, max(1, size // 5))
    return tall + 4


def _title_bar(inner: Pixels, top: int, ink: Colour, rng: np.random.Generator, split: str) -> int:
    tall: int = max(12, round(inner.shape[0] * float(rng.uniform(0.07, 0.1))))
    mid, margin = top + tall // 2, max(6, inner.shape[1] // 20)
    size = tall // 4
    if rng.random() < 0.4:
        bar = np.full((tall, inner.shape[1]), 255, dtype=np.uint8)
        colour = hue_colour(rng, split, value=(0.3, 0.9))
        paint(inner, bar, colour, 0, top)
        ink = readable_on(colour, rng)
    arrow = np.array([(margin + size, mid - size), (margin, mid), (margin + size, mid + size)], dtype=np.float64)
    line(inner, arrow, max(1, size // 3), ink)
    word = scaled(
        text_mask(brand(rng, split), max(8, tall // 2), choose_letters(rng, "latin", split)), inner.shape[1] // 2, tall
    )
    paint(inner, word, ink, (inner.shape[1] - word.shape[1]) // 2, mid - word.shape[0] // 2)
    for dot in (-1, 0, 1):
        cv2.circle(inner, (inner.shape[1] - margin, mid + dot * max(3, size)), max(1, size // 3), ink, -1, cv2.LINE_AA)
    return tall


def _show(inner: Pixels, pixels: Pixels, top: int, tall: int) -> None:
    """The photo, whole, in the middle of a strip; its rim goes on to the sides."""
    width = inner.shape[1]
    factor = min(tall / pixels.shape[0], width / pixels.shape[1])
    size = max(1, round(pixels.shape[1] * factor)), max(1, round(pixels.shape[0] * factor))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    left, above = (width - size[0]) // 2, (tall - size[1]) // 2
    strip = cv2.copyMakeBorder(small, above, tall - size[1] - above, left, width - size[0] - left, cv2.BORDER_REPLICATE)
    inner[top : top + tall] = strip[: inner.shape[0] - top]


def _offer(inner: Pixels, top: int, ink: Colour, rng: np.random.Generator, split: str) -> None:
    """Below the photo: dots, a price, a rating, lines of grey for text, a button at the bottom."""
    height, width = inner.shape[:2]
    room, margin = height - top, max(6, width // 20)
    for dot in (-1, 0, 1):
        tone = ink if dot == -1 else (170, 170, 170)
        cv2.circle(inner, (width // 2 + dot * 8, top + max(4, room // 12)), 2, tone, -1, cv2.LINE_AA)
    odd = split == "test"
    price = text_mask(
        f"${2 * int(rng.integers(4, 90)) + odd}.00", max(8, room // 5), choose_letters(rng, "latin", split)
    )
    paint(inner, scaled(price, width // 3, room // 4), ink, margin, top + room // 7)
    size = max(3, min(room // 9, width // 12))
    for number in range(5):
        tone = (245, 170, 30) if number < float(rating(rng, split)[0]) - 0.4 else (190, 190, 190)
        x = width - margin - (5 - number) * (size + 1)
        paint(inner, star(size), tone, x, top + room // 6)
    for row, share in enumerate((0.9, float(rng.uniform(0.3, 0.8)))):
        y = top + round((0.42 + 0.12 * row) * room)
        cv2.line(
            inner, (margin, y), (round(margin + share * (width - 2 * margin)), y), (175, 175, 178), max(1, room // 24)
        )
    words, colour = button(rng, split), hue_colour(rng, split, value=(0.4, 0.95))
    h = max(10, round(0.24 * room))
    plate = rounded(width - 2 * margin, h, int(rng.choice([0, h // 4, h // 2])))
    paint(inner, plate, colour, margin, height - h - max(3, room // 12))
    letters = set_lines(words.text, choose_letters(rng, "latin", split), width // 2, round(0.6 * h), 1)
    y = height - h - max(3, room // 12) + (h - letters.shape[0]) // 2
    paint(inner, letters, readable_on(colour, rng), (width - letters.shape[1]) // 2, y)


def _browser(pixels: Pixels, rng: np.random.Generator, split: str) -> tuple[Pixels, str]:
    """A browser window: tabs, address bar, the photo beside lines of text, a pointer."""
    height, width = pixels.shape[:2]
    out = np.full_like(pixels, 255)
    bar = max(12, round(0.08 * height))
    chrome = int(rng.integers(205, 238))
    out[: 2 * bar] = chrome
    round_buttons = rng.random() < 0.5
    for number, tone in enumerate(((240, 95, 85), (245, 190, 60), (95, 195, 80))):
        if round_buttons:
            cv2.circle(out, (8 + number * max(8, bar // 2), bar // 2), max(2, bar // 5), tone, -1, cv2.LINE_AA)
        else:
            cv2.rectangle(
                out, (width - 12 - 12 * number, bar // 2 - 2), (width - 7 - 12 * number, bar // 2 + 2), (90, 90, 90), 1
            )
    tab = rounded(round(0.36 * width), bar, bar // 4)
    paint(out, tab, (248, 248, 248), round(0.2 * width), bar // 5)
    field = rounded(round(0.72 * width), round(0.7 * bar), bar // 3)
    paint(out, field, WHITE, round(0.2 * width), bar + round(0.15 * bar))
    name = f"{brand(rng, split).lower()}.com/item/{int(rng.integers(1000, 99999))}"
    address = scaled(text_mask(name, max(7, bar // 2), choose_letters(rng, "latin", split)), round(0.6 * width), bar)
    paint(out, address, (80, 80, 84), round(0.24 * width), bar + (bar - address.shape[0]) // 2)
    for number, x in enumerate((0.05, 0.11)):
        arrow = np.array([(0.5, -1), (-0.5, 0), (0.5, 1)]) * (1 if number == 0 else -1) * bar / 5
        line(out, arrow + np.array([x * width, 1.5 * bar]), 1, (90, 90, 94))
    body = out[2 * bar :]
    share = float(rng.uniform(0.55, 0.72))
    _show(body[:, : round(share * width)], pixels, 0, body.shape[0])
    column = np.ascontiguousarray(body[:, round(share * width) :])
    _offer(column, column.shape[0] // 6, (40, 40, 44), rng, split)
    body[:, round(share * width) :] = column
    if rng.random() < 0.6:
        _pointer(out, rng)
    return out, "a screenshot of a web page"


def _pointer(out: Pixels, rng: np.random.Generator) -> None:
    size = max(8, out.shape[0] // 16)
    shape = np.array([(0, 0), (0, 1), (0.24, 0.78), (0.42, 1.18), (0.58, 1.1), (0.42, 0.72), (0.72, 0.7)]) * size
    at = rng.uniform((0.2, 0.3), 0.9) * (out.shape[1], out.shape[0])
    corners = np.round(shape + at).astype(np.int32)
    cv2.fillPoly(out, [corners], WHITE, cv2.LINE_AA)
    cv2.polylines(out, [corners], True, BLACK, 1, cv2.LINE_AA)
