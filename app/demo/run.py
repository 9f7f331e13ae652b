"""Run one product stage by stage, so that a caller can tell how far it is and stop between two stages."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

import gradio as gr

from agpis.errors import SettingsError
from agpis.images import ImageLimits, read_product
from agpis.threshold_in_force import settings_in_force
from agpis.types import PipelineSettings, Pixels, Product, SequenceResult
from app.demo.limits import UploadLimits, VisitorError
from app.demo.pictures import candidate_pictures, pair_pictures, sequence_pictures

if TYPE_CHECKING:
    from agpis.pipeline import AgpisPipeline

_logger = logging.getLogger(__name__)

T = TypeVar("T")
# Remembered runs: every bundled sample and a few more. One holds at most some 15 pictures of 0.7 MB.
_REMEMBERED = 16
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """One product's run with the pictures that explain it.

    Attributes:
        result: every decision.
        sequence: the images of I^t in order, each a square.
        candidates: one square for each of `result.images`, with boxes around what was laid over it.
        pairs: two squares for each of `result.duplicates`, the kept and the removed one, with the matched regions.
    """

    result: SequenceResult
    sequence: tuple[Pixels, ...]
    candidates: tuple[Pixels, ...]
    pairs: tuple[Pixels, ...]


Work = Generator[tuple[str, float], None, Answer]


class Runner:
    """The pipeline, the limits and what was computed before.

    Attributes:
        pipeline: the models.
        limits: of uploads.
    """

    def __init__(self, pipeline: AgpisPipeline, limits: UploadLimits) -> None:
        self.pipeline = pipeline
        self.limits = limits
        self._cache = gr.Cache(max_size=_REMEMBERED)

    @property
    def settings(self) -> PipelineSettings:
        """The settings in force now; another th^t can be put in force while the demo is open.

        Raises:
            VisitorError: when the log of thresholds is malformed.
        """
        try:
            return settings_in_force(self.pipeline.settings)
        except SettingsError as error:
            # The message names a file of this machine, which is nothing for visitors.
            _logger.error("%s", error)
            raise VisitorError("no_threshold") from error

    def run(self, files: Sequence[Path], title: str, settings: PipelineSettings) -> Work:
        """Yield (stage, share of the work done in [0, 1]) as each stage begins, and return the answer.

        The same files, title and settings are computed once.

        Raises:
            UploadError: when the files go beyond the limits.
            SettingsError: when K^t is larger than the model takes.
            AgpisError: when a stage cannot do its work.
        """
        self.limits.check(files)
        if settings.num_images > self.pipeline.max_images:
            raise SettingsError(
                f"num_images (K^t) is {settings.num_images}, the model takes at most {self.pipeline.max_images}"
            )
        key = (_content_key(files), title, repr(settings))
        remembered = self._cache.get(key)
        if remembered is not None:
            answer: Answer = remembered["answer"]
            return answer
        yield "read", 0.0
        image_limits = ImageLimits(max_bytes=self.limits.each_mb * _MEGABYTE)
        product = read_product("upload", title, [(file.name, file) for file in files], limits=image_limits)
        answer = yield from self._stages(product, settings)
        self._cache.set(key, answer=answer)
        return answer

    def _stages(self, product: Product, settings: PipelineSettings) -> Work:
        pipeline, timings = self.pipeline, dict[str, float]()
        yield "assess", 0.05
        assessments = _timed(timings, "assess", lambda: pipeline.assess(product))
        yield "evidence", 0.15
        assessments = _timed(timings, "evidence", lambda: pipeline.gather_evidence(product, assessments))
        yield "match", 0.35
        matches = _timed(timings, "match", lambda: pipeline.match(product))
        yield "select", 0.6
        stage_one = _timed(timings, "select", lambda: pipeline.select(assessments, matches, settings))
        score = None
        if stage_one.sequence:
            yield "score", 0.65
            encoded = _timed(timings, "score", lambda: pipeline.encode(product, stage_one.sequence))
            score = _timed(timings, "score", lambda: pipeline.score(encoded))
            if pipeline.writes_feedback:
                yield "feedback", 0.85
                text = _timed(timings, "feedback", lambda: pipeline.write_feedback(encoded))
                score = replace(score, feedback=text)
        result = pipeline.result(product, stage_one, score, settings, timings)
        return Answer(
            result,
            sequence_pictures(product, result),
            candidate_pictures(product, result, stage_one.primary),
            pair_pictures(product, result),
        )


def finished(work: Work, tell: Callable[[str, float], object]) -> Answer:
    """Do all the work, tell of every stage and its share as it begins, and return the answer."""
    while True:
        try:
            stage, share = next(work)
        except StopIteration as end:
            answer: Answer = end.value
            return answer
        tell(stage, share)


def _timed(timings: dict[str, float], stage: str, work: Callable[[], T]) -> T:
    started = perf_counter()
    value = work()
    timings[stage] = timings.get(stage, 0.0) + perf_counter() - started
    return value


def _content_key(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        for part in (file.name.encode(), file.read_bytes()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
