"""The layers MUIsC is made of: a timm tower and transformers' own blocks, put together as section 3.4 says."""

from __future__ import annotations

import math
from typing import Any, Self

import timm
import torch
from torch import Tensor, nn
from transformers import BertConfig, Cache, GPT2Config, GPT2Model
from transformers.models.gpt2.modeling_gpt2 import GPT2Block

from agpis.backbones import keep_frozen_statistics
from agpis.errors import ModelError
from agpis.muisc.configuration_muisc import MuiscConfig


class VisionTower(nn.Module):
    """A timm model that gives T tokens of one image: a global one, then its grid row by row."""

    def __init__(self, config: MuiscConfig) -> None:
        super().__init__()
        self.backbone: Any = timm.create_model(
            config.vision_model, pretrained=False, num_classes=0, **(config.vision_kwargs or {})
        )
        # Layers between the features and the classifier would be trained by nothing.
        prune = getattr(self.backbone, "prune_intermediate_layers", None)
        if prune is not None:
            prune(1, prune_norm=False, prune_head=True)
        if config.vision_layer_norm_eps is not None:
            for module in self.backbone.modules():
                if isinstance(module, nn.LayerNorm):
                    module.eps = config.vision_layer_norm_eps
        self.tokens_per_image = config.tokens_per_image

    @property
    def width(self) -> int:
        """Width of a token."""
        return int(self.backbone.num_features)

    def train(self, mode: bool = True) -> Self:
        """Set the mode; norms of frozen stages never train."""
        super().train(mode)
        keep_frozen_statistics(self.backbone)
        return self

    def forward(self, pixel_values: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, T, width).

        A tower without a CLS token, such as a convolutional one, gets the mean of its grid in that place.

        Raises:
            ModelError: when the tower's grid is not the configuration's.
        """
        features = self.backbone.forward_features(pixel_values)
        if features.ndim == 4:  # (N, width, rows, columns)
            features = features.flatten(2).transpose(1, 2)
        prefix = int(getattr(self.backbone, "num_prefix_tokens", 0))
        grid = features[:, prefix:]
        if grid.shape[1] != self.tokens_per_image - 1:
            raise ModelError(
                f"the vision tower gives {grid.shape[1]} tokens for {tuple(pixel_values.shape[-2:])} pixels, "
                f"but grid_size of the configuration promises {self.tokens_per_image - 1}"
            )
        whole = features[:, :1] if prefix else grid.mean(dim=1, keepdim=True)
        return torch.cat((whole, grid), dim=1)


class DecoderBlock(GPT2Block):  # type: ignore[misc]
    """A GPT2 block; without MHCA when its layer is not listed (section 3.4.2)."""

    def __init__(self, config: GPT2Config, layer_idx: int, *, cross_attends: bool) -> None:
        super().__init__(config, layer_idx)
        self.cross_attends = cross_attends
        if not cross_attends and config.add_cross_attention:
            del self.crossattention, self.ln_cross_attn

    def forward(
        self,
        hidden_states: Tensor,
        past_key_values: Cache | None = None,
        attention_mask: Tensor | None = None,
        encoder_hidden_states: Tensor | None = None,
        **kwargs: Any,
    ) -> Tensor:
        """(B, L, D) -> (B, L, D)."""
        seen = encoder_hidden_states if self.cross_attends else None
        output: Tensor = super().forward(hidden_states, past_key_values, attention_mask, seen, **kwargs)
        return output


class Decoder(GPT2Model):  # type: ignore[misc]
    """GPT2 with cross-attention in the listed blocks only."""

    def __init__(self, config: GPT2Config, cross_attention_layers: tuple[int, ...]) -> None:
        super().__init__(config)
        self.h = nn.ModuleList(
            DecoderBlock(config, index, cross_attends=index in cross_attention_layers)
            for index in range(config.num_hidden_layers)
        )
        self.post_init()
        # GPT2's smaller start for projections into the residual; transformers leaves it out for derived classes.
        for name, parameter in self.h.named_parameters():
            if name.endswith("c_proj.weight"):
                nn.init.normal_(parameter, std=config.initializer_range / math.sqrt(2 * config.num_hidden_layers))


class SingleTowerHead(nn.Module):
    """McC without a decoder: an MLP over the global tokens of all images, side by side (late fusion, section 4.3)."""

    def __init__(self, config: MuiscConfig) -> None:
        super().__init__()
        self.num_pictures = config.num_pictures
        self.tokens_per_image = config.tokens_per_image
        self.layers = nn.Sequential(
            nn.Linear(config.num_pictures * config.hidden_size, config.hidden_size),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden_size, len(config.class_ids)),
        )

    def forward(self, sequence_features: Tensor, sequence_mask: Tensor) -> Tensor:
        """(B, K T, D), (B, K T) bool -> (B, K^g); zeros stand for images that a sequence does not have."""
        global_tokens = sequence_features[:, :: self.tokens_per_image]
        present = sequence_mask[:, :: self.tokens_per_image, None]
        side_by_side = global_tokens.new_zeros(len(global_tokens), self.num_pictures, global_tokens.shape[-1])
        side_by_side[:, : global_tokens.shape[1]] = global_tokens.masked_fill(~present, 0)
        logits: Tensor = self.layers(side_by_side.flatten(1))
        return logits


def decoder_config(config: MuiscConfig) -> GPT2Config:
    """The decoder's sizes as transformers names them."""
    return GPT2Config(
        vocab_size=config.vocab_size,
        n_positions=config.max_text_positions,
        n_embd=config.hidden_size,
        n_layer=config.num_decoder_layers,
        n_head=config.num_attention_heads,
        n_inner=config.intermediate_size,
        resid_pdrop=config.dropout,
        embd_pdrop=config.dropout,
        attn_pdrop=config.attention_dropout,
        layer_norm_epsilon=config.decoder_layer_norm_eps,
        initializer_range=config.initializer_range,
        bos_token_id=None,
        eos_token_id=config.eos_token_id,
        pad_token_id=config.pad_token_id,
        add_cross_attention=bool(config.cross_attention_layers),
        attn_implementation=config._attn_implementation,
    )


def sequence_config(config: MuiscConfig) -> BertConfig:
    """The sizes of the N^s blocks as transformers names them."""
    return BertConfig(
        hidden_size=config.hidden_size,
        num_attention_heads=config.num_attention_heads,
        intermediate_size=config.intermediate_size,
        hidden_act="gelu",
        hidden_dropout_prob=config.dropout,
        attention_probs_dropout_prob=config.attention_dropout,
        layer_norm_eps=config.sequence_layer_norm_eps,
        attn_implementation=config._attn_implementation,
    )
