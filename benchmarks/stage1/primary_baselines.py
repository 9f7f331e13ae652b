"""Choosing the primary image without a model: what p^primary has to beat."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from agpis.simulation.photos import find_foreground
from agpis.types import Image

Baseline = Callable[[Sequence[Image]], str]


def first(images: Sequence[Image]) -> str:
    """The image the shop lists first."""
    return images[0].file


def largest(images: Sequence[Image]) -> str:
    """The image whose item covers the largest share of the frame; the first one among equals."""
    return max(images, key=_covered).file


def most_central(images: Sequence[Image]) -> str:
    """The image whose item has its centre of mass nearest to the middle; the first one among equals."""
    return min(images, key=_off_centre).file


BASELINES: dict[str, Baseline] = {"first image": first, "largest item": largest, "most central item": most_central}


def _covered(image: Image) -> float:
    """Share of the frame in [0, 1]; 0 where no item was told from the background."""
    foreground = find_foreground(image.pixels)
    return float(foreground.mask.mean()) if foreground.found else 0.0


def _off_centre(image: Image) -> float:
    """Distance in units of the frame's sides; infinite where no item was told from the background."""
    foreground = find_foreground(image.pixels)
    if not foreground.found:
        return float("inf")
    rows, columns = np.nonzero(foreground.mask)
    return float(np.hypot((rows.mean() + 0.5) / image.height - 0.5, (columns.mean() + 0.5) / image.width - 0.5))
