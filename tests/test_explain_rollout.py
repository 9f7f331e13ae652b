"""Attention rollout: worked out by hand on two tokens, rows that sum to one, the right weights of the right blocks."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from muisc_tiny import random_images, tiny_model, tiny_processor
from torch import Tensor

from agpis.explain import Method
from agpis.explain import rollout as rolling
from agpis.explain.attention import attend
from agpis.explain.rollout import decoder_rollout, mixed, tower_rollout
from agpis.explain.sequences import explain


def test_a_block_passes_on_half_of_itself() -> None:
    weights = torch.tensor([[0.0, 1.0], [0.5, 0.5]])
    assert mixed(weights).tolist() == [[0.5, 0.5], [0.25, 0.75]]


def test_two_blocks_multiply() -> None:
    """All tokens look at the second place only: (1/2)(1/2) of the first is left after two blocks."""
    to_last = torch.tensor([[[0.0, 0.0, 1.0]] * 3])
    found = tower_rollout([to_last, to_last], pictures=1, places=2, prefix=1)
    assert found.tolist() == [[0.25, 0.0, 0.75], [0.0, 0.25, 0.75], [0.0, 0.0, 1.0]]


def test_a_convolutional_tower_keeps_its_places_and_spreads_the_global_token() -> None:
    found = tower_rollout([], pictures=2, places=2, prefix=0)
    one = [[0.0, 0.5, 0.5], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    assert found[:3, :3].tolist() == found[3:, 3:].tolist() == one
    assert found[:3, 3:].abs().sum() == found[3:, :3].abs().sum() == 0


def test_registers_are_left_out_and_rows_sum_to_one() -> None:
    generator = torch.Generator().manual_seed(0)
    layers = [torch.rand(2, 6, 6, generator=generator).softmax(dim=-1) for _ in range(3)]
    found = tower_rollout(layers, pictures=2, places=3, prefix=3)
    assert found.shape == (8, 8)
    torch.testing.assert_close(found.sum(dim=1), torch.ones(8))


def test_words_fetch_from_images_by_halves() -> None:
    """One word. Block 1 has no MHCA; block 2 fetches 1/2; block 3 keeps half of that and fetches 1/2 again."""
    alone, first, second = torch.ones(1, 1), torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    found = decoder_rollout([(alone, None), (alone, first), (alone, second)], torch.eye(2))
    assert found.tolist() == [[0.25, 0.5]]


def test_shares_of_images_and_title_sum_to_one() -> None:
    processor = tiny_processor()
    model = tiny_model(processor, cross_attention_layers=(0, 1))
    found = explain(model, processor, random_images(3), "Blue mug", Method.ROLLOUT)
    assert found.title_share == pytest.approx(0.25), "two blocks fetch: a half of a half stays with the words"
    assert sum((*found.image_values, found.title_share or 0.0)) == pytest.approx(1.0)
    assert found.target == ""


def test_without_a_decoder_all_of_it_is_on_the_images() -> None:
    processor = tiny_processor()
    model = tiny_model(processor, use_decoder=False, lambda_nlg=0.0)
    found = explain(model, processor, random_images(2), "Blue mug", Method.ROLLOUT)
    assert found.title_share == 0
    assert sum(found.image_values) == pytest.approx(1.0)


def test_a_vit_is_rolled_out_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    processor = tiny_processor()
    model = tiny_model(
        processor,
        vision_model="vit_tiny_patch16_224",
        vision_kwargs={"img_size": 64, "depth": 2, "embed_dim": 24, "num_heads": 2},
        grid_size=(4, 4),
    )
    seen: list[Any] = []

    def watched(layers: list[Tensor], pictures: int, places: int, prefix: int) -> Tensor:
        seen.append((layers, pictures, places, prefix))
        return tower_rollout(layers, pictures, places, prefix)

    monkeypatch.setattr(rolling, "tower_rollout", watched)
    found = explain(model, processor, random_images(3), "Blue mug", Method.ROLLOUT)
    ((layers, pictures, places, prefix),) = seen
    assert [tuple(layer.shape) for layer in layers] == [(3, 17, 17)] * 2
    assert (pictures, places, prefix) == (3, 16, 1)
    for layer in layers:
        torch.testing.assert_close(layer.sum(dim=-1), torch.ones(3, 17))
    assert found.title_share is not None
    assert sum(found.image_values) + found.title_share == pytest.approx(1.0)
    assert model.vision_tower.backbone.blocks[0].attn.fused_attn, "the model itself is left as it was"
    assert not model.vision_tower.backbone.blocks[0].attn.attn_drop._forward_hooks


def test_attention_at_the_separator_is_that_of_the_first_word() -> None:
    """Both are read at s, so the maps agree, whatever the word."""
    processor = tiny_processor()
    model = tiny_model(processor)
    images = random_images(3)
    judged = explain(model, processor, images, "Blue mug", Method.CROSS_ATTENTION)
    first = attend(model, processor, images, "Blue mug", "yes")[0]
    for one, other in zip(judged.maps, first.maps, strict=True):
        assert one == pytest.approx(other, abs=1e-4)
    assert sum(judged.image_values) == pytest.approx(1.0)
