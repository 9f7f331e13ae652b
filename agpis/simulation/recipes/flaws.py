"""How to spoil one picture of a product: one function for every kind of predicate that a single picture can break."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from agpis.images import DEFAULT_LIMITS
from agpis.simulation.cutouts import lift
from agpis.simulation.defects import draw_defect
from agpis.simulation.defects.packaging import draw_parcel
from agpis.simulation.defects.presentation import creased, on_hanger, on_mannequin
from agpis.simulation.defects.props import HAND
from agpis.simulation.defects.units import several
from agpis.simulation.facts import Background, Defect, DefectKind, ImageFacts, People, Presentation, View
from agpis.simulation.framing import resized
from agpis.simulation.pool import CandidatePool
from agpis.simulation.predicates import Predicate
from agpis.simulation.predicates.single import BadPresentation, HasDefect, LowResolution
from agpis.simulation.sources import SourceImage

Flaw = Callable[[CandidatePool, int, Predicate], SourceImage | None]
_FLAWS: dict[str, Flaw] = {}

# In a close-up nobody would see them: it shows no outline and no room beside the product.
_ON_WHOLE_VIEWS = frozenset({DefectKind.CUTOUT, DefectKind.DISTORTION, DefectKind.PROPS})
_UPPER = frozenset({"t-shirt", "shirt", "longsleeve", "outwear", "dress", "jacket", "hoodie", "sweatshirt"})
_LOWER = frozenset({"pants", "shorts", "skirt", "leggings", "jeans"})
_HATS = frozenset({"hat", "cap"})
# Units in a row get small; below this share of the frame that would be another fault.
_LEAST_FILL = 0.2
# What may hang on a hanger, stand on a mannequin, and crease.
_HUNG = _UPPER | _LOWER | {"bag", "tote bag", "backpack"}
_WORN = _UPPER | _LOWER | _HATS
_SOFT = _WORN | {"cushion", "bag", "tote bag", "towel", "scarf", "blanket"}


def add_flaw(pool: CandidatePool, index: int, predicate: Predicate) -> int | None:
    """Break a rule on a picture of the pool.

    Returns:
        The index of the spoilt picture, or None when this picture, or any single one, cannot break the rule.
    """
    flaw = _FLAWS.get(predicate.kind)
    made = None if flaw is None else flaw(pool, index, predicate)
    return None if made is None else pool.add(made)


def spoils_single_pictures(predicate: Predicate) -> bool:
    """Whether `add_flaw` knows how to break the rule."""
    return predicate.kind in _FLAWS


def _flaw(kind: str) -> Callable[[Flaw], Flaw]:
    def add(function: Flaw) -> Flaw:
        _FLAWS[kind] = function
        return function

    return add


@_flaw("has_defect")
def _defective(pool: CandidatePool, index: int, predicate: Predicate) -> SourceImage | None:
    assert isinstance(predicate, HasDefect)
    if predicate.defect in _ON_WHOLE_VIEWS and not pool.is_whole(index):
        return None
    return _drawn(pool, index, predicate.defect)


@_flaw("extra_props")
def _with_props(pool: CandidatePool, index: int, predicate: Predicate) -> SourceImage | None:
    return _drawn(pool, index, DefectKind.PROPS) if pool.is_whole(index) else None


def _drawn(pool: CandidatePool, index: int, kind: DefectKind) -> SourceImage:
    image = pool.images[index]
    if kind is DefectKind.PROPS:
        others = [pool.images[stranger].pixels for stranger in pool.strangers]
    else:
        own = [pool.images[other].pixels for other in [*pool.wholes, *pool.details] if other != index]
        others = [pixels for pixels in own if pixels.shape == image.pixels.shape]
    pixels, defect = draw_defect(kind, image.pixels, pool.rng, pool.product.split, others)
    return SourceImage(pixels, _with_defect(image.facts, defect))


def _with_defect(facts: ImageFacts, defect: Defect) -> ImageFacts:
    facts = replace(facts, defects=(*facts.defects, defect))
    if defect.kind is DefectKind.PLACEHOLDER:
        return _nothing_shown(facts, View.UNKNOWN)
    return replace(facts, people=People.HAND) if defect.content == HAND else facts


def _nothing_shown(facts: ImageFacts, view: View) -> ImageFacts:
    """The facts when the picture of the product has given way to something else: no photograph, no looks."""
    return replace(
        facts,
        view=view,
        capture="",
        crop=(0.0, 0.0, 1.0, 1.0),
        mirrored=False,
        rotation=0,
        colour="",
        brand="",
        pattern="",
        material="",
        style="",
        fill=1.0,
        cut_off=False,
        background=Background.PLAIN,
        items=1,
        people=People.NONE,
    )


@_flaw("low_resolution")
def _too_small(pool: CandidatePool, index: int, predicate: Predicate) -> SourceImage | None:
    """The picture as a seller would deliver it: a file of few pixels."""
    assert isinstance(predicate, LowResolution)
    image = pool.images[index]
    height, width = image.pixels.shape[:2]
    longest, shortest = max(height, width), min(height, width)
    # Smaller files than this nobody could read.
    least = math.ceil(DEFAULT_LIMITS.min_side * longest / shortest)
    most = int(0.7 * min(predicate.min_side, longest))
    if least > most:
        return None
    typical = min(int(0.3 * predicate.min_side), most)
    side = int(pool.rng.integers(max(least, typical), most + 1))
    size = [math.ceil(extent * side / longest) for extent in (height, width)]
    return SourceImage(resized(image.pixels, *size), replace(image.facts, longest_side=side, resaved=True))


@_flaw("several_items")
def _several(pool: CandidatePool, index: int, predicate: Predicate) -> SourceImage | None:
    image = pool.images[index]
    if not image.facts.whole or image.facts.items > 1 or pool.product.title.quantity > 1:
        return None
    cutout = lift(image.pixels, image.mask)
    if cutout is None:
        return None
    items = int(pool.rng.integers(2, 5))
    pixels, fill = several(image.pixels, cutout, items, pool.rng)
    if fill < _LEAST_FILL:
        return None
    return SourceImage(pixels, replace(image.facts, items=items, fill=fill, resaved=True))


@_flaw("bad_presentation")
def _badly_presented(pool: CandidatePool, index: int, predicate: Predicate) -> SourceImage | None:
    assert isinstance(predicate, BadPresentation)
    image = pool.images[index]
    ways = [way for way in _ways(image.facts) if way not in predicate.allowed]
    if not ways or image.facts.items > 1:
        return None
    return _presented(ways[int(pool.rng.integers(len(ways)))], image, pool.rng, pool.product.split)


def _ways(facts: ImageFacts) -> list[Presentation]:
    """How a product of this kind can be badly presented."""
    if not facts.whole:
        return []
    fitting = {Presentation.HANGER: _HUNG, Presentation.MANNEQUIN: _WORN, Presentation.CREASED: _SOFT}
    ways = [way for way, categories in fitting.items() if facts.category in categories]
    return [] if facts.people is People.MODEL else [*ways, Presentation.PACKAGING]


def _presented(way: Presentation, image: SourceImage, rng: np.random.Generator, split: str) -> SourceImage | None:
    facts = replace(image.facts, presentation=way, resaved=True)
    if way is Presentation.PACKAGING:
        return SourceImage(draw_parcel(image.pixels, rng, split), _nothing_shown(facts, View.PACKAGE))
    cutout = lift(image.pixels, image.mask)
    if cutout is None:
        return None
    if way is Presentation.CREASED:
        return SourceImage(creased(image.pixels, cutout, rng), facts)
    if way is Presentation.HANGER:
        pixels, share = on_hanger(image.pixels, cutout, facts.category in _LOWER, rng, split)
    else:
        form = "head" if facts.category in _HATS else "hips" if facts.category in _LOWER else "torso"
        pixels, share = on_mannequin(image.pixels, cutout, form, rng, split)
    return SourceImage(pixels, replace(facts, fill=facts.fill * share))
