"""AGPIS-data-single, -pair and -multi (section 4.1), drawn from a table of predictions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agpis.reasons import Reason
from agpis.rules import RuleCategory
from analysis.predictions import Ints, Predictions

SUBSET_CATEGORIES = (RuleCategory.SINGLE, RuleCategory.PAIR, RuleCategory.MULTI)


@dataclass(frozen=True, slots=True, eq=False)
class CategorySubset:
    """As many qualified sequences as sequences rejected under a rule of one category.

    Attributes:
        category: of the rules.
        rows: (2 * count,) indices into the table, rising; empty where one kind is missing.
        qualified: how many qualified rows the table has.
        rejected: how many rows it has that were rejected under such a rule.
        reason: why there are no rows; empty otherwise.
    """

    category: RuleCategory
    rows: Ints
    qualified: int
    rejected: int
    reason: str = ""


def category_subset(predictions: Predictions, category: RuleCategory, seed: int = 0) -> CategorySubset:
    """Section 4.1: all rows of the rarer kind and a random part of the other.

    The same rows as `agpis.data.reviews.balanced_subset` draws from the same reviews.

    Args:
        predictions: rows without review are passed over.
        category: single, pair or multi.
        seed: draws the rows.

    Raises:
        ValueError: when the category is another one.
    """
    if category not in SUBSET_CATEGORIES:
        raise ValueError(f"a balanced subset is of category single, pair or multi, got {category}")
    qualified, rejected = np.flatnonzero(predictions.is_qualified), np.flatnonzero(predictions.of_category(category))
    count = min(len(qualified), len(rejected))
    if count == 0:
        reason = (
            Reason.NO_ROW_OF_CATEGORY.format(category=category) if len(qualified) else Reason.NO_QUALIFIED_ROW.format()
        )
        return CategorySubset(category, np.empty(0, np.int64), len(qualified), len(rejected), reason)
    rng = np.random.default_rng(seed)
    chosen = [rng.choice(kind, count, replace=False) for kind in (qualified, rejected)]
    return CategorySubset(category, np.sort(np.concatenate(chosen)), len(qualified), len(rejected))
