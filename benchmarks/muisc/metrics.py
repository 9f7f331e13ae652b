"""Binary metrics under many weightings at once, which is what a bootstrap needs.

Every function takes `labels` (n,) of 0 and 1, `scores` (n,) of which larger ones speak for 1, and `weights` (R, n):
how often each sample counts in each of R resamples. It gives (R,); NaN where a resample leaves it undefined.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Metric = Callable[[Ints, Floats, Floats], Floats]


def auc(labels: Ints, scores: Floats, weights: Floats) -> Floats:
    """Probability that a sample of 1 scores above one of 0, ties counting half; in [0, 1]."""
    positive, negative = _grouped(labels, scores, weights)
    below = negative.cumsum(axis=1) - negative
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    return _ratio((positive * (below + negative / 2)).sum(axis=1), pairs)


def average_precision(labels: Ints, scores: Floats, weights: Floats) -> Floats:
    """Mean precision over the recalled samples of 1, in [0, 1]; samples of equal score are found together."""
    found, precision = _curve(labels, scores, weights)
    gained = np.diff(found, axis=1, prepend=0.0)
    return _ratio((gained * np.nan_to_num(precision)).sum(axis=1), found[:, -1])


def recall_at(least_precision: float) -> Metric:
    """Largest recall of a threshold with at least this precision, in [0, 1]; 0 where no threshold has it."""

    def recall(labels: Ints, scores: Floats, weights: Floats) -> Floats:
        found, precision = _curve(labels, scores, weights)
        # A share that is exactly the limit must not fail by rounding.
        reached = np.where(precision >= least_precision - 1e-12, found, 0.0)
        return _ratio(reached.max(axis=1), found[:, -1])

    return recall


def mean(labels: Ints, scores: Floats, weights: Floats) -> Floats:
    """Weighted mean of `scores`; labels are not looked at."""
    return _ratio(weights @ scores, weights.sum(axis=1))


def _curve(labels: Ints, scores: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """True positives and precision at every distinct score as the threshold, highest first; both (R, thresholds)."""
    positive, negative = (part[:, ::-1].cumsum(axis=1) for part in _grouped(labels, scores, weights))
    return positive, _ratio(positive, positive + negative)


def _grouped(labels: Ints, scores: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Weight of the samples of 1 and of 0 at every distinct score, lowest first."""
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=-np.inf))
    ordered = weights[:, order]
    is_one = labels[order] == 1
    return np.add.reduceat(ordered * is_one, starts, axis=1), np.add.reduceat(ordered * ~is_one, starts, axis=1)


def _ratio(part: Floats, whole: Floats) -> Floats:
    undefined: Floats = np.full(np.broadcast(part, whole).shape, np.nan)
    np.divide(part, whole, out=undefined, where=whole > 0)
    return undefined
