"""Scores as findings: one sentence and one rule for each check."""

from __future__ import annotations

from agpis.reasons import Reason
from agpis.stage1.quality.kinds import QualityKind, QualityRules
from agpis.stage1.quality.scores import measure_quality
from agpis.types import Finding, Image

_SEEN = {
    QualityKind.BLUR: Reason.BLUR,
    QualityKind.DARK: Reason.DARK,
    QualityKind.OVEREXPOSED: Reason.OVEREXPOSED,
    QualityKind.LOW_RESOLUTION: Reason.LOW_RESOLUTION,
    QualityKind.BORDER: Reason.BORDER,
    QualityKind.ODD_ASPECT: Reason.ODD_ASPECT,
    QualityKind.BLANK: Reason.BLANK,
}


def quality_findings(image: Image, rules: QualityRules) -> tuple[Finding, ...]:
    """Every check of one photo with its score, strongest first; a threshold decides which of them count."""
    scores = measure_quality(image, rules.least_side)
    found = [
        Finding(kind.value, _sentence(kind, image, rules), scores.of(kind), rule_id=rules.rule_ids[kind])
        for kind in QualityKind
    ]
    return tuple(sorted(found, key=lambda finding: -finding.score))


def _sentence(kind: QualityKind, image: Image, rules: QualityRules) -> str:
    seen = _SEEN[kind].format(
        longest=max(image.height, image.width), needed=rules.least_side, width=image.width, height=image.height
    )
    return Reason.SENTENCE.format(clause=seen)
