"""Which category of verdict to aim at next, so that the shares come out as planned although some aims fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

import numpy as np

from agpis.rules import RuleCategory

# By how many sequences a category may fall behind because others are made in its place.
_SLACK = 0.5


class CategoryShares:
    """Draws categories at random; what a product could not give is made up for by the next ones.

    Where that cannot be enough, as when no product has a second good sequence, fewer of the others are made.
    """

    def __init__(self, proportions: Mapping[RuleCategory, float]) -> None:
        """Aim at `proportions`, which need not sum to 1; categories without a share are never drawn."""
        total = sum(proportions.values())
        self._shares = {category: share / total for category, share in proportions.items() if share > 0}
        self._made: Counter[RuleCategory] = Counter()
        # Made minus drawn: below zero is owed.
        self._balance: Counter[RuleCategory] = Counter()

    def draw(self, rng: np.random.Generator) -> tuple[RuleCategory, tuple[RuleCategory, ...]]:
        """A category, and all categories in the order in which to try them.

        The drawn one comes first, unless more of it was made than drawn and another is owed.
        """
        categories = list(self._shares)
        weights = np.array([self._shares[category] for category in categories])
        drawn = categories[int(rng.choice(len(categories), p=weights))]
        # Sorting by these keys draws one after the other by weight.
        keys = dict(zip(categories, rng.exponential(1 / weights), strict=True))
        owed = sorted(
            (category for category in categories if self._balance[category] < 0), key=lambda one: self._balance[one]
        )
        first = [*owed, drawn] if self._balance[drawn] > 0 else [drawn, *owed]
        return drawn, tuple(dict.fromkeys([*first, *sorted(categories, key=keys.__getitem__)]))

    def allows(self, category: RuleCategory, lacking: Collection[RuleCategory]) -> bool:
        """Whether another sequence of `category` leaves those that the product lacks no further behind than may be."""
        total = self._made.total() + 1
        return all(
            self._shares[other] * total - self._made[other] <= _SLACK for other in lacking if other is not category
        )

    def settle(self, drawn: RuleCategory, made: RuleCategory) -> None:
        """Note what was made in place of what was drawn."""
        self._balance[drawn] -= 1
        self._balance[made] += 1
        self._made[made] += 1
