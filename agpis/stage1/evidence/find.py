"""Gather all evidence on the images of a product: what was added to them, where, and which rule forbids it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from agpis.rules import RuleTaxonomy
from agpis.stage1.classifier import ImageClassifier
from agpis.stage1.evidence.collage import find_collage
from agpis.stage1.evidence.hotspots import find_hotspots
from agpis.stage1.evidence.kinds import Evidence, to_finding
from agpis.stage1.evidence.lines import LineJudge, load_judge
from agpis.stage1.evidence.qr import find_qr_codes
from agpis.stage1.evidence.reading import TextReader, default_reader
from agpis.stage1.evidence.text import find_overlaid_text
from agpis.types import Finding, Image

SUSPECT = 0.2
"""p^nc from which text is looked for. Below it there is nothing to explain, and reading is the slowest step."""
HIGH = 0.5
"""p^nc from which an image is searched for the place that raises it, when nothing else was found."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What searching takes besides OpenCV.

    Attributes:
        reader: finds and reads lines of text.
        judge: tells overlaid lines from printed ones.
    """

    reader: TextReader
    judge: LineJudge


@lru_cache(maxsize=1)
def default_tools() -> Tools:
    """RapidOCR and the judge that ships with AGPIS, loaded on the first call."""
    return Tools(default_reader(), load_judge())


def find_evidence(
    images: Sequence[Image],
    p_noncompliant: Sequence[float],
    taxonomy: RuleTaxonomy,
    network: ImageClassifier | None = None,
    tools: Tools | None = None,
) -> tuple[tuple[Finding, ...], ...]:
    """Find what was laid over photos.

    Evidence explains, it decides nothing: p^nc alone says which images are removed.

    Args:
        images: of one product.
        p_noncompliant: p^nc of each.
        taxonomy: names the rule of each kind.
        network: that gave p^nc; points at the place that raises it where nothing else was found. None points nowhere.
        tools: what to read text with; the default ones when None.

    Returns:
        For each image its findings, strongest first.
    """
    found = [_gather(image, p, tools) for image, p in zip(images, p_noncompliant, strict=True)]
    if network is not None:
        unexplained = [index for index, p in enumerate(p_noncompliant) if p >= HIGH and not found[index]]
        spots = find_hotspots(
            [images[index] for index in unexplained], [p_noncompliant[index] for index in unexplained], network
        )
        for index, spot in zip(unexplained, spots, strict=True):
            found[index] = spot
    return tuple(_findings(evidence, taxonomy) for evidence in found)


def _gather(image: Image, p_noncompliant: float, tools: Tools | None) -> tuple[Evidence, ...]:
    evidence = (*find_qr_codes(image.pixels), *find_collage(image.pixels))
    if p_noncompliant < SUSPECT:
        return evidence
    tools = tools or default_tools()
    return (*evidence, *find_overlaid_text(image.pixels, tools.reader, tools.judge))


def _findings(evidence: Sequence[Evidence], taxonomy: RuleTaxonomy) -> tuple[Finding, ...]:
    ordered = sorted(evidence, key=lambda piece: -piece.score)
    return tuple(to_finding(piece, taxonomy) for piece in ordered)
