"""Rules that only the whole sequence, or the sequence with its title, can break."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agpis.simulation.facts import ImageFacts, TitleFacts, View
from agpis.simulation.predicates.base import Hit, Predicate, register
from agpis.simulation.predicates.words import differ, view_words


@register("primary_not_front")
class PrimaryNotFront(Predicate):
    """The first image does not show the product whole from one of `views`; an unknown view proves nothing."""

    views: tuple[View, ...] = (View.FRONT, View.ANGLE)

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one."""
        if images[0].view not in (*self.views, View.UNKNOWN):
            yield Hit((1,), thing=view_words(images[0].view))


@register("detail_before_view")
class DetailBeforeView(Predicate):
    """A detail stands before a whole view."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every detail that stands too early; `images` holds it and the last whole view."""
        last = max((ordinal for ordinal, image in enumerate(images, start=1) if image.whole), default=0)
        for ordinal, image in enumerate(images[:last], start=1):
            if image.view is View.DETAIL:
                yield Hit((ordinal, last), thing="detail", other=view_words(images[last - 1].view))


@register("title_category_differs")
class TitleCategoryDiffers(Predicate):
    """The title names another kind of item than every image shows."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one, on the first image whose kind of item is known."""
        known = [(ordinal, image.category) for ordinal, image in enumerate(images, start=1) if image.category]
        if title.category and known and all(differ(title.category, category) for _, category in known):
            yield Hit((known[0][0],), thing=title.category, other=known[0][1])


@register("title_colour_differs")
class TitleColourDiffers(Predicate):
    """The title names another colour than every image shows."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one, on the first image whose colour is known."""
        known = [(ordinal, image.colour) for ordinal, image in enumerate(images, start=1) if image.colour]
        if title.colour and known and all(differ(title.colour, colour) for _, colour in known):
            yield Hit((known[0][0],), thing=title.colour, other=known[0][1])
