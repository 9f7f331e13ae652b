"""Which images of a sequence do not belong to the others; predicates of pairs and of sets share the division."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agpis.simulation.facts import Background, ImageFacts, View


@dataclass(frozen=True, slots=True)
class Division:
    """A sequence divided into what most images share and the rest.

    Attributes:
        common: first image, counted from 1, that has the commonest value; the earliest value wins a tie.
        strays: images with another value, counted from 1; those of unknown value are not among them.
    """

    common: int
    strays: tuple[int, ...]


def divided(values: Sequence[str]) -> Division:
    """Divide by a value of each image; an empty value is unknown and proves nothing."""
    known = Counter(value for value in values if value)
    if not known:
        return Division(1, ())
    commonest = max(known, key=known.__getitem__)
    strays = tuple(place for place, value in enumerate(values, start=1) if value and value != commonest)
    return Division(list(values).index(commonest) + 1, strays)


def by_style(images: Sequence[ImageFacts]) -> Division:
    """Divided by shooting style; a close-up shows too little of backdrop and light to tell."""
    return divided([image.style if image.whole else "" for image in images])


def shows_product(image: ImageFacts) -> bool:
    """Whether the product is the subject, not its package and not a scene around it."""
    return image.view is not View.PACKAGE and image.background is not Background.BUSY
