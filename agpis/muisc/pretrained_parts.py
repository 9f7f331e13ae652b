"""MUIsC from published parts: an ImageNet tower and the first blocks of a GPT2 (section 4.2)."""

from __future__ import annotations

from typing import Any

import torch
from transformers import AutoConfig, AutoTokenizer, GPT2Model, PreTrainedTokenizerBase

from agpis.backbones import first_line, pretrained_weights
from agpis.errors import ModelError
from agpis.muisc.configuration_muisc import MuiscConfig
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.tokenization_muisc import with_special_tokens

PAPER_GPT2 = "uer/gpt2-chinese-cluecorpussmall"
"""The GPT2 of the paper, pretrained on CLUECorpus."""

_REMEDY = (
    "It comes from the model hub: connect this machine to it, or copy the files from a machine that has them "
    "(set HF_HOME to the copied cache, or give a local folder as the name)"
)


def load_tokenizer(gpt2_name: str = PAPER_GPT2) -> PreTrainedTokenizerBase:
    """The tokenizer of a published GPT2, with padding, separator and end tokens.

    Args:
        gpt2_name: hub name or local folder.

    Raises:
        ModelError: when it cannot be had; the message says what to do.
    """
    try:
        return with_special_tokens(AutoTokenizer.from_pretrained(gpt2_name))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"the tokenizer of {gpt2_name} cannot be loaded. {_REMEDY}. Cause: {first_line(error)}"
        ) from error


def gpt2_sizes(gpt2_name: str = PAPER_GPT2) -> dict[str, Any]:
    """The fields of MuiscConfig that a published GPT2 decides.

    Args:
        gpt2_name: hub name or local folder.

    Raises:
        ModelError: when it cannot be had (the message says what to do), or is no GPT2.
    """
    try:
        found = AutoConfig.from_pretrained(gpt2_name)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"the sizes of GPT2 {gpt2_name} cannot be loaded. {_REMEDY}. Cause: {first_line(error)}"
        ) from error
    if found.model_type != "gpt2":
        raise ModelError(f"{gpt2_name} is a {found.model_type}, the decoder of MUIsC is a GPT2; name one of that kind")
    return {
        "hidden_size": found.n_embd,
        "num_attention_heads": found.n_head,
        "intermediate_size": found.n_inner,
        "decoder_layer_norm_eps": found.layer_norm_epsilon,
    }


def load_tower(model: MuiscModel, source: str | None = None) -> None:
    """Let the vision tower start from the published weights of its timm model.

    Args:
        model: whose tower to fill.
        source: folder to read them from instead, as `published_backbone` takes it.

    Raises:
        ModelError: when they cannot be had; the message says what to do.
    """
    config = model.config
    weights = pretrained_weights(source or config.vision_model, **(config.vision_kwargs or {}))
    tower = model.vision_tower.backbone
    missing = [name for name in tower.state_dict() if name not in weights]
    if missing:
        raise ModelError(
            f"the weights of {source or config.vision_model} lack {len(missing)} of the vision tower's, the first of "
            f"them {missing[0]}; name the same kind of model"
        )
    tower.load_state_dict({name: weights[name] for name in tower.state_dict()})


def from_pretrained_parts(
    config: MuiscConfig,
    *,
    vision_pretrained: bool = True,
    gpt2_name: str | None = PAPER_GPT2,
    vision_source: str | None = None,
) -> MuiscModel:
    """A MUIsC whose tower and decoder start from published weights; the rest starts at random.

    Taken over: the whole tower, and of GPT2 the word and position embeddings, the first N^d blocks and the last
    norm. New: N^s blocks, image positions, cross-attention, both heads' own weights, and the rows of added tokens.
    The LM head is GPT2's word embedding while `tie_word_embeddings` is set, else it starts at random too.

    Args:
        config: sizes; D and the heads must be GPT2's.
        vision_pretrained: load timm's weights of `config.vision_model`.
        gpt2_name: hub name or local folder of a GPT2, or None to start the decoder at random.
        vision_source: timm model or folder to read the tower's weights from; `config.vision_model` by default.

    Raises:
        ModelError: when weights cannot be had (the message says what to do) or have other sizes than `config`.
    """
    if gpt2_name is not None and not config.use_decoder:
        raise ModelError(f"the configuration has no decoder that could start from {gpt2_name}; give gpt2_name=None")
    model = MuiscModel(config)
    if vision_pretrained:
        load_tower(model, vision_source)
    if gpt2_name is not None:
        _load_decoder(model, gpt2_name)
    return model


def _load_decoder(model: MuiscModel, gpt2_name: str) -> None:
    try:
        source = GPT2Model.from_pretrained(gpt2_name, dtype=torch.float32)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"GPT2 {gpt2_name} cannot be loaded. {_REMEDY}, "
            f"or start the decoder at random with gpt2_name=None. Cause: {first_line(error)}"
        ) from error
    ours, theirs = model.decoder.config, source.config
    for name, at_least in (("n_embd", False), ("n_head", False), ("n_layer", True), ("n_positions", True)):
        wanted, found = getattr(ours, name), getattr(theirs, name)
        if found < wanted or (found != wanted and not at_least):
            relation = "at least " if at_least else ""
            raise ModelError(f"GPT2 {gpt2_name} has {name} = {found}, the configuration needs {relation}{wanted}")
    if theirs.vocab_size > ours.vocab_size:
        raise ModelError(
            f"GPT2 {gpt2_name} has {theirs.vocab_size} words, the configuration {ours.vocab_size}; "
            "take vocab_size from its tokenizer (MuiscProcessor.token_fields)"
        )
    with torch.no_grad():
        model.decoder.wte.weight[: theirs.vocab_size] = source.wte.weight
        model.decoder.wpe.weight.copy_(source.wpe.weight[: ours.n_positions])
    model.decoder.ln_f.load_state_dict(source.ln_f.state_dict())
    for block, published in zip(model.decoder.h, source.h, strict=False):
        block.load_state_dict(published.state_dict(), strict=False)
