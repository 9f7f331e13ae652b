"""Gather all evidence on the images of a product: what was added to them, where, and which rule forbids it."""

from __future__ import annotations

from collections.abc import Sequence

from agpis.rules import RuleTaxonomy
from agpis.stage1.evidence.collage import find_collage
from agpis.stage1.evidence.kinds import Evidence, to_finding
from agpis.stage1.evidence.qr import find_qr_codes
from agpis.types import Finding, Image


def find_evidence(images: Sequence[Image], taxonomy: RuleTaxonomy) -> tuple[tuple[Finding, ...], ...]:
    """Find what was laid over photos.

    Evidence explains, it decides nothing: p^nc alone says which images are removed.

    Args:
        images: of one product.
        taxonomy: names the rule of each kind.

    Returns:
        For each image its findings, strongest first.
    """
    return tuple(_findings(_gather(image), taxonomy) for image in images)


def _gather(image: Image) -> tuple[Evidence, ...]:
    return (*find_qr_codes(image.pixels), *find_collage(image.pixels))


def _findings(evidence: Sequence[Evidence], taxonomy: RuleTaxonomy) -> tuple[Finding, ...]:
    ordered = sorted(evidence, key=lambda piece: -piece.score)
    return tuple(to_finding(piece, taxonomy) for piece in ordered)
