"""Scores with intervals: products are resampled, since the sequences of one product are not independent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.muisc.metrics import Floats, Ints, Metric

# Resamples that are weighed at once; more would only take more memory.
_CHUNK = 100


@dataclass(frozen=True, slots=True)
class Score:
    """One number with its 95% interval.

    Attributes:
        name: what was measured.
        value: the number; None where the data does not define it.
        low: 2.5th percentile over the resamples; None where most of them do not define the number.
        high: 97.5th percentile.
        n: sequences it was measured on.
        products: products that these belong to: what is resampled.
        rejected: how many of the sequences were rejected; None where the score is not about telling these apart.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    products: int
    rejected: int | None = None


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How intervals are made: a percentile bootstrap over products.

    Attributes:
        resamples: at least 1.
        seed: draws them.
    """

    resamples: int = 1000
    seed: int = 0

    def score(self, name: str, metric: Metric, labels: Ints, scores: Floats, products: Sequence[str]) -> Score:
        """A metric of `benchmarks.muisc.metrics` with its interval.

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
            return Score(name, None, None, None, 0, 0)
        value = float(metric(np.ones((1, n)))[0])
        draws = np.concatenate([metric(counts[:, cluster]) for counts in self._counts(len(unique))])
        # Resamples without any sample of one class say nothing; with many of them, no interval is better than half.
        defined = np.isfinite(draws).mean() >= 0.9
        low, high = np.nanquantile(draws, [0.025, 0.975]) if defined else (np.nan, np.nan)
        return Score(name, _known(value), _known(low), _known(high), n, len(unique))

    def _counts(self, clusters: int) -> Iterator[npt.NDArray[np.float64]]:
        rng = np.random.default_rng([self.seed, clusters])
        for start in range(0, self.resamples, _CHUNK):
            rows = min(_CHUNK, self.resamples - start)
            yield rng.multinomial(clusters, np.full(clusters, 1 / clusters), size=rows).astype(np.float64)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
