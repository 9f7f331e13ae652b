"""Facts in the words of a reviewer, and comparisons that several predicates share."""

from __future__ import annotations

from agpis.simulation.facts import ImageFacts, View


def differ(first: str, second: str) -> bool:
    """Whether two words are known and not the same."""
    return bool(first and second) and first.casefold() != second.casefold()


def named(image: ImageFacts, unknown: str = "product") -> str:
    """What the image shows, or `unknown` when nobody said."""
    return image.category or unknown


def counted(number: int, noun: str) -> str:
    """A number of things."""
    return f"{number or 'no'} {noun}" + ("" if number == 1 else "s")


def view_words(view: View) -> str:
    """A view as part of a sentence."""
    return {
        View.DETAIL: "a detail",
        View.PACKAGE: "the package",
        View.WORN: "the product in use",
        View.ANGLE: "the product at an angle",
    }.get(view, f"the {view.value}")
