"""How to break the rules that one image can break."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agpis.simulation.facts import Background, TitleFacts, View
from agpis.simulation.framing import busy_ground, cut_off, on_busy_ground, shrunk
from agpis.simulation.pool import CandidatePool
from agpis.simulation.predicates import LowFill, Predicate
from agpis.simulation.recipes.base import Draft, recipe
from agpis.simulation.recipes.flaws import add_flaw
from agpis.simulation.sources import SourceImage

_SECOND_FLAW = 0.2


@recipe("has_defect", "extra_props", "low_resolution", "several_items", "bad_presentation")
def _with_flaw(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    wanted = 2 if len(base) > 1 and pool.rng.random() < _SECOND_FLAW else 1
    good = tuple(base)
    for position in pool.rng.permutation(len(base)):
        made = add_flaw(pool, base[int(position)], predicate) if wanted else None
        if made is not None:
            base[int(position)] = made
            wanted -= 1
    return None if tuple(base) == good else Draft(tuple(base), title)


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
