"""AUC, average precision and recall at a precision (section 4.2) under many weightings at once, as a bootstrap needs.

Samples are sorted once. What is kept is, for every score of a sample of 1 taken as the threshold, how many samples of
each cluster it gains; a weighting of the clusters then costs one sparse product.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int64]
Metric = Callable[[Ints, Floats, Floats], Floats]
"""Labels (n,) of 0 and 1, scores (n,), weights (R, n) -> (R,); NaN where a weighting leaves it undefined."""

# Thresholds times weightings that are held at once: they should stay in a processor's cache.
_CHUNK = 2**19
_FEW_THRESHOLDS = 2**14
_ROUNDING = 1e-12  # a precision that is exactly the limit must not fail by rounding


@dataclass(frozen=True, slots=True, eq=False)
class WeightedCurve:
    """Counts at m falling thresholds, the distinct scores of the samples of 1, under R weightings.

    Attributes:
        gained: (R, m) weight of 1 that scores exactly the threshold.
        found: (R, m) weight of 1 that reaches it.
        false: (R, m) weight of 0 that reaches it.
        precision: (R, m) share of 1 in what reaches it; 0 where nothing does.
        ties: (R,) pairs of equal score, one of 1 and one of 0.
        positives: (R,) weight of 1.
        negatives: (R,) weight of 0.
    """

    gained: Floats
    found: Floats
    false: Floats
    precision: Floats
    ties: Floats
    positives: Floats
    negatives: Floats

    def auc(self) -> Floats:
        """(R,) probability that a sample of 1 scores above one of 0, ties counting half; NaN without both."""
        pairs = self.positives.astype(np.float64) * self.negatives
        return ratio(pairs - _summed(self.gained, self.false) + self.ties / 2, pairs)

    def average_precision(self) -> Floats:
        """(R,) mean precision over the samples of 1, those of equal score found together; NaN without both."""
        return self._of_both(ratio(_summed(self.gained, self.precision), self.positives))

    def recall_at(self, least_precision: float) -> Floats:
        """(R,) largest recall of a threshold with at least this precision, 0 where none has it; NaN without both."""
        if not self.precision.shape[1]:
            return np.full(len(self.positives), np.nan)
        # The lowest such threshold has the largest recall.
        backwards = (self.precision >= least_precision - _ROUNDING)[:, ::-1]
        last = backwards.argmax(axis=1)[:, None]
        found = np.take_along_axis(self.found[:, ::-1], last, axis=1) * np.take_along_axis(backwards, last, axis=1)
        return self._of_both(ratio(found[:, 0], self.positives))

    def _of_both(self, values: Floats) -> Floats:
        """With one class alone precision says nothing."""
        return np.where(self.negatives > 0, values, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Samples of K clusters, sorted by score once to be weighed many times; m as in `WeightedCurve`.

    Attributes:
        gained: sparse (m, K) samples of 1 of each cluster at each threshold.
        false: sparse (m, K) samples of 0 below the threshold before, but not below this one.
        ties: thresholds that samples of 0 score exactly.
        tied: sparse (len(ties), K) these samples.
        positives: (K,) samples of 1.
        negatives: (K,) samples of 0.
    """

    gained: Any
    false: Any
    ties: Ints
    tied: Any
    positives: Floats
    negatives: Floats

    @classmethod
    def of(cls, labels: Ints, scores: Floats, clusters: Ints, num_clusters: int) -> Ranking:
        """Sort samples.

        Args:
            labels: (n,) 0 or 1, or booleans.
            scores: (n,) finite; larger ones speak for 1.
            clusters: (n,) which cluster each sample belongs to, 0 to K - 1.
            num_clusters: K.
        """
        is_one = np.asarray(labels) == 1
        rising = np.unique(scores[is_one])
        ones = clusters[is_one]
        # A sample of 0 below all thresholds is never found.
        counted = ~is_one & (scores >= rising[0]) if len(rising) else np.zeros(len(scores), np.bool_)
        zeros, scores_of_zeros = clusters[counted], scores[counted]
        reached = np.searchsorted(rising, scores_of_zeros, side="right")
        is_tied = rising[reached - 1] == scores_of_zeros if len(rising) else counted[counted]
        place = len(rising) - reached
        ties, tied = np.unique(place[is_tied], return_inverse=True)
        shape = (len(rising), num_clusters)
        negatives = np.bincount(clusters, minlength=num_clusters) - np.bincount(ones, minlength=num_clusters)
        return cls(
            _counts(len(rising) - 1 - np.searchsorted(rising, scores[is_one]), ones, shape),
            _counts(place, zeros, shape),
            ties,
            _counts(tied, zeros[is_tied], (len(ties), num_clusters)),
            np.bincount(ones, minlength=num_clusters).astype(np.float64),
            negatives.astype(np.float64),
        )

    def weighed(self, weights: Floats) -> WeightedCurve:
        """The curve under weights (K, R); their kind of float is that of the counts, so float32 holds up to 2^24."""
        gained, false, tied = (
            np.ascontiguousarray((part @ weights).T) for part in (self.gained, self.false, self.tied)
        )
        ties = _summed(gained[:, self.ties], tied)
        found, false = gained.cumsum(axis=1), np.cumsum(false, axis=1, out=false)
        reached = found + false
        precision = np.divide(found, reached, out=np.zeros_like(found), where=reached > 0)
        positives, negatives = (part.astype(weights.dtype) @ weights for part in (self.positives, self.negatives))
        return WeightedCurve(gained, found, false, precision, ties, positives, negatives)

    def measured(self, weights: Floats, numbers: Callable[[WeightedCurve], Floats]) -> Floats:
        """Numbers (M, R) of the curve under weights (K, R), for a few weightings at once where thresholds are many."""
        step = max(1, _CHUNK // max(self.gained.shape[0], 1))
        parts = (weights[:, start : start + step] for start in range(0, weights.shape[1], step))
        return np.concatenate([numbers(self.weighed(np.ascontiguousarray(part))) for part in parts], axis=1)


def auc(labels: Ints, scores: Floats, weights: Floats) -> Floats:
    """`WeightedCurve.auc` as a `Metric`."""
    return _curve(labels, scores, weights).auc()


def average_precision(labels: Ints, scores: Floats, weights: Floats) -> Floats:
    """`WeightedCurve.average_precision` as a `Metric`."""
    return _curve(labels, scores, weights).average_precision()


def recall_at(least_precision: float) -> Metric:
    """`WeightedCurve.recall_at` as a `Metric`."""

    def recall(labels: Ints, scores: Floats, weights: Floats) -> Floats:
        return _curve(labels, scores, weights).recall_at(least_precision)

    return recall


def mean(labels: Ints, scores: Floats, weights: Floats) -> Floats:
    """Weighted mean of `scores`; labels are not looked at."""
    return ratio(weights @ scores, weights.sum(axis=1))


def _curve(labels: Ints, scores: Floats, weights: Floats) -> WeightedCurve:
    return Ranking.of(labels, scores, np.arange(len(labels)), len(labels)).weighed(weights.T)


def _counts(rows: Ints, columns: Ints, shape: tuple[int, int]) -> Any:
    """Sparse matrix of how often each pair of row and column occurs; repeated entries add up in a product."""
    # A product runs through the columns, or through the rows: the few of either should stay in the cache meanwhile.
    by_column = shape[0] < _FEW_THRESHOLDS
    keys, others, length = (columns, rows, shape[1]) if by_column else (rows, columns, shape[0])
    if np.any(keys[1:] < keys[:-1]):
        order = np.argsort(keys, kind="stable")
        others = others[order]
    starts = np.concatenate([[0], np.bincount(keys, minlength=length).cumsum()]).astype(np.int32)
    entries = (np.ones(len(rows), np.float32), others.astype(np.int32), starts)
    return (sparse.csc_array if by_column else sparse.csr_array)(entries, shape=shape)


def _summed(one: Floats, other: Floats) -> Floats:
    """(R,) sums of the products of (R, m), in double precision."""
    return np.asarray(np.einsum("rm,rm->r", one, other, dtype=np.float64))


def ratio(part: Floats, whole: Floats) -> Floats:
    """Quotient; NaN where whole is 0."""
    undefined = np.full(np.broadcast(part, whole).shape, np.nan, np.result_type(part, whole))
    np.divide(part, whole, out=undefined, where=whole > 0)
    return undefined
