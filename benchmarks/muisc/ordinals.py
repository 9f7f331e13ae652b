"""Which images a feedback names: "the 2nd image", "image 2", "images 1 and 3", "from the 1st to the 4th image"."""

from __future__ import annotations

import re

# What is written on an image or in a title says nothing about places; inside a word an apostrophe is no quote.
_QUOTED = re.compile(r"(?<!\w)'.*'(?!\w)")
_ORDINAL = r"(\d+)(?:st|nd|rd|th)\b"
_SPANS = (
    re.compile(r"\bimages (\d+) to (\d+)", re.IGNORECASE),
    re.compile(rf"\bfrom the {_ORDINAL} to the {_ORDINAL}", re.IGNORECASE),
)
_SINGLE = (
    re.compile(rf"\b{_ORDINAL}"),
    re.compile(r"\bimages? (\d+)", re.IGNORECASE),
    re.compile(r"\bimages \d+ and (\d+)", re.IGNORECASE),
)
_ALL_COUNTED = re.compile(r"\bnone of the (\d+) images\b", re.IGNORECASE)
_ALL = re.compile(r"\b(?:all images|no image)\b", re.IGNORECASE)


def named_images(feedback: str) -> frozenset[int]:
    """The images that a feedback names by number, counted from 1; none where it names none.

    A span names every image in it, and "none of the 4 images" the images 1 to 4. What stands in quotes is not read.
    """
    text = _QUOTED.sub("''", feedback)
    named: set[int] = set()
    for pattern in _SPANS:
        for first, last in pattern.findall(text):
            named.update(_span(int(first), int(last)))
    for count in _ALL_COUNTED.findall(text):
        named.update(_span(1, int(count)))
    for pattern in _SINGLE:
        named.update(int(number) for number in pattern.findall(text))
    return frozenset(named)


def same_images(written: str, reference: str, num_images: int) -> bool:
    """Whether a feedback names exactly the images that the reference names.

    "All images" and "no image" in the written one stand for all `num_images`.
    """
    named = named_images(written)
    if not named and _ALL.search(_QUOTED.sub("''", written)):
        named = frozenset(_span(1, num_images))
    return named == named_images(reference)


def _span(first: int, last: int) -> range:
    # A model may write any number; more images than this no sequence has.
    return range(first, min(last, first + 99) + 1)
