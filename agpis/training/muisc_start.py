"""The fresh MUIsC that a training starts with, and its processor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agpis.backbones import feature_grid, pixel_statistics, published_backbone
from agpis.data.reviews import ReviewRecord
from agpis.muisc.configuration_muisc import MuiscConfig, muisc_base, muisc_small
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.pretrained_parts import PAPER_GPT2, from_pretrained_parts, gpt2_sizes, load_tokenizer
from agpis.muisc.processing_muisc import MuiscProcessor
from agpis.muisc.tokenization_muisc import train_tokenizer
from agpis.rules import RuleTaxonomy
from agpis.training.muisc_design import MuiscDesign, Preset

VOCAB_SIZE = 4096


def fresh_muisc(
    design: MuiscDesign,
    records: Sequence[ReviewRecord],
    taxonomy: RuleTaxonomy,
    sizes: dict[str, Any],
    *,
    vision_pretrained: bool = True,
) -> tuple[MuiscModel, MuiscProcessor]:
    """A model that has seen nothing of the data but the words of the training split.

    Args:
        design: preset and switches.
        records: the training split; the words of validation and test stay unseen.
        taxonomy: the classes.
        sizes: fields of MuiscConfig to set otherwise.
        vision_pretrained: load the tower's published weights with the base preset.

    Raises:
        ModelError: when published parts cannot be had (the message says what to do) or do not fit.
    """
    return (_base if design.preset is Preset.BASE else _small)(
        design, records, taxonomy, sizes, vision_pretrained=vision_pretrained
    )


def _small(
    design: MuiscDesign,
    records: Sequence[ReviewRecord],
    taxonomy: RuleTaxonomy,
    sizes: dict[str, Any],
    *,
    vision_pretrained: bool,
) -> tuple[MuiscModel, MuiscProcessor]:
    fields = design.config_fields | sizes
    defaults = muisc_small(taxonomy.ids, **fields)
    mean, std = pixel_statistics(defaults.vision_model)
    processor = MuiscProcessor(
        _own_tokenizer(design, records, taxonomy),
        image_size=defaults.image_size,
        resize="pad",
        image_mean=mean,
        image_std=std,
        **_settings(design, defaults, taxonomy),
    )
    return MuiscModel(muisc_small(taxonomy.ids, **(fields | processor.token_fields))), processor


def _base(
    design: MuiscDesign,
    records: Sequence[ReviewRecord],
    taxonomy: RuleTaxonomy,
    sizes: dict[str, Any],
    *,
    vision_pretrained: bool,
) -> tuple[MuiscModel, MuiscProcessor]:
    gpt2 = (design.gpt2 or PAPER_GPT2) if design.decoder else None
    # The words first: without a network that answers at once, before anything large is built.
    tokenizer = load_tokenizer(gpt2) if gpt2 else _own_tokenizer(design, records, taxonomy)
    vision = published_backbone(design.vision or muisc_base(taxonomy.ids).vision_model)
    fields: dict[str, Any] = {
        "vision_model": vision.model,
        "vision_kwargs": vision.kwargs,
        "image_size": vision.image_size,
        "grid_size": feature_grid(vision.model, vision.image_size, **vision.kwargs),
        **(gpt2_sizes(gpt2) if gpt2 else {}),
        **design.config_fields,
        **sizes,
    }
    defaults = muisc_base(taxonomy.ids, **fields)
    processor = MuiscProcessor(
        tokenizer,
        image_size=defaults.image_size,
        resize="squash",
        image_mean=vision.mean,
        image_std=vision.std,
        **_settings(design, defaults, taxonomy),
    )
    config = muisc_base(taxonomy.ids, **(fields | processor.token_fields))
    model = from_pretrained_parts(
        config, vision_pretrained=vision_pretrained, gpt2_name=gpt2, vision_source=design.vision
    )
    return model, processor


def _own_tokenizer(design: MuiscDesign, records: Sequence[ReviewRecord], taxonomy: RuleTaxonomy) -> Any:
    texts = [text for record in records for text in (record.title, record.feedback)]
    if design.category_in_title:
        texts += [record.category for record in records]
    return train_tokenizer(
        [*texts, *(rule.title for rule in taxonomy.classes)], VOCAB_SIZE, qualified_word=taxonomy.qualified.title
    )


def _settings(design: MuiscDesign, config: MuiscConfig, taxonomy: RuleTaxonomy) -> dict[str, Any]:
    return {
        "max_text_tokens": config.max_text_positions,
        "qualified_word": taxonomy.qualified.title,
        "use_title": design.title,
        "category_in_title": design.category_in_title,
        "early_fusion_tiles": config.num_images if config.fusion == "early" else 0,
    }
