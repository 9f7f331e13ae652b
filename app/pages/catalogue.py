"""The catalogue page: many products at once, in the background, with their results to look at and to take away."""

from __future__ import annotations

import streamlit as st

from agpis.bundled import model_folder
from agpis.catalogue.worker import CatalogueWorker
from agpis.errors import AgpisError
from agpis.threshold_in_force import settings_in_force, threshold_version
from agpis.types import PipelineSettings
from app import loaders
from app.auth import Role, current_user, require
from app.components.catalogue.handover import delete_button, downloads, review_button
from app.components.catalogue.history import history
from app.components.catalogue.progress import headline, progress_card
from app.components.catalogue.results import results
from app.components.catalogue.server import current_model_version, load_worker
from app.components.catalogue.source import Choice, source_card
from app.components.catalogue.state import close_run, open_run, open_run_id
from app.components.sequence.settings import settings_controls
from app.components.text import problem
from app.i18n import _

REFRESH_SECONDS = 3.0


def page() -> None:
    """All runs with the card that begins one, or the run that the address names."""
    st.title(_("Catalogue"), anchor=False)
    # It reads folders of the server and fills the review queue.
    require(Role.REVIEWER)
    try:
        worker = load_worker()
    except AgpisError as error:
        st.error(_("**The runs cannot be shown.** {reason}").format(reason=problem(error)), icon=":material/error:")
        return
    run_id = open_run_id()
    if run_id is None:
        _all_runs(worker)
    else:
        _one_run(worker, run_id)


def _all_runs(worker: CatalogueWorker) -> None:
    st.caption(_("Run many products at once. Every result is kept as it comes, and the server goes on without you."))
    choice = source_card()
    begin = st.container()
    # Before the models, which may take a while: earlier runs can be looked at meanwhile.
    history(worker.runs.runs())
    with begin:
        try:
            with st.spinner(_("Loading the models")):
                pipeline = loaders.load_pipeline()
                defaults = settings_in_force(pipeline.settings)
        except AgpisError as error:
            text = _("**The models could not be loaded.** {reason}").format(reason=problem(error))
            st.error(text, icon=":material/error:")
            return
        with st.sidebar:
            settings = settings_controls(defaults, pipeline.max_images)
        if choice.run_pressed:
            _begin(choice, settings, worker)


def _begin(choice: Choice, settings: PipelineSettings, worker: CatalogueWorker) -> None:
    if choice.take_in is None:
        return
    try:
        with st.spinner(_("Reading the catalogue")):
            threshold = threshold_version(model_folder(), settings.submission_threshold)
            run_id = worker.start(
                choice.take_in(worker.folder), settings, current_model_version(), threshold, current_user().email
            )
    except AgpisError as error:
        st.error(_("**This catalogue cannot be run.** {reason}").format(reason=problem(error)), icon=":material/error:")
        return
    open_run(run_id)
    st.rerun()


def _one_run(worker: CatalogueWorker, run_id: int) -> None:
    st.button(_("All runs"), icon=":material/arrow_back:", type="tertiary", key="all_runs", on_click=close_run)
    try:
        run = worker.runs.run(run_id)
    except AgpisError as error:
        st.error(problem(error), icon=":material/error:")
        return
    headline(run)
    active = run.status.is_active
    st.fragment(_live, run_every=REFRESH_SECONDS if active else None)(worker, run_id, active)


def _live(worker: CatalogueWorker, run_id: int, was_active: bool) -> None:
    """What changes while the run computes."""
    try:
        worker.look_after()
        run = worker.runs.run(run_id)
        if run.status.is_active != was_active:
            st.rerun()
        progress_card(run, worker)
        if run.counts.finished:
            review_button(run, worker)
            downloads(run, worker)
        results(run, worker.runs)
        delete_button(run, worker)
    except AgpisError as error:
        st.error(problem(error), icon=":material/error:")


page()
