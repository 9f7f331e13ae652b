"""Which category of verdict to aim at next, so that the shares come out as planned although some aims fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from agpis.rules import RuleCategory


class CategoryShares:
    """Draws categories at random; what a product could not give is made up for by the next ones."""

    def __init__(self, proportions: Mapping[RuleCategory, float]) -> None:
        """Aim at `proportions`, which need not sum to 1; categories without a share are never drawn."""
        self._shares = {category: share for category, share in proportions.items() if share > 0}
        # Made minus drawn: below zero is owed.
        self._balance: Counter[RuleCategory] = Counter()

    def draw(self, rng: np.random.Generator) -> tuple[RuleCategory, tuple[RuleCategory, ...]]:
        """A category, and all categories in the order in which to try them.

        The drawn one comes first, unless more of it was made than drawn and another is owed.
        """
        categories = list(self._shares)
        weights = np.array([self._shares[category] for category in categories])
        drawn = categories[int(rng.choice(len(categories), p=weights / weights.sum()))]
        # Sorting by these keys draws one after the other by weight.
        keys = dict(zip(categories, rng.exponential(1 / weights), strict=True))
        owed = sorted(
            (category for category in categories if self._balance[category] < 0), key=lambda one: self._balance[one]
        )
        first = [*owed, drawn] if self._balance[drawn] > 0 else [drawn, *owed]
        return drawn, tuple(dict.fromkeys([*first, *sorted(categories, key=keys.__getitem__)]))

    def settle(self, drawn: RuleCategory, made: RuleCategory) -> None:
        """Note what was made in place of what was drawn."""
        self._balance[drawn] -= 1
        self._balance[made] += 1
