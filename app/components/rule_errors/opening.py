"""The way from a mistake to the page that runs its product."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import streamlit as st

from app.state import HANDED_OVER, HandedOver, open_arranged

SEQUENCE_PAGE = "app/pages/sequence.py"


def open_in_sequence_page(
    product_id: str,
    title: str,
    files: Iterable[tuple[str, bytes | Path]],
    category: str = "",
    order: tuple[str, ...] = (),
) -> None:
    """Hand a product over to the page Image sequence and go there.

    Args:
        product_id: of the product.
        title: W^t.
        files: (name, path or bytes) of every photo.
        category: of the product, or an empty string.
        order: names of the files whose sequence is judged there; the automatic sequence when empty.
    """
    st.session_state[HANDED_OVER] = HandedOver(product_id, title, tuple(files), category)
    open_arranged(order, ())
    st.switch_page(SEQUENCE_PAGE)
