"""What the page's address says: which run is open."""

from __future__ import annotations

import streamlit as st

_RUN = "run"


def open_run_id() -> int | None:
    """The run in the address, or None when it names none."""
    given = st.query_params.get(_RUN, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def open_run(run_id: int) -> None:
    """Show one run; for callbacks, and before a rerun."""
    st.query_params[_RUN] = str(run_id)


def close_run() -> None:
    """Show all runs; for callbacks, and before a rerun."""
    st.query_params.pop(_RUN, None)
