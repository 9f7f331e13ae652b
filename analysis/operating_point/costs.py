"""What submitting, reviewing and withholding a sequence is worth, as an operator fills it in."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from agpis.reasons import Reason
from analysis.errors import AnalysisError
from analysis.predictions import Floats


@dataclass(frozen=True, slots=True)
class CostModel:
    """Money and time of one sequence. Every value is in one currency and at least 0; the defaults are only examples.

    Attributes:
        accepted_value: what an accepted sequence earns.
        rejected_cost: what a rejected one costs besides its review.
        review_minutes: how long a reviewer looks at a submitted one.
        reviewer_hour: what an hour of a reviewer costs.
        by_hand: what making the sequence by hand costs for each withheld one, less what that one earns; 0 when withheld
            products stay without a sequence.
    """

    accepted_value: float = 1.0
    rejected_cost: float = 1.0
    review_minutes: float = 1.0
    reviewer_hour: float = 20.0
    by_hand: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value >= 0):
                raise AnalysisError(f"{field.name} must be a number of at least 0, got {value}")

    @property
    def review_cost(self) -> float:
        """What one review costs."""
        return self.review_minutes / 60 * self.reviewer_hour

    def profit(self, accepted: npt.ArrayLike, rejected: npt.ArrayLike, withheld: npt.ArrayLike) -> Floats:
        """What so many sequences of each kind earn less what they cost; the three are numbers or (m,)."""
        accepted, rejected, withheld = (np.asarray(count, np.float64) for count in (accepted, rejected, withheld))
        total = accepted * self.accepted_value - rejected * self.rejected_cost
        return np.asarray(total - (accepted + rejected) * self.review_cost - withheld * self.by_hand)

    def in_words(self) -> str:
        """The five values as one phrase."""
        return Reason.COSTS_OF_SEQUENCES.format(
            accepted=self.accepted_value,
            rejected=self.rejected_cost,
            minutes=self.review_minutes,
            hour=self.reviewer_hour,
            by_hand=self.by_hand,
        )
