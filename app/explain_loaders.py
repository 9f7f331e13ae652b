"""Alternatives and explanations, cached: once per photos, title, sequence and models, shared between sessions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from agpis.types import PipelineSettings, Product, StageOneResult
from app.loaders import Timed, timed

if TYPE_CHECKING:
    from agpis.alternatives import Alternatives, Placement
    from agpis.explain import ExplainedImage, Explanation, Method
    from agpis.pipeline import AgpisPipeline


@st.cache_resource(show_spinner=False, max_entries=64)
def alternatives(
    key: str,
    title: str,
    current: tuple[str, ...],
    remaining: tuple[str, ...],
    automatic: tuple[str, ...],
    choice: tuple[int, float, int],
    other_primaries: bool,
    models: Path,
    _pipeline: AgpisPipeline,
    _product: Product,
    _stage_one: StageOneResult,
    _settings: PipelineSettings,
) -> Timed[Alternatives]:
    """The best sequences, once for what stage 1 left and the sequence they are compared with.

    Args:
        key: content key of the photos.
        title: W^t.
        current: the sequence to compare with.
        remaining: what stage 1 left.
        automatic: the sequence that stage 1 selected.
        choice: K^t, primary threshold and seed, all of the settings that matters beside what stage 1 left.
        other_primaries: whether other images may come first.
        models: their folder.
    """
    return timed(
        lambda: _pipeline.alternatives(_product, _stage_one, _settings, current, other_primaries=other_primaries)
    )


@st.cache_resource(show_spinner=False, max_entries=128)
def place(
    key: str,
    title: str,
    sequence: tuple[str, ...],
    file: str,
    models: Path,
    _pipeline: AgpisPipeline,
    _product: Product,
) -> Timed[tuple[Placement, ...]]:
    """p^t with one image put in each place of a sequence."""
    return timed(lambda: _pipeline.place(_product, sequence, file))


@st.cache_resource(show_spinner=False, max_entries=64)
def explain(
    key: str,
    title: str,
    sequence: tuple[str, ...],
    method: Method,
    rule_id: str,
    models: Path,
    _pipeline: AgpisPipeline,
    _product: Product,
) -> Timed[Explanation]:
    """Where one probability of a sequence comes from, by one method."""
    return timed(lambda: _pipeline.explain(_product, sequence, method, rule_id))


@st.cache_resource(show_spinner=False, max_entries=64)
def explain_noncompliance(
    key: str, file: str, models: Path, _pipeline: AgpisPipeline, _product: Product
) -> Timed[ExplainedImage]:
    """Where the p^nc of one image comes from."""
    return timed(lambda: _pipeline.explain_noncompliance(_product, file))
