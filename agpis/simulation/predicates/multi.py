"""Rules that only the whole sequence, or the sequence with its title, can break."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from agpis.simulation.facts import ImageFacts, TitleFacts, View
from agpis.simulation.predicates.base import Hit, Predicate, register
from agpis.simulation.predicates.groups import by_style, divided, shows_product
from agpis.simulation.predicates.words import counted, differ, named, view_words


@register("primary_not_front")
class PrimaryNotFront(Predicate):
    """The first image shows the product from none of `views`; an unknown view proves nothing.

    Whether it is clean and not cut by the frame is a matter of the rules of single images.
    """

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


@register("too_few_images")
class TooFewImages(Predicate):
    """Fewer than `min_images` images are usable: without defects, and when meant to be whole not cut by the frame."""

    needs_end: ClassVar[bool] = True
    min_images: int = Field(2, ge=1)

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one, on the first image; `other` is how many are wanted."""
        usable = sum(not image.defects and not (image.cut_off and image.whole) for image in images)
        if usable < self.min_images:
            yield Hit((1,), thing=counted(usable, "usable image"), other=str(self.min_images))


@register("side_missing")
class SideMissing(Predicate):
    """Several sides are shown, but none of those that the category needs.

    `sides` names for a category, or for "default", views of which one must be there. Asked of sequences with at least
    `min_images` images of the product, packages and scenes not counted, when those show one product only. An unknown
    view may be the side that is needed; a sequence that shows a single side only is another rule's business.
    """

    sides: Mapping[str, tuple[View, ...]]
    min_images: int = Field(4, ge=1)

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one, on the first image; `thing` is what is missing."""
        views = _views_of_one_product(images)
        wanted = self.wanted(images[0].category)
        if len(views) < self.min_images or len(_sides(views)) < 2 or not wanted:
            return
        if not {*wanted, View.UNKNOWN} & set(views):
            yield Hit((1,), thing=_any_of(wanted))

    def wanted(self, category: str) -> tuple[View, ...]:
        """Views of which a product of a category needs one; none when nothing is asked of it."""
        return self.sides.get(category, self.sides.get("default", ()))


@register("one_side_only")
class OneSideOnly(Predicate):
    """At least `min_images` images of one product, and all show one side or are close-ups.

    Packages and scenes are not counted. An unknown view may be another side, and so may the second of two views that
    are only called a side.
    """

    min_images: int = Field(4, ge=2)

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one, on all images; `thing` is what they show."""
        views = _views_of_one_product(images)
        sides = _sides(views)
        # Two views that are only called a side may be a left and a right one.
        unclear = View.UNKNOWN in views or views.count(View.SIDE) > 1
        if len(views) >= self.min_images and len(sides) < 2 and not unclear:
            yield Hit(tuple(range(1, len(images) + 1)), thing=view_words(next(iter(sides), View.DETAIL)))


@register("no_close_up")
class NoCloseUp(Predicate):
    """At least `min_images` images of one product and no close-up among them.

    Packages and scenes are not counted; an unknown view may be the close-up.
    """

    min_images: int = Field(4, ge=1)

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one, on the last image."""
        views = _views_of_one_product(images)
        if len(views) >= self.min_images and not {View.DETAIL, View.UNKNOWN} & set(views):
            yield Hit((len(images),), thing=named(images[0], "item"))


@register("mostly_not_product")
class MostlyNotProduct(Predicate):
    """At least `share` of the images show the package or a scene, which has a busy background."""

    share: float = Field(0.5, gt=0, le=1)

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one, on those images."""
        others = [ordinal for ordinal, image in enumerate(images, start=1) if not shows_product(image)]
        if len(others) >= self.share * len(images):
            packages = [images[ordinal - 1].view is View.PACKAGE for ordinal in others]
            thing = "the package" if all(packages) else "package and scene" if any(packages) else "a scene"
            yield Hit(tuple(others), thing=thing)


@register("products_mixed")
class ProductsMixed(Predicate):
    """At least two images show other products than the rest; a single one is a matter of the pair."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one, on the images that do not belong."""
        division = divided([image.design for image in images])
        if len(division.strays) > 1:
            stray = images[division.strays[0] - 1]
            yield Hit(division.strays, thing=named(images[division.common - 1], "item"), other=named(stray, "item"))


@register("styles_mixed")
class StylesMixed(Predicate):
    """At least two whole views have another backdrop or light than the rest; an unknown style proves nothing."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one, on the images that do not go with the rest."""
        division = by_style(images)
        if len(division.strays) > 1:
            stray = images[division.strays[0] - 1]
            yield Hit(division.strays, thing=stray.style, other=images[division.common - 1].style)


@register("title_category_differs")
class TitleCategoryDiffers(Predicate):
    """The title names another kind of item than every image shows whose kind of item is known."""

    reads_title: ClassVar[bool] = True

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one, on the first image whose kind of item is known."""
        yield from _contradicted(title.category, [image.category for image in images])


@register("title_variant_differs")
class TitleVariantDiffers(Predicate):
    """The title names another colour, material or pattern than every image shows of which it is known."""

    reads_title: ClassVar[bool] = True

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one for each of them, on the first image of which it is known."""
        yield from _contradicted(title.colour, [image.colour for image in images])
        yield from _contradicted(title.material, [image.material for image in images])
        yield from _contradicted(title.pattern, [image.pattern for image in images])


@register("title_quantity_differs")
class TitleQuantityDiffers(Predicate):
    """The title promises another number of units than every whole view shows.

    A title without a number means one; without any text it promises nothing.
    """

    reads_title: ClassVar[bool] = True

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one, on the first whole view."""
        promised = max(title.quantity, 1)
        shown = [(ordinal, image.items) for ordinal, image in enumerate(images, start=1) if image.whole]
        if title.text and shown and all(items not in (0, promised) for _, items in shown):
            yield Hit((shown[0][0],), thing=counted(promised, "piece"), other=counted(shown[0][1], "piece"))


@register("title_brand_differs")
class TitleBrandDiffers(Predicate):
    """The title names a brand, and a whole front view and every other image with a readable one show another."""

    reads_title: ClassVar[bool] = True

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one, on the first front view with a readable brand."""
        if any(image.brand and not differ(title.brand, image.brand) for image in images):
            return
        for ordinal, image in enumerate(images, start=1):
            if image.view is View.FRONT and not image.cut_off and differ(title.brand, image.brand):
                yield Hit((ordinal,), thing=title.brand, other=image.brand)
                return


def _contradicted(said: str, shown: Sequence[str]) -> Iterator[Hit]:
    """What the title says, where something is known of images and all of that is different."""
    known = [(ordinal, word) for ordinal, word in enumerate(shown, start=1) if word]
    if known and all(differ(said, word) for _, word in known):
        yield Hit((known[0][0],), thing=said, other=known[0][1])


def _views_of_one_product(images: Sequence[ImageFacts]) -> list[View]:
    """Views of the images that show the product; empty when they show more than one product."""
    shown = [image for image in images if shows_product(image)]
    return [image.view for image in shown] if len({image.design for image in shown}) == 1 else []


def _sides(views: Sequence[View]) -> set[View]:
    return set(views) - {View.DETAIL, View.UNKNOWN}


def _any_of(views: Sequence[View]) -> str:
    *others, last = [view.value for view in views]
    return f"{', '.join(others)} or {last}" if others else last
