"""The kinds of evidence, and the rules of the taxonomy that they support."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agpis.reasons import Reason
from agpis.rules import RuleTaxonomy
from agpis.types import Box, Finding


class EvidenceKind(StrEnum):
    """What was added to a photo; but for PLACE, the words that `has_defect` predicates of a rule file use."""

    BANNER = "banner"
    BADGE = "badge"
    TEXT = "text"
    WATERMARK = "watermark"
    LOGO = "logo"
    QR_CODE = "qr_code"
    COLLAGE = "collage"
    PLACE = "noncompliant_place"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a detector found, before the taxonomy is asked.

    Attributes:
        kind: what it is.
        score: strength in [0, 1].
        box: where, in pixels of the image.
        text: what was read there; empty when nothing was.
    """

    kind: EvidenceKind
    score: float
    box: Box
    text: str = ""


_FOUND = {
    EvidenceKind.BANNER: Reason.BANNER,
    EvidenceKind.BADGE: Reason.BADGE,
    EvidenceKind.TEXT: Reason.TEXT,
    EvidenceKind.WATERMARK: Reason.WATERMARK,
    EvidenceKind.LOGO: Reason.LOGO,
    EvidenceKind.QR_CODE: Reason.QR_CODE,
    EvidenceKind.COLLAGE: Reason.COLLAGE,
    EvidenceKind.PLACE: Reason.PLACE,
}
_LONGEST = 60  # characters of what was read that fit into a sentence


def rule_for(kind: EvidenceKind, taxonomy: RuleTaxonomy) -> str:
    """The id of the rule that forbids this kind: the first whose predicate names it; empty when none does."""
    return next((rule.id for rule in taxonomy.rules if rule.predicate.get("defect") == kind.value), "")


def to_finding(evidence: Evidence, taxonomy: RuleTaxonomy) -> Finding:
    """The evidence as a finding: with its rule and a sentence that quotes what was read."""
    read = evidence.text if len(evidence.text) <= _LONGEST else f"{evidence.text[: _LONGEST - 1]}…"
    found = _FOUND[evidence.kind]
    message = Reason.SENTENCE.format(clause=Reason.READ.format(clause=found, text=read) if read else found)
    return Finding(
        kind=evidence.kind.value,
        message=message,
        score=evidence.score,
        box=evidence.box,
        rule_id=rule_for(evidence.kind, taxonomy),
        text=evidence.text,
    )
