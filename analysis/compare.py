"""Two models on the same reviewed sequences: each metric of both, their difference, and DeLong's test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agpis.rules import RuleCategory
from analysis.matching import match_rows
from analysis.metrics.bootstrap import Bootstrap, Drawn, Score
from analysis.metrics.delong import DelongTest, delong_test
from analysis.metrics.measure import class_support, measured_rows, probability_of, take_measure
from analysis.metrics.results import ScoreName
from analysis.predictions import Exclusion, Predictions


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric of two models.

    Attributes:
        first: of the first model.
        second: of the second.
        difference: first minus second; its interval is that of the differences in the same resamples of products.
    """

    first: Score
    second: Score
    difference: Score

    @property
    def name(self) -> str:
        """What was measured."""
        return self.first.name

    @property
    def differs(self) -> bool | None:
        """Whether the interval leaves out 0; None without interval."""
        low, high = self.difference.low, self.difference.high
        return None if low is None or high is None else not low <= 0 <= high


@dataclass(frozen=True, slots=True)
class ClassDifference:
    """One class of two models.

    Attributes:
        rule_id: of the class.
        title: of the class.
        category: of the class.
        support: rows that reviewers put into the class.
        auc: one class against the rest.
        average_precision: one class against the rest.
    """

    rule_id: str
    title: str
    category: RuleCategory
    support: int
    auc: Difference
    average_precision: Difference


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the same rows.

    Attributes:
        score_name: the probability of being qualified that was compared.
        rows: reviewed rows, the same in both tables.
        products: that they belong to.
        qualified: among the rows.
        rejected: among the rows.
        unreviewed: rows of each table passed over because no reviewer judged them.
        unscored: reviewed rows of each passed over because p_nlg is unknown.
        exclusions: wrong rows of each left out when it was read.
        resamples: of the bootstrap.
        seed: of the bootstrap and the subsets.
        scores: as in `analysis.metrics.Metrics`.
        classes: each class of the taxonomy, in its order.
        delong: DeLong's test of the AUC, with the rows of one product as dependent (Obuchowski's variance).
        delong_independent: the test as published, which takes all rows as independent.
    """

    score_name: ScoreName
    rows: int
    products: int
    qualified: int
    rejected: int
    unreviewed: tuple[int, int]
    unscored: tuple[int, int]
    exclusions: tuple[tuple[Exclusion, ...], tuple[Exclusion, ...]]
    resamples: int
    seed: int
    scores: tuple[Difference, ...]
    classes: tuple[ClassDifference, ...]
    delong: DelongTest
    delong_independent: DelongTest


def compare(
    first: Predictions, second: Predictions, score_name: ScoreName = "p_t", bootstrap: Bootstrap | None = None
) -> Comparison:
    """Compare two tables.

    Args:
        first: of one split; rows without review, and those without the score, are counted and passed over.
        second: the same reviewed rows, in any order.
        score_name: the probability of being qualified.
        bootstrap: how intervals are made; `Bootstrap.for_rows` when left out.

    Raises:
        PredictionsError: when no row of a table has both a review and the score.
        ComparisonError: when the tables do not hold the same rows with the same labels.
    """
    bootstrap = bootstrap or Bootstrap.for_rows(len(first))
    used = [measured_rows(table, score_name) for table in (first, second)]
    one, other = match_rows(*used)
    # Equal products in equal order give equal resamples.
    found, of_other = (take_measure(table, score_name, bootstrap) for table in (one, other))
    p, p_other = probability_of(one, score_name), probability_of(other, score_name)
    qualified = one.is_qualified
    classes = (
        ClassDifference(rule.id, rule.title, rule.category, support, *_differences(mine, yours))
        for rule, support, mine, yours in zip(
            one.taxonomy.classes, class_support(one), found.classes, of_other.classes, strict=True
        )
    )
    return Comparison(
        score_name=score_name,
        rows=len(one),
        products=int(one.products.max()) + 1,
        qualified=int(qualified.sum()),
        rejected=int((~qualified).sum()),
        unreviewed=(_unreviewed(first), _unreviewed(second)),
        unscored=(_reviewed(first) - len(one), _reviewed(second) - len(other)),
        exclusions=(first.exclusions, second.exclusions),
        resamples=bootstrap.resamples,
        seed=bootstrap.seed,
        scores=tuple(_differences(found.scores, of_other.scores)),
        classes=tuple(classes),
        delong=delong_test(qualified, p, p_other, one.products),
        delong_independent=delong_test(qualified, p, p_other),
    )


def _differences(first: Iterable[Drawn], second: Iterable[Drawn]) -> Iterable[Difference]:
    for one, other in zip(first, second, strict=True):
        yield Difference(one.score(), other.score(), one.minus(other).score())


def _reviewed(predictions: Predictions) -> int:
    return int(predictions.is_reviewed.sum())


def _unreviewed(predictions: Predictions) -> int:
    return len(predictions) - _reviewed(predictions)
