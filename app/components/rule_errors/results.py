"""The parts of the error analysis, each computed once per table, split and threshold."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from analysis.predictions import Predictions
from analysis.rule_errors import (
    Agreement,
    Confusion,
    Mistakes,
    RuleErrors,
    SliceErrors,
    agreement,
    category_confusion,
    class_confusion,
    rule_errors,
    slice_errors,
    worst_mistakes,
)
from app.components.tables.loading import LoadedTable

ALL = "all"
PER_RULE = 24


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What the page looks at.

    Attributes:
        table: the table in use.
        split: one of the table's splits, or ALL.
        threshold: th^t.
        rows: the sequences of the split.
    """

    table: LoadedTable
    split: str
    threshold: float
    rows: Predictions

    @property
    def key(self) -> tuple[str, str]:
        """Equal for equal rows."""
        return self.table.key, self.split


@st.cache_resource(show_spinner=False, max_entries=16)
def rows_of(key: str, split: str, _table: Predictions) -> Predictions:
    """The sequences of a split."""
    return _table if split == ALL else _table.in_split(split)


@st.cache_resource(show_spinner=False, max_entries=64)
def _rules(key: tuple[str, str], threshold: float, _rows: Predictions) -> RuleErrors:
    return rule_errors(_rows, threshold)


@st.cache_resource(show_spinner=False, max_entries=64)
def _mistakes(key: tuple[str, str], threshold: float, _rows: Predictions) -> Mistakes:
    return worst_mistakes(_rows, threshold, PER_RULE)


@st.cache_resource(show_spinner=False, max_entries=64)
def _slices(key: tuple[str, str], threshold: float, min_support: int, _rows: Predictions) -> SliceErrors:
    return slice_errors(_rows, threshold, min_support)


@st.cache_resource(show_spinner=False, max_entries=64)
def _readings(key: tuple[str, str], threshold: float, _rows: Predictions) -> Agreement:
    return agreement(_rows, threshold)


def rules_of(question: Question) -> RuleErrors:
    """Every rule by itself; errors are those of `rule_errors`."""
    return _rules(question.key, question.threshold, question.rows)


def mistakes_of(question: Question) -> Mistakes:
    """The worst mistakes, PER_RULE of every rule; errors are those of `worst_mistakes`."""
    return _mistakes(question.key, question.threshold, question.rows)


def slices_of(question: Question, min_support: int) -> SliceErrors:
    """Parts of the table; errors are those of `slice_errors`."""
    return _slices(question.key, question.threshold, min_support, question.rows)


def readings_of(question: Question) -> Agreement:
    """p^t against p^nlg; errors are those of `agreement`."""
    return _readings(question.key, question.threshold, question.rows)


def confusion_of(question: Question, *, of_classes: bool, at_threshold: bool) -> Confusion:
    """Confusion of the classes or of their categories; quick, so it is not kept."""
    threshold = question.threshold if at_threshold else None
    return class_confusion(question.rows, threshold) if of_classes else category_confusion(question.rows, threshold)
