"""Photos with one drawn defect each, beside the same photos as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from agpis.simulation.defects import draw_defect
from agpis.simulation.facts import DefectKind
from agpis.types import Image

_OTHERS = 4


def draw_on(
    photos: Sequence[Image], copies: int, seed: int
) -> Iterator[tuple[Image, tuple[DefectKind, ...], list[Image]]]:
    """Draw `copies` defects of different kinds on every photo, each on a copy of its own.

    The words, brands, fonts and hues are those of the test split, which no training image has. The kinds take turns, so
    that all come about equally often.

    Args:
        photos: at least 64 pixels a side.
        copies: defects a photo, at most the number of kinds.
        seed: same seed, same bytes.

    Yields:
        The photo, the kinds of defect, and one image for each kind.
    """
    kinds = tuple(DefectKind)
    for number, photo in enumerate(photos):
        rng = np.random.default_rng([seed, number])
        others = [photos[int(i)].pixels for i in rng.choice(len(photos), min(_OTHERS, len(photos)), replace=False)]
        chosen = tuple(kinds[(number * copies + copy) % len(kinds)] for copy in range(copies))
        drawn = [
            Image(f"{photo.file}#{kind.value}", draw_defect(kind, photo.pixels, rng, "test", others)[0])
            for kind in chosen
        ]
        yield photo, chosen, drawn
