"""How to break one rule in an otherwise good sequence: one recipe for every kind of predicate.

A recipe may fail for a product (no other colour, no second view) and need not hit every time: the reviewer decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agpis.simulation.colours import COLOUR_WORDS
from agpis.simulation.copies import make_copy
from agpis.simulation.defects import draw_defect
from agpis.simulation.facts import Background, TitleFacts, View
from agpis.simulation.framing import busy_ground, cut_off, on_busy_ground, shrunk
from agpis.simulation.pool import CandidatePool
from agpis.simulation.predicates import HasDefect, LowFill, Predicate
from agpis.simulation.relations import CopyKind
from agpis.simulation.sources import SourceImage
from agpis.simulation.titles import COLOURS_ZH

# Colours that a person may call by either word are never set against each other.
_ALIKE = (
    {"white", "beige", "grey"},
    {"black", "grey"},
    {"black", "brown"},
    {"orange", "brown", "red", "yellow"},
    {"brown", "beige"},
    {"yellow", "beige"},
    {"red", "pink"},
    {"pink", "purple"},
    {"blue", "teal", "purple"},
    {"green", "teal"},
)
# Kinds of item that one picture may pass for.
_ALIKE_ITEMS = (
    {"longsleeve", "shirt", "t-shirt", "outwear", "polo shirt", "sweatshirt", "hoodie", "jacket", "tee"},
    {"pants", "shorts"},
    {"dress", "skirt"},
    {"bottle", "vase"},
    {"mug", "bowl"},
    {"dumbbell", "kettlebell"},
    {"tote bag", "bag", "backpack"},
)
_SECOND_DEFECT = 0.2


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


def _recipe(*kinds: str) -> Callable[[Recipe], Recipe]:
    def add(function: Recipe) -> Recipe:
        _RECIPES.update(dict.fromkeys(kinds, function))
        return function

    return add


@_recipe("has_defect")
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


@_recipe("cropped_full_view")
def _cut(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    found = [i for i in pool.flawed if pool.images[i].facts.cut_off and not pool.images[i].facts.defects]
    return _replaced_whole(pool, base, title, found, lambda image: cut_off(image, pool.rng))


@_recipe("low_fill")
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


@_recipe("busy_primary_background")
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


@_recipe("exact_copy", "near_copy", "partial_copy", "transformed_copy")
def _copied(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    kind = CopyKind(predicate.kind.removesuffix("_copy"))
    originals = [index for index in base if kind is not CopyKind.PARTIAL or pool.is_whole(index)]
    original = pool.pick(originals)
    copy = pool.add(make_copy(kind, pool.images[original], pool.rng))
    return _inserted(pool, base, title, copy, after=original)


@_recipe("same_view")
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
    return _inserted(pool, base, title, second, after=first)


@_recipe("colour_differs")
def _other_colour(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    colour = pool.images[base[0]].facts.colour
    fitting = [index for index in pool.variants if _clearly_differ(colour, pool.images[index].facts.colour)]
    return _inserted(pool, base, title, pool.pick(fitting)) if fitting else None


@_recipe("product_differs")
def _other_product(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    return _inserted(pool, base, title, pool.pick(pool.strangers)) if pool.strangers else None


@_recipe("primary_not_front")
def _bad_first(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    if len(base) < 2:
        return None
    place = 1 + int(pool.rng.integers(len(base) - 1))
    base.insert(0, base.pop(place))
    return Draft(tuple(base), title)


@_recipe("detail_before_view")
def _bad_order(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    if sum(pool.is_whole(index) for index in base) < 2 or pool.is_whole(base[-1]):
        base = pool.good_sequence(len(base), details=1) or []
    wholes = [place for place, index in enumerate(base) if pool.is_whole(index)]
    if len(wholes) < 2 or len(wholes) == len(base):
        return None
    base.insert(pool.pick(wholes[1:]), base.pop())
    return Draft(tuple(base), title)


@_recipe("title_category_differs")
def _other_category(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    others = [
        other.title
        for other in pool.around.others
        if _clearly_differ(title.category, other.title.category, _ALIKE_ITEMS)
    ]
    return Draft(tuple(base), others[int(pool.rng.integers(len(others)))]) if others else None


@_recipe("title_colour_differs")
def _other_title_colour(pool: CandidatePool, base: list[int], title: TitleFacts, predicate: Predicate) -> Draft | None:
    shown = pool.images[base[0]].facts.colour
    true = pool.product.title
    words = [word for word in COLOUR_WORDS if _clearly_differ(word, shown)]
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


def _clearly_differ(first: str, second: str, alike: Sequence[set[str]] = _ALIKE) -> bool:
    return bool(first and second) and first != second and not any({first, second} <= group for group in alike)


def _inserted(
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
