"""A sequence in an order of one's own: what is refused, what stage 1 has against it, what it changes."""

from __future__ import annotations

import numpy as np
import pytest

from agpis.errors import SettingsError
from agpis.own_order import check_order, compare_orders, keep_locked, objections, result_of_order
from agpis.rules import load_taxonomy
from agpis.types import (
    Image,
    ImageAssessment,
    ImageStatus,
    Outcome,
    PipelineSettings,
    Product,
    Removal,
    RemovalCause,
    SequenceResult,
    SequenceScore,
    StageOneResult,
)

FILES = ("front.jpg", "side.jpg", "back.jpg", "banner.jpg")
PRODUCT = Product("shoe", "Shoe", tuple(Image(file, np.zeros((4, 4, 3), np.uint8)) for file in FILES))
BANNER = "p^nc 0.97 is above the threshold 0.50."
STAGE_ONE = StageOneResult(
    assessments=tuple(ImageAssessment(file, p, 0.1) for file, p in zip(FILES, (0.91, 0.33, 0.2, 0.1), strict=True)),
    primary="front.jpg",
    duplicates=(),
    removals=(Removal("banner.jpg", RemovalCause.NONCOMPLIANT, BANNER),),
    remaining=FILES[:3],
    sequence=FILES[:3],
    termination=None,
    reason="",
)
SETTINGS = PipelineSettings(submission_threshold=0.3)


def score(order: tuple[str, ...], p_qualified: float) -> SequenceScore:
    """The rest of the probability lies on rule S03, but for 0.1 on P01."""
    taxonomy = load_taxonomy()
    probabilities = dict.fromkeys(taxonomy.ids, 0.0)
    probabilities |= {taxonomy.qualified.id: p_qualified, "S03": 0.9 - p_qualified, "P01": 0.1}
    return SequenceScore(order, probabilities, p_qualified)


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ((), "the order has 0 images, 1 to 3 can be judged"),
        (FILES, "the order has 4 images, 1 to 3 can be judged"),
        (("front.jpg", "other.jpg"), "the order names other.jpg, which is none of the 4 readable photos"),
        (("front.jpg", "front.jpg"), "the order names front.jpg more than once"),
    ],
)
def test_an_order_that_cannot_be_judged_is_refused(order: tuple[str, ...], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        check_order(order, PRODUCT, max_images=3)


@pytest.mark.parametrize("order", [FILES[:1], FILES[1:], FILES[::-1][:3]])
def test_any_other_order_is_taken(order: tuple[str, ...]) -> None:
    check_order(order, PRODUCT, max_images=3)


@pytest.mark.parametrize(
    ("locked", "expected"),
    [
        ({}, "abc"),
        ({2: "b"}, "abc"),
        ({1: "c"}, "cab"),
        ({2: "x"}, "axb"),
        ({1: "x", 3: "y"}, "xay"),
        ({3: "a", 1: "c"}, "cba"),
        ({4: "x"}, "abc"),
    ],
)
def test_locked_images_stand_on_their_places_and_the_others_fill_the_rest(
    locked: dict[int, str], expected: str
) -> None:
    assert "".join(keep_locked("abc", locked)) == expected


def test_without_a_sequence_nothing_can_be_kept() -> None:
    assert keep_locked((), {1: "a"}) == ()


def test_the_automatic_sequence_meets_no_objection() -> None:
    assert objections(STAGE_ONE, STAGE_ONE.sequence, SETTINGS) == ()


def test_every_decision_an_order_goes_against_is_told() -> None:
    found = objections(STAGE_ONE, ("side.jpg", "banner.jpg"), SETTINGS)
    assert [(one.file, one.reason) for one in found] == [
        ("banner.jpg", f"You put back banner.jpg, which was removed: {BANNER}"),
        ("side.jpg", "Your order opens with side.jpg, p^primary 0.33; the primary image is front.jpg, p^primary 0.91."),
        ("", "Your order has 2 images; K^t asks for 3."),
    ]


def test_a_removed_image_that_opens_is_told_once() -> None:
    found = objections(STAGE_ONE, ("banner.jpg", "front.jpg", "side.jpg"), SETTINGS)
    assert [one.file for one in found] == ["banner.jpg"]


def test_the_result_of_an_order_says_what_became_of_every_image_and_what_spoke_against_it() -> None:
    order = ("front.jpg", "banner.jpg", "back.jpg")
    result = result_of_order(PRODUCT, STAGE_ONE, score(order, 0.25), SETTINGS, {"score": 0.1}, ("A note.",))
    assert (result.outcome, result.sequence, result.p_qualified) == (Outcome.BELOW_THRESHOLD, order, 0.25)
    assert [report.status for report in result.images] == [
        ImageStatus.SELECTED,
        ImageStatus.REMAINING,
        ImageStatus.SELECTED,
        ImageStatus.SELECTED,
    ]
    assert [report.reason for report in result.images][2:] == ["Image 3 of the sequence.", "Image 2 of the sequence."]
    assert result.notes == ("A note.", f"You put back banner.jpg, which was removed: {BANNER}")


def test_a_run_that_ended_without_a_sequence_can_be_given_one() -> None:
    ended = StageOneResult(
        STAGE_ONE.assessments, None, (), STAGE_ONE.removals, FILES[:3], (), Outcome.NO_PRIMARY, "No primary image."
    )
    result = result_of_order(PRODUCT, ended, score(FILES[:3], 0.8), SETTINGS, {})
    assert result.outcome is Outcome.SUBMIT
    assert result.notes == (
        "Your order opens with front.jpg, p^primary 0.91; the primary threshold asks for more than 0.50.",
    )


def test_orders_are_compared_in_p_and_in_the_likeliest_rules() -> None:
    def result(p_qualified: float) -> SequenceResult:
        return result_of_order(PRODUCT, STAGE_ONE, score(FILES[:3], p_qualified), SETTINGS, {})

    taxonomy = load_taxonomy()
    compared = compare_orders(result(0.3), result(0.7), taxonomy, top=2)
    assert compared.difference == pytest.approx(-0.4)
    assert [(rule.rule_id, rule.title) for rule in compared.rules] == [
        ("S03", taxonomy["S03"].title),
        ("P01", taxonomy["P01"].title),
    ]
    assert [rule.probability for rule in compared.rules] == pytest.approx([0.6, 0.1])
    assert [rule.difference for rule in compared.rules] == pytest.approx([0.4, 0.0])
