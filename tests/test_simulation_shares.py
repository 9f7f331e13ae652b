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


def test_no_category_runs_away_from_one_that_cannot_be_made() -> None:
    shares = CategoryShares(PLAN)
    lacking = {RuleCategory.QUALIFIED}
    # 71% of one sequence is more than the half that may be owed; of the pairs, 7% of seven sequences is not.
    assert not shares.allows(RuleCategory.SINGLE, lacking)
    assert shares.allows(RuleCategory.SINGLE, ())
    assert shares.allows(RuleCategory.QUALIFIED, lacking)
    for _ in range(6):
        assert shares.allows(RuleCategory.QUALIFIED, {RuleCategory.PAIR})
        shares.settle(RuleCategory.QUALIFIED, RuleCategory.QUALIFIED)
    assert shares.allows(RuleCategory.SINGLE, lacking)
    assert shares.allows(RuleCategory.QUALIFIED, {RuleCategory.PAIR})
    shares.settle(RuleCategory.QUALIFIED, RuleCategory.QUALIFIED)
    assert not shares.allows(RuleCategory.QUALIFIED, {RuleCategory.PAIR})


def test_categories_without_a_share_are_never_drawn() -> None:
    shares = CategoryShares({RuleCategory.SINGLE: 1.0, RuleCategory.PAIR: 0.0})
    for seed in range(20):
        assert shares.draw(np.random.default_rng(seed)) == (RuleCategory.SINGLE, (RuleCategory.SINGLE,))
