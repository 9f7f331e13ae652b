"""The first page: photos and a title in, an image sequence with every decision explained out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import streamlit as st

from agpis.bundled import model_folder
from agpis.errors import AgpisError
from agpis.types import PipelineSettings, to_json
from app import loaders
from app.components.sequence.candidates import candidates
from app.components.sequence.duplicates import duplicate_pairs
from app.components.sequence.feedback import feedback
from app.components.sequence.inputs import Choice, input_card
from app.components.sequence.outcome import final_sequence, headline
from app.components.sequence.rules import rule_probabilities
from app.components.sequence.settings import settings_controls
from app.components.sequence.stages import Run, run_product
from app.components.text import problem
from app.state import RunRequest, current_run, remember_run
from app.thresholds import settings_in_force

if TYPE_CHECKING:
    from agpis.pipeline import AgpisPipeline


def page() -> None:
    """The whole page, top to bottom."""
    st.title("Image sequence", anchor=False)
    st.caption("Put in the photos and the title of one product. Get the images to show, in order, with every reason.")
    choice = input_card()
    try:
        with st.spinner("Loading the models"):
            pipeline = loaders.load_pipeline()
            defaults = settings_in_force(pipeline.settings)
    except AgpisError as error:
        st.error(f"**The models could not be loaded.** {problem(error)}", icon=":material/error:")
        return
    with st.sidebar:
        settings = settings_controls(defaults, pipeline.max_images)
    _card_banner()
    if choice.run_pressed:
        remember_run(RunRequest(choice.photos, choice.title, loaders.content_key(choice.photos.files)))
    request = current_run()
    if request is None or request.photos.identity != choice.photos.identity:
        _empty_state(choice)
        return
    if request.title != choice.title:
        st.info("The title has changed since this run. Press **Run** to judge the sequence by the new one.")
    _results(request, settings, pipeline, expanded=choice.run_pressed)


def _results(request: RunRequest, settings: PipelineSettings, pipeline: AgpisPipeline, *, expanded: bool) -> None:
    try:
        run = run_product(request, settings, pipeline, expanded=expanded)
    except AgpisError as error:
        st.error(f"**This product could not be run.** {problem(error)}", icon=":material/error:")
        return
    headline(run.result)
    final_sequence(run)
    candidates(run)
    duplicate_pairs(run)
    if run.result.rule_probabilities:
        left, right = st.columns(2, gap="large")
        with left:
            rule_probabilities(run.result, pipeline.taxonomy)
        with right:
            feedback(run, pipeline)
    _download(run)


def _empty_state(choice: Choice) -> None:
    if choice.photos.files:
        st.info("Press **Run** to build the sequence of this product.", icon=":material/play_arrow:")
    else:
        st.info("Choose a sample product or add the photos of one product to begin.", icon=":material/add_a_photo:")


def _card_banner() -> None:
    card = loaders.load_model_card(model_folder())
    if "simulated" not in card.lower():
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            ":material/science: These models learned from simulated reviews. Treat their probabilities as a "
            "demonstration until they are trained on your own."
        )
        if st.button("Model card", type="tertiary", icon=":material/description:", key="model_card"):
            _card_dialog(card)


@st.dialog("Model card", width="large")
def _card_dialog(card: str) -> None:
    st.markdown(card)


def _download(run: Run) -> None:
    st.download_button(
        "Download the result as JSON",
        json.dumps(to_json(run.result), ensure_ascii=False, indent=2),
        file_name=f"{run.result.product_id}.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
        key="download",
    )


page()
