"""Category shares: what fails for one product is made up for by the next ones."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from agpis.rules import RuleCategory
from agpis.simulation.shares import CategoryShares

PLAN = {
    RuleCategory.QUALIFIED: 0.71,
    RuleCategory.SINGLE: 0.12,
    RuleCategory.PAIR: 0.07,
    RuleCategory.MULTI: 0.10,
}


def made_with(impossible: float, category: RuleCategory, seed: int = 0, count: int = 4000) -> Counter[RuleCategory]:
    """Verdicts when `category` cannot be made with some probability."""
    rng = np.random.default_rng(seed)
    shares = CategoryShares(PLAN)
    verdicts: Counter[RuleCategory] = Counter()
    for _ in range(count):
        drawn, order = shares.draw(rng)
        closed = {category} if rng.random() < impossible else set()
        made = next(wanted for wanted in order if wanted not in closed)
        shares.settle(drawn, made)
        verdicts[made] += 1
    return verdicts


@pytest.mark.parametrize("impossible", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("category", [RuleCategory.PAIR, RuleCategory.MULTI, RuleCategory.QUALIFIED])
def test_shares_are_kept_to_a_point_and_a_half(impossible: float, category: RuleCategory) -> None:
    if category is RuleCategory.QUALIFIED and impossible > 0.25:
        impossible = 0.2  # of what is wanted in 71% of the cases, no more can be lacking
    verdicts = made_with(impossible, category)
    for wanted, share in PLAN.items():
        assert verdicts[wanted] / 4000 == pytest.approx(share, abs=0.015)


def test_the_drawn_category_comes_first_unless_another_is_owed() -> None:
    rng = np.random.default_rng(1)
    shares = CategoryShares(PLAN)
    drawn, order = shares.draw(rng)
    assert order[0] is drawn
    assert sorted(order) == sorted(PLAN)
    # Nine qualified ones in place of pairs: the next draws of a qualified one go to pairs.
    for _ in range(9):
        shares.settle(RuleCategory.PAIR, RuleCategory.QUALIFIED)
    orders = [order for drawn, order in (shares.draw(rng) for _ in range(50)) if drawn is RuleCategory.QUALIFIED]
    assert orders
    assert {order[0] for order in orders} == {RuleCategory.PAIR}


def test_bad_sequences_wait_for_scarce_good_ones() -> None:
    shares = CategoryShares({RuleCategory.QUALIFIED: 3.0, RuleCategory.SINGLE: 1.0})
    assert shares.allows(RuleCategory.SINGLE)
    shares.note_lack_of_good()
    # After k good ones a bad one leaves 0.75 (k + 1) - k good ones owed; up to 0.25 may be.
    allowed = []
    for _ in range(4):
        allowed.append(shares.allows(RuleCategory.SINGLE))
        assert shares.allows(RuleCategory.QUALIFIED)
        shares.settle(RuleCategory.QUALIFIED, RuleCategory.QUALIFIED)
    assert allowed == [False, False, True, True]


@pytest.mark.parametrize("good", [1, 2, 3])
def test_shares_are_kept_over_a_dozen_products_with_few_good_sequences(good: int) -> None:
    rng = np.random.default_rng(5)
    made: Counter[RuleCategory] = Counter()
    for _ in range(200):
        shares = CategoryShares(PLAN)
        for _ in range(12):
            made += _verdicts(shares, good, rng)
    for wanted, share in PLAN.items():
        assert made[wanted] / made.total() == pytest.approx(share, abs=0.02)


def _verdicts(shares: CategoryShares, good: int, rng: np.random.Generator) -> Counter[RuleCategory]:
    """Three reviews of a product that has only so many good sequences."""
    made: Counter[RuleCategory] = Counter()
    for _ in range(3):
        drawn, order = shares.draw(rng)
        fit = [category for category in order if shares.allows(category)]
        if made[RuleCategory.QUALIFIED] == good and fit[0] is RuleCategory.QUALIFIED:
            shares.note_lack_of_good()
            fit = [category for category in fit[1:] if shares.allows(category)]
        shares.settle(drawn, fit[0] if fit else None)
        made.update(fit[:1])
    return made


def test_categories_without_a_share_are_never_drawn() -> None:
    shares = CategoryShares({RuleCategory.SINGLE: 1.0, RuleCategory.PAIR: 0.0})
    for seed in range(20):
        assert shares.draw(np.random.default_rng(seed)) == (RuleCategory.SINGLE, (RuleCategory.SINGLE,))
