"""The moving average of weights: hand-computed values, files, and a model that gets its own weights back."""

from __future__ import annotations

from pathlib import Path

import pytest
from torch import nn

from agpis.training.averaging import WeightAverage


def model(value: float) -> nn.Linear:
    layer = nn.Linear(1, 1, bias=False)
    nn.init.constant_(layer.weight, value)
    return layer


def value_of(average: WeightAverage) -> float:
    layer = model(0)
    average.copy_to(layer)
    return layer.weight.item()


def test_early_steps_do_not_hold_on_to_the_start() -> None:
    layer = model(0)
    average = WeightAverage(layer, decay=0.9)
    nn.init.constant_(layer.weight, 1)
    average.update(layer)  # keeps min(.9, 1 / 10) of 0
    assert value_of(average) == pytest.approx(0.9)
    average.update(layer)  # keeps 2 / 11 of .9
    assert value_of(average) == pytest.approx(1 - 0.1 * 2 / 11)


def test_later_steps_keep_the_decay() -> None:
    layer = model(1)
    average = WeightAverage(layer, decay=0.5)
    for _ in range(100):
        average.update(layer)
    nn.init.constant_(layer.weight, 3)
    average.update(layer)
    assert value_of(average) == pytest.approx(2)


def test_without_decay_the_average_is_the_last_value() -> None:
    layer = model(1)
    average = WeightAverage(layer, decay=0)
    nn.init.constant_(layer.weight, 7)
    average.update(layer)
    assert value_of(average) == 7


def test_the_model_gets_its_own_weights_back_even_after_an_error() -> None:
    layer = model(1)
    average = WeightAverage(layer, decay=0.5)
    nn.init.constant_(layer.weight, 5)
    seen = []

    def fail_inside() -> None:
        with average.in_place_of(layer):
            seen.append(layer.weight.item())
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        fail_inside()
    assert seen == [1]
    assert layer.weight.item() == 5


def test_running_statistics_are_averaged_and_frozen_weights_left_alone() -> None:
    learned, norm = model(1), nn.BatchNorm1d(1)
    learned.weight.requires_grad_(False)
    network = nn.Sequential(learned, norm)
    average = WeightAverage(network, decay=0)
    nn.init.constant_(norm.weight, 4)
    norm.register_buffer("running_mean", norm.weight.detach().clone() + 1)
    average.update(network)
    nn.init.constant_(learned.weight, 8)
    nn.init.constant_(norm.weight, 0)
    norm.register_buffer("running_mean", norm.weight.detach().clone())
    average.copy_to(network)
    assert learned.weight.item() == 8
    assert norm.weight.item() == 4
    assert norm.state_dict()["running_mean"].item() == 5


def test_a_saved_average_goes_on_where_it_was(tmp_path: Path) -> None:
    layer = model(1)
    whole = WeightAverage(layer, decay=0.9)
    for step in range(3):
        nn.init.constant_(layer.weight, step)
        whole.update(layer)
    whole.save(tmp_path / "average.safetensors")
    again = WeightAverage(model(0), decay=0.9)
    again.load(tmp_path / "average.safetensors")
    whole.update(layer)
    again.update(layer)
    assert value_of(again) == value_of(whole)
