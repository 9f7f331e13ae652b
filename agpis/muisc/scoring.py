"""Score sequences of decoded images with MUIsC: every image is encoded once, text is written only when asked for."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from agpis.errors import ModelError
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.processing_muisc import MuiscProcessor
from agpis.rules import RuleTaxonomy
from agpis.types import Image, SequenceScore

BATCH_SIZE = 32


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

    def score(self, title: str, images: Sequence[Image], *, write_feedback: bool = False) -> SequenceScore:
        """Score one sequence.

        Args:
            title: W^t; may be empty.
            images: I^t in order, at least one.
            write_feedback: also generate the feedback text (greedy).

        Raises:
            ModelError: when there is no image, or more than the model takes.
        """
        return self.score_many(title, [images], write_feedback=write_feedback)[0]

    @torch.inference_mode()
    def score_many(
        self, title: str, sequences: Sequence[Sequence[Image]], *, write_feedback: bool = False
    ) -> tuple[SequenceScore, ...]:
        """Score many sequences of one product; an image that occurs in several of them is encoded once.

        Raises:
            ModelError: as `score`.
        """
        if not sequences or not all(sequences):
            raise ModelError("a sequence without images was given; a sequence needs at least one")
        self.check_length(max(map(len, sequences)))
        unique = {image.file: image for sequence in sequences for image in sequence}
        features = self._encode(list(unique.values()))
        rows = {file: row for row, file in enumerate(unique)}
        scores: list[SequenceScore] = []
        for start in range(0, len(sequences), BATCH_SIZE):
            batch = [[image.file for image in sequence] for sequence in sequences[start : start + BATCH_SIZE]]
            scores.extend(self._score_batch(title, batch, features, rows, write_feedback))
        return tuple(scores)

    def _encode(self, images: Sequence[Image]) -> torch.Tensor:
        chunks = [images[start : start + BATCH_SIZE] for start in range(0, len(images), BATCH_SIZE)]
        return torch.cat(
            [self.model.encode_images(self.processor.pixels([image.pixels for image in chunk])) for chunk in chunks]
        )

    def _score_batch(
        self,
        title: str,
        batch: list[list[str]],
        features: torch.Tensor,
        rows: dict[str, int],
        write_feedback: bool,
    ) -> list[SequenceScore]:
        mask = torch.arange(max(map(len, batch))) < torch.tensor([len(files) for files in batch])[:, None]
        gathered = features.new_zeros(*mask.shape, *features.shape[1:])
        gathered[mask] = features[[rows[file] for files in batch for file in files]]
        text = self.processor.text([title] * len(batch))
        logits = self.model.score_sequences(
            gathered, mask, text["input_ids"], text["attention_mask"], text["separator_positions"], return_p_nlg=True
        )
        written: list[str | None] = [None] * len(batch)
        if write_feedback:
            ids = self.model.generate_feedback(gathered, mask, text["input_ids"], text["separator_positions"])
            written = list(self.processor.decode(ids))
        assert logits.p_nlg_qualified is not None
        probabilities = logits.mcc_logits.double().softmax(dim=-1).tolist()
        return [
            SequenceScore(
                sequence=tuple(files),
                rule_probabilities=dict(zip(self.taxonomy.ids, values, strict=True)),
                p_qualified=values[0],
                feedback=feedback,
                p_nlg_qualified=float(p_nlg),
            )
            for files, values, feedback, p_nlg in zip(
                batch, probabilities, written, logits.p_nlg_qualified, strict=True
            )
        ]
