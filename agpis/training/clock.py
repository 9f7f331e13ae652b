"""A time limit for training, and how fast it went."""

from __future__ import annotations

import time
from typing import Any

from transformers import TrainerCallback

_SECONDS = 3600


class Clock(TrainerCallback):  # type: ignore[misc]  # transformers is untyped
    """Counts steps and time, and ends the run with a checkpoint when its time is over.

    Attributes:
        stopped: whether it has ended the run.
    """

    def __init__(self, max_hours: float | None) -> None:
        """Start with the run; None sets no limit."""
        self.stopped = False
        self._limit = max_hours
        self._start = self._seen = time.monotonic()
        self._steps = 0

    @property
    def steps_per_second(self) -> float:
        """Optimiser steps of this run a second, evaluations and checkpoints included; 0 when there was none."""
        seconds = self._seen - self._start
        return self._steps / seconds if seconds > 0 else 0.0

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Start counting."""
        self._start = self._seen = time.monotonic()
        self._steps = 0

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Count a step."""
        self._steps += 1
        self._seen = time.monotonic()
        if self._limit is not None and self._seen - self._start > self._limit * _SECONDS:
            self.stopped = state.global_step < state.max_steps
            # The best weights are known by their scores, so a checkpoint needs one.
            control.should_evaluate = control.should_save = control.should_training_stop = True
