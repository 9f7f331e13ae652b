"""The whole error analysis of a table as one value."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.predictions import Predictions
from analysis.rule_errors.agreement import Agreement, agreement
from analysis.rule_errors.confusion import Confusion, category_confusion, class_confusion
from analysis.rule_errors.mistakes import PER_RULE, Mistakes, worst_mistakes
from analysis.rule_errors.per_rule import RuleErrors, rule_errors
from analysis.rule_errors.reviewed import reviewed_rows
from analysis.rule_errors.slices import MIN_SUPPORT, SliceErrors, slice_errors


@dataclass(frozen=True, slots=True)
class ErrorAnalysis:
    """Errors of a table at one threshold.

    Attributes:
        threshold: th^t.
        sequences: reviewed sequences.
        unreviewed: sequences without review, left out.
        rules: every rule by itself.
        classes: confusion of the K^g classes, the likeliest taken.
        categories: confusion of the categories, the likeliest class taken.
        slices: parts of the table against the rest.
        mistakes: the worst, one by one.
        readings: p^t against p^nlg.
    """

    threshold: float
    sequences: int
    unreviewed: int
    rules: RuleErrors
    classes: Confusion
    categories: Confusion
    slices: SliceErrors
    mistakes: Mistakes
    readings: Agreement


def analyse_errors(
    table: Predictions, threshold: float, min_support: int = MIN_SUPPORT, per_rule: int = PER_RULE
) -> ErrorAnalysis:
    """All parts of the error analysis at a threshold.

    Args:
        table: n rows; those without review are counted and left out.
        threshold: th^t in [0, 1].
        min_support: reviewed sequences that a slice must have.
        per_rule: how many mistakes of every rule are listed.

    Raises:
        PredictionsError: when no row has a review.
        AnalysisError: when an argument lies outside its range.
    """
    reviewed = reviewed_rows(table)
    return ErrorAnalysis(
        threshold=float(threshold),
        sequences=len(reviewed),
        unreviewed=len(table) - len(reviewed),
        rules=rule_errors(reviewed, threshold),
        classes=class_confusion(reviewed),
        categories=category_confusion(reviewed),
        slices=slice_errors(reviewed, threshold, min_support),
        mistakes=worst_mistakes(table, threshold, per_rule),
        readings=agreement(reviewed, threshold),
    )
