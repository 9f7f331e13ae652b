"""Stage-1 thresholds chosen on the validation split by what they may cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agpis.data.catalog import PRODUCTS_FILE
from agpis.data.reviews import IMAGES_FILE, ImageLabel, read_image_labels
from agpis.errors import SettingsError
from agpis.images import read_image
from agpis.model_files import read_settings, store_settings, stored_criteria
from agpis.model_folder import load_model_folder
from agpis.reasons import Reason
from agpis.rules import RuleTaxonomy
from agpis.simulation.annotations import AnnotatedProduct, read_annotated
from agpis.simulation.facts import Background, ImageFacts, View
from agpis.simulation.predicates.words import differ
from agpis.stage1.classifier import ImageClassifier
from agpis.stage1.palette import measure_palette, palette_agreement
from agpis.stage1.quality.findings import quality_findings
from agpis.stage1.quality.kinds import DEFECTS, quality_rules
from agpis.training.datasets import Located, sample

SPLIT = "val"
_CHUNK = 64  # images in memory at a time
_FRONTS = (View.FRONT, View.ANGLE)


@dataclass(frozen=True, slots=True)
class ThresholdCriteria:
    """What each threshold may cost on the validation split.

    Attributes:
        clean_removed: share of clean images that p^nc may remove, in [0, 1].
        quality_removed: share of clean images that the quality checks may remove, in [0, 1].
        primary_lost: share of products whose best true primary image may lie at or below p^primary, in [0, 1].
        colour_removed: share of images of the primary image's own colour that may be removed, in [0, 1].
        tie_lost: share of products that ties may cost their right primary image, in [0, 1].
        limit: largest number of validation images to read for each threshold.
        seed: draws the images when there are more.
    """

    clean_removed: float = 0.05
    quality_removed: float = 0.02
    primary_lost: float = 0.05
    colour_removed: float = 0.05
    tie_lost: float = 0.01
    limit: int = 4000
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("clean_removed", "quality_removed", "primary_lost", "colour_removed", "tie_lost"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise SettingsError(f"{name} is a share in [0, 1], got {getattr(self, name)}")
        if self.limit < 1:
            raise SettingsError(f"limit must be at least 1 image, got {self.limit}")


@dataclass(frozen=True, slots=True)
class ChosenThreshold:
    """One threshold and what it does on the validation split.

    Attributes:
        setting: the pipeline setting.
        value: in [0, 1], two digits.
        cost: share of good images or products that it costs, in [0, 1].
        gain: share of what it should catch that it catches, in [0, 1], or None where there is nothing to catch.
        num_good: images, products or pairs that `cost` is a share of.
        num_bad: images or pairs that `gain` is a share of.
        criterion: what `cost` may be, in words.
    """

    setting: str
    value: float
    cost: float
    gain: float | None
    num_good: int
    num_bad: int
    criterion: str

    def in_words(self) -> str:
        """The criterion and what the threshold costs and catches there, as one sentence."""
        costs = Reason.COSTS.format(clause=self.criterion, split=SPLIT, cost=self.cost, good=self.num_good)
        return costs if self.gain is None else Reason.CATCHES.format(clause=costs, gain=self.gain, bad=self.num_bad)


def choose_thresholds(
    models: Path, data: Sequence[Path], criteria: ThresholdCriteria, *, save: bool = False
) -> tuple[ChosenThreshold, ...]:
    """Choose the limits of p^primary, its ties, p^nc, quality and, where the data carries facts, of colours.

    Args:
        models: pipeline folder.
        data: folders of AGPIS-data.
        criteria: what each may cost.
        save: store them in `models`, each with its criterion; the other settings stay.

    Raises:
        CatalogError: when a folder holds no `images.jsonl`, or a malformed one.
        SettingsError: when the validation split has no clean image, or no product with a primary image.
        ModelError: when `models` is not a pipeline folder.
    """
    parts = load_model_folder(models)
    labels = [
        Located(folder, label)
        for folder in data
        for label in read_image_labels(folder / IMAGES_FILE)
        if label.split == SPLIT
    ]
    chosen = [
        *_primary(parts.primary, labels, criteria),
        _noncompliance(parts.noncompliance, labels, criteria),
        _quality(parts.taxonomy, labels, criteria),
        *_colour(data, criteria),
    ]
    if save:
        changed = {choice.setting: choice.value for choice in chosen}
        criteria_in_words = {choice.setting: choice.in_words() for choice in chosen}
        settings = read_settings({**asdict(parts.settings), **changed}, str(models))
        store_settings(models, settings, {**stored_criteria(models), **criteria_in_words})
    return tuple(chosen)


def lower_limit(good: npt.NDArray[np.float64], share: float) -> float:
    """The largest two-digit threshold that at most `share` of `good` lies at or below; 0 when there is none."""
    grid = np.arange(0, 101) / 100
    costs = (good[None, :] <= grid[:, None]).mean(axis=1)
    return float(grid[np.flatnonzero(costs <= share)].max(initial=0.0))


def upper_limit(good: npt.NDArray[np.float64], share: float) -> float:
    """The smallest two-digit threshold that at most `share` of `good` lies above; at most 1."""
    grid = np.arange(0, 101) / 100
    costs = (good[None, :] > grid[:, None]).mean(axis=1)
    return float(grid[np.flatnonzero(costs <= share)].min(initial=1.0))


def _primary(
    classifier: ImageClassifier, labels: Sequence[Located[ImageLabel]], criteria: ThresholdCriteria
) -> tuple[ChosenThreshold, ChosenThreshold]:
    known = sample([item for item in labels if item.row.primary is not None], criteria.limit, criteria.seed)
    products: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for item, p_primary in zip(known, _predicted(classifier, known), strict=True):
        products[item.row.product_id].append((p_primary, bool(item.row.primary)))
    with_primary = [images for images in products.values() if any(primary for _, primary in images)]
    if not with_primary:
        raise SettingsError("the validation split has no product with a primary image; simulate or review more")
    others = [p for images in products.values() for p, primary in images if not primary]
    return _least(with_primary, others, criteria), _tie(with_primary, criteria)


def _least(
    products: Sequence[Sequence[tuple[float, bool]]], others: Sequence[float], criteria: ThresholdCriteria
) -> ChosenThreshold:
    good = np.array([max(p for p, primary in images if primary) for images in products])
    bad = np.array(others)
    value = lower_limit(good, criteria.primary_lost)
    return ChosenThreshold(
        setting="primary_threshold",
        value=value,
        cost=float((good <= value).mean()),
        gain=float((bad <= value).mean()) if len(bad) else None,
        num_good=len(good),
        num_bad=len(bad),
        criterion=Reason.PRIMARY_LOST.format(share=criteria.primary_lost),
    )


def _tie(products: Sequence[Sequence[tuple[float, bool]]], criteria: ThresholdCriteria) -> ChosenThreshold:
    """The largest tie that is harmless in the least fortunate order: one with the wrong image of a tie first."""
    gaps = np.array([_gap(images) for images in products])
    # Without ties the largest p^primary decides, so only what is lost beyond that is the ties' fault.
    grid = np.arange(0, 101) / 100
    costs = ((gaps[None, :] >= 0) & (gaps[None, :] <= grid[:, None]) & (grid[:, None] > 0)).mean(axis=1)
    value = float(grid[np.flatnonzero(costs <= criteria.tie_lost)].max())
    return ChosenThreshold(
        setting="tie_threshold",
        value=value,
        cost=float(costs[round(value * 100)]),
        gain=None,
        num_good=len(products),
        num_bad=0,
        criterion=Reason.TIE_LOST.format(share=criteria.tie_lost),
    )


def _gap(images: Sequence[tuple[float, bool]]) -> float:
    """How far the best other image lies below the best primary one; infinite without others, below 0 if it leads."""
    best = max(p for p, primary in images if primary)
    return min((best - p for p, primary in images if not primary), default=float("inf"))


def _noncompliance(
    classifier: ImageClassifier, labels: Sequence[Located[ImageLabel]], criteria: ThresholdCriteria
) -> ChosenThreshold:
    chosen = sample(labels, criteria.limit, criteria.seed)
    p_noncompliant = np.array(_predicted(classifier, chosen))
    flawed = np.array([item.row.noncompliant for item in chosen], dtype=np.bool_)
    good, bad = p_noncompliant[~flawed], p_noncompliant[flawed]
    if not len(good):
        raise SettingsError("the validation split has no clean image; simulate or label more")
    value = upper_limit(good, criteria.clean_removed)
    return ChosenThreshold(
        setting="noncompliance_threshold",
        value=value,
        cost=float((good > value).mean()),
        gain=float((bad > value).mean()) if len(bad) else None,
        num_good=len(good),
        num_bad=len(bad),
        criterion=Reason.CLEAN_REMOVED.format(share=criteria.clean_removed),
    )


def _quality(
    taxonomy: RuleTaxonomy, labels: Sequence[Located[ImageLabel]], criteria: ThresholdCriteria
) -> ChosenThreshold:
    """Of the flawed images only those count that a check is meant to catch."""
    checked = {*DEFECTS.values()}
    wanted = [item for item in labels if not item.row.noncompliant or checked & {*item.row.defects}]
    chosen = sample(wanted, criteria.limit, criteria.seed)
    rules = quality_rules(taxonomy)
    # Every image has every check, so the strongest finding is the worst score.
    scores = np.array(
        [quality_findings(read_image(item.folder / item.row.file, item.row.file), rules)[0].score for item in chosen]
    )
    flawed = np.array([item.row.noncompliant for item in chosen], dtype=np.bool_)
    good, bad = scores[~flawed], scores[flawed]
    value = upper_limit(good, criteria.quality_removed)
    return ChosenThreshold(
        setting="quality_threshold",
        value=value,
        cost=float((good > value).mean()),
        gain=float((bad > value).mean()) if len(bad) else None,
        num_good=len(good),
        num_bad=len(bad),
        criterion=Reason.CLEAN_REMOVED.format(share=criteria.quality_removed),
    )


def _colour(data: Sequence[Path], criteria: ThresholdCriteria) -> Iterator[ChosenThreshold]:
    """None where nobody wrote down which colours the images show."""
    same: list[float] = []
    other: list[float] = []
    read = 0
    for folder in data:
        for product in _with_facts(folder):
            if read < criteria.limit and product.split == SPLIT:
                read += len(product.images)
                for agreement, alike in _agreements(folder, product):
                    (same if alike else other).append(agreement)
    if not same:
        return
    good, bad = np.array(same), np.array(other)
    # An agreement equal to the threshold stays, so the next smaller two-digit value is safe.
    value = lower_limit(good, criteria.colour_removed)
    yield ChosenThreshold(
        setting="colour_threshold",
        value=value,
        cost=float((good < value).mean()),
        gain=float((bad < value).mean()) if len(bad) else None,
        num_good=len(good),
        num_bad=len(bad),
        criterion=Reason.COLOUR_REMOVED.format(share=criteria.colour_removed),
    )


def _with_facts(folder: Path) -> Iterator[AnnotatedProduct]:
    table = folder / PRODUCTS_FILE
    if table.is_file() and '"title_facts"' in table.read_text(encoding="utf-8").partition("\n")[0]:
        yield from read_annotated(table)


def _agreements(folder: Path, product: AnnotatedProduct) -> Iterator[tuple[float, bool]]:
    """Palette agreement of clean fronts with other photographs in the same light, and whether colours are the same."""
    clean = [facts for facts in product.images if not facts.defects and facts.background is Background.PLAIN]
    palettes = {facts.file: measure_palette(read_image(folder / facts.file, facts.file)) for facts in clean}
    for first, second in combinations(clean, 2):
        if _comparable(first, second) and palettes[first.file] and palettes[second.file]:
            yield palette_agreement(palettes[first.file], palettes[second.file]), first.colour == second.colour


def _comparable(first: ImageFacts, second: ImageFacts) -> bool:
    known = bool(first.colour and second.colour) and first.design == second.design and first.style == second.style
    # Another pattern changes the palette too and says nothing about the colour.
    known &= not differ(first.pattern, second.pattern)
    return known and first.capture != second.capture and (first.view in _FRONTS or second.view in _FRONTS)


def _predicted(classifier: ImageClassifier, items: Sequence[Located[ImageLabel]]) -> list[float]:
    values: list[float] = []
    for start in range(0, len(items), _CHUNK):
        chunk = [read_image(item.folder / item.row.file, item.row.file) for item in items[start : start + _CHUNK]]
        values += classifier.predict(chunk).tolist()
    return values
