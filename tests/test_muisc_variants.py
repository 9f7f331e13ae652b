"""Every switch of MUIsC: what it changes, what it must not change, and which combinations make no sense.

The rows of Table 3, the fusions of Table 2, and three ideas of the published code's README; see docs/muisc.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from muisc_tiny import random_images, tiny_config, tiny_model, tiny_processor
from torch import Tensor

from agpis.errors import ModelError
from agpis.explain.attention import attend
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.processing_muisc import MuiscProcessor
from agpis.muisc.scoring import SequenceScorer
from agpis.rules import Rule, RuleCategory, RuleTaxonomy
from agpis.types import Image, Pixels

TAXONOMY = RuleTaxonomy(
    version=1,
    classes=tuple(
        Rule(id=name, name=name.lower(), category=category, title=title, description="-")
        for name, category, title in (
            ("qualified", RuleCategory.QUALIFIED, "yes"),
            ("S03", RuleCategory.SINGLE, "Promotional banner"),
            ("other", RuleCategory.OTHER, "Other"),
        )
    ),
)
# Name -> fields of the configuration, settings of the processor.
VARIANTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "row 1, single tower": (
        {"num_sequence_layers": 0, "use_decoder": False, "lambda_nlg": 0.0},
        {"use_title": False},
    ),
    "row 2, hierarchical": ({"use_decoder": False, "lambda_nlg": 0.0}, {"use_title": False}),
    "row 3, decoder": ({"lambda_nlg": 0.0}, {"use_title": False}),
    "row 4, nlg": ({}, {"use_title": False}),
    "row 5, title": ({}, {}),
    "not hierarchical": ({"num_sequence_layers": 0}, {}),
    "title predicted": ({"predict_title": True}, {}),
    "category in the title": ({}, {"category_in_title": True}),
    "own LM head": ({"tie_word_embeddings": False}, {}),
    "published loss": ({"loss_at_separator": True, "loss_on_padding": True}, {}),
    "images and title compared": ({"compare_images": True, "compare_title": True}, {}),
    "early fusion": ({"fusion": "early"}, {"early_fusion_tiles": 3}),
    "early single tower": (
        {"fusion": "early", "num_sequence_layers": 0, "use_decoder": False, "lambda_nlg": 0.0},
        {"early_fusion_tiles": 3, "use_title": False},
    ),
}
TITLES = ["", "Blue mug", "Red running shoes for men"]
CATEGORIES = ["Home > Mugs", "", "Shoes"]
FEEDBACK = ["yes", "Watermark: the 1st image", "yes"]
IMAGES = [random_images(count, seed) for seed, count in enumerate((3, 1, 2))]

every_variant = pytest.mark.parametrize("name", VARIANTS)


def parts(name: str, **more: Any) -> tuple[MuiscModel, MuiscProcessor]:
    sizes, settings = VARIANTS[name]
    processor = tiny_processor(**settings)
    return tiny_model(processor, **(sizes | more)), processor


def scores(
    model: MuiscModel, processor: MuiscProcessor, rows: list[int], images: list[list[Pixels]] | None = None
) -> Tensor:
    batch = processor(
        [TITLES[row] for row in rows],
        images or [IMAGES[row] for row in rows],
        categories=[CATEGORIES[row] for row in rows],
    )
    with torch.no_grad():
        logits: Tensor = model(**batch).mcc_logits
    return logits


def named(images: list[Pixels], prefix: str = "") -> list[Image]:
    return [Image(f"{prefix}{index}.png", pixels) for index, pixels in enumerate(images)]


# -- laws that every variant keeps --------------------------------------------------------------------------------


@every_variant
def test_neither_padding_nor_the_batch_changes_a_score(name: str) -> None:
    model, processor = parts(name)
    together = scores(model, processor, [0, 1, 2])
    alone = torch.cat([scores(model, processor, [row]) for row in range(3)])
    assert together.shape == (3, 3)
    assert together.std(dim=0).min() > 1e-3, "the three sequences are told apart"
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)


@every_variant
def test_the_order_of_the_images_matters(name: str) -> None:
    model, processor = parts(name)
    forward, backward = scores(model, processor, [0]), scores(model, processor, [0], [IMAGES[0][::-1]])
    assert (forward - backward).abs().max() > 1e-3


@every_variant
def test_the_scorer_gives_what_one_pass_gives(name: str) -> None:
    model, processor = parts(name)
    scorer = SequenceScorer(model, processor, TAXONOMY)
    images = named(IMAGES[0])
    sequences = [images, [images[0]], [images[2], images[1]]]
    many = scorer.score_many("Blue mug", sequences, "Mugs")
    for sequence, score in zip(sequences, many, strict=True):
        batch = processor(["Blue mug"], [[image.pixels for image in sequence]], categories=["Mugs"])
        with torch.no_grad():
            expected = model(**batch).mcc_logits.softmax(-1)[0]
        torch.testing.assert_close(torch.tensor(list(score.rule_probabilities.values())), expected, atol=1e-5, rtol=0)
        alone = scorer.score("Blue mug", sequence, "Mugs")
        assert alone.sequence == score.sequence == tuple(image.file for image in sequence)
        assert alone.p_qualified == pytest.approx(score.p_qualified, abs=1e-5)
        assert (score.p_nlg_qualified is not None) is scorer.writes_feedback


@every_variant
def test_a_round_trip_through_a_folder_keeps_the_switches(name: str, tmp_path: Path) -> None:
    model, processor = parts(name)
    model.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    loaded, read = MuiscModel.from_pretrained(tmp_path), MuiscProcessor.from_pretrained(tmp_path)
    sizes, settings = VARIANTS[name]
    assert {field: getattr(loaded.config, field) for field in sizes} == sizes
    assert {field: getattr(read, field) for field in settings} == settings
    assert torch.equal(scores(loaded, read, [0, 1, 2]), scores(model, processor, [0, 1, 2]))


@every_variant
def test_training_lowers_the_loss_and_reaches_every_parameter(name: str) -> None:
    model, processor = parts(name, initializer_range=0.02, dropout=0.0)
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    batch = processor(TITLES, IMAGES, FEEDBACK, CATEGORIES)
    losses = []
    for _ in range(12):
        optimizer.zero_grad()
        loss = model(**batch, labels=torch.tensor([0, 1, 2])).loss
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
    assert losses[-1] < 0.7 * losses[0]
    idle = {parameter for parameter, value in model.named_parameters() if value.grad is None}
    assert idle == set()


# -- no decoder ---------------------------------------------------------------------------------------------------


def test_without_a_decoder_an_mlp_reads_the_global_tokens_side_by_side() -> None:
    model, processor = parts("row 1, single tower")
    pixels = processor.pixels(IMAGES[2])
    with torch.no_grad():
        # The positions are a constant vector a place, and the third place is empty.
        rows = model.image_positions.weight.view(3, 5, 32)
        tokens = model.encode_images(pixels)[:, 0] + rows[:2, 0]
        head: Any = model.mcc_head
        expected = head.layers(torch.cat((tokens.flatten(), torch.zeros(32)))[None])
    torch.testing.assert_close(scores(model, processor, [2]), expected, atol=1e-5, rtol=0)
    assert not hasattr(model, "decoder")
    assert not [name for name in model.state_dict() if name.startswith(("decoder", "lm_head"))]


def test_without_extra_blocks_an_image_does_not_see_the_others() -> None:
    changed = [IMAGES[0][0], IMAGES[0][1], random_images(1, 9)[0]]
    for name, apart in (("row 1, single tower", True), ("row 2, hierarchical", False)):
        model, processor = parts(name)
        with torch.no_grad():
            first, second = (
                model.encode_sequences(model.encode_images(processor.pixels(images))[None], torch.ones(1, 3).bool())[0]
                for images in (IMAGES[0], changed)
            )
        assert torch.allclose(first[:, :10], second[:, :10], atol=1e-6) is apart


def test_without_a_decoder_no_words_are_needed_read_or_written() -> None:
    model, processor = parts("row 2, hierarchical")
    batch = processor(TITLES, IMAGES)
    with torch.no_grad():
        wordless = model(
            pixel_values=batch["pixel_values"], image_mask=batch["image_mask"], labels=torch.zeros(3).long()
        )
        assert torch.equal(wordless.mcc_logits, model(**batch).mcc_logits)
        features = model.encode_batch(batch["pixel_values"], batch["image_mask"])
    assert wordless.loss == wordless.loss_mcc
    assert wordless.loss_nlg is None
    with pytest.raises(ModelError, match=r"no decoder \(use_decoder=False\).* writes no feedback"):
        model.generate_feedback(features, batch["image_mask"], batch["input_ids"], batch["separator_positions"])
    with pytest.raises(ModelError, match="no decoder"):
        attend(model, processor, IMAGES[0], "mug", "yes")
    scorer = SequenceScorer(model, processor, TAXONOMY)
    with pytest.raises(ModelError, match="no decoder"):
        scorer.write_feedback(scorer.encode("mug", named(IMAGES[0])))
    assert not scorer.reads_title


def test_a_decoder_needs_words() -> None:
    model, processor = parts("row 5, title")
    with pytest.raises(ModelError, match="pass input_ids"):
        model(pixel_values=processor(TITLES, IMAGES)["pixel_values"])


# -- no NLG -------------------------------------------------------------------------------------------------------


def test_without_nlg_the_lm_head_is_never_run(monkeypatch: pytest.MonkeyPatch) -> None:
    model, processor = parts("row 3, decoder")
    batch = processor(TITLES, IMAGES, FEEDBACK)

    def refuse(*_: object) -> None:
        raise AssertionError("the LM head ran")

    monkeypatch.setattr(model.lm_head, "forward", refuse)
    output = model(**batch, labels=torch.tensor([0, 1, 2]))
    assert output.loss_nlg is None
    assert output.loss == output.loss_mcc
    scored = model.score_sequences(
        model.encode_batch(batch["pixel_values"], batch["image_mask"]),
        batch["image_mask"],
        batch["input_ids"],
        batch["attention_mask"],
        batch["separator_positions"],
        return_p_nlg=True,
    )
    assert scored.p_nlg_qualified is None
    with pytest.raises(ModelError, match=r"without the NLG task \(lambda_nlg is 0\).*never learned"):
        model.generate_feedback(
            torch.zeros(3, 1, 5, 32), torch.ones(3, 1).bool(), batch["input_ids"], batch["separator_positions"]
        )


# -- titles and categories ----------------------------------------------------------------------------------------


def test_without_titles_no_title_changes_anything() -> None:
    processor = tiny_processor(use_title=False)
    batch = processor.text(["Red mug", ""], ["yes", "yes"])
    separator, word, end = (processor.token_fields[f"{name}_token_id"] for name in ("separator", "qualified", "eos"))
    assert batch["input_ids"].tolist() == [[separator, word, end]] * 2
    assert batch["separator_positions"].tolist() == [0, 0]
    assert processor.count_tokens("Red mug") == 0
    model = tiny_model(processor)
    with torch.no_grad():
        blue, red = (model(**processor([title], IMAGES[:1])).mcc_logits for title in ("Blue mug", "Red mug"))
    assert torch.equal(blue, red)


def test_the_category_stands_before_the_title() -> None:
    plain, processor = tiny_processor(), tiny_processor(category_in_title=True)
    for category, title, read in (("Mugs", "Blue", "Mugs Blue"), ("", "Blue", "Blue"), ("Mugs", "", "Mugs")):
        found = processor.text([title], ["yes"], [category])
        expected = plain.text([read], ["yes"])
        assert {key: value.tolist() for key, value in found.items()} == {
            key: value.tolist() for key, value in expected.items()
        }
        assert processor.count_tokens(title, category) == plain.count_tokens(read)
    assert torch.equal(plain.text(["Blue"], categories=["Mugs"])["input_ids"], plain.text(["Blue"])["input_ids"])


def test_a_category_that_is_read_must_be_given() -> None:
    processor = tiny_processor(category_in_title=True)
    with pytest.raises(ModelError, match="0 categories for 2 titles.*an empty string where it is not known"):
        processor.text(["a", "b"])
    with pytest.raises(ModelError, match="1 categories for 2 titles"):
        processor.text(["a", "b"], categories=["c"])
    scorer = SequenceScorer(tiny_model(processor), processor, TAXONOMY)
    with pytest.raises(ModelError, match="0 categories for 1 titles"):
        scorer.score("mug", named(IMAGES[0]))
    mugs, shoes = (scorer.score("mug", named(IMAGES[0]), category) for category in ("Mugs", "Shoes"))
    assert abs(mugs.p_qualified - shoes.p_qualified) > 1e-4


# -- the NLG loss -------------------------------------------------------------------------------------------------


def log_probabilities(model: MuiscModel, batch: Any) -> Tensor:
    """(B, L - 1): log p of every word that follows another."""
    with torch.no_grad():
        logits = model(**batch, logits_to_keep=0).lm_logits
    found: Tensor = logits[:, :-1].log_softmax(-1).gather(2, batch["input_ids"][:, 1:, None])[..., 0]
    return found


@pytest.mark.parametrize(
    "switches",
    [(), ("predict_title",), ("loss_at_separator",), ("loss_on_padding",), ("loss_at_separator", "loss_on_padding")],
    ids=lambda switches: " and ".join(switches) or "paper",
)
def test_the_nlg_loss_counts_what_the_switches_say(switches: tuple[str, ...]) -> None:
    processor = tiny_processor()
    model = tiny_model(processor, **dict.fromkeys(switches, True))
    batch = processor(TITLES, IMAGES, FEEDBACK)
    log_p = log_probabilities(model, batch)
    counted = []
    for row in range(3):
        separator, length = int(batch["separator_positions"][row]), int(batch["attention_mask"][row].sum())
        assert separator == min(processor.count_tokens(TITLES[row]), 12)
        places = list(range(separator + 1, length))
        if "predict_title" in switches:
            places += range(1, separator)
        if "loss_at_separator" in switches and separator > 0:  # in the first row s follows nothing
            places.append(separator)
        if "loss_on_padding" in switches:
            places += range(length, batch["input_ids"].shape[1])
        counted += [log_p[row, place - 1].item() for place in places]
    output = model(**batch, labels=torch.tensor([0, 1, 2]))
    assert output.loss_nlg.item() == pytest.approx(-sum(counted) / len(counted), abs=1e-5)
    assert output.loss.item() == pytest.approx(0.1 * output.loss_nlg.item() + output.loss_mcc.item(), abs=1e-5)


def test_an_own_lm_head_shares_nothing_with_the_word_embedding() -> None:
    model, _ = parts("own LM head")
    tied, _ = parts("row 5, title")
    assert tied.lm_head.weight is tied.decoder.wte.weight
    assert model.lm_head.weight is not model.decoder.wte.weight
    assert (model.lm_head.weight - model.decoder.wte.weight).abs().max() > 0.1
    assert model.num_parameters() == tied.num_parameters() + model.lm_head.weight.numel()


# -- early fusion -------------------------------------------------------------------------------------------------


def test_the_one_picture_shows_the_images_from_left_to_right() -> None:
    processor = tiny_processor(early_fusion_tiles=4)
    black, grey = (np.full((50, 50, 3), value, np.uint8) for value in (0, 128))
    picture = processor.side_by_side([black, grey])
    assert picture.shape == (64, 64, 3)
    # Four places of 16 columns; next to an edge the filter mixes neighbours.
    assert picture[:, 2:14].max() == 0
    assert set(np.unique(picture[:, 18:30])) == {128}
    assert picture[:, 34:].min() == 255


def test_squeezing_the_strip_averages_instead_of_skipping_columns() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    picture = tiny_processor(early_fusion_tiles=4).side_by_side([stripes] * 4)
    assert np.abs(picture[:, 2:-2].astype(int) - 128).max() < 20


def test_early_fusion_sees_one_picture_of_a_sequence() -> None:
    model, processor = parts("early fusion")
    batch = processor(TITLES, IMAGES)
    assert batch["pixel_values"].shape == (3, 1, 3, 64, 64)
    assert batch["image_mask"].tolist() == [[True]] * 3
    assert torch.equal(batch["pixel_values"][0], processor.pixels([processor.side_by_side(IMAGES[0])]))
    assert model.image_positions.num_embeddings == 5
    scorer = SequenceScorer(model, processor, TAXONOMY)
    assert scorer.encode("", named(IMAGES[0])).features.shape == (1, 5, 32)


def test_images_encoded_one_by_one_cannot_be_fused_early() -> None:
    model, processor = parts("early fusion")
    features = model.encode_images(processor.pixels(IMAGES[0]))
    with pytest.raises(ModelError, match="3 pictures was given, but this model fuses early.*shared between sequences"):
        model.encode_sequences(features[None], torch.ones(1, 3, dtype=torch.bool))


def test_more_images_than_places_are_refused() -> None:
    model, processor = parts("early fusion")
    with pytest.raises(ModelError, match="4 images was given, early fusion has 3 places"):
        processor([""], [random_images(4)])
    with pytest.raises(ModelError, match="K\\^t is 4, but this MUIsC takes at most 3"):
        SequenceScorer(model, processor, TAXONOMY).score("", named(random_images(4)))


@pytest.mark.parametrize(("fusion", "tiles"), [("early", 0), ("early", 5), ("late", 3)])
def test_a_processor_of_another_fusion_is_refused(fusion: str, tiles: int) -> None:
    processor = tiny_processor(early_fusion_tiles=tiles)
    with pytest.raises(ModelError, match=f"fusion is '{fusion}', so early_fusion_tiles .* got {tiles}"):
        SequenceScorer(tiny_model(processor, fusion=fusion), processor, TAXONOMY)


def test_attention_of_early_fusion_is_shown_on_the_image_that_it_fell_on() -> None:
    model, processor = parts("early fusion", grid_size=(1, 6))
    attention = torch.zeros(1, 1, 1, 3, 7)
    attention[..., 1 + 4] = 1.0  # the fifth of six columns: left half of the third place

    class Looks:
        def __init__(self) -> None:
            self.config, self.device = model.config, model.device

        def require_feedback(self) -> None: ...

        def __call__(self, *_: object, **__: object) -> Any:
            class Output:
                cross_attentions = (attention[0],)

            return Output()

    looks: Any = Looks()
    square = [np.zeros((64, 64, 3), np.uint8)] * 3
    first, second, third = attend(looks, processor, square, "", "yes", longest_side=64)[0].maps
    assert first.max() == 0
    assert third[:, :32].mean() > 5 * third[:, 48:].mean()
    assert third.max() == 1.0 > second.max()


def test_attention_of_early_fusion_has_one_map_an_image() -> None:
    model, processor = parts("early fusion")
    words = attend(model, processor, IMAGES[0][:2], "mug", "Watermark here")
    assert [len(word.maps) for word in words] == [2, 2]
    assert max(part.max() for part in words[0].maps) == pytest.approx(1.0)


# -- combinations that make no sense ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"fusion": "middle"}, "fusion must be one of late, early, got 'middle'"),
        ({"use_decoder": False}, "lambda_nlg must be 0, got 0.1"),
        ({"use_decoder": False, "lambda_nlg": 0.0, "compare_title": True}, "compare_title needs a decoder"),
        ({"lambda_nlg": 0.0, "predict_title": True}, "predict_title would change nothing: lambda_nlg is 0"),
        ({"lambda_nlg": 0.0, "loss_at_separator": True}, "loss_at_separator would change nothing"),
        ({"lambda_nlg": 0.0, "loss_on_padding": True}, "loss_on_padding would change nothing"),
        ({"lambda_nlg": 0.0, "tie_word_embeddings": False}, "tie_word_embeddings=False would change nothing"),
    ],
)
def test_configurations_that_contradict_themselves_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tiny_config(tiny_processor(), **fields)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"use_title": False, "category_in_title": True}, "use_title is off"),
        ({"early_fusion_tiles": -1}, "0 for late fusion, got -1"),
    ],
)
def test_processors_that_contradict_themselves_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        tiny_processor(**settings)
