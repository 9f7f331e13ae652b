"""The submission threshold th^t: what each one does, which to choose, what may be promised of it."""

from analysis.operating_point.choices import (
    Choice,
    Criterion,
    Goal,
    NoThreshold,
    choose_by_hand,
    choose_by_precision,
    choose_by_profit,
    choose_by_reject_rate,
    choose_guaranteed,
    judge,
)
from analysis.operating_point.costs import CostModel
from analysis.operating_point.curve import OperatingCurve, OperatingPoint, operating_curve
from analysis.operating_point.effect import Effect, measure_effect
from analysis.operating_point.guarantee import SearchPlan
from analysis.operating_point.sample import ReviewedSample, Source, reviewed_sample
from analysis.operating_point.saving import stored_threshold

__all__ = [
    "Choice",
    "CostModel",
    "Criterion",
    "Effect",
    "Goal",
    "NoThreshold",
    "OperatingCurve",
    "OperatingPoint",
    "ReviewedSample",
    "SearchPlan",
    "Source",
    "choose_by_hand",
    "choose_by_precision",
    "choose_by_profit",
    "choose_by_reject_rate",
    "choose_guaranteed",
    "judge",
    "measure_effect",
    "operating_curve",
    "reviewed_sample",
    "stored_threshold",
]
