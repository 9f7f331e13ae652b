"""Train the two single-image classifiers of stage 1 (section 3.3.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torchvision.transforms import v2
from transformers import set_seed

from agpis.backbones import freeze_stages
from agpis.data.reviews import IMAGES_FILE, ImageLabel, read_image_labels
from agpis.stage1.classifier import ImageClassifier, ImageClassifierConfig, to_pixel_values
from agpis.training.augment import noncompliance_augmentation, primary_augmentation
from agpis.training.datasets import ImageDataset, Located, noncompliance_items, primary_items, sample
from agpis.training.fit import FitSummary, TrainingConfig, fit
from agpis.training.metrics import classifier_metrics


class ClassifierTask(StrEnum):
    """Which of the two classifiers."""

    PRIMARY = "primary"
    NONCOMPLIANCE = "noncompliance"


_ITEMS: dict[ClassifierTask, Callable[[Sequence[Located[ImageLabel]], str], list[tuple[Path, int]]]] = {
    ClassifierTask.PRIMARY: primary_items,
    ClassifierTask.NONCOMPLIANCE: noncompliance_items,
}
_AUGMENTATIONS: dict[ClassifierTask, Callable[[], v2.Compose]] = {
    ClassifierTask.PRIMARY: primary_augmentation,
    ClassifierTask.NONCOMPLIANCE: noncompliance_augmentation,
}


def train_classifier(
    task: ClassifierTask,
    config: TrainingConfig,
    model_config: ImageClassifierConfig | None = None,
    init_from: Path | None = None,
    *,
    pretrained: bool = False,
) -> FitSummary:
    """Train one classifier on the images of AGPIS-data in `config.data`.

    Args:
        task: which labels to learn.
        config: how to train.
        model_config: backbone and resolution of a fresh model; the default is the one that ships.
        init_from: folder of a trained classifier to start from instead; then `model_config` must be None.
        pretrained: let a fresh model start from the published weights of its backbone.

    Raises:
        CatalogError: when the data folder holds no `images.jsonl`, or a malformed one.
        SettingsError: when a split is empty, or the backbone has too few stages to freeze.
        ModelError: when `init_from` is not a classifier, or published weights cannot be had.
        ValueError: when `init_from` is given together with `model_config` or `pretrained`.
    """
    if init_from is not None and (model_config is not None or pretrained):
        raise ValueError("init_from brings its own configuration and weights; leave out model_config and pretrained")
    set_seed(config.seed)
    labels = [Located(folder, label) for folder in config.data for label in read_image_labels(folder / IMAGES_FILE)]
    model = (
        ImageClassifier.from_pretrained(init_from)
        if init_from is not None
        else ImageClassifier(model_config or ImageClassifierConfig())
    )
    if pretrained:
        model.load_pretrained()
    freeze_stages(model.backbone, config.frozen_stages)
    # A started-from model keeps the features but answers another question: its calibration does not carry over.
    model.config.calibration_scale, model.config.calibration_bias, model.config.framing = 1.0, 0.0, None
    preprocess = partial(to_pixel_values, config=model.config)
    items = _ITEMS[task]
    train_items, eval_items = items(labels, "train"), items(labels, "val")
    return fit(
        model,
        config,
        ImageDataset(train_items, preprocess, _AUGMENTATIONS[task]()),
        ImageDataset(sample(eval_items, config.max_eval_samples, config.seed), preprocess),
        collate=_collate,
        compute_metrics=classifier_metrics,
        metric_name="auc",
        prediction=_logits,
        save=model.save_half,
    )


def _collate(items: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
    return {
        "pixel_values": torch.stack([item["pixel_values"] for item in items]),
        "labels": torch.tensor([item["labels"] for item in items], dtype=torch.float32),
    }


def _logits(output: Any, labels: torch.Tensor) -> torch.Tensor:
    logits: torch.Tensor = output[0] if isinstance(output, tuple) else output
    return logits
