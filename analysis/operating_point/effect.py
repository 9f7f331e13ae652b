"""What a threshold does, with intervals that respect products, and with hours and profit of a month's sequences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.errors import AnalysisError
from analysis.metrics.bootstrap import Bootstrap, Drawn, Score
from analysis.metrics.ranking import Floats
from analysis.operating_point.costs import CostModel
from analysis.operating_point.curve import OperatingPoint, operating_curve
from analysis.operating_point.sample import ReviewedSample, Source


@dataclass(frozen=True, slots=True)
class Effect:
    """What one threshold does. Every interval is of 95% and comes from resampling products.

    Attributes:
        point: the counts behind it.
        source: the sequences it was measured on.
        volume: sequences that hours and profit are told of.
        reject_rate: of the submitted, in [0, 1].
        submitted_share: of all, in [0, 1].
        recall: submitted ones of the good sequences, in [0, 1].
        reviewer_hours: to review what is submitted of `volume` sequences.
        profit: of `volume` sequences, in the currency of the cost model.
    """

    point: OperatingPoint
    source: Source
    volume: int
    reject_rate: Score
    submitted_share: Score
    recall: Score
    reviewer_hours: Score
    profit: Score


def measure_effect(
    sample: ReviewedSample, threshold: float, costs: CostModel, volume: int, bootstrap: Bootstrap | None = None
) -> Effect:
    """Measure a threshold on reviewed sequences.

    Args:
        sample: of one split.
        threshold: th^t in [0, 1].
        costs: what everything is worth.
        volume: sequences that hours and profit are told of, at least 1.
        bootstrap: how intervals are made; `Bootstrap.for_rows` when left out.

    Raises:
        AnalysisError: when the threshold or the volume is out of range, or the sample is empty.
    """
    if volume < 1:
        raise AnalysisError(f"hours and profit must be of at least 1 sequence, got {volume}")
    bootstrap = bootstrap or Bootstrap.for_rows(len(sample))
    point = operating_curve(sample).at(threshold, costs)
    counts = _counts_by_product(sample, threshold)

    def figures(weights: Floats) -> Floats:
        submitted, rejected, good, total = counts.astype(weights.dtype) @ weights
        accepted = submitted - rejected
        with np.errstate(invalid="ignore", divide="ignore"):
            share = submitted / total
            hours = share * (volume * costs.review_minutes / 60)
            profit = costs.profit(accepted, rejected, total - submitted) / total * volume
            return np.stack([rejected / submitted, share, accepted / good, hours, profit])

    products = counts.shape[1]
    values = figures(np.ones((products, 1)))[:, 0]
    draws = bootstrap.draws(figures, products, len(sample))
    names = ("reject rate", "submitted share", "recall", "reviewer hours", "profit")
    missing = {"reject rate": "nothing is submitted", "recall": "no sequence is good"}
    scores = [
        Drawn(name, float(value), drawn, point.n, products, missing=missing.get(name, "")).score()
        for name, value, drawn in zip(names, values, draws, strict=True)
    ]
    return Effect(point, sample.source, volume, *scores)


def _counts_by_product(sample: ReviewedSample, threshold: float) -> Floats:
    """(4, products): submitted, rejected among these, good, all."""
    _, product = np.unique(sample.products, return_inverse=True)
    submitted = sample.p_t >= threshold
    columns = (submitted, submitted & sample.rejected, ~sample.rejected, np.ones(len(sample)))
    return np.stack([np.bincount(product, weights=column) for column in columns])
