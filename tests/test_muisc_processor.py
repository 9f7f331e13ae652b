"""Titles and pictures become MUIsC's tensors, whatever they are."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from muisc_tiny import TEXTS, random_images, tiny_processor

from agpis.errors import ModelError
from agpis.muisc.processing_muisc import MuiscProcessor, fitted_box
from agpis.muisc.tokenization_muisc import END, PAD, SEPARATOR, train_tokenizer
from agpis.types import Box

TITLES = [
    "",
    "Blue mug",
    "x" * 5000,
    "\N{HOT BEVERAGE}\N{PARTY POPPER} mug",
    "\u84dd\u8272\u676f\u5b50",
    f"mug {SEPARATOR} {END} {PAD}",
]


@pytest.fixture(scope="module")
def processor() -> MuiscProcessor:
    return tiny_processor()


@pytest.mark.parametrize("title", TITLES)
def test_separator_and_feedback_survive_any_title(processor: MuiscProcessor, title: str) -> None:
    batch = processor.text([title], ["yes"])
    ids, separator = batch["input_ids"][0].tolist(), processor.token_fields["separator_token_id"]
    place = int(batch["separator_positions"][0])
    assert ids.count(separator) == 1
    assert ids[place:] == [separator, processor.token_fields["qualified_token_id"], 2]
    assert place == min(processor.count_tokens(title), 12)
    assert batch["feedback_labels"][0].tolist() == [-100] * (place + 1) + ids[place + 1 :]


def test_a_title_that_fits_is_kept_whole(processor: MuiscProcessor) -> None:
    ids = processor.text(["Blue mug"])["input_ids"][0]
    assert processor.tokenizer.decode(ids[:-1]) == "Blue mug"


def test_rows_are_filled_up_on_the_right(processor: MuiscProcessor) -> None:
    batch = processor.text(["", "Blue mug"], ["yes", "yes"])
    lengths = [3, processor.count_tokens("Blue mug") + 3]
    assert batch["attention_mask"].sum(1).tolist() == lengths
    assert batch["input_ids"][0, 3:].eq(processor.token_fields["pad_token_id"]).all()
    assert batch["feedback_labels"][0, 3:].eq(-100).all()


def test_feedback_that_does_not_fit_has_no_end(processor: MuiscProcessor) -> None:
    batch = processor.text(["Blue mug"], ["z" * 200])
    assert batch["input_ids"].shape == (1, 40)
    assert int(batch["input_ids"][0, -1]) != processor.token_fields["eos_token_id"]


def test_feedback_reads_back(processor: MuiscProcessor) -> None:
    feedback = [TEXTS[2], "yes", "\u84dd \N{PARTY POPPER}"]
    batch = processor.text([""] * 3, feedback)
    assert processor.decode(batch["input_ids"][:, 1:]) == feedback


def test_the_word_of_accepted_sequences_is_one_token_in_any_corpus() -> None:
    tokenizer = train_tokenizer(["abcabc abd", "abd"], 300)
    assert len(tokenizer.encode("yes", add_special_tokens=False)) == 1
    with pytest.raises(ModelError, match="'certainly' of accepted sequences must be one token"):
        MuiscProcessor(tokenizer, image_size=32, qualified_word="certainly")


def test_training_the_tokenizer_twice_gives_the_same_one() -> None:
    assert train_tokenizer(TEXTS, 320).get_vocab() == train_tokenizer(TEXTS, 320).get_vocab()


def test_a_tokenizer_without_separator_is_refused() -> None:
    tokenizer = train_tokenizer(TEXTS, 320)
    tokenizer.sep_token = None
    with pytest.raises(ModelError, match="no sep_token"):
        MuiscProcessor(tokenizer, image_size=32)


@pytest.mark.parametrize(
    ("height", "width", "resize", "box"),
    [
        (100, 50, "squash", Box(0, 0, 64, 64)),
        (100, 50, "pad", Box(16, 0, 32, 64)),
        (50, 100, "pad", Box(0, 16, 64, 32)),
        (10, 10, "pad", Box(0, 0, 64, 64)),
        (1, 5000, "pad", Box(0, 31, 64, 1)),
    ],
)
def test_place_of_an_image_in_the_square(height: int, width: int, resize: str, box: Box) -> None:
    assert fitted_box(height, width, 64, resize) == box  # type: ignore[arg-type]


def test_pad_keeps_the_aspect_and_fills_with_white() -> None:
    processor = tiny_processor(image_mean=(0.0, 0.0, 0.0), image_std=(1.0, 1.0, 1.0))
    pixels = processor.pixels([np.zeros((100, 50, 3), np.uint8)])
    assert pixels.shape == (1, 3, 64, 64)
    assert pixels[0, :, :, 16:48].max() == 0
    assert pixels[0, :, :, :16].min() == pixels[0, :, :, 48:].min() == 1


def test_squash_stretches_and_normalises() -> None:
    processor = tiny_processor(resize="squash", image_mean=(0.5, 0.5, 0.0), image_std=(0.5, 0.25, 1.0))
    image = np.full((10, 200, 3), (255, 0, 51), np.uint8)
    pixels = processor.pixels([image])
    torch.testing.assert_close(pixels[0, :, 5, 7], torch.tensor([1.0, -2.0, 0.2]))
    assert pixels.std(dim=(2, 3)).max() < 1e-6


def test_shrinking_averages_instead_of_skipping_pixels() -> None:
    processor = tiny_processor(image_mean=(0.0, 0.0, 0.0), image_std=(1.0, 1.0, 1.0))
    stripes = np.zeros((640, 640, 3), np.uint8)
    stripes[:, ::2] = 255
    pixels = processor.pixels([stripes])
    assert (pixels - 0.5).abs().max() < 0.06


def test_shorter_sequences_are_filled_up(processor: MuiscProcessor) -> None:
    batch = processor(["a", "b"], [random_images(1), random_images(3)])
    assert batch["pixel_values"].shape == (2, 3, 3, 64, 64)
    assert batch["image_mask"].tolist() == [[True, False, False], [True, True, True]]
    assert batch["pixel_values"][0, 1:].abs().max() == 0


@pytest.mark.parametrize(
    ("titles", "images", "feedback", "message"),
    [
        (["a"], [], None, "1 titles for 0 image sequences"),
        (["a"], [[]], None, "at least one"),
        (["a"], [[np.zeros((4, 4), np.uint8)]], None, r"RGB, got \(4, 4\)"),
        (["a"], [[np.zeros((4, 4, 3), np.float32)]], None, "float32"),
        (["a"], [[np.zeros((4, 4, 3), np.uint8)]], ["yes", "yes"], "2 feedbacks for 1 titles"),
    ],
)
def test_bad_input_is_refused(
    processor: MuiscProcessor, titles: list[str], images: list[list[np.ndarray]], feedback: list[str], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        processor(titles, images, feedback)


@pytest.mark.parametrize(
    ("settings", "message"), [({"resize": "crop"}, "squash"), ({"max_title_tokens": 38}, "max_text_tokens - 3 = 37")]
)
def test_bad_settings_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        tiny_processor(**settings)
