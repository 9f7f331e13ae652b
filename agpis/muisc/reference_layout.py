"""The layout of the paper's published inference code: which of its tensors holds what of a MuiscModel, and its shape.

Two networks lie side by side: `img_model.*` (ViT, positions of the images, one BertLayer) and `lang_model.*` (GPT2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

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

TIED_KEYS = ("lang_model.transformer.wte.weight", "lang_model.lm_head.weight")
"""The word embedding, stored twice."""

_MASKED = -1e4


def published_keys(name: str) -> list[str]:
    """Keys of the published tensors that, stacked in this order, are one of ours.

    Raises:
        ModelError: when the published code has no such part.
    """
    for pattern, published in _NAMES:
        if re.match(pattern, name):
            return [re.sub(f"^{pattern}", key, name) for key in published]
    raise ModelError(f"{name} has no counterpart in the published layout: only its ViT, one N^s block and GPT2 do")


def reference_layout(config: MuiscConfig) -> dict[str, tuple[int, ...]]:
    """Key -> shape of everything in a published checkpoint of these sizes, used by the model or not.

    Raises:
        ModelError: when the published code cannot have these sizes.
    """
    # The published code gives every block cross-attention weights, whichever blocks use them.
    fields = config.to_dict() | {"cross_attention_layers": range(config.num_decoder_layers)}
    with torch.device("meta"):
        every_block_attends = MuiscModel(MuiscConfig(**fields))
    layout: dict[str, tuple[int, ...]] = {}
    for name, tensor in every_block_attends.state_dict().items():
        keys = published_keys(name)
        shape = (tensor.shape[0] // len(keys), *tensor.shape[1:])
        layout |= dict.fromkeys(keys, shape)
    width, positions = config.hidden_size, config.max_text_positions
    layout |= {f"{_VIT}pooler.dense.weight": (width, width), f"{_VIT}pooler.dense.bias": (width,)}
    for prefix in _attentions(config):
        layout |= {f"{prefix}.bias": (1, 1, positions, positions), f"{prefix}.masked_bias": ()}
    return layout


def constant_keys(config: MuiscConfig) -> set[str]:
    """Keys that hold a constant instead of something learned: the masks of GPT2's attention."""
    return {f"{prefix}.{buffer}" for prefix in _attentions(config) for buffer in ("bias", "masked_bias")}


def changed_constants(weights: Mapping[str, Tensor], config: MuiscConfig) -> list[str]:
    """Those of `constant_keys` whose value is another: the published code would mask with it, MUIsC does not read it.

    Args:
        weights: key -> tensor, shapes as `reference_layout` says.
        config: the sizes.
    """
    causal = torch.ones(config.max_text_positions, config.max_text_positions).tril()
    return sorted(
        key
        for key in constant_keys(config)
        if not (weights[key] == (_MASKED if key.endswith("masked_bias") else causal)).all()
    )


def _attentions(config: MuiscConfig) -> list[str]:
    return [
        f"lang_model.transformer.h.{layer}.{attention}"
        for layer in range(config.num_decoder_layers)
        for attention in ("attn", "crossattention")
    ]
