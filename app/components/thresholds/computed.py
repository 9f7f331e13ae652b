"""What the page computes, once per table and question: a move of the slider only measures one threshold anew."""

from __future__ import annotations

import streamlit as st

from analysis.metrics.curves import BinaryCurves, binary_curves
from analysis.operating_point import (
    Choice,
    CostModel,
    Effect,
    NoThreshold,
    OperatingCurve,
    ReviewedSample,
    measure_effect,
    operating_curve,
    reviewed_sample,
)
from analysis.operating_point.two_models import TwoModels, two_models
from analysis.operating_point.wish import Wish
from app.components.tables.loading import LoadedTable


def sample_of(table: LoadedTable, split: str) -> ReviewedSample:
    """The reviewed sequences of a split.

    Raises:
        AnalysisError: when there is none.
    """
    return _sample(table.key, split, table)


def choice_of(table: LoadedTable, split: str, wish: Wish) -> Choice | NoThreshold:
    """What a rule chooses on a split.

    Raises:
        AnalysisError: as `Wish.choose`.
    """
    return _choice(table.key, split, wish, table)


def curve_of(table: LoadedTable, split: str) -> OperatingCurve:
    """Every threshold on a split."""
    return _curve(table.key, split, table)


def binary_curves_of(table: LoadedTable, split: str) -> BinaryCurves:
    """ROC and precision-recall curve of a split."""
    return _binary_curves(table.key, split, table)


def effect_of(table: LoadedTable, split: str, threshold: float, costs: CostModel, volume: int) -> Effect:
    """What a threshold does on a split."""
    return _effect(table.key, split, threshold, costs, volume, table)


def two_models_of(
    first: LoadedTable, second: LoadedTable, wish: Wish, choose_on: str, judge_on: str, *, force: bool
) -> TwoModels:
    """Two tables under one rule.

    Raises:
        AnalysisError: as `two_models`.
    """
    return _two_models(first.key, second.key, wish, choose_on, judge_on, force, first, second)


@st.cache_resource(show_spinner=False, max_entries=8)
def _sample(key: str, split: str, _table: LoadedTable) -> ReviewedSample:
    sample = reviewed_sample(_table.predictions, split)
    return sample.from_file(_table.name, _table.sha256)


@st.cache_resource(show_spinner=False, max_entries=64)
def _choice(key: str, split: str, wish: Wish, _table: LoadedTable) -> Choice | NoThreshold:
    return wish.choose(sample_of(_table, split))


@st.cache_resource(show_spinner=False, max_entries=8)
def _curve(key: str, split: str, _table: LoadedTable) -> OperatingCurve:
    return operating_curve(sample_of(_table, split))


@st.cache_resource(show_spinner=False, max_entries=8)
def _binary_curves(key: str, split: str, _table: LoadedTable) -> BinaryCurves:
    return binary_curves(_table.predictions.in_split(split))


@st.cache_resource(show_spinner=False, max_entries=256)
def _effect(key: str, split: str, threshold: float, costs: CostModel, volume: int, _table: LoadedTable) -> Effect:
    return measure_effect(sample_of(_table, split), threshold, costs, volume)


@st.cache_resource(show_spinner=False, max_entries=16)
def _two_models(
    key: str,
    other: str,
    wish: Wish,
    choose_on: str,
    judge_on: str,
    force: bool,
    _first: LoadedTable,
    _second: LoadedTable,
) -> TwoModels:
    return two_models(_first.predictions, _second.predictions, wish.choose, choose_on, judge_on, force)
