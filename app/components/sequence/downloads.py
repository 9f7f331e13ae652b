"""The result to take away: the photos in order as a ZIP file, and the JSON alone."""

from __future__ import annotations

import json
from functools import partial

import streamlit as st

from agpis.images import named_sources
from agpis.packing import pack_sequence, safe_name
from agpis.types import to_json
from app.components.sequence.stages import Run
from app.i18n import _


def downloads(run: Run) -> None:
    """Two buttons; the ZIP file is packed only when it is asked for."""
    name = safe_name(run.result.product_id)
    st.download_button(
        _("Download photos and result as ZIP"),
        partial(pack_sequence, run.result, named_sources(run.request.photos.files)),
        file_name=f"{name}.zip",
        mime="application/zip",
        icon=":material/folder_zip:",
        on_click="ignore",
        disabled=not run.result.sequence,
        key="download_zip",
        help=_("The photos of the sequence as you gave them, numbered in order, and the result as JSON."),
    )
    st.download_button(
        _("Download the result as JSON"),
        json.dumps(to_json(run.result), ensure_ascii=False, indent=2),
        file_name=f"{name}.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
        key="download",
        help=_("Every decision with its reason, every probability, and the time of each stage."),
    )
