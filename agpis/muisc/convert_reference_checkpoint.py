"""Weights in the layout of the paper's published inference code (`img_model.*`, `lang_model.*`) become a MuiscModel."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import torch
from torch import Tensor

from agpis.errors import ModelError
from agpis.muisc.configuration_muisc import MuiscConfig
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.reference_layout import (
    TIED_KEYS,
    changed_constants,
    constant_keys,
    published_keys,
    reference_layout,
)


def convert_reference_checkpoint(checkpoint: Path | str, config: MuiscConfig) -> MuiscModel:
    """Load a published checkpoint; unpickles plain tensors only.

    The published code gives every block cross-attention and uses the listed ones; only these are taken over. What
    computes nothing, its ViT's pooler, is left behind, and so are its masks, once they are seen to be the usual ones.

    Args:
        checkpoint: the file.
        config: its sizes, from `read_reference_sizes`.

    Returns:
        The model in evaluation mode, float32.

    Raises:
        ModelError: when the file cannot be read; lacks keys, has more of them, or has tensors of other shapes or
            types; has other masks; or has a word embedding and an LM head that differ.
    """
    where = f"checkpoint {checkpoint}"
    weights = _read_tensors(Path(checkpoint), where)
    layout = reference_layout(config)
    missing, surplus = sorted(layout.keys() - weights.keys()), sorted(weights.keys() - layout.keys())
    if missing or surplus:
        raise ModelError(f"{where} does not fit its sizes: missing keys {missing}, surplus {surplus}")
    _check_tensors(weights, layout, constant_keys(config), where)
    changed = changed_constants(weights, config)
    if changed:
        raise ModelError(f"{where} masks otherwise than GPT2 (lower triangle, -10000), which MUIsC cannot: {changed}")
    if not torch.equal(*(weights[key] for key in TIED_KEYS)):
        raise ModelError(
            f"{where} has different values in {TIED_KEYS[0]} and {TIED_KEYS[1]}, which are one tensor in this network; "
            "the published code goes on with the second for both: store that one twice if it is the one meant"
        )
    model = MuiscModel(config)
    stacked = {name: torch.cat([weights[key] for key in published_keys(name)]) for name in model.state_dict()}
    model.load_state_dict(stacked)
    model.eval()
    return model


def _read_tensors(file: Path, where: str) -> dict[str, Tensor]:
    if not file.is_file():
        raise ModelError(f"{where} does not exist or is no file")
    try:
        stored = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        # torch's own text advises to load the file with code and all.
        found = re.search(r"GLOBAL (\S+)", str(error))
        cause = f"it names {found[1]}" if found else "it is no pickle of tensors"
        raise ModelError(
            f"{where} is not a file of plain tensors: {cause}; nothing else is loaded, because a pickle can run code. "
            "Store the state dict alone, with torch.save(model.state_dict(), FILE)"
        ) from error
    except (OSError, RuntimeError, EOFError, ValueError, LookupError, TypeError, AttributeError) as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise ModelError(f"{where} cannot be read as a file of plain tensors: {lines[0]}") from error
    if not isinstance(stored, dict):
        raise ModelError(f"{where} holds a {type(stored).__name__}; it must hold a dict of tensors, a state dict")
    other = [str(key) for key, value in stored.items() if not (isinstance(key, str) and isinstance(value, Tensor))]
    if other:
        raise ModelError(f"{where} must hold names with a tensor each, which these are not: {sorted(other)}")
    return dict(stored)


def _check_tensors(
    weights: dict[str, Tensor], layout: dict[str, tuple[int, ...]], constants: set[str], where: str
) -> None:
    shapes = [
        f"{key} is {tuple(weights[key].shape)} instead of {shape}"
        for key, shape in sorted(layout.items())
        if weights[key].shape != shape
    ]
    if shapes:
        raise ModelError(f"{where} has tensors of other sizes: {', '.join(shapes)}")
    types = [
        f"{key} is {tensor.dtype}"
        for key, tensor in sorted(weights.items())
        if not _is_plain(tensor) or not (tensor.is_floating_point() or key in constants)
    ]
    if types:
        raise ModelError(f"{where} has tensors that are no dense floating-point numbers: {', '.join(types)}")


def _is_plain(tensor: Tensor) -> bool:
    return tensor.layout is torch.strided and tensor.device.type == "cpu" and not tensor.is_quantized
