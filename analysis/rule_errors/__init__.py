"""Which rules, slices and sequences MUIsC gets wrong at a submission threshold th^t."""

from __future__ import annotations

from analysis.rule_errors.agreement import Agreement, agreement
from analysis.rule_errors.confusion import Confusion, category_confusion, class_confusion
from analysis.rule_errors.mistakes import Mistake, Mistakes, worst_mistakes
from analysis.rule_errors.overall import ErrorAnalysis, analyse_errors
from analysis.rule_errors.per_rule import RuleError, RuleErrors, rule_errors
from analysis.rule_errors.slices import Contrast, Slice, SliceErrors, slice_errors

__all__ = [
    "Agreement",
    "Confusion",
    "Contrast",
    "ErrorAnalysis",
    "Mistake",
    "Mistakes",
    "RuleError",
    "RuleErrors",
    "Slice",
    "SliceErrors",
    "agreement",
    "analyse_errors",
    "category_confusion",
    "class_confusion",
    "rule_errors",
    "slice_errors",
    "worst_mistakes",
]
