"""What every threshold th^t would have done with the reviewed sequences (section 5.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agpis.reasons import Reason
from analysis.errors import AnalysisError
from analysis.operating_point.costs import CostModel
from analysis.operating_point.sample import ReviewedSample
from analysis.predictions import Floats, Ints
from analysis.rates import wilson_interval


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What one threshold does with n reviewed sequences; a sequence with p^t >= th^t is submitted.

    The interval takes sequences as independent. It is too narrow where products have several.

    Attributes:
        threshold: th^t.
        n: reviewed sequences.
        submitted: how many have p^t >= th^t.
        rejected: how many of the submitted were rejected.
        accepted: how many of the submitted were accepted.
        missed_good: accepted by the reviewer, but withheld.
        reject_rate: rejected / submitted, in [0, 1]; None where nothing is submitted.
        reject_rate_interval: Wilson's, of 95%; None where nothing is submitted.
        recall: accepted / good sequences, in [0, 1]; None where no sequence is good.
        submitted_share: submitted / n, in [0, 1].
        accepted_share: accepted / n, in [0, 1].
        reviewer_hours: for all submitted; None without a cost model.
        profit: of all n, in the cost model's currency; None without one.
        reason: why a figure is None; empty when none is.
    """

    threshold: float
    n: int
    submitted: int
    rejected: int
    accepted: int
    missed_good: int
    reject_rate: float | None
    reject_rate_interval: tuple[float, float] | None
    recall: float | None
    submitted_share: float
    accepted_share: float
    reviewer_hours: float | None = None
    profit: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class OperatingCurve:
    """All thresholds that tell the n sequences apart: the m distinct p^t, the strictest first.

    Attributes:
        thresholds: (m,) falling.
        submitted: (m,) sequences with p^t >= the threshold; rising, at least 1.
        rejected: (m,) how many of these were rejected.
        n: reviewed sequences.
        good: how many of them were accepted by the reviewer.
    """

    thresholds: Floats
    submitted: Ints
    rejected: Ints
    n: int
    good: int

    @property
    def accepted(self) -> Ints:
        """(m,) submitted and accepted."""
        return self.submitted - self.rejected

    @property
    def reject_rate(self) -> Floats:
        """(m,) of the submitted, in [0, 1]."""
        return np.asarray(self.rejected / self.submitted, np.float64)

    @property
    def missed_good(self) -> Ints:
        """(m,) accepted by the reviewer, but withheld."""
        return self.good - self.accepted

    def reject_rate_interval(self, confidence: float = 0.95) -> tuple[Floats, Floats]:
        """Wilson's interval of every reject rate, (m,) each."""
        return wilson_interval(self.rejected, self.submitted, confidence)

    def reviewer_hours(self, costs: CostModel) -> Floats:
        """(m,) hours for all submitted sequences."""
        return np.asarray(self.submitted * (costs.review_minutes / 60), np.float64)

    def profit(self, costs: CostModel) -> Floats:
        """(m,) of all n sequences: accepted ones earn; rejected ones, reviews and withheld ones cost."""
        return costs.profit(self.accepted, self.rejected, self.n - self.submitted)

    def at(self, threshold: float, costs: CostModel | None = None) -> OperatingPoint:
        """What any threshold does, also one that is no p^t of the sample.

        Raises:
            AnalysisError: when the threshold lies outside [0, 1].
        """
        if not 0 <= threshold <= 1:
            raise AnalysisError(f"a threshold must lie in [0, 1], got {threshold}")
        # How many distinct p^t are >= the threshold; these fall, so they come first.
        above = int(np.searchsorted(-self.thresholds, -threshold, side="right"))
        submitted, rejected = (int(self.submitted[above - 1]), int(self.rejected[above - 1])) if above else (0, 0)
        low, high = wilson_interval([rejected], [submitted])
        reasons = [] if submitted else [Reason.NONE_SUBMITTED]
        reasons += [] if self.good else [Reason.NONE_GOOD]
        accepted = submitted - rejected
        return OperatingPoint(
            threshold=float(threshold),
            n=self.n,
            submitted=submitted,
            rejected=rejected,
            accepted=accepted,
            missed_good=self.good - accepted,
            reject_rate=rejected / submitted if submitted else None,
            reject_rate_interval=(float(low[0]), float(high[0])) if submitted else None,
            recall=accepted / self.good if self.good else None,
            submitted_share=submitted / self.n,
            accepted_share=accepted / self.n,
            reviewer_hours=submitted * costs.review_minutes / 60 if costs else None,
            profit=float(costs.profit(accepted, rejected, self.n - submitted)) if costs else None,
            reason="; ".join(reasons),
        )


def operating_curve(sample: ReviewedSample) -> OperatingCurve:
    """Every threshold that tells the sample's sequences apart; sequences of equal p^t are submitted together.

    Raises:
        AnalysisError: when the sample is empty.
    """
    if not len(sample):
        raise AnalysisError("a curve of thresholds needs at least one reviewed sequence, got none")
    order = np.argsort(-sample.p_t, kind="stable")
    scores = sample.p_t[order]
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    return OperatingCurve(
        thresholds=scores[last],
        submitted=(last + 1).astype(np.int64),
        rejected=sample.rejected[order].cumsum()[last].astype(np.int64),
        n=len(sample),
        good=int((~sample.rejected).sum()),
    )
