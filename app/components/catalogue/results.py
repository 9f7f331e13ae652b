"""The products of a run: outcome, p^t, the sequence in small, the reason; filtered, searched, page by page."""

from __future__ import annotations

from dataclasses import asdict
from io import BytesIO
from pathlib import Path

import streamlit as st
from PIL import Image as PilImage

from agpis.catalogue.listing import look_for
from agpis.errors import ImageError
from agpis.images import read_image
from agpis.store.catalogue_runs import ALL, FAILED, CatalogueRuns
from agpis.store.catalogue_values import Run, RunProduct
from agpis.types import PipelineSettings
from app.components.catalogue.words import group_label, outcome_words
from app.components.drawing import LINE, RED, blank, frame, square
from app.components.text import name_of, plain, sentence, shorten
from app.i18n import _
from app.state import HANDED_OVER, HandedOver

ROWS = 10
THUMBNAIL = 72
TITLE = 90


def results(run: Run, runs: CatalogueRuns) -> None:
    """The list with its filter."""
    counts = {ALL: run.counts.finished, **{outcome.value: n for outcome, n in run.counts.outcomes.items()}}
    if run.counts.failed:
        counts[FAILED] = run.counts.failed
    if not run.counts.finished:
        st.caption(_("Products appear here one by one as they are finished."))
        return
    left, right = st.columns([3, 2], vertical_alignment="bottom", gap="medium")
    with left:
        group = st.pills(
            _("Products"),
            list(counts),
            default=ALL,
            required=True,
            format_func=lambda value: f"{group_label(value)} ({counts.get(value, 0)})",
            key=f"group_{run.id}",
        )
    with right:
        words = st.text_input(
            _("Search"),
            key=f"words_{run.id}",
            placeholder=_("id or title"),
            icon=":material/search:",
            label_visibility="collapsed",
        )
    found = look_for(runs, run.id, group, words, ROWS)
    if not found.num_found:
        st.info(_("No product matches. Choose another group, or clear the search."), icon=":material/search_off:")
        return
    rows = st.container(gap="small")
    # Below the rows, but known before them.
    page = st.pagination(found.num_pages, key=f"page_{run.id}_{group}_{words}") if found.num_pages > 1 else 1
    with rows:
        for product in found.page(runs, page):
            _row(run, product)


def _row(run: Run, product: RunProduct) -> None:
    words = outcome_words(product.outcome)
    with st.container(border=True):
        photos, text, verdict, button = st.columns([4, 6, 3, 2], vertical_alignment="center", gap="small")
        with photos:
            _thumbnails(run, product)
        with text, st.container(gap="xxsmall"):
            st.markdown(f"**{plain(shorten(product.title or product.product_id or _('(no id)'), TITLE))}**")
            st.caption(f"{product.position} · {plain(product.product_id)}")
            st.caption(sentence(product.reason))
        with verdict, st.container(gap="xxsmall"):
            st.badge(words.label, icon=words.icon, color=words.colour)
            if product.p_qualified is not None:
                explanation = _("Probability that a reviewer accepts the sequence; submitted from $th^t$ = {value} on.")
                st.markdown(
                    f"$p^t$ **{product.p_qualified:.2f}**",
                    help=explanation.format(value=f"{run.settings.submission_threshold:.2f}"),
                )
            if product.item_id is not None:
                st.caption(_("In the review queue as {number}").format(number=product.item_id))
        with button:
            if product.files and st.button(
                _("Open"),
                icon=":material/open_in_new:",
                key=f"product_{product.id}",
                width="stretch",
                help=_("See every decision about this product on the page of the image sequence."),
            ):
                _open(run, product)


def _thumbnails(run: Run, product: RunProduct) -> None:
    shown = product.sequence or product.files[: run.settings.num_images]
    with st.container(horizontal=True, wrap=False, gap="xxsmall"):
        for place, file in enumerate(shown, start=1):
            path = run.folder / file
            changed = path.stat().st_mtime_ns if path.is_file() else 0
            is_primary = bool(product.sequence) and place == 1
            st.image(_thumbnail(path, changed, is_primary), width=THUMBNAIL, alt=name_of(file))


@st.cache_data(show_spinner=False, max_entries=2048)
def _thumbnail(path: Path, changed: int, is_primary: bool) -> bytes:
    side = THUMBNAIL * 2  # twice the size on the page, for screens of high density
    try:
        pixels = square(read_image(path).pixels, side)
    except ImageError:
        pixels = blank(side)  # the run tells the reason; here is only nothing to see
    buffer = BytesIO()
    PilImage.fromarray(frame(pixels, *((RED, 6) if is_primary else (LINE, 2)))).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _open(run: Run, product: RunProduct) -> None:
    files = tuple((file, run.folder / file) for file in product.files)
    st.session_state[HANDED_OVER] = HandedOver(product.product_id, product.title, files, product.category)
    # The page's controls are bound to the address: so it decides as the run did.
    st.switch_page("app/pages/sequence.py", query_params=_address(run.settings))


def _address(settings: PipelineSettings) -> dict[str, str]:
    return {name: str(value).lower() for name, value in asdict(settings).items()}
