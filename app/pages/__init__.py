"""One file a page; `streamlit_app.py` routes between them."""
