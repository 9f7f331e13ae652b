"""What may change MUIsC's scores, and what must not (section 3.4)."""

from __future__ import annotations

import pytest
import torch
from muisc_tiny import random_images, tiny_config, tiny_model, tiny_processor
from torch import Tensor

from agpis.errors import ModelError
from agpis.muisc.configuration_muisc import muisc_base, muisc_small
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.processing_muisc import MuiscProcessor
from agpis.rules import load_taxonomy
from agpis.types import Pixels


@pytest.fixture(scope="module")
def processor() -> MuiscProcessor:
    return tiny_processor()


@pytest.fixture(scope="module")
def model(processor: MuiscProcessor) -> MuiscModel:
    return tiny_model(processor, num_images=5)


def scores(model: MuiscModel, processor: MuiscProcessor, titles: list[str], images: list[list[Pixels]]) -> Tensor:
    with torch.no_grad():
        logits: Tensor = model(**processor(titles, images)).mcc_logits
    return logits


def test_scoring_in_two_steps_equals_one_pass(model: MuiscModel, processor: MuiscProcessor) -> None:
    images = random_images(3)
    batch = processor(["Blue mug", "Red shoes"], [[images[0], images[1]], [images[2], images[0]]])
    with torch.no_grad():
        features = model.encode_images(processor.pixels(images))
        whole = model(**batch, logits_to_keep=0)
    assert features.shape == (3, 5, 32)
    found = model.score_sequences(
        features[torch.tensor([[0, 1], [2, 0]])],
        batch["image_mask"],
        batch["input_ids"],
        batch["attention_mask"],
        batch["separator_positions"],
        return_p_nlg=True,
    )
    torch.testing.assert_close(found.mcc_logits, whole.mcc_logits, atol=1e-5, rtol=0)
    at_separator = whole.lm_logits[torch.arange(2), batch["separator_positions"]].softmax(-1)
    assert found.p_nlg_qualified is not None
    torch.testing.assert_close(found.p_nlg_qualified, at_separator[:, model.config.qualified_token_id])


def test_neither_padding_nor_the_batch_changes_a_score(model: MuiscModel, processor: MuiscProcessor) -> None:
    titles = ["", "Blue mug", "Red running shoes for men"]
    images = [random_images(count, seed) for seed, count in enumerate((3, 1, 5))]
    together = scores(model, processor, titles, images)
    alone = torch.cat([scores(model, processor, [t], [i]) for t, i in zip(titles, images, strict=True)])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)


def test_pixels_of_padding_images_are_never_seen(model: MuiscModel, processor: MuiscProcessor) -> None:
    batch = processor(["a", "b"], [random_images(1), random_images(2)])
    with torch.no_grad():
        clean = model(**batch).mcc_logits
        batch["pixel_values"][0, 1] = torch.nan
        torch.testing.assert_close(model(**batch).mcc_logits, clean)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_the_order_of_the_images_matters(model: MuiscModel, processor: MuiscProcessor, count: int) -> None:
    images = random_images(count)
    forward = scores(model, processor, ["mug"], [images])
    backward = scores(model, processor, ["mug"], [images[::-1]])
    assert forward.shape == (1, 3)
    assert (forward - backward).abs().max() > 1e-3


def test_the_title_is_read(model: MuiscModel, processor: MuiscProcessor) -> None:
    images = random_images(2)
    blue, red = (scores(model, processor, [title], [images]) for title in ("Blue mug", "Red mug"))
    assert (blue - red).abs().max() > 1e-3


def test_too_many_images_are_refused_with_the_limit(model: MuiscModel, processor: MuiscProcessor) -> None:
    with pytest.raises(ModelError, match="6 images was given, this model takes at most 5"):
        scores(model, processor, ["mug"], [random_images(6)])


def test_position_rows_of_one_image_start_alike(processor: MuiscProcessor) -> None:
    table = tiny_model(processor, initializer_range=0.02).image_positions.weight.detach().view(3, 5, 32)
    assert table.std(dim=1).max() < 0.1
    assert torch.cdist(table.mean(dim=1), table.mean(dim=1)).fill_diagonal_(9).min() > 4


def test_features_of_another_model_are_refused(model: MuiscModel) -> None:
    with pytest.raises(ModelError, match=r"\[7, 32\]"):
        model.encode_sequences(torch.zeros(1, 2, 7, 32), torch.ones(1, 2, dtype=torch.bool))


def test_a_vision_transformer_serves_as_tower(processor: MuiscProcessor) -> None:
    vit = tiny_model(
        processor, vision_model="test_vit", vision_kwargs={"img_size": 64}, grid_size=(4, 4), vision_layer_norm_eps=1e-3
    )
    with torch.no_grad():
        features = vit.vision_tower(processor.pixels(random_images(2)))
        expected = vit.vision_tower.backbone.forward_features(processor.pixels(random_images(2)))
    torch.testing.assert_close(features, expected)
    assert vit.vision_tower.backbone.norm.eps == 1e-3


def test_a_grid_that_is_not_the_configured_one_is_refused(processor: MuiscProcessor) -> None:
    with pytest.raises(ModelError, match=r"gives 4 tokens .* promises 9"):
        tiny_model(processor, grid_size=(3, 3)).encode_images(torch.zeros(1, 3, 64, 64))


def test_cross_attention_stands_only_in_the_listed_blocks(processor: MuiscProcessor) -> None:
    last = tiny_model(processor)
    assert [hasattr(block, "crossattention") for block in last.decoder.h] == [False, True]
    with torch.no_grad():
        weights = last(**processor(["mug"], [random_images(2)]), output_attentions=True).cross_attentions
    assert len(weights) == 1
    torch.testing.assert_close(weights[0].sum(-1), torch.ones(weights[0].shape[:-1]))
    blind = tiny_model(processor, cross_attention_layers=())
    torch.testing.assert_close(
        scores(blind, processor, ["mug"], [random_images(2, 1)]),
        scores(blind, processor, ["mug"], [random_images(2, 2)]),
    )


def test_asking_for_attention_changes_no_score(model: MuiscModel, processor: MuiscProcessor) -> None:
    batch = processor(["mug", "a red mug"], [random_images(2), random_images(3)])
    with torch.no_grad():
        plain, shown = model(**batch), model(**batch, output_attentions=True)
    torch.testing.assert_close(shown.mcc_logits, plain.mcc_logits, atol=1e-5, rtol=0)
    assert model.decoder.config._attn_implementation == "sdpa"
    second_image_of_the_first = shown.cross_attentions[0][0, :, :, 10:]
    assert second_image_of_the_first.abs().max() == 0


def test_presets_carry_the_papers_sizes_and_the_classes_in_order() -> None:
    ids = load_taxonomy().ids
    base, small = muisc_base(ids), muisc_small(ids, vocab_size=500)
    assert base.class_ids == small.class_ids == ids
    assert (base.num_labels, base.hidden_size, base.num_sequence_layers, base.num_decoder_layers) == (45, 768, 1, 3)
    assert (base.tokens_per_image, base.cross_attention_layers) == (197, (2,))
    assert (base.lambda_nlg, base.lambda_mcc) == (0.1, 1.0)
    assert (small.hidden_size, small.cross_attention_layers, small.vocab_size) == (192, (0, 1, 2), 500)


def test_the_small_preset_runs() -> None:
    small = MuiscModel(muisc_small(load_taxonomy().ids)).eval()
    with torch.no_grad():
        assert small.encode_images(torch.zeros(1, 3, 192, 192)).shape == (1, 37, 192)
    # Float16 weights of the three models together must stay below 40 MB.
    assert sum(parameter.numel() for parameter in small.parameters()) < 7_500_000


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"num_attention_heads": 5}, "multiple of num_attention_heads"),
        ({"cross_attention_layers": (2,)}, r"0\.\.1, got \[2\]"),
        ({"lambda_mcc": 0.0}, "lambda_mcc"),
        ({"num_images": 0}, "num_images must be at least 1"),
    ],
)
def test_sizes_that_make_no_model_are_refused(
    processor: MuiscProcessor, sizes: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        tiny_config(processor, **sizes)
