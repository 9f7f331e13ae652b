"""Choosing th^t: by the reject rate seen, by precision, by profit, or by a reject rate that is promised."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from agpis.reasons import Reason
from analysis.errors import AnalysisError
from analysis.operating_point.bounds import upper_bound
from analysis.operating_point.costs import CostModel
from analysis.operating_point.curve import OperatingCurve, OperatingPoint, operating_curve
from analysis.operating_point.guarantee import SearchPlan, counts_on_grid, proven_levels
from analysis.operating_point.sample import ReviewedSample, Source, require_unseen
from analysis.operating_point.words import percent
from analysis.predictions import Bools

_ROUNDING = 1e-9  # a share that is exactly the limit must not fail by rounding


class Goal(StrEnum):
    """What a threshold is chosen for."""

    REJECT_RATE = "reject_rate"
    PRECISION = "precision"
    PROFIT = "profit"
    GUARANTEE = "guarantee"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class Criterion:
    """What was asked of the threshold.

    Attributes:
        goal: of which kind.
        words: the same for a person.
        alpha: largest reject rate, in (0, 1); None where none was asked for.
        delta: chance that the promise is broken, in (0, 1); None without a promise.
        costs: None but for profit.
    """

    goal: Goal
    words: str
    alpha: float | None = None
    delta: float | None = None
    costs: CostModel | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A chosen threshold.

    Attributes:
        threshold: th^t.
        criterion: what was asked.
        reason: why this one.
        point: what it does with the sequences it was chosen on; a judgement needs others, see `judge`.
        chosen_on: these sequences.
        upper_bound: exact upper bound of the reject rate at the level of the threshold's test, at most alpha; None
            without a promise. What is promised is alpha: the bound was picked with the threshold.
    """

    threshold: float
    criterion: Criterion
    reason: str
    point: OperatingPoint
    chosen_on: Source
    upper_bound: float | None = None


@dataclass(frozen=True, slots=True)
class NoThreshold:
    """No threshold does what was asked.

    Attributes:
        criterion: what was asked.
        reason: why there is none, with the nearest that was seen.
        chosen_on: the sequences that were tried.
        closest: the threshold that comes nearest, None where nothing can be compared.
    """

    criterion: Criterion
    reason: str
    chosen_on: Source
    closest: OperatingPoint | None = None


def choose_by_reject_rate(sample: ReviewedSample, alpha: float) -> Choice | NoThreshold:
    """The threshold with most accepted sequences among those whose reject rate, as seen, is at most alpha.

    It promises nothing: the best of many thresholds looks better than it is. See `choose_guaranteed`.

    Args:
        sample: reviewed sequences of the validation split.
        alpha: largest reject rate, in [0, 1).

    Raises:
        AnalysisError: when alpha lies outside its range or the sample is empty.
    """
    if not 0 <= alpha < 1:
        raise AnalysisError(f"the largest reject rate must lie in [0, 1), got {alpha}")
    criterion = Criterion(Goal.REJECT_RATE, Reason.REJECT_RATE.format(alpha=percent(alpha)), alpha=alpha)
    return _within(sample, alpha, criterion)


def choose_by_precision(sample: ReviewedSample, precision: float) -> Choice | NoThreshold:
    """The threshold of largest recall among those with at least this precision, 1 - reject rate.

    Args:
        sample: reviewed sequences of the validation split.
        precision: share of the submitted that must be accepted, in (0, 1].

    Raises:
        AnalysisError: when the precision lies outside its range or the sample is empty.
    """
    if not 0 < precision <= 1:
        raise AnalysisError(f"the precision must lie in (0, 1], got {precision}")
    words = Reason.PRECISION.format(precision=percent(precision))
    return _within(sample, 1 - precision, Criterion(Goal.PRECISION, words, alpha=1 - precision))


def choose_by_profit(sample: ReviewedSample, costs: CostModel) -> Choice | NoThreshold:
    """The threshold of best expected profit; of equal ones the strictest.

    Args:
        sample: reviewed sequences of the validation split.
        costs: what everything is worth.

    Returns:
        `NoThreshold` when to submit nothing is worth more than every threshold.

    Raises:
        AnalysisError: when the sample is empty.
    """
    curve = operating_curve(sample)
    criterion = Criterion(Goal.PROFIT, Reason.PROFIT.format(clause=costs.in_words()), costs=costs)
    profit = curve.profit(costs)
    best = int(profit.argmax())
    point = curve.at(float(curve.thresholds[best]), costs)
    nothing = 0 - len(sample) * costs.by_hand
    if profit[best] < nothing:
        reason = Reason.PROFIT_LOST.format(best=profit[best], nothing=nothing)
        return NoThreshold(criterion, reason, sample.source, point)
    reason = Reason.PROFIT_LARGEST.format(best=profit[best], count=len(profit), nothing=nothing)
    return Choice(point.threshold, criterion, reason, point, sample.source)


def choose_guaranteed(
    sample: ReviewedSample, alpha: float, delta: float, plan: SearchPlan | None = None, seed: int = 0
) -> Choice | NoThreshold:
    """The lowest threshold that is proven to keep the reject rate at most alpha, with confidence 1 - delta.

    P(true reject rate > alpha) <= delta over the draw of the sample, for any scores; `guarantee` says why. The promise
    is about sequences like those of the sample: not after a drift, nor for another model. Sequences of one product are
    not independent, so one random sequence of every product is used, and the rate is that of such a draw.

    Args:
        sample: reviewed sequences of the validation split.
        alpha: largest reject rate, in (0, 1).
        delta: chance that the promise is broken, in (0, 1).
        plan: what is tested, declared before the data is seen.
        seed: draws the sequence of each product.

    Raises:
        AnalysisError: when alpha or delta lies outside its range, or the sample is empty.
    """
    for name, value in (("the largest reject rate", alpha), ("delta, the chance of a broken promise,", delta)):
        if not 0 < value < 1:
            raise AnalysisError(f"{name} must lie in (0, 1), got {value}")
    plan = plan or SearchPlan()
    independent = sample.one_per_product(seed)
    curve = operating_curve(independent)
    words = Reason.REJECT_RATE_PROMISED.format(alpha=percent(alpha), confidence=percent(1 - delta))
    criterion = Criterion(Goal.GUARANTEE, words, alpha=alpha, delta=delta)
    submitted, rejected = counts_on_grid(independent.p_t, independent.rejected, plan)
    levels = proven_levels(submitted, rejected, alpha, plan.parts(delta))
    proven = np.flatnonzero(levels)
    if not len(proven):
        return _unproven(curve, criterion, independent.source, plan)
    step = int(proven[-1])
    bound = upper_bound(int(rejected[step]), int(submitted[step]), float(levels[step]))
    reason = Reason.LOWEST_PROVEN.format(
        count=len(plan.thresholds),
        start=plan.starts[0],
        rejected=rejected[step],
        submitted=submitted[step],
        bound=percent(bound),
    )
    point = curve.at(plan.thresholds[step])
    return Choice(point.threshold, criterion, reason, point, independent.source, bound)


def choose_by_hand(sample: ReviewedSample, threshold: float) -> Choice:
    """A threshold that a person sets.

    Args:
        sample: reviewed sequences that the person looks at.
        threshold: in [0, 1].

    Raises:
        AnalysisError: when the threshold lies outside its range or the sample is empty.
    """
    point = operating_curve(sample).at(threshold)
    return Choice(
        point.threshold, Criterion(Goal.HAND, Reason.BY_HAND.format()), Reason.PERSON_SET.format(), point, sample.source
    )


def judge(
    choice: Choice, sample: ReviewedSample, force: bool = False, costs: CostModel | None = None
) -> OperatingPoint:
    """What a chosen threshold does with other sequences than those it was chosen on.

    Args:
        choice: the choice.
        sample: reviewed sequences of the test split.
        force: judge on any split.
        costs: for hours and profit; those of the choice by default.

    Raises:
        SplitError: when the sample is of the split of the choice, or either is the training split.
        AnalysisError: when the sample is empty.
    """
    require_unseen(choice.chosen_on.split, sample.source.split, force)
    return operating_curve(sample).at(choice.threshold, costs or choice.criterion.costs)


def _within(sample: ReviewedSample, alpha: float, criterion: Criterion) -> Choice | NoThreshold:
    curve = operating_curve(sample)
    good_enough: Bools = curve.rejected <= alpha * curve.submitted + _ROUNDING
    # To submit only sequences that get rejected keeps the limit where alpha allows it, but serves nobody.
    good_enough &= curve.accepted > 0
    if not good_enough.any():
        lowest = int(curve.reject_rate.argmin())
        point = curve.at(float(curve.thresholds[lowest]))
        reason = Reason.NONE_REACHES.format(
            rate=percent(curve.reject_rate[lowest]), threshold=f"{point.threshold:.4g}", submitted=point.submitted
        )
        return NoThreshold(criterion, reason, sample.source, point)
    accepted = np.where(good_enough, curve.accepted, -1)
    best = int(accepted.argmax())  # of equal ones the strictest, which submits fewer bad ones
    point = curve.at(float(curve.thresholds[best]))
    count = int(good_enough.sum())
    reason = Reason.MOST_ACCEPTED.format(count=count, accepted=point.accepted, good=curve.good)
    return Choice(point.threshold, criterion, reason, point, sample.source)


def _unproven(curve: OperatingCurve, criterion: Criterion, source: Source, plan: SearchPlan) -> NoThreshold:
    assert criterion.alpha is not None
    assert criterion.delta is not None
    least = math.ceil(math.log(criterion.delta / len(plan.starts)) / math.log1p(-criterion.alpha))
    points = [curve.at(threshold) for threshold in plan.starts]  # the first proof can only be at one of these
    seen = [point for point in points if point.submitted >= least and point.reject_rate is not None]
    if not seen:
        reason = Reason.NONE_PROVEN_TOO_FEW.format(
            least=least, submitted=points[-1].submitted, total=curve.n, start=plan.starts[-1]
        )
        return NoThreshold(criterion, reason, source)
    closest = min(seen, key=lambda point: point.reject_rate or 0.0)
    few = (closest.reject_rate or 0.0) <= criterion.alpha
    reason = Reason.NONE_PROVEN.format(
        threshold=f"{closest.threshold:.4g}",
        rejected=closest.rejected,
        submitted=closest.submitted,
        rate=percent(closest.reject_rate),
        clause=Reason.MAY_BE_LUCK if few else Reason.TOO_MANY_REJECTED,
    )
    return NoThreshold(criterion, reason, source, closest)
