"""Words for people: where a run stands, how its products ended, and times."""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st
from babel.dates import format_datetime, format_timedelta, get_timezone

from agpis.store.catalogue_runs import ALL, FAILED
from agpis.store.catalogue_values import RunStatus
from agpis.types import Outcome
from app.components.text import Words
from app.i18n import _, language


def status_words(status: RunStatus) -> Words:
    """How the status of a run is shown."""
    words = {
        RunStatus.QUEUED: Words(_("Waiting in line"), "gray", ":material/hourglass_empty:"),
        RunStatus.RUNNING: Words(_("Running"), "blue", ":material/sync:"),
        RunStatus.PAUSED: Words(_("Paused"), "orange", ":material/pause:"),
        RunStatus.CANCELLED: Words(_("Cancelled"), "gray", ":material/cancel:"),
        RunStatus.INTERRUPTED: Words(_("Interrupted"), "orange", ":material/power_off:"),
        RunStatus.FAILED: Words(_("Stopped by an error"), "red", ":material/error:"),
        RunStatus.DONE: Words(_("Done"), "green", ":material/check_circle:"),
    }
    return words[status]


def outcome_words(outcome: Outcome | None) -> Words:
    """How the outcome of a product is shown; None stands for a product without a result."""
    words = {
        Outcome.SUBMIT: Words(_("Ready to submit"), "green", ":material/check_circle:"),
        Outcome.BELOW_THRESHOLD: Words(_("Held back"), "orange", ":material/pause_circle:"),
        Outcome.NO_PRIMARY: Words(_("No primary image"), "red", ":material/hide_image:"),
        Outcome.TOO_FEW_IMAGES: Words(_("Too few photos"), "red", ":material/filter_none:"),
        Outcome.NO_READABLE_IMAGE: Words(_("Nothing readable"), "red", ":material/broken_image:"),
        None: Words(_("Failed"), "red", ":material/error:"),
    }
    return words[outcome]


def group_label(group: str) -> str:
    """The name of a group of products."""
    if group == ALL:
        return _("All")
    return outcome_words(None if group == FAILED else Outcome(group)).label


def moment(when: datetime) -> str:
    """Day and time in the browser's time zone, in the language of the session."""
    zone = get_timezone(st.context.timezone) if st.context.timezone else when.tzinfo
    return str(format_datetime(when.astimezone(zone), "medium", locale=language()))


def duration(seconds: float) -> str:
    """A length of time in its largest unit, e.g. "3 minutes"."""
    return str(format_timedelta(timedelta(seconds=seconds), locale=language(), threshold=1.5, format="short"))
