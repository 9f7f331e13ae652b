"""A second reviewer, written from the sentences of the rules, to check the simulated reviewer against.

It shares no code with the predicates, and its readings are those of their docstrings. Where a rule has numbers or
lists, it takes them from the rule file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from agpis.rules import RuleTaxonomy
from agpis.simulation.facts import ImageFacts, TitleFacts

# What can be seen in pixels; the colour is compared apart, since it may be unknown.
_VISIBLE = ("crop", "defects", "fill", "background", "items", "people", "presentation", "longest_side")
_SIDES = frozenset({"front", "back", "left", "right", "top", "angle"})
_WHOLE_VIEWS = frozenset({"front", "back", "left", "right", "side", "top", "angle", "worn"})


@dataclass(frozen=True)
class Case:
    """What one rule has to decide on.

    Attributes:
        images: the sequence, at least one image.
        title: what the title says.
        numbers: parameters of the rule, as the rule file gives them.
    """

    images: Sequence[ImageFacts]
    title: TitleFacts
    numbers: Mapping[str, Any]

    @property
    def views(self) -> list[str]:
        return [image.view.value for image in self.images]

    @property
    def whole(self) -> list[ImageFacts]:
        return [image for image in self.images if image.view.value in _WHOLE_VIEWS]

    @property
    def subject(self) -> list[ImageFacts]:
        """The images that show the product, neither its package nor a scene."""
        return [image for image in self.images if image.view.value != "package" and image.background.value != "busy"]


def first_broken(images: Sequence[ImageFacts], title: TitleFacts, taxonomy: RuleTaxonomy) -> str:
    """The most severe rule that a sequence breaks.

    Args:
        images: the facts of the sequence in order; at least one.
        title: what the title says.
        taxonomy: gives the order of severity and the parameters of the rules.

    Returns:
        The id of the rule, or of the qualified class when none is broken.
    """
    for rule in taxonomy.rules:
        if BROKEN[rule.id](Case(images, title, rule.predicate)):
            return rule.id
    return taxonomy.qualified.id


def carries(word: str) -> Callable[[Case], bool]:
    """Whether the word is among the defects of any image."""
    return lambda case: word in {defect.kind.value for image in case.images for defect in image.defects}


def low_resolution(case: Case) -> bool:
    return any(side in range(1, case.numbers["min_side"]) for side in (image.longest_side for image in case.images))


def busy_background(case: Case) -> bool:
    return case.images[0].background.value == "busy"


def bad_fill(case: Case) -> bool:
    shown = [image for image in case.whole if image.view.value != "worn"]
    return any(image.fill < case.numbers["min_fill"] for image in shown)


def cropped_product(case: Case) -> bool:
    cut = [image for image in case.whole if image.cut_off]
    return not all(any(_is_part(image, other) for other in case.images) for image in cut)


def extra_props(case: Case) -> bool:
    strangers = {"hand"} if case.numbers["allow_models"] else {"hand", "model"}
    return carries("props")(case) or not strangers.isdisjoint(image.people.value for image in case.images)


def multiple_items(case: Case) -> bool:
    return case.title.quantity < 2 and max(image.items for image in case.images) > 1


def bad_presentation(case: Case) -> bool:
    return bool({image.presentation.value for image in case.images} - {"product", *case.numbers["allowed"]})


def exact_duplicate(case: Case) -> bool:
    return any(_same_frame(one, two) and not _turned(one, two) and _same_pixels(one, two) for one, two in _pairs(case))


def near_duplicate(case: Case) -> bool:
    return any(
        _same_frame(one, two) and not _turned(one, two) and not _same_pixels(one, two) for one, two in _pairs(case)
    )


def partial_duplicate(case: Case) -> bool:
    for one, two in _pairs(case):
        part = one if _area(one.crop) < _area(two.crop) else two
        close_up = part.view.value not in _WHOLE_VIEWS and _area(part.crop) < case.numbers["min_area"]
        if (_is_part(one, two) or _is_part(two, one)) and not close_up:
            return True
    return False


def mirrored_rotated(case: Case) -> bool:
    return any(_same_frame(one, two) and _turned(one, two) for one, two in _pairs(case))


def same_view(case: Case) -> bool:
    sides = [image for image in case.images if image.view.value in _SIDES]
    return any(
        (one.design, one.view) == (two.design, two.view)
        and (one.capture == "" or one.capture != two.capture)
        and not _two_variants(one, two)
        for one, two in combinations(sides, 2)
    )


def variant_mismatch(case: Case) -> bool:
    return any(one.design == two.design and _two_variants(one, two) for one, two in combinations(case.images, 2))


def different_product(case: Case) -> bool:
    return _odd_ones(image.design for image in case.images) == 1


def style_clash(case: Case) -> bool:
    return _odd_ones(image.style for image in case.whole if image.style) == 1


def bad_primary(case: Case) -> bool:
    return case.views[0] not in {"front", "angle", "unknown"}


def too_few(case: Case) -> bool:
    cut = [image for image in case.whole if image.cut_off]
    usable = [image for image in case.images if not image.defects and image not in cut]
    return len(usable) < int(case.numbers["min_images"])


def missing_view(case: Case) -> bool:
    sides = case.numbers["sides"]
    needed = sides.get(case.images[0].category, sides["default"])
    shown = {image.view.value for image in case.subject}
    return _long_enough(case) and len(shown & _WHOLE_VIEWS) > 1 and shown.isdisjoint({"unknown", *needed})


def wrong_order(case: Case) -> bool:
    if "detail" not in case.views:
        return False
    return not _WHOLE_VIEWS.isdisjoint(case.views[case.views.index("detail") :])


def no_diversity(case: Case) -> bool:
    sides = Counter(image.view.value for image in case.subject if image.view.value != "detail")
    return _long_enough(case) and len(sides) < 2 and "unknown" not in sides and sides["side"] < 2


def no_detail(case: Case) -> bool:
    return _long_enough(case) and {"detail", "unknown"}.isdisjoint(image.view.value for image in case.subject)


def not_product_focused(case: Case) -> bool:
    beside = len(case.images) - len(case.subject)
    return beside / len(case.images) >= float(case.numbers["share"])


def mixed_products(case: Case) -> bool:
    return _odd_ones(image.design for image in case.images) > 1


def inconsistent_set(case: Case) -> bool:
    return _odd_ones(image.style for image in case.whole if image.style) > 1


def title_category(case: Case) -> bool:
    return _contradicted(case.title.category, (image.category for image in case.images))


def title_variant(case: Case) -> bool:
    return any(
        _contradicted(getattr(case.title, fact), [getattr(image, fact) for image in case.images])
        for fact in ("colour", "material", "pattern")
    )


def title_quantity(case: Case) -> bool:
    shown = {image.items for image in case.whole}
    return bool(case.title.text and shown) and max(case.title.quantity, 1) not in shown


def title_brand(case: Case) -> bool:
    on_front = any(image.brand for image in case.images if image.view.value == "front" and not image.cut_off)
    return on_front and _contradicted(case.title.brand, (image.brand for image in case.images))


BROKEN: dict[str, Callable[[Case], bool]] = {
    "S01": carries("watermark"),
    "S02": carries("logo"),
    "S03": carries("banner"),
    "S04": carries("badge"),
    "S05": carries("text"),
    "S06": carries("border"),
    "S07": carries("collage"),
    "S08": carries("qr_code"),
    "S09": carries("placeholder"),
    "S10": carries("not_a_photo"),
    "S11": low_resolution,
    "S12": carries("blur"),
    "S13": carries("exposure"),
    "S14": carries("distortion"),
    "S15": busy_background,
    "S16": carries("cutout"),
    "S17": bad_fill,
    "S18": cropped_product,
    "S19": extra_props,
    "S20": multiple_items,
    "S21": carries("offensive"),
    "S22": bad_presentation,
    "P01": exact_duplicate,
    "P02": near_duplicate,
    "P03": partial_duplicate,
    "P04": mirrored_rotated,
    "P05": same_view,
    "P06": variant_mismatch,
    "P07": different_product,
    "P08": style_clash,
    "M01": bad_primary,
    "M02": too_few,
    "M03": missing_view,
    "M04": wrong_order,
    "M05": no_diversity,
    "M06": no_detail,
    "M07": not_product_focused,
    "M08": mixed_products,
    "M09": inconsistent_set,
    "M10": title_category,
    "M11": title_variant,
    "M12": title_quantity,
    "M13": title_brand,
}


def _pairs(case: Case) -> Iterable[tuple[ImageFacts, ImageFacts]]:
    """All pairs that come from one photograph."""
    return ((one, two) for one, two in combinations(case.images, 2) if one.capture and one.capture == two.capture)


def _area(crop: tuple[float, ...]) -> float:
    return (crop[2] - crop[0]) * (crop[3] - crop[1])


def _shared(one: ImageFacts, two: ImageFacts) -> float:
    """Area of the photograph that both show."""
    corners = (*map(max, one.crop[:2], two.crop[:2]), *map(min, one.crop[2:], two.crop[2:]))
    return _area(corners) if corners[0] < corners[2] and corners[1] < corners[3] else 0.0


def _same_frame(one: ImageFacts, two: ImageFacts) -> bool:
    """Whether two images of one photograph show practically the same part of it."""
    shared = _shared(one, two)
    return shared / (_area(one.crop) + _area(two.crop) - shared) >= 0.8


def _is_part(part: ImageFacts, other: ImageFacts) -> bool:
    """Whether the first is a smaller part of the photograph and lies at least half in what the other shows."""
    if not part.capture or part.capture != other.capture or _area(part.crop) > _area(other.crop):
        return False
    return _shared(part, other) >= 0.5 * _area(part.crop) and not _same_frame(part, other)


def _turned(one: ImageFacts, two: ImageFacts) -> bool:
    return one.mirrored is not two.mirrored or one.rotation % 360 != two.rotation % 360


def _same_pixels(one: ImageFacts, two: ImageFacts) -> bool:
    """Whether all that can be seen agrees but for mirroring and turning, and neither was saved anew."""
    alike = all(getattr(one, name) == getattr(two, name) for name in _VISIBLE)
    return alike and len(_words([one.colour, two.colour])) < 2 and not one.resaved and not two.resaved


def _two_variants(one: ImageFacts, two: ImageFacts) -> bool:
    """Whether colour or pattern are known of both and are not the same."""
    return len(_words([one.colour, two.colour])) > 1 or len(_words([one.pattern, two.pattern])) > 1


def _odd_ones(names: Iterable[str]) -> int:
    """How many differ from the most frequent name."""
    counts = Counter(names)
    return counts.total() - max(counts.values(), default=0)


def _long_enough(case: Case) -> bool:
    """Whether as many images as the rule asks for show the product, and no other product."""
    return len(case.subject) >= case.numbers["min_images"] and len({image.design for image in case.subject}) == 1


def _contradicted(named: str, shown: Iterable[str]) -> bool:
    """Whether the title names something, and all images of which it is known show something else."""
    known = _words(shown)
    return bool(named and known) and named.lower() not in known


def _words(written: Iterable[str]) -> set[str]:
    """The known words among some, in one spelling."""
    return {word.lower() for word in written if word}
