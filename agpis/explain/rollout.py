"""Attention rollout (arXiv:2005.00928): how attention adds up over all blocks, from s down to the places of the images.

A block passes on half of what came in and half of what its attention, averaged over the heads, fetched. MUIsC mixes
three kinds of attention: inside the tower, where it is a ViT; in the N^s blocks over all images; and in the decoder,
where the words attend to one another and, through MHCA, to the images. A convolutional tower has no attention: its
grid tokens stand for their places, its global token for the mean of them. What `compare_images` and `compare_title` add
takes no part.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor

from agpis.explain.attention import attention_explanation
from agpis.explain.coordinates import LONGEST_SIDE
from agpis.explain.explanation import Explanation, Method
from agpis.explain.judging import judging_pass
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.processing_muisc import MuiscProcessor
from agpis.types import Pixels


@torch.no_grad()
def roll_out(
    model: MuiscModel,
    processor: MuiscProcessor,
    images: Sequence[Pixels],
    title: str,
    category: str = "",
    *,
    longest_side: int = LONGEST_SIDE,
) -> Explanation:
    """Attention rollout from where p^t is read: s, or without a decoder the images' global tokens.

    Args:
        model: in evaluation mode.
        processor: the model's.
        images: the sequence, (H, W, 3) uint8 RGB.
        title: the product's title.
        category: the product's category path; read where the processor puts it before the title.
        longest_side: pixels of the longer side of each map.

    Raises:
        ModelError: when the images do not fit the model.
    """
    twin = _eager_twin(model)
    attention = _Attention.of(twin)
    judged = judging_pass(twin, processor, images, title, category)
    pictures, tokens = judged.pictures, model.config.tokens_per_image
    prefix = int(getattr(model.vision_tower.backbone, "num_prefix_tokens", 0))
    places = tower_rollout(attention.tower, pictures, tokens - 1, prefix).to(model.device)  # (P T, P T)
    for weights in attention.sequence:
        places = mixed(weights) @ places
    if model.config.use_decoder:
        on_images = decoder_rollout(attention.decoder, places)[judged.separator]
    else:
        on_images = places[::tokens].mean(dim=0)
    title_share = float(1 - on_images.sum()) if model.config.use_decoder else 0.0
    return attention_explanation(
        Method.ROLLOUT,
        on_images.reshape(pictures, tokens),
        judged.p_qualified,
        model,
        processor,
        images,
        longest_side,
        max(title_share, 0.0),
    )


def mixed(weights: Tensor) -> Tensor:
    """(T, T) attention -> what a block passes on: half of the token itself, half of what it attends to."""
    return (weights + torch.eye(len(weights), device=weights.device)) / 2


def tower_rollout(layers: Sequence[Tensor], pictures: int, places: int, prefix: int) -> Tensor:
    """What the tokens of each picture are made of.

    Args:
        layers: of a ViT, (P, prefix + places, prefix + places) each, from the first block to the last; empty for other
            towers.
        pictures: P.
        places: of the grid.
        prefix: tokens of the tower before its grid; without one the global token is the mean of the grid.

    Returns:
        (P T, P T), T = 1 + places; rows sum to 1, and nothing goes from one picture to another.
    """
    within = torch.eye(prefix + places).expand(pictures, -1, -1)
    for weights in layers:
        within = torch.stack([mixed(one) @ before for one, before in zip(weights, within, strict=True)])
    grid = within[:, prefix:]
    whole = within[:, :1] if prefix else grid.mean(dim=1, keepdim=True)
    rows = torch.cat((whole, grid), dim=1)  # (P, T, prefix + places)
    on_global = rows[..., :1] if prefix else rows.new_zeros(*rows.shape[:2], 1)
    kept = torch.cat((on_global, rows[..., prefix:]), dim=2)
    # Registers, prefix tokens after the first, are no part of F^i.
    together: Tensor = torch.block_diag(*(kept / kept.sum(dim=2, keepdim=True)))  # type: ignore[no-untyped-call]
    return together


def decoder_rollout(blocks: Sequence[tuple[Tensor, Tensor | None]], places: Tensor) -> Tensor:
    """What the words of the last block hold of the images; the rest of each row went to the words.

    Args:
        blocks: (L, L) self-attention and (L, P T) MHCA of each block, None where a block has no MHCA.
        places: (P T, P T), what F^e is made of.

    Returns:
        (L, P T), rows sum to at most 1.
    """
    length = len(blocks[0][0])
    on_images = places.new_zeros(length, len(places))
    for over_words, over_images in blocks:
        on_images = mixed(over_words) @ on_images
        if over_images is not None:
            on_images = (on_images + over_images @ places) / 2
    return on_images


class _Attention:
    """The weights of one pass of a model, averaged over the heads, in the order of the blocks."""

    def __init__(self) -> None:
        self.tower: list[Tensor] = []
        self.sequence: list[Tensor] = []
        self.words: list[Tensor] = []
        self.images: dict[int, Tensor] = {}

    @classmethod
    def of(cls, twin: MuiscModel) -> Self:
        """Write down what the next pass of `twin` attends to; its blocks must compute their weights (eager)."""
        seen = cls()
        for block in getattr(twin.vision_tower.backbone, "blocks", ()):
            attention: Any = getattr(block, "attn", None)
            if hasattr(attention, "fused_attn"):
                attention.fused_attn = False
                # timm hands the weights to the dropout behind the softmax, and to nobody else.
                attention.attn_drop.register_forward_hook(
                    lambda _, given, __: seen.tower.append(given[0].mean(dim=1).float().cpu())
                )
        layer: Any
        for layer in twin.sequence_layers:
            layer.attention.self.register_forward_hook(lambda _, __, out: seen.sequence.append(_of_first(out)))
        blocks: Any = twin.decoder.h if twin.config.use_decoder else ()
        for index, block in enumerate(blocks):
            block.attn.register_forward_hook(lambda _, __, out: seen.words.append(_of_first(out)))
            if block.cross_attends:
                block.crossattention.register_forward_hook(
                    lambda _, __, out, index=index: seen.images.update({index: _of_first(out)})
                )
        return seen

    @property
    def decoder(self) -> list[tuple[Tensor, Tensor | None]]:
        return [(weights, self.images.get(index)) for index, weights in enumerate(self.words)]


def _of_first(output: tuple[Tensor, Tensor]) -> Tensor:
    """(L, L') weights of the only sequence, from what an attention layer of transformers returns."""
    return output[1][0].mean(dim=0).float()


def _eager_twin(model: MuiscModel) -> MuiscModel:
    # Fused attention gives no weights. A twin that shares the parameters leaves other threads undisturbed.
    shared = {id(tensor): tensor for tensor in (*model.parameters(), *model.buffers())}
    twin: MuiscModel = copy.deepcopy(model, shared)
    twin.sequence_config._attn_implementation = "eager"
    if twin.config.use_decoder:
        twin.decoder.config._attn_implementation = "eager"
    return twin
