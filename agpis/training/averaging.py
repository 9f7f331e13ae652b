"""A Trainer that judges, keeps and hands out the moving average of the weights instead of their last values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import Trainer, TrainerCallback
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

AVERAGE_FILE = "average.safetensors"
_STEPS = "steps"


class WeightAverage:
    """Exponential moving average of a model's learned weights and running statistics.

    Attributes:
        decay: share of the average that a step keeps, in [0, 1); fewer of the first steps, which would otherwise hold
            on to the random start.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        """Begin with the weights as they are."""
        self.decay = decay
        self._steps = 0
        self._averages = {name: value.detach().clone() for name, value in _floating(model).items()}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Take in the weights after a step."""
        self._steps += 1
        kept = min(self.decay, self._steps / (self._steps + 9))
        for name, value in _floating(model).items():
            self._averages[name].lerp_(value.detach(), 1 - kept)

    @contextmanager
    def in_place_of(self, model: nn.Module) -> Iterator[None]:
        """The model has the averages for a while."""
        own = {name: value.detach().clone() for name, value in _floating(model).items()}
        self.copy_to(model)
        try:
            yield
        finally:
            _assign(model, own)

    def copy_to(self, model: nn.Module) -> None:
        """The model has the averages from now on."""
        _assign(model, self._averages)

    def save(self, file: Path) -> None:
        """Write the averages and how many steps they hold."""
        plain = {name: value.contiguous() for name, value in self._averages.items()}
        save_file({**plain, _STEPS: torch.tensor(self._steps)}, file)

    def load(self, file: Path) -> None:
        """Go on from averages that `save` wrote."""
        saved = load_file(file)
        self._steps = int(saved.pop(_STEPS))
        for name, value in self._averages.items():
            value.copy_(saved[name])


class AveragingTrainer(Trainer):  # type: ignore[misc]  # transformers is untyped
    """The Hugging Face Trainer with the average in every evaluation, beside every checkpoint, and in the end."""

    def __init__(self, *args: Any, decay: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.average = WeightAverage(self.model, decay)
        self.add_callback(_Update(self))

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        """Evaluate the average."""
        with self.average.in_place_of(self.model):
            scores: dict[str, float] = super().evaluate(*args, **kwargs)
        return scores

    def train(self, resume_from_checkpoint: str | None = None, **kwargs: Any) -> Any:
        """Train, and leave the model with the average of the best checkpoint."""
        if resume_from_checkpoint:
            self.average.load(Path(resume_from_checkpoint) / AVERAGE_FILE)
        result = super().train(resume_from_checkpoint=resume_from_checkpoint, **kwargs)
        best = self.state.best_model_checkpoint
        if best is not None:
            self.average.load(Path(best) / AVERAGE_FILE)
        self.average.copy_to(self.model)
        return result

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        if self.args.should_save:
            folder = Path(self.args.output_dir) / f"{PREFIX_CHECKPOINT_DIR}-{self.state.global_step}"
            self.average.save(folder / AVERAGE_FILE)


class _Update(TrainerCallback):  # type: ignore[misc]
    def __init__(self, trainer: AveragingTrainer) -> None:
        self._trainer = trainer

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Called before a step's evaluation and checkpoint."""
        self._trainer.average.update(self._trainer.model)


def _floating(model: nn.Module) -> dict[str, Tensor]:
    return {
        **{name: value for name, value in model.named_parameters() if value.requires_grad},
        **{name: value for name, value in model.named_buffers() if value.is_floating_point()},
    }


@torch.no_grad()
def _assign(model: nn.Module, values: dict[str, Tensor]) -> None:
    for name, value in _floating(model).items():
        value.copy_(values[name])
