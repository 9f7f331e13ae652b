"""Two readings of one probability (section 3.4.3): p^t of the classifier, and p^nlg of the feedback "yes"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from agpis.reasons import Reason
from analysis.predictions import Floats, Predictions
from analysis.rates import Rate, wilson_rate
from analysis.rule_errors.reviewed import reviewed_rows, submitted


@dataclass(frozen=True, slots=True)
class Agreement:
    """How p^t and p^nlg agree, on reviewed sequences that have both.

    Attributes:
        threshold: th^t, applied to both.
        n: sequences with both.
        without_p_nlg: reviewed sequences without p^nlg, left out.
        pearson: linear correlation in [-1, 1]; None where undefined.
        spearman: correlation of ranks in [-1, 1]; None where undefined.
        differ: sequences that one of the two would submit and the other would not.
        p_t_right: of those that differ, where p^t decided as the reviewer.
        p_nlg_right: of those that differ, where p^nlg did.
        both_right: sequences where both decided as the reviewer.
        both_wrong: sequences where neither did.
        p_value: McNemar's exact test that both are right equally often; None where no decision differs.
        reason: why something is undefined; empty where nothing is.
    """

    threshold: float
    n: int
    without_p_nlg: int
    pearson: float | None
    spearman: float | None
    differ: Rate
    p_t_right: Rate
    p_nlg_right: Rate
    both_right: int
    both_wrong: int
    p_value: float | None
    reason: str = ""


def agreement(table: Predictions, threshold: float) -> Agreement:
    """Compare p^t, which is p_1^mcc unless the table says otherwise, with p^nlg.

    Args:
        table: n rows; those without review are left out, those without p^nlg are counted and left out.
        threshold: th^t in [0, 1].

    Raises:
        PredictionsError: when no row has a review.
        AnalysisError: when the threshold lies outside [0, 1].
    """
    table = reviewed_rows(table)
    known = ~np.isnan(table.p_nlg)
    p_t, p_nlg, accepted = table.p_t[known], table.p_nlg[known], table.is_qualified[known]
    first, second = submitted(table, threshold)[known], p_nlg >= threshold
    right, right_too = first == accepted, second == accepted
    n, only_first, only_second = len(p_t), int((right & ~right_too).sum()), int((~right & right_too).sum())
    differ = only_first + only_second
    pearson, spearman, reason = _correlations(p_t, p_nlg)
    same = Reason.NO_DECISION_DIFFERS
    return Agreement(
        threshold=float(threshold),
        n=n,
        without_p_nlg=len(table) - n,
        pearson=pearson,
        spearman=spearman,
        differ=wilson_rate(differ, n, reason=Reason.NONE_WITH_P_NLG),
        p_t_right=wilson_rate(only_first, differ, reason=same),
        p_nlg_right=wilson_rate(only_second, differ, reason=same),
        both_right=int((right & right_too).sum()),
        both_wrong=int((~right & ~right_too).sum()),
        p_value=float(stats.binomtest(only_first, differ, 0.5).pvalue) if differ else None,
        reason="; ".join(filter(None, [reason, "" if differ or not n else same])),
    )


def _correlations(first: Floats, second: Floats) -> tuple[float | None, float | None, str]:
    if len(first) < 3:
        return None, None, Reason.CORRELATION_OF_FEW.format(count=len(first))
    for name, values in (("p^t", first), ("p^nlg", second)):
        if np.ptp(values) == 0:
            return None, None, Reason.CORRELATION_OF_SAME.format(score=name)
    return float(stats.pearsonr(first, second).statistic), float(stats.spearmanr(first, second).statistic), ""
