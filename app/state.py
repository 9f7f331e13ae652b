"""What a session remembers: the photos chosen, the run asked for, and the settings' widgets."""

from __future__ import annotations

from dataclasses import dataclass, fields

import streamlit as st

from agpis.own_order import keep_locked
from agpis.types import PipelineSettings
from app.loaders import Photo

_RUN = "run_request"
# Session keys through which pages and components speak to one another.
HANDED_OVER = "handed_over"
"""A `HandedOver`: another page sets it and switches to the sequence page, which runs it."""
OWN_ORDER = "own_order"
"""A tuple of files: the sequence a person chose instead of the automatic one."""
_LOCKED = "locked_places"
_ARRANGED_FROM = "arranged_from"


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


def keep_settings() -> None:
    """Keep what the controls say while a page without them is shown; to be called on every page.

    Streamlit forgets the value of a widget that a run of the script does not draw. What an address asks for stands
    above what was kept.
    """
    for field in fields(PipelineSettings):
        if field.name in st.session_state and field.name not in st.query_params:
            st.session_state[field.name] = st.session_state[field.name]


def reset_settings(defaults: PipelineSettings) -> None:
    """Put every control back; to be called from a button's callback. The widgets' keys are the settings' names."""
    for field in fields(PipelineSettings):
        st.session_state[field.name] = getattr(defaults, field.name)


def draw_again() -> None:
    """Move to the next seed; to be called from a button's callback."""
    st.session_state["seed"] = int(st.session_state["seed"]) + 1


def order_in_force(key: str, automatic: tuple[str, ...]) -> tuple[str, ...]:
    """The order to show: the one a person chose, else the automatic sequence with locked images on their places.

    A chosen order belongs to the automatic sequence it was made from. When that changes, by another draw or another
    threshold, only the locked images stay; with other photos, nothing stays.

    Args:
        key: content key of the photos.
        automatic: I^t as stage 1 selected it; empty when it ended without a sequence.
    """
    before = st.session_state.get(_ARRANGED_FROM)
    if before is not None and before != (key, automatic):
        st.session_state.pop(OWN_ORDER, None)
        if before[0] != key:
            st.session_state.pop(_LOCKED, None)
    st.session_state[_ARRANGED_FROM] = (key, automatic)
    own: tuple[str, ...] = st.session_state.get(OWN_ORDER, ())
    if not own:
        return keep_locked(automatic, st.session_state.get(_LOCKED, {}))
    st.session_state[_LOCKED] = _places(own, locked_files())
    return own


def locked_files() -> tuple[str, ...]:
    """The images that keep their places."""
    return tuple(st.session_state.get(_LOCKED, {}).values())


def arrange(order: tuple[str, ...], locked: tuple[str, ...], automatic: tuple[str, ...]) -> None:
    """Remember an order a person made; to be called from a widget's callback.

    Args:
        order: files in the sequence.
        locked: those of them that keep their places.
        automatic: the automatic sequence; choosing that again is no order of one's own.
    """
    st.session_state[_LOCKED] = _places(order, locked)
    if order == automatic:
        st.session_state.pop(OWN_ORDER, None)
    else:
        st.session_state[OWN_ORDER] = order


def open_arranged(order: tuple[str, ...], locked: tuple[str, ...]) -> None:
    """Show an order that came with a link, whatever was arranged before."""
    st.session_state.pop(_ARRANGED_FROM, None)
    arrange(order, locked, ())
    if not order:
        use_automatic()


def use_automatic() -> None:
    """Forget the order a person made; to be called from a button's callback."""
    st.session_state.pop(OWN_ORDER, None)
    st.session_state.pop(_LOCKED, None)


def _places(order: tuple[str, ...], files: tuple[str, ...]) -> dict[int, str]:
    return {place: file for place, file in enumerate(order, start=1) if file in files}
