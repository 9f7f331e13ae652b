"""The paper's metrics of a table of predictions (sections 4.2 and 4.4, Tables 2 and 3), with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agpis.reasons import Reason
from agpis.rules import RuleCategory
from analysis.errors import PredictionsError
from analysis.metrics.bootstrap import Bootstrap, Drawn
from analysis.metrics.classes import Shares
from analysis.metrics.ranking import Floats, Ranking, WeightedCurve, ratio
from analysis.metrics.results import ClassScore, Metrics, ScoreName
from analysis.metrics.subsets import SUBSET_CATEGORIES, category_subset
from analysis.predictions import Bools, Predictions

PRECISIONS = (0.8, 0.85, 0.9)
BINARY_NAMES = ("AUC", "average precision", *(f"R@P {precision:g}" for precision in PRECISIONS))
MACRO = "macro one-vs-rest AUC"


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """What `measure` finds, with all resamples, which is what a paired comparison needs.

    Attributes:
        rows: the reviewed and scored rows.
        scores: as in `Metrics`.
        classes: AUC and average precision of each class.
    """

    rows: Predictions
    scores: tuple[Drawn, ...]
    classes: tuple[tuple[Drawn, Drawn], ...]


def measure(predictions: Predictions, score_name: ScoreName = "p_t", bootstrap: Bootstrap | None = None) -> Metrics:
    """Measure a table.

    Args:
        predictions: of one split; rows without review, and those without the score, are counted and passed over.
        score_name: the probability of being qualified.
        bootstrap: how intervals are made; `Bootstrap.for_rows` when left out.

    Raises:
        PredictionsError: when no row has both a review and the score.
    """
    bootstrap = bootstrap or Bootstrap.for_rows(len(predictions))
    found = take_measure(predictions, score_name, bootstrap)
    rows, reviewed = found.rows, int(predictions.is_reviewed.sum())
    qualified = int(rows.is_qualified.sum())
    return Metrics(
        score_name=score_name,
        rows=len(rows),
        products=len(np.unique(rows.products)),
        qualified=qualified,
        rejected=len(rows) - qualified,
        unreviewed=len(predictions) - reviewed,
        unscored=reviewed - len(rows),
        exclusions=predictions.exclusions,
        resamples=bootstrap.resamples,
        seed=bootstrap.seed,
        scores=tuple(drawn.score() for drawn in found.scores),
        classes=class_scores(found),
    )


def class_scores(found: Measurement) -> tuple[ClassScore, ...]:
    """The scores of each class, with its support."""
    classes, support = found.rows.taxonomy.classes, class_support(found.rows)
    return tuple(
        ClassScore(rule.id, rule.title, rule.category, count, auc.score(), precision.score())
        for rule, count, (auc, precision) in zip(classes, support, found.classes, strict=True)
    )


def class_support(rows: Predictions) -> list[int]:
    """How many reviewed rows each class has."""
    labels = rows.labels[rows.is_reviewed]
    return [int(count) for count in np.bincount(labels, minlength=len(rows.taxonomy))]


def take_measure(predictions: Predictions, score_name: ScoreName, bootstrap: Bootstrap) -> Measurement:
    """`measure` with all resamples; arguments and errors are the same."""
    rows = measured_rows(predictions, score_name)
    whole = _binary(rows, probability_of(rows, score_name), bootstrap)
    subsets = [_subset_auc(rows, score_name, category, bootstrap) for category in SUBSET_CATEGORIES]
    accuracies = _accuracies(rows, bootstrap)
    # p^t is p_1^mcc in most tables, and its ranking the longest of all.
    is_first = score_name == "p_t" and np.array_equal(rows.p_t, rows.probabilities[:, 0])
    macro, classes = _one_vs_rest(rows, bootstrap, whole[:2] if is_first else ())
    return Measurement(rows, (*whole, *subsets, *accuracies, macro), classes)


def measured_rows(predictions: Predictions, score_name: ScoreName) -> Predictions:
    """The rows with a review and the score.

    Raises:
        PredictionsError: when there are none.
    """
    usable = predictions.is_reviewed & np.isfinite(probability_of(predictions, score_name))
    if not usable.any():
        raise PredictionsError(
            f"none of the {len(predictions)} rows has both a review (column label) and {score_name}; "
            "give reviewed rows, or another split"
        )
    return predictions.where(usable)


def probability_of(predictions: Predictions, score_name: ScoreName) -> Floats:
    """(n,) the probability of being qualified by its name; NaN where unknown."""
    return predictions.p_t if score_name == "p_t" else predictions.p_nlg


def _binary(rows: Predictions, p: Floats, bootstrap: Bootstrap) -> list[Drawn]:
    """The numbers of BINARY_NAMES; p is (n,) the probability of being qualified."""
    ranking = _ranking(rows, rows.is_qualified, p)

    def numbers(curve: WeightedCurve) -> Floats:
        recalls = [curve.recall_at(precision) for precision in PRECISIONS]
        return np.stack([curve.auc(), curve.average_precision(), *recalls])

    qualified = int(rows.is_qualified.sum())
    missing = Reason.NO_REJECTED_ROW if qualified else Reason.NO_QUALIFIED_ROW
    drawn = _draw(rows, bootstrap, BINARY_NAMES, lambda weights: ranking.measured(weights, numbers))
    return [replace(one, rejected=len(rows) - qualified, missing=missing) for one in drawn]


def _subset_auc(rows: Predictions, score_name: ScoreName, category: RuleCategory, bootstrap: Bootstrap) -> Drawn:
    """AUC of AGPIS-data-single, -pair or -multi."""
    name = f"AUC-{category}"
    subset = category_subset(rows, category, bootstrap.seed)
    if subset.reason:
        return Drawn(name, np.nan, np.full(bootstrap.resamples, np.nan), 0, 0, 0, subset.reason)
    chosen = np.zeros(len(rows), np.bool_)
    chosen[subset.rows] = True
    of_subset = rows.where(chosen)
    ranking = _ranking(of_subset, of_subset.is_qualified, probability_of(of_subset, score_name))
    drawn = _draw(
        of_subset, bootstrap, [name], lambda weights: ranking.measured(weights, lambda curve: curve.auc()[None])
    )
    return replace(drawn[0], rejected=len(subset.rows) // 2)


def _accuracies(rows: Predictions, bootstrap: Bootstrap) -> list[Drawn]:
    """Top-k accuracies of all rows, and of the rule of rejected rows."""
    shares = Shares.of(rows)
    rejected = ~rows.is_qualified
    n, products = int(rejected.sum()), len(np.unique(rows.products[rejected]))
    return [
        replace(drawn, n=n, products=products, missing=Reason.NO_REJECTED_ROW)
        if drawn.name in shares.of_rejected
        else drawn
        for drawn in _draw(rows, bootstrap, shares.names, shares.weighed)
    ]


def _one_vs_rest(
    rows: Predictions, bootstrap: Bootstrap, of_qualified: Sequence[Drawn] = ()
) -> tuple[Drawn, tuple[tuple[Drawn, Drawn], ...]]:
    """Macro AUC, and AUC and average precision of each class; `of_qualified` are those of class 0 where known."""
    ids, first = rows.taxonomy.ids, len(of_qualified) // 2
    by_product = np.argsort(rows.products, kind="stable")
    labels, products = rows.labels[by_product], rows.products[by_product]
    rankings = [
        Ranking.of(labels == index, rows.probabilities[by_product, index], products, int(products[-1]) + 1)
        for index in range(first, len(ids))
    ]

    def numbers(curve: WeightedCurve) -> Floats:
        return np.stack([curve.auc(), curve.average_precision()])

    def statistics(weights: Floats) -> Floats:
        return np.concatenate([ranking.measured(weights, numbers) for ranking in rankings])

    names = [f"{rule_id} {metric}" for rule_id in ids for metric in ("AUC", "average precision")]
    missing = [
        (Reason.ALL_OF_CLASS if support else Reason.NO_ROW_OF_CLASS).format(rule=rule_id)
        for rule_id, support in zip(ids, class_support(rows), strict=True)
    ]
    drawn = [*of_qualified, *_draw(rows, bootstrap, names[2 * first :], statistics)]
    told = [
        replace(one, name=name, rejected=None, missing=missing[place // 2])
        for place, (name, one) in enumerate(zip(names, drawn, strict=True))
    ]
    aucs = told[::2]
    value = mean_of_known(np.array([[one.value] for one in aucs]))[0]
    draws = mean_of_known(np.stack([one.draws for one in aucs]))
    macro = Drawn(MACRO, float(value), draws, len(rows), aucs[0].products, missing=Reason.ONE_CLASS)
    return macro, tuple(zip(aucs, told[1::2], strict=True))


def _draw(
    rows: Predictions, bootstrap: Bootstrap, names: Sequence[str], statistics: Callable[[Floats], Floats]
) -> list[Drawn]:
    """Statistics of weights (products, R) -> (M, R), of all rows and in every resample."""
    products = int(rows.products.max()) + 1
    values = statistics(np.ones((products, 1)))[:, 0]
    draws = bootstrap.draws(statistics, products, len(rows))
    return [
        Drawn(name, float(value), drawn, len(rows), products)
        for name, value, drawn in zip(names, values, draws, strict=True)
    ]


def _ranking(rows: Predictions, is_one: Bools, scores: Floats) -> Ranking:
    return Ranking.of(is_one.astype(np.int64), scores, rows.products, int(rows.products.max()) + 1)


def mean_of_known(values: Floats) -> Floats:
    """(R,) mean over the classes that a resample has, of (classes, R) with NaN for the others; NaN without any."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0).sum(axis=0)
    return ratio(total, count)
