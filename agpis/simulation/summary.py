"""What a simulation came to: counts over its shards, and the manifest."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from agpis.rules import RuleTaxonomy
from agpis.simulation.config import SimulationConfig
from agpis.simulation.shards import ShardCounts
from agpis.types import to_json


@dataclass(frozen=True, slots=True)
class SimulationSummary:
    """What was written.

    Attributes:
        out: the folder.
        num_products: products, those without a review included.
        num_images: image files.
        num_reviews: reviewed sequences.
        num_unreviewed: products with too few clean pictures for any sequence.
        rules: class id -> reviews, most frequent first.
        categories: category -> share of the reviews.
        splits: split -> reviews.
        noncompliant_share: share of the images labelled non-compliant.
    """

    out: Path
    num_products: int
    num_images: int
    num_reviews: int
    num_unreviewed: int
    rules: dict[str, int]
    categories: dict[str, float]
    splits: dict[str, int]
    noncompliant_share: float


def summarise(out: Path, counts: ShardCounts, taxonomy: RuleTaxonomy) -> SimulationSummary:
    """The counts of all shards with shares."""
    reviews = sum(counts.rules.values())
    categories: Counter[str] = Counter()
    for rule_id, count in counts.rules.items():
        categories[taxonomy[rule_id].category.value] += count
    return SimulationSummary(
        out=out,
        num_products=counts.products,
        num_images=counts.images,
        num_reviews=reviews,
        num_unreviewed=counts.unreviewed,
        rules=dict(sorted(counts.rules.items(), key=lambda item: (-item[1], item[0]))),
        categories={name: count / reviews for name, count in sorted(categories.items())},
        splits=dict(sorted(counts.splits.items())),
        noncompliant_share=counts.noncompliant / counts.images if counts.images else 0.0,
    )


def manifest(config: SimulationConfig, rules_version: int, summary: SimulationSummary) -> str:
    """Settings and counts as JSON."""
    counts = {
        "num_products": summary.num_products,
        "num_images": summary.num_images,
        "num_reviews": summary.num_reviews,
        "num_unreviewed": summary.num_unreviewed,
        "rules": summary.rules,
        "categories": summary.categories,
        "splits": summary.splits,
        "noncompliant_share": summary.noncompliant_share,
    }
    settings = {**config.described(), "rules_version": rules_version}
    return json.dumps({"settings": settings, "counts": to_json(counts)}, indent=2) + "\n"
