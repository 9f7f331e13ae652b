"""A link that shows a run to somebody else, and what happens when such a link is opened.

A sample needs no more than the address. Photos of one's own are kept in the store, behind a token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from urllib.parse import urlencode

import streamlit as st

from agpis.errors import AgpisError
from agpis.images import named_sources
from agpis.packing import original_bytes
from agpis.store import SharedRun, StoredPhoto
from agpis.store.shared_runs import lifetime
from agpis.types import PipelineSettings
from app.components.sequence.sources import SAMPLE, SHARED, offer
from app.components.sequence.stages import Run
from app.components.text import problem
from app.i18n import _, ngettext
from app.loaders import load_store
from app.state import HandedOver, locked_files, open_arranged

TOKEN = "shared"
RUN = "run"
_OPENED = "opened_token"
_BROKEN = "broken_link"
_MADE = "made_link"


def open_link() -> bool:
    """Take in the run that the address asks for; whether there was one that is to be shown now."""
    token = st.query_params.get(TOKEN, "")
    if token and token != st.session_state.get(_OPENED):
        st.session_state[_OPENED] = token
        return _open_shared(token)
    if RUN in st.query_params:
        _open_sample()
        return True
    return False


def link_problem() -> None:
    """Say what is wrong with the link that was opened, if anything."""
    said = st.session_state.get(_BROKEN)
    if said and TOKEN in st.query_params:
        with st.container(border=True):
            st.subheader(_("This link cannot be opened"), anchor=False)
            st.markdown(f":material/link_off: {said}")
            st.caption(_("You can go on with a sample or with photos of your own."))


def share_button(run: Run, settings: PipelineSettings) -> None:
    """A popover with the link; for photos of one's own it is made when it is asked for."""
    with st.popover(_("Share"), icon=":material/share:", help=_("A link that shows this run to somebody else.")):
        if run.request.photos.identity[0] == SAMPLE:
            st.caption(_("Whoever opens this link sees this product, title, order and settings."))
            st.code(_address(_sample_query(run, settings)), language=None, wrap_lines=True)
            return
        _made_link(run, settings)


def _made_link(run: Run, settings: PipelineSettings) -> None:
    try:
        days = lifetime().days
        wanted = (run.request, run.result.sequence, settings)
        st.caption(
            _("The photos, the title, the order and the settings are kept on this server.")
            + " "
            + ngettext(
                "Whoever has the link sees them for {days} day.",
                "Whoever has the link sees them for {days} days.",
                days,
            ).format(days=days)
        )
        if st.button(_("Make a link"), icon=":material/add_link:", key="make_link"):
            st.session_state[_MADE] = (wanted, load_store().share(_shared(run, settings)))
        made = st.session_state.get(_MADE)
        if made and made[0] == wanted:
            st.code(_address({TOKEN: made[1]}), language=None, wrap_lines=True)
    except AgpisError as error:
        st.error(f"{_('**The link could not be made.**')} {problem(error)}", icon=":material/link_off:")


def _address(query: Mapping[str, object]) -> str:
    return f"{st.context.url or ''}?{urlencode(query, doseq=True)}"


def _sample_query(run: Run, settings: PipelineSettings) -> dict[str, object]:
    photos, query = run.request.photos, dict[str, object](asdict(settings))
    # As the controls write it.
    query["remove_variants"] = str(settings.remove_variants).lower()
    query |= {SAMPLE: photos.product_id, "title": run.request.title, RUN: "1"}
    if run.is_own:
        query |= {"order": run.result.sequence, "locked": locked_files()}
    return query


def _shared(run: Run, settings: PipelineSettings) -> SharedRun:
    photos, sources = run.request.photos, named_sources(run.request.photos.files)
    return SharedRun(
        product_id=photos.product_id,
        title=run.request.title,
        category=photos.category,
        photos=tuple(StoredPhoto(file, original_bytes(file, sources)) for file in _with_bytes(sources)),
        settings=asdict(settings),
        order=run.result.sequence if run.is_own else (),
        locked=locked_files(),
    )


def _with_bytes(sources: Mapping[str, object]) -> list[str]:
    """All but empty files, which nobody could read anyway."""
    return [file for file, source in sources.items() if source != b""]


def _open_sample() -> None:
    query = st.query_params
    product = query.get(SAMPLE, "")
    # The widget itself takes the product and the settings out of the address.
    if "title" in query:
        st.session_state[f"title_{product}"] = query["title"]
    open_arranged(tuple(query.get_all("order")), tuple(query.get_all("locked")))
    for name in (RUN, "title", "order", "locked"):
        if name in query:
            del query[name]


def _open_shared(token: str) -> bool:
    st.session_state.pop(_BROKEN, None)
    try:
        with st.spinner(_("Opening the shared run")):
            shared = load_store().shared(token)
    except AgpisError as error:
        st.session_state[_BROKEN] = problem(error)
        return False
    files = tuple((photo.file, photo.data) for photo in shared.photos)
    offer(SHARED, HandedOver(shared.product_id, shared.title, files, shared.category))
    for field in fields(PipelineSettings):
        if field.name in shared.settings:
            st.session_state[field.name] = shared.settings[field.name]
    open_arranged(shared.order, shared.locked)
    return True
