"""Every rule by itself: how well its probability finds it, what th^t catches of it, and what escapes to production."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agpis.reasons import Reason
from agpis.rules import Rule, RuleCategory
from analysis.predictions import Floats, Predictions
from analysis.rates import Rate, wilson_rate
from analysis.rule_errors.auc import Auc, auc
from analysis.rule_errors.reviewed import reviewed_rows, submitted


@dataclass(frozen=True, slots=True)
class RuleError:
    """One rule, or the class other.

    Attributes:
        rule_id: of the class.
        title: as reviewers write it.
        category: which images it is about.
        support: sequences that a reviewer rejected for it.
        one_vs_rest: AUC of p_i^mcc, the rule's sequences against all others.
        against_qualified: AUC of p^t, accepted sequences against the rule's, as on AGPIS-data-single and its like
            (section 4.1).
        mean_p: mean p_i^mcc over the rule's sequences; None without any.
        mean_p_rest: mean p_i^mcc over the other sequences; None without any.
        caught: sequences of the rule with p^t < th^t, which are withheld.
        escaped: sequences of the rule with p^t >= th^t, which go to review, and to production if nobody looks.
        share_of_escapes: how many of all escapes are of this rule.
        reason: why something is undefined; empty where nothing is.
    """

    rule_id: str
    title: str
    category: RuleCategory
    support: int
    one_vs_rest: Auc
    against_qualified: Auc
    mean_p: float | None
    mean_p_rest: float | None
    caught: Rate
    escaped: Rate
    share_of_escapes: Rate
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RuleErrors:
    """All rules at one threshold.

    Attributes:
        threshold: th^t.
        sequences: reviewed sequences.
        caught: rejected sequences that are withheld, of all rejected ones.
        escaped: rejected sequences that are submitted, of all rejected ones.
        rejected_of_submitted: the paper's online reject rate (section 5.1): escapes of all that is submitted.
        rules: in class order, without the qualified class.
    """

    threshold: float
    sequences: int
    caught: Rate
    escaped: Rate
    rejected_of_submitted: Rate
    rules: tuple[RuleError, ...]

    @property
    def without_support(self) -> tuple[str, ...]:
        """Ids of the rules that no reviewed sequence broke."""
        return tuple(rule.rule_id for rule in self.rules if not rule.support)

    def escaping(self) -> tuple[RuleError, ...]:
        """The rules that escape, most escapes first; of equal ones the more severe rule first."""
        found = [rule for rule in self.rules if rule.escaped.count]
        return tuple(sorted(found, key=lambda rule: -rule.escaped.count))


def rule_errors(table: Predictions, threshold: float) -> RuleErrors:
    """What becomes of the sequences of every rule at a threshold.

    Args:
        table: n rows; those without review are left out.
        threshold: th^t in [0, 1].

    Raises:
        PredictionsError: when no row has a review.
        AnalysisError: when the threshold lies outside [0, 1].
    """
    table = reviewed_rows(table)
    passes, labels = submitted(table, threshold), table.labels
    escapes = np.bincount(labels[passes], minlength=len(table.taxonomy))
    rejected, escaped = int((labels != 0).sum()), int(escapes[1:].sum())
    qualified = table.p_t[labels == 0]
    rules = tuple(
        _one(table, index, qualified, int(escapes[index]), escaped) for index in range(1, len(table.taxonomy))
    )
    nothing, none_passes = Reason.NONE_REJECTED, Reason.NONE_REACHES_LIMIT.format(limit=f"{threshold:g}")
    return RuleErrors(
        threshold=float(threshold),
        sequences=len(table),
        caught=wilson_rate(rejected - escaped, rejected, reason=nothing),
        escaped=wilson_rate(escaped, rejected, reason=nothing),
        rejected_of_submitted=wilson_rate(escaped, int(passes.sum()), reason=none_passes),
        rules=rules,
    )


def _one(table: Predictions, index: int, qualified: Floats, escapes: int, all_escapes: int) -> RuleError:
    rule: Rule = table.taxonomy.classes[index]
    broken = table.labels == index
    support = int(broken.sum())
    p = table.probabilities[:, index].copy()  # one column of many is slow to go through again and again
    of_rule, of_rest = p[broken], p[~broken]
    nothing = Reason.NONE_REJECTED_FOR.format(rule=rule.id)
    return RuleError(
        rule_id=rule.id,
        title=rule.title,
        category=rule.category,
        support=support,
        one_vs_rest=auc(of_rule, of_rest),
        against_qualified=auc(qualified, table.p_t[broken]),
        mean_p=float(of_rule.mean(dtype=np.float64)) if support else None,
        mean_p_rest=float(of_rest.mean(dtype=np.float64)) if len(of_rest) else None,
        caught=wilson_rate(support - escapes, support, reason=nothing),
        escaped=wilson_rate(escapes, support, reason=nothing),
        share_of_escapes=wilson_rate(escapes, all_escapes, reason=Reason.NONE_ESCAPES),
        reason=_reason(rule, support, len(of_rest)),
    )


def _reason(rule: Rule, support: int, rest: int) -> str:
    if not support:
        return Reason.NONE_REJECTED_FOR.format(rule=rule.id)
    return "" if rest else Reason.ALL_REJECTED_FOR.format(rule=rule.id)
