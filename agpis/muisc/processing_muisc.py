"""From pictures and words to MUIsC's tensors, and back from token ids to words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import torch
from PIL import Image as PilImage
from torch import Tensor
from transformers import BatchFeature, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from agpis.errors import ModelError
from agpis.muisc.configuration_muisc import IGNORED
from agpis.types import Box, Pixels

_FILE = "muisc_processor.json"
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
WHITE = 255

Resize = Literal["squash", "pad"]


def fitted_box(height: int, width: int, size: int, resize: Resize) -> Box:
    """Where an image of `height` x `width` pixels lies in the model's square of `size` x `size`.

    "squash" fills the square (the paper's 224 x 224); "pad" keeps the aspect and centres the image.
    """
    if resize == "squash":
        return Box(0, 0, size, size)
    scale = size / max(height, width)
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    return Box((size - w) // 2, (size - h) // 2, w, h)


class MuiscProcessor:
    """Prepares images and text for MuiscModel; saved beside its weights.

    W^d is title, s, feedback, end (section 3.4.2). Titles are cut to `max_title_tokens`, so that s and the
    feedback always have their place.

    Attributes:
        tokenizer: with padding, separator and end tokens.
        image_size: side of the model's square input in pixels.
        resize: "squash" to ignore the aspect, "pad" to keep it and fill up with white.
        image_mean: subtracted from RGB in [0, 1].
        image_std: divides RGB in [0, 1] after that.
        max_title_tokens: longest title.
        max_text_tokens: longest title, s, feedback and end together: the model's `max_text_positions`.
        qualified_word: feedback of accepted sequences; one token.
        use_title: False leaves titles out: W^d is s, feedback, end (row 4 of Table 3).
        category_in_title: the product's category path stands before its title, and is cut together with it (second idea
            in the README of the published code).
        early_fusion_tiles: 0 for late fusion; else a sequence becomes one picture of that many places side by side, for
            a model with `fusion="early"` and `num_images` of that number (section 4.3).
    """

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        *,
        image_size: int,
        resize: Resize = "squash",
        image_mean: Sequence[float] = IMAGENET_MEAN,
        image_std: Sequence[float] = IMAGENET_STD,
        max_title_tokens: int = 64,
        max_text_tokens: int = 128,
        qualified_word: str = "yes",
        use_title: bool = True,
        category_in_title: bool = False,
        early_fusion_tiles: int = 0,
    ) -> None:
        if resize not in ("squash", "pad"):
            raise ModelError(f"resize must be 'squash' or 'pad', got {resize!r}")
        if not 0 <= max_title_tokens <= max_text_tokens - 3:
            raise ModelError(
                f"max_title_tokens must be 0 to max_text_tokens - 3 = {max_text_tokens - 3}, got {max_title_tokens}: "
                "s, one word of feedback and the end need a place"
            )
        if category_in_title and not use_title:
            raise ModelError(
                "category_in_title puts the category before the title, but use_title is off; set one of them"
            )
        if early_fusion_tiles < 0:
            raise ModelError(
                f"early_fusion_tiles must be the model's num_images, or 0 for late fusion, got {early_fusion_tiles}"
            )
        self.tokenizer = tokenizer
        self.image_size = image_size
        self.resize: Resize = resize
        self.image_mean = tuple(image_mean)
        self.image_std = tuple(image_std)
        self.max_title_tokens = max_title_tokens
        self.max_text_tokens = max_text_tokens
        self.qualified_word = qualified_word
        self.use_title = use_title
        self.category_in_title = category_in_title
        self.early_fusion_tiles = early_fusion_tiles
        self._backend = tokenizer.backend_tokenizer
        # A title that spells a special token out must stay plain text.
        self._backend.encode_special_tokens = True
        self._pad, self._separator, self._end = (
            _token_id(tokenizer, name) for name in ("pad_token", "sep_token", "eos_token")
        )
        (qualified,) = self._encode([qualified_word])
        if len(qualified) != 1:
            raise ModelError(
                f"the word {qualified_word!r} of accepted sequences must be one token, this tokenizer splits it into "
                f"{len(qualified)}; train the tokenizer with it (train_tokenizer) or choose another word"
            )
        self._qualified = qualified[0]

    @property
    def token_fields(self) -> dict[str, int]:
        """The fields of MuiscConfig that this tokenizer decides."""
        return {
            "vocab_size": len(self.tokenizer),
            "max_text_positions": self.max_text_tokens,
            "pad_token_id": self._pad,
            "separator_token_id": self._separator,
            "eos_token_id": self._end,
            "qualified_token_id": self._qualified,
        }

    def __call__(
        self,
        titles: Sequence[str],
        images: Sequence[Sequence[Pixels]],
        feedback: Sequence[str] | None = None,
        categories: Sequence[str] | None = None,
    ) -> BatchFeature:
        """Prepare a batch of image sequences with their titles, and with their feedback for training.

        Args:
            titles: B titles; may be empty strings.
            images: B sequences of (H, W, 3) uint8 RGB arrays, each of at least one image, in order.
            feedback: B reviewers' texts, "yes" for an accepted sequence.
            categories: B category paths; read when `category_in_title` is set, and needed then.

        Returns:
            `pixel_values` (B, K, 3, S, S) and `image_mask` (B, K), K the longest sequence, or 1 with early fusion, and
            what `text` gives.

        Raises:
            ModelError: when the counts differ, a sequence has no image or more than early fusion has places, or an
                array is no RGB image.
        """
        if len(titles) != len(images):
            raise ModelError(f"{len(titles)} titles for {len(images)} image sequences; there must be one each")
        if self.early_fusion_tiles and all(images):
            images = [[self.side_by_side(sequence)] for sequence in images]
        counts = [len(sequence) for sequence in images]
        if not counts or min(counts) < 1:
            raise ModelError("an image sequence without images was given; a sequence needs at least one")
        mask = torch.arange(max(counts)) < torch.tensor(counts)[:, None]
        pixel_values = torch.zeros(*mask.shape, 3, self.image_size, self.image_size)
        pixel_values[mask] = self.pixels([image for sequence in images for image in sequence])
        batch = self.text(titles, feedback, categories)
        batch.update(pixel_values=pixel_values, image_mask=mask)
        return batch

    def pixels(self, images: Sequence[Pixels]) -> Tensor:
        """(H, W, 3) uint8 RGB arrays of any sizes -> (N, 3, S, S) float32 for `encode_images`.

        Raises:
            ModelError: when an array is no RGB image.
        """
        squares = np.stack([self._square(image) for image in images])
        scaled = torch.from_numpy(squares).permute(0, 3, 1, 2).float() / 255
        mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (self.image_mean, self.image_std))
        return (scaled - mean) / std

    def side_by_side(self, images: Sequence[Pixels]) -> Pixels:
        """The one picture of a sequence that an early-fusion model sees (section 4.3).

        Every image is fitted into its own square, as for late fusion. The squares stand from left to right in order,
        white where the sequence has no image, and the strip is squeezed into the model's square: each image keeps its
        height and an equal share of the width.

        Args:
            images: 1 to `early_fusion_tiles` arrays (H, W, 3) uint8 RGB.

        Returns:
            (S, S, 3) uint8 RGB, for `pixels`.

        Raises:
            ModelError: when there are more images than places, or an array is no RGB image.
        """
        size, tiles = self.image_size, self.early_fusion_tiles
        if len(images) > tiles:
            raise ModelError(
                f"a sequence of {len(images)} images was given, early fusion has {tiles} places (early_fusion_tiles); "
                "choose a smaller K^t or a model trained with a larger num_images"
            )
        strip = np.full((size, size * tiles, 3), WHITE, dtype=np.uint8)
        for index, image in enumerate(images):
            strip[:, index * size : (index + 1) * size] = self._square(image)
        return np.asarray(PilImage.fromarray(strip).resize((size, size), PilImage.Resampling.BILINEAR))

    def _square(self, image: Pixels) -> Pixels:
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise ModelError(f"an image must be (H, W, 3) uint8 RGB, got {image.shape} of {image.dtype}")
        size = self.image_size
        if image.shape[:2] == (size, size):
            return image
        box = fitted_box(image.shape[0], image.shape[1], size, self.resize)
        # PIL's bilinear filter averages over all source pixels when it shrinks: no aliasing.
        resized = PilImage.fromarray(image).resize((box.w, box.h), PilImage.Resampling.BILINEAR)
        square = np.full((size, size, 3), WHITE, dtype=np.uint8)
        square[box.y : box.y + box.h, box.x : box.x + box.w] = np.asarray(resized)
        return square

    def text(
        self,
        titles: Sequence[str],
        feedback: Sequence[str] | None = None,
        categories: Sequence[str] | None = None,
    ) -> BatchFeature:
        """Title and s, and for training the feedback; filled up on the right.

        Args:
            titles: B titles; may be empty strings.
            feedback: B reviewers' texts, or None to score and to generate.
            categories: B category paths, empty where unknown; read when `category_in_title` is set, and needed then.

        Returns:
            `input_ids` and `attention_mask` (B, L), `separator_positions` (B,), and with feedback
            `feedback_labels` (B, L): the ids after s, -100 elsewhere.

        Raises:
            ModelError: when there are not as many feedbacks or categories as titles, or no categories where they belong
                into the title.
        """
        if feedback is not None and len(feedback) != len(titles):
            raise ModelError(f"{len(feedback)} feedbacks for {len(titles)} titles; there must be one each")
        title_ids = [ids[: self.max_title_tokens] for ids in self._encode(self._read_titles(titles, categories))]
        answers: list[list[int]] = [[] for _ in titles]
        if feedback is not None:
            # What does not fit is cut with its end token: a cut text has not ended.
            answers = [
                [*ids, self._end][: self.max_text_tokens - len(title) - 1]
                for ids, title in zip(self._encode(feedback), title_ids, strict=True)
            ]
        rows = [[*title, self._separator, *answer] for title, answer in zip(title_ids, answers, strict=True)]
        lengths = torch.tensor([len(row) for row in rows])
        width = int(lengths.max())
        input_ids = torch.tensor([row + [self._pad] * (width - len(row)) for row in rows])
        separators = torch.tensor([len(title) for title in title_ids])
        places = torch.arange(width)
        real = places < lengths[:, None]
        batch = BatchFeature({"input_ids": input_ids, "attention_mask": real.long(), "separator_positions": separators})
        if feedback is not None:
            counted = real & (places > separators[:, None])
            batch["feedback_labels"] = input_ids.masked_fill(~counted, IGNORED)
        return batch

    def decode(self, feedback_ids: Tensor) -> list[str]:
        """(B, L) token ids of `generate_feedback` -> B texts."""
        texts: list[str] = self.tokenizer.batch_decode(feedback_ids, skip_special_tokens=True)
        return [text.strip() for text in texts]

    def count_tokens(self, title: str, category: str = "") -> int:
        """How many tokens a title has before it is cut to `max_title_tokens`, its category included where it is read.

        0 when titles are not read at all.
        """
        return len(self._encode(self._read_titles([title], [category]))[0])

    def _read_titles(self, titles: Sequence[str], categories: Sequence[str] | None) -> list[str]:
        """What stands before s."""
        if not self.use_title:
            return [""] * len(titles)
        if not self.category_in_title:
            return list(titles)
        if categories is None or len(categories) != len(titles):
            raise ModelError(
                f"{0 if categories is None else len(categories)} categories for {len(titles)} titles; this processor "
                "puts the category before the title, so give one each, an empty string where it is not known"
            )
        return [f"{category} {title}".strip() for category, title in zip(categories, titles, strict=True)]

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        encodings = self._backend.encode_batch(list(texts), add_special_tokens=False)
        return [list(encoding.ids) for encoding in encodings]

    def save_pretrained(self, folder: str | Path) -> None:
        """Write the tokenizer and the settings into a folder."""
        self.tokenizer.save_pretrained(str(folder))
        settings = {
            "image_size": self.image_size,
            "resize": self.resize,
            "image_mean": self.image_mean,
            "image_std": self.image_std,
            "max_title_tokens": self.max_title_tokens,
            "max_text_tokens": self.max_text_tokens,
            "qualified_word": self.qualified_word,
            "use_title": self.use_title,
            "category_in_title": self.category_in_title,
            "early_fusion_tiles": self.early_fusion_tiles,
        }
        Path(folder, _FILE).write_text(json.dumps(settings, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def from_pretrained(cls, folder: str | Path) -> Self:
        """Read what `save_pretrained` wrote.

        Raises:
            ModelError: when a file is missing or malformed.
        """
        try:
            settings: dict[str, Any] = json.loads(Path(folder, _FILE).read_text(encoding="utf-8"))
            # By its own class: AutoTokenizer would take config.json beside it for the tokenizer's.
            tokenizer = PreTrainedTokenizerFast.from_pretrained(str(folder), local_files_only=True)
            return cls(tokenizer, **settings)
        except (OSError, ValueError, TypeError) as error:
            raise ModelError(f"the MUIsC processor in {folder} cannot be read: {error}") from error


def _token_id(tokenizer: PreTrainedTokenizerBase, name: str) -> int:
    token = getattr(tokenizer, name)
    if token is None:
        raise ModelError(f"the tokenizer has no {name}; give it one with with_special_tokens")
    return int(tokenizer.convert_tokens_to_ids(token))
