"""Speed of a run: operations counted by hand, and shares that follow from them; the time limit."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel

from agpis.training.clock import Clock
from agpis.training.throughput import matrix_peak, measure_throughput

torch.set_num_threads(1)


class Product(PreTrainedModel):  # type: ignore[misc]
    """One matrix product."""

    config_class = PretrainedConfig

    def __init__(self, config: PretrainedConfig) -> None:
        super().__init__(config)
        self.layer = nn.Linear(10, 20, bias=False)
        self.post_init()

    def forward(self, rows: torch.Tensor) -> Any:
        return SimpleNamespace(loss=self.layer(rows).sum())


def test_the_operations_of_a_layer_are_counted() -> None:
    rows = torch.ones(4, 10)
    found = measure_throughput(
        Product(PretrainedConfig()), {"rows": rows}, 4, samples_per_second=1e6, dtype=torch.float32, num_devices=1
    )
    # Forward 2 x 10 x 20 a sample, and backward once more for the weights; the rows need no gradient.
    assert found.flops_per_sample == 2 * 2 * 10 * 20
    assert found.peak_share == pytest.approx(1e6 * 800 / found.matrix_peak)


def test_more_devices_lower_the_share() -> None:
    arguments: dict[str, Any] = {"samples_per_second": 1e6, "dtype": torch.float32}
    model, batch = Product(PretrainedConfig()), {"rows": torch.ones(2, 10)}
    one = measure_throughput(model, batch, 2, num_devices=1, **arguments)
    two = measure_throughput(model, batch, 2, num_devices=2, **arguments)
    assert two.peak_share * two.matrix_peak * 2 == pytest.approx(one.peak_share * one.matrix_peak)


def test_the_peak_is_above_a_gigaflop() -> None:
    assert matrix_peak(torch.device("cpu"), torch.float32) > 1e9


def _step(timer: Clock, now: float, step: int, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("agpis.training.clock.time.monotonic", lambda: now)
    control = SimpleNamespace(should_evaluate=False, should_save=False, should_training_stop=False)
    timer.on_step_end(None, SimpleNamespace(global_step=step, max_steps=10), control)
    return control


def test_a_run_ends_with_a_checkpoint_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agpis.training.clock.time.monotonic", lambda: 0.0)
    timer = Clock(max_hours=1)
    timer.on_train_begin(None, None, None)
    early = _step(timer, 3599, 1, monkeypatch)
    assert not early.should_training_stop
    assert not early.should_save
    late = _step(timer, 3601, 2, monkeypatch)
    assert late.should_training_stop
    assert late.should_save
    assert timer.stopped
    assert timer.steps_per_second == pytest.approx(2 / 3601)


def test_the_last_step_is_never_called_a_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agpis.training.clock.time.monotonic", lambda: 0.0)
    timer = Clock(max_hours=1)
    _step(timer, 4000, 10, monkeypatch)
    assert not timer.stopped


def test_without_a_limit_nothing_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agpis.training.clock.time.monotonic", lambda: 0.0)
    timer = Clock(None)
    assert not _step(timer, 1e9, 1, monkeypatch).should_training_stop
