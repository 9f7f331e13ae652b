"""Intervals of a share that was counted in independent trials."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from analysis.predictions import Floats, Ints


def wilson_interval(count: npt.ArrayLike, total: npt.ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Wilson's score interval, for many shares at once; NaN where `total` is 0.

    Args:
        count: (m,) successes.
        total: (m,) trials.
        confidence: in (0, 1).

    Returns:
        Lower and upper ends, (m,) each, in [0, 1].
    """
    count, total = np.asarray(count, np.float64), np.asarray(total, np.float64)
    z = float(stats.norm.ppf((1 + confidence) / 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = count / total
        centre = (share + z**2 / (2 * total)) / (1 + z**2 / total)
        half = z / (1 + z**2 / total) * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    return np.clip(centre - half, 0.0, 1.0), np.clip(centre + half, 0.0, 1.0)


def upper_bound(count: int, total: int, delta: float) -> float:
    """One-sided exact bound of Clopper and Pearson: the true share is above it with a chance of at most `delta`.

    Args:
        count: successes.
        total: trials; without any the bound is 1.
        delta: in (0, 1).
    """
    return 1.0 if count >= total else float(stats.beta.ppf(1 - delta, count + 1, total - count))


def at_most_p_values(count: Ints, total: Ints, limit: float) -> Floats:
    """P-value of "the true share is above `limit`": the chance of so few successes at a share of `limit`.

    It is at most d exactly where `upper_bound(count, total, d)` is at most `limit`. Without trials it is 1.
    """
    return np.asarray(stats.binom.cdf(count, total, limit), np.float64)
