"""How to break the rules that two images break together."""

from __future__ import annotations

from agpis.simulation.copies import make_copy
from agpis.simulation.facts import TitleFacts
from agpis.simulation.pool import CandidatePool
from agpis.simulation.predicates import Predicate
from agpis.simulation.recipes.alike import ALIKE_PATTERNS, clearly_differ
from agpis.simulation.recipes.base import Draft, inserted, recipe
from agpis.simulation.recipes.multi import with_styles
from agpis.simulation.relations import CopyKind


@recipe("exact_copy", "near_copy", "partial_copy", "transformed_copy")
def _copied(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    kind = CopyKind(predicate.kind.removesuffix("_copy"))
    originals = [index for index in base if kind is not CopyKind.PARTIAL or pool.is_whole(index)]
    original = pool.pick(originals)
    copy = pool.add(make_copy(kind, pool.images[original], pool.rng))
    return inserted(pool, base, title, copy, after=original)


@recipe("same_view")
def _same_view(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    pairs = [
        (first, second)
        for first in base
        for second in pool.wholes
        if second not in base
        and pool.images[first].facts.view is pool.images[second].facts.view
        and pool.images[first].facts.capture != pool.images[second].facts.capture
    ]
    if not pairs:
        return None
    first, second = pairs[int(pool.rng.integers(len(pairs)))]
    return inserted(pool, base, title, second, after=first)


@recipe("variant_differs")
def _other_variant(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    shown = pool.images[base[0]].facts
    fitting = [
        index
        for index, other in ((index, pool.images[index].facts) for index in pool.variants)
        if clearly_differ(shown.colour, other.colour) or clearly_differ(shown.pattern, other.pattern, ALIKE_PATTERNS)
    ]
    return inserted(pool, base, title, pool.pick(fitting)) if fitting else None


@recipe("product_differs")
def _other_product(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    return inserted(pool, base, title, pool.pick(pool.strangers)) if pool.strangers else None


@recipe("style_differs")
def _other_style(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    if sum(pool.is_whole(index) for index in base) < 2:
        base = pool.good_sequence(len(base), details=max(0, len(base) - 2)) or []
    return with_styles(pool, base, title, 1)
