"""Which category of verdict to aim at next, so that the shares come out as planned although some aims fail."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np

from agpis.rules import RuleCategory


class CategoryShares:
    """Draws categories at random; what a product could not give is made up for by the next ones.

    That is not enough where products have few good sequences: then fewer bad ones are made as well.
    """

    def __init__(self, proportions: Mapping[RuleCategory, float]) -> None:
        """Aim at `proportions`, which need not sum to 1; categories without a share are never drawn."""
        total = sum(proportions.values())
        self._shares = {category: share / total for category, share in proportions.items() if share > 0}
        self._made: Counter[RuleCategory] = Counter()
        # Made minus due: below zero is owed.
        self._balance: defaultdict[RuleCategory, float] = defaultdict(float)
        self._good_are_scarce = False

    def draw(self, rng: np.random.Generator) -> tuple[RuleCategory, tuple[RuleCategory, ...]]:
        """A category, and all categories in the order in which to try them.

        The drawn one comes first, unless more of it was made than is due and another is owed.
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

    def note_lack_of_good(self) -> None:
        """A product that has been reviewed had no further good sequence; others will be like it."""
        self._good_are_scarce = True

    def allows(self, category: RuleCategory) -> bool:
        """Whether another sequence of `category` leaves the good ones, where they are scarce, not too far behind.

        Behind by what one good sequence would put them ahead, 1 minus their share, is not too far.
        """
        if category is RuleCategory.QUALIFIED or not self._good_are_scarce:
            return True
        share = self._shares.get(RuleCategory.QUALIFIED, 0.0)
        return share * (self._made.total() + 2) <= self._made[RuleCategory.QUALIFIED] + 1

    def settle(self, drawn: RuleCategory, made: RuleCategory | None) -> None:
        """Note what was made in place of what was drawn, or that nothing could be."""
        self._balance[drawn] -= 1
        if made is not None:
            self._balance[made] += 1
            self._made[made] += 1
            return
        # With one sequence less in all, less of every category is due.
        for category, share in self._shares.items():
            self._balance[category] += share
