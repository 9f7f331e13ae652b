"""float32 and bfloat16 agree within the bounds that docs/muisc.md states, on the weights that ship."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from agpis.bundled import model_folder, samples_folder
from agpis.data.catalog import read_catalog
from agpis.images import read_image
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.processing_muisc import MuiscProcessor

torch.set_num_threads(1)
# Largest difference of any probability, p^t among them; docs/muisc.md says the same.
BOUND = 0.02


def probabilities(folder: Path, dtype: torch.dtype) -> torch.Tensor:
    """(samples, 45) of the first three photos of every sample product."""
    model, processor = MuiscModel.from_pretrained(folder, dtype=dtype), MuiscProcessor.from_pretrained(folder)
    products = [product for product in read_catalog(samples_folder()) if len(product.images) >= 3]
    images = [[read_image(product.path_of(image)).pixels for image in product.images[:3]] for product in products]
    batch = processor([product.title for product in products], images)
    with torch.inference_mode():
        features = model.encode_batch(batch["pixel_values"].to(dtype), batch["image_mask"])
        scores = model.score_sequences(
            features,
            batch["image_mask"],
            *(batch[name] for name in ("input_ids", "attention_mask", "separator_positions")),
        )
    return scores.mcc_logits.float().softmax(dim=-1)


@pytest.fixture(scope="module")
def exact() -> torch.Tensor:
    return probabilities(model_folder() / "muisc", torch.float32)


def test_bfloat16_stays_within_the_bounds(exact: torch.Tensor) -> None:
    rounded = probabilities(model_folder() / "muisc", torch.bfloat16)
    assert len(exact) >= 5
    assert (rounded - exact).abs().max() <= BOUND
    # Rounding does show: the two were not computed in one precision.
    assert (rounded - exact).abs().max() > 0
