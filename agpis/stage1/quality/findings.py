"""Scores as findings: one sentence and one rule for each check."""

from __future__ import annotations

from agpis.stage1.quality.kinds import QualityKind, QualityRules
from agpis.stage1.quality.scores import measure_quality
from agpis.types import Finding, Image

_SENTENCES = {
    QualityKind.BLUR: "The photo is out of focus or shaken",
    QualityKind.DARK: "The photo is too dark",
    QualityKind.OVEREXPOSED: "The photo is overexposed or washed out",
    QualityKind.LOW_RESOLUTION: "The photo is too small",
    QualityKind.BORDER: "The photo has a border or frame",
    QualityKind.ODD_ASPECT: "The photo is far from square",
    QualityKind.BLANK: "Next to nothing is to be seen on the photo",
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
    if kind is QualityKind.LOW_RESOLUTION:
        longest = max(image.height, image.width)
        return f"{_SENTENCES[kind]}: its longest side has {longest} px, {rules.least_side} are needed."
    if kind is QualityKind.ODD_ASPECT:
        return f"{_SENTENCES[kind]}: {image.width} x {image.height} px."
    return f"{_SENTENCES[kind]}."
