"""The input card: the photos of one product, a title, and the Run button."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from agpis.errors import ImageError
from agpis.images import read_image, read_image_bytes
from agpis.types import Pixels
from app.components.drawing import LINE, blank, frame, square
from app.components.sequence.sources import choose_source, photos_of, title_key
from app.i18n import _
from app.state import Photos

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
            offered = photos_of(choose_source())
        photos = offered.photos
        with right:
            title = st.text_area(
                _("Product title"),
                value=offered.title,
                key=title_key(photos),
                height=88,
                placeholder=_("e.g. Navy canvas backpack with leather straps"),
                help=_("The second stage reads the title to judge whether the photos fit it. Any language works."),
            )
            _title_hint(title)
            pressed = st.button(
                _("Run"), type="primary", icon=":material/play_arrow:", disabled=not photos.files, key="run", width=160
            )
        _preview(photos)
    return Choice(photos, title.strip(), pressed)


def _title_hint(title: str) -> None:
    if not title.strip():
        st.caption(_("Without a title the photos are judged by themselves."))
    elif len(title) > LONG_TITLE:
        st.caption(_("{count:,} characters: only the beginning is read by the second stage.").format(count=len(title)))


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
