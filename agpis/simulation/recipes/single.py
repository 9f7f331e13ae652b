"""How to break the rules that one image can break."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from agpis.simulation.defects import draw_defect
from agpis.simulation.facts import Background, TitleFacts, View
from agpis.simulation.framing import busy_ground, cut_off, on_busy_ground, shrunk
from agpis.simulation.pool import CandidatePool
from agpis.simulation.predicates import HasDefect, LowFill, Predicate
from agpis.simulation.recipes.base import Draft, recipe
from agpis.simulation.sources import SourceImage

_SECOND_DEFECT = 0.2


@recipe("has_defect")
def _with_defect(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    assert isinstance(predicate, HasDefect)
    count = 2 if len(base) > 1 and pool.rng.random() < _SECOND_DEFECT else 1
    for position in pool.rng.choice(len(base), count, replace=False):
        base[int(position)] = add_defect(pool, base[int(position)], predicate)
    return Draft(tuple(base), title)


def add_defect(pool: CandidatePool, index: int, predicate: HasDefect) -> int:
    """Draw a defect on a picture of the pool; the index of the flawed picture."""
    image = pool.images[index]
    others = [pool.images[other].pixels for other in [*pool.wholes, *pool.details] if other != index]
    same_size = [pixels for pixels in others if pixels.shape == image.pixels.shape]
    pixels, defect = draw_defect(predicate.defect, image.pixels, pool.rng, pool.product.split, same_size)
    facts = replace(image.facts, defects=(*image.facts.defects, defect))
    return pool.add(SourceImage(pixels, facts))


@recipe("cropped_full_view")
def _cut(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    found = [i for i in pool.flawed if pool.images[i].facts.cut_off and not pool.images[i].facts.defects]
    return _replaced_whole(pool, base, title, found, lambda image: cut_off(image, pool.rng))


@recipe("low_fill")
def _small(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    assert isinstance(predicate, LowFill)
    limit = predicate.min_fill
    found = [i for i in pool.flawed if pool.is_whole(i) and pool.images[i].facts.fill < limit]
    return _replaced_whole(pool, base, title, found, lambda image: shrunk(image, limit, pool.rng))


def _replaced_whole(
    pool: CandidatePool,
    base: list[int],
    title: TitleFacts,
    found: Sequence[int],
    flaw: Callable[[SourceImage], SourceImage | None],
) -> Draft | None:
    """Put a flawed whole view in the place of a good one: one of the source's or one made from the good one."""
    places = [place for place, index in enumerate(base) if pool.is_whole(index)]
    place = pool.pick(places)
    fitting = [i for i in found if place > 0 or pool.images[i].facts.view in (View.FRONT, View.ANGLE)]
    if fitting and pool.rng.random() < 0.5:
        base[place] = pool.pick(fitting)
        return Draft(tuple(base), title)
    made = flaw(pool.images[base[place]])
    if made is None:
        return None
    base[place] = pool.add(made)
    return Draft(tuple(base), title)


@recipe("busy_primary_background")
def _busy(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    found = [
        i
        for i in pool.flawed
        if pool.images[i].facts.background is Background.BUSY
        and pool.images[i].facts.view in (View.FRONT, View.ANGLE)
        and not pool.images[i].facts.cut_off
    ]
    if found and pool.rng.random() < 0.6:
        base[0] = pool.pick(found)
        return Draft(tuple(base), title)
    made = on_busy_ground(pool.images[base[0]], busy_ground(pool.rng, pool.around.size), pool.rng)
    if made is None:
        return None
    base[0] = pool.add(made)
    return Draft(tuple(base), title)
