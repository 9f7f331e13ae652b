"""Score sequences of decoded images with MUIsC: every image is encoded once, text is written only when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import torch
from torch import Tensor
from transformers import BatchFeature

from agpis.errors import ModelError
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.processing_muisc import MuiscProcessor
from agpis.rules import RuleTaxonomy
from agpis.types import Image, SequenceScore

BATCH_SIZE = 32


@dataclass(frozen=True, slots=True, eq=False)
class EncodedSequence:
    """A sequence as MUIsC sees it: what judging it and writing about it have in common.

    Attributes:
        title: W^t.
        files: names of the images in order.
        features: (K, T, D) of the images, from the vision tower; (1, T, D) of their one picture with early fusion.
        category: the product's category path; None when the caller did not say.
    """

    title: str
    files: tuple[str, ...]
    features: Tensor
    category: str | None = None


class SequenceScorer:
    """MUIsC with its processor and classes.

    Attributes:
        model: in evaluation mode.
        processor: prepares its input.
        taxonomy: names its outputs.
    """

    def __init__(self, model: MuiscModel, processor: MuiscProcessor, taxonomy: RuleTaxonomy) -> None:
        """Use a model that is in memory already.

        Raises:
            ModelError: when one of model and processor fuses images early and the other does not.
        """
        check_fusion(model, processor)
        self.model = model.eval()
        self.processor = processor
        self.taxonomy = taxonomy

    @property
    def writes_feedback(self) -> bool:
        """Whether the model has learned to write feedback."""
        return bool(self.model.config.writes_feedback)

    @property
    def reads_title(self) -> bool:
        """Whether the product's title has any part in the score."""
        return bool(self.model.config.use_decoder and self.processor.use_title)

    @property
    def fuses_early(self) -> bool:
        """Whether a sequence is one picture to the model, so that no image can be encoded by itself."""
        return bool(self.processor.early_fusion_tiles)

    def check_length(self, num_images: int) -> None:
        """Refuse a K^t that is too large for the model.

        Raises:
            ModelError: when `num_images` is above the model's limit.
        """
        limit = self.model.config.num_images
        if num_images > limit:
            raise ModelError(
                f"K^t is {num_images}, but this MUIsC takes at most {limit} images; choose K^t of {limit} or less, "
                "or train a model with a larger num_images"
            )

    def title_tokens(self, title: str, category: str = "") -> tuple[int, int]:
        """How many tokens of the title the model reads, and how many it has, its category included where it is read."""
        total = self.processor.count_tokens(title, category)
        return min(total, self.processor.max_title_tokens), total

    @torch.inference_mode()
    def encode(self, title: str, images: Sequence[Image], category: str | None = None) -> EncodedSequence:
        """Look at every image once, for `score_encoded` and `write_feedback`.

        Args:
            title: W^t; may be empty.
            images: I^t in order, at least one.
            category: the product's category path, or an empty string; only needed where the processor reads it.

        Raises:
            ModelError: when there is no image, or more than the model takes.
        """
        self._check([images])
        features = self._encode_fused([images])[0] if self.fuses_early else self.encode_images(images)
        return EncodedSequence(title, tuple(image.file for image in images), features, category)

    @torch.inference_mode()
    def encode_images(self, images: Iterable[Image], batch_size: int = BATCH_SIZE) -> Tensor:
        """Look at single images, at least one, for a model that fuses late.

        Args:
            images: may be read one by one; the pixels of a batch are held in the model's size only.
            batch_size: images at a time.

        Returns:
            (N, T, D), one after the other what `EncodedSequence.features` is made of.
        """
        waiting, features = iter(images), []
        while batch := [self.processor.pixels([image.pixels]) for image in islice(waiting, batch_size)]:
            features.append(self.model.encode_images(torch.cat(batch)))
        return torch.cat(features)

    def score_encoded(self, encoded: EncodedSequence) -> SequenceScore:
        """Judge a sequence without writing about it."""
        return self.score_batch([encoded])[0]

    @torch.inference_mode()
    def score_batch(self, batch: Sequence[EncodedSequence]) -> list[SequenceScore]:
        """`score_encoded` for at least one sequence, of one product or of many."""
        features, mask = _padded(batch)
        text = self._text(batch)
        logits = self.model.score_sequences(
            features, mask, text["input_ids"], text["attention_mask"], text["separator_positions"], return_p_nlg=True
        )
        probabilities = logits.mcc_logits.double().softmax(dim=-1).tolist()
        written = logits.p_nlg_qualified
        p_nlg: list[float | None] = [None] * len(batch) if written is None else written.tolist()
        return [
            SequenceScore(
                sequence=encoded.files,
                rule_probabilities=dict(zip(self.taxonomy.ids, values, strict=True)),
                p_qualified=values[0],
                p_nlg_qualified=p_yes,
            )
            for encoded, values, p_yes in zip(batch, probabilities, p_nlg, strict=True)
        ]

    def write_feedback(self, encoded: EncodedSequence) -> str:
        """What a reviewer would write about the sequence (greedy).

        Raises:
            ModelError: when the model writes no feedback.
        """
        return self.write_batch([encoded])[0]

    @torch.inference_mode()
    def write_batch(self, batch: Sequence[EncodedSequence]) -> list[str]:
        """`write_feedback` for at least one sequence; no text depends on the others.

        Raises:
            ModelError: when the model writes no feedback.
        """
        self.model.require_feedback()
        features, mask = _padded(batch)
        text = self._text(batch)
        ids = self.model.generate_feedback(features, mask, text["input_ids"], text["separator_positions"])
        return self.processor.decode(ids)

    def score(self, title: str, images: Sequence[Image], category: str | None = None) -> SequenceScore:
        """Encode and judge one sequence.

        Raises:
            ModelError: as `encode`.
        """
        return self.score_encoded(self.encode(title, images, category))

    @torch.inference_mode()
    def score_many(
        self, title: str, sequences: Sequence[Sequence[Image]], category: str | None = None
    ) -> tuple[SequenceScore, ...]:
        """Judge many sequences of one product; an image that occurs in several of them is encoded once.

        A model that fuses early has to encode every sequence by itself.

        Raises:
            ModelError: as `encode`.
        """
        self._check(sequences)
        features = {} if self.fuses_early else self._encode_once(sequences)
        scores: list[SequenceScore] = []
        for start in range(0, len(sequences), BATCH_SIZE):
            part = sequences[start : start + BATCH_SIZE]
            encoded = (
                self._encode_fused(part)
                if self.fuses_early
                else [torch.stack([features[image.file] for image in sequence]) for sequence in part]
            )
            scores += self.score_batch(
                [
                    EncodedSequence(title, tuple(image.file for image in sequence), seen, category)
                    for sequence, seen in zip(part, encoded, strict=True)
                ]
            )
        return tuple(scores)

    def _check(self, sequences: Sequence[Sequence[Image]]) -> None:
        if not sequences or not all(sequences):
            raise ModelError("a sequence without images was given; a sequence needs at least one")
        self.check_length(max(map(len, sequences)))

    def _encode_once(self, sequences: Sequence[Sequence[Image]]) -> dict[str, Tensor]:
        unique = {image.file: image for sequence in sequences for image in sequence}
        return dict(zip(unique, self.encode_images(unique.values()), strict=True))

    def _encode_fused(self, sequences: Sequence[Sequence[Image]]) -> list[Tensor]:
        """(1, T, D) of each sequence's one picture."""
        pictures = [self.processor.side_by_side([image.pixels for image in sequence]) for sequence in sequences]
        return list(self.model.encode_images(self.processor.pixels(pictures))[:, None])

    def _text(self, batch: Sequence[EncodedSequence]) -> BatchFeature:
        categories = [encoded.category for encoded in batch]
        known = [category for category in categories if category is not None]
        return self.processor.text(
            [encoded.title for encoded in batch], categories=known if len(known) == len(batch) else None
        )


def check_fusion(model: MuiscModel, processor: MuiscProcessor) -> None:
    """Refuse a model and a processor that do not agree on how images come together.

    Raises:
        ModelError: when `early_fusion_tiles` is not the model's `num_images` with early fusion, and 0 with late fusion.
    """
    config = model.config
    wanted = config.num_images if config.fusion == "early" else 0
    if processor.early_fusion_tiles != wanted:
        raise ModelError(
            f"the model's fusion is {config.fusion!r}, so early_fusion_tiles of its processor must be {wanted}, got "
            f"{processor.early_fusion_tiles}; load the processor that was saved beside the model"
        )


def _padded(batch: Sequence[EncodedSequence]) -> tuple[Tensor, Tensor]:
    """Features (B, K, T, D) and the mask (B, K) of those that are images."""
    lengths = torch.tensor([len(encoded.features) for encoded in batch])
    mask = torch.arange(int(lengths.max())) < lengths[:, None]
    features = batch[0].features.new_zeros(*mask.shape, *batch[0].features.shape[1:])
    features[mask] = torch.cat([encoded.features for encoded in batch])
    return features, mask
