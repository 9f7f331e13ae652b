"""Entry point of the app: the router between its pages."""

from __future__ import annotations

import streamlit as st

from app.auth import account_control, require_sign_in
from app.navigation import language_choice, pages
from app.state import keep_settings

st.set_page_config(page_title="AGPIS", page_icon=":material/photo_library:", layout="wide", initial_sidebar_state=260)

# Before the pages, so that the first run already speaks the language of the address.
language_choice()
account_control()
keep_settings()
page = st.navigation(pages(), position="top")
require_sign_in()
page.run()
