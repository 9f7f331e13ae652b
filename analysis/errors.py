"""Errors of the analysis toolkit: what is wrong with a table, in which column and row, and what to do."""

from __future__ import annotations

from agpis.errors import AgpisError


class AnalysisError(AgpisError):
    """Something asked of the analysis toolkit cannot be done."""


class PredictionsError(AnalysisError):
    """A table of predictions is missing, malformed or empty; the message names column and row."""


class SplitError(AnalysisError):
    """A choice would be made and judged on the same rows."""


class ComparisonError(AnalysisError):
    """Two tables do not hold the same reviewed rows; the message says what differs."""
