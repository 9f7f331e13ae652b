"""Inputs of the paper's published inference code from an `.npz` file, and what a MuiscModel makes of them."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from agpis.errors import ModelError
from agpis.muisc.configuration_muisc import MuiscConfig
from agpis.muisc.modeling_muisc import MuiscModel

_NAMES = ("pixel_values", "input_ids", "attention_mask", "mc_token_ids")
_CHUNK = 8  # sequences at a time, so that the pixels of a long file need not go through the tower at once


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceInputs:
    """A batch as the published code takes it: B sequences of K images, L tokens.

    Attributes:
        pixel_values: (B, K, 3, image_size, image_size) float32; the published code scales them to [-1, 1].
        input_ids: (B, L) int64, title, [MASK] and feedback, filled up on the right.
        attention_mask: (B, L) int64, 0 on padding.
        mc_token_ids: (B,) int64, place of [MASK] in each row.
    """

    pixel_values: Tensor
    input_ids: Tensor
    attention_mask: Tensor
    mc_token_ids: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceOutputs:
    """What the published code gives for a batch, float32, in its shapes.

    Attributes:
        encoder_features: (B, 1, K T, D), F^e; its second axis is one entry long in the published code.
        mc_logits: (B, K^g) at [MASK], before the softmax.
        lm_logits: (B, L, vocabulary) at every place, padding included.
    """

    encoder_features: NDArray[np.float32]
    mc_logits: NDArray[np.float32]
    lm_logits: NDArray[np.float32]

    def save(self, file: Path) -> None:
        """Write the arrays under their names to an `.npz` file.

        Raises:
            OSError: when the file cannot be written.
        """
        file.parent.mkdir(parents=True, exist_ok=True)
        # Given a name, numpy would add .npz to one without it.
        with file.open("wb") as stream:
            np.savez(stream, encoder_features=self.encoder_features, mc_logits=self.mc_logits, lm_logits=self.lm_logits)


def read_reference_inputs(file: Path | str, config: MuiscConfig) -> ReferenceInputs:
    """Read and check the inputs; other arrays in the file are left alone. Nothing is unpickled.

    Args:
        file: an `.npz` file with `pixel_values`, `input_ids`, `attention_mask` and `mc_token_ids`.
        config: sizes of the model that they are for.

    Raises:
        ModelError: when the file cannot be read, lacks an array, or an array does not fit the model or the others.
    """
    where = f"inputs {file}"
    arrays = _read_arrays(Path(file), where)
    pixels, ids = arrays["pixel_values"], arrays["input_ids"]
    sides = (config.num_images, 3, config.image_size, config.image_size)
    if pixels.ndim != 5 or pixels.shape[1:] != sides or not len(pixels):
        raise ModelError(f"{where}: pixel_values must have shape (B, {', '.join(map(str, sides))}), got {pixels.shape}")
    if ids.ndim != 2 or len(ids) != len(pixels) or not ids.shape[1]:
        raise ModelError(f"{where}: input_ids must have shape ({len(pixels)}, L), as pixel_values, got {ids.shape}")
    if ids.shape[1] > config.max_text_positions:
        raise ModelError(
            f"{where}: input_ids has {ids.shape[1]} tokens a row, this model takes at most "
            f"{config.max_text_positions}; shorten the rows"
        )
    for name, shape in (("attention_mask", ids.shape), ("mc_token_ids", ids.shape[:1])):
        if arrays[name].shape != shape:
            raise ModelError(f"{where}: {name} must have shape {shape}, as input_ids, got {arrays[name].shape}")
    _check_values(arrays, config, where)
    return ReferenceInputs(
        torch.from_numpy(pixels.astype(np.float32)),
        *(torch.from_numpy(arrays[name].astype(np.int64)) for name in _NAMES[1:]),
    )


@torch.no_grad()
def run_reference(model: MuiscModel, inputs: ReferenceInputs) -> ReferenceOutputs:
    """Everything the published code computes for a batch.

    Args:
        model: from `convert_reference_checkpoint`, in evaluation mode.
        inputs: from `read_reference_inputs`, for the same sizes.

    Raises:
        ModelError: when the inputs are for other sizes.
    """
    batch = (inputs.pixel_values, inputs.input_ids, inputs.attention_mask, inputs.mc_token_ids)
    chunks = [
        _run_chunk(model, *parts) for parts in zip(*(torch.split(tensor, _CHUNK) for tensor in batch), strict=True)
    ]
    return ReferenceOutputs(*(torch.cat(parts).float().cpu().numpy() for parts in zip(*chunks, strict=True)))


def _run_chunk(
    model: MuiscModel, pixel_values: Tensor, input_ids: Tensor, attention_mask: Tensor, mc_token_ids: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    image_mask = torch.ones(pixel_values.shape[:2], dtype=torch.bool)
    features, mask = model.encode_sequences(model.encode_batch(pixel_values, image_mask), image_mask)
    output = model(
        input_ids,
        attention_mask,
        sequence_features=features,
        sequence_mask=mask,
        separator_positions=mc_token_ids,
        logits_to_keep=0,
    )
    return features[:, None], output.mcc_logits, output.lm_logits


def _read_arrays(file: Path, where: str) -> dict[str, NDArray[Any]]:
    try:
        stored = np.load(file, allow_pickle=False)
        if not isinstance(stored, np.lib.npyio.NpzFile):
            raise ModelError(f"{where} holds one bare array; it must be an .npz file with {', '.join(_NAMES)}")
        with stored:
            missing = [name for name in _NAMES if name not in stored.files]
            if missing:
                raise ModelError(f"{where} lacks the arrays {missing}; it has {sorted(stored.files)}")
            return {name: stored[name] for name in _NAMES}
    except (OSError, ValueError, EOFError, LookupError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(f"{where} cannot be read as an .npz file of plain arrays: {error}") from error
    except MemoryError as error:
        raise ModelError(f"{where} holds an array that is too large for this machine's memory: {error}") from error


def _check_values(arrays: dict[str, NDArray[Any]], config: MuiscConfig, where: str) -> None:
    pixels = arrays["pixel_values"]
    if pixels.dtype.kind != "f" or not (np.abs(pixels) <= np.finfo(np.float32).max).all():
        raise ModelError(f"{where}: pixel_values must be finite floating-point numbers, scaled to [-1, 1]")
    limits = (config.vocab_size, 2, arrays["input_ids"].shape[1])
    for name, limit in zip(_NAMES[1:], limits, strict=True):
        values = arrays[name]
        if values.dtype.kind not in "iub":
            raise ModelError(f"{where}: {name} must hold whole numbers, got {values.dtype}")
        if values.min() < 0 or values.max() >= limit:
            raise ModelError(f"{where}: {name} must lie in 0..{limit - 1}, got {values.min()}..{values.max()}")
    if not arrays["attention_mask"][:, 0].all():
        # The published code then spreads the attention over the future, which MUIsC never does.
        raise ModelError(f"{where}: attention_mask must be 1 at the first token of every row; fill up on the right")
