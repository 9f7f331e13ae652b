"""One way to train every model: the Hugging Face Trainer with resume, early stopping, TensorBoard and a seed."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset
from transformers import EarlyStoppingCallback, EvalPrediction, PreTrainedModel, Trainer, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint

from agpis.errors import SettingsError

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How one model is trained.

    Attributes:
        data: folders of AGPIS-data as `agpis simulate` writes them; read together.
        out: folder of the run: checkpoints, TensorBoard log, and the final model in `out/model`.
        epochs: passes over the training split; may be a fraction.
        batch_size: samples a step.
        learning_rate: peak learning rate of AdamW; linear warm-up, cosine decay.
        weight_decay: of AdamW.
        warmup: share of the steps spent on warming up, in [0, 1).
        evaluations: how often the validation split is read during the run; also the number of checkpoints.
        patience: evaluations without a better score before the run stops early.
        max_eval_samples: size of the validation sample that steers early stopping.
        num_workers: processes that read images.
        frozen_stages: first stages of the image network that keep the weights they start with, the stem being one;
            training is the faster for it.
        frozen_tower: MUIsC's whole image network keeps its weights; every image is then encoded once, before training.
        seed: of initialisation, order and augmentation.
    """

    data: tuple[Path, ...]
    out: Path
    epochs: float = 5.0
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.02
    warmup: float = 0.05
    evaluations: int = 10
    patience: int = 3
    max_eval_samples: int = 2000
    num_workers: int = 1
    frozen_stages: int = 0
    frozen_tower: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if self.epochs <= 0 or self.batch_size < 1 or self.learning_rate <= 0:
            raise SettingsError(
                "epochs and learning_rate must be above 0 and batch_size at least 1, got "
                f"epochs {self.epochs}, learning_rate {self.learning_rate}, batch_size {self.batch_size}"
            )
        if not 0 <= self.warmup < 1:
            raise SettingsError(f"warmup is a share of the steps in [0, 1), got {self.warmup}")
        if self.evaluations < 1 or self.patience < 1:
            raise SettingsError(
                f"evaluations and patience must be at least 1, got {self.evaluations} and {self.patience}"
            )


@dataclass(frozen=True, slots=True)
class FitSummary:
    """How a training run went.

    Attributes:
        model_dir: where the best weights lie, float16 safetensors.
        best_metric: value of `metric_name` on the validation sample for those weights.
        metric_name: what steered early stopping, e.g. "auc".
        steps: optimiser steps taken, those before a resume included.
        resumed_from: checkpoint the run went on from, or an empty string.
        num_train: training samples.
        num_eval: validation samples.
    """

    model_dir: str
    best_metric: float
    metric_name: str
    steps: int
    resumed_from: str
    num_train: int
    num_eval: int


def fit(
    model: PreTrainedModel,
    config: TrainingConfig,
    train_data: Dataset[dict[str, Any]],
    eval_data: Dataset[dict[str, Any]],
    collate: Callable[[list[dict[str, Any]]], dict[str, torch.Tensor]],
    compute_metrics: Callable[[EvalPrediction], dict[str, float]],
    metric_name: str,
    prediction: Callable[[Any, torch.Tensor], torch.Tensor],
    save: Callable[[Path], None],
) -> FitSummary:
    """Train `model`, going on from the last checkpoint in `config.out` when there is one.

    Args:
        model: takes the collated batch as keyword arguments and returns an output with `loss`.
        config: how to train.
        train_data: items for `collate`.
        eval_data: items for `collate`; steers early stopping and the choice of the best weights.
        collate: items -> batch.
        compute_metrics: predictions on `eval_data` -> named scores; must hold `metric_name`, larger is better.
        metric_name: the score that decides.
        prediction: cuts the model's output down to what `compute_metrics` needs.
        save: writes the final model, now holding the best weights, into a folder.

    Raises:
        SettingsError: when a split is empty.
    """
    num_train, num_eval = len(train_data), len(eval_data)  # type: ignore[arg-type]
    if not num_train or not num_eval:
        raise SettingsError(
            f"{', '.join(map(str, config.data))}: {num_train} training and {num_eval} validation samples; "
            "both must be above 0. Simulate more products."
        )
    # Convolutions on CPU train half as fast again in this layout; other weights are left as they are.
    model.to(memory_format=torch.channels_last)
    total = max(1, round(config.epochs * num_train / config.batch_size))
    checkpoints = config.out / "checkpoints"
    trainer = Trainer(
        model=model,
        args=_arguments(config, total, checkpoints, metric_name),
        train_dataset=train_data,
        eval_dataset=eval_data,
        data_collator=collate,
        compute_metrics=compute_metrics,
        preprocess_logits_for_metrics=prediction,
        callbacks=[EarlyStoppingCallback(early_stopping_patience=config.patience)],
    )
    last = get_last_checkpoint(str(checkpoints)) if checkpoints.is_dir() else None
    if last:
        _logger.info("going on from %s", last)
    trainer.train(resume_from_checkpoint=last)
    model_dir = config.out / "model"
    save(model_dir)
    best = trainer.state.best_metric
    summary = FitSummary(
        model_dir=str(model_dir),
        best_metric=float("nan") if best is None else float(best),
        metric_name=metric_name,
        steps=trainer.state.global_step,
        resumed_from=last or "",
        num_train=num_train,
        num_eval=num_eval,
    )
    log = {"config": asdict(config), "summary": asdict(summary), "history": trainer.state.log_history}
    (config.out / "run.json").write_text(json.dumps(log, indent=1, default=str) + "\n", encoding="utf-8")
    return summary


def _arguments(config: TrainingConfig, total: int, checkpoints: Path, metric_name: str) -> TrainingArguments:
    every = max(1, total // config.evaluations)
    return TrainingArguments(
        output_dir=str(checkpoints),
        max_steps=total,
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        warmup_steps=round(total * config.warmup),
        lr_scheduler_type="cosine",
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model=metric_name,
        greater_is_better=True,
        logging_steps=max(1, min(50, every)),
        report_to=["tensorboard"],
        dataloader_num_workers=config.num_workers,
        dataloader_persistent_workers=config.num_workers > 0,
        dataloader_pin_memory=torch.cuda.is_available(),
        remove_unused_columns=False,
        label_names=["labels"],
        seed=config.seed,
        data_seed=config.seed,
    )
