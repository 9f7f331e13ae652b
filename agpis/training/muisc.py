"""Train MUIsC on AGPIS-data (sections 3.4.3 and 4.2)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset
from transformers import EvalPrediction, set_seed

from agpis.backbones import freeze_stages
from agpis.data.reviews import ReviewRecord, read_reviews
from agpis.errors import ModelError, SettingsError
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.pretrained_parts import load_tower
from agpis.muisc.processing_muisc import MuiscProcessor
from agpis.rules import RuleTaxonomy
from agpis.stage1.classifier import ImageClassifier
from agpis.training.attribute_network import AttributeNetwork, names_attributes
from agpis.training.augment import sequence_augmentation
from agpis.training.calibration import build_in, fit_calibration
from agpis.training.datasets import Located, SequenceDataset, sample, thinned
from agpis.training.fit import FitSummary, TrainingConfig, fit
from agpis.training.metrics import muisc_metrics
from agpis.training.muisc_design import MuiscDesign, Preset
from agpis.training.muisc_start import fresh_muisc
from agpis.training.tower_features import FeatureDataset, TowerFeatures, collate_features

_Data = Dataset[dict[str, object]]


def train_muisc(
    config: TrainingConfig,
    taxonomy: RuleTaxonomy,
    tower_from: Path | None = None,
    init_from: Path | None = None,
    *,
    pretrained: bool = False,
    design: MuiscDesign | None = None,
    best_by: str = "verdict_and_rule",
    **sizes: Any,
) -> FitSummary:
    """Train a fresh MUIsC, or go on with a trained one, on the sequences of AGPIS-data in `config.data`.

    Args:
        config: how to train.
        taxonomy: the classes; the data's feedback must name its rules.
        tower_from: folder of a trained classifier or attribute network whose backbone the vision tower starts from.
        init_from: folder of a trained MUIsC to start from; it brings its own sizes and words.
        pretrained: let the vision tower of a fresh small model start from its published weights.
        design: preset and switches of a fresh model; `muisc-small` as the paper describes it by default.
        best_by: the score of `muisc_metrics` on the validation split by which weights are kept.
        sizes: fields of MuiscConfig to set otherwise, for a fresh model.

    Raises:
        CatalogError: when the data folder holds no `reviews.jsonl` or `reviews.parquet`, or a malformed one.
        SettingsError: when a split is empty, a sequence is longer than `num_images`, no review has the category that
            `category_in_title` asks for, or a frozen tower is asked for with early fusion.
        ModelError: when `tower_from` has another backbone than the tower, `init_from` other classes, or published parts
            cannot be had.
        ValueError: when `init_from` is given together with `design` or `sizes`, or two of the starts of a tower are.
    """
    _check_starts(tower_from, init_from, pretrained, design, sizes)
    design = design or MuiscDesign()
    set_seed(config.seed)
    reviews = [Located(folder, review) for folder in config.data for review in read_reviews(folder, taxonomy)]
    train_reviews = [review for review in reviews if review.row.split == "train"]
    if config.max_per_product is not None:
        train_reviews = thinned(train_reviews, config.max_per_product, config.seed)
    eval_reviews = sample([item for item in reviews if item.row.split == "val"], config.max_eval_samples, config.seed)
    if init_from is None:
        records = [review.row for review in train_reviews]
        model, processor = fresh_muisc(design, records, taxonomy, sizes, vision_pretrained=tower_from is None)
    else:
        model, processor = _trained(init_from, taxonomy)
    _check_reviews([review.row for review in reviews], model, processor)
    if config.frozen_tower and model.config.fusion == "early":
        raise SettingsError(
            "frozen_tower encodes every image once, but with early fusion (--early-fusion) the tower sees whole "
            "sequences; leave out --frozen-tower, or freeze its first layers with --frozen-stages"
        )
    if tower_from is not None:
        _start_tower(model, tower_from)
    if pretrained:
        load_tower(model)
    freeze_stages(model.vision_tower.backbone, config.frozen_stages)
    train_data, eval_data, collate = _datasets(model, processor, taxonomy, config, train_reviews, eval_reviews)
    return fit(
        model,
        config,
        train_data,
        eval_data,
        collate=partial(collate, processor, with_feedback=bool(model.config.writes_feedback)),
        compute_metrics=muisc_metrics,
        metric_name=best_by,
        prediction=_mcc_logits,
        save=partial(_save, model, processor),
        finish=partial(_calibrate, model),
    )


def _datasets(
    model: MuiscModel,
    processor: MuiscProcessor,
    taxonomy: RuleTaxonomy,
    config: TrainingConfig,
    train: list[Located[ReviewRecord]],
    evaluation: list[Located[ReviewRecord]],
) -> tuple[_Data, _Data, Callable[..., dict[str, torch.Tensor]]]:
    if not config.frozen_tower:
        read = SequenceDataset(train, taxonomy, sequence_augmentation()), SequenceDataset(evaluation, taxonomy)
        return *read, _collate
    model.vision_tower.requires_grad_(False)
    located = dict.fromkeys(item.folder / file for item in (*train, *evaluation) for file in item.row.images)
    features = TowerFeatures.compute(
        model.vision_tower,
        processor,
        tuple(located),
        config.out / "features",
        sequence_augmentation(),
        config.feature_versions,
        config.num_workers,
    )
    return (
        FeatureDataset(train, taxonomy, features, vary=True),
        FeatureDataset(evaluation, taxonomy, features, vary=False),
        collate_features,
    )


def _trained(folder: Path, taxonomy: RuleTaxonomy) -> tuple[MuiscModel, MuiscProcessor]:
    model = MuiscModel.from_pretrained(folder).float()
    if model.config.class_ids != taxonomy.ids:
        raise ModelError(
            f"{folder} knows {len(model.config.class_ids)} classes, the rule file lists {len(taxonomy)}, or in another "
            "order; give the rule file it was trained with, or train a fresh model"
        )
    return model, MuiscProcessor.from_pretrained(folder)


def _check_starts(
    tower_from: Path | None, init_from: Path | None, pretrained: bool, design: MuiscDesign | None, sizes: dict[str, Any]
) -> None:
    if init_from is not None and (sizes or design is not None):
        given = [*sizes, *(["design"] if design is not None else [])]
        raise ValueError(f"a trained model brings its own sizes; leave out {', '.join(given)}")
    if sum((init_from is not None, tower_from is not None, pretrained)) > 1:
        raise ValueError("give one of init_from, tower_from and pretrained: each brings weights of the vision tower")
    if pretrained and design is not None and design.preset is Preset.BASE:
        raise ValueError("the base preset starts from published weights by itself; leave out pretrained")


def _check_reviews(records: list[ReviewRecord], model: MuiscModel, processor: MuiscProcessor) -> None:
    num_images = model.config.num_images
    longest = max(records, key=lambda record: len(record.images), default=None)
    if longest is not None and len(longest.images) > num_images:
        raise SettingsError(
            f"product {longest.product_id} has a sequence of {len(longest.images)} images, the model takes at most "
            f"{num_images}; set num_images={len(longest.images)} (--num-images {len(longest.images)})"
        )
    if processor.category_in_title and not any(record.category for record in records):
        raise SettingsError(
            f"category_in_title is set, but none of the {len(records)} reviews has a category; fill that column in, or "
            "leave out --category-in-title"
        )


def _start_tower(model: MuiscModel, folder: Path) -> None:
    network = AttributeNetwork if names_attributes(folder) else ImageClassifier
    classifier = network.from_pretrained(folder)
    wanted = model.config.vision_model
    if classifier.config.backbone != wanted:
        raise ModelError(f"{folder} has backbone {classifier.config.backbone}, the vision tower is {wanted}")
    # The tower has no classification layers; everything it does have must come from the classifier.
    missing, _ = model.vision_tower.backbone.load_state_dict(classifier.backbone.state_dict(), strict=False)
    if missing:
        raise ModelError(f"{folder} lacks weights of the vision tower: {', '.join(missing[:5])}")


def _collate(processor: MuiscProcessor, items: list[dict[str, Any]], *, with_feedback: bool) -> dict[str, torch.Tensor]:
    batch = processor(
        [item["title"] for item in items],
        [item["images"] for item in items],
        feedback=[item["feedback"] for item in items] if with_feedback else None,
        categories=[item["category"] for item in items],
    )
    return {**batch, "labels": torch.tensor([item["label"] for item in items])}


def _mcc_logits(output: Any, labels: torch.Tensor) -> torch.Tensor:
    logits: torch.Tensor = output[0] if isinstance(output, tuple) else output
    return logits


def _calibrate(model: MuiscModel, prediction: EvalPrediction) -> None:
    # The last layer of either kind of head gives the logits.
    head = [layer for layer in model.mcc_head.modules() if isinstance(layer, nn.Linear)][-1]
    build_in(fit_calibration(np.asarray(prediction.predictions), np.asarray(prediction.label_ids)), head)


def _save(model: MuiscModel, processor: MuiscProcessor, folder: Path) -> None:
    # Batch-norm statistics stay float32: the range of float16 does not hold them.
    learned = {name for name, _ in model.named_parameters(remove_duplicate=False)}
    state = {name: value.half() if name in learned else value for name, value in model.state_dict().items()}
    model.save_pretrained(folder, state_dict=state)
    processor.save_pretrained(folder)
