"""Why an image is not in the sequence: cases worked out by hand, and the law that the change named is the smallest."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agpis.stage1.selection import select
from agpis.stage1.why_not import Change, Decision, WhyNot, why_not
from agpis.types import Finding, ImageAssessment, PairMatch, PairRelation, PipelineSettings

SETTINGS = PipelineSettings(num_images=2)


def one(file: str, p_primary: float = 0.1, p_nc: float = 0.1, **more: object) -> ImageAssessment:
    return ImageAssessment(file, p_primary, p_nc, **more)  # type: ignore[arg-type]


def match(first: str, second: str, similarity: float, relation: PairRelation = PairRelation.DUPLICATE) -> PairMatch:
    return PairMatch(first, second, relation, similarity, ())


PLAIN = (one("a", 0.9), one("b"), one("c"))


def decisions(answer: WhyNot) -> list[Decision]:
    return [obstacle.decision for obstacle in answer.obstacles]


def test_a_banner_stays_from_its_own_p_nc_on() -> None:
    answer = why_not((*PLAIN, one("banner", p_nc=0.871)), (), SETTINGS, "banner")
    first = answer.obstacles[0]
    assert (first.decision, first.setting, first.value, first.limit) == (
        Decision.NONCOMPLIANT, "noncompliance_threshold", 0.871, 0.5,
    )  # fmt: skip
    assert first.margin == pytest.approx(0.371)
    assert answer.changes == (Change("noncompliance_threshold", 0.5, 0.88),)
    assert answer.stays


def test_a_value_that_is_a_hundredth_needs_no_more_than_itself() -> None:
    assert why_not((*PLAIN, one("x", p_nc=0.57)), (), SETTINGS, "x").changes[0].after == 0.57
    pair = match("a", "b", 0.57)
    assert why_not(PLAIN, (pair,), SETTINGS, "b").changes[0].after == 0.58, "a pair violates at its limit as well"


def test_a_blurred_photo_names_what_is_seen_before_its_p_nc() -> None:
    blurred = one("blur", p_nc=0.6, quality=(Finding("blurred", "The photo is blurred.", 0.99),))
    answer = why_not((*PLAIN, blurred), (), SETTINGS, "blur")
    assert decisions(answer)[:2] == [Decision.QUALITY, Decision.NONCOMPLIANT]
    assert answer.obstacles[0].message == "The photo is blurred."
    assert {(change.setting, change.after) for change in answer.changes} == {
        ("quality_threshold", 0.99),
        ("noncompliance_threshold", 0.6),
    }


def test_a_duplicate_names_the_image_that_stayed_and_a_certain_one_cannot_be_kept() -> None:
    answer = why_not(PLAIN, (match("a", "b", 0.81),), SETTINGS, "b")
    first = answer.obstacles[0]
    assert (first.decision, first.other, first.value) == (Decision.DUPLICATE, "a", 0.81)
    assert answer.changes == (Change("duplicate_threshold", 0.5, 0.82),)
    certain = why_not(PLAIN, (match("a", "b", 1.0),), SETTINGS, "b")
    assert (certain.stays, certain.changes, certain.settings) == (False, (), SETTINGS)
    assert certain.sequence == ("a", "c")


def test_a_certain_variant_stays_once_other_colours_may() -> None:
    answer = why_not(PLAIN, (match("a", "b", 1.0, PairRelation.VARIANT),), SETTINGS, "b")
    assert answer.changes == (Change("remove_variants", True, False),)


def test_another_colour_needs_a_smaller_limit() -> None:
    red, half = (1.0, 0.0), (0.253, 0.747)
    images = (one("a", 0.9, palette=red), one("b", palette=red), one("c", palette=half))
    answer = why_not(images, (), SETTINGS, "c")
    assert (answer.obstacles[0].decision, answer.obstacles[0].other) == (Decision.OTHER_COLOUR, "a")
    value = answer.obstacles[0].value
    assert 0 <= value - answer.changes[0].after < 0.01


def test_an_image_that_was_not_drawn_needs_nothing_but_luck() -> None:
    (missing,) = {"b", "c"} - set(select(PLAIN, (), SETTINGS).sequence)
    answer = why_not(PLAIN, (), SETTINGS, missing)
    (obstacle,) = answer.obstacles
    assert (obstacle.decision, obstacle.value, obstacle.limit) == (Decision.NOT_DRAWN, 2, 1)
    assert (answer.changes, answer.stays, answer.drawn) == ((), True, False)
    assert answer.seed is not None
    assert answer.sequence == ("a", missing) == select(PLAIN, (), replace(SETTINGS, seed=answer.seed)).sequence
    earlier = [select(PLAIN, (), replace(SETTINGS, seed=seed)).sequence for seed in range(answer.seed)]
    assert all(missing not in sequence for sequence in earlier)


def test_a_run_without_a_primary_image_and_one_with_too_few() -> None:
    weak = (one("a", 0.4), one("b", 0.2))
    answer = why_not(weak, (), SETTINGS, "b")
    assert decisions(answer) == [Decision.NO_PRIMARY]
    assert answer.obstacles[0].other == "a"
    assert answer.changes == (Change("primary_threshold", 0.5, 0.39),)
    assert answer.sequence == ("a", "b")
    few = why_not(PLAIN[:2], (), PipelineSettings(num_images=4), "a")
    assert decisions(few) == [Decision.TOO_FEW]
    assert few.changes == (Change("num_images", 4, 2),)
    hopeless = why_not((one("a", 0.0),), (), SETTINGS, "a")
    assert (hopeless.stays, hopeless.changes) == (False, ())


def test_only_an_assessed_image_outside_the_sequence_can_be_asked_about() -> None:
    with pytest.raises(ValueError, match="is in the sequence"):
        why_not(PLAIN, (), SETTINGS, "a")
    with pytest.raises(ValueError, match="was not assessed"):
        why_not(PLAIN, (), SETTINGS, "z")


@pytest.mark.parametrize("seed", range(30))
def test_the_changes_keep_the_image_and_a_hundredth_less_does_not(seed: int) -> None:
    """On random products: every change named is needed as it is, which `select` itself decides."""
    generator = np.random.default_rng(seed)
    files = [f"{index}.jpg" for index in range(7)]
    images = tuple(
        one(file, *generator.random(2), palette=tuple(generator.dirichlet((0.5, 0.5, 0.5)))) for file in files
    )
    relations = list(PairRelation)
    matches = tuple(
        match(first, second, float(generator.random()), relations[int(generator.integers(2))])
        for first, second in itertools.pairwise(files)
    )
    settings = PipelineSettings(num_images=3, primary_threshold=0.3)
    outside = [file for file in files if file not in select(images, matches, settings).sequence]
    for file in outside:
        answer = why_not(images, matches, settings, file)
        if not answer.stays:
            continue
        proof = select(images, matches, answer.settings)
        assert proof.sequence == answer.sequence
        assert file in proof.remaining
        if len(answer.changes) == 1 and len(decisions(answer)) - (Decision.NOT_DRAWN in decisions(answer)) == 1:
            (change,) = answer.changes
            if isinstance(change.after, float):
                back = -0.01 if change.after > change.before else 0.01
                nearer: dict[str, Any] = {change.setting: round(change.after + back, 2)}
                short = replace(settings, **nearer)
                missed = select(images, matches, short)
                assert missed.termination is not None or file not in missed.remaining
