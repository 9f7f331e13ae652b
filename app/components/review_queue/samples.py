"""The empty queue: what would fill it, and sample products that do so now."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from agpis.bundled import model_folder, samples_folder
from agpis.data.catalog import CatalogProduct
from agpis.errors import AgpisError
from agpis.images import read_product
from agpis.store import Store
from agpis.submitting import Origin, drawn_submissions
from agpis.types import Product
from app import loaders
from app.components.text import plain, problem
from app.i18n import _, ngettext

ENOUGH = 12
NUM_DRAWS = 6


def empty_queue(store: Store, reviewer: str) -> None:
    """Say why there is nothing to review, and offer the samples."""
    st.info(
        _("Nothing waits for a person. Sequences whose {p} reaches {th} come here when they are submitted.").format(
            p=r"$p^{\mathsf{t}}$", th=r"$th^{\mathsf{t}}$"
        ),
        icon=":material/inbox:",
    )
    pressed = st.button(
        _("Fill the queue with samples"), type="primary", icon=":material/auto_awesome:", key="review_fill",
        help=_("Runs the bundled models on the sample products and submits what reaches the threshold; half a minute."),
    )  # fmt: skip
    if pressed:
        _fill(store, reviewer)


def _fill(store: Store, reviewer: str) -> None:
    with st.status(_("Loading the models"), expanded=True) as status:
        try:
            submitted = _submit_samples(store, reviewer, status.update)
        except AgpisError as error:
            status.update(label=_("The queue could not be filled"), state="error")
            st.error(problem(error), icon=":material/error:")
            return
    if submitted:
        st.rerun()
    st.warning(_("No sample sequence reaches the threshold; lower it, or use other models."))


def _submit_samples(store: Store, reviewer: str, tell: Callable[..., None]) -> int:
    """Run sample after sample until ENOUGH sequences wait; how many do."""
    pipeline = loaders.load_pipeline()
    origin = Origin(_models(), "pipeline.json", "samples", reviewer)
    submitted = 0
    for entry in loaders.load_samples(samples_folder()):
        counted = ngettext("{count} sequence waits", "{count} sequences wait", submitted).format(count=submitted)
        tell(label=f"{plain(entry.title)} · {counted}")
        for submission in drawn_submissions(pipeline, *_read(entry), origin, NUM_DRAWS):
            store.submit(submission)
            submitted += 1
        if submitted >= ENOUGH:
            break
    return submitted


def _read(entry: CatalogProduct) -> tuple[Product, dict[str, bytes]]:
    """A sample with its decoded images, and the bytes of those."""
    files = [(image.file, entry.path_of(image)) for image in entry.images]
    product = read_product(entry.product_id, entry.title, files, entry.category)
    paths = dict(files)
    return product, {image.file: paths[image.file].read_bytes() for image in product.images}


def _models() -> str:
    # Imported here: it brings torch, which only a run of the models needs.
    from agpis.model_folder import weights_fingerprint

    folder = model_folder()
    return f"{folder.resolve().name} {weights_fingerprint(folder)}"
