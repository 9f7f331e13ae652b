"""What a session remembers: the photos chosen, the run asked for, and the settings' widgets."""

from __future__ import annotations

from dataclasses import dataclass, fields

import streamlit as st

from agpis.types import PipelineSettings
from app.loaders import Photo

_RUN = "run_request"
# Session keys through which pages and components speak to one another.
HANDED_OVER = "handed_over"
"""A `HandedOver`: another page sets it and switches to the sequence page, which runs it."""
OWN_ORDER = "own_order"
"""A tuple of files: the sequence a person chose instead of the automatic one."""


@dataclass(frozen=True, slots=True)
class Photos:
    """The photos in the input card.

    Attributes:
        identity: where they come from, then one name per photo; equal for equal photos, without reading them.
        product_id: the sample's id, or "upload".
        files: (name, path or bytes) of every photo.
        category: of the sample; empty for uploads.
    """

    identity: tuple[str, ...]
    product_id: str
    files: tuple[Photo, ...]
    category: str = ""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A product that another page hands to the sequence page.

    Attributes:
        product_id: of the product.
        title: W^t.
        files: (name, path or bytes) of every photo.
        category: of the product, or an empty string.
    """

    product_id: str
    title: str
    files: tuple[Photo, ...]
    category: str = ""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """The run the page shows.

    Attributes:
        photos: the photos that were in the input card when Run was pressed.
        title: W^t as typed.
        key: content key of the photos.
    """

    photos: Photos
    title: str
    key: str


def current_run() -> RunRequest | None:
    """The run asked for last, or None when Run was never pressed."""
    return st.session_state.get(_RUN)


def remember_run(request: RunRequest) -> None:
    """Make `request` the run the page shows."""
    st.session_state[_RUN] = request


def reset_settings(defaults: PipelineSettings) -> None:
    """Put every control back; to be called from a button's callback. The widgets' keys are the settings' names."""
    for field in fields(PipelineSettings):
        st.session_state[field.name] = getattr(defaults, field.name)


def draw_again() -> None:
    """Move to the next seed; to be called from a button's callback."""
    st.session_state["seed"] = int(st.session_state["seed"]) + 1
