"""The promised reject rate: the promise is kept as often as it says, also for few sequences and for ties."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from analysis.errors import AnalysisError
from analysis.operating_point import (
    Choice,
    NoThreshold,
    ReviewedSample,
    SearchPlan,
    Source,
    choose_guaranteed,
)
from analysis.operating_point.bounds import upper_bound
from analysis.operating_point.guarantee import counts_on_grid, proven_levels
from analysis.predictions import Floats

REPETITIONS = 2000
ALPHA, DELTA = 0.1, 0.1
# The promise may look broken by chance: of 2,000 repetitions that each break it with a chance of delta, more than this
# many do so in 1 of 10,000 runs of the test. The seed is fixed, so it is not run again and again.
MOST_BROKEN = int(stats.binom.ppf(1 - 1e-4, REPETITIONS, DELTA))


def sample(scores: Floats, rejected: object, products: object = None) -> ReviewedSample:
    numbers = np.arange(len(scores)) if products is None else np.asarray(products)
    return ReviewedSample(scores, np.asarray(rejected, bool), numbers, Source("val", len(scores), len(scores)))


def true_rates(scores: Floats, chances: Floats, rejects: Floats, plan: SearchPlan) -> Floats:
    """R(t) of every threshold of the plan, where a sequence has scores[k] with chances[k]."""
    above = scores[None, :] >= np.array(plan.thresholds)[:, None]
    submitted = (above * chances).sum(axis=1)
    rejected = (above * chances * rejects).sum(axis=1)
    return np.asarray(np.divide(rejected, submitted, out=np.zeros_like(submitted), where=submitted > 0))


def broken_promises(n: int, scores: Floats, chances: Floats, rejects: Floats, plan: SearchPlan) -> tuple[int, int]:
    """In how many of the repetitions a threshold is chosen whose true rate is above alpha, and in how many one is."""
    rng = np.random.default_rng(0)
    above = scores[None, :] >= np.array(plan.thresholds)[:, None]
    drawn = rng.multinomial(n, chances, size=REPETITIONS)  # (R, K)
    submitted, rejected = drawn @ above.T, rng.binomial(drawn, rejects) @ above.T
    proven = proven_levels(submitted, rejected, ALPHA, plan.parts(DELTA)) > 0  # (R, m)
    lowest = len(plan.thresholds) - 1 - proven[:, ::-1].argmax(axis=1)
    chosen = proven.any(axis=1)
    too_high = true_rates(scores, chances, rejects, plan)[lowest] > ALPHA + 1e-12  # not by rounding
    return int((chosen & too_high).sum()), int(chosen.sum())


def unproven_reason(result: Choice | NoThreshold) -> str:
    assert isinstance(result, NoThreshold)
    return result.reason


def shop(kind: str) -> tuple[Floats, Floats, Floats]:
    """Scores, their chances and their reject rates of a made shop."""
    scores = (np.arange(400) + 0.5) / 400
    chances = np.full(400, 1 / 400)
    if kind == "calibrated":
        return scores, chances, 1 - scores
    if kind == "ties":  # five values of p^t only, two of them on the grid
        return np.array([0.96, 0.9, 0.72, 0.5, 0.1]), np.full(5, 0.2), np.array([0.02, 0.15, 0.12, 0.3, 0.8])
    if kind == "just above":  # every threshold breaks the promise, by next to nothing: the hardest case
        return scores, chances, np.full(400, ALPHA + 1e-9)
    if kind == "up and down":  # the surest are rejected most, and below them the rate falls
        return scores, chances, np.where(scores > 0.8, 0.115, 0.097)
    if kind == "nothing above a half":
        return scores / 2, chances, np.where(scores > 0.65, 0.05, 0.4)
    if kind == "too sure":  # the limit is reached only above 0.998
        return 1 - (1 - scores) ** 4, chances, 1 - scores
    raise AssertionError(kind)


@pytest.mark.parametrize("n", [30, 100, 1000, 20000])
@pytest.mark.parametrize(
    "kind", ["calibrated", "ties", "just above", "up and down", "nothing above a half", "too sure"]
)
def test_the_promise_is_kept(kind: str, n: int) -> None:
    broken, _ = broken_promises(n, *shop(kind), SearchPlan())
    assert broken <= MOST_BROKEN


def test_the_promise_is_kept_with_one_start() -> None:
    plan = SearchPlan(starts=(0.9,))
    broken = [broken_promises(n, *shop("just above"), plan)[0] for n in (1000, 20000)]
    assert max(broken) <= MOST_BROKEN
    # It is no empty promise: nearly all of delta is used where every threshold is wrong by a hair.
    assert max(broken) > REPETITIONS * DELTA / 2


def test_the_test_would_notice_a_broken_promise() -> None:
    """Every start holding all of delta, not its part, is what the proof forbids."""
    plan = SearchPlan()
    greedy = replace(plan, thresholds=plan.starts)
    scores, chances, rejects = shop("just above")
    above = scores[None, :] >= np.array(greedy.thresholds)[:, None]
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(20000, chances, size=REPETITIONS)
    submitted, rejected = drawn @ above.T, rng.binomial(drawn, rejects) @ above.T
    proven = proven_levels(submitted, rejected, ALPHA, np.full(len(greedy.thresholds), DELTA)) > 0
    assert int(proven.any(axis=1).sum()) > MOST_BROKEN


def test_what_was_seen_on_the_sample_is_no_promise() -> None:
    """The lowest threshold whose reject rate is seen to keep alpha breaks it about every second time."""
    scores, chances, rejects = shop("calibrated")
    plan, rng = SearchPlan(), np.random.default_rng(0)
    above = scores[None, :] >= np.array(plan.thresholds)[:, None]
    drawn = rng.multinomial(500, chances, size=REPETITIONS)
    submitted, rejected = drawn @ above.T, rng.binomial(drawn, rejects) @ above.T
    keeps = (rejected <= ALPHA * submitted) & (submitted > 0)
    lowest = len(plan.thresholds) - 1 - keeps[:, ::-1].argmax(axis=1)
    assert (true_rates(scores, chances, rejects, plan)[lowest] > ALPHA + 1e-9).mean() > 0.4


@pytest.mark.parametrize("kind", ["calibrated", "too sure"])
def test_many_sequences_nearly_always_find_a_threshold(kind: str) -> None:
    _, chosen = broken_promises(20000, *shop(kind), SearchPlan())
    assert chosen > 0.99 * REPETITIONS


def test_many_sequences_find_a_threshold_near_the_best() -> None:
    scores, _, _ = shop("calibrated")  # R(t) = (1 - t) / 2, so the best is 0.8
    rng = np.random.default_rng(0)
    p_t = rng.choice(scores, 20000)
    choice = choose_guaranteed(sample(p_t, rng.random(20000) > p_t), ALPHA, DELTA)
    assert isinstance(choice, Choice)
    assert 0.8 < choice.threshold <= 0.84


# -- single steps by hand -----------------------------------------------------------------------------------------


def test_a_success_passes_its_level_on_and_a_failure_does_not() -> None:
    # At alpha = 0.5 and 0 of n rejected the p-value is 2^-n: 1/4, 1/32, 1/8, 1/2, 1/32.
    submitted, rejected = np.array([2, 5, 3, 1, 5]), np.zeros(5, np.int64)
    parts = np.array([0.05, 0.05, 0.1, 0.0, 0.05])
    # The first fails; the second has its own 0.05, the third 0.15 of it; the fourth fails with that.
    assert proven_levels(submitted, rejected, 0.5, parts).tolist() == pytest.approx([0, 0.05, 0.15, 0, 0.05])


def test_counts_on_the_grid_hold_ties() -> None:
    plan = SearchPlan((0.9, 0.6, 0.5), (0.9,))
    submitted, rejected = counts_on_grid(np.array([0.9, 0.6, 0.6, 0.55]), np.array([False, True, False, False]), plan)
    assert submitted.tolist() == [1, 3, 4]
    assert rejected.tolist() == [0, 1, 1]


@pytest.mark.parametrize(("n", "proven"), [(28, False), (29, True)])
def test_the_smallest_sample_that_proves_anything(n: int, proven: bool) -> None:
    # 0.9^29 < 0.05 < 0.9^28
    result = choose_guaranteed(sample(np.full(n, 0.95), np.zeros(n)), 0.1, 0.05, SearchPlan(starts=(0.9,)))
    assert isinstance(result, Choice) is proven
    if isinstance(result, Choice):
        assert result.threshold == 0.01  # nothing lies below: all of the tie is submitted at any
        assert result.upper_bound == pytest.approx(1 - 0.05 ** (1 / n))
        assert result.point.submitted == n
    else:
        assert "at least 29 submitted products are needed even when none" in result.reason


def test_what_is_not_proven_says_how_near_it_came() -> None:
    result = choose_guaranteed(sample(np.full(100, 0.8), np.arange(100) < 9), 0.1, 0.05)
    assert isinstance(result, NoThreshold)
    assert "is 0.7, where 9 of 100 were rejected (9%); that is few enough, but may be luck" in result.reason
    assert "allow a larger reject rate" in unproven_reason(
        choose_guaranteed(sample(np.full(99, 0.8), np.ones(99)), 0.1, 0.05)
    )
    assert result.criterion.words == "reject rate of at most 10%, promised with 95% confidence"


def test_the_bound_of_a_choice_is_at_most_alpha() -> None:
    rng = np.random.default_rng(3)
    p_t = rng.random(2000)
    result = choose_guaranteed(sample(p_t, rng.random(2000) > p_t), 0.2, 0.05)
    assert isinstance(result, Choice)
    assert result.upper_bound is not None
    assert result.point.reject_rate is not None
    assert result.point.reject_rate < result.upper_bound <= 0.2
    # The level of its test is between the part of one start and all of delta.
    bounds = [upper_bound(result.point.rejected, result.point.submitted, level) for level in (0.05, 0.05 / 8)]
    assert bounds[0] <= result.upper_bound <= bounds[1]


def test_sequences_of_one_product_count_once() -> None:
    # 29 products would do; the same 10 products three times over do not.
    thrice = sample(np.full(30, 0.95), np.zeros(30), np.repeat(np.arange(10), 3))
    result = choose_guaranteed(thrice, 0.1, 0.05, SearchPlan(starts=(0.9,)))
    assert isinstance(result, NoThreshold)
    assert result.chosen_on.n == 10


def test_same_seed_same_choice() -> None:
    rng = np.random.default_rng(3)
    p_t = rng.random(3000)
    data = sample(p_t, rng.random(3000) > p_t, np.repeat(np.arange(1000), 3))
    assert choose_guaranteed(data, 0.2, 0.05, seed=1) == choose_guaranteed(data, 0.2, 0.05, seed=1)
    assert choose_guaranteed(data, 0.2, 0.05, seed=1) != choose_guaranteed(data, 0.2, 0.05, seed=2)


def test_plans_and_levels_that_cannot_be() -> None:
    with pytest.raises(AnalysisError, match="must fall from the strictest"):
        SearchPlan((0.5, 0.6), (0.5,))
    with pytest.raises(AnalysisError, match=r"needs thresholds in \[0, 1\]"):
        SearchPlan((1.5, 0.6), (0.6,))
    for starts in ((), (0.7,), (0.6, 0.6), (0.5, 0.6)):
        with pytest.raises(AnalysisError, match="starts must be thresholds of the grid"):
            SearchPlan((0.6, 0.5), starts)
    data = sample(np.full(5, 0.5), np.zeros(5))
    with pytest.raises(AnalysisError, match=r"the largest reject rate must lie in \(0, 1\), got 0"):
        choose_guaranteed(data, 0, 0.1)
    with pytest.raises(AnalysisError, match=r"delta, .* must lie in \(0, 1\), got 1"):
        choose_guaranteed(data, 0.1, 1)
