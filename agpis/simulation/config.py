"""What to simulate: sources, sizes, class proportions, and the reviewer's noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agpis.errors import SettingsError
from agpis.rules import RuleCategory

# Table 1 of the paper.
NATURAL_PROPORTIONS: dict[RuleCategory, float] = {
    RuleCategory.QUALIFIED: 0.71,
    RuleCategory.SINGLE: 0.12,
    RuleCategory.PAIR: 0.07,
    RuleCategory.MULTI: 0.10,
}
# More of every kind of rejection, for training.
BALANCED_PROPORTIONS: dict[RuleCategory, float] = {
    RuleCategory.QUALIFIED: 0.45,
    RuleCategory.SINGLE: 0.20,
    RuleCategory.PAIR: 0.15,
    RuleCategory.MULTI: 0.20,
}


@dataclass(frozen=True, slots=True)
class SimulationConfig:
    """What to simulate.

    Attributes:
        out: folder to write to; created when missing, must not hold a finished simulation.
        num_rendered: rendered products, at least 0.
        num_reviews: stop after exactly this many reviewed sequences; rendered products go on until then, beginning
            where the catalogues end, and `num_rendered` must be 0. None to take every product once.
        catalogs: folders of photo catalogues to take products from.
        image_size: longest side of the images in pixels, at least 64.
        seed: with everything else but `workers`, decides every byte; not negative.
        sequences_per_product: reviewed sequences a product, at least 1.
        num_images: lengths K^t and how often each is drawn; a product with few pictures gets the next shorter one.
        candidates: mean number of candidates K^c a product.
        proportions: how often each category of verdict is aimed at; Table 1 by default.
        balanced_training: give the training split BALANCED_PROPORTIONS instead.
        wrong_titles: further sequences a product of the training split, each one of its accepted ones under a title
            that breaks a rule; at least 0.
        miss_rate: probability that the reviewer overlooks a broken rule, in [0, 1].
        false_alarm_rate: probability that the reviewer rejects without cause, in [0, 1].
        rules: rule file, or None for the default rules.
        workers: processes, at least 1.
    """

    out: Path
    num_rendered: int = 0
    num_reviews: int | None = None
    catalogs: tuple[Path, ...] = ()
    image_size: int = 224
    seed: int = 0
    sequences_per_product: int = 3
    num_images: Mapping[int, float] = field(default_factory=lambda: {2: 0.1, 3: 0.7, 4: 0.12, 5: 0.08})
    candidates: float = 7.0
    proportions: Mapping[RuleCategory, float] = field(default_factory=lambda: dict(NATURAL_PROPORTIONS))
    balanced_training: bool = False
    wrong_titles: int = 0
    miss_rate: float = 0.0
    false_alarm_rate: float = 0.0
    rules: Path | None = None
    workers: int = 2

    def __post_init__(self) -> None:
        limits = {
            "num_rendered": (self.num_rendered, 0),
            "image_size": (self.image_size, 64),
            "seed": (self.seed, 0),
            "sequences_per_product": (self.sequences_per_product, 1),
            "candidates": (self.candidates, 2),
            "wrong_titles": (self.wrong_titles, 0),
            "workers": (self.workers, 1),
        }
        for name, (value, least) in limits.items():
            if value < least:
                raise SettingsError(f"{name} must be at least {least}, got {value}")
        if self.num_reviews is not None and (self.num_reviews < 1 or self.num_rendered):
            raise SettingsError(
                "num_reviews must be at least 1, and num_rendered 0 beside it, got "
                f"{self.num_reviews} and {self.num_rendered}"
            )
        if self.num_rendered == 0 and self.num_reviews is None and not self.catalogs:
            raise SettingsError(
                "nothing to simulate: give num_rendered above 0, num_reviews or at least one photo catalogue"
            )
        for name, shares in (("num_images", self.num_images), ("proportions", self.proportions)):
            if not shares or min(shares.values()) < 0 or sum(shares.values()) <= 0:
                raise SettingsError(f"{name} needs shares of at least 0 with a sum above 0, got {dict(shares)}")
        if min(self.num_images) < 1:
            raise SettingsError(f"num_images are sequence lengths of at least 1, got {sorted(self.num_images)}")

    def proportions_of(self, split: str) -> Mapping[RuleCategory, float]:
        """The class shares that the sequences of a split aim at."""
        return BALANCED_PROPORTIONS if self.balanced_training and split == "train" else self.proportions

    def described(self) -> dict[str, Any]:
        """The settings as JSON values, without folders and the number of workers, which change no byte of the data."""
        return {
            "num_rendered": self.num_rendered,
            "num_reviews": self.num_reviews,
            "catalogs": [folder.resolve().name for folder in self.catalogs],
            "image_size": self.image_size,
            "seed": self.seed,
            "sequences_per_product": self.sequences_per_product,
            "num_images": {str(length): share for length, share in self.num_images.items()},
            "candidates": self.candidates,
            "proportions": {category.value: share for category, share in self.proportions.items()},
            "balanced_training": self.balanced_training,
            "wrong_titles": self.wrong_titles,
            "miss_rate": self.miss_rate,
            "false_alarm_rate": self.false_alarm_rate,
        }
