"""How far a run is, and the buttons that stop it and let it go on."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from agpis.catalogue.worker import CatalogueWorker
from agpis.errors import AgpisError
from agpis.store.catalogue_values import Run, RunStatus
from app.components.catalogue.words import duration, moment, status_words
from app.components.text import plain, problem, sentence
from app.i18n import _, ngettext


def headline(run: Run) -> None:
    """What was run, when, and with which settings."""
    with st.container(gap="xxsmall"):
        st.subheader(plain(run.name), anchor=False)
        st.caption(
            _("Run {number} · {moment} · $K^t$ = {images} · $th^t$ = {threshold} · models {models}").format(
                number=run.id,
                moment=moment(run.created_at),
                images=run.settings.num_images,
                threshold=f"{run.settings.submission_threshold:.2f}",
                models=plain(run.model_version),
            )
        )


def progress_card(run: Run, worker: CatalogueWorker) -> None:
    """Status, bar, numbers and buttons."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            words = status_words(run.status)
            st.badge(words.label, icon=words.icon, color=words.colour)
            _buttons(run, worker)
        st.progress(run.counts.share, text=_bar_text(run))
        _numbers(run)
        _explanation(run, worker.place_in_line(run.id))


def _bar_text(run: Run) -> str:
    counts = run.counts
    text = ngettext("{done} of {total} product", "{done} of {total} products", counts.total)
    return text.format(done=counts.finished, total=counts.total)


def _numbers(run: Run) -> None:
    rate, left = run.products_a_minute, run.remaining_seconds
    grid = st.grid("auto", min_column_width=130, gap="small")
    with grid.cell():
        st.metric(
            _("With a result"),
            run.counts.done,
            help=_("Products that went through the method, whatever its answer was."),
        )
    with grid.cell():
        st.metric(
            _("Failed"),
            run.counts.failed,
            help=_("Rows that are no product, and products that could not be run. The reasons are in the list below."),
        )
    with grid.cell():
        st.metric(
            _("Products a minute"),
            "–" if rate is None else f"{rate:.1f}",
            help=_("Over the latest 25 products with a result."),
        )
    with grid.cell():
        st.metric(
            _("Time left"),
            "–" if left is None or not run.counts.waiting else duration(left),
            help=_("Products that wait, at the pace of the latest 25. Waiting in line is not counted."),
        )


def _explanation(run: Run, place: int | None) -> None:
    if run.asked is not None:
        st.caption(_("It stops as soon as the product in work is finished."))
    elif run.status is RunStatus.QUEUED and place:
        text = ngettext(
            "One run computes at a time; {count} is before this one.",
            "One run computes at a time; {count} are before this one.",
            place,
        )
        st.caption(text.format(count=place))
    elif run.status is RunStatus.RUNNING and not run.counts.done:
        st.caption(_("The first product takes longest: the models are loaded."))
    elif run.status is RunStatus.INTERRUPTED:
        st.warning(
            _("The server ended before the run did. Every finished product is kept; **Resume** goes on with the next."),
            icon=":material/power_off:",
        )
    elif run.status is RunStatus.FAILED:
        reason = run.reason.rstrip(".")
        st.error(
            _("The run stopped: {reason}. **Resume** tries again.").format(reason=sentence(reason)),
            icon=":material/error:",
        )


def _buttons(run: Run, worker: CatalogueWorker) -> None:
    with st.container(horizontal=True, width="content", gap="small"):
        if run.status.is_active:
            busy = run.asked is not None
            if st.button(_("Pause"), icon=":material/pause:", key="pause", disabled=busy):
                _do(lambda: worker.runs.ask(run.id, RunStatus.PAUSED))
            if st.button(
                _("Cancel"),
                icon=":material/close:",
                key="cancel",
                disabled=busy,
                help=_("Results so far stay, and you can still resume the run later."),
            ):
                _do(lambda: worker.runs.ask(run.id, RunStatus.CANCELLED))
        elif run.status.may_resume and st.button(
            _("Resume"), icon=":material/play_arrow:", type="primary", key="resume"
        ):
            _do(lambda: worker.resume(run.id))


def _do(work: Callable[[], None]) -> None:
    """Do it and draw the whole page anew, or say why it could not be done."""
    try:
        work()
    except AgpisError as error:
        st.error(problem(error), icon=":material/error:")
        return
    st.rerun()
