"""The typed JSON of the endpoint `sequence`: what `agpis.types.to_json` makes of a result, as a checked schema."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from agpis.types import ImageStatus, Outcome, PairRelation, SequenceResult, to_json

Probability = float | None
# x, y, width, height in pixels of the photo.
BoxAnswer = tuple[int, int, int, int]


class FindingAnswer(BaseModel):
    """One piece of evidence on a photo."""

    kind: str = Field(description="Machine-readable word, e.g. banner.")
    message: str = Field(description="One sentence for a person.")
    score: float = Field(ge=0, le=1, description="Strength.")
    box: BoxAnswer | None = Field(description="x, y, width, height in pixels; null for the whole photo.")
    rule_id: str = Field(description="The rule it supports; empty when there is none.")
    text: str = Field(description="What was read there; empty when nothing was.")


class ImageAnswer(BaseModel):
    """What became of one photo."""

    file: str = Field(description="Name of the file.")
    status: ImageStatus = Field(description="selected, remaining, removed or unreadable.")
    reason: str = Field(description="Why, in one sentence.")
    p_primary: Probability = Field(ge=0, le=1, description="p^primary; null when the file was unreadable.")
    p_noncompliant: Probability = Field(ge=0, le=1, description="p^nc; null when the file was unreadable.")
    findings: list[FindingAnswer] = Field(description="Evidence, strongest first.")
    quality: dict[str, float] = Field(description="Quality check -> score in [0, 1], larger is worse.")


class PairAnswer(BaseModel):
    """Two photos that show the same thing."""

    kept: str = Field(description="The file that stays.")
    removed: str = Field(description="The file taken out.")
    relation: PairRelation = Field(description="duplicate, or variant for the same picture in another colour.")
    similarity: float = Field(ge=0, le=1)
    boxes: list[tuple[BoxAnswer, BoxAnswer]] = Field(description="Matched regions: on kept, on removed.")


class SequenceAnswer(BaseModel):
    """The answer for one product."""

    product_id: str
    outcome: Outcome = Field(description="How the run ended.")
    reason: str = Field(description="Why, in one sentence.")
    sequence: list[str] = Field(description="File names in order, the primary image first; empty without a sequence.")
    p_qualified: Probability = Field(ge=0, le=1, description="p^t; null when nothing was scored.")
    threshold: float = Field(ge=0, le=1, description="th^t; a sequence is submitted when p^t reaches it.")
    rule_probabilities: dict[str, float] = Field(description="Class -> probability, adding up to 1; empty if unscored.")
    feedback: str | None = Field(description="What a reviewer would write, or null.")
    p_nlg_qualified: Probability = Field(ge=0, le=1, description="The writer's reading of p^t, or null.")
    images: list[ImageAnswer] = Field(description="Every file, unreadable ones last.")
    duplicates: list[PairAnswer] = Field(description="Pairs that show the same thing.")
    notes: list[str] = Field(description="What else the reader should know.")
    timings: dict[str, float] = Field(description="Stage -> seconds.")


def answer_json(result: SequenceResult) -> dict[str, Any]:
    """The result as plain JSON values, checked against `SequenceAnswer`."""
    return SequenceAnswer.model_validate(to_json(result)).model_dump(mode="json")
