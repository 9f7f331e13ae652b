"""How to break the rules that look at the views of a whole sequence."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from agpis.simulation.carton import package_view
from agpis.simulation.facts import TitleFacts, View
from agpis.simulation.pool import CandidatePool
from agpis.simulation.predicates import Predicate
from agpis.simulation.predicates.multi import (
    MostlyNotProduct,
    NoCloseUp,
    OneSideOnly,
    PrimaryNotFront,
    SideMissing,
    TooFewImages,
)
from agpis.simulation.recipes.base import Draft, recipe
from agpis.simulation.restyling import restyled
from agpis.simulation.scenes import in_use


@recipe("primary_not_front")
def _bad_first(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    assert isinstance(predicate, PrimaryNotFront)
    places = [place for place, index in enumerate(base) if pool.images[index].facts.view not in predicate.views]
    if not places:
        return None
    base.insert(0, base.pop(pool.pick(places)))
    return Draft(tuple(base), title)


@recipe("detail_before_view")
def _bad_order(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    if sum(pool.is_whole(index) for index in base) < 2 or pool.is_whole(base[-1]):
        base = pool.good_sequence(len(base), details=1) or []
    wholes = [place for place, index in enumerate(base) if pool.is_whole(index)]
    if len(wholes) < 2 or len(wholes) == len(base):
        return None
    base.insert(pool.pick(wholes[1:]), base.pop())
    return Draft(tuple(base), title)


@recipe("too_few_images")
def _too_few(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    """The only broken sequence that is shorter than its base."""
    assert isinstance(predicate, TooFewImages)
    length = predicate.min_images - 1
    return Draft(tuple(base[:length]), title) if 0 < length < len(base) else None


@recipe("side_missing")
def _side_missing(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    assert isinstance(predicate, SideMissing)
    if len(base) < predicate.min_images:
        return None
    wanted = predicate.wanted(pool.images[base[0]].facts.category)
    wholes = [index for index in _all_wholes(pool) if pool.images[index].facts.view not in wanted]
    others = _one_a_view(pool, base[0], wholes)
    return _of_views(pool, base[0], others[:2], len(base), title) if others else None


@recipe("one_side_only")
def _one_side(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    assert isinstance(predicate, OneSideOnly)
    # It is a long sequence that repeats itself: sellers who have one side only pad it with close-ups. Few sequences are
    # that long by themselves, and then most products have too few close-ups.
    return _of_views(pool, base[0], [], max(len(base), predicate.min_images), title)


@recipe("no_close_up")
def _no_close_up(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    assert isinstance(predicate, NoCloseUp)
    wholes = [base[0], *_one_a_view(pool, base[0], _all_wholes(pool))][: len(base)]
    return Draft(tuple(wholes), title) if len(base) == len(wholes) >= predicate.min_images else None


@recipe("mostly_not_product")
def _mostly_scenes(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    assert isinstance(predicate, MostlyNotProduct)
    least = ceil(predicate.share * len(base))
    count = min(len(base) - 1, least + int(pool.rng.integers(2)))
    if count < max(least, 1):
        return None
    # A scene is made of a view that is not shown otherwise; cartons take the other places.
    kept = [base[0], *pool.some(base[1:], len(base) - 1 - count)]
    spare = pool.some([index for index in _all_wholes(pool) if index not in kept], int(pool.rng.integers(count + 1)))
    size = pool.around.size
    scenes = [scene for index in spare if (scene := in_use(pool.images[index], size, pool.rng)) is not None]
    front = pool.images[base[0]]
    words = front.facts.brand, front.facts.category
    cartons = [package_view(front, *words, pool.product.split, size, pool.rng) for _ in range(count - len(scenes))]
    made = [image for image in (*scenes, *cartons) if image is not None]
    if len(made) < count:
        return None
    new = [pool.add(image) for image in made]
    wholes = [index for index in kept if pool.is_whole(index)]
    return Draft((*wholes, *new, *(index for index in kept if not pool.is_whole(index))), title)


@recipe("products_mixed")
def _mixed_products(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    if len(pool.strangers) < 2 or len(base) < 3:
        return None
    kept = [base[0], *pool.some(base[1:], len(base) - 3)]
    wholes = [index for index in kept if pool.is_whole(index)]
    details = [index for index in kept if not pool.is_whole(index)]
    return Draft((*wholes, *pool.some(pool.strangers, 2), *details), title)


@recipe("styles_mixed")
def _mixed_styles(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    if sum(pool.is_whole(index) for index in base) < 3:
        base = pool.good_sequence(len(base), details=max(0, len(base) - 3)) or []
    return with_styles(pool, base, title, 2)


def with_styles(pool: CandidatePool, base: Sequence[int], title: TitleFacts, count: int) -> Draft | None:
    """The sequence with `count` of its whole views, never the first, each in another style of its own."""
    places = [place for place, index in enumerate(base) if place > 0 and pool.is_whole(index)]
    changed = list(base)
    seen = [image.facts.style for image in (pool.images[index] for index in base)]
    left = count
    for place in pool.some(places, len(places)):
        made = restyled(pool.images[base[place]], pool.rng, seen) if left else None
        if made is not None:
            changed[place] = pool.add(made)
            seen.append(made.facts.style)
            left -= 1
    return None if left else Draft(tuple(changed), title)


def _all_wholes(pool: CandidatePool) -> list[int]:
    return [*pool.wholes, *pool.spare_wholes]


def _one_a_view(pool: CandidatePool, first: int, wholes: Sequence[int]) -> list[int]:
    """Whole views in random order that each show another side than `first` and those before."""
    seen = {pool.images[first].facts.view}
    chosen = []
    for index in pool.some(wholes, len(wholes)):
        view: View = pool.images[index].facts.view
        if view not in seen:
            seen.add(view)
            chosen.append(index)
    return chosen


def _of_views(pool: CandidatePool, first: int, wholes: Sequence[int], length: int, title: TitleFacts) -> Draft | None:
    """A sequence of these whole views, filled up with close-ups."""
    close = [*pool.details, *pool.spare_details]
    lacking = length - 1 - len(wholes)
    if not 0 <= lacking <= len(close):
        return None
    return Draft((first, *wholes, *pool.some(close, lacking)), title)
