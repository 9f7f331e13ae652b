"""Collages: two to four pictures of equal size, side by side, one above the other, or two by two."""

from __future__ import annotations

from agpis.stage1.evidence.kinds import Evidence, EvidenceKind
from agpis.stage1.evidence.seams import Shares, horizontal_seams, vertical_seams
from agpis.types import Box, Pixels

_MOST_PANELS = 4  # along one side
_SLACK = 0.02  # of the side; how far a seam may be from where equal panels meet
_LEAST = 0.55  # share of the side that every seam must run along
_SMALLEST_SIDE = 64  # pixels; below this there are no panels to tell apart


def find_collage(pixels: Pixels) -> tuple[Evidence, ...]:
    """Tell whether the image is a collage of equal panels.

    Seams count only where equal panels would meet: products have straight edges too, but seldom exactly there.

    Args:
        pixels: (H, W, 3) uint8 RGB.

    Returns:
        One piece of evidence over the whole image, or nothing. Its score is the share of the side along which the
        weakest seam can be seen.
    """
    height, width = pixels.shape[:2]
    if min(height, width) < _SMALLEST_SIDE:
        return ()
    strength = max(_weakest_seam(vertical_seams(pixels)), _weakest_seam(horizontal_seams(pixels)))
    if strength < _LEAST:
        return ()
    return (Evidence(EvidenceKind.COLLAGE, strength, Box(0, 0, width, height)),)


def _weakest_seam(shares: Shares) -> float:
    """Of the division into 2, 3 or 4 equal panels that fits best, the seam that can be seen least."""
    return max(
        min(_near(shares, number / panels) for number in range(1, panels)) for panels in range(2, _MOST_PANELS + 1)
    )


def _near(shares: Shares, place: float) -> float:
    slack = max(3.0, _SLACK * len(shares))
    first, last = round(place * len(shares) - slack), round(place * len(shares) + slack)
    return float(shares[first : last + 1].max())
