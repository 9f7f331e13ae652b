"""What measuring a table of predictions gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agpis.rules import RuleCategory
from analysis.metrics.bootstrap import Score
from analysis.predictions import Exclusion

ScoreName = Literal["p_t", "p_nlg"]
"""Which probability of being qualified."""


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How well p_i^mcc of one class tells its rows from all others.

    Attributes:
        rule_id: of the class.
        title: of the class.
        category: of the class.
        support: rows that reviewers put into the class.
        auc: one class against the rest.
        average_precision: one class against the rest; what chance reaches is support / n.
    """

    rule_id: str
    title: str
    category: RuleCategory
    support: int
    auc: Score
    average_precision: Score


@dataclass(frozen=True, slots=True)
class Metrics:
    """All metrics of one table.

    Attributes:
        score_name: the probability of being qualified that was measured, p_t or p_nlg.
        rows: reviewed rows that were measured.
        products: that they belong to.
        qualified: among the rows.
        rejected: among the rows.
        unreviewed: rows passed over because no reviewer judged them.
        unscored: reviewed rows passed over because p_nlg is unknown.
        exclusions: wrong rows left out when the table was read.
        resamples: of the bootstrap.
        seed: of the bootstrap and the subsets.
        scores: AUC, average precision, R@P, AUC of the subsets, accuracies, macro AUC.
        classes: each class of the taxonomy, in its order.
    """

    score_name: ScoreName
    rows: int
    products: int
    qualified: int
    rejected: int
    unreviewed: int
    unscored: int
    exclusions: tuple[Exclusion, ...]
    resamples: int
    seed: int
    scores: tuple[Score, ...]
    classes: tuple[ClassScore, ...]

    def __getitem__(self, name: str) -> Score:
        """A score by its name.

        Raises:
            KeyError: when there is none of this name.
        """
        found = next((score for score in self.scores if score.name == name), None)
        if found is None:
            raise KeyError(f"no score {name!r} among {', '.join(score.name for score in self.scores)}")
        return found
