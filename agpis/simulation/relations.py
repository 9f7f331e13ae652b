"""How two annotated images relate, read off their facts."""

from __future__ import annotations

from enum import StrEnum

from agpis.simulation.facts import ImageFacts

# Two parts of one photograph that agree this much show the same picture, not a part and a whole.
SAME_EXTENT_IOU = 0.8
# A part that lies in the other by less than this share shows something else.
_SAME_PLACE = 0.5


class CopyKind(StrEnum):
    """How one image is a copy of another."""

    EXACT = "exact"
    NEAR = "near"
    PARTIAL = "partial"
    TRANSFORMED = "transformed"


def copy_relation(first: ImageFacts, second: ImageFacts) -> CopyKind | None:
    """How two images of one photograph copy each other; exactly one kind applies.

    Returns:
        None for images of different photographs, and for parts of one photograph that show different places;
        PARTIAL when one shows a smaller part, whether mirrored or not; otherwise TRANSFORMED when one is mirrored or
        turned, EXACT when pixels agree, and NEAR for the same picture with other pixels, such as a recoloured one.
        View, brand, pattern, material and style are no pixels: they may be named differently for one picture.
    """
    if not first.capture or first.capture != second.capture:
        return None
    shared = _overlap(first.crop, second.crop)
    if shared < _SAME_PLACE * min(first.crop_area, second.crop_area):
        return None
    if shared < SAME_EXTENT_IOU * (first.crop_area + second.crop_area - shared):
        return CopyKind.PARTIAL
    if first.mirrored != second.mirrored or (first.rotation - second.rotation) % 360:
        return CopyKind.TRANSFORMED
    same_pixels = (
        first.crop == second.crop
        and not (first.resaved or second.resaved)
        and len({first.colour.casefold(), second.colour.casefold()} - {""}) < 2
        and first.defects == second.defects
        and first.fill == second.fill
        and first.background == second.background
        and (first.items, first.people, first.presentation) == (second.items, second.people, second.presentation)
        and first.longest_side == second.longest_side
    )
    return CopyKind.EXACT if same_pixels else CopyKind.NEAR


def _overlap(first: tuple[float, float, float, float], second: tuple[float, float, float, float]) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return max(width, 0.0) * max(height, 0.0)
