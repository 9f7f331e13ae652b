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

# Thresholds times weightings that are held at once, and the fewest weightings among them.
_CHUNK, _FEWEST = 2**22, 16
_ROUNDING = 1e-12  # a precision that is exactly the limit must not fail by rounding


@dataclass(frozen=True, slots=True, eq=False)
class WeightedCurve:
    """Counts at m falling thresholds, the distinct scores of the samples of 1, under R weightings.

    Attributes:
        gained: (R, m) weight of 1 that scores exactly the threshold.
        found: (R, m) weight of 1 that reaches it.
        false: (R, m) weight of 0 that reaches it.
        precision: (R, m) share of 1 in what reaches it; NaN where nothing does.
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
        below = self.negatives[:, None].astype(self.false.dtype) - self.false
        above = np.multiply(self.gained, below, out=below).sum(axis=1, dtype=np.float64) + self.ties / 2
        return ratio(above, self.positives.astype(np.float64) * self.negatives)

    def average_precision(self) -> Floats:
        """(R,) mean precision over the samples of 1, those of equal score found together; NaN without both."""
        # Where nothing reaches the threshold, nothing is gained.
        found: Floats = np.nansum(self.gained * self.precision, axis=1, dtype=np.float64)
        return self._of_both(ratio(found, self.positives))

    def recall_at(self, least_precision: float) -> Floats:
        """(R,) largest recall of a threshold with at least this precision, 0 where none has it; NaN without both."""
        reached = np.where(self.precision >= least_precision - _ROUNDING, self.found, 0)
        return self._of_both(ratio(reached.max(axis=1, initial=0), self.positives))

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
        ties = np.einsum("rm,rm->r", gained[:, self.ties], tied, dtype=np.float64)
        found, false = gained.cumsum(axis=1), np.cumsum(false, axis=1, out=false)
        precision = ratio(found, found + false)
        positives, negatives = (part.astype(weights.dtype) @ weights for part in (self.positives, self.negatives))
        return WeightedCurve(gained, found, false, precision, ties, positives, negatives)

    def measured(self, weights: Floats, numbers: Callable[[WeightedCurve], Floats]) -> Floats:
        """Numbers (M, R) of the curve under weights (K, R), for a few weightings at once where thresholds are many."""
        step = max(_FEWEST, _CHUNK // max(len(self.gained.indptr), 1))
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
    # Numbers of 16 bits are sorted several times faster.
    keys = rows.astype(np.uint16) if shape[0] <= np.iinfo(np.uint16).max else rows
    order = np.argsort(keys, kind="stable")
    starts = np.concatenate([[0], np.bincount(rows, minlength=shape[0]).cumsum()])
    return sparse.csr_array((np.ones(len(rows), np.float32), columns[order], starts), shape=shape)


def ratio(part: Floats, whole: Floats) -> Floats:
    """Quotient; NaN where whole is 0."""
    undefined = np.full(np.broadcast(part, whole).shape, np.nan, np.result_type(part, whole))
    np.divide(part, whole, out=undefined, where=whole > 0)
    return undefined
