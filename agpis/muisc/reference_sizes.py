"""The sizes of a published checkpoint: the JSON file beside it becomes a MuiscConfig."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    model_validator,
)

from agpis.errors import ModelError
from agpis.muisc.configuration_muisc import MuiscConfig

# What the published code has as a setting and MUIsC does not is a Literal: another value would load and compute
# something else. Fields that change nothing, such as dropout, are not read.


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class _Vit(_Part):
    hidden_size: PositiveInt
    num_hidden_layers: PositiveInt
    num_attention_heads: PositiveInt
    intermediate_size: PositiveInt
    layer_norm_eps: PositiveFloat
    image_size: PositiveInt
    patch_size: PositiveInt
    num_channels: Literal[3] = 3
    hidden_act: Literal["gelu"] = "gelu"


class _BertLayer(_Part):
    layer_norm_eps: PositiveFloat
    hidden_size: PositiveInt | None = None
    num_attention_heads: PositiveInt | None = None
    intermediate_size: PositiveInt | None = None
    hidden_act: Literal["gelu"] = "gelu"


class _Gpt2(_Part):
    vocab_size: PositiveInt
    n_positions: PositiveInt
    n_embd: PositiveInt
    n_layer: PositiveInt
    n_head: PositiveInt
    layer_norm_epsilon: PositiveFloat
    n_inner: PositiveInt | None = None
    activation_function: Literal["gelu_new"] = "gelu_new"
    summary_type: Literal["cls_index"] = "cls_index"
    summary_use_proj: Literal[True] = True
    summary_activation: None = None
    tie_word_embeddings: Literal[True] = True

    @property
    def feed_forward(self) -> int:
        return self.n_inner or 4 * self.n_embd


class _SpecialTokens(_Part):
    pad: NonNegativeInt
    mask: NonNegativeInt
    sep: NonNegativeInt
    yes: NonNegativeInt


class _Sizes(_Part):
    vit: _Vit
    bert_layer: _BertLayer
    gpt2: _Gpt2
    num_labels: PositiveInt
    cross_ids: list[int] | None
    images_per_sequence: PositiveInt
    special_tokens: _SpecialTokens

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        vit, bert, gpt2 = self.vit, self.bert_layer, self.gpt2
        # MUIsC has one size for these in all blocks after the tower.
        for name, value, of_gpt2, wanted in (
            ("vit.hidden_size", vit.hidden_size, "n_embd", gpt2.n_embd),
            ("bert_layer.hidden_size", bert.hidden_size, "n_embd", gpt2.n_embd),
            ("bert_layer.num_attention_heads", bert.num_attention_heads, "n_head", gpt2.n_head),
            ("bert_layer.intermediate_size", bert.intermediate_size, "n_inner", gpt2.feed_forward),
        ):
            if value is not None and value != wanted:
                raise ValueError(f"{name} is {value}, but gpt2.{of_gpt2} is {wanted}; they must be equal")
        if vit.hidden_size % vit.num_attention_heads:
            raise ValueError(f"vit.hidden_size {vit.hidden_size} is no multiple of its {vit.num_attention_heads} heads")
        if vit.patch_size > vit.image_size:
            raise ValueError(f"vit.patch_size {vit.patch_size} is larger than vit.image_size {vit.image_size}")
        tokens = self.special_tokens
        if max(tokens.pad, tokens.mask, tokens.sep, tokens.yes) >= gpt2.vocab_size:
            raise ValueError(f"special_tokens must lie in 0..{gpt2.vocab_size - 1}, gpt2.vocab_size being the limit")
        return self


def read_reference_sizes(path: Path | str, *, cross_attention_layers: Sequence[int] | None = None) -> MuiscConfig:
    """The configuration that a `sizes.json` beside a published checkpoint describes.

    `cross_ids` of the file is read as the published code reads it, for the one feature tensor per sequence that its
    encoder makes: null is block 0, an empty list no block.

    Args:
        path: the file.
        cross_attention_layers: blocks that attend to the images, counted from 0; the file's `cross_ids` by default.

    Raises:
        ModelError: when the file cannot be read, or a size is missing, wrong, or one that MUIsC cannot have.
    """
    try:
        sizes = _Sizes.model_validate(json.loads(Path(path).read_text(encoding="utf-8")))
        if cross_attention_layers is None:
            cross_attention_layers = (0,) if sizes.cross_ids is None else sizes.cross_ids
        return _config(sizes, tuple(cross_attention_layers))
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}".removeprefix(": ") for detail in error.errors()
        )
        raise ModelError(f"sizes file {path} cannot be used: {wrong}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"sizes file {path} cannot be used: {error}") from error


def _config(sizes: _Sizes, cross_attention_layers: tuple[int, ...]) -> MuiscConfig:
    vit, gpt2, tokens = sizes.vit, sizes.gpt2, sizes.special_tokens
    side = vit.image_size // vit.patch_size
    return MuiscConfig(
        vision_model="vit_base_patch16_224",
        vision_kwargs={
            "img_size": vit.image_size,
            "patch_size": vit.patch_size,
            "embed_dim": vit.hidden_size,
            "depth": vit.num_hidden_layers,
            "num_heads": vit.num_attention_heads,
            "mlp_ratio": vit.intermediate_size / vit.hidden_size,
        },
        vision_layer_norm_eps=vit.layer_norm_eps,
        image_size=vit.image_size,
        grid_size=(side, side),
        num_images=sizes.images_per_sequence,
        hidden_size=gpt2.n_embd,
        num_attention_heads=gpt2.n_head,
        sequence_layer_norm_eps=sizes.bert_layer.layer_norm_eps,
        num_decoder_layers=gpt2.n_layer,
        cross_attention_layers=cross_attention_layers,
        decoder_layer_norm_eps=gpt2.layer_norm_epsilon,
        intermediate_size=gpt2.feed_forward,
        vocab_size=gpt2.vocab_size,
        max_text_positions=gpt2.n_positions,
        num_labels=sizes.num_labels,
        pad_token_id=tokens.pad,
        separator_token_id=tokens.mask,
        eos_token_id=tokens.sep,
        qualified_token_id=tokens.yes,
    )
