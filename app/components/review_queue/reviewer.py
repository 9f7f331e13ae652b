"""Who reviews."""

from __future__ import annotations

import streamlit as st

from app.auth import Role, require
from app.components.text import plain
from app.i18n import _

LONGEST_NAME = 80
_NAME = "reviewer"
_TYPED = "reviewer_typed"


def reviewer_name() -> str:
    """The e-mail address of who signed in; without sign-in a name, asked for once a session, empty until it is given.

    The page ends here for people who may not review. A field that stays on the page would keep the keys for itself.
    """
    user = require(Role.REVIEWER)
    if user.signed_in:
        st.markdown(f":material/person: {plain(user.name)}", text_alignment="right")
        return user.email or user.name
    name = str(st.session_state.get(_NAME, ""))
    if name:
        with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small"):
            st.markdown(f":material/person: {plain(name)}", width="content")
            st.button(_("Change"), type="tertiary", key="reviewer_change", on_click=_forget,
                      help=_("Review under another name."))  # fmt: skip
        return name
    st.text_input(
        _("Your name"),
        max_chars=LONGEST_NAME,
        key=_TYPED,
        on_change=_remember,
        icon=":material/person:",
        placeholder=_("Name or e-mail, then Enter"),
        help=_("Stands beside each of your decisions. Two people who work at once need two names."),
    )
    return ""


def _remember() -> None:
    st.session_state[_NAME] = " ".join(str(st.session_state[_TYPED] or "").split())


def _forget() -> None:
    st.session_state[_NAME] = ""
