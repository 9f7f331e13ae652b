"""The decisions of section 3.3 on cases worked out by hand, and laws that hold for every product."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from agpis.errors import ModelError, SettingsError
from agpis.stage1.selection import candidate_sequences, select
from agpis.types import (
    Box,
    Finding,
    ImageAssessment,
    Outcome,
    PairMatch,
    PairRelation,
    PipelineSettings,
    Removal,
    RemovalCause,
    StageOneResult,
)


def assess(*rows: tuple[str, float, float]) -> tuple[ImageAssessment, ...]:
    return tuple(ImageAssessment(file, p_primary, p_nc) for file, p_primary, p_nc in rows)


def match(
    first: str, second: str, similarity: float = 0.9, relation: PairRelation = PairRelation.DUPLICATE
) -> PairMatch:
    return PairMatch(first, second, relation, similarity, ((Box(1, 1, 2, 2), Box(5, 5, 3, 3)),))


FOUR = assess(("a", 0.2, 0.1), ("b", 0.9, 0.2), ("c", 0.6, 0.3), ("d", 0.1, 0.4))
PAIRS_OF_FOUR = PipelineSettings(num_images=2)


def removed(result: StageOneResult) -> list[str]:
    return [removal.file for removal in result.removals]


def test_primary_is_the_largest_p_primary_and_comes_first() -> None:
    result = select(FOUR, (), PipelineSettings(num_images=4))
    assert result.primary == "b"
    assert result.sequence == ("b", "c", "a", "d")  # the others by falling p^primary
    assert result.termination is None
    assert result.remaining == ("a", "b", "c", "d")
    assert result.reason == "b with p^primary 0.90 comes first, 3 of 3 other remaining images follow."


def test_no_image_above_the_primary_threshold_ends_the_run() -> None:
    result = select(FOUR, (), PipelineSettings(primary_threshold=0.9))
    assert (result.termination, result.primary, result.sequence) == (Outcome.NO_PRIMARY, None, ())
    assert result.removals == ()
    assert result.reason == "The largest p^primary, 0.90 of b, is not above the limit 0.90."


def test_equal_p_primary_goes_to_the_earlier_image() -> None:
    rows = assess(("a", 0.7, 0.0), ("b", 0.8, 0.0), ("c", 0.8, 0.0))
    assert select(rows, (), PAIRS_OF_FOUR).primary == "b"


def test_a_near_tie_goes_to_the_earlier_image_and_is_told() -> None:
    near = assess(("a", 0.2, 0.1), ("b", 0.50, 0.1), ("c", 0.54, 0.1))
    settings = PipelineSettings(num_images=2, primary_threshold=0.3, tie_threshold=0.05)
    result = select(near, (), settings)
    assert result.primary == "b"
    assert "b with p^primary 0.50 comes first, tied with c (0.54) and earlier in the product's order" in result.reason
    assert select(near, (), PipelineSettings(num_images=2, primary_threshold=0.3)).primary == "c"
    assert select(near[::-1], (), settings).primary == "c"


@pytest.mark.parametrize(
    ("limit", "primary"),
    [(0.45, "b"), (0.5, "c"), (0.53, "c")],  # an image that is not above the limit wins no tie
)
def test_a_tie_needs_both_images_above_the_limit(limit: float, primary: str) -> None:
    near = assess(("a", 0.2, 0.1), ("b", 0.50, 0.1), ("c", 0.54, 0.1))
    assert (
        select(near, (), PipelineSettings(num_images=2, primary_threshold=limit, tie_threshold=0.05)).primary == primary
    )


def test_a_tie_does_not_save_a_noncompliant_image() -> None:
    near = assess(("a", 0.50, 0.9), ("b", 0.49, 0.1), ("c", 0.52, 0.1))
    result = select(near, (), PipelineSettings(num_images=2, primary_threshold=0.3, tie_threshold=0.05))
    assert result.primary == "b"


def test_noncompliant_images_are_removed_with_value_and_limit() -> None:
    rows = assess(("a", 0.9, 0.5), ("b", 0.1, 0.83), ("c", 0.1, 0.501), ("d", 0.1, 0.0))
    result = select(rows, (), PAIRS_OF_FOUR)
    assert [(r.file, r.cause, r.reason) for r in result.removals] == [
        ("b", RemovalCause.NONCOMPLIANT, "p^nc 0.83 is above the limit 0.50."),
        ("c", RemovalCause.NONCOMPLIANT, "p^nc 0.501 is above the limit 0.500."),
    ]
    assert result.sequence == ("a", "d")


def test_noncompliant_primary_is_replaced_by_the_next_best_compliant_image() -> None:
    rows = assess(("a", 0.9, 0.8), ("b", 0.8, 0.9), ("c", 0.6, 0.1), ("d", 0.7, 0.2))
    result = select(rows, (), PAIRS_OF_FOUR)
    assert result.primary == "d"
    assert result.sequence == ("d", "c")
    assert "stands in for a, which was removed" in result.reason


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (("b", 0.4, 0.1), "the next largest, 0.40 of b, is not above the limit 0.50"),
        (("b", 0.9, 0.9), "no compliant image is left"),
    ],
)
def test_noncompliant_primary_without_a_successor_ends_the_run(second: tuple[str, float, float], reason: str) -> None:
    result = select(assess(("a", 0.9, 0.8), second), (), PipelineSettings(num_images=1))
    assert (result.termination, result.primary) == (Outcome.NO_PRIMARY, None)
    assert reason in result.reason


def test_too_few_compliant_images_end_the_run() -> None:
    rows = assess(("a", 0.9, 0.0), ("b", 0.1, 0.9), ("c", 0.1, 0.9), ("d", 0.1, 0.1))
    result = select(rows, (match("a", "d"),), PipelineSettings(num_images=3))
    assert (result.termination, result.primary, result.sequence) == (Outcome.TOO_FEW_IMAGES, "a", ())
    assert result.remaining == ("a", "d")
    assert result.duplicates == ()
    assert result.reason == "2 images are left of 4 after removing non-compliant images; 3 are needed."


def test_too_few_images_after_duplicates_end_the_run() -> None:
    result = select(FOUR, (match("a", "b"), match("c", "d")), PipelineSettings(num_images=3))
    assert result.termination is Outcome.TOO_FEW_IMAGES
    assert result.remaining == ("b", "c")
    assert result.reason == "2 images are left of 4 after removing duplicates; 3 are needed."


def test_no_image_at_all_ends_the_run() -> None:
    result = select((), (), PipelineSettings())
    assert (result.termination, result.remaining) == (Outcome.NO_READABLE_IMAGE, ())


def test_the_primary_stays_even_with_the_larger_p_nc() -> None:
    result = select(FOUR, (match("a", "b"),), PAIRS_OF_FOUR)
    pair = result.duplicates[0]
    assert (pair.kept, pair.removed) == ("b", "a")
    assert pair.boxes == ((Box(5, 5, 3, 3), Box(1, 1, 2, 2)),)  # turned round with the images
    assert result.removals[0].reason == "Shows the same content as b, the primary image (similarity 0.90, limit 0.50)."


def test_of_two_others_the_smaller_p_nc_stays() -> None:
    result = select(FOUR, (match("d", "c"),), PAIRS_OF_FOUR)
    assert (result.duplicates[0].kept, result.duplicates[0].removed) == ("c", "d")
    assert "whose p^nc 0.30 is smaller than 0.40" in result.removals[0].reason


def test_equal_p_nc_keeps_the_earlier_image() -> None:
    rows = assess(("a", 0.9, 0.0), ("b", 0.1, 0.2), ("c", 0.1, 0.2))
    result = select(rows, (match("c", "b"),), PAIRS_OF_FOUR)
    assert removed(result) == ["c"]


def test_three_mutual_duplicates_leave_exactly_one() -> None:
    triple = [match("a", "c", 0.6), match("c", "d", 0.9), match("a", "d", 0.7)]
    for order in itertools.permutations(triple):
        result = select(FOUR, order, PAIRS_OF_FOUR)
        assert result.remaining == ("a", "b")
        assert removed(result) == ["d", "c"]  # c-d is the strongest pair, then a-c; a-d finds d gone


def test_a_pair_that_lost_an_image_does_nothing() -> None:
    chain = (match("b", "c", 0.9), match("c", "d", 0.8))  # b removes c, so d has nobody to be a duplicate of
    result = select(FOUR, chain, PAIRS_OF_FOUR)
    assert removed(result) == ["c"]
    assert result.remaining == ("a", "b", "d")


def test_pairs_of_a_noncompliant_image_do_nothing() -> None:
    rows = assess(("a", 0.9, 0.0), ("b", 0.1, 0.9), ("c", 0.1, 0.2))
    result = select(rows, (match("b", "c"),), PAIRS_OF_FOUR)
    assert removed(result) == ["b"]


@pytest.mark.parametrize(("similarity", "expected"), [(0.5, ["a"]), (0.499, [])])
def test_the_duplicate_threshold_is_reached_by_equality(similarity: float, expected: list[str]) -> None:
    assert removed(select(FOUR, (match("a", "b", similarity),), PAIRS_OF_FOUR)) == expected


@pytest.mark.parametrize(("remove_variants", "expected"), [(True, ["a"]), (False, [])])
def test_variants_count_only_when_asked_for(remove_variants: bool, expected: list[str]) -> None:
    settings = PipelineSettings(num_images=2, remove_variants=remove_variants)
    result = select(FOUR, (match("a", "b", relation=PairRelation.VARIANT),), settings)
    assert removed(result) == expected
    assert [removal.cause for removal in result.removals] == [RemovalCause.VARIANT] * len(expected)
    assert len(result.duplicates) == len(expected)


def test_bad_probabilities_and_unknown_files_are_refused() -> None:
    with pytest.raises(ModelError, match=r"p\^nc of a must lie in \[0, 1\], got nan"):
        select(assess(("a", 0.9, float("nan"))), (), PipelineSettings())
    with pytest.raises(ModelError, match=r"p\^primary of a .* got 1.5"):
        select(assess(("a", 1.5, 0.1)), (), PipelineSettings())
    with pytest.raises(ValueError, match="a and z names a file that was not assessed"):
        select(FOUR, (match("a", "z"),), PAIRS_OF_FOUR)
    with pytest.raises(ValueError, match="assessed twice"):
        select(assess(("a", 0.9, 0.1), ("a", 0.9, 0.1)), (), PipelineSettings())


def random_product(
    generator: np.random.Generator, count: int
) -> tuple[tuple[ImageAssessment, ...], tuple[PairMatch, ...]]:
    files = [f"{index:02d}" for index in range(count)]
    rows = tuple(ImageAssessment(f, generator.random(), 0.7 * generator.random()) for f in files)
    matches = tuple(match(a, b, generator.random()) for a, b in itertools.combinations(files, 2))
    return rows, tuple(m for m in matches if m.similarity > 0.9 or generator.random() < 0.05)


@pytest.mark.parametrize("num_images", [2, 3, 5])
@pytest.mark.parametrize("count", range(3, 21))
def test_laws_of_every_product(num_images: int, count: int) -> None:
    generator = np.random.default_rng(1000 * num_images + count)
    settings = PipelineSettings(num_images=num_images, seed=count)
    for _ in range(10):
        rows, matches = random_product(generator, count)
        result = select(rows, matches, settings)
        assert result == select(rows, matches, settings)
        assert set(removed(result)) | set(result.remaining) == {row.file for row in rows}
        assert not set(removed(result)) & set(result.remaining)
        if result.termination is None:
            assert len(set(result.sequence)) == num_images
            assert result.sequence[0] == result.primary
            assert set(result.sequence) <= set(result.remaining)
            p_primary = {row.file: row.p_primary for row in rows}
            assert list(result.sequence[1:]) == sorted(result.sequence[1:], key=lambda file: -p_primary[file])
        else:
            assert result.sequence == ()
        other = select([rows[i] for i in generator.permutation(len(rows))], matches[::-1], settings)
        assert set(removed(other)) == set(removed(result))  # no ties among random numbers
        assert (other.primary, other.termination) == (result.primary, result.termination)


def test_the_seed_decides_the_draw() -> None:
    rows = assess(("p", 0.9, 0.0), *((f"{index}", 0.1, 0.0) for index in range(8)))
    drawn = {select(rows, (), PipelineSettings(seed=seed)).sequence for seed in range(40)}
    assert len(drawn) > 10
    assert {file for sequence in drawn for file in sequence[1:]} == {f"{index}" for index in range(8)}


def test_all_candidate_sequences() -> None:
    result = select(FOUR, (match("a", "b"),), PipelineSettings(num_images=3))
    assert candidate_sequences(result, PipelineSettings(num_images=3), 10) == (("b", "c", "d"), ("b", "d", "c"))


def test_drawn_candidate_sequences_start_with_the_one_of_stage_one() -> None:
    rows = assess(("p", 0.9, 0.0), *((f"{index}", 0.1, 0.0) for index in range(6)))
    settings = PipelineSettings(num_images=3, seed=4)
    result = select(rows, (), settings)
    assert len(candidate_sequences(result, settings, 30)) == 30  # 6 * 5 of them exist
    drawn = candidate_sequences(result, settings, 29)
    assert drawn[0] == result.sequence
    assert len(set(drawn)) == 29
    assert all(sequence[0] == "p" and len(set(sequence)) == 3 for sequence in drawn)
    assert drawn == candidate_sequences(result, settings, 29)


def test_candidate_sequences_of_one_image_of_many_and_of_none() -> None:
    one = PipelineSettings(num_images=1)
    assert candidate_sequences(select(FOUR, (), one), one, 5) == (("b",),)
    ten = PipelineSettings(num_images=10)
    rows = assess(("p", 0.9, 0.0), *((f"{index}", 0.1, 0.0) for index in range(300)))
    assert len(candidate_sequences(select(rows, (), ten), ten, 3)) == 3
    ended = select((), (), one)
    assert candidate_sequences(ended, one, 5) == ()
    with pytest.raises(SettingsError, match="limit must be at least 1"):
        candidate_sequences(ended, one, 0)


# -- quality checks -------------------------------------------------------------------------------------------------


def with_quality(score: float) -> tuple[ImageAssessment, ...]:
    """Three good images, the first of which has a weak and a stronger flaw."""
    flaws = (Finding("blur", "The photo is blurred.", score), Finding("dark", "The photo is dark.", score / 2))
    return (ImageAssessment("a", 0.9, 0.1, quality=flaws), *assess(("b", 0.8, 0.1), ("c", 0.7, 0.1)))


def test_a_photo_with_a_flaw_above_the_quality_threshold_is_removed_with_the_words_of_the_check() -> None:
    settings = PipelineSettings(num_images=2, quality_threshold=0.6)
    result = select(with_quality(0.8), (), settings)
    assert result.primary == "b"
    removal = Removal("a", RemovalCause.NONCOMPLIANT, "The photo is blurred (score 0.80, limit 0.60).")
    assert result.removals == (removal,)


def test_a_score_equal_to_the_quality_threshold_stays_and_one_leaves_all() -> None:
    assert select(with_quality(0.8), (), PipelineSettings(num_images=2, quality_threshold=0.8)).removals == ()
    assert select(with_quality(1.0), (), PipelineSettings(num_images=2, quality_threshold=1.0)).removals == ()


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
def test_a_quality_score_that_is_none_is_refused(score: float) -> None:
    with pytest.raises(ModelError, match="blur score of a"):
        select(with_quality(score), (), PipelineSettings())
