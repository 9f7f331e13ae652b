"""Where the photos of the input card come from: samples, uploads, the last run, another page, or a shared link."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from agpis.bundled import samples_folder
from agpis.data.catalog import CatalogProduct
from agpis.errors import CatalogError
from app.components.text import problem, shorten
from app.i18n import _, ngettext
from app.loaders import content_key, load_samples
from app.state import HANDED_OVER, HandedOver, Photos, RunRequest, current_run, remember_run

# Codes of the sources: the first part of `Photos.identity`, and what the address says.
SAMPLE, UPLOAD, KEPT, HANDED, SHARED = "sample", "upload", "kept", "handed", "shared"
SUFFIXES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif"]
_OFFERED = "offered_products"


@dataclass(frozen=True, slots=True)
class Offered:
    """A product that came from elsewhere and can be chosen in the card.

    Attributes:
        photos: of the product.
        title: it came with.
    """

    photos: Photos
    title: str


def source_name(source: str) -> str:
    """The name of a source in the language of this session."""
    names = {
        SAMPLE: _("Samples"),
        UPLOAD: _("Your photos"),
        KEPT: _("Your last photos"),
        HANDED: _("From another page"),
        SHARED: _("Shared with you"),
    }
    return names[source]


def offer(source: str, product: HandedOver) -> Photos:
    """Put a product into the card and choose it; its photos as the card will hold them."""
    digest = content_key(product.files)
    names = (f"{digest}-{number}" for number in range(len(product.files)))
    photos = Photos((source, *names), product.product_id, product.files, product.category)
    st.session_state.setdefault(_OFFERED, {})[source] = Offered(photos, product.title)
    st.session_state["source"] = source
    st.session_state[title_key(photos)] = product.title
    return photos


def bring_back() -> None:
    """Show the last run again to somebody who comes back from another page, where widgets forget what they hold."""
    run = current_run()
    if run is None or "source" in st.session_state:
        return
    photos = run.photos
    if photos.identity[0] == UPLOAD:
        # An uploader cannot be filled again, so the photos are offered beside it.
        kept = offer(KEPT, HandedOver(photos.product_id, run.title, photos.files, photos.category))
        remember_run(RunRequest(kept, run.title, run.key))
        return
    st.session_state["source"] = photos.identity[0]
    st.session_state[title_key(photos)] = run.title
    if photos.identity[0] == SAMPLE:
        st.session_state["sample"] = photos.product_id


def accept_hand_over() -> bool:
    """Take in what another page handed over; whether there was something."""
    handed: HandedOver | None = st.session_state.pop(HANDED_OVER, None)
    if handed is None:
        return False
    offer(HANDED, handed)
    return True


def choose_source() -> str:
    """The control that says where the photos come from; the address keeps it by its code."""
    sources = [SAMPLE, UPLOAD, *st.session_state.get(_OFFERED, {})]
    run = current_run()
    _preset("source", sources, run.photos.identity[0] if run else SAMPLE)
    chosen = st.segmented_control(
        _("Photos from"),
        sources,
        required=True,
        key="source",
        format_func=source_name,
        help=_("Sample products to try, or the photos of a product of your own."),
    )
    _write("source", chosen if chosen == UPLOAD else "")
    return str(chosen)


def photos_of(source: str) -> Offered:
    """The controls of one source, and what they hold."""
    if source == SAMPLE:
        return _sample()
    if source == UPLOAD:
        return _upload()
    offered: Offered = st.session_state[_OFFERED][source]
    count = len(offered.photos.files)
    photos = ngettext("{count} photo", "{count} photos", count).format(count=count)
    st.text(photos if source == KEPT else f"{shorten(offered.photos.product_id, 60)} · {photos}")
    return offered


def title_key(photos: Photos) -> str:
    """Key of the title's widget; one for each product and place it came from."""
    source = photos.identity[0] if photos.identity else SAMPLE
    return f"title_{photos.product_id}" if source in (SAMPLE, UPLOAD) else f"title_{source}_{photos.product_id}"


def _preset(key: str, options: Sequence[str], default: str) -> None:
    """Begin with what the address asks for; a bound widget would write its label there instead of the code."""
    if st.session_state.get(key) not in options:
        asked = st.query_params.get(key)
        st.session_state[key] = asked if asked in options else default if default in options else options[0]


def _write(key: str, value: str) -> None:
    if value and st.query_params.get(key) != value:
        st.query_params[key] = value
    elif not value and key in st.query_params:
        del st.query_params[key]


def _sample() -> Offered:
    nothing = Offered(Photos((), "sample", ()), "")
    try:
        samples = {product.product_id: product for product in load_samples(samples_folder())}
    except CatalogError as error:
        shown = _("The sample products cannot be shown.")
        st.info(f"{shown} {problem(error)} {_('Upload your own photos instead.')}")
        return nothing
    if not samples:
        st.info(_("There are no sample products here. Upload your own photos instead."))
        return nothing
    _preset("sample", list(samples), next(iter(samples)))
    labels = _sample_labels(samples)
    chosen = st.selectbox(_("Sample product"), list(samples), format_func=labels.__getitem__, key="sample")
    _write("sample", chosen)
    product = samples[chosen]
    files = tuple((image.file, product.path_of(image)) for image in product.images)
    photos = Photos((SAMPLE, *(str(path) for _name, path in files)), chosen, files, product.category)
    return Offered(photos, product.title)


def _sample_labels(samples: Mapping[str, CatalogProduct]) -> dict[str, str]:
    labels = {}
    for key, product in samples.items():
        count = len(product.images)
        photos = ngettext("{count} photo", "{count} photos", count).format(count=count)
        labels[key] = f"{shorten(product.title or key, 48)} · {photos}"
    shared = {label for label, count in Counter(labels.values()).items() if count > 1}
    return {key: f"{label} · {key}" if label in shared else label for key, label in labels.items()}


def _upload() -> Offered:
    uploads = st.file_uploader(
        _("Photos of one product"),
        type=SUFFIXES,
        accept_multiple_files=True,
        key="uploads",
        help=_("JPEG, PNG, WebP, GIF (first frame), BMP, TIFF or AVIF; up to 30 MB each. The order does not matter."),
    )
    files = tuple((upload.name, upload.getvalue()) for upload in uploads)
    return Offered(Photos((UPLOAD, *(upload.file_id for upload in uploads)), "upload", files), "")
