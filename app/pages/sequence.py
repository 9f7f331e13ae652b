"""The first page: photos and a title in, an image sequence with every decision explained out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from agpis.bundled import model_folder
from agpis.errors import AgpisError
from agpis.threshold_in_force import settings_in_force
from agpis.types import PipelineSettings
from app import loaders
from app.components.sequence.alternatives import alternatives
from app.components.sequence.candidates import candidates
from app.components.sequence.downloads import downloads
from app.components.sequence.duplicates import duplicate_pairs
from app.components.sequence.feedback import feedback
from app.components.sequence.inputs import Choice, input_card
from app.components.sequence.outcome import final_sequence, headline
from app.components.sequence.own_order import own_order
from app.components.sequence.rules import rule_probabilities
from app.components.sequence.settings import settings_controls
from app.components.sequence.sharing import link_problem, open_link, share_button
from app.components.sequence.sources import accept_hand_over, bring_back
from app.components.sequence.stages import run_product
from app.components.sequence.timing import stage_times
from app.components.sequence.to_review import to_review
from app.components.sequence.why_score import why_score
from app.components.text import problem
from app.i18n import _
from app.state import RunRequest, current_run, remember_run

if TYPE_CHECKING:
    from agpis.pipeline import AgpisPipeline


def page() -> None:
    """The whole page, top to bottom."""
    st.title(_("Image sequence"), anchor=False)
    st.caption(
        _("Put in the photos and the title of one product. Get the images to show, in order, with every reason.")
    )
    bring_back()
    linked = open_link()
    arrived = accept_hand_over() or linked
    link_problem()
    choice = input_card()
    try:
        with st.spinner(_("Loading the models")):
            pipeline = loaders.load_pipeline()
            defaults = settings_in_force(pipeline.settings)
    except AgpisError as error:
        st.error(f"{_('**The models could not be loaded.**')} {problem(error)}", icon=":material/error:")
        return
    with st.sidebar:
        settings = settings_controls(defaults, pipeline.max_images)
    _card_banner()
    if choice.run_pressed or (arrived and choice.photos.files):
        remember_run(RunRequest(choice.photos, choice.title, loaders.content_key(choice.photos.files)))
    request = current_run()
    if request is None or request.photos.identity != choice.photos.identity:
        _empty_state(choice)
        return
    if request.title != choice.title:
        st.info(_("The title has changed since this run. Press **Run** to judge the sequence by the new one."))
    _results(request, settings, pipeline, expanded=choice.run_pressed or arrived)


def _results(request: RunRequest, settings: PipelineSettings, pipeline: AgpisPipeline, *, expanded: bool) -> None:
    try:
        run = run_product(request, settings, pipeline, expanded=expanded)
    except AgpisError as error:
        st.error(f"{_('**This product could not be run.**')} {problem(error)}", icon=":material/error:")
        return
    headline(run)
    final_sequence(run)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        to_review(run)
        share_button(run, settings)
        downloads(run)
    own_order(run, pipeline)
    # Filled last, so that nothing waits for the search.
    alternatives_place = st.container()
    candidates(run, settings, pipeline)
    duplicate_pairs(run)
    if run.result.rule_probabilities:
        left, right = st.columns(2, gap="large")
        with left:
            rule_probabilities(run.result, pipeline.taxonomy)
        with right:
            feedback(run, pipeline)
    why_score(run, pipeline)
    stage_times(run)
    with alternatives_place:
        alternatives(run, settings, pipeline)


def _empty_state(choice: Choice) -> None:
    if choice.photos.files:
        st.info(_("Press **Run** to build the sequence of this product."), icon=":material/play_arrow:")
    else:
        st.info(_("Choose a sample product or add the photos of one product to begin."), icon=":material/add_a_photo:")


def _card_banner() -> None:
    card = loaders.load_model_card(model_folder())
    if "simulated" not in card.lower():
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            ":material/science: "
            + _(
                "These models learned from simulated reviews. Treat their probabilities as a demonstration until they "
                "are trained on your own."
            )
        )
        if st.button(_("Model card"), type="tertiary", icon=":material/description:", key="model_card"):
            # Not a decorator: the dialog's title speaks the language of the session.
            st.dialog(_("Model card"), width="large")(st.markdown)(card)


page()
