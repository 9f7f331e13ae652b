"""Send the sequence to a human reviewer."""

from __future__ import annotations

import streamlit as st

from agpis.bundled import model_folder
from agpis.errors import AgpisError
from agpis.images import named_sources
from agpis.packing import original_bytes
from agpis.store.submissions import submission_of
from agpis.threshold_in_force import threshold_version
from agpis.types import Outcome
from app.auth import current_user
from app.components.sequence.stages import Run
from app.components.text import problem
from app.i18n import _
from app.loaders import load_model_version, load_store

_SENT = "sent_to_review"


def to_review(run: Run) -> None:
    """The button, ready when p^t reaches th^t; then the number of the item in the queue."""
    ready = run.result.outcome is Outcome.SUBMIT
    sequence = (run.request.key, run.request.title, run.result.sequence)
    pressed = st.button(
        _("Send to review"),
        type="primary" if ready else "secondary",
        icon=":material/send:",
        disabled=not ready,
        key="to_review",
        help=_("A person accepts or rejects the sequence; the verdict becomes training data.")
        if ready
        else _("Only a sequence whose $p^t$ reaches the threshold $th^t$ goes to review."),
    )
    if pressed:
        try:
            item = _submit(run)
        except AgpisError as error:
            st.error(f"{_('**The sequence could not be sent.**')} {problem(error)}", icon=":material/error:")
            return
        st.session_state.setdefault(_SENT, {})[sequence] = item
    if (item := st.session_state.get(_SENT, {}).get(sequence)) is not None:
        st.badge(_("In the queue as item {number}").format(number=item), icon=":material/inbox:", color="green")


def _submit(run: Run) -> int:
    photos, sources = run.request.photos, named_sources(run.request.photos.files)
    submission = submission_of(
        run.result,
        {file: original_bytes(file, sources) for file in run.result.sequence},
        title=run.request.title,
        category=photos.category,
        model_version=load_model_version(model_folder()),
        threshold_version=threshold_version(model_folder(), run.result.threshold),
        source=photos.identity[0],
        submitted_by=current_user().email,
    )
    return load_store().submit(submission)
