"""One way to train every model: the Hugging Face Trainer with resume, early stopping, TensorBoard and a seed."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset
from transformers import EarlyStoppingCallback, EvalPrediction, PreTrainedModel, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint

from agpis.errors import SettingsError
from agpis.training.averaging import AveragingTrainer
from agpis.training.clock import Clock
from agpis.training.throughput import Throughput, measure_throughput

_logger = logging.getLogger(__name__)
# Samples whose operations are counted for the throughput.
_COUNTED = 8


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How one model is trained.

    Attributes:
        data: folders of AGPIS-data as `agpis simulate` writes them; read together.
        out: folder of the run: checkpoints, TensorBoard log, and the final model in `out/model`.
        epochs: passes over the training split; may be a fraction.
        batch_size: samples a step, over all devices.
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
        max_per_product: most training sequences of one product, for MUIsC, as more are soon learned by heart; None
            for all.
        feature_versions: with `frozen_tower`, versions of every image to encode: as it is, and changed at random.
        average_decay: share that the moving average of the weights keeps at every step, in [0, 1); the average is what
            is evaluated and saved.
        bf16: matrix products in bfloat16, on devices that are faster so.
        compile: let torch compile the model, which pays off on long runs.
        max_hours: stop after this time with a checkpoint, from which the same call goes on; None for no limit.
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
    max_per_product: int | None = None
    feature_versions: int = 2
    average_decay: float = 0.998
    bf16: bool = False
    compile: bool = False
    max_hours: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.epochs <= 0 or self.batch_size < 1 or self.learning_rate <= 0:
            raise SettingsError(
                "epochs and learning_rate must be above 0 and batch_size at least 1, got "
                f"epochs {self.epochs}, learning_rate {self.learning_rate}, batch_size {self.batch_size}"
            )
        if not 0 <= self.warmup < 1:
            raise SettingsError(f"warmup is a share of the steps in [0, 1), got {self.warmup}")
        if self.max_per_product is not None and self.max_per_product < 1:
            raise SettingsError(f"max_per_product must be at least 1, got {self.max_per_product}")
        if self.feature_versions < 1:
            raise SettingsError(f"feature_versions must be at least 1, got {self.feature_versions}")
        if not 0 <= self.average_decay < 1:
            raise SettingsError(f"average_decay is the share a step keeps, in [0, 1), got {self.average_decay}")
        if self.max_hours is not None and self.max_hours <= 0:
            raise SettingsError(f"max_hours must be above 0, got {self.max_hours}")
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
        finished: False when `max_hours` ended the run; the same call goes on with it.
        throughput: how fast it was.
    """

    model_dir: str
    best_metric: float
    metric_name: str
    steps: int
    resumed_from: str
    num_train: int
    num_eval: int
    finished: bool
    throughput: Throughput


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
    finish: Callable[[EvalPrediction], None] | None = None,
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
        finish: called before that with what the best weights predict on `eval_data`, e.g. to calibrate them.

    Raises:
        SettingsError: when a split is empty.
    """
    sizes = _sizes(config, train_data, eval_data)
    # Convolutions on CPU train half as fast again in this layout; other weights are left as they are.
    model.to(memory_format=torch.channels_last)
    total = max(1, round(config.epochs * sizes[0] / config.batch_size))
    checkpoints = config.out / "checkpoints"
    clock = Clock(config.max_hours)
    trainer = AveragingTrainer(
        model=model,
        args=_arguments(config, total, checkpoints, metric_name),
        decay=config.average_decay,
        train_dataset=train_data,
        eval_dataset=eval_data,
        data_collator=collate,
        compute_metrics=compute_metrics,
        preprocess_logits_for_metrics=prediction,
        callbacks=[EarlyStoppingCallback(early_stopping_patience=config.patience), clock],
    )
    last = _last_checkpoint(checkpoints)
    trainer.train(resume_from_checkpoint=last)
    throughput = _throughput(trainer, config, train_data, collate, clock.steps_per_second)
    summary = _summary(trainer, config, metric_name, last, sizes, finished=not clock.stopped, throughput=throughput)
    if finish is not None:
        predicted = trainer.predict(eval_data)
        finish(EvalPrediction(predictions=predicted.predictions, label_ids=predicted.label_ids))
    if not trainer.is_world_process_zero():
        return summary
    save(Path(summary.model_dir))
    log = {"config": asdict(config), "summary": asdict(summary), "history": trainer.state.log_history}
    (config.out / "run.json").write_text(json.dumps(log, indent=1, default=str) + "\n", encoding="utf-8")
    return summary


def _sizes(config: TrainingConfig, train_data: Dataset[Any], eval_data: Dataset[Any]) -> tuple[int, int]:
    """Training and validation samples, both above 0."""
    num_train, num_eval = len(train_data), len(eval_data)  # type: ignore[arg-type]
    if not num_train or not num_eval:
        raise SettingsError(
            f"{', '.join(map(str, config.data))}: {num_train} training and {num_eval} validation samples; "
            "both must be above 0. Simulate more products."
        )
    return num_train, num_eval


def _last_checkpoint(checkpoints: Path) -> str | None:
    last: str | None = get_last_checkpoint(str(checkpoints)) if checkpoints.is_dir() else None
    if last:
        _logger.info("going on from %s", last)
    return last


def _summary(
    trainer: AveragingTrainer,
    config: TrainingConfig,
    metric_name: str,
    last: str | None,
    sizes: tuple[int, int],
    *,
    finished: bool,
    throughput: Throughput,
) -> FitSummary:
    best = trainer.state.best_metric
    return FitSummary(
        model_dir=str(config.out / "model"),
        best_metric=float("nan") if best is None else float(best),
        metric_name=metric_name,
        steps=trainer.state.global_step,
        resumed_from=last or "",
        num_train=sizes[0],
        num_eval=sizes[1],
        finished=finished,
        throughput=throughput,
    )


def _throughput(
    trainer: AveragingTrainer,
    config: TrainingConfig,
    data: Dataset[dict[str, Any]],
    collate: Callable[[list[dict[str, Any]]], dict[str, torch.Tensor]],
    steps_per_second: float,
) -> Throughput:
    count = min(_COUNTED, len(data))  # type: ignore[arg-type]
    trainer.model.eval()
    return measure_throughput(
        trainer.model,
        collate([data[index] for index in range(count)]),
        batch_size=count,
        samples_per_second=steps_per_second * config.batch_size,
        dtype=torch.bfloat16 if config.bf16 else torch.float32,
        num_devices=_world_size(),
    )


def _world_size() -> int:
    # Set by torchrun and accelerate.
    return int(os.environ.get("WORLD_SIZE", "1"))


def _arguments(config: TrainingConfig, total: int, checkpoints: Path, metric_name: str) -> TrainingArguments:
    every = max(1, total // config.evaluations)
    cuda = torch.cuda.is_available()
    return TrainingArguments(
        output_dir=str(checkpoints),
        max_steps=total,
        per_device_train_batch_size=max(1, config.batch_size // _world_size()),
        per_device_eval_batch_size=config.batch_size,
        optim="adamw_torch_fused" if cuda else "adamw_torch",
        bf16=config.bf16,
        torch_compile=config.compile,
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
        dataloader_pin_memory=cuda,
        remove_unused_columns=False,
        label_names=["labels"],
        seed=config.seed,
        data_seed=config.seed,
    )
