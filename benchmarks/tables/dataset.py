"""The reviews that all rows are trained and scored on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agpis.data.reviews import ReviewRecord, balanced_subset, binary_label, read_reviews, review_file
from agpis.errors import CatalogError, SettingsError
from agpis.rules import Rule, RuleCategory, RuleTaxonomy
from agpis.simulation.config import SimulationConfig
from agpis.simulation.simulate import MANIFEST_FILE, simulate
from analysis.metrics.ranking import Ints
from benchmarks.tables.presets import Preset

CATEGORIES = (RuleCategory.SINGLE, RuleCategory.PAIR, RuleCategory.MULTI)
# The paper's sequences have three images.
_NUM_IMAGES = 3
_SUBSET_SEED = 0


@dataclass(frozen=True, slots=True, eq=False)
class Reviewed:
    """AGPIS-data with what the tables need of it.

    Attributes:
        folder: where it lies.
        taxonomy: the classes.
        test: its test split, in the order of the table.
        num_train: sequences of the training split.
        num_val: sequences of the validation split.
        num_images: longest sequence, K^t.
        fingerprint: first digits of the SHA-256 of the review table and the rules.
    """

    folder: Path
    taxonomy: RuleTaxonomy
    test: tuple[ReviewRecord, ...]
    num_train: int
    num_val: int
    num_images: int
    fingerprint: str

    @property
    def qualified(self) -> Ints:
        """(n,) 1 for a qualified test sequence, 0 for a rejected one."""
        return np.array([binary_label(record, self.taxonomy) for record in self.test], dtype=np.int64)

    @property
    def products(self) -> list[str]:
        """SKU of each test sequence."""
        return [record.product_id for record in self.test]

    def subset(self, category: RuleCategory) -> Ints:
        """Indices of AGPIS-data-single, -pair or -multi among the test sequences (4.1); empty where it has none."""
        place = {id(record): index for index, record in enumerate(self.test)}
        try:
            chosen = balanced_subset(self.test, self.taxonomy, category, _SUBSET_SEED)
        except CatalogError:
            chosen = []
        return np.array([place[id(record)] for record in chosen], dtype=np.int64)


def simulated(preset: Preset, folder: Path, workers: int, progress: Callable[[int, int], None]) -> Path:
    """Simulate the preset's data into `folder`, or go on with it; nothing is done where it is finished."""
    if not (folder / MANIFEST_FILE).is_file():
        config = SimulationConfig(
            out=folder,
            num_rendered=preset.products,
            image_size=preset.image_size,
            sequences_per_product=preset.sequences_per_product,
            num_images={_NUM_IMAGES: 1.0},
            seed=preset.data_seed,
            workers=workers,
        )
        simulate(config, progress)
    return folder


def read_data(folder: Path, taxonomy: RuleTaxonomy) -> Reviewed:
    """Read the reviews of a folder.

    Raises:
        CatalogError: when there is no review table, or a malformed one.
        SettingsError: when a split is empty, or the test split has one kind of sequences only.
    """
    records = tuple(read_reviews(folder, taxonomy))
    test = tuple(record for record in records if record.split == "test")
    counts = {split: sum(record.split == split for record in records) for split in ("train", "val", "test")}
    if not all(counts.values()):
        raise SettingsError(f"{folder} has {counts} sequences; every split needs some. Give data with more products")
    if len({binary_label(record, taxonomy) for record in test}) < 2:
        raise SettingsError(
            f"the {len(test)} test sequences of {folder} are all qualified or all rejected, which leaves nothing to "
            "tell apart; give data with more products"
        )
    return Reviewed(
        folder=folder,
        taxonomy=taxonomy,
        test=test,
        num_train=counts["train"],
        num_val=counts["val"],
        num_images=max(len(record.images) for record in records),
        fingerprint=hashlib.sha256(review_file(folder).read_bytes() + taxonomy.to_yaml().encode()).hexdigest()[:12],
    )


def binary_taxonomy(taxonomy: RuleTaxonomy) -> RuleTaxonomy:
    """Two classes: qualified, and "other" for every rejection (section 4.1).

    A taxonomy needs a rule; the one here has a title that no reviewer writes, so its class is never seen.
    """
    never = Rule(id="never", name="never", category=RuleCategory.SINGLE, title="\u2400", description="Not used.")
    return RuleTaxonomy(version=taxonomy.version, classes=(taxonomy.qualified, never, taxonomy.other))
