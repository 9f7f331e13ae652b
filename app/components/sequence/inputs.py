"""The input card: a sample product or uploaded photos, a title, and the Run button."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from agpis.bundled import samples_folder
from agpis.data.catalog import CatalogProduct
from agpis.errors import CatalogError, ImageError
from agpis.images import read_image, read_image_bytes
from agpis.types import Pixels
from app.components.drawing import LINE, blank, frame, square
from app.components.text import problem, shorten
from app.loaders import load_samples
from app.state import Photos

SAMPLE, UPLOAD = "Samples", "Your photos"
SUFFIXES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif"]
THUMBNAIL = 96
LONG_TITLE = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """What the input card holds.

    Attributes:
        photos: the chosen photos; no files when nothing is chosen.
        title: as typed.
        run_pressed: whether this is the click on Run.
    """

    photos: Photos
    title: str
    run_pressed: bool


def input_card() -> Choice:
    """Draw the card and tell what it holds."""
    with st.container(border=True):
        left, right = st.columns([5, 6], gap="medium")
        with left:
            source = st.segmented_control(
                "Photos from", [SAMPLE, UPLOAD], default=SAMPLE, required=True, key="source", bind="query-params"
            )
            photos, suggestion = _sample() if source == SAMPLE else _upload()
        with right:
            title = st.text_area(
                "Product title",
                value=suggestion,
                key=f"title_{photos.product_id}",
                height=88,
                placeholder="e.g. Navy canvas backpack with leather straps",
                help="The second stage reads the title to judge whether the photos fit it. Any language works.",
            )
            _title_hint(title)
            pressed = st.button(
                "Run", type="primary", icon=":material/play_arrow:", disabled=not photos.files, key="run", width=160
            )
        _preview(photos)
    return Choice(photos, title.strip(), pressed)


def _sample() -> tuple[Photos, str]:
    nothing = Photos((), "sample", ())
    try:
        samples = {product.product_id: product for product in load_samples(samples_folder())}
    except CatalogError as error:
        st.info(f"The sample products cannot be shown. {problem(error)} Upload your own photos instead.")
        return nothing, ""
    if not samples:
        st.info("There are no sample products here. Upload your own photos instead.")
        return nothing, ""
    # Not bound to the address by the widget: that would write the label there instead of the id.
    asked = st.query_params.get("sample")
    if "sample" not in st.session_state and asked in samples:
        st.session_state["sample"] = asked
    labels = _sample_labels(samples)
    chosen = st.selectbox("Sample product", list(samples), format_func=labels.__getitem__, key="sample")
    if chosen != asked:
        st.query_params["sample"] = chosen
    product = samples[chosen]
    files = tuple((image.file, product.path_of(image)) for image in product.images)
    return Photos(("sample", *(str(path) for _, path in files)), chosen, files, product.category), product.title


def _sample_labels(samples: Mapping[str, CatalogProduct]) -> dict[str, str]:
    labels = {
        key: f"{shorten(product.title or key, 48)} · {len(product.images)} photos" for key, product in samples.items()
    }
    shared = {label for label, count in Counter(labels.values()).items() if count > 1}
    return {key: f"{label} · {key}" if label in shared else label for key, label in labels.items()}


def _upload() -> tuple[Photos, str]:
    uploads = st.file_uploader(
        "Photos of one product",
        type=SUFFIXES,
        accept_multiple_files=True,
        key="uploads",
        help="JPEG, PNG, WebP, GIF (first frame), BMP, TIFF or AVIF; up to 30 MB each. The order does not matter.",
    )
    files = tuple((upload.name, upload.getvalue()) for upload in uploads)
    return Photos(("upload", *(upload.file_id for upload in uploads)), "upload", files), ""


def _title_hint(title: str) -> None:
    if not title.strip():
        st.caption("Without a title the photos are judged by themselves.")
    elif len(title) > LONG_TITLE:
        st.caption(f"{len(title):,} characters: only the beginning is read by the second stage.")


def _preview(photos: Photos) -> None:
    if not photos.files:
        return
    with st.container(horizontal=True, wrap=False, gap="xsmall"):
        for key, (name, source) in zip(photos.identity[1:], photos.files, strict=True):
            st.image(_thumbnail(key, name, source), width=THUMBNAIL, alt=name)


@st.cache_data(show_spinner=False, max_entries=512)
def _thumbnail(key: str, name: str, _source: bytes | Path) -> Pixels:
    side = THUMBNAIL * 2  # twice the size on the page, for screens of high density
    try:
        image = read_image_bytes(_source, name) if isinstance(_source, bytes) else read_image(_source, name)
    except ImageError:
        # The run reports the reason; the preview only shows that there is nothing to see.
        return blank(side)
    return frame(square(image.pixels, side), LINE, 2)
