"""Train an image network on the facts of simulated images, so that MUIsC's vision tower starts with eyes for them.

Sequence labels are few and say little about an image; what it shows is known of every simulated one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset
from transformers import EvalPrediction, set_seed

from agpis.backbones import freeze_stages
from agpis.data.reviews import IMAGES_FILE, ImageLabel, read_image_labels
from agpis.errors import SettingsError
from agpis.images import read_image
from agpis.muisc.configuration_muisc import IGNORED
from agpis.simulation.annotations import read_annotated
from agpis.simulation.facts import ImageFacts
from agpis.stage1.classifier import ImageClassifier, ImageClassifierConfig, to_pixel_values
from agpis.training.attribute_network import AttributeNetwork, AttributeNetworkConfig
from agpis.training.augment import sequence_augmentation
from agpis.training.datasets import augmented, sample
from agpis.training.fit import FitSummary, TrainingConfig, fit

# A value that fewer training images have is left out: it would be learned by heart.
_LEAST_IMAGES = 20

_Item = tuple[Path, dict[str, str], tuple[str, ...]]


def train_attributes(
    config: TrainingConfig,
    model_config: ImageClassifierConfig | None = None,
    init_from: Path | None = None,
    *,
    pretrained: bool = False,
) -> FitSummary:
    """Train an `AttributeNetwork` on the images of the simulated marketplaces in `config.data`.

    Args:
        config: how to train.
        model_config: backbone and resolution of a fresh network; the default is stage 1's.
        init_from: folder of a trained stage-1 classifier whose backbone to start from instead.
        pretrained: let a fresh network start from the published weights of its backbone.

    Raises:
        CatalogError: when a data folder holds no simulated marketplace.
        SettingsError: when a split is empty, or nothing is known about the training images.
        ModelError: when `init_from` is not a classifier, or published weights cannot be had.
    """
    set_seed(config.seed)
    train, validation = (
        [item for folder in config.data for item in _items(folder, split)] for split in ("train", "val")
    )
    base = ImageClassifier.from_pretrained(init_from) if init_from is not None else None
    shape = (base.config if base is not None else model_config or ImageClassifierConfig()).to_dict()
    kept = {name: shape[name] for name in ("backbone", "image_size", "mean", "std", "resize")}
    model = AttributeNetwork(AttributeNetworkConfig(*_vocabulary(train), **kept))
    if base is not None:
        model.backbone.load_state_dict(base.backbone.state_dict())
    elif pretrained:
        model.load_pretrained()
    freeze_stages(model.backbone, config.frozen_stages)
    return fit(
        model,
        config,
        _AttributeDataset(train, model.config, vary=True),
        _AttributeDataset(sample(validation, config.max_eval_samples, config.seed), model.config, vary=False),
        collate=_collate,
        compute_metrics=partial(_metrics, model.config),
        metric_name="accuracy",
        prediction=_logits,
        save=model.save_half,
    )


def _items(folder: Path, split: str) -> list[_Item]:
    """Image files of a split with what is known of them: attributes, and what is wrong."""
    labels: dict[str, ImageLabel] = {label.file: label for label in read_image_labels(folder / IMAGES_FILE)}
    return [
        (folder / facts.file, _attributes(facts), labels[facts.file].defects)
        for product in read_annotated(folder)
        if product.split == split
        for facts in product.images
    ]


def _attributes(facts: ImageFacts) -> dict[str, str]:
    return {
        "category": facts.category,
        "colour": facts.colour,
        "view": facts.view.value if facts.view.value != "unknown" else "",
        "pattern": facts.pattern,
        "material": facts.material,
        "background": facts.background.value,
        "people": facts.people.value,
        "presentation": facts.presentation.value,
        "items": str(facts.items),
        "style": facts.style,
        "lettering": "some" if facts.brand else "none",
        "edge": "cut off" if facts.cut_off else "free",
    }


def _vocabulary(items: Sequence[_Item]) -> tuple[dict[str, list[str]], list[str]]:
    """The attributes with two or more values that enough images have, and the flaws."""
    values: dict[str, Counter[str]] = {}
    flaws: Counter[str] = Counter()
    for _, attributes, wrong in items:
        for name, value in attributes.items():
            values.setdefault(name, Counter())[value] += 1
        flaws.update(wrong)
    frequent = {
        name: sorted(value for value, count in counts.items() if value and count >= _LEAST_IMAGES)
        for name, counts in values.items()
    }
    kept = {name: words for name, words in frequent.items() if len(words) > 1}
    frequent_flaws = sorted(flaw for flaw, count in flaws.items() if count >= _LEAST_IMAGES)
    if not kept and not frequent_flaws:
        raise SettingsError(
            f"the {len(items)} training images differ in nothing that {_LEAST_IMAGES} of them have; simulate more"
        )
    return kept, frequent_flaws


class _AttributeDataset(Dataset[dict[str, object]]):
    """Items: `pixel_values` (3, S, S) and `labels` (A + M,), as `AttributeNetwork.forward` takes them."""

    def __init__(self, items: Sequence[_Item], config: AttributeNetworkConfig, *, vary: bool) -> None:
        self.items = list(items)
        self.config = config
        self.augmentation = sequence_augmentation() if vary else None
        self._numbers = {name: {v: i for i, v in enumerate(values)} for name, values in config.attributes.items()}

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> dict[str, object]:
        file, attributes, flaws = self.items[index]
        pixels = augmented(read_image(file).pixels, self.augmentation)
        labels = [numbers.get(attributes[name], IGNORED) for name, numbers in self._numbers.items()]
        labels += [int(flaw in flaws) for flaw in self.config.flaws]
        return {
            "pixel_values": torch.from_numpy(to_pixel_values(pixels, self.config)),
            "labels": torch.tensor(labels),
        }


def _collate(items: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
    return {name: torch.stack([item[name] for item in items]) for name in ("pixel_values", "labels")}


def _metrics(config: AttributeNetworkConfig, prediction: EvalPrediction) -> dict[str, float]:
    """Accuracy of each attribute where it is known, of the flaws (all right or not), and the mean of these."""
    logits, labels = np.asarray(prediction.predictions), np.asarray(prediction.label_ids)
    ends = np.cumsum(config.widths)
    scores: dict[str, float] = {}
    for column, (name, part) in enumerate(zip(config.attributes, np.split(logits, ends, axis=1), strict=False)):
        known = labels[:, column] != IGNORED
        if known.any():
            scores[name] = float((part[known].argmax(axis=1) == labels[known, column]).mean())
    if config.flaws:
        found = logits[:, ends[-1] if len(ends) else 0 :] > 0
        scores["flaws"] = float((found == (labels[:, len(ends) :] == 1)).all(axis=1).mean())
    return {**scores, "accuracy": float(np.mean(list(scores.values())))}


def _logits(output: Any, labels: torch.Tensor) -> torch.Tensor:
    logits: torch.Tensor = output[0] if isinstance(output, tuple) else output
    return logits
