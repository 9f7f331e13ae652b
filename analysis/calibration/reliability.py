"""Whether p^t means what it says: reliability diagram, calibration error, Brier score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.errors import AnalysisError
from analysis.predictions import Bools, Floats, Ints
from analysis.rates import wilson_interval


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Sequences of similar p^t.

    Attributes:
        lowest: smallest p^t among them.
        highest: largest.
        mean_p_t: their mean p^t, in [0, 1].
        accepted_share: share of them that was accepted, in [0, 1].
        interval: Wilson's, of 95%, taking sequences as independent.
        n: how many they are, at least 1.
    """

    lowest: float
    highest: float
    mean_p_t: float
    accepted_share: float
    interval: tuple[float, float]
    n: int


@dataclass(frozen=True, slots=True)
class BrierScore:
    """Mean squared distance of p^t from 1 (accepted) or 0 (rejected), and what it is made of (Murphy, 1973).

    value = reliability - resolution + uncertainty + within_bins, exactly.

    Attributes:
        value: in [0, 1], 0 is best.
        reliability: mean squared distance of a bin's mean p^t from its accepted share; 0 where p^t is calibrated.
        resolution: mean squared distance of a bin's accepted share from the share of all; more is better.
        uncertainty: share * (1 - share) of all; of the data alone.
        within_bins: what p^t tells apart inside bins; 0 where the sequences of a bin have one p^t.
    """

    value: float
    reliability: float
    resolution: float
    uncertainty: float
    within_bins: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far p^t is from the share that is accepted.

    Attributes:
        bins: of about equal counts, lowest p^t first.
        ece: expected calibration error: mean distance of a bin's mean p^t from its accepted share, weighed by count.
        brier: Brier score.
        n: reviewed sequences.
    """

    bins: tuple[ReliabilityBin, ...]
    ece: float
    brier: BrierScore
    n: int


def equal_count_bins(p_t: Floats, bins: int) -> Ints:
    """(n,) bin of every sequence, from 0; equal p^t share a bin, so that there may be fewer bins than asked for.

    Raises:
        AnalysisError: when fewer than one bin is asked for, or there is no sequence.
    """
    if bins < 1:
        raise AnalysisError(f"bins must be at least 1, got {bins}")
    if not len(p_t):
        raise AnalysisError("a reliability diagram needs at least one reviewed sequence, got none")
    highest = np.quantile(p_t, np.arange(1, bins) / bins, method="inverted_cdf")
    filled = np.searchsorted(np.unique(highest), p_t, side="left")
    return np.unique(filled, return_inverse=True)[1].astype(np.int64)


def reliability(p_t: Floats, qualified: Bools, bins: int = 15) -> Reliability:
    """Compare p^t with what reviewers said.

    Args:
        p_t: (n,) in [0, 1].
        qualified: (n,) whether it was accepted.
        bins: of about equal counts.

    Raises:
        AnalysisError: when fewer than one bin is asked for, or there is no sequence.
    """
    where = equal_count_bins(p_t, bins)
    counts = np.bincount(where)
    accepted = np.bincount(where, qualified)
    means, shares = np.bincount(where, p_t) / counts, accepted / counts
    low, high = wilson_interval(accepted, counts)
    order = np.argsort(p_t, kind="stable")
    ends = counts.cumsum()
    lowest, highest = p_t[order][ends - counts], p_t[order][ends - 1]
    found = tuple(
        ReliabilityBin(float(first), float(last), float(mean), float(share), (float(down), float(up)), int(n))
        for first, last, mean, share, down, up, n in zip(lowest, highest, means, shares, low, high, counts, strict=True)
    )
    weights = counts / len(p_t)
    ece = float((weights * np.abs(means - shares)).sum())
    return Reliability(found, ece, _brier(p_t, qualified, weights, means, shares), len(p_t))


def _brier(p_t: Floats, qualified: Bools, weights: Floats, means: Floats, shares: Floats) -> BrierScore:
    value = float(np.square(p_t - qualified).mean())
    share = float(qualified.mean())
    apart = float((weights * np.square(means - shares)).sum())
    resolution = float((weights * np.square(shares - share)).sum())
    uncertainty = share * (1 - share)
    return BrierScore(value, apart, resolution, uncertainty, value - (apart - resolution + uncertainty))
