"""Run one product stage by stage and show how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from agpis.bundled import model_folder
from agpis.types import PipelineSettings, Product, SequenceResult, SequenceScore, StageOneResult
from app import loaders
from app.loaders import Timed
from app.state import RunRequest

if TYPE_CHECKING:
    from streamlit.elements.lib.mutable_status_container import StatusContainer

    from agpis.pipeline import AgpisPipeline

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Run:
    """One product's run, complete.

    Attributes:
        request: what was asked for.
        product: with decoded images.
        stage_one: every decision of stage 1.
        result: the answer.
    """

    request: RunRequest
    product: Product
    stage_one: StageOneResult
    result: SequenceResult


def run_product(request: RunRequest, settings: PipelineSettings, pipeline: AgpisPipeline, *, expanded: bool) -> Run:
    """Run all stages, each taken from the cache when nothing it depends on has changed.

    Args:
        request: photos and title.
        settings: the thresholds in force.
        pipeline: the models.
        expanded: whether the progress is open from the start.

    Raises:
        AgpisError: when a stage cannot do its work.
    """
    with st.status("Reading the photos", expanded=expanded) as status:
        progress = _Progress(status, expanded)
        photos = request.photos
        product = progress.step("read", "Reading the photos", lambda: loaders.read_photos(request.key, photos.files))
        product = replace(product, product_id=photos.product_id, title=request.title, category=photos.category)
        stage_one = _stage_one(request.key, product, settings, pipeline, progress)
        scored = _judged(request.key, product, stage_one, pipeline, progress) if stage_one.sequence else None
        result = pipeline.result(product, stage_one, scored, settings, progress.timings)
        seconds = sum(progress.timings.values())
        status.update(label=f"Done in {seconds:.1f} s of computing", state="complete", expanded=False)
    return Run(request, product, stage_one, result)


def _stage_one(
    key: str, product: Product, settings: PipelineSettings, pipeline: AgpisPipeline, progress: _Progress
) -> StageOneResult:
    models = model_folder()
    assessments = progress.step(
        "assess", "Single-image recognition", lambda: loaders.assess(key, models, pipeline, product)
    )
    assessments = progress.step(
        "evidence",
        "Looking for what was laid over photos",
        lambda: loaders.gather_evidence(key, models, pipeline, product, assessments),
    )
    matches = progress.step("match", "Pair recognition", lambda: loaders.match(key, models, pipeline, product))
    return progress.step(
        "select", "Selection", lambda: loaders.timed(lambda: pipeline.select(assessments, matches, settings))
    )


def _judged(
    key: str, product: Product, stage_one: StageOneResult, pipeline: AgpisPipeline, progress: _Progress
) -> SequenceScore:
    """Two steps, so that p^t does not wait for the text."""
    what = (key, product.title, stage_one.sequence, model_folder(), pipeline, product)
    scored = progress.step("score", "Judging the sequence, $p^t$ (MUIsC)", lambda: loaders.score(*what))
    if not pipeline.writes_feedback:
        return scored
    feedback = progress.step("feedback", "Writing the feedback (MUIsC)", lambda: loaders.write_feedback(*what))
    return replace(scored, feedback=feedback)


class _Progress:
    """The lines inside the status box and the seconds behind them."""

    def __init__(self, status: StatusContainer, expanded: bool) -> None:
        self._status = status
        self._expanded = expanded
        self.timings: dict[str, float] = {}

    def step(self, stage: str, label: str, work: Callable[[], Timed[T]]) -> T:
        """Announce a stage, do it, and write down what it cost when it was computed."""
        self._status.update(label=f"{label} …", expanded=self._expanded)
        timed = work()
        self.timings[stage] = timed.seconds
        self._status.caption(f":green[:material/check:] {label} · {timed.seconds:.2f} s")
        return timed.value
