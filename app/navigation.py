"""The pages of the app, in the order of the menu, and the choice of the language."""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app.i18n import LANGUAGE_KEY, LANGUAGES, _, preferred

FOLDER = "app/pages"


def pages() -> list[StreamlitPage]:
    """Every page, its title in the language of the session."""
    return [
        st.Page(
            f"{FOLDER}/sequence.py",
            title=_("Image sequence"),
            icon=":material/photo_library:",
            url_path="sequence",
            default=True,
        ),
        st.Page(f"{FOLDER}/thresholds.py", title=_("Thresholds"), icon=":material/tune:", url_path="thresholds"),
        st.Page(f"{FOLDER}/rule_errors.py", title=_("Rule errors"), icon=":material/rule:", url_path="rule-errors"),
        st.Page(f"{FOLDER}/review_queue.py", title=_("Review queue"), icon=":material/rate_review:", url_path="review"),
        st.Page(f"{FOLDER}/monitoring.py", title=_("Monitoring"), icon=":material/monitoring:", url_path="monitoring"),
        st.Page(f"{FOLDER}/catalogue.py", title=_("Catalogue"), icon=":material/inventory_2:", url_path="catalogue"),
        st.Page(
            f"{FOLDER}/rules_models.py",
            title=_("Rules and models"),
            icon=":material/menu_book:",
            url_path="rules-models",
        ),
    ]


def language_choice() -> None:
    """The control at the head of the sidebar; the choice is part of the address."""
    codes = list(LANGUAGES)
    st.sidebar.selectbox(
        _("Language"),
        codes,
        index=codes.index(preferred()),
        format_func=LANGUAGES.__getitem__,
        key=LANGUAGE_KEY,
        bind="query-params",
    )
