"""The rules a reviewer may name, in the order that saves searching, and the words to begin a comment with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agpis.rules import Rule, RuleTaxonomy

NUM_SUGGESTIONS = 3


@dataclass(frozen=True, slots=True)
class RuleChoice:
    """One rule of the chooser.

    Attributes:
        rule: the rule.
        probability: p_i^mcc that the model gave the sequence, in [0, 1].
        is_suggested: whether it is one of the model's most probable rules, which come first.
    """

    rule: Rule
    probability: float
    is_suggested: bool


def rule_choices(
    probabilities: Mapping[str, float], taxonomy: RuleTaxonomy, num_suggestions: int = NUM_SUGGESTIONS
) -> tuple[RuleChoice, ...]:
    """The model's most probable rules, most probable first, then all others in the order of the taxonomy.

    Args:
        probabilities: class id -> probability; a rule that is not among them is left out, for it cannot be named.
        taxonomy: the classes; in the default file, rules of a category stand together.
        num_suggestions: how many rules come first.
    """
    rules = [rule for rule in taxonomy.classes[1:] if rule.id in probabilities]
    likely = sorted(rules, key=lambda rule: -probabilities[rule.id])[:num_suggestions]
    rest = [rule for rule in rules if rule not in likely]
    return tuple(
        RuleChoice(rule, probabilities[rule.id], is_suggested=place < len(likely))
        for place, rule in enumerate([*likely, *rest])
    )


def named_rule(feedback: str, taxonomy: RuleTaxonomy) -> Rule | None:
    """The rule that the model's feedback names, or None when it is empty or finds the sequence qualified."""
    if not feedback.strip():
        return None
    named = taxonomy.classify_feedback(feedback)
    return None if named == taxonomy.qualified else named


def opening_comment(feedback: str, rule: Rule | None, taxonomy: RuleTaxonomy) -> str:
    """What a comment begins with: the model's feedback where it names `rule`, else the title of the rule.

    A comment that begins with the title of its rule is read back as that class (section 4.1).
    """
    if rule is None or rule == taxonomy.other:
        return ""
    return feedback.strip() if named_rule(feedback, taxonomy) == rule else rule.title
