"""Entry point of the app: the router between its pages."""

from __future__ import annotations

import streamlit as st

st.set_page_config(page_title="AGPIS", page_icon=":material/photo_library:", layout="wide")

pages = [
    st.Page("app/pages/sequence.py", title="Image sequence", icon=":material/photo_library:", default=True),
]
st.navigation(pages, position="top").run()
