"""The rules a simulated reviewer knows, as predicates over facts.

A rule file names a predicate by its `kind` and sets its parameters: `{kind: low_fill, min_fill: 0.12}`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agpis.errors import RulesError
from agpis.simulation.facts import Background, Defect, DefectKind, ImageFacts, TitleFacts, View
from agpis.simulation.relations import CopyKind, copy_relation

# Two pictures of one of these sides show the same; two sides may be a left and a right one.
_DEFINITE_VIEWS = frozenset({View.FRONT, View.BACK, View.LEFT, View.RIGHT, View.TOP, View.ANGLE})
_QUOTED = {
    DefectKind.BANNER: "a banner",
    DefectKind.LOGO: "a logo",
    DefectKind.WATERMARK: "a watermark",
    DefectKind.TEXT: "the text",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One breach of a rule.

    Attributes:
        images: the images concerned, counted from 1 in sequence order.
        place: where on the image, in words; empty when it is the whole image.
        thing: what breaks the rule, in words.
        other: what it is compared with, in words; empty when it stands alone.
    """

    images: tuple[int, ...]
    place: str = ""
    thing: str = ""
    other: str = ""


class Predicate(BaseModel, ABC):
    """Decides from facts alone whether a sequence breaks one rule."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    kind: str

    @abstractmethod
    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """The breaches in sequence order; none when the rule is met."""


_REGISTRY: dict[str, type[Predicate]] = {}


def _register(kind: str) -> Callable[[type[Predicate]], type[Predicate]]:
    def add(cls: type[Predicate]) -> type[Predicate]:
        _REGISTRY[kind] = cls
        return cls

    return add


def predicate_kinds() -> tuple[str, ...]:
    """The kinds that a rule file may name."""
    return tuple(_REGISTRY)


def build_predicate(mapping: Mapping[str, Any]) -> Predicate:
    """The predicate that a rule file describes.

    Raises:
        RulesError: when the kind is unknown, or a parameter is unknown, missing or out of its range.
    """
    kind = mapping.get("kind")
    if kind not in _REGISTRY:
        raise RulesError(f"no predicate of kind {kind!r}; known are {', '.join(_REGISTRY)}")
    try:
        return _REGISTRY[kind].model_validate(dict(mapping))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'value'}: {item['msg']}" for item in error.errors()
        )
        raise RulesError(f"predicate {kind} is not valid: {problems}") from error


@_register("has_defect")
class HasDefect(Predicate):
    """An image carries a defect of one kind."""

    defect: DefectKind

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every such defect."""
        for ordinal, image in enumerate(images, start=1):
            for defect in image.defects:
                if defect.kind is self.defect:
                    yield Hit((ordinal,), defect.place, _thing(defect))


@_register("cropped_full_view")
class CroppedFullView(Predicate):
    """A view meant to show the whole product is cut by the frame.

    A cut picture beside the picture it was cut from is a partial copy, which is another rule's business.
    """

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every cut view."""
        for ordinal, image in enumerate(images, start=1):
            if image.cut_off and image.whole and not any(_is_part(image, other) for other in images):
                yield Hit((ordinal,), thing=_named(image))


@_register("low_fill")
class LowFill(Predicate):
    """The product fills less than `min_fill` of the frame in a whole view."""

    min_fill: float = Field(0.12, gt=0, lt=1)

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every view in which the product is too small."""
        for ordinal, image in enumerate(images, start=1):
            if image.whole and image.fill < self.min_fill:
                yield Hit((ordinal,), thing=_named(image), other=f"{max(1, round(100 * image.fill))}%")


@_register("busy_primary_background")
class BusyPrimaryBackground(Predicate):
    """The first image has a busy background."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one."""
        if images[0].background is Background.BUSY:
            yield Hit((1,), thing=_named(images[0]))


class _CopyPredicate(Predicate):
    """Two images are copies of one photograph."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every pair."""
        for (i, first), (j, second) in combinations(enumerate(images, start=1), 2):
            relation = copy_relation(first, second)
            if relation is not None and self._concerns(relation, first, second):
                yield Hit((i, j), thing=_transformation(first, second))

    def _concerns(self, relation: CopyKind, first: ImageFacts, second: ImageFacts) -> bool:
        raise NotImplementedError


@_register("exact_copy")
class ExactCopy(_CopyPredicate):
    """Two images have the same pixels."""

    def _concerns(self, relation: CopyKind, first: ImageFacts, second: ImageFacts) -> bool:
        return relation is CopyKind.EXACT


@_register("near_copy")
class NearCopy(_CopyPredicate):
    """Two images are the same picture, one of them re-saved, resized, relit or cut at the rim."""

    def _concerns(self, relation: CopyKind, first: ImageFacts, second: ImageFacts) -> bool:
        return relation is CopyKind.NEAR


@_register("partial_copy")
class PartialCopy(_CopyPredicate):
    """One image is a part of another; a close-up below `min_area` of the photograph is a view of its own."""

    min_area: float = Field(0.25, ge=0, le=1)

    def _concerns(self, relation: CopyKind, first: ImageFacts, second: ImageFacts) -> bool:
        return relation is CopyKind.PARTIAL and min(first.crop_area, second.crop_area) >= self.min_area


@_register("transformed_copy")
class TransformedCopy(_CopyPredicate):
    """One image is the other mirrored or turned."""

    def _concerns(self, relation: CopyKind, first: ImageFacts, second: ImageFacts) -> bool:
        return relation is CopyKind.TRANSFORMED


@_register("same_view")
class SameView(Predicate):
    """Two photographs show the same side of the same product in the same colour."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every pair."""
        for (i, first), (j, second) in combinations(enumerate(images, start=1), 2):
            if (
                first.view is second.view
                and first.view in _DEFINITE_VIEWS
                and first.capture != second.capture
                and first.design == second.design
                and not _differ(first.colour, second.colour)
            ):
                yield Hit((i, j), thing=_view_words(first.view))


@_register("colour_differs")
class ColourDiffers(Predicate):
    """Two images show one design in two colours."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every pair."""
        for (i, first), (j, second) in combinations(enumerate(images, start=1), 2):
            if first.design == second.design and _differ(first.colour, second.colour):
                yield Hit((i, j), thing=first.colour, other=second.colour)


@_register("product_differs")
class ProductDiffers(Predicate):
    """Two images show two products."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every pair."""
        for (i, first), (j, second) in combinations(enumerate(images, start=1), 2):
            if first.design != second.design:
                yield Hit((i, j), thing=_item(first), other=_item(second))


@_register("primary_not_front")
class PrimaryNotFront(Predicate):
    """The first image does not show the product whole from one of `views`; an unknown view proves nothing."""

    views: tuple[View, ...] = (View.FRONT, View.ANGLE)

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one."""
        if images[0].view not in (*self.views, View.UNKNOWN):
            yield Hit((1,), thing=_view_words(images[0].view))


@_register("detail_before_view")
class DetailBeforeView(Predicate):
    """A detail stands before a whole view."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every detail that stands too early; `images` holds it and the last whole view."""
        last = max((ordinal for ordinal, image in enumerate(images, start=1) if image.whole), default=0)
        for ordinal, image in enumerate(images[:last], start=1):
            if image.view is View.DETAIL:
                yield Hit((ordinal, last), thing="detail", other=_view_words(images[last - 1].view))


@_register("title_category_differs")
class TitleCategoryDiffers(Predicate):
    """The title names another kind of item than every image shows."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one, on the first image whose kind of item is known."""
        known = [(ordinal, image.category) for ordinal, image in enumerate(images, start=1) if image.category]
        if title.category and known and all(_differ(title.category, category) for _, category in known):
            yield Hit((known[0][0],), thing=title.category, other=known[0][1])


@_register("title_colour_differs")
class TitleColourDiffers(Predicate):
    """The title names another colour than every image shows."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one, on the first image whose colour is known."""
        known = [(ordinal, image.colour) for ordinal, image in enumerate(images, start=1) if image.colour]
        if title.colour and known and all(_differ(title.colour, colour) for _, colour in known):
            yield Hit((known[0][0],), thing=title.colour, other=known[0][1])


def _differ(first: str, second: str) -> bool:
    """Whether two words are known and not the same."""
    return bool(first and second) and first.casefold() != second.casefold()


def _is_part(image: ImageFacts, other: ImageFacts) -> bool:
    return copy_relation(image, other) is CopyKind.PARTIAL and image.crop_area < other.crop_area


def _thing(defect: Defect) -> str:
    noun = _QUOTED.get(defect.kind)
    if noun is None:
        return defect.content or defect.kind.value.replace("_", " ")
    return f"{noun} '{defect.content}'" if defect.content else noun


def _item(image: ImageFacts) -> str:
    return image.category or "item"


def _named(image: ImageFacts) -> str:
    return image.category or "product"


def _view_words(view: View) -> str:
    return {
        View.DETAIL: "a detail",
        View.PACKAGE: "the package",
        View.WORN: "the product in use",
        View.ANGLE: "the product at an angle",
    }.get(view, f"the {view.value}")


def _transformation(first: ImageFacts, second: ImageFacts) -> str:
    turned = (second.rotation - first.rotation) % 360
    if first.mirrored != second.mirrored:
        return "mirrored and turned" if turned else "mirrored"
    return f"turned by {turned} degrees" if turned else ""
