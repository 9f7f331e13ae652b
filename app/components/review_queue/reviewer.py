"""Who reviews."""

from __future__ import annotations

import streamlit as st

from app.i18n import _

LONGEST_NAME = 80


def reviewer_name() -> str:
    """Ask for the reviewer's name; empty as long as nobody has given one. A session keeps it on all pages."""
    name = st.text_input(
        _("Your name"),
        max_chars=LONGEST_NAME,
        key="reviewer",
        persist_state="session",
        icon=":material/person:",
        placeholder=_("Name or e-mail"),
        help=_("Stands beside each of your decisions. Two people who work at once need two names."),
    )
    return " ".join((name or "").split())
