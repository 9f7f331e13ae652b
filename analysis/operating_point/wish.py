"""What a person asks of th^t, as one value that can be kept, compared and carried out."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.errors import AnalysisError
from analysis.operating_point.choices import (
    Choice,
    Goal,
    NoThreshold,
    choose_by_precision,
    choose_by_profit,
    choose_by_reject_rate,
    choose_guaranteed,
)
from analysis.operating_point.costs import CostModel
from analysis.operating_point.sample import ReviewedSample
from analysis.rates import share_of


@dataclass(frozen=True, slots=True)
class Wish:
    """A goal with what it needs; every share is in per cent, as people say it.

    Attributes:
        goal: any but `Goal.HAND`, which is no rule.
        most_rejected: largest reject rate, for the goals of a reject rate, above 0 and below 100.
        least_accepted: share of the submitted that must be accepted, for the goal of a precision.
        confidence: that the promise holds, for the goal of a guarantee.
        costs: what everything is worth, for the goal of a profit.
    """

    goal: Goal
    most_rejected: float = 10.0
    least_accepted: float = 90.0
    confidence: float = 95.0
    costs: CostModel = CostModel()  # noqa: RUF009

    def choose(self, sample: ReviewedSample) -> Choice | NoThreshold:
        """Carry it out.

        Raises:
            AnalysisError: when a share lies outside its range, the sample is empty, or the goal is no rule.
        """
        if self.goal is Goal.REJECT_RATE:
            return choose_by_reject_rate(sample, share_of(self.most_rejected))
        if self.goal is Goal.PRECISION:
            return choose_by_precision(sample, share_of(self.least_accepted))
        if self.goal is Goal.PROFIT:
            return choose_by_profit(sample, self.costs)
        if self.goal is Goal.GUARANTEE:
            return choose_guaranteed(sample, share_of(self.most_rejected), share_of(100 - self.confidence))
        raise AnalysisError(f"no rule chooses a threshold {self.goal}; take one of the other goals")
