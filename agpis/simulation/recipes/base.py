"""What a recipe is, the registry by kind of predicate, and moves that several recipes share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agpis.simulation.facts import TitleFacts
from agpis.simulation.pool import CandidatePool
from agpis.simulation.predicates import Predicate


@dataclass(frozen=True, slots=True)
class Draft:
    """A sequence to be reviewed.

    Attributes:
        images: indices into the pool, in order.
        title: the title it is submitted with.
    """

    images: tuple[int, ...]
    title: TitleFacts


Recipe = Callable[[CandidatePool, list[int], TitleFacts, Predicate], Draft | None]
_RECIPES: dict[str, Recipe] = {}


def break_rule(predicate: Predicate, pool: CandidatePool, base: Sequence[int], title: TitleFacts) -> Draft | None:
    """Break one rule in the good sequence `base`.

    Args:
        predicate: the rule.
        pool: pictures of the product; new ones are added to it.
        base: a good sequence.
        title: a true title.

    Returns:
        The broken sequence, as long as `base`, or None when this product cannot break the rule.
    """
    recipe = _RECIPES.get(predicate.kind)
    return None if recipe is None else recipe(pool, list(base), title, predicate)


def recipe(*kinds: str) -> Callable[[Recipe], Recipe]:
    """Decorator: how sequences break the rules with predicates of these kinds."""

    def add(function: Recipe) -> Recipe:
        _RECIPES.update(dict.fromkeys(kinds, function))
        return function

    return add


def inserted(
    pool: CandidatePool, base: list[int], title: TitleFacts, new: int, after: int | None = None
) -> Draft | None:
    """Put `new` behind `after` among the pictures of its kind, and drop another so that the length stays."""
    if len(base) < 2:
        return None
    droppable = [index for index in base[1:] if index != after]
    if not droppable and after is not None and after != base[0]:
        return None
    dropped = pool.pick(droppable) if droppable else base[1]
    kept = [index for index in base if index != dropped]
    low = 1 if after is None else kept.index(after) + 1
    wholes = sum(pool.is_whole(index) for index in kept)
    low, high = (low, max(low, wholes)) if pool.is_whole(new) else (max(low, wholes), len(kept))
    place = low + int(pool.rng.integers(high - low + 1))
    return Draft((*kept[:place], new, *kept[place:]), title)
