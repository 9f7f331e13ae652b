"""Written feedback: the cache, beams and the batch change nothing but the time."""

from __future__ import annotations

import pytest
import torch
from muisc_tiny import feedback_ids, random_images, tiny_model, tiny_processor
from torch import Tensor

from agpis.errors import ModelError
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.processing_muisc import MuiscProcessor

TITLES = ["", "Blue mug", "Red running shoes for men"]
IMAGES = [random_images(count, seed) for seed, count in enumerate((3, 1, 2))]


@pytest.fixture(scope="module")
def processor() -> MuiscProcessor:
    return tiny_processor()


@pytest.fixture(
    scope="module",
    params=[
        {"cross_attention_layers": (0, 1)},
        {"cross_attention_layers": (1,)},
        {"compare_images": True, "compare_title": True},
    ],
    ids=["all blocks", "last block", "compared"],
)
def model(processor: MuiscProcessor, request: pytest.FixtureRequest) -> MuiscModel:
    return tiny_model(processor, **request.param)


def write(
    model: MuiscModel, processor: MuiscProcessor, rows: list[int], *, num_beams: int = 1, use_cache: bool = True
) -> list[list[int]]:
    ids = feedback_ids(
        model,
        processor,
        [TITLES[row] for row in rows],
        [IMAGES[row] for row in rows],
        num_beams=num_beams,
        max_new_tokens=8,
        use_cache=use_cache,
    )
    return [until_end(row, model) for row in ids]


def until_end(ids: Tensor, model: MuiscModel) -> list[int]:
    tokens: list[int] = ids.tolist()
    end = model.config.eos_token_id
    return tokens[: tokens.index(end) + 1] if end in tokens else tokens


@pytest.mark.parametrize("num_beams", [1, 3])
def test_a_batch_writes_what_each_row_writes_alone(
    model: MuiscModel, processor: MuiscProcessor, num_beams: int
) -> None:
    together = write(model, processor, [0, 1, 2], num_beams=num_beams)
    assert together == [write(model, processor, [row], num_beams=num_beams)[0] for row in range(3)]


@pytest.mark.parametrize("num_beams", [1, 3])
def test_the_cache_changes_nothing(model: MuiscModel, processor: MuiscProcessor, num_beams: int) -> None:
    cached = write(model, processor, [0, 1, 2], num_beams=num_beams)
    assert cached == write(model, processor, [0, 1, 2], num_beams=num_beams, use_cache=False)


def test_greedy_takes_the_likeliest_word_each_time(model: MuiscModel, processor: MuiscProcessor) -> None:
    written = write(model, processor, [2])[0]
    batch = processor(TITLES[2:], IMAGES[2:])
    ids = batch["input_ids"]
    with torch.no_grad():
        verdict = model(**batch).mcc_logits.softmax(-1)[0, 0]
    for number, expected in enumerate(written):
        with torch.no_grad():
            words = model(ids, pixel_values=batch["pixel_values"], logits_to_keep=1).lm_logits[0, -1]
        if number == 0:
            # p^t settles whether the first word is "yes".
            allowed = torch.arange(len(words)) == model.config.qualified_token_id
            words[allowed if verdict < 0.5 else ~allowed] = -torch.inf
        assert int(words.argmax()) == expected
        ids = torch.cat((ids, torch.tensor([[expected]])), dim=1)


def test_what_follows_the_separator_is_left_out(model: MuiscModel, processor: MuiscProcessor) -> None:
    features = torch.randn(1, 2, 5, 32)
    mask = torch.ones(1, 2, dtype=torch.bool)
    plain, with_feedback = processor.text(["mug"]), processor.text(["mug"], ["yes"])
    texts = [
        model.generate_feedback(features, mask, text["input_ids"], text["separator_positions"], max_new_tokens=4)
        for text in (plain, with_feedback)
    ]
    assert texts[0].tolist() == texts[1].tolist()


def test_a_trained_model_writes_its_feedback_and_ends(processor: MuiscProcessor) -> None:
    model = tiny_model(processor, initializer_range=0.02, dropout=0.0, lambda_nlg=1.0).train()
    sentences = ["yes", "Watermark: the 1st image"]
    batch = processor(TITLES[1:], IMAGES[1:], sentences)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(40):
        optimizer.zero_grad()
        model(**batch, labels=torch.tensor([0, 1])).loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        features = model.encode_batch(batch["pixel_values"], batch["image_mask"])
    ids = model.generate_feedback(features, batch["image_mask"], batch["input_ids"], batch["separator_positions"])
    assert processor.decode(ids) == sentences
    p_nlg = model.score_sequences(
        features,
        batch["image_mask"],
        batch["input_ids"],
        batch["attention_mask"],
        batch["separator_positions"],
        return_p_nlg=True,
    ).p_nlg_qualified
    assert p_nlg is not None
    assert p_nlg[0] > 0.8 > 0.2 > p_nlg[1]


def test_no_room_for_feedback_is_refused(processor: MuiscProcessor) -> None:
    model = tiny_model(processor, max_text_positions=4)
    text = processor.text(["Red running shoes for men"])
    with pytest.raises(ModelError, match="lower max_title_tokens"):
        model.generate_feedback(
            torch.zeros(1, 1, 5, 32), torch.ones(1, 1).bool(), text["input_ids"], text["separator_positions"]
        )
