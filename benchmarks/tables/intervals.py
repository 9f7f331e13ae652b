"""The paper's columns with resamples, so that rows can be compared sequence by sequence.

All rows are scored on the same test sequences, and every resample draws the same products for all of them: the interval
of a difference between two rows is that of the paired difference. Each resample also draws among the trainings (seeds)
of a row, since the next training would come out otherwise. With two or three seeds this understates their spread.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.metrics.ranking import Floats, Ints, Metric, auc, recall_at
from benchmarks.tables.dataset import CATEGORIES, Reviewed
from benchmarks.tables.rows import COLUMNS

_CHUNK = 100
# Fewer resamples that define a number than this, and half of its interval would be a guess.
_LEAST_DEFINED = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """A number with what it would have been in each resample.

    Attributes:
        value: on the test split; NaN where it is not defined.
        draws: (R,) in the resamples; NaN where one does not define it.
    """

    value: float
    draws: Floats

    def __sub__(self, other: Resampled) -> Resampled:
        return Resampled(self.value - other.value, self.draws - other.draws)

    @property
    def interval(self) -> Interval:
        """The number with its 95% interval."""
        defined = np.isfinite(self.draws)
        if not np.isfinite(self.value) or defined.mean() < _LEAST_DEFINED:
            return Interval(float(self.value) if np.isfinite(self.value) else None, None, None)
        low, high = np.quantile(self.draws[defined], [0.025, 0.975])
        return Interval(float(self.value), float(low), float(high))


@dataclass(frozen=True, slots=True)
class Interval:
    """A number with its 95% percentile interval.

    Attributes:
        value: None where the data does not define it.
        low: 2.5th percentile; None where too few resamples define it.
        high: 97.5th percentile.
    """

    value: float | None
    low: float | None
    high: float | None


def mean_of(numbers: Sequence[Resampled]) -> Resampled:
    """Their mean, resample by resample."""
    return _combined(numbers, np.mean)


def best_of(numbers: Sequence[Resampled]) -> Resampled:
    """The largest, resample by resample."""
    return _combined(numbers, np.max)


def _combined(numbers: Sequence[Resampled], how: Callable[..., Floats]) -> Resampled:
    return Resampled(
        float(how([number.value for number in numbers])), how(np.stack([number.draws for number in numbers]), axis=0)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Resampler:
    """Measures the columns of a row on one test split.

    Attributes:
        data: the test split.
        resamples: at least 1.
        seed: draws them.
    """

    data: Reviewed
    resamples: int = 1000
    seed: int = 0

    def columns(self, key: str, scores: Sequence[Sequence[float]]) -> dict[str, Resampled]:
        """All columns of a row; a column of a category that nothing was rejected under is NaN.

        Args:
            key: of the row; its trainings are drawn apart from those of other rows.
            scores: for every training, p^t of the n test sequences.
        """
        everything = np.arange(len(self.data.test))
        metrics: list[tuple[Metric, Ints]] = [(auc, everything)]
        metrics += [(recall_at(precision), everything) for precision in (0.8, 0.85, 0.9)]
        metrics += [(auc, self.data.subset(category)) for category in CATEGORIES]
        values = np.array(scores, dtype=np.float64)
        trainings = self._trainings(key, len(values))
        return {
            name: self._resampled(metric, values, indices, trainings)
            for name, (metric, indices) in zip(COLUMNS, metrics, strict=True)
        }

    def _resampled(self, metric: Metric, values: Floats, indices: Ints, trainings: Ints) -> Resampled:
        """`values` (S, n), `trainings` (R, S)."""
        if not len(indices):
            return Resampled(float("nan"), np.full(self.resamples, np.nan))
        labels = self.data.qualified[indices]
        ones = np.ones((1, len(indices)))
        value = float(np.mean([metric(labels, one[indices], ones)[0] for one in values]))
        by_training = np.array(
            [
                np.concatenate([metric(labels, one[indices], weights[:, indices]) for weights in self._weights()])
                for one in values
            ]
        )  # (S, R)
        return Resampled(value, np.take_along_axis(by_training.T, trainings, axis=1).mean(axis=1))

    def _trainings(self, key: str, count: int) -> Ints:
        rng = np.random.default_rng([self.seed, zlib.crc32(key.encode())])
        return rng.integers(count, size=(self.resamples, count))

    def _weights(self) -> Iterator[Floats]:
        """(at most 100, n): how often each sequence's product was drawn."""
        unique, cluster = np.unique(np.asarray(self.data.products, dtype=str), return_inverse=True)
        rng = np.random.default_rng(self.seed)
        for start in range(0, self.resamples, _CHUNK):
            rows = min(_CHUNK, self.resamples - start)
            counts = rng.multinomial(len(unique), np.full(len(unique), 1 / len(unique)), size=rows)
            yield counts[:, cluster].astype(np.float64)
