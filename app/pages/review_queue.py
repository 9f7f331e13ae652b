"""The review queue: sequences with p^t of at least th^t, each waiting for the verdict of a person."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from agpis.errors import AgpisError
from agpis.store import QueueItem, Store
from analysis.reviewing.progress import ReviewProgress, review_progress, start_of_day
from analysis.reviewing.rule_order import rule_choices
from app import loaders
from app.components.review_queue import desk, exchange, item, overview, samples, verdict
from app.components.review_queue.reviewer import reviewer_name
from app.components.text import problem
from app.i18n import _


def page() -> None:
    """The whole page, top to bottom."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    left.title(_("Review queue"), anchor=False)
    with right:
        reviewer = reviewer_name()
    try:
        _queue(loaders.load_store(), reviewer)
    except AgpisError as error:
        st.error(_("**The queue does not answer.**") + " " + problem(error), icon=":material/error:")


def _queue(store: Store, reviewer: str) -> None:
    if not reviewer:
        overview.progress_line(store.counts(), None)
        st.info(_("Type your name to begin; it stands beside each of your decisions."), icon=":material/person:")
        return
    held = desk.take_next(store, reviewer)
    now = datetime.now(UTC)
    progress = review_progress(store.decisions(start_of_day(now), reviewer), reviewer, now)
    overview.progress_line(store.counts(), progress)
    if held is None:
        desk.show_message()
        samples.empty_queue(store, reviewer)
        if progress.num_today:
            verdict.undo_button(store, reviewer)
    else:
        _one_item(store, reviewer, held, progress)
    st.space("small")
    overview.agreement_view(store)
    exchange.exchange_view(store)


def _one_item(store: Store, reviewer: str, held: QueueItem, progress: ReviewProgress) -> None:
    taxonomy = loaders.load_rules()
    choices = rule_choices(held.rule_probabilities, taxonomy)
    here = desk.Desk(store, reviewer, held, taxonomy)
    item.heading(held)
    photos = item.photos(here)
    verdict.verdict_buttons(here, photos, can_undo=progress.num_today > 0)
    with st.container():  # keeps its place without a message, so that nothing below is drawn anew
        desk.show_message()
    left, right = st.columns(2, gap="large")
    with left:
        item.model_says(here, choices)
    with right:
        verdict.verdict_form(here, choices, photos)


page()
