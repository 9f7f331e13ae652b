"""Two models under one rule: which threshold each needs, and what it then does with the same sequences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from analysis.matching import match_rows
from analysis.metrics.delong import DelongTest, delong_test
from analysis.operating_point.choices import Choice, NoThreshold, judge
from analysis.operating_point.curve import OperatingCurve, OperatingPoint, operating_curve
from analysis.operating_point.sample import ReviewedSample, reviewed_sample
from analysis.predictions import Predictions


@dataclass(frozen=True, slots=True)
class ModelUnderRule:
    """One of the models.

    Attributes:
        result: its threshold, or that none does what was asked.
        judged: what that threshold does with the sequences to judge on; None without threshold.
        curve: every threshold on these sequences.
    """

    result: Choice | NoThreshold
    judged: OperatingPoint | None
    curve: OperatingCurve


@dataclass(frozen=True, slots=True)
class TwoModels:
    """Both models on the same reviewed sequences.

    Attributes:
        first: of the first table.
        second: of the second.
        delong: of the AUC of p^t on the sequences to judge on, rows of one product as dependent.
        judged_on: split of these.
        rows: how many there are.
    """

    first: ModelUnderRule
    second: ModelUnderRule
    delong: DelongTest
    judged_on: str
    rows: int


def two_models(
    first: Predictions,
    second: Predictions,
    pick: Callable[[ReviewedSample], Choice | NoThreshold],
    choose_on: str = "val",
    judge_on: str = "test",
    force: bool = False,
) -> TwoModels:
    """Choose a threshold for each model by one rule on one split, and judge both on another.

    Args:
        first: scores of one model.
        second: of the other, of the same reviewed sequences on the split to judge on, in any order.
        pick: the rule.
        choose_on: split to choose on.
        judge_on: split to judge on.
        force: choose and judge on any split.

    Raises:
        SplitError: when both splits are the same, or either is the training split, without `force`.
        ComparisonError: when the tables do not hold the same reviewed sequences of the split to judge on.
        AnalysisError: when a table has no reviewed sequence in a split.
    """
    tables = match_rows(*(table.in_split(judge_on).reviewed() for table in (first, second)))
    models = []
    for table, matched in zip((first, second), tables, strict=True):
        result = pick(reviewed_sample(table, choose_on))
        sample = reviewed_sample(matched, judge_on)
        judged = judge(result, sample, force) if isinstance(result, Choice) else None
        models.append(ModelUnderRule(result, judged, operating_curve(sample)))
    one, other = tables
    test = delong_test(one.is_qualified, one.p_t, other.p_t, one.products)
    return TwoModels(models[0], models[1], test, judge_on, len(one))
