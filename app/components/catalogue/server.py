"""What every session of the server shares: the worker that computes runs, and the models with their versions."""

from __future__ import annotations

import streamlit as st

from agpis.bundled import model_folder
from agpis.catalogue.engine import Models
from agpis.catalogue.intake import catalogue_folder
from agpis.catalogue.worker import CatalogueWorker
from agpis.store.catalogue_runs import CatalogueRuns
from agpis.store.database import database_url
from app import loaders


def load_worker() -> CatalogueWorker:
    """The worker of this server and database; runs whose server is gone are marked as interrupted.

    Raises:
        StoreError: when the database cannot be reached, or its folder cannot be written to.
    """
    worker = _load_worker(database_url().render_as_string(hide_password=False))
    worker.look_after()
    return worker


@st.cache_resource(show_spinner=False)
def _load_worker(url: str) -> CatalogueWorker:
    worker = CatalogueWorker(CatalogueRuns.open(url), catalogue_folder(database_url(url)), load_models)
    worker.sweep()
    return worker


def load_models() -> Models:
    """The models in use; also called by the worker's thread.

    Raises:
        ModelError: when they are missing or malformed.
    """
    return Models(loaders.load_pipeline(), current_model_version())


def current_model_version() -> str:
    """Which models are in use.

    Raises:
        ModelError: when they are missing.
    """
    return loaders.load_model_version(model_folder())
