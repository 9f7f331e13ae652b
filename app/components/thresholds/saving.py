"""From the threshold on the page to the one in force: download, use in this app, undo, and who did what when."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pandas as pd
import streamlit as st

from agpis.bundled import model_folder, threshold_log_file
from agpis.data.threshold_file import StoredThreshold, threshold_file_text
from agpis.data.threshold_log import LONGEST_NAME, LogEntry, append_to_log, read_log, standing
from agpis.errors import AgpisError
from agpis.model_files import stored_settings
from analysis.operating_point import Choice, stored_threshold
from app.auth import Role, current_user
from app.components.reasons import said
from app.components.text import plain, problem, sentence
from app.i18n import _

_SAVED = "threshold_saved"


def saving(choice: Choice) -> None:
    """The section: what is in force, what would be, and the history.

    Args:
        choice: the threshold on the page, with how it was chosen.
    """
    st.subheader(_("Put it in force"), anchor=False)
    try:
        entries = read_log(threshold_log_file())
        in_force = _in_force(entries)
        user = current_user()
    except AgpisError as error:
        st.error(f"**{_('The thresholds in force could not be read.')}** {problem(error)}", icon=":material/error:")
        return
    st.markdown(in_force)
    stored = stored_threshold(choice, datetime.now(UTC).date())
    _model_note(stored)
    manages = Role.MANAGER in user.roles
    name = user.name
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if not user.signed_in:
            name = st.text_input(
                _("Your name"), value="", max_chars=LONGEST_NAME, key="threshold_by", width=220,
                help=_("It stands beside the threshold, so that others know whom to ask."),
            )  # fmt: skip
        use, download, undo = (
            _("Use {threshold} in this app").format(threshold=f"{choice.threshold:.4g}"),
            _("Download the file"),
            _("Undo the last one"),
        )
        st.button(
            use, type="primary", icon=":material/check:", key="threshold_use", disabled=not (manages and name.strip()),
            on_click=partial(_save, stored, name),
            help=_("Runs of this app start with it from then on, for everybody. A manager may do that."),
        )  # fmt: skip
        st.download_button(
            download, threshold_file_text(stored), "threshold.json", "application/json", key="threshold_download",
            icon=":material/download:", on_click="ignore",
            help=_(
                "For the command line: `python -m agpis run --threshold-file threshold.json`, or "
                "`python -m agpis adopt-threshold threshold.json --models FOLDER`."
            ),
        )  # fmt: skip
        if standing(entries):
            st.button(
                undo, icon=":material/undo:", key="threshold_undo", disabled=not (manages and name.strip()),
                on_click=partial(_save, None, name), help=_("Brings back what was in force before it."),
            )  # fmt: skip
    if not name.strip():
        st.caption(_("Put in your name to use it or to undo."))
    _outcome()
    _history(entries)


def _in_force(entries: tuple[LogEntry, ...]) -> str:
    """What runs of this app start with, in words."""
    adoptions = standing(entries)
    if not adoptions:
        threshold = stored_settings(model_folder()).submission_threshold
        return _("In force now: **{threshold}**, stored with the models.").format(threshold=f"{threshold:.4g}")
    last = adoptions[-1]
    return _("In force now: **{threshold}**, put in force by {name} on {day}: {criterion}.").format(
        threshold=f"{last.stored.threshold:.4g}",
        name=plain(last.by),
        day=f"{last.at:%Y-%m-%d %H:%M} UTC",
        criterion=sentence(last.stored.in_words()),
    )


def _model_note(stored: StoredThreshold) -> None:
    """A warning where the table is of another model than the one in this app."""
    if stored.model and not stored.model.startswith(f"{model_folder().name} "):
        st.warning(
            _(
                "This table holds the scores of **{model}**, but this app runs the models in **{folder}**. A threshold "
                "holds for one model only."
            ).format(model=plain(stored.model), folder=plain(model_folder().name)),
            icon=":material/warning:",
        )


def _save(stored: StoredThreshold | None, name: str) -> None:
    """Append to the log; to be called from a button's callback."""
    try:
        append_to_log(threshold_log_file(), stored, name, datetime.now(UTC))
    except AgpisError as error:
        st.session_state[_SAVED] = error
    else:
        st.session_state[_SAVED] = stored or "undone"


def _outcome() -> None:
    """What the last press did, once."""
    done = st.session_state.pop(_SAVED, None)
    if isinstance(done, AgpisError):
        st.error(problem(done), icon=":material/error:")
    elif isinstance(done, StoredThreshold):
        st.success(
            _("{threshold} is in force. Open sessions take it with their next run.").format(
                threshold=f"{done.threshold:.4g}"
            ),
            icon=":material/check_circle:",
        )
    elif done is not None:
        st.success(_("Undone."), icon=":material/undo:")


def _history(entries: tuple[LogEntry, ...]) -> None:
    if not entries:
        return
    with st.expander(_("History"), icon=":material/history:"):
        rows = [
            {
                _("when (UTC)"): f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M}",
                _("who"): entry.by,
                _("threshold"): _("undone") if entry.stored is None else f"{entry.stored.threshold:.4g}",
                _("why"): "" if entry.stored is None else said(entry.stored.in_words()),
            }
            for entry in reversed(entries)
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True)
