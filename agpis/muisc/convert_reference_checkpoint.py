"""Weights in the layout of the paper's published inference code (`img_model.*`, `lang_model.*`) become a MuiscModel."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from agpis.errors import ModelError
from agpis.muisc.configuration_muisc import MuiscConfig
from agpis.muisc.modeling_muisc import MuiscModel

# Our name, as a pattern -> the published one. Several published tensors for one of ours are stacked.
_VIT = "img_model.image_tower."
_NAMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"vision_tower\.backbone\.cls_token", (_VIT + "embeddings.cls_token",)),
    (r"vision_tower\.backbone\.pos_embed", (_VIT + "embeddings.position_embeddings",)),
    (r"vision_tower\.backbone\.patch_embed\.proj\.(\w+)", (_VIT + r"embeddings.patch_embeddings.projection.\1",)),
    (r"vision_tower\.backbone\.norm\.(\w+)", (_VIT + r"layernorm.\1",)),
    (
        r"vision_tower\.backbone\.blocks\.(\d+)\.attn\.qkv\.(\w+)",
        tuple(_VIT + rf"encoder.layer.\1.attention.attention.{part}.\2" for part in ("query", "key", "value")),
    ),
    (r"vision_tower\.backbone\.blocks\.(\d+)\.attn\.proj\.", (_VIT + r"encoder.layer.\1.attention.output.dense.",)),
    (r"vision_tower\.backbone\.blocks\.(\d+)\.mlp\.fc1\.", (_VIT + r"encoder.layer.\1.intermediate.dense.",)),
    (r"vision_tower\.backbone\.blocks\.(\d+)\.mlp\.fc2\.", (_VIT + r"encoder.layer.\1.output.dense.",)),
    (r"vision_tower\.backbone\.blocks\.(\d+)\.norm1\.", (_VIT + r"encoder.layer.\1.layernorm_before.",)),
    (r"vision_tower\.backbone\.blocks\.(\d+)\.norm2\.", (_VIT + r"encoder.layer.\1.layernorm_after.",)),
    (r"image_positions\.", ("img_model.wpe.",)),
    (r"sequence_layers\.0\.", ("img_model.self.",)),
    (r"decoder\.", ("lang_model.transformer.",)),
    (r"lm_head\.", ("lang_model.lm_head.",)),
    (r"mcc_head\.1\.", ("lang_model.multiple_choice_head.summary.",)),
)


def read_reference_sizes(path: Path | str, *, cross_attention_layers: tuple[int, ...] | None = None) -> MuiscConfig:
    """The configuration that a `sizes.json` beside a published checkpoint describes.

    Args:
        path: the file.
        cross_attention_layers: blocks that attend to the images; the file's `cross_ids` by default.

    Raises:
        ModelError: when the file cannot be read or lacks a size.
    """
    try:
        sizes: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
        vit, bert, gpt2, tokens = (sizes[part] for part in ("vit", "bert_layer", "gpt2", "special_tokens"))
        side = vit["image_size"] // vit["patch_size"]
        return MuiscConfig(
            vision_model="vit_base_patch16_224",
            vision_kwargs={
                "img_size": vit["image_size"],
                "patch_size": vit["patch_size"],
                "embed_dim": vit["hidden_size"],
                "depth": vit["num_hidden_layers"],
                "num_heads": vit["num_attention_heads"],
                "mlp_ratio": vit["intermediate_size"] / vit["hidden_size"],
            },
            vision_layer_norm_eps=vit["layer_norm_eps"],
            image_size=vit["image_size"],
            grid_size=(side, side),
            num_images=sizes["images_per_sequence"],
            hidden_size=gpt2["n_embd"],
            num_attention_heads=gpt2["n_head"],
            sequence_layer_norm_eps=bert["layer_norm_eps"],
            num_decoder_layers=gpt2["n_layer"],
            cross_attention_layers=sizes["cross_ids"] if cross_attention_layers is None else cross_attention_layers,
            decoder_layer_norm_eps=gpt2["layer_norm_epsilon"],
            intermediate_size=gpt2["n_inner"],
            vocab_size=gpt2["vocab_size"],
            max_text_positions=gpt2["n_positions"],
            num_labels=sizes["num_labels"],
            pad_token_id=tokens["pad"],
            separator_token_id=tokens["mask"],
            eos_token_id=tokens["sep"],
            qualified_token_id=tokens["yes"],
        )
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"sizes file {path} cannot be used: {type(error).__name__}: {error}") from error


def convert_reference_checkpoint(checkpoint: Path | str, config: MuiscConfig) -> MuiscModel:
    """Load a published checkpoint; unpickles plain tensors only.

    The published code gives every block cross-attention and uses the listed ones; only these are taken over.

    Args:
        checkpoint: the file.
        config: its sizes, from `read_reference_sizes`.

    Returns:
        The model in evaluation mode, float32.

    Raises:
        ModelError: when the file cannot be read, or lacks keys, has more of them, or has tensors of other sizes.
    """
    try:
        weights: dict[str, Tensor] = torch.load(checkpoint, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise ModelError(f"checkpoint {checkpoint} cannot be read as a file of plain tensors: {error}") from error
    expected = reference_keys(config)
    missing, surplus = sorted(expected - weights.keys()), sorted(weights.keys() - expected)
    if missing or surplus:
        raise ModelError(f"checkpoint {checkpoint} does not fit its sizes: missing keys {missing}, surplus {surplus}")
    model = MuiscModel(config)
    converted = {name: torch.cat([weights[key] for key in _published(name)]) for name in model.state_dict()}
    try:
        model.load_state_dict(converted)
    except RuntimeError as error:
        raise ModelError(f"checkpoint {checkpoint} has tensors of other sizes: {error}") from error
    model.eval()
    return model


def reference_keys(config: MuiscConfig) -> set[str]:
    """All keys of a published checkpoint of these sizes, with those that hold nothing learned or are not used."""
    fields = config.to_dict() | {"cross_attention_layers": range(config.num_decoder_layers)}
    with torch.device("meta"):
        every_block_attends = MuiscModel(MuiscConfig(**fields))
    used = {key for name in every_block_attends.state_dict() for key in _published(name)}
    buffers = {
        f"lang_model.transformer.h.{layer}.{attention}.{buffer}"
        for layer in range(config.num_decoder_layers)
        for attention in ("attn", "crossattention")
        for buffer in ("bias", "masked_bias")
    }
    return used | buffers | {f"{_VIT}pooler.dense.weight", f"{_VIT}pooler.dense.bias"}


def _published(name: str) -> list[str]:
    for pattern, published in _NAMES:
        if re.match(pattern, name):
            return [re.sub(f"^{pattern}", key, name) for key in published]
    raise ModelError(f"{name} has no counterpart in the published layout: only its ViT, one N^s block and GPT2 do")
