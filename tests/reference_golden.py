"""Where the published code's numbers lie, and changed copies of its checkpoint."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

GOLDEN = Path(__file__).parent / "golden"
TINY = GOLDEN / "golden-tiny"
NAMES = ("golden-tiny", "golden-eps")
BOUNDS = {"encoder_features": 5e-5, "mc_logits": 2e-5, "lm_logits": 5e-5}
"""Largest absolute difference to the published code; its own rounding in float32 stays below 1e-5."""

CHECKPOINT = "muisc_golden.ckpt"


def arrays(folder: Path = TINY) -> dict[str, NDArray[Any]]:
    with np.load(folder / "io.npz", allow_pickle=False) as stored:
        return dict(stored)


def tensors() -> dict[str, Tensor]:
    return dict(torch.load(TINY / CHECKPOINT, weights_only=True))


def changed_checkpoint(folder: Path, change: Callable[[dict[str, Tensor]], object]) -> Path:
    """A copy of golden-tiny's checkpoint after `change` was done to its tensors."""
    weights = tensors()
    change(weights)
    torch.save(weights, folder / "changed.ckpt")
    return folder / "changed.ckpt"


def changed_sizes(folder: Path, changes: dict[str, Any]) -> Path:
    """A copy of golden-tiny's sizes; `{"gpt2.n_embd": 3}` sets, a value of ... takes out."""
    sizes = json.loads((TINY / "sizes.json").read_text(encoding="utf-8"))
    for place, value in changes.items():
        *parts, name = place.split(".")
        part = sizes
        for key in parts:
            part = part[key]
        if value is ...:
            del part[name]
        else:
            part[name] = value
    (folder / "sizes.json").write_text(json.dumps(sizes), encoding="utf-8")
    return folder / "sizes.json"


def changed_inputs(folder: Path, **changes: Any) -> Path:
    """A copy of golden-tiny's inputs with other arrays; None takes one out."""
    names = ("pixel_values", "input_ids", "attention_mask", "mc_token_ids")
    kept = {name: value for name, value in arrays().items() if name in names} | changes
    np.savez(folder / "inputs.npz", **{name: value for name, value in kept.items() if value is not None})
    return folder / "inputs.npz"
