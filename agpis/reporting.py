"""Put stage 1, the score and the settings together into the one answer for a product."""

from __future__ import annotations

from agpis.reasons import Reason
from agpis.types import (
    Finding,
    ImageAssessment,
    ImageReport,
    ImageStatus,
    Outcome,
    PipelineSettings,
    Product,
    SequenceResult,
    SequenceScore,
    StageOneResult,
)


def build_result(
    product: Product,
    stage_one: StageOneResult,
    score: SequenceScore | None,
    settings: PipelineSettings,
    timings: dict[str, float],
    notes: tuple[str, ...] = (),
) -> SequenceResult:
    """The answer for one product.

    Args:
        product: the product that was run.
        stage_one: what stage 1 decided.
        score: MUIsC on `stage_one.sequence`; None when stage 1 terminated.
        settings: the thresholds in force.
        timings: stage -> seconds.
        notes: what else the reader should know.

    Raises:
        ValueError: when a sequence was built but not scored, or another sequence was scored.
    """
    if stage_one.termination is None and (score is None or score.sequence != stage_one.sequence):
        raise ValueError(f"sequence {stage_one.sequence} was built, but the score is for {score and score.sequence}")
    outcome, reason = _decide(product, stage_one, score, settings)
    return SequenceResult(
        product_id=product.product_id,
        outcome=outcome,
        reason=reason,
        sequence=stage_one.sequence,
        p_qualified=score.p_qualified if score else None,
        threshold=settings.submission_threshold,
        rule_probabilities=dict(score.rule_probabilities) if score else {},
        feedback=score.feedback if score else None,
        p_nlg_qualified=score.p_nlg_qualified if score else None,
        images=_reports(product, stage_one, settings.quality_threshold),
        duplicates=stage_one.duplicates,
        notes=notes,
        timings=dict(timings),
    )


def _decide(
    product: Product, stage_one: StageOneResult, score: SequenceScore | None, settings: PipelineSettings
) -> tuple[Outcome, str]:
    if not product.images:
        count = len(product.unreadable)
        reason = Reason.NONE_READ.format(count=count) if count else Reason.NOTHING_GIVEN.format()
        return Outcome.NO_READABLE_IMAGE, reason
    if score is None:
        assert stage_one.termination is not None
        return stage_one.termination, stage_one.reason
    limit = settings.submission_threshold
    if score.p_qualified >= limit:
        return Outcome.SUBMIT, Reason.SUBMIT.format(p_t=score.p_qualified, limit=limit)
    return Outcome.BELOW_THRESHOLD, Reason.BELOW_THRESHOLD.format(p_t=score.p_qualified, limit=limit)


def _reports(product: Product, stage_one: StageOneResult, quality_threshold: float) -> tuple[ImageReport, ...]:
    removed = {removal.file: removal.reason for removal in stage_one.removals}
    reports = [
        ImageReport(
            file=assessment.file,
            status=_status(assessment.file, stage_one, removed),
            reason=_reason(assessment.file, stage_one, removed),
            p_primary=assessment.p_primary,
            p_noncompliant=assessment.p_noncompliant,
            findings=_findings(assessment, quality_threshold),
            quality={check.kind: check.score for check in assessment.quality},
        )
        for assessment in stage_one.assessments
    ]
    for bad in product.unreadable:
        reports.append(ImageReport(bad.file, ImageStatus.UNREADABLE, bad.reason, None, None))
    return tuple(reports)


def _findings(assessment: ImageAssessment, quality_threshold: float) -> tuple[Finding, ...]:
    flaws = [check for check in assessment.quality if check.score > quality_threshold]
    return tuple(sorted([*assessment.findings, *flaws], key=lambda finding: -finding.score))


def _status(file: str, stage_one: StageOneResult, removed: dict[str, str]) -> ImageStatus:
    if file in removed:
        return ImageStatus.REMOVED
    return ImageStatus.SELECTED if file in stage_one.sequence else ImageStatus.REMAINING


def _reason(file: str, stage_one: StageOneResult, removed: dict[str, str]) -> str:
    if file in removed:
        return removed[file]
    if file in stage_one.sequence:
        place = stage_one.sequence.index(file)
        return Reason.PRIMARY.format() if place == 0 else Reason.IN_SEQUENCE.format(place=place + 1)
    if stage_one.termination is not None:
        return Reason.RUN_ENDED.format()
    return Reason.NOT_DRAWN.format(count=len(stage_one.sequence))
