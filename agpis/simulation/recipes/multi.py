"""How to break the rules of whole sequences and titles."""

from __future__ import annotations

import re
from dataclasses import replace

from agpis.simulation.colours import COLOUR_WORDS
from agpis.simulation.facts import TitleFacts
from agpis.simulation.pool import CandidatePool
from agpis.simulation.predicates import Predicate
from agpis.simulation.recipes.alike import ALIKE_ITEMS, clearly_differ
from agpis.simulation.recipes.base import Draft, recipe
from agpis.simulation.titles import COLOURS_ZH


@recipe("primary_not_front")
def _bad_first(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    if len(base) < 2:
        return None
    place = 1 + int(pool.rng.integers(len(base) - 1))
    base.insert(0, base.pop(place))
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


@recipe("title_category_differs")
def _other_category(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    others = [
        other.title for other in pool.around.others if clearly_differ(title.category, other.title.category, ALIKE_ITEMS)
    ]
    return Draft(tuple(base), others[int(pool.rng.integers(len(others)))]) if others else None


@recipe("title_colour_differs")
def _other_title_colour(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    shown = pool.images[base[0]].facts.colour
    true = pool.product.title
    words = [word for word in COLOUR_WORDS if clearly_differ(word, shown)]
    swapped = with_colour(true, words[int(pool.rng.integers(len(words)))]) if words else true
    return Draft(tuple(base), swapped) if swapped.colour != true.colour else None


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
