"""What MUIsC says of every sequence of a split: each image is encoded once, everything else reuses it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from agpis.data.reviews import ReviewRecord
from agpis.images import read_image
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.processing_muisc import MuiscProcessor
from analysis.metrics.ranking import Floats

# Full batches are worth more than little memory: so many batches of images are held at once.
_BATCHES_HELD = 8


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """The model's answers for one sequence.

    Attributes:
        probabilities: (K^g,) p^mcc of the classes with the title as it is; sums to 1.
        p_without_title: p^t when the title is empty.
        p_other_title: p^t when the title is that of another product.
        feedback: what the model wrote, or None where it was not asked to.
    """

    probabilities: Floats
    p_without_title: float
    p_other_title: float
    feedback: str | None

    @property
    def p_qualified(self) -> float:
        """p^t in [0, 1]."""
        return float(self.probabilities[0])


def other_titles(records: Sequence[ReviewRecord], seed: int) -> tuple[str, ...]:
    """For every sequence a title of another product, the same for all sequences of one product.

    Products are put into a random circle, and each gets the first different title of those behind it; a title stays
    only where all are the same.
    """
    titles = {record.product_id: record.title for record in records if record.title} or {"": ""}
    circle = list(titles)
    np.random.default_rng(seed).shuffle(circle)
    given: dict[str, str] = {}
    for place, product in enumerate(circle):
        behind = (titles[circle[(place + step) % len(circle)]] for step in range(1, len(circle)))
        given[product] = next((title for title in behind if title != titles[product]), titles[product])
    return tuple(given.get(record.product_id, titles[circle[0]]) for record in records)


def predict(
    model: MuiscModel,
    processor: MuiscProcessor,
    data: Path,
    records: Sequence[ReviewRecord],
    *,
    swapped: Sequence[str],
    write_for: Collection[int],
    batch_size: int = 32,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Prediction]:
    """Score every sequence with its title, without it and with another; write feedback for some.

    Args:
        model: MUIsC in evaluation mode.
        processor: prepares its input.
        data: folder that the files are relative to.
        records: the sequences; those of one product best stand together, since an image is kept only for a while.
        swapped: another title for each of them.
        write_for: indices of the sequences to write feedback for, greedily.
        batch_size: images, and sequences, at a time.
        progress: called with the number of sequences that were finished.

    Returns:
        One prediction a record, in their order.
    """
    found: dict[int, Prediction] = {}
    with torch.inference_mode():
        for indices in _groups(records, batch_size * _BATCHES_HELD):
            files = list(dict.fromkeys(file for index in indices for file in records[index].images))
            features = _encode(model, processor, data, files, batch_size)
            # Neighbours of one length need no filling up.
            ordered = sorted(indices, key=lambda index: len(records[index].images))
            for start in range(0, len(ordered), batch_size):
                batch = ordered[start : start + batch_size]
                found.update(_predict_batch(model, processor, records, swapped, write_for, batch, features))
                progress(len(batch))
    return [found[index] for index in range(len(records))]


def _groups(records: Sequence[ReviewRecord], num_images: int) -> Iterator[list[int]]:
    """Indices of whole products that together have about `num_images` images."""
    order = sorted(range(len(records)), key=lambda index: records[index].product_id)
    group: list[int] = []
    files: set[str] = set()
    for _, indices in groupby(order, key=lambda index: records[index].product_id):
        for index in indices:
            group.append(index)
            files.update(records[index].images)
        if len(files) >= num_images:
            yield group
            group, files = [], set()
    if group:
        yield group


def _encode(
    model: MuiscModel, processor: MuiscProcessor, data: Path, files: Sequence[str], batch_size: int
) -> dict[str, Tensor]:
    features: dict[str, Tensor] = {}
    for start in range(0, len(files), batch_size):
        chunk = files[start : start + batch_size]
        pixels = processor.pixels([read_image(data / file, file).pixels for file in chunk])
        features.update(zip(chunk, model.encode_images(pixels), strict=True))
    return features


def _predict_batch(
    model: MuiscModel,
    processor: MuiscProcessor,
    records: Sequence[ReviewRecord],
    swapped: Sequence[str],
    write_for: Collection[int],
    batch: Sequence[int],
    features: dict[str, Tensor],
) -> dict[int, Prediction]:
    images, mask = _filled_up([[features[file] for file in records[index].images] for index in batch])
    own = [records[index].title for index in batch]
    as_is, empty, other = (
        _scores(model, processor, images, mask, titles)
        for titles in (own, [""] * len(batch), [swapped[index] for index in batch])
    )
    written: dict[int, str] = {}
    rows = [row for row, index in enumerate(batch) if index in write_for]
    if rows:
        text = processor.text([own[row] for row in rows])
        ids = model.generate_feedback(images[rows], mask[rows], text["input_ids"], text["separator_positions"])
        written = dict(zip(rows, processor.decode(ids), strict=True))
    return {
        index: Prediction(as_is[row], float(empty[row, 0]), float(other[row, 0]), written.get(row))
        for row, index in enumerate(batch)
    }


def _filled_up(sequences: Sequence[Sequence[Tensor]]) -> tuple[Tensor, Tensor]:
    """Features (B, K, T, D) and the mask (B, K) of those that are images."""
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    mask = torch.arange(int(lengths.max())) < lengths[:, None]
    flat = torch.stack([image for sequence in sequences for image in sequence])
    images = flat.new_zeros(*mask.shape, *flat.shape[1:])
    images[mask] = flat
    return images, mask


def _scores(
    model: MuiscModel, processor: MuiscProcessor, images: Tensor, mask: Tensor, titles: Sequence[str]
) -> Floats:
    """p^mcc, (B, K^g)."""
    text = processor.text(titles)
    logits = model.score_sequences(images, mask, text["input_ids"], text["attention_mask"], text["separator_positions"])
    probabilities: Floats = logits.mcc_logits.double().softmax(dim=-1).numpy()
    return probabilities
