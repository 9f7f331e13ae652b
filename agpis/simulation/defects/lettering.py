"""Words as masks: any font found on the machine, Pillow's own font and OpenCV's stroke fonts, in several scripts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ImageFont

Mask = npt.NDArray[np.uint8]

# One sign that only a font of that script has.
_SCRIPT_SIGNS = {"latin": "Rg", "cyrillic": "Жд", "greek": "Σλ", "han": "新品", "kana": "セー", "hangul": "무료"}
_STROKE_FONTS = {
    "train": (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX),
    "test": (cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX),
}
_STROKE_SHARE = 0.12
# A sign that no font has: drawn as the font's box for missing signs.
_MISSING = "\U0010fffe"


@dataclass(frozen=True, slots=True)
class Letters:
    """A font that can set one line of text.

    Attributes:
        path: font file, or an empty string for the font that comes with Pillow.
        index: face within a font collection.
    """

    path: str
    index: int = 0


def text_mask(text: str, height: int, letters: Letters | int) -> Mask:
    """Set one line of text.

    Args:
        text: what to write.
        height: nominal letter size in pixels, at least 6.
        letters: a font, or the number of an OpenCV stroke font (Latin letters only).

    Returns:
        (h, w) uint8 coverage, 0 to 255, cut tight around the ink.
    """
    mask = _stroked(text, height, letters) if isinstance(letters, int) else _set(text, height, letters)
    rows, columns = np.flatnonzero(mask.max(axis=1)), np.flatnonzero(mask.max(axis=0))
    if not rows.size:
        return np.zeros((1, 1), dtype=np.uint8)
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def choose_letters(rng: np.random.Generator, script: str, split: str) -> Letters | int:
    """A random font for `script`; the test split gets faces of its own where the machine has enough."""
    if script == "latin" and rng.random() < _STROKE_SHARE:
        fonts = _STROKE_FONTS["test" if split == "test" else "train"]
        return int(fonts[rng.integers(len(fonts))])
    faces = _faces(script, "test" if split == "test" else "train")
    return faces[int(rng.integers(len(faces)))]


@lru_cache(maxsize=1)
def available_scripts() -> frozenset[str]:
    """Scripts that at least one font of this machine can write; Latin always is among them."""
    return frozenset(script for script in _SCRIPT_SIGNS if _supporting(script))


@lru_cache(maxsize=16)
def _faces(script: str, split: str) -> Sequence[Letters]:
    supporting = _supporting(script)
    if len(supporting) < 4:
        return supporting
    held_out = supporting[3::4]
    return held_out if split == "test" else tuple(face for face in supporting if face not in held_out)


@lru_cache(maxsize=8)
def _supporting(script: str) -> tuple[Letters, ...]:
    found = (Letters(""), *(Letters(path) for path in _font_files()))
    return tuple(face for face in found if _can_write(face, _SCRIPT_SIGNS[script]))


@lru_cache(maxsize=1)
def _font_files() -> tuple[str, ...]:
    home = Path.home()
    folders = [
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        home / ".fonts",
        home / ".local/share/fonts",
        home / "Library/Fonts",
        Path("/Library/Fonts"),
        Path("/System/Library/Fonts"),
        Path(os.environ.get("WINDIR", "C:\\Windows")) / "Fonts",
    ]
    files = [
        path
        for folder in folders
        if folder.is_dir()
        for path in folder.rglob("*")
        if path.suffix.lower() in (".ttf", ".otf", ".ttc") and "emoji" not in path.name.lower()
    ]
    # By name, so that the choice does not depend on where a system keeps its fonts.
    return tuple(str(path) for path in sorted(files, key=lambda path: (path.name, str(path))))


def _can_write(face: Letters, signs: str) -> bool:
    try:
        font = _font(face, 16)
    except OSError:
        return False  # a damaged or bitmap-only font file is simply not offered
    missing = bytes(font.getmask(_MISSING))
    return all(bytes(font.getmask(sign)) not in (missing, b"") for sign in signs)


@lru_cache(maxsize=512)
def _font(face: Letters, height: int) -> ImageFont.FreeTypeFont:
    if not face.path:
        font = ImageFont.load_default(height)
        assert isinstance(font, ImageFont.FreeTypeFont)
        return font
    return ImageFont.truetype(face.path, height, index=face.index, layout_engine=ImageFont.Layout.BASIC)


def _set(text: str, height: int, letters: Letters) -> Mask:
    core = _font(letters, height).getmask(text, mode="L")
    width, rows = core.size
    if not width or not rows:
        return np.zeros((1, 1), dtype=np.uint8)
    return np.asarray(core, dtype=np.uint8).reshape(rows, width)


def _stroked(text: str, height: int, font: int) -> Mask:
    thickness = max(1, height // 10)
    scale = height / 30
    (width, rows), base = cv2.getTextSize(text, font, scale, thickness)
    canvas = np.zeros((rows + base + 2 * thickness + 8, width + 2 * thickness + 8), dtype=np.uint8)
    cv2.putText(canvas, text, (thickness + 4, rows + thickness + 4), font, scale, 255, thickness, cv2.LINE_AA)
    return canvas
