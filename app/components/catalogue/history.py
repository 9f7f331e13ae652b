"""All runs, newest first."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from agpis.store.catalogue_values import Run
from app.components.catalogue.state import open_run
from app.components.catalogue.words import moment, status_words
from app.components.text import plain, shorten
from app.i18n import _, ngettext

NAME = 60
# More would make the page long; older runs are found by their address.
SHOWN = 30


def history(runs: Sequence[Run]) -> None:
    """A row for every run, or what to do when there is none."""
    st.subheader(_("Runs"), anchor=False)
    if not runs:
        st.info(
            _("No catalogue was run yet. Choose one above; the samples show what to expect."),
            icon=":material/inventory_2:",
        )
        return
    for run in runs[:SHOWN]:
        _row(run)
    if len(runs) > SHOWN:
        st.caption(_("The newest {shown} of {total} runs. Delete those you need no more.").format(
            shown=SHOWN, total=len(runs)
        ))  # fmt: skip


def _row(run: Run) -> None:
    words = status_words(run.status)
    counts = run.counts
    with st.container(border=True):
        name, state, button = st.columns([5, 4, 2], vertical_alignment="center", gap="small")
        with name, st.container(gap="xxsmall"):
            st.markdown(f"**{plain(shorten(run.name, NAME))}**")
            st.caption(_("Run {number} · {moment}").format(number=run.id, moment=moment(run.created_at)))
        with state, st.container(gap="xxsmall"):
            st.badge(words.label, icon=words.icon, color=words.colour)
            text = ngettext("{done} of {total} product", "{done} of {total} products", counts.total).format(
                done=counts.finished, total=counts.total
            )
            if counts.failed:
                text += " · " + _("{count} failed").format(count=counts.failed)
            st.caption(text)
        with button:
            st.button(
                _("Open"),
                icon=":material/arrow_forward:",
                key=f"open_{run.id}",
                on_click=open_run,
                args=(run.id,),
                width="stretch",
            )
