"""Where MUIsC looked when it wrote a word, in the coordinates of the images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from agpis.errors import ModelError
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.processing_muisc import MuiscProcessor, fitted_box
from agpis.types import Pixels

AttentionMap = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class WordAttention:
    """The cross-attention behind one word of the feedback (section 3.4.2).

    Attributes:
        word: the word as written.
        maps: one per image in the order of the sequence, (H, W) float32 in [0, 1]. A map covers its whole image and
            has its aspect; the largest value over all images of the word is 1.
    """

    word: str
    maps: tuple[AttentionMap, ...]


@torch.no_grad()
def attend(
    model: MuiscModel,
    processor: MuiscProcessor,
    images: Sequence[Pixels],
    title: str,
    feedback: str,
    category: str = "",
    *,
    longest_side: int = 224,
) -> tuple[WordAttention, ...]:
    """For every word of a feedback, how strongly each place of each image was attended to when it was written.

    The weights are the mean over MHCA's blocks and heads, and over the tokens of the word, at the positions that
    predicted them. The global token of an image has no place and is left out.

    Args:
        model: in evaluation mode.
        processor: the model's.
        images: the sequence, (H, W, 3) uint8 RGB.
        title: the product's title.
        feedback: what `generate_feedback` wrote, decoded; or any other text, to ask about it.
        category: the product's category path; read where the processor puts it before the title.
        longest_side: pixels of the longer side of each map.

    Returns:
        One WordAttention per word, in order; empty for an empty feedback.

    Raises:
        ModelError: when the images do not fit the model, or the model writes no feedback or never looks at images.
    """
    model.require_feedback()
    if not model.config.cross_attention_layers:
        raise ModelError("this MUIsC has no cross-attention (cross_attention_layers is empty): it looks at no image")
    batch = processor([title], [images], [feedback], [category])
    output = model(
        batch["input_ids"].to(model.device),
        pixel_values=batch["pixel_values"].to(model.device),
        output_attentions=True,
    )
    start = int(batch["separator_positions"][0])
    token_ids = batch["input_ids"][0, start + 1 :].tolist()
    weights = torch.stack(output.cross_attentions).mean(dim=(0, 1, 2))  # (L, K T)
    pictures = batch["pixel_values"].shape[1]  # K, or 1 with early fusion
    written = weights[start:-1].reshape(-1, pictures, model.config.tokens_per_image)
    return tuple(
        WordAttention(word, _maps(written[tokens].mean(dim=0), model, processor, images, longest_side))
        for word, tokens in _words(processor, token_ids)
    )


def _words(processor: MuiscProcessor, token_ids: list[int]) -> list[tuple[str, list[int]]]:
    """Words of a text, each with the indices of its tokens."""
    words: list[tuple[str, list[int]]] = []
    before, open_tokens = "", list[int]()
    for index in range(len(token_ids)):
        text = str(processor.tokenizer.decode(token_ids[: index + 1], skip_special_tokens=True))
        open_tokens.append(index)
        unfinished = text.endswith("\N{REPLACEMENT CHARACTER}") and index + 1 < len(token_ids)
        if text == before or unfinished:  # a character of several tokens is shown with its last one
            continue
        piece, before = text[len(before) :], text
        if words and not piece[0].isspace():
            word, tokens = words[-1]
            words[-1] = (word + piece, tokens + open_tokens)
        else:
            words.append((piece, open_tokens))
        open_tokens = []
    return [(word.strip(), tokens) for word, tokens in words if word.strip()]


def _maps(
    attention: Tensor, model: MuiscModel, processor: MuiscProcessor, images: Sequence[Pixels], longest_side: int
) -> tuple[AttentionMap, ...]:
    """(K, T), or (1, T) with early fusion -> one map per image, padding undone."""
    size, tiles = processor.image_size, processor.early_fusion_tiles or 1
    grids = attention[:, 1:].reshape(len(attention), 1, *model.config.grid_size).float()
    # The picture of early fusion is a strip of squares that was squeezed into one.
    strips = functional.interpolate(grids, size=(size, size * tiles), mode="bilinear", align_corners=False)[:, 0]
    squares = strips.reshape(-1, size, tiles, size).transpose(1, 2).flatten(0, 1)[: len(images)]
    maps = []
    for square, image in zip(squares, images, strict=True):
        height, width = image.shape[:2]
        box = fitted_box(height, width, size, processor.resize)
        part = square[box.y : box.y + box.h, box.x : box.x + box.w]
        scale = longest_side / max(height, width)
        shape = (max(1, round(height * scale)), max(1, round(width * scale)))
        maps.append(functional.interpolate(part[None, None], size=shape, mode="bilinear", align_corners=False)[0, 0])
    strongest = max(float(part.max()) for part in maps)
    return tuple((part / max(strongest, 1e-12)).clamp(0, 1).cpu().numpy() for part in maps)
