"""Pairs that catalogues of single photos lack: other views of one product, and one product in two colours."""

from __future__ import annotations

import numpy as np

from agpis.simulation.facts import View
from agpis.simulation.render.design import RenderedProduct, draw_product, other_colours, recolour
from agpis.simulation.render.studio import Studio
from agpis.types import Pixels
from benchmarks.pairs.made import Kind, MadePair

_SPLIT = "train"
_SIDE = 400  # pixels
_VIEWS = (View.FRONT, View.ANGLE, View.BACK, View.LEFT)


def render_pairs(products: int, seed: int) -> list[MadePair]:
    """Photograph products: different views are OTHER, in two colours too; the first view in two is RECOLOURED."""
    studio = Studio()
    pairs: list[MadePair] = []
    for number in range(products):
        pairs += _pairs_of(studio, draw_product(seed + number, _SPLIT), np.random.default_rng([seed, number]))
    studio.close()
    return pairs


def _pairs_of(studio: Studio, product: RenderedProduct, rng: np.random.Generator) -> list[MadePair]:
    shots: list[Pixels] = [studio.render_view(product, view, _SIDE, rng).pixels for view in _VIEWS]
    pairs = [
        MadePair(Kind.OTHER, product.design, first, second)
        for index, first in enumerate(shots)
        for second in shots[index + 1 :]
    ]
    (colour,) = other_colours(product, 1, rng)
    other = studio.render_view(recolour(product, colour), _VIEWS[0], _SIDE, rng).pixels
    pairs += [MadePair(Kind.OTHER, product.design, shot, other) for shot in shots[1:]]
    return [*pairs, MadePair(Kind.RECOLOURED, product.design, shots[0], other)]
