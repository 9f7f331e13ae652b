"""The quality checks, the defects they stand for, and the rules of the taxonomy that forbid these."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agpis.rules import RuleTaxonomy


class QualityKind(StrEnum):
    """What is measured on every photo."""

    BLUR = "blur"
    DARK = "dark"
    OVEREXPOSED = "overexposed"
    LOW_RESOLUTION = "low_resolution"
    BORDER = "border"
    ODD_ASPECT = "odd_aspect"
    BLANK = "blank"


DEFECTS = {
    QualityKind.BLUR: "blur",
    QualityKind.DARK: "exposure",
    QualityKind.OVEREXPOSED: "exposure",
    QualityKind.LOW_RESOLUTION: "low_resolution",
    QualityKind.BORDER: "border",
    QualityKind.ODD_ASPECT: "distortion",
    QualityKind.BLANK: "placeholder",
}
"""The words that predicates of a rule file, and image labels, use for what a check finds."""


@dataclass(frozen=True, slots=True)
class QualityRules:
    """What a taxonomy says of quality.

    Attributes:
        rule_ids: kind -> id of the rule that forbids it; empty where none does.
        least_side: pixels that the longest side of a photo needs; 0 where no rule asks for any.
    """

    rule_ids: dict[QualityKind, str]
    least_side: int


def quality_rules(taxonomy: RuleTaxonomy) -> QualityRules:
    """Ask the predicates of the taxonomy; of several rules against one defect the most severe counts."""
    return QualityRules(
        rule_ids={kind: _rule_against(defect, taxonomy) for kind, defect in DEFECTS.items()},
        least_side=next(
            (int(rule.predicate["min_side"]) for rule in taxonomy.rules if "min_side" in rule.predicate), 0
        ),
    )


def _rule_against(defect: str, taxonomy: RuleTaxonomy) -> str:
    names = ((rule.id, rule.predicate.get("defect", rule.predicate.get("kind"))) for rule in taxonomy.rules)
    return next((rule_id for rule_id, name in names if name == defect), "")
