"""Scores every reviewed sequence of AGPIS-data with a pipeline's MUIsC: the table that `analysis` reads."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePath

import numpy as np

from agpis.data.prediction_parts import PredictionParts, check_table_name
from agpis.data.predictions import DECISIONS, PROBABILITY_PREFIX, FeedbackWriting
from agpis.data.reviews import SPLITS, ReviewRecord, parse_review, review_file
from agpis.data.rows import read_rows
from agpis.errors import CatalogError, ImageError, MissingImageError, ModelError, SettingsError
from agpis.model_files import weights_fingerprint
from agpis.muisc.review_scoring import encoded_batches
from agpis.muisc.scoring import EncodedSequence
from agpis.pipeline import AgpisPipeline
from agpis.types import SequenceScore

# Sequences that are scored before anything is kept; not a setting, since parts of another size would not fit.
_PART = 1024
ALL_SPLITS = "all"
SUBMITTED, WITHHELD = DECISIONS


@dataclass(frozen=True, slots=True)
class PredictConfig:
    """What to score.

    Attributes:
        data: folder of AGPIS-data, or its review table.
        out: table to write, .parquet, .csv or .csv.gz.
        models: pipeline folder.
        split: "train", "val", "test" or "all".
        limit: at most so many sequences, the first of the split.
        batch_size: images, and sequences, at a time; changes nothing but speed.
        writing: for which sequences to write feedback.
    """

    data: Path
    out: Path
    models: Path
    split: str = ALL_SPLITS
    limit: int | None = None
    batch_size: int = 8
    writing: FeedbackWriting = FeedbackWriting.NONE

    def __post_init__(self) -> None:
        if self.split not in (*SPLITS, ALL_SPLITS):
            raise SettingsError(f"split must be one of {', '.join((*SPLITS, ALL_SPLITS))}, got {self.split!r}")
        for name, value in (("limit", self.limit), ("batch_size", self.batch_size)):
            if value is not None and value < 1:
                raise SettingsError(f"{name} must be at least 1, got {value}")


@dataclass(frozen=True, slots=True)
class PredictSummary:
    """What was scored.

    Attributes:
        out: the table.
        num_rows: its rows.
        num_resumed: those that an earlier run had scored.
        num_withheld: those with p^t below th^t that this run scored.
        threshold: th^t, the pipeline's.
        model: name and fingerprint of the model.
    """

    out: str
    num_rows: int
    num_resumed: int
    num_withheld: int
    threshold: float
    model: str


@dataclass(frozen=True, slots=True)
class _Line:
    """A review and where it stands in its table."""

    number: int
    record: ReviewRecord


def predict_reviews(config: PredictConfig, progress: Callable[[int, int], None] | None = None) -> PredictSummary:
    """Write the table of predictions of a data set, its rows in the order of the reviews.

    All rows and files are looked at before anything is scored. A run that was stopped goes on where it was when it is
    called again with the same settings; memory does not grow with the number of reviews.

    Args:
        config: what to score.
        progress: called with (sequences done, sequences in all).

    Raises:
        SettingsError: when the table exists already, or a stopped run with other settings lies beside it.
        CatalogError: when the reviews cannot be read, are none, or cannot be written; the message names file and line.
        ImageError: when an image is missing or cannot be decoded; `reason` names the first review of it.
        ModelError: when the pipeline does not load, writes no feedback, or takes fewer images.
    """
    check_table_name(config.out)
    run = _Run(config)
    total = run.check()
    parts = PredictionParts(
        config.out, run.taxonomy, run.settings(), has_written_feedback=config.writing is not FeedbackWriting.NONE
    )
    lines, number, done, resumed, withheld = run.lines(), 0, 0, 0, 0
    while part := list(islice(lines, _PART)):
        if parts.has(number):
            resumed += len(part)
        else:
            rows = []
            for index, row in run.score(part):
                rows.append((index, row))
                if progress is not None:
                    progress(done + len(rows), total)
            parts.save(number, [row for _, row in sorted(rows, key=lambda pair: pair[0])])
            withheld += sum(row["decision"] == WITHHELD for _, row in rows)
        number, done = number + 1, done + len(part)
        if progress is not None:
            progress(done, total)
    parts.join(number)
    return PredictSummary(str(config.out), total, resumed, withheld, run.threshold, run.model)


class _Run:
    """The model and the reviews of one configuration."""

    def __init__(self, config: PredictConfig) -> None:
        pipeline = AgpisPipeline.from_pretrained(config.models)
        if config.writing is not FeedbackWriting.NONE:
            pipeline.scorer.model.require_feedback()
        self.config = config
        self.table = review_file(config.data)
        self.scorer = pipeline.scorer
        self.taxonomy = pipeline.taxonomy
        self.threshold = pipeline.settings.submission_threshold
        self.model = f"{config.models.resolve().name} {weights_fingerprint(config.models)}"
        # The files of the table are relative to its own folder.
        self._prefix = os.path.relpath(self.table.parent, config.out.parent)

    def settings(self) -> dict[str, object]:
        """Everything that the rows depend on."""
        with self.table.open("rb") as file:
            reviews = hashlib.file_digest(file, "sha256").hexdigest()
        return {
            "reviews": reviews,
            "folder": self._prefix,
            "split": self.config.split,
            "limit": self.config.limit,
            "writing": self.config.writing.value,
            "threshold": self.threshold,
            "model": self.model,
            "rules": self.taxonomy.to_yaml(),
        }

    def lines(self) -> Iterator[_Line]:
        """The reviews to score."""
        return islice(self._of_split(), self.config.limit)

    def _of_split(self) -> Iterator[_Line]:
        for row in read_rows(self.table):
            try:
                record = parse_review(row, self.taxonomy)
            except CatalogError as error:
                raise CatalogError(f"{self.table}, line {row.line}: {error}") from error
            if self.config.split in (record.split, ALL_SPLITS):
                yield _Line(row.line, record)

    def check(self) -> int:
        """Look at all rows and whether their files are there, and count the rows."""
        count = 0
        for line in self.lines():
            count += 1
            try:
                self.scorer.check_length(len(line.record.images))
            except ModelError as error:
                raise ModelError(f"{self.table}, line {line.number}: {error}") from error
            for file in line.record.images:
                if not (self.table.parent / file).is_file():
                    raise MissingImageError(file, f"there is no such file ({self.table}, line {line.number})")
        if not count:
            raise CatalogError(f"{self.table} has no reviews in split {self.config.split}")
        return count

    def score(self, lines: Sequence[_Line]) -> Iterator[tuple[int, Mapping[str, object]]]:
        """The rows of some reviews with the place of each; products come one after the other."""
        records = [line.record for line in lines]
        try:
            for batch in encoded_batches(self.scorer, self.table.parent, records, self.config.batch_size):
                sequences = [encoded for _, encoded in batch]
                scores = self.scorer.score_batch(sequences)
                written = self._write(sequences, scores)
                for (index, _), score, text in zip(batch, scores, written, strict=True):
                    yield index, self._row(lines[index], score, text)
        except ImageError as error:
            line = next(line for line in lines if error.file in line.record.images)
            raise type(error)(error.file, f"{error.reason} ({self.table}, line {line.number})") from error

    def _write(self, sequences: Sequence[EncodedSequence], scores: Sequence[SequenceScore]) -> list[str]:
        wanted = [
            index
            for index, score in enumerate(scores)
            if self.config.writing is FeedbackWriting.ALL
            or (self.config.writing is FeedbackWriting.WITHHELD and self._decision(score) == WITHHELD)
        ]
        texts = [""] * len(sequences)
        if wanted:
            for index, text in zip(wanted, self.scorer.write_batch([sequences[i] for i in wanted]), strict=True):
                texts[index] = text
        return texts

    def _decision(self, score: SequenceScore) -> str:
        # As the table holds p^t, so that the two never disagree.
        return SUBMITTED if float(np.float32(score.p_qualified)) >= self.threshold else WITHHELD

    def _row(self, line: _Line, score: SequenceScore, written: str) -> dict[str, object]:
        record = line.record
        if not np.isfinite(score.p_qualified):
            raise ModelError(
                f"{self.table}, line {line.number}: the model gives p^t = {score.p_qualified}; its weights are damaged"
            )
        return {
            "product_id": record.product_id,
            "category": record.category,
            "date": record.date,
            "source": record.source,
            "split": record.split,
            "label": record.rule_id,
            "title": record.title,
            "images": [PurePath(self._prefix, file).as_posix() for file in record.images],
            "feedback": record.feedback,
            "written_feedback": written,
            "decision": self._decision(score),
            "model": self.model,
            "p_t": score.p_qualified,
            "p_nlg": score.p_nlg_qualified,
            **{PROBABILITY_PREFIX + rule_id: value for rule_id, value in score.rule_probabilities.items()},
        }
