"""A MUIsC small enough for tests: two image tokens a side, two decoder blocks, random weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from agpis.muisc.configuration_muisc import MuiscConfig
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.processing_muisc import MuiscProcessor
from agpis.muisc.tokenization_muisc import train_tokenizer
from agpis.types import Pixels

torch.set_num_threads(1)

CLASSES = ("qualified", "S03", "other")
TEXTS = (
    "Blue ceramic mug 300 ml",
    "Red running shoes for men",
    "Promotional banner: the 2nd image carries a banner 'SALE -30%' at the bottom",
    "Watermark: the 1st image carries a watermark in the upper left corner",
)


def tiny_processor(**settings: Any) -> MuiscProcessor:
    fields: dict[str, Any] = {"image_size": 64, "resize": "pad", "max_title_tokens": 12, "max_text_tokens": 40}
    return MuiscProcessor(train_tokenizer(TEXTS, 320), **(fields | settings))


def tiny_config(processor: MuiscProcessor, **sizes: Any) -> MuiscConfig:
    """D = 32; weights drawn wide enough that outputs differ from one another."""
    fields: dict[str, Any] = {
        "vision_model": "test_convnext",
        "image_size": 64,
        "grid_size": (2, 2),
        "num_images": 3,
        "hidden_size": 32,
        "num_attention_heads": 4,
        "num_decoder_layers": 2,
        "initializer_range": 0.2,
        "id2label": dict(enumerate(CLASSES)),
    }
    return MuiscConfig(**(fields | processor.token_fields | sizes))


def tiny_model(processor: MuiscProcessor, **sizes: Any) -> MuiscModel:
    torch.manual_seed(0)
    model = MuiscModel(tiny_config(processor, **sizes))
    model.eval()
    return model


@torch.no_grad()
def feedback_ids(
    model: MuiscModel, processor: MuiscProcessor, titles: list[str], images: list[list[Pixels]], **options: Any
) -> Tensor:
    """(B, L') ids of what `generate_feedback` writes about sequences of pixels."""
    batch = processor(titles, images)
    return model.generate_feedback(
        model.encode_batch(batch["pixel_values"], batch["image_mask"]),
        batch["image_mask"],
        batch["input_ids"],
        batch["separator_positions"],
        **options,
    )


def random_images(count: int, seed: int = 0, *, height: int = 40, width: int = 32) -> list[Pixels]:
    generator = np.random.default_rng(seed)
    return list(generator.integers(0, 256, (count, height, width, 3), dtype=np.uint8))
