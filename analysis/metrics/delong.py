"""DeLong's method: which pairs each score wins, and the test of two AUCs on the same rows, also of clustered rows.

DeLong, DeLong and Clarke-Pearson, "Comparing the areas under two or more correlated ROC curves", Biometrics 1988; fast
by sorting, as in Sun and Xu, "Fast implementation of DeLong's algorithm", IEEE Signal Processing Letters 2014. Rows of
one product are not independent: with products the variance is that of Obuchowski, "Nonparametric analysis of clustered
ROC curve data", Biometrics 1997, which sums the structural components of each product first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from agpis.reasons import Reason
from analysis.metrics.ranking import Floats, Ints
from analysis.predictions import Bools

_TWO_SIDED_95 = float(norm.ppf(0.975))
# Sums of a million terms round; a variance below this is none.
_NO_VARIANCE = 1e-18


@dataclass(frozen=True, slots=True)
class DelongTest:
    """Whether two AUCs on the same rows differ.

    Attributes:
        first: AUC of the first model; None without both classes.
        second: AUC of the second.
        difference: first minus second.
        low: lower end of the normal 95% interval of the difference; None where it has no variance.
        high: upper end.
        z: difference in standard errors.
        p_value: two-sided, in [0, 1].
        positives: rows of 1.
        negatives: rows of 0.
        clusters: products whose rows were taken as dependent; None where all rows were taken as independent.
        reason: why there is no p-value; empty otherwise.
    """

    first: float | None
    second: float | None
    difference: float | None
    low: float | None
    high: float | None
    z: float | None
    p_value: float | None
    positives: int
    negatives: int
    clusters: int | None
    reason: str = ""

    @property
    def differs(self) -> bool | None:
        """Whether the interval of the difference leaves out 0; None without interval."""
        return None if self.low is None or self.high is None else not self.low <= 0 <= self.high


def delong_test(labels: Bools, first: Floats, second: Floats, products: Ints | None = None) -> DelongTest:
    """Test that two models have the same AUC; O(n log n).

    Args:
        labels: (n,) True for 1.
        first: (n,) scores of the first model, finite; larger ones speak for 1.
        second: (n,) of the second, on the same rows.
        products: (n,) which product each row belongs to; rows are taken as independent when left out.

    Raises:
        ValueError: when the arrays differ in length.
    """
    lengths = {len(values) for values in (labels, first, second, labels if products is None else products)}
    if len(lengths) > 1:
        raise ValueError(f"labels, scores and products differ in length: {', '.join(map(str, sorted(lengths)))}")
    positives = int(labels.sum())
    negatives = len(labels) - positives
    groups = np.arange(len(labels)) if products is None else np.unique(products, return_inverse=True)[1]
    clusters = None if products is None else len(np.unique(products))
    if not positives or not negatives:
        reason = Reason.ONE_CLASS_OF.format(value=0 if positives else 1, count=len(labels))
        return DelongTest(None, None, None, None, None, None, None, positives, negatives, clusters, reason)
    aucs, components = zip(*(_components(labels, scores) for scores in (first, second)), strict=True)
    difference = float(aucs[0] - aucs[1])
    reason, variance = _variance(labels, components[0] - components[1], groups, clustered=products is not None)
    low = high = z = p_value = None
    if not reason:
        error = float(np.sqrt(variance))
        z = difference / error
        low, high = difference - _TWO_SIDED_95 * error, difference + _TWO_SIDED_95 * error
        p_value = float(2 * norm.sf(abs(z)))
    return DelongTest(aucs[0], aucs[1], difference, low, high, z, p_value, positives, negatives, clusters, reason)


def _components(labels: Bools, scores: Floats) -> tuple[float, Floats]:
    """AUC, and the structural component of each row less the AUC, (n,): V10 of rows of 1, V01 of rows of 0."""
    places, num_values = place_scores(scores, labels)
    ones, zeros = places[labels], places[~labels]
    of_ones, of_zeros = win_shares(
        np.bincount(ones, minlength=num_values), np.bincount(zeros, minlength=2 * num_values + 1)
    )
    shares = np.empty(len(labels))
    shares[labels], shares[~labels] = of_ones[ones], of_zeros[zeros]
    auc = float(shares[labels].mean())
    return auc, shares - auc


def place_scores(scores: Floats, is_one: Bools) -> tuple[Ints, int]:
    """Where every score lies among the v distinct scores of one group.

    Args:
        scores: (n,) finite.
        is_one: (n,) which of them are of that group.

    Returns:
        (n,) places, and v. A score of the group has its value's index, 0 to v - 1; any other score has 2 i + 1 where it
        is the i-th value, and 2 i where it lies below that one and above those before it.
    """
    values, places_of_ones = np.unique(scores[is_one], return_inverse=True)
    places = np.empty(len(scores), np.int64)
    places[is_one] = places_of_ones
    others = scores[~is_one]
    places[~is_one] = sum(np.searchsorted(values, others, side=side) for side in ("left", "right"))
    return places, len(values)


def win_shares(counts: Ints, places: Ints) -> tuple[Floats, Floats]:
    """DeLong's structural components: the share of its pairs that a score wins for its group, ties counting half.

    A pair is one score of a group and one of the other group; the first group should score higher.

    Args:
        counts: (v,) how many of the first group have each of v values, lowest first.
        places: (2 v + 1,) how many of the second lie below the first value, on it, between it and the next, ...

    Returns:
        (v,) share of the second group that each value beats, and (2 v + 1,) share of the first that beats each place;
        in [0, 1].
    """
    first, second = counts.sum(), places.sum()
    wins = (places.cumsum()[1::2] - places[1::2] / 2) / second
    passed = np.concatenate([[0], counts.cumsum()])  # of the first group, below each gap between values
    losses = np.empty(len(places))
    losses[::2], losses[1::2] = (first - passed) / first, (first - passed[1:] + counts / 2) / first
    return wins, losses


def _variance(labels: Bools, components: Floats, groups: Ints, *, clustered: bool) -> tuple[str, float]:
    """Variance of the difference of two AUCs from the differences of their components, or why there is none.

    Both papers: the covariance matrix of the AUCs is bilinear in the components, so that the variance of a difference
    is that of the components' differences.
    """
    total = 0.0
    sums = []
    for of_class in (labels, ~labels):
        parts = np.bincount(groups[of_class], components[of_class], minlength=int(groups.max()) + 1)
        count, units = int(of_class.sum()), len(np.unique(groups[of_class]))
        if units < 2:
            return Reason.ONE_PRODUCT_OF_CLASS if clustered else Reason.ONE_ROW_OF_CLASS, 0.0
        total += units / (units - 1) * float(parts @ parts) / count**2
        sums.append(parts / count)
    if clustered:
        units = len(np.unique(groups))
        total += 2 * units / (units - 1) * float(sums[0] @ sums[1])
    if total < _NO_VARIANCE:
        return Reason.NO_VARIANCE, 0.0
    return "", total
