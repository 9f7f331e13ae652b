"""Scores with 95% intervals: products are resampled, since the sequences of one product are not independent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from agpis.reasons import Reason
from analysis.metrics.ranking import Floats, Ints, Metric

LEAST_DEFINED = 0.9
"""Share of the resamples that must define a number; with fewer, no interval is better than half of one."""
# Counts of all products that are drawn at once, and resamples among them: more take memory, fewer take time.
_CHUNK, _FEWEST, _MOST = 2**24, 16, 100
# Resamples of `Bootstrap.for_rows`, for how many rows; what rows times resamples it spends on more, and the fewest that
# percentiles are read off.
_RESAMPLES, _FULL_ROWS, _BUDGET, _LEAST_RESAMPLES = 2000, 100_000, 100_000_000, 100
# Float32 counts to 2^24 exactly; a resample may weigh more than the table.
_FLOAT32_ROWS = 2**22


@dataclass(frozen=True, slots=True)
class Score:
    """One number with its 95% interval.

    Attributes:
        name: what was measured.
        value: the number; None where the data does not define it.
        low: 2.5th percentile over the resamples; None where more than a tenth of them do not define the number.
        high: 97.5th percentile.
        n: sequences it was measured on.
        products: products that these belong to: what is resampled.
        rejected: how many of the sequences were rejected; None where the score is not about telling these apart.
        reason: why there is no value or no interval; empty otherwise.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    products: int
    rejected: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """One number and what it is in every resample.

    Attributes:
        name: what was measured.
        value: of all rows; NaN where they do not define it.
        draws: (resamples,); NaN where a resample does not define it.
        n: as in `Score`, like what follows.
        products: resampled.
        rejected: among n.
        missing: why the value is not defined, in words; used when it is not.
    """

    name: str
    value: float
    draws: Floats
    n: int
    products: int
    rejected: int | None = None
    missing: str = Reason.NOT_DEFINED

    def score(self) -> Score:
        """The number with its percentile interval."""
        known = bool(np.isfinite(self.value))
        defined = float(np.isfinite(self.draws).mean()) if len(self.draws) else 0.0
        low, high, reason = None, None, ""
        if not known:
            reason = self.missing
        elif defined < LEAST_DEFINED:
            reason = Reason.NO_INTERVAL.format(share=f"{1 - defined:.0%}", count=len(self.draws))
        else:
            low, high = (float(end) for end in np.nanquantile(self.draws, [0.025, 0.975]))
        value = float(self.value) if known else None
        return Score(self.name, value, low, high, self.n, self.products, self.rejected, reason)

    def minus(self, other: Drawn) -> Drawn:
        """The difference of two numbers of the same rows and resamples: the interval of `score` is then paired."""
        missing = self.missing if not np.isfinite(self.value) else other.missing
        draws = self.draws - other.draws
        return Drawn(self.name, self.value - other.value, draws, self.n, self.products, self.rejected, missing)


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How intervals are made: a percentile bootstrap over products.

    Attributes:
        resamples: at least 1.
        seed: draws them. Equal seeds and numbers of products give equal resamples.
    """

    resamples: int = 1000
    seed: int = 0

    @classmethod
    def for_rows(cls, rows: int, seed: int = 0) -> Bootstrap:
        """2,000 resamples, fewer for more than 100,000 rows, 100 from a million on, where intervals are narrow."""
        return cls(_RESAMPLES if rows <= _FULL_ROWS else max(_LEAST_RESAMPLES, _BUDGET // rows), seed)

    def draws(self, statistics: Callable[[Floats], Floats], clusters: int, rows: int) -> Floats:
        """M numbers in every resample.

        Args:
            statistics: (clusters, R) how often each product counts -> (M, R).
            clusters: number of products, at least 1.
            rows: number of sequences.

        Returns:
            (M, resamples)
        """
        kind = np.float32 if rows <= _FLOAT32_ROWS else np.float64
        rng = np.random.default_rng([self.seed, clusters])
        size = min(_MOST, max(_FEWEST, _CHUNK // clusters))
        parts = []
        for start in range(0, self.resamples, size):
            counts = np.empty((min(size, self.resamples - start), clusters), kind)
            for one in counts:
                one[:] = np.bincount(rng.integers(clusters, size=clusters), minlength=clusters)
            parts.append(statistics(np.ascontiguousarray(counts.T)))
        return np.concatenate(parts, axis=1)

    def score(self, name: str, metric: Metric, labels: Ints, scores: Floats, products: Sequence[str]) -> Score:
        """A metric of `analysis.metrics.ranking` with its interval.

        Args:
            name: what is measured.
            metric: of labels, scores and weights.
            labels: (n,) 0 or 1.
            scores: (n,).
            products: the n SKUs.
        """
        return self.any_score(name, lambda weights: metric(labels, scores, weights), products)

    def any_score(self, name: str, metric: Callable[[Floats], Floats], products: Sequence[str]) -> Score:
        """`score` for whatever can be told from (R, n) weights of the sequences."""
        n = len(products)
        unique, cluster = np.unique(np.asarray(products, dtype=str), return_inverse=True)
        if not n:
            return Score(name, None, None, None, 0, 0, reason=Reason.NO_ROWS)
        value = float(metric(np.ones((1, n)))[0])
        draws = np.concatenate([metric(counts[:, cluster]) for counts in self._counts(len(unique))])
        return Drawn(name, value, draws, n, len(unique)).score()

    def _counts(self, clusters: int) -> Iterator[Floats]:
        """(R, clusters) counts, all resamples in parts. Slower than `draws`, but published intervals come from it."""
        rng = np.random.default_rng([self.seed, clusters])
        for start in range(0, self.resamples, _MOST):
            rows = min(_MOST, self.resamples - start)
            yield rng.multinomial(clusters, np.full(clusters, 1 / clusters), size=rows).astype(np.float64)
