"""Where the simulated marketplace gets its images: rendered products and real photos, each image with its facts."""

from __future__ import annotations

from dataclasses import dataclass

from agpis.simulation.facts import ImageFacts, TitleFacts
from agpis.types import Pixels


@dataclass(frozen=True, slots=True, eq=False)
class SourceImage:
    """One image and what is true of it.

    Attributes:
        pixels: (H, W, 3) uint8 RGB; not to be written to.
        facts: view, colour, capture, framing and background of the image; `facts.file` is unique in the source.
    """

    pixels: Pixels
    facts: ImageFacts


@dataclass(frozen=True, slots=True, eq=False)
class SourceProduct:
    """One product of a source with all the pictures that were taken of it.

    Attributes:
        product_id: unique over all sources.
        source: name of the source, e.g. "rendered" or the catalogue folder's name.
        split: "train", "validation" or "test"; products of different splits share no design.
        title: what the title says; true of `images`.
        images: pictures of the product itself. Most are clean, some are flawed on purpose (cut off, tiny in the
            frame, busy background, same view twice); the facts alone say which.
        variants: pictures of the same design in another colour; empty when there is none.
    """

    product_id: str
    source: str
    split: str
    title: TitleFacts
    images: tuple[SourceImage, ...]
    variants: tuple[SourceImage, ...] = ()
