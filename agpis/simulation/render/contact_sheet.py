"""Contact sheets of rendered products, to look at what the shapes have become."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from agpis.simulation.facts import View
from agpis.simulation.render.design import CATEGORIES, WORN, draw_product
from agpis.simulation.render.studio import Studio
from agpis.types import Pixels

_SIDES = (View.FRONT, View.BACK, View.LEFT, View.RIGHT, View.ANGLE)


def join_sheet(rows: Sequence[Sequence[Pixels]], cell: int) -> Pixels:
    """Pictures in rows, each fitted into a square of `cell` pixels on grey, as one uint8 RGB picture."""
    columns = max(len(row) for row in rows)
    sheet = np.full((len(rows) * cell, columns * cell, 3), 128, dtype=np.uint8)
    for y, row in enumerate(rows):
        for x, pixels in enumerate(row):
            scale = (cell - 2) / max(pixels.shape[:2])
            height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
            small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
            sheet[y * cell : y * cell + height, x * cell : x * cell + width] = small
    return sheet


def write_contact_sheets(
    folder: Path, seed: int = 0, products: int = 4, size: int = 160, categories: Sequence[str] = CATEGORIES
) -> tuple[Path, ...]:
    """Write one PNG a category: a product a row, its views in columns.

    Raises:
        OSError: when the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    studio = Studio()
    paths = []
    for number, category in enumerate(categories):
        # What nobody wears is seen from the top, clothes with the whole person.
        last = View.WORN if category in WORN else View.TOP
        rows = []
        for index in range(products):
            rng = np.random.default_rng([seed, number, index])
            product = draw_product(seed + number * products + index, "train", category)
            views = enumerate((*_SIDES, last, View.DETAIL, View.DETAIL))
            rows.append([studio.render_view(product, view, size, rng, closeup=place).pixels for place, view in views])
        path = folder / f"{category.replace(' ', '_')}.png"
        encoded = cv2.imencode(".png", join_sheet(rows, size)[..., ::-1])[1]
        path.write_bytes(encoded.tobytes())
        paths.append(path)
    studio.close()
    return tuple(paths)
