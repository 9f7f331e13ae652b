"""What the page computes, once per table and question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from analysis.online.check import DriftCheck, check_drift
from analysis.online.over_time import Period, RejectRates, ReleaseChange, reject_rates, release_change
from analysis.online.overview import Overview, overview
from app.components.tables.loading import LoadedTable


@dataclass(frozen=True, slots=True)
class ReleaseQuestion:
    """What is compared before and after.

    Attributes:
        day: first day of the new system.
        one_per_product: only the last row of each product on each side.
        submitted_only: only what was submitted.
    """

    day: date
    one_per_product: bool
    submitted_only: bool


def rates_of(table: LoadedTable, split: str, period: Period) -> RejectRates:
    """Reject rate over time; `split` may be "all".

    Raises:
        AnalysisError: when no reviewed row has a date, or there are too many periods.
    """
    return _rates(table.key, split, period, table)


def release_of(table: LoadedTable, split: str, asked: ReleaseQuestion) -> ReleaseChange:
    """Reject rate before and after a day.

    Raises:
        AnalysisError: when only submitted rows are asked of a table without decisions.
    """
    return _release(table.key, split, asked, table)


def overview_of(table: LoadedTable, split: str, asked: ReleaseQuestion | None) -> Overview:
    """Better or worse, and whether to train again; without a question, the last weeks, of what was submitted if known.

    Raises:
        AnalysisError: when no reviewed row has a date, or a side of the release is empty.
    """
    return _overview(table.key, split, asked, table)


def has_decisions(table: LoadedTable) -> bool:
    """Whether the table tells what was submitted."""
    return "decision" in table.predictions.frame


def drift_of(
    table: LoadedTable, reference_split: str | None, reference_until: date | None, today: date | None
) -> DriftCheck:
    """Drift, reject rates and advice.

    Raises:
        AnalysisError: when one of the windows is empty, or today lies before the end of the training window.
    """
    return _drift(table.key, reference_split, reference_until, today, table)


@st.cache_resource(show_spinner=False, max_entries=16)
def _rates(key: str, split: str, period: Period, _table: LoadedTable) -> RejectRates:
    predictions = _table.predictions
    return reject_rates(predictions if split == "all" else predictions.in_split(split), period)


@st.cache_resource(show_spinner=False, max_entries=16)
def _release(key: str, split: str, asked: ReleaseQuestion, _table: LoadedTable) -> ReleaseChange:
    predictions = _table.predictions
    rows = predictions if split == "all" else predictions.in_split(split)
    return release_change(rows, asked.day, asked.one_per_product, asked.submitted_only)


@st.cache_resource(show_spinner=False, max_entries=16)
def _overview(key: str, split: str, asked: ReleaseQuestion | None, _table: LoadedTable) -> Overview:
    predictions = _table.predictions
    rows = predictions if split == "all" else predictions.in_split(split)
    if asked is None:
        return overview(predictions, rows, submitted_only=has_decisions(_table))
    return overview(predictions, rows, asked.day, asked.one_per_product, asked.submitted_only)


@st.cache_resource(show_spinner=False, max_entries=16)
def _drift(
    key: str, reference_split: str | None, reference_until: date | None, today: date | None, _table: LoadedTable
) -> DriftCheck:
    return check_drift(_table.predictions, reference_until, reference_split, today)
