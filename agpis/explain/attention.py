"""Where MUIsC looked when it judged and when it wrote a word (section 3.4.2): the weights of MHCA."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from agpis.errors import ModelError
from agpis.explain.coordinates import LONGEST_SIDE, image_maps, image_totals, normalised
from agpis.explain.explanation import Explanation, Method, WordAttention
from agpis.explain.judging import judging_pass
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.processing_muisc import MuiscProcessor
from agpis.types import Pixels


@torch.no_grad()
def attend(
    model: MuiscModel,
    processor: MuiscProcessor,
    images: Sequence[Pixels],
    title: str,
    feedback: str,
    category: str = "",
    *,
    longest_side: int = LONGEST_SIDE,
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
    require_cross_attention(model)
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
        WordAttention(
            word,
            normalised(image_maps(_grids(written[tokens].mean(dim=0), model), processor, images, longest_side))[0],
        )
        for word, tokens in _words(processor, token_ids)
    )


@torch.no_grad()
def attend_to_judge(
    model: MuiscModel,
    processor: MuiscProcessor,
    images: Sequence[Pixels],
    title: str,
    category: str = "",
    *,
    longest_side: int = LONGEST_SIDE,
) -> Explanation:
    """How strongly each place was attended to at s, where p^t is read: the mean over MHCA's blocks and heads.

    Args:
        model: in evaluation mode.
        processor: the model's.
        images: the sequence, (H, W, 3) uint8 RGB.
        title: the product's title.
        category: as for `attend`.
        longest_side: as for `attend`.

    Raises:
        ModelError: when the images do not fit the model, or the model never looks at images.
    """
    require_cross_attention(model)
    judged = judging_pass(model, processor, images, title, category, output_attentions=True)
    weights = torch.stack(judged.output.cross_attentions or ()).mean(dim=(0, 1, 2))[judged.separator]
    tokens = weights.reshape(judged.pictures, model.config.tokens_per_image)
    return attention_explanation(
        Method.CROSS_ATTENTION, tokens, judged.p_qualified, model, processor, images, longest_side
    )


def attention_explanation(
    method: Method,
    tokens: Tensor,
    p_qualified: float,
    model: MuiscModel,
    processor: MuiscProcessor,
    images: Sequence[Pixels],
    longest_side: int,
    title_share: float | None = None,
) -> Explanation:
    """Attention over the tokens of all pictures as heat maps, with every image's share.

    Args:
        method: CROSS_ATTENTION or ROLLOUT.
        tokens: (P, T) weights, none negative; P is K, or 1 with early fusion.
        p_qualified: p^t.
        model: whose grid the tokens are.
        processor: the model's.
        images: the sequence.
        longest_side: pixels of the longer side of each map.
        title_share: the part of 1 that is not in `tokens`.
    """
    grids = _grids(tokens, model)
    maps, strongest = normalised(image_maps(grids, processor, images, longest_side))
    shares = tokens.sum(dim=1)
    if processor.early_fusion_tiles:
        # The global token of the one picture belongs to no image, so it is divided as the grid is.
        totals = image_totals(grids, processor, len(images))
        shares = totals / totals.sum() * tokens.sum()
    return Explanation(method, "", p_qualified, maps, strongest, tuple(shares.tolist()), title_share)


def require_cross_attention(model: MuiscModel) -> None:
    """Refuse to say where a model looked that never looks.

    Raises:
        ModelError: when no decoder block has MHCA, or there is no decoder.
    """
    if not model.config.use_decoder or not model.config.cross_attention_layers:
        raise ModelError("this MUIsC has no cross-attention (cross_attention_layers is empty): it looks at no image")


def _grids(tokens: Tensor, model: MuiscModel) -> Tensor:
    """(P, T) -> (P, rows, columns): the global token has no place and is left out."""
    return tokens[:, 1:].reshape(len(tokens), *model.config.grid_size)


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
