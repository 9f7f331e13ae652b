"""Why an image is not in the sequence, and the smallest change of the settings that keeps it (section 3.3).

Pure logic, no models: a change is found by relaxing the decision that stands in the way, and proved by running
`select` again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from agpis.stage1.palette import palette_agreement
from agpis.stage1.selection import select
from agpis.types import (
    ImageAssessment,
    Outcome,
    PairMatch,
    PairRelation,
    PipelineSettings,
    RemovalCause,
    StageOneResult,
)

STEPS = 100
"""Thresholds are changed by hundredths, as people set them."""
_MOST_CHANGES = 12
_MOST_SEEDS = 200


class Decision(StrEnum):
    """What keeps an image out of the sequence."""

    QUALITY = "quality"
    NONCOMPLIANT = "noncompliant"
    DUPLICATE = "duplicate"
    VARIANT = "variant"
    OTHER_COLOUR = "other_colour"
    NO_PRIMARY = "no_primary"
    TOO_FEW = "too_few"
    NOT_DRAWN = "not_drawn"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One decision that stands in the way of an image.

    Attributes:
        decision: which.
        setting: name of the field of PipelineSettings that it compares with.
        value: what was measured: a score or probability in [0, 1]; for TOO_FEW the number of images left, for NOT_DRAWN
            the number of images drawn from.
        limit: the setting in force; for NOT_DRAWN how many images were drawn.
        other: the image it was compared with; empty when there is none.
        message: what a quality check saw, in one sentence; empty for the others.
    """

    decision: Decision
    setting: str
    value: float
    limit: float
    other: str = ""
    message: str = ""

    @property
    def margin(self) -> float:
        """How far the value is beyond the limit, at least 0."""
        return abs(self.value - self.limit)


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that has to be another.

    Attributes:
        setting: name of the field of PipelineSettings.
        before: as it is.
        after: as it has to be.
    """

    setting: str
    before: float | int | bool
    after: float | int | bool


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why an image is not in the sequence, and what would let it stay.

    Attributes:
        file: the image.
        obstacles: the decision that keeps it out, then those that would once it is relaxed.
        changes: the smallest changes, in hundredths of a threshold, with which it stays; without effect (empty) when
            none is needed, or when no threshold helps.
        stays: whether it is among the remaining images of a finished run with `changes`; found by running `select`.
        drawn: whether the sequence has it then.
        seed: the next seed that draws it, where it stays and is not drawn; None where there is none to look for.
        settings: the settings with `changes`, and with `seed` where there is one.
        sequence: what `select` makes with `settings`.
    """

    file: str
    obstacles: tuple[Obstacle, ...]
    changes: tuple[Change, ...]
    stays: bool
    drawn: bool
    seed: int | None
    settings: PipelineSettings
    sequence: tuple[str, ...]


def why_not(
    assessments: Sequence[ImageAssessment], matches: Sequence[PairMatch], settings: PipelineSettings, file: str
) -> WhyNot:
    """Which decisions keep an image out of the sequence that `select` makes, and what would have to change.

    Args:
        assessments: one per readable image, in the product's order.
        matches: image pairs among them.
        settings: in force.
        file: an assessed image.

    Raises:
        ValueError: when the file was not assessed, or is in the sequence.
        ModelError: as `select`.
    """
    if file not in {assessment.file for assessment in assessments}:
        raise ValueError(f"{file} was not assessed; it is none of {[a.file for a in assessments]}")
    result, now = select(assessments, matches, settings), settings
    if file in result.sequence:
        raise ValueError(f"{file} is in the sequence {result.sequence}")
    obstacles: list[Obstacle] = []
    while len(obstacles) < _MOST_CHANGES and not _stays(result, file):
        obstacle = _obstacle(result, now, file)
        obstacles.append(obstacle)
        relaxed = _relaxed(obstacle, now)
        if relaxed is None:
            return WhyNot(file, tuple(obstacles), (), False, False, None, settings, result.sequence)
        now = relaxed
        result = select(assessments, matches, now)
    stays = _stays(result, file)
    if stays:
        now = _shrunk(assessments, matches, settings, now, file)
        result = select(assessments, matches, now)
    drawn = file in result.sequence
    if stays and not drawn:
        drawn_from = len(result.remaining) - 1
        obstacles.append(Obstacle(Decision.NOT_DRAWN, "seed", drawn_from, now.num_images - 1))
    seed = _seed_that_draws(assessments, matches, now, file) if stays and not drawn else None
    changes = _changes(settings, now) if stays else ()
    if seed is not None:
        now = replace(now, seed=seed)
    final = now if stays else settings
    return WhyNot(
        file, tuple(obstacles), changes, stays, drawn, seed, final, select(assessments, matches, final).sequence
    )


def _shrunk(
    assessments: Sequence[ImageAssessment],
    matches: Sequence[PairMatch],
    before: PipelineSettings,
    after: PipelineSettings,
    file: str,
) -> PipelineSettings:
    """`after` with each threshold as near to `before` as keeps the image, one after the other.

    A decision that is relaxed can move the primary image, and then less would have been enough.
    """
    for change in _changes(before, after):
        if not isinstance(change.after, float):
            continue
        for value in _hundredths(float(change.before), change.after):
            nearer = _with(after, change.setting, value)
            if _stays(select(assessments, matches, nearer), file):
                after = nearer
                break
    return after


def _hundredths(start: float, end: float) -> Iterator[float]:
    """`start`, then the hundredths between it and `end`."""
    yield start
    first, last = round(start * STEPS), round(end * STEPS)
    direction = 1 if last > first else -1
    yield from (step / STEPS for step in range(first, last, direction) if (step / STEPS - start) * direction > 0)


def _with(settings: PipelineSettings, name: str, value: float) -> PipelineSettings:
    changed: dict[str, Any] = {name: value}
    return replace(settings, **changed)


def _stays(result: StageOneResult, file: str) -> bool:
    return result.termination is None and file in result.remaining


def _obstacle(result: StageOneResult, settings: PipelineSettings, file: str) -> Obstacle:
    by_file = {assessment.file: assessment for assessment in result.assessments}
    image = by_file[file]
    removal = next((removal for removal in result.removals if removal.file == file), None)
    if removal is None:
        return _unfinished(result, settings)
    if removal.cause is RemovalCause.NONCOMPLIANT:
        worst = max(image.quality, key=lambda check: check.score, default=None)
        if worst is not None and worst.score > settings.quality_threshold:
            limit = settings.quality_threshold
            return Obstacle(Decision.QUALITY, "quality_threshold", worst.score, limit, message=worst.message)
        limit = settings.noncompliance_threshold
        return Obstacle(Decision.NONCOMPLIANT, "noncompliance_threshold", image.p_noncompliant, limit)
    if removal.cause is RemovalCause.OTHER_COLOUR:
        assert result.primary is not None  # colours are compared with the primary image's
        agreement = palette_agreement(by_file[result.primary].palette, image.palette)
        limit = settings.colour_threshold
        return Obstacle(Decision.OTHER_COLOUR, "colour_threshold", agreement, limit, result.primary)
    pair = next(pair for pair in result.duplicates if pair.removed == file)
    decision = Decision.VARIANT if pair.relation is PairRelation.VARIANT else Decision.DUPLICATE
    return Obstacle(decision, "duplicate_threshold", pair.similarity, settings.duplicate_threshold, pair.kept)


def _unfinished(result: StageOneResult, settings: PipelineSettings) -> Obstacle:
    """Why a run ended in which the image itself was not removed."""
    if result.termination is Outcome.NO_PRIMARY:
        best = max((one for one in result.assessments if one.file in result.remaining), key=lambda one: one.p_primary)
        limit = settings.primary_threshold
        return Obstacle(Decision.NO_PRIMARY, "primary_threshold", best.p_primary, limit, best.file)
    return Obstacle(Decision.TOO_FEW, "num_images", len(result.remaining), settings.num_images)


def _relaxed(obstacle: Obstacle, settings: PipelineSettings) -> PipelineSettings | None:
    """The settings with which the obstacle is just gone; None when no value of the setting does that."""
    value, setting = obstacle.value, obstacle.setting
    if obstacle.decision is Decision.TOO_FEW:
        return replace(settings, num_images=int(value))
    if obstacle.decision in (Decision.QUALITY, Decision.NONCOMPLIANT):
        return _with(settings, setting, _at_least(value))
    if obstacle.decision is Decision.OTHER_COLOUR:
        return replace(settings, colour_threshold=_at_most(value))
    if obstacle.decision is Decision.NO_PRIMARY:
        below = _below(value)
        return None if below < 0 else replace(settings, primary_threshold=below)
    above = _above(value)
    if above <= 1:
        return replace(settings, duplicate_threshold=above)
    return replace(settings, remove_variants=False) if obstacle.decision is Decision.VARIANT else None


def _at_least(value: float) -> float:
    """The smallest hundredth that is not below `value`."""
    return next(step / STEPS for step in range(math.floor(value * STEPS), STEPS + 1) if step / STEPS >= value)


def _at_most(value: float) -> float:
    """The largest hundredth that is not above `value`."""
    return next(step / STEPS for step in range(math.ceil(value * STEPS), -1, -1) if step / STEPS <= value)


def _above(value: float) -> float:
    """The smallest hundredth above `value`."""
    return next(step / STEPS for step in range(math.floor(value * STEPS), STEPS + 2) if step / STEPS > value)


def _below(value: float) -> float:
    """The largest hundredth below `value`; negative when there is none from 0 on."""
    return next(step / STEPS for step in range(math.ceil(value * STEPS), -2, -1) if step / STEPS < value)


def _changes(before: PipelineSettings, after: PipelineSettings) -> tuple[Change, ...]:
    names = (name for name in PipelineSettings.__dataclass_fields__ if getattr(before, name) != getattr(after, name))
    return tuple(Change(name, getattr(before, name), getattr(after, name)) for name in names)


def _seed_that_draws(
    assessments: Sequence[ImageAssessment], matches: Sequence[PairMatch], settings: PipelineSettings, file: str
) -> int | None:
    for seed in range(settings.seed + 1, settings.seed + 1 + _MOST_SEEDS):
        if file in select(assessments, matches, replace(settings, seed=seed)).sequence:
            return seed
    return None
