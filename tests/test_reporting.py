"""What a product's result says for every way a run can end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agpis.reporting import build_result
from agpis.types import (
    DuplicatePair,
    Finding,
    Image,
    ImageAssessment,
    ImageStatus,
    Outcome,
    PairRelation,
    PipelineSettings,
    Product,
    Removal,
    RemovalCause,
    SequenceScore,
    StageOneResult,
    UnreadableImage,
    to_json,
)


def image(file: str) -> Image:
    return Image(file, np.zeros((4, 4, 3), np.uint8))


PRODUCT = Product(
    "sku", "Mug", tuple(image(f) for f in "abcd"), unreadable=(UnreadableImage("e", "truncated", "cut short"),)
)
ASSESSMENTS = tuple(ImageAssessment(f, 0.1 * i, 0.2) for i, f in enumerate("abcd", start=1))
PAIR = DuplicatePair("d", "a", PairRelation.DUPLICATE, 0.9, ())
DONE = StageOneResult(
    assessments=ASSESSMENTS,
    primary="d",
    duplicates=(PAIR,),
    removals=(Removal("a", RemovalCause.DUPLICATE, "a repeats d"),),
    remaining=("b", "c", "d"),
    sequence=("d", "b"),
    termination=None,
    reason="built",
)
ENDED = StageOneResult(ASSESSMENTS, None, (), (), (), (), Outcome.NO_PRIMARY, "no image is above 0.50")


def score(p: float) -> SequenceScore:
    return SequenceScore(("d", "b"), {"qualified": p, "S01": 1 - p}, p, "yes", 0.5)


@pytest.mark.parametrize(
    ("p", "outcome"), [(0.31, Outcome.SUBMIT), (0.3, Outcome.SUBMIT), (0.29, Outcome.BELOW_THRESHOLD)]
)
def test_the_threshold_decides_and_equality_submits(p: float, outcome: Outcome) -> None:
    result = build_result(PRODUCT, DONE, score(p), PipelineSettings(num_images=2), {})
    assert result.outcome is outcome
    assert f"{p:.2f}" in result.reason
    assert "0.30" in result.reason


def test_every_file_has_a_status_and_a_reason() -> None:
    result = build_result(PRODUCT, DONE, score(0.9), PipelineSettings(num_images=2), {"score": 0.1}, ("a note",))
    assert [(r.file, r.status) for r in result.images] == [
        ("a", ImageStatus.REMOVED),
        ("b", ImageStatus.SELECTED),
        ("c", ImageStatus.REMAINING),
        ("d", ImageStatus.SELECTED),
        ("e", ImageStatus.UNREADABLE),
    ]
    assert next(r.reason for r in result.images) == "a repeats d"
    assert [r.reason for r in result.images][-1] == "cut short"
    assert result.images[3].reason == "Primary image of the sequence."
    assert result.images[1].reason == "Image 2 of the sequence."
    assert result.images[-1].p_primary is None
    assert result.notes == ("a note",)
    assert result.timings == {"score": 0.1}


def test_a_terminated_run_reports_the_reason_and_no_score() -> None:
    result = build_result(PRODUCT, ENDED, None, PipelineSettings(), {})
    assert (result.outcome, result.reason) == (Outcome.NO_PRIMARY, "no image is above 0.50")
    assert (result.sequence, result.p_qualified, result.rule_probabilities) == ((), None, {})


def test_a_product_without_readable_images_says_how_many_files_failed() -> None:
    product = Product("sku", "", (), unreadable=PRODUCT.unreadable)
    empty = StageOneResult((), None, (), (), (), (), Outcome.NO_PRIMARY, "")
    result = build_result(product, empty, None, PipelineSettings(), {})
    assert result.outcome is Outcome.NO_READABLE_IMAGE
    assert "1 files" in result.reason


def test_a_score_of_another_sequence_is_refused() -> None:
    other = SequenceScore(("b", "d"), {"qualified": 1.0}, 1.0)
    with pytest.raises(ValueError, match=r"was built, but the score is for"):
        build_result(PRODUCT, DONE, other, PipelineSettings(num_images=2), {})


def test_the_json_form_has_the_documented_keys() -> None:
    value = to_json(build_result(PRODUCT, DONE, score(0.9), PipelineSettings(num_images=2), {}))
    documented = {"product_id", "outcome", "reason", "sequence", "p_qualified", "threshold", "rule_probabilities"}
    assert documented | {"feedback", "images", "duplicates", "timings"} <= set(value)
    assert set(value["images"][0]) == {"file", "status", "reason", "p_primary", "p_noncompliant", "findings", "quality"}
    assert {"kept", "removed", "similarity", "boxes"} <= set(value["duplicates"][0])


def test_only_quality_checks_above_the_threshold_are_findings_but_all_scores_are_told() -> None:
    evidence = Finding("banner", "A banner.", 0.7)
    checks = (Finding("blur", "Blurred.", 0.9, rule_id="S12"), Finding("dark", "Dark.", 0.6))
    assessed = replace(ASSESSMENTS[0], findings=(evidence,), quality=checks)
    ended = replace(ENDED, assessments=(assessed,))
    product = replace(PRODUCT, images=PRODUCT.images[:1])
    for limit, kinds in ((0.6, ["blur", "banner"]), (0.59, ["blur", "banner", "dark"]), (1.0, ["banner"])):
        report = build_result(product, ended, None, PipelineSettings(quality_threshold=limit), {}).images[0]
        assert [finding.kind for finding in report.findings] == kinds
        assert report.quality == {"blur": 0.9, "dark": 0.6}
