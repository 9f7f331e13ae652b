"""Score sequences of decoded images with MUIsC: every image is encoded once, text is written only when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

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
        features: (K, T, D) of the images, from the vision tower.
    """

    title: str
    files: tuple[str, ...]
    features: Tensor


class SequenceScorer:
    """MUIsC with its processor and classes.

    Attributes:
        model: in evaluation mode.
        processor: prepares its input.
        taxonomy: names its outputs.
    """

    def __init__(self, model: MuiscModel, processor: MuiscProcessor, taxonomy: RuleTaxonomy) -> None:
        """Use a model that is in memory already."""
        self.model = model.eval()
        self.processor = processor
        self.taxonomy = taxonomy

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

    def title_tokens(self, title: str) -> tuple[int, int]:
        """How many tokens of the title the model reads, and how many it has."""
        total = self.processor.count_tokens(title)
        return min(total, self.processor.max_title_tokens), total

    @torch.inference_mode()
    def encode(self, title: str, images: Sequence[Image]) -> EncodedSequence:
        """Look at every image once, for `score_encoded` and `write_feedback`.

        Args:
            title: W^t; may be empty.
            images: I^t in order, at least one.

        Raises:
            ModelError: when there is no image, or more than the model takes.
        """
        self._check([images])
        return EncodedSequence(title, tuple(image.file for image in images), self._encode(images))

    def score_encoded(self, encoded: EncodedSequence) -> SequenceScore:
        """Judge a sequence without writing about it."""
        return self._score_batch([encoded])[0]

    @torch.inference_mode()
    def write_feedback(self, encoded: EncodedSequence) -> str:
        """What a reviewer would write about the sequence (greedy)."""
        features, mask = _padded([encoded])
        text = self.processor.text([encoded.title])
        ids = self.model.generate_feedback(features, mask, text["input_ids"], text["separator_positions"])
        return self.processor.decode(ids)[0]

    def score(self, title: str, images: Sequence[Image]) -> SequenceScore:
        """Encode and judge one sequence.

        Raises:
            ModelError: as `encode`.
        """
        return self.score_encoded(self.encode(title, images))

    @torch.inference_mode()
    def score_many(self, title: str, sequences: Sequence[Sequence[Image]]) -> tuple[SequenceScore, ...]:
        """Judge many sequences of one product; an image that occurs in several of them is encoded once.

        Raises:
            ModelError: as `encode`.
        """
        self._check(sequences)
        unique = {image.file: image for sequence in sequences for image in sequence}
        features = dict(zip(unique, self._encode(list(unique.values())), strict=True))
        scores: list[SequenceScore] = []
        for start in range(0, len(sequences), BATCH_SIZE):
            batch = [tuple(image.file for image in sequence) for sequence in sequences[start : start + BATCH_SIZE]]
            scores += self._score_batch(
                [EncodedSequence(title, files, torch.stack([features[file] for file in files])) for files in batch]
            )
        return tuple(scores)

    def _check(self, sequences: Sequence[Sequence[Image]]) -> None:
        if not sequences or not all(sequences):
            raise ModelError("a sequence without images was given; a sequence needs at least one")
        self.check_length(max(map(len, sequences)))

    def _encode(self, images: Sequence[Image]) -> Tensor:
        chunks = [images[start : start + BATCH_SIZE] for start in range(0, len(images), BATCH_SIZE)]
        return torch.cat(
            [self.model.encode_images(self.processor.pixels([image.pixels for image in chunk])) for chunk in chunks]
        )

    @torch.inference_mode()
    def _score_batch(self, batch: Sequence[EncodedSequence]) -> list[SequenceScore]:
        features, mask = _padded(batch)
        text = self.processor.text([encoded.title for encoded in batch])
        logits = self.model.score_sequences(
            features, mask, text["input_ids"], text["attention_mask"], text["separator_positions"], return_p_nlg=True
        )
        assert logits.p_nlg_qualified is not None
        probabilities = logits.mcc_logits.double().softmax(dim=-1).tolist()
        return [
            SequenceScore(
                sequence=encoded.files,
                rule_probabilities=dict(zip(self.taxonomy.ids, values, strict=True)),
                p_qualified=values[0],
                p_nlg_qualified=float(p_nlg),
            )
            for encoded, values, p_nlg in zip(batch, probabilities, logits.p_nlg_qualified, strict=True)
        ]


def _padded(batch: Sequence[EncodedSequence]) -> tuple[Tensor, Tensor]:
    """Features (B, K, T, D) and the mask (B, K) of those that are images."""
    lengths = torch.tensor([len(encoded.files) for encoded in batch])
    mask = torch.arange(int(lengths.max())) < lengths[:, None]
    features = batch[0].features.new_zeros(*mask.shape, *batch[0].features.shape[1:])
    features[mask] = torch.cat([encoded.features for encoded in batch])
    return features, mask
