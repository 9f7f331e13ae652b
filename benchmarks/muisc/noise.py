"""Reviewers err: labels of which a known share was flipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from agpis.data.reviews import ReviewRecord
from agpis.rules import RuleTaxonomy


def flip_labels(
    records: Sequence[ReviewRecord], taxonomy: RuleTaxonomy, share: float, seed: int
) -> tuple[ReviewRecord, ...]:
    """The same reviews with `share` of the classes flipped, in the same order.

    A qualified sequence becomes a rejection under a random rule, a rejected one becomes qualified. Exactly
    round(share * n) are flipped, whichever they are; feedback stays as it was, and only `rule_id` tells the new class.

    Args:
        records: the reviews.
        taxonomy: the rules to draw from, all alike.
        share: in [0, 1].
        seed: draws which and to what.
    """
    rng = np.random.default_rng(seed)
    rules = [rule.id for rule in taxonomy.rules]
    qualified = taxonomy.qualified.id
    flipped = list(records)
    for index in rng.choice(len(flipped), round(share * len(flipped)), replace=False):
        record = flipped[index]
        wrong = str(rng.choice(rules)) if record.rule_id == qualified else qualified
        flipped[index] = replace(record, rule_id=wrong)
    return tuple(flipped)
