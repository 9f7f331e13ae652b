"""Reviewed sequences of a data set as MUIsC sees them: read from disk, each image encoded once for its product."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import torch
from torch import Tensor

from agpis.data.reviews import ReviewRecord
from agpis.images import read_image
from agpis.muisc.scoring import BATCH_SIZE, EncodedSequence, SequenceScorer

# Full batches are worth more than little memory: so many batches of images are held at once.
_BATCHES_HELD = 8

EncodedBatch = list[tuple[int, EncodedSequence]]
"""Index of a record, and its sequence."""


def encoded_batches(
    scorer: SequenceScorer, data: Path, records: Sequence[ReviewRecord], batch_size: int = BATCH_SIZE
) -> Iterator[EncodedBatch]:
    """Every record once, for `SequenceScorer.score_batch` and `write_batch`.

    Products come one after the other, and within a few of them sequences of one length, which need no filling up. What
    is made of a record does not depend on `batch_size`, up to rounding.

    Args:
        scorer: the model.
        data: folder that the files are relative to.
        records: the sequences; an image is kept only while its product is at work.
        batch_size: images, and sequences, at a time.

    Raises:
        ImageError: when an image is missing or cannot be decoded.
        ModelError: when a sequence has more images than the model takes.
    """
    for indices in _groups(records, batch_size * _BATCHES_HELD):
        features = {} if scorer.fuses_early else _encode_files(scorer, data, records, indices, batch_size)
        ordered = sorted(indices, key=lambda index: len(records[index].images))
        for start in range(0, len(ordered), batch_size):
            part = ordered[start : start + batch_size]
            yield [(index, _encoded(scorer, data, records[index], features)) for index in part]


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


def _encode_files(
    scorer: SequenceScorer, data: Path, records: Sequence[ReviewRecord], indices: Sequence[int], batch_size: int
) -> dict[str, Tensor]:
    files = list(dict.fromkeys(file for index in indices for file in records[index].images))
    features = scorer.encode_images((read_image(data / file, file) for file in files), batch_size)
    return dict(zip(files, features, strict=True))


def _encoded(scorer: SequenceScorer, data: Path, record: ReviewRecord, features: dict[str, Tensor]) -> EncodedSequence:
    scorer.check_length(len(record.images))
    if scorer.fuses_early:
        return scorer.encode(record.title, [read_image(data / file, file) for file in record.images], record.category)
    stacked = torch.stack([features[file] for file in record.images])
    return EncodedSequence(record.title, record.images, stacked, record.category)
