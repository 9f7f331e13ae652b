"""What happens after the release: reject rate over time, drift, when to train again, A/B tests."""

from __future__ import annotations

import streamlit as st

from app.components.tables.choice import table_choice
from app.i18n import _


def page() -> None:
    """The whole page, top to bottom."""
    st.title(_("Monitoring"), anchor=False)
    table_choice()


page()
