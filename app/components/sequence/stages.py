"""Run one product stage by stage and show how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from agpis.bundled import model_folder
from agpis.errors import SettingsError
from agpis.own_order import Objection, check_order, objections
from agpis.types import PipelineSettings, Product, SequenceResult, SequenceScore, StageOneResult
from analysis.timing_figures import StageTime
from app import loaders
from app.components.text import problem
from app.i18n import _
from app.loaders import Timed
from app.state import RunRequest, order_in_force, use_automatic

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
        automatic: the answer as stage 1 selected.
        result: the answer in force: of the order a person chose, else the automatic one.
        objections: what stage 1 has against the chosen order.
        times: what each stage cost.
    """

    request: RunRequest
    product: Product
    stage_one: StageOneResult
    automatic: SequenceResult
    result: SequenceResult
    objections: tuple[Objection, ...]
    times: tuple[StageTime, ...]

    @property
    def is_own(self) -> bool:
        """Whether a person's order is in force."""
        return self.result is not self.automatic

    @property
    def primary(self) -> str | None:
        """The image that opens the sequence, or would; None when there is none."""
        return self.result.sequence[0] if self.result.sequence else self.stage_one.primary


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
    with st.status(_("Reading the photos"), expanded=expanded) as status:
        progress = _Progress(status, expanded)
        photos = request.photos
        product = progress.step("read", _("Reading the photos"), lambda: loaders.read_photos(request.key, photos.files))
        product = replace(product, product_id=photos.product_id, title=request.title, category=photos.category)
        stage_one = _stage_one(request.key, product, settings, pipeline, progress)
        sequence = stage_one.sequence
        scored = _judged(request.key, product, sequence, pipeline, progress) if sequence else None
        automatic = pipeline.result(product, stage_one, scored, settings, progress.timings)
        order = _chosen_order(request.key, product, sequence, pipeline)
        result = automatic
        if order != sequence:
            scored = _judged(request.key, product, order, pipeline, progress)
            result = pipeline.result_of_order(product, stage_one, scored, settings, progress.timings)
        seconds = sum(progress.timings.values())
        status.update(
            label=_("Done in {seconds:.1f} s of computing").format(seconds=seconds), state="complete", expanded=False
        )
    against = objections(stage_one, order, settings) if order != sequence else ()
    return Run(request, product, stage_one, automatic, result, against, tuple(progress.times.values()))


def _chosen_order(key: str, product: Product, automatic: tuple[str, ...], pipeline: AgpisPipeline) -> tuple[str, ...]:
    """The order in force; one that cannot be judged, such as from an old link, gives way to the automatic sequence."""
    order = order_in_force(key, automatic)
    if order == automatic:
        return automatic
    try:
        check_order(order, product, pipeline.max_images)
    except SettingsError as error:
        use_automatic()
        st.warning(f"{_('The automatic sequence is shown.')} {problem(error)}", icon=":material/undo:")
        return automatic
    return order


def _stage_one(
    key: str, product: Product, settings: PipelineSettings, pipeline: AgpisPipeline, progress: _Progress
) -> StageOneResult:
    models = model_folder()
    assessments = progress.step(
        "assess", _("Single-image recognition"), lambda: loaders.assess(key, models, pipeline, product)
    )
    assessments = progress.step(
        "evidence",
        _("Looking for what was laid over photos"),
        lambda: loaders.gather_evidence(key, models, pipeline, product, assessments),
    )
    matches = progress.step("match", _("Pair recognition"), lambda: loaders.match(key, models, pipeline, product))
    return progress.step(
        "select", _("Selection"), lambda: loaders.timed(lambda: pipeline.select(assessments, matches, settings))
    )


def _judged(
    key: str, product: Product, sequence: tuple[str, ...], pipeline: AgpisPipeline, progress: _Progress
) -> SequenceScore:
    """Two steps, so that p^t does not wait for the text."""
    what = (key, product.title, sequence, model_folder(), pipeline, product)
    scored = progress.step("score", _("Judging the sequence, $p^t$ (MUIsC)"), lambda: loaders.score(*what))
    if not pipeline.writes_feedback:
        return scored
    feedback = progress.step("feedback", _("Writing the feedback (MUIsC)"), lambda: loaders.write_feedback(*what))
    return replace(scored, feedback=feedback)


class _Progress:
    """The lines inside the status box and the seconds behind them."""

    def __init__(self, status: StatusContainer, expanded: bool) -> None:
        self._status = status
        self._expanded = expanded
        self.times: dict[str, StageTime] = {}

    @property
    def timings(self) -> dict[str, float]:
        """Stage -> seconds it cost when it was computed."""
        return {stage: time.seconds for stage, time in self.times.items()}

    def step(self, stage: str, label: str, work: Callable[[], Timed[T]]) -> T:
        """Announce a stage, do it, and write down what it cost when it was computed."""
        self._status.update(label=f"{label} …", expanded=self._expanded)
        asked = perf_counter()
        timed = work()
        self.times[stage] = StageTime(stage, label, timed.seconds, from_cache=timed.started < asked)
        self._status.caption(f":green[:material/check:] {label} · {timed.seconds:.2f} s")
        return timed.value
