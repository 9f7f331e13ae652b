"""Rules that two images break together."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import combinations

from pydantic import Field

from agpis.simulation.facts import ImageFacts, TitleFacts, View
from agpis.simulation.predicates.base import Hit, Predicate, register
from agpis.simulation.predicates.groups import by_style, divided
from agpis.simulation.predicates.words import differ, named, view_words
from agpis.simulation.relations import CopyKind, copy_relation

# Two pictures of one of these sides show the same; two sides may be a left and a right one.
_DEFINITE_VIEWS = frozenset({View.FRONT, View.BACK, View.LEFT, View.RIGHT, View.TOP, View.ANGLE})


class _CopyPredicate(Predicate):
    """Two images are copies of one photograph."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every pair."""
        for (i, first), (j, second) in combinations(enumerate(images, start=1), 2):
            relation = copy_relation(first, second)
            if relation is not None and self._concerns(relation, first, second):
                yield Hit((i, j), thing=_transformation(first, second))

    @abstractmethod
    def _concerns(self, relation: CopyKind, first: ImageFacts, second: ImageFacts) -> bool:
        """Whether this kind of copy breaks the rule."""


@register("exact_copy")
class ExactCopy(_CopyPredicate):
    """Two images have the same pixels."""

    def _concerns(self, relation: CopyKind, first: ImageFacts, second: ImageFacts) -> bool:
        return relation is CopyKind.EXACT


@register("near_copy")
class NearCopy(_CopyPredicate):
    """Two images are the same picture, one of them re-saved, resized, recoloured, relit or cut at the rim."""

    def _concerns(self, relation: CopyKind, first: ImageFacts, second: ImageFacts) -> bool:
        return relation is CopyKind.NEAR


@register("partial_copy")
class PartialCopy(_CopyPredicate):
    """One image is a part of another; a close-up below `min_area` of the photograph is a view of its own.

    A part that is meant to show the product whole is no close-up, however small it is.
    """

    min_area: float = Field(0.25, ge=0, le=1)

    def _concerns(self, relation: CopyKind, first: ImageFacts, second: ImageFacts) -> bool:
        part = min((first, second), key=lambda image: (image.crop_area, image.whole))
        return relation is CopyKind.PARTIAL and (part.whole or part.crop_area >= self.min_area)


@register("transformed_copy")
class TransformedCopy(_CopyPredicate):
    """One image is the other mirrored or turned."""

    def _concerns(self, relation: CopyKind, first: ImageFacts, second: ImageFacts) -> bool:
        return relation is CopyKind.TRANSFORMED


@register("same_view")
class SameView(Predicate):
    """Two photographs show the same side of the same product in the same colour and pattern.

    Two views that are only called a side may be a left and a right one, and worn views, close-ups and packages are no
    sides. What is not known of colour and pattern counts as the same; a photograph that is not known counts as one of
    its own.
    """

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every pair."""
        for (i, first), (j, second) in combinations(enumerate(images, start=1), 2):
            if (
                first.view is second.view
                and first.view in _DEFINITE_VIEWS
                and (not first.capture or first.capture != second.capture)
                and first.design == second.design
                and not differ(first.colour, second.colour)
                and not differ(first.pattern, second.pattern)
            ):
                yield Hit((i, j), thing=view_words(first.view))


@register("variant_differs")
class VariantDiffers(Predicate):
    """Two images show one design in two colours or two patterns, both of them known."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every pair; of the colour where colour and pattern differ."""
        for (i, first), (j, second) in combinations(enumerate(images, start=1), 2):
            looks = ((first.colour, second.colour), (first.pattern, second.pattern))
            changed = [(one, other) for one, other in looks if differ(one, other)]
            if first.design == second.design and changed:
                yield Hit((i, j), thing=changed[0][0], other=changed[0][1])


@register("product_differs")
class ProductDiffers(Predicate):
    """Exactly one image shows another product than the others; with more of them the set is mixed."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one: the stray image and the first that it does not belong to."""
        division = divided([image.design for image in images])
        if len(division.strays) == 1:
            i, j = sorted((division.common, division.strays[0]))
            yield Hit((i, j), thing=named(images[i - 1], "item"), other=named(images[j - 1], "item"))


@register("style_differs")
class StyleDiffers(Predicate):
    """Exactly one whole view has another backdrop or light than the others; an unknown style proves nothing."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one: the stray image and the first that it does not go with."""
        division = by_style(images)
        if len(division.strays) == 1:
            i, j = sorted((division.common, division.strays[0]))
            yield Hit((i, j), thing=images[i - 1].style, other=images[j - 1].style)


def _transformation(first: ImageFacts, second: ImageFacts) -> str:
    turned = (second.rotation - first.rotation) % 360
    if first.mirrored != second.mirrored:
        return "mirrored and turned" if turned else "mirrored"
    return f"turned by {turned} degrees" if turned else ""
