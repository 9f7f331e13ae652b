"""How fast a training run was, and how much of the device's matrix peak it reached."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import PreTrainedModel

# Side of the square product that stands for the peak, and how often it is taken.
_SIDES = {"cuda": 8192, "cpu": 2048}
_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Throughput:
    """Speed of a training run.

    Attributes:
        samples_per_second: training samples a second over the whole run, evaluations included.
        flops_per_sample: floating-point operations of one sample forward and backward, of matrix products and
            convolutions alone.
        matrix_peak: operations a second that a large square matrix product reaches on this device in the precision of
            the run.
        peak_share: what the run reached of it, at least 0; over all devices of the run.
    """

    samples_per_second: float
    flops_per_sample: float
    matrix_peak: float
    peak_share: float


def measure_throughput(
    model: PreTrainedModel,
    batch: dict[str, Any],
    batch_size: int,
    samples_per_second: float,
    dtype: torch.dtype,
    num_devices: int,
) -> Throughput:
    """Count the operations of one batch and compare the run with the device's peak.

    Args:
        model: in training mode, on its device.
        batch: keyword arguments of its `forward` for `batch_size` samples; any device.
        batch_size: samples in it.
        samples_per_second: of the run, over all devices.
        dtype: precision of its matrix products.
        num_devices: devices that shared the work, at least 1.
    """
    device = model.device
    placed = {name: value.to(device) if isinstance(value, torch.Tensor) else value for name, value in batch.items()}
    with FlopCounterMode(display=False) as counter:
        model(**placed).loss.backward()
    model.zero_grad(set_to_none=True)
    flops = counter.get_total_flops() / batch_size
    peak = matrix_peak(device, dtype)
    share = samples_per_second * flops / (peak * num_devices)
    return Throughput(samples_per_second, flops, peak, share)


@torch.inference_mode()
def matrix_peak(device: torch.device, dtype: torch.dtype) -> float:
    """Operations a second of the fastest of some large square matrix products."""
    side = _SIDES.get(device.type, _SIDES["cpu"])
    left, right = (torch.ones(side, side, device=device, dtype=dtype) for _ in range(2))
    seconds = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        left @ right
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        seconds.append(time.perf_counter() - start)
    return 2 * side**3 / min(seconds)
