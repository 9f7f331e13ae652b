"""Contact sheets of pairs with the boxes that were found, for a person to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from agpis.types import Box, PairMatch, Pixels

_SIDE = 200  # pixels of each picture
_LINE = 16  # pixels of the caption
_COLUMNS = 4  # pairs in a row
_VERIFIED, _PATCH = (220, 30, 60), (40, 110, 230)  # RGB of the first pair of boxes and of the others


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One pair on a sheet.

    Attributes:
        caption: printed above, ASCII.
        first: (H, W, 3) uint8 RGB.
        second: the other picture.
        match: whose boxes are drawn, or None.
    """

    caption: str
    first: Pixels
    second: Pixels
    match: PairMatch | None


def write_sheet(entries: Sequence[Entry], file: Path) -> None:
    """Write an image, four pairs in a row; nothing when there is no entry."""
    tiles = [_tile(entry) for entry in entries]
    if not tiles:
        return
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % _COLUMNS)
    rows = [np.hstack(tiles[start : start + _COLUMNS]) for start in range(0, len(tiles), _COLUMNS)]
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))


def _tile(entry: Entry) -> Pixels:
    boxes = entry.match.boxes if entry.match is not None else ()
    sides = (
        _drawn(entry.first, [pair[0] for pair in boxes]),
        _drawn(entry.second, [pair[1] for pair in boxes]),
    )
    tile = np.full((_LINE + _SIDE + 4, 2 * _SIDE + 12, 3), 255, np.uint8)
    cv2.putText(tile, entry.caption, (2, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.36, (0, 0, 0), 1, cv2.LINE_AA)
    for left, side in zip((0, _SIDE + 4), sides, strict=True):
        tile[_LINE : _LINE + side.shape[0], left : left + side.shape[1]] = side
    return tile


def _drawn(pixels: Pixels, boxes: Sequence[Box]) -> Pixels:
    scale = _SIDE / max(pixels.shape[:2])
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    for index, box in reversed(list(enumerate(boxes))):
        ends = [
            (round(x * scale), round(y * scale)) for x, y in ((box.x, box.y), (box.x + box.w - 1, box.y + box.h - 1))
        ]
        cv2.rectangle(small, ends[0], ends[1], _PATCH if index else _VERIFIED, 1 if index else 2)
    return small
