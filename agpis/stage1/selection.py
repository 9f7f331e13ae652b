"""Who stays in I^c and which sequence is built (section 3.3)."""

from __future__ import annotations

from collections.abc import Sequence

from agpis.types import ImageAssessment, PairMatch, PipelineSettings, StageOneResult


def select(
    assessments: Sequence[ImageAssessment], matches: Sequence[PairMatch], settings: PipelineSettings
) -> StageOneResult:
    """Apply the paper's decisions in the paper's order."""
    raise NotImplementedError


def candidate_sequences(
    stage_one: StageOneResult, settings: PipelineSettings, limit: int
) -> tuple[tuple[str, ...], ...]:
    """All, or `limit` drawn with settings.seed, primary-first ordered sequences of K^t remaining images."""
    raise NotImplementedError
