"""Exact one-sided bounds of a share that was counted in independent trials; Wilson's interval is in analysis.rates."""

from __future__ import annotations

import numpy as np
from scipy import stats

from analysis.predictions import Floats, Ints


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
