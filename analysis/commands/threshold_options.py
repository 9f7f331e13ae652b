"""Options of `threshold`, and what they ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from analysis.errors import AnalysisError
from analysis.operating_point import (
    Choice,
    CostModel,
    NoThreshold,
    ReviewedSample,
    choose_by_precision,
    choose_by_profit,
    choose_by_reject_rate,
    choose_guaranteed,
)

AtMost = Annotated[float | None, typer.Option(help="Largest reject rate of what is submitted, e.g. 0.1.")]
Confidence = Annotated[
    float | None, typer.Option(help="Promise it: the confidence that the true reject rate stays within --at-most.")
]
Precision = Annotated[float | None, typer.Option(help="Largest recall at this share of accepted, e.g. 0.9.")]
Profit = Annotated[bool, typer.Option("--profit", help="Best expected profit; the next five options say of what.")]
AcceptedValue = Annotated[float, typer.Option(help="What an accepted sequence earns.")]
RejectedCost = Annotated[float, typer.Option(help="What a rejected one costs besides its review.")]
ReviewMinutes = Annotated[float, typer.Option(help="Minutes of one review.")]
ReviewerHour = Annotated[float, typer.Option(help="What an hour of a reviewer costs.")]
ByHand = Annotated[float, typer.Option(help="What to make a withheld one by hand costs; 0 when nobody does.")]

Picker = Callable[[ReviewedSample], Choice | NoThreshold]


def wanted_choice(
    at_most: float | None,
    confidence: float | None,
    precision: float | None,
    profit: bool,
    costs: CostModel,
    seed: int,
) -> Picker:
    """The picker that the options ask for.

    Raises:
        AnalysisError: when they ask for none or for several.
    """
    if (at_most is not None) + (precision is not None) + profit != 1:
        raise AnalysisError("say what the threshold is for: exactly one of --at-most, --precision and --profit")
    if confidence is not None and at_most is None:
        raise AnalysisError("--confidence is of a largest reject rate; give it with --at-most")
    if precision is not None:
        return lambda sample: choose_by_precision(sample, precision)
    if at_most is None:
        return lambda sample: choose_by_profit(sample, costs)
    if confidence is None:
        return lambda sample: choose_by_reject_rate(sample, at_most)
    # 1 - 0.95 is 0.050000000000000044.
    return lambda sample: choose_guaranteed(sample, at_most, round(1 - confidence, 12), seed=seed)
