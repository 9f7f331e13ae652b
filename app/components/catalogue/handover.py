"""What a run hands on: downloads, sequences for the review queue; and its end."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from agpis.catalogue.results import images_zip, results_jsonl, summary_csv
from agpis.catalogue.submitting import SendSummary, send_to_review
from agpis.catalogue.worker import CatalogueWorker
from agpis.errors import AgpisError
from agpis.store.catalogue_values import Run
from app.auth import current_user
from app.components.catalogue.state import close_run
from app.components.text import plain, problem, sentence
from app.i18n import _, ngettext
from app.loaders import load_store

_SENT = "catalogue_sent"


def review_button(run: Run, worker: CatalogueWorker) -> None:
    """One click sends everything that reaches th^t; while the run computes, it waits."""
    summary: SendSummary | None = st.session_state.pop(_SENT, None)
    if summary is not None:
        _told(summary)
    ready = run.counts.to_submit
    label = ngettext("Send {count} sequence to review", "Send {count} sequences to review", ready).format(count=ready)
    pressed = st.button(
        label if ready else _("Nothing to send to review"),
        type="primary",
        icon=":material/rate_review:",
        disabled=not ready or run.status.is_active,
        key="send",
        help=_("Sequences whose $p^t$ reaches $th^t$ wait there for a person. The run must have stopped."),
    )
    if run.counts.submitted:
        text = ngettext("{count} is in the review queue.", "{count} are in the review queue.", run.counts.submitted)
        st.caption(text.format(count=run.counts.submitted))
    if pressed:
        _send(run, worker)


def downloads(run: Run, worker: CatalogueWorker) -> None:
    """Three files; each is made when it is asked for, of what is finished by then."""
    stem, runs = f"agpis-run-{run.id}", worker.runs
    with st.container(horizontal=True, gap="small"):
        _download(
            _("Ordered images (ZIP)"),
            lambda: _archive(run, worker),
            f"{stem}.zip",
            "application/zip",
            ":material/folder_zip:",
            _("The photos of every sequence, numbered in order, with the JSON lines and the summary."),
        )
        _download(
            _("Summary (CSV)"),
            # With a byte order mark, by which spreadsheets know the encoding.
            lambda: summary_csv(runs, run).encode("utf-8-sig"),
            f"{stem}.csv",
            "text/csv",
            ":material/table:",
            _("One row a product: outcome, $p^t$, sequence and reason."),
        )
        _download(
            _("Everything (JSON lines)"),
            lambda: results_jsonl(runs, run.id),
            f"{stem}.jsonl",
            "application/jsonl",
            ":material/data_object:",
            _("The whole result of every product, one JSON object a line."),
        )


def _download(label: str, make: Callable[[], str | bytes], file_name: str, mime: str, icon: str, told: str) -> None:
    st.download_button(
        label,
        make,
        file_name=file_name,
        mime=mime,
        icon=icon,
        on_click="ignore",
        key=f"download_{file_name.rpartition('.')[2]}",
        help=told,
    )


def _archive(run: Run, worker: CatalogueWorker) -> bytes:
    with images_zip(worker.runs, run) as file:
        return file.read()


def delete_button(run: Run, worker: CatalogueWorker) -> None:
    """Deletes the run after a second click."""
    with st.popover(
        _("Delete this run"), icon=":material/delete:", type="tertiary", disabled=run.status.is_active, key="delete"
    ):
        st.markdown(_("Its results and its uploaded files go for good. What was sent to review stays there."))
        if st.button(_("Delete for good"), type="primary", icon=":material/delete:", key="delete_for_good"):
            try:
                worker.delete(run.id)
            except AgpisError as error:
                st.error(problem(error), icon=":material/error:")
                return
            close_run()
            st.rerun()


def _send(run: Run, worker: CatalogueWorker) -> None:
    bar = st.progress(0.0, text=_("Sending to review"))

    def show(share: float) -> None:
        bar.progress(share, text=_("Sending to review"))

    try:
        summary = send_to_review(worker.runs, load_store(), run.id, current_user().email, show)
    except AgpisError as error:
        st.error(problem(error), icon=":material/error:")
        return
    st.session_state[_SENT] = summary
    st.rerun()


def _told(summary: SendSummary) -> None:
    if summary.num_sent:
        text = ngettext("{count} sequence went to review.", "{count} sequences went to review.", summary.num_sent)
        st.success(text.format(count=summary.num_sent), icon=":material/check_circle:")
    if summary.unsent:
        lines = "\n".join(f"- {plain(unsent.product_id)}: {sentence(unsent.reason)}" for unsent in summary.unsent[:20])
        text = ngettext("{count} could not be sent:", "{count} could not be sent:", len(summary.unsent))
        st.warning(f"{text.format(count=len(summary.unsent))}\n{lines}", icon=":material/warning:")
