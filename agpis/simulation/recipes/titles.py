"""How to break the rules that compare the title with the pictures."""

from __future__ import annotations

import re
from dataclasses import replace

from agpis.simulation.colours import COLOUR_WORDS
from agpis.simulation.facts import TitleFacts, View
from agpis.simulation.pool import CandidatePool
from agpis.simulation.predicates import Predicate
from agpis.simulation.recipes.alike import ALIKE_ITEMS, clearly_differ
from agpis.simulation.recipes.base import Draft, recipe
from agpis.simulation.titles import COLOURS_ZH, with_brand, with_quantity

# How often sellers promise sets of 2, 3 and so on.
_SETS = {2: 0.4, 3: 0.25, 4: 0.2, 5: 0.05, 6: 0.1}


@recipe("title_category_differs")
def _other_category(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    others = [
        other.title
        for other in pool.around.others
        if clearly_differ(title.category, other.title.category, ALIKE_ITEMS)
        and max(title.quantity, 1) == max(other.title.quantity, 1)
    ]
    return Draft(tuple(base), others[int(pool.rng.integers(len(others)))]) if others else None


@recipe("title_colour_differs")
def _other_title_colour(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    shown = pool.images[base[0]].facts.colour
    true = pool.product.title
    words = [word for word in COLOUR_WORDS if clearly_differ(word, shown)]
    swapped = with_colour(true, words[int(pool.rng.integers(len(words)))]) if words else true
    return Draft(tuple(base), swapped) if swapped.colour != true.colour else None


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


def with_colour(title: TitleFacts, colour: str) -> TitleFacts:
    """The title with its colour word, English or Chinese, replaced; as it is when it names none."""
    chinese = COLOURS_ZH.get(title.colour, "")
    if chinese and chinese in title.text and colour in COLOURS_ZH:
        return replace(title, text=title.text.replace(chinese, COLOURS_ZH[colour], 1), colour=colour)
    pattern = re.compile(rf"(?<!\w){re.escape(title.colour)}(?!\w)", re.IGNORECASE)
    match = pattern.search(title.text) if title.colour else None
    if match is None:
        return title
    word = colour.capitalize() if match.group()[0].isupper() else colour
    return replace(title, text=title.text[: match.start()] + word + title.text[match.end() :], colour=colour)
