"""The empty queue: what would fill it, and sample products that do so now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from agpis.bundled import model_folder, samples_folder
from agpis.data.catalog import CatalogProduct
from agpis.errors import AgpisError
from agpis.images import read_product
from agpis.model_version import model_version
from agpis.store import Store, submission_of
from agpis.threshold_in_force import settings_in_force, threshold_version
from agpis.types import Outcome, Product
from app import loaders
from app.components.text import plain, problem
from app.i18n import _, ngettext

if TYPE_CHECKING:
    from streamlit.elements.lib.mutable_status_container import StatusContainer

ENOUGH = 12
NUM_DRAWS = 6
SOURCE = "samples"


def empty_queue(store: Store, reviewer: str) -> None:
    """Say why there is nothing to review, and offer the samples."""
    st.info(
        _("Nothing waits for you. Sequences whose {p} reaches {th} come here when they are submitted.").format(
            p=r"$p^{\mathsf{t}}$", th=r"$th^{\mathsf{t}}$"
        ),
        icon=":material/inbox:",
    )
    with st.container(horizontal=True):
        pressed = st.button(
            _("Fill the queue with samples"), type="primary", icon=":material/auto_awesome:", key="review_fill",
            help=_("Runs the models on the sample products and submits what reaches the threshold; takes a minute."),
        )  # fmt: skip
        st.button(
            _("Look again"), icon=":material/refresh:", key="review_look_again",
            help=_("Others may have submitted, skipped or left sequences since."),
        )  # fmt: skip
    if pressed:
        _fill(store, reviewer)


def _fill(store: Store, reviewer: str) -> None:
    with st.status(_("Loading the models"), expanded=False) as status:
        try:
            submitted = _submit_samples(store, reviewer, status)
        except AgpisError as error:
            status.update(label=_("The queue could not be filled."), state="error", expanded=True)
            st.error(problem(error), icon=":material/error:")
            return
        status.update(label=_("Done"), state="complete")
    if submitted:
        st.rerun()
    st.warning(_("No sample reaches the threshold; lower it, or use other models."), icon=":material/warning:")


def _submit_samples(store: Store, reviewer: str, status: StatusContainer) -> int:
    """Run sample after sample until ENOUGH sequences are submitted; how many were."""
    # Imported here: torch takes seconds, and only a run of the models needs it.
    from agpis.draws import drawn_results

    pipeline = loaders.load_pipeline()
    settings = settings_in_force(pipeline.settings)
    versions = model_version(model_folder()), threshold_version(model_folder(), settings.submission_threshold)
    submitted = 0
    for entry in loaders.load_samples(samples_folder()):
        counted = ngettext("{count} sequence waits", "{count} sequences wait", submitted).format(count=submitted)
        status.update(label=f"{plain(entry.title)} · {counted}")
        product, photos = _read(entry)
        for result in drawn_results(pipeline, product, NUM_DRAWS, settings):
            if result.outcome is not Outcome.SUBMIT:
                continue
            submission = submission_of(
                result,
                photos,
                title=product.title,
                category=product.category,
                model_version=versions[0],
                threshold_version=versions[1],
                source=SOURCE,
                submitted_by=reviewer,
            )
            store.submit(submission)
            submitted += 1
        if submitted >= ENOUGH:
            break
    return submitted


def _read(entry: CatalogProduct) -> tuple[Product, dict[str, bytes]]:
    """A sample with its decoded images, and the bytes of those."""
    paths = {image.file: entry.path_of(image) for image in entry.images}
    product = read_product(entry.product_id, entry.title, paths.items(), entry.category)
    return product, {image.file: paths[image.file].read_bytes() for image in product.images}
