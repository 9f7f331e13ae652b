"""Rules that one image can break."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import Field

from agpis.simulation.facts import Background, Defect, DefectKind, ImageFacts, TitleFacts
from agpis.simulation.predicates.base import Hit, Predicate, register
from agpis.simulation.predicates.words import named
from agpis.simulation.relations import CopyKind, copy_relation

_QUOTED = {
    DefectKind.BANNER: "a banner",
    DefectKind.LOGO: "a logo",
    DefectKind.WATERMARK: "a watermark",
    DefectKind.TEXT: "the text",
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
    """The product fills less than `min_fill` of the frame in a whole view."""

    min_fill: float = Field(0.12, gt=0, lt=1)

    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """One for every view in which the product is too small."""
        for ordinal, image in enumerate(images, start=1):
            if image.whole and image.fill < self.min_fill:
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
