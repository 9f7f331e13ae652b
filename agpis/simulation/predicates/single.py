"""Rules that one image can break."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from agpis.simulation.facts import Background, Defect, DefectKind, ImageFacts, People, Presentation, TitleFacts, View
from agpis.simulation.predicates.base import Hit, Predicate, register
from agpis.simulation.predicates.words import named
from agpis.simulation.relations import CopyKind, copy_relation

_QUOTED = {
    DefectKind.BANNER: "a banner",
    DefectKind.LOGO: "a logo",
    DefectKind.WATERMARK: "a watermark",
    DefectKind.TEXT: "the text",
}
_PRESENTED = {
    Presentation.MANNEQUIN: "on a mannequin",
    Presentation.HANGER: "on a hanger",
    Presentation.CREASED: "creased",
    Presentation.PACKAGING: "packed up",
}


@register("has_defect")
class HasDefect(Predicate):
    """An image carries a defect of one kind."""

    defect: DefectKind

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every such defect."""
        for ordinal, image in enumerate(images, start=1):
            for defect in image.defects:
                if defect.kind is self.defect:
                    yield Hit((ordinal,), defect.place, _thing(defect))


@register("extra_props")
class ExtraProps(Predicate):
    """Something or somebody that is not part of the offer: props, a hand, or a model unless `allow_models`."""

    flaw: ClassVar[str] = "props"

    allow_models: bool = True

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every prop; one for an image whose people no defect tells of."""
        forbidden = (People.HAND,) if self.allow_models else (People.HAND, People.MODEL)
        for ordinal, image in enumerate(images, start=1):
            props = [defect for defect in image.defects if defect.kind is DefectKind.PROPS]
            for defect in props:
                yield Hit((ordinal,), defect.place, _thing(defect))
            if image.people in forbidden and not props:
                yield Hit((ordinal,), thing=f"a {image.people.value}")


@register("low_resolution")
class LowResolution(Predicate):
    """The longest side of a picture is below `min_side` pixels; an unknown size, 0, proves nothing."""

    flaw: ClassVar[str] = "low_resolution"

    min_side: int = Field(128, gt=0)

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every picture that is too small."""
        for ordinal, image in enumerate(images, start=1):
            if 0 < image.longest_side < self.min_side:
                yield Hit((ordinal,), thing=f"{image.longest_side} pixels", other=f"{self.min_side} pixels")


@register("several_items")
class SeveralItems(Predicate):
    """Several units are shown and the title promises no more than one; a wrong number is the title's rule."""

    flaw: ClassVar[str] = "several_items"

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every picture of several units."""
        if title.quantity > 1:
            return
        for ordinal, image in enumerate(images, start=1):
            if image.items > 1:
                yield Hit((ordinal,), thing=f"{image.items} units", other=named(image))


@register("bad_presentation")
class BadPresentation(Predicate):
    """The product is creased, on a hanger or mannequin, or packed up; `allowed` presentations do no harm."""

    flaw: ClassVar[str] = "presentation"

    allowed: tuple[Presentation, ...] = ()

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every picture."""
        for ordinal, image in enumerate(images, start=1):
            if image.presentation not in (Presentation.PRODUCT, *self.allowed):
                yield Hit((ordinal,), thing=_PRESENTED[image.presentation], other=named(image))


@register("cropped_full_view")
class CroppedFullView(Predicate):
    """A view meant to show the whole product is cut by the frame.

    A cut picture beside the picture it was cut from is a partial copy, which is another rule's business.
    """

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every cut view."""
        for ordinal, image in enumerate(images, start=1):
            if image.cut_off and image.whole and not any(_is_part(image, other) for other in images):
                yield Hit((ordinal,), thing=named(image))


@register("low_fill")
class LowFill(Predicate):
    """The product fills less than `min_fill` of the frame in a whole view; in use it may be a part of the picture."""

    min_fill: float = Field(0.12, gt=0, lt=1)

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every view in which the product is too small."""
        for ordinal, image in enumerate(images, start=1):
            if image.whole and image.view is not View.WORN and image.fill < self.min_fill:
                yield Hit((ordinal,), thing=named(image), other=f"{max(1, round(100 * image.fill))}%")


@register("busy_primary_background")
class BusyPrimaryBackground(Predicate):
    """The first image has a busy background."""

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """At most one."""
        if images[0].background is Background.BUSY:
            yield Hit((1,), thing=named(images[0]))


def _is_part(image: ImageFacts, other: ImageFacts) -> bool:
    return copy_relation(image, other) is CopyKind.PARTIAL and image.crop_area < other.crop_area


def _thing(defect: Defect) -> str:
    noun = _QUOTED.get(defect.kind)
    if noun is None:
        return defect.content or defect.kind.value.replace("_", " ")
    return f"{noun} '{defect.content}'" if defect.content else noun
