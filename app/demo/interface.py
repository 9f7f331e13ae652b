"""The page: photos, title and settings on the left, the answer on the right, and the endpoint for programs."""

from __future__ import annotations

import logging
from dataclasses import dataclass, fields
from typing import Any

import gradio as gr
from gradio.components.api_component import Api
from gradio.events import api
from gradio.helpers import Examples

from agpis.bundled import model_folder, samples_folder
from agpis.data.catalog import read_catalog
from agpis.errors import CatalogError
from agpis.types import PipelineSettings
from app.demo.answer import SequenceAnswer
from app.demo.handlers import CHOSEN, Handlers, Outputs
from app.demo.run import Runner
from app.demo.words import labels

_logger = logging.getLogger(__name__)

# One formula between single dollars, as `app.components.text.sentence` writes them.
_LATEX: list[dict[str, str | bool]] = [{"left": "$", "right": "$", "display": False}]
# Runs of people and of programs wait in one queue.
_QUEUE = "pipeline"
_THRESHOLDS = ("submission_threshold", "primary_threshold", "noncompliance_threshold", "duplicate_threshold")
_PLACE = CHOSEN.index("submission_threshold")
# Events that only change what is shown: at once, and for no program.
_QUICK: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
# Files that Gradio wrote for visitors go after an hour; it looks every ten minutes.
_CLEANING = (600, 3600)


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What a visitor fills in.

    Attributes:
        photos: of one product.
        title: W^t.
        run: the button that begins.
        stop: the button that ends a run, shown while there is one.
        settings: the controls in the order of `app.demo.handlers.CHOSEN`.
    """

    photos: gr.Gallery
    title: gr.Textbox
    run: gr.Button
    stop: gr.Button
    settings: tuple[Any, ...]

    @property
    def submission_threshold(self) -> gr.Slider:
        """The control of th^t."""
        slider: gr.Slider = self.settings[_PLACE]
        return slider


def build(runner: Runner, concurrency: int, *, mcp: bool = False) -> tuple[gr.Blocks, gr.I18n]:
    """The page, and the texts that `launch` gives to the browser.

    Args:
        runner: the pipeline with its limits.
        concurrency: how many products are computed at once, at least 1; the others wait.
        mcp: whether there is an endpoint that MCP clients can use as a tool.

    Raises:
        VisitorError: when the threshold in force cannot be read.
    """
    limits = runner.limits
    texts = labels(count=limits.photos, each=limits.each_mb, total=limits.total_mb)
    with gr.Blocks(title="AGPIS", analytics_enabled=False, delete_cache=_CLEANING) as page:
        gr.Markdown(texts("agpis_intro"))
        if _simulated():
            gr.Markdown(texts("agpis_simulated"), elem_id="agpis-simulated")
        with gr.Row():
            with gr.Column(scale=5, min_width=320):
                inputs = _inputs(texts, runner.settings, runner.pipeline.max_images)
                examples = _examples(texts, inputs)
            with gr.Column(scale=7, min_width=320):
                outputs = _outputs(texts)
        handlers = Handlers(runner, outputs)
        _connect_page(handlers, inputs, outputs, examples, concurrency)
        page.load(handlers.threshold_in_force, None, [inputs.submission_threshold, outputs.verdict], **_QUICK)
        _connect_endpoint(handlers, inputs, concurrency)
        if mcp:
            api(
                handlers.image_sequence,
                api_name="image_sequence",
                concurrency_limit=concurrency,
                concurrency_id=_QUEUE,
            )
    return page, texts


def _simulated() -> bool:
    card = model_folder() / "README.md"
    return card.is_file() and "simulated" in card.read_text(encoding="utf-8").lower()


def _inputs(texts: gr.I18n, defaults: PipelineSettings, max_images: int) -> Inputs:
    photos = gr.Gallery(
        label=texts("agpis_photos"), type="filepath", interactive=True, columns=4, height="auto", object_fit="contain",
        buttons=[], elem_id="agpis-photos", elem_classes="agpis-pictures",
    )  # fmt: skip
    gr.Markdown(texts("agpis_photos_hint"), elem_classes="agpis-hint")
    title = gr.Textbox(
        value="", label=texts("agpis_title"), info=texts("agpis_title_help"),
        placeholder=texts("agpis_title_placeholder"), lines=2, max_length=2000, elem_id="agpis-title",
    )  # fmt: skip
    with gr.Row():
        run = gr.Button(texts("agpis_run"), variant="primary", elem_id="agpis-run")
        stop = gr.Button(texts("agpis_stop"), variant="stop", visible=False, elem_id="agpis-stop")
    with gr.Accordion(texts("agpis_settings"), open=False, elem_id="agpis-settings"):
        settings = _settings(texts, defaults, max_images)
    return Inputs(photos, title, run, stop, settings)


def _settings(texts: gr.I18n, defaults: PipelineSettings, max_images: int) -> tuple[Any, ...]:
    number = gr.Slider(
        1, max_images, defaults.num_images, step=1, label=texts("agpis_num_images"),
        info=texts("agpis_num_images_help"),
    )  # fmt: skip
    thresholds = [
        gr.Slider(
            0, 1, getattr(defaults, name), step=0.01, label=texts(f"agpis_{name}"), info=texts(f"agpis_{name}_help")
        )
        for name in _THRESHOLDS
    ]
    variants = gr.Checkbox(
        defaults.remove_variants, label=texts("agpis_remove_variants"), info=texts("agpis_remove_variants_help")
    )
    seed = gr.Number(
        defaults.seed, precision=0, minimum=0, maximum=2**31 - 1, label=texts("agpis_seed"),
        info=texts("agpis_seed_help"),
    )  # fmt: skip
    return (number, *thresholds, variants, seed)


def _examples(texts: gr.I18n, inputs: Inputs) -> Examples | None:
    """The bundled samples; None, with a line in the log, where they cannot be read."""
    try:
        samples = list(read_catalog(samples_folder()))
    except CatalogError as error:
        _logger.warning("the demo has no examples: %s", error)
        return None
    rows = [[[str(sample.path_of(image)) for image in sample.images], sample.title] for sample in samples]
    if not rows:
        return None
    examples: Examples = gr.Examples(
        rows, [inputs.photos, inputs.title], label=texts("agpis_examples"), cache_examples=False,
        api_visibility="private", elem_id="agpis-examples", example_labels=[sample.title for sample in samples],
        examples_per_page=len(rows),
    )  # fmt: skip
    return examples


def _outputs(texts: gr.I18n) -> Outputs:
    verdict = gr.Markdown(
        texts("agpis_empty"), latex_delimiters=_LATEX, container=True, elem_id="agpis-verdict", min_height=96
    )
    with gr.Column(visible=False) as details:
        submission = gr.Plot(label=texts("agpis_submission"), show_label=False, elem_id="agpis-submission")
        sequence = _gallery(texts("agpis_sequence"), "agpis-sequence", 3)
        feedback = gr.Markdown(container=True, elem_id="agpis-feedback")
        with gr.Tabs():
            with gr.Tab(texts("agpis_candidates")):
                candidates = _gallery(texts("agpis_candidates_pictures"), "agpis-candidates", 4)
                decisions = gr.Markdown(latex_delimiters=_LATEX, elem_id="agpis-decisions")
            with gr.Tab(texts("agpis_duplicates")):
                pairs = _gallery(texts("agpis_duplicates_pictures"), "agpis-pairs", 2)
                no_pairs = gr.Markdown(texts("agpis_no_duplicates"), visible=False)
            with gr.Tab(texts("agpis_rules")):
                gr.Markdown(texts("agpis_rules_plot"))
                rules = gr.Plot(label=texts("agpis_rules"), show_label=False, elem_id="agpis-rules")
                not_scored = gr.Markdown(texts("agpis_not_scored"), visible=False)
            with gr.Tab(texts("agpis_json")):
                whole = gr.JSON(label=texts("agpis_json_result"), elem_id="agpis-json", max_height=480)
    return Outputs(
        verdict, details, submission, sequence, feedback, candidates, decisions, pairs, no_pairs, rules, not_scored,
        whole,
    )  # fmt: skip


def _gallery(label: Any, name: str, columns: int) -> gr.Gallery:
    """Pictures under a line of text; a label of Gradio's would cover the corner of the first one."""
    gr.Markdown(label)
    return gr.Gallery(
        label=label, show_label=False, elem_id=name, elem_classes="agpis-pictures", columns=columns, height="auto",
        object_fit="contain", interactive=False, format="webp", buttons=["fullscreen"],
    )  # fmt: skip


def _connect_page(
    handlers: Handlers, inputs: Inputs, outputs: Outputs, examples: Examples | None, concurrency: int
) -> None:
    parts = [getattr(outputs, field.name) for field in fields(outputs)]
    buttons = [inputs.run, inputs.stop]
    runs = []
    for begin in (inputs.run.click, examples.load_input_event.success if examples else None):
        if begin is None:
            continue
        shown = begin(lambda: (gr.update(interactive=False), gr.update(visible=True)), None, buttons, **_QUICK).then(
            handlers.show,
            [inputs.photos, inputs.title, *inputs.settings],
            parts,
            show_progress="minimal",
            show_progress_on=outputs.verdict,
            concurrency_limit=concurrency,
            concurrency_id=_QUEUE,
            api_visibility="private",
        )
        shown.then(lambda: (gr.update(interactive=True), gr.update(visible=False)), None, buttons, **_QUICK)
        runs.append(shown)
    stopped = inputs.stop.click(handlers.stopped, None, parts, cancels=runs, **_QUICK)
    stopped.then(lambda: (gr.update(interactive=True), gr.update(visible=False)), None, buttons, **_QUICK)


def _connect_endpoint(handlers: Handlers, inputs: Inputs, concurrency: int) -> None:
    """Programs send files and get JSON; the parts that name these types are not shown."""
    photos = gr.File(file_count="multiple", visible=False, label="photos")
    # Empty, so that a call that does not name th^t takes the one in force then, not that of the demo's start.
    threshold = gr.Number(None, minimum=0, maximum=1, visible=False, label=CHOSEN[_PLACE])
    settings = [*inputs.settings[:_PLACE], threshold, *inputs.settings[_PLACE + 1 :]]
    answer = Api(None, SequenceAnswer.model_json_schema(), "answer")
    gr.Button(visible=False).click(
        handlers.sequence,
        [photos, inputs.title, *settings],
        answer,
        api_name="sequence",
        concurrency_limit=concurrency,
        concurrency_id=_QUEUE,
    )
