"""Defects drawn on images: one function for every kind, each telling what it drew and where."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agpis.simulation.defects.badges import draw_badge
from agpis.simulation.defects.banner import draw_banner
from agpis.simulation.defects.captions import draw_text
from agpis.simulation.defects.composition import draw_border, draw_collage, draw_qr_code
from agpis.simulation.defects.damage import draw_cutout, draw_distortion
from agpis.simulation.defects.illustration import draw_not_a_photo
from agpis.simulation.defects.marks import draw_logo, draw_watermark
from agpis.simulation.defects.offensive import draw_offensive
from agpis.simulation.defects.props import draw_props
from agpis.simulation.defects.quality import draw_blur, draw_exposure
from agpis.simulation.defects.stand_ins import draw_placeholder
from agpis.simulation.facts import Defect, DefectKind
from agpis.types import Pixels

__all__ = ["draw_defect"]

_DRAW_BY_SPLIT = {
    DefectKind.BANNER: draw_banner,
    DefectKind.LOGO: draw_logo,
    DefectKind.WATERMARK: draw_watermark,
    DefectKind.TEXT: draw_text,
    DefectKind.QR_CODE: draw_qr_code,
    DefectKind.BORDER: draw_border,
    DefectKind.EXPOSURE: draw_exposure,
    DefectKind.BADGE: draw_badge,
    DefectKind.PLACEHOLDER: draw_placeholder,
    DefectKind.NOT_A_PHOTO: draw_not_a_photo,
    DefectKind.CUTOUT: draw_cutout,
    DefectKind.OFFENSIVE: draw_offensive,
}
# Kinds without words, hues or textures that a split could have for itself.
_DRAW_ALIKE = {DefectKind.BLUR: draw_blur, DefectKind.DISTORTION: draw_distortion}


def draw_defect(
    kind: DefectKind, pixels: Pixels, rng: np.random.Generator, split: str, others: Sequence[Pixels] = ()
) -> tuple[Pixels, Defect]:
    """Draw one defect.

    Args:
        kind: what to draw.
        pixels: (H, W, 3) uint8 RGB, at least 64 pixels a side; left as it is.
        rng: decides everything that is random.
        split: "test" draws words, brands, hues and, where the machine has enough, fonts that the other splits
            never see.
        others: further pictures of the product, for a collage; of other products, for props.

    Returns:
        A new image of the same shape, and what was drawn: words, place and box.

    Raises:
        MissingExtraError: for a QR code when segno is not installed; for bad light or sharpness when kornia is not.
    """
    if kind is DefectKind.COLLAGE:
        return draw_collage(pixels, rng, others)
    if kind is DefectKind.PROPS:
        return draw_props(pixels, rng, split, others)
    if kind in _DRAW_ALIKE:
        return _DRAW_ALIKE[kind](pixels, rng)
    return _DRAW_BY_SPLIT[kind](pixels, rng, split)
