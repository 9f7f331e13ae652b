"""How to break the rules that compare the title with the pictures."""

from __future__ import annotations

from collections.abc import Collection

from agpis.simulation.facts import ImageFacts, TitleFacts, View
from agpis.simulation.pool import CandidatePool
from agpis.simulation.predicates import Predicate
from agpis.simulation.recipes.alike import ALIKE, ALIKE_ITEMS, ALIKE_MATERIALS, ALIKE_PATTERNS, clearly_differ
from agpis.simulation.recipes.base import Draft, recipe
from agpis.simulation.render.materials import MATERIALS, MATERIALS_OF
from agpis.simulation.titles import VARIANT_WORDS, with_brand, with_quantity, with_variant

# How often sellers promise sets of 2, 3 and so on.
_SETS = {2: 0.4, 3: 0.25, 4: 0.2, 5: 0.05, 6: 0.1}
# What titles are wrong about, and how often in proportion. A title that leaves the fact out may still get a wrong one.
_FACTS = {"colour": 2.0, "material": 1.0, "pattern": 1.0}
_ALIKE = {"colour": ALIKE, "material": ALIKE_MATERIALS, "pattern": ALIKE_PATTERNS}


@recipe("title_category_differs")
def _other_category(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    others = [
        other.title
        for other in pool.around.others
        if clearly_differ(title.category, other.title.category, ALIKE_ITEMS)
        and max(title.quantity, 1) == max(other.title.quantity, 1)
    ]
    return Draft(tuple(base), others[int(pool.rng.integers(len(others)))]) if others else None


@recipe("title_variant_differs")
def _other_variant(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    shown, true = pool.images[base[0]].facts, pool.product.title
    # Sorting by these keys draws one fact after the other by its weight.
    keys = pool.rng.exponential([1 / weight for weight in _FACTS.values()])
    for _, fact in sorted(zip(keys, _FACTS, strict=True)):
        words = [word for word in _plausible(fact, shown) if clearly_differ(word, getattr(shown, fact), _ALIKE[fact])]
        if words:
            swapped = with_variant(true, fact, words[int(pool.rng.integers(len(words)))])
            if swapped.text != true.text:
                return Draft(tuple(base), swapped)
    return None


def _plausible(fact: str, shown: ImageFacts) -> Collection[str]:
    """Words that sellers may put into a title of what is shown."""
    if fact == "material":
        return MATERIALS_OF.get(shown.category, MATERIALS)
    return VARIANT_WORDS[fact]


@recipe("title_quantity_differs")
def _other_quantity(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    shown = pool.images[base[0]].facts.items
    # Never one: that several are shown where one is sold is a fault of the pictures.
    numbers = [number for number in _SETS if number != shown]
    weights = [_SETS[number] for number in numbers]
    number = int(pool.rng.choice(numbers, p=[weight / sum(weights) for weight in weights]))
    return Draft(tuple(base), with_quantity(title, number, pool.rng))


@recipe("title_brand_differs")
def _other_brand(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    fronts = [facts for facts in (pool.images[index].facts for index in base) if facts.view is View.FRONT]
    own = next((facts.brand for facts in fronts if facts.brand), "")
    others = {image.facts.brand for other in pool.around.others for image in other.images} - {own, ""}
    if not own or not others:
        return None
    brands = sorted(others)
    return Draft(tuple(base), with_brand(title, brands[int(pool.rng.integers(len(brands)))]))
