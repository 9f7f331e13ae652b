"""The board of photo tiles that can be dragged, moved by keys, and locked: typed values in, a typed change out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from agpis.types import Product, StageOneResult
from app.components.drawing import jpeg_url, square
from app.components.text import name_of
from app.i18n import _

SIDE = 240
JPEG_QUALITY = 82
_FOLDER = Path(__file__).parent
# The markup and script hold no user text; names and words come as data, which the script writes as text.
_mount = st.components.v2.component(
    "agpis_tiles",
    html='<div class="board"></div>',
    css=(_FOLDER / "tiles.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "tiles.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What a person made of the board.

    Attributes:
        order: files in the sequence, in order.
        locked: those of them that keep their places.
    """

    order: tuple[str, ...]
    locked: tuple[str, ...]


def tile_board(
    key: str,
    photos_key: str,
    product: Product,
    stage_one: StageOneResult,
    now: Arrangement,
    limit: int,
    on_change: Callable[[Arrangement], None],
) -> None:
    """Draw the board; `on_change` is called before the page runs again.

    Args:
        key: of the widget.
        photos_key: content key of the product's photos, for the cache of thumbnails.
        product: whose readable images become tiles.
        stage_one: says which of them were removed.
        now: what the board shows.
        limit: how many images the sequence may have.
        on_change: told of every change.
    """
    files = tuple(image.file for image in product.images)

    def changed() -> None:
        payload = st.session_state[key].arranged
        if payload is not None:
            on_change(arrangement_of(payload, files))

    removed = {removal.file for removal in stage_one.removals}
    sources = _thumbnails(photos_key, product)
    data = {
        "tiles": [
            {"id": number, "label": name_of(file), "source": source, "note": _("removed") if file in removed else ""}
            for number, (file, source) in enumerate(zip(files, sources, strict=True))
        ],
        "order": [files.index(file) for file in now.order],
        "locked": [files.index(file) for file in now.locked],
        "limit": limit,
        "words": _words(limit),
    }
    _mount(key=key, data=data, on_arranged_change=changed)


def arrangement_of(payload: Mapping[str, Any], files: Sequence[str]) -> Arrangement:
    """What the browser sent, as files; numbers that name no file are left out, for the browser is not to be trusted."""

    def named(numbers: Any) -> tuple[str, ...]:
        valid = [number for number in numbers if isinstance(number, int | float) and number in range(len(files))]
        return tuple(files[int(number)] for number in dict.fromkeys(valid))

    order = named(payload["order"])
    return Arrangement(order, tuple(file for file in named(payload["locked"]) if file in order))


@st.cache_data(show_spinner=False, max_entries=32)
def _thumbnails(key: str, _product: Product) -> tuple[str, ...]:
    return tuple(jpeg_url(square(image.pixels, SIDE), JPEG_QUALITY) for image in _product.images)


def _words(limit: int) -> dict[str, str]:
    return {
        "inside": _("In the sequence"),
        "outside": _("Other candidates"),
        "empty": _("Drag photos here"),
        "none_left": _("Every photo is in the sequence"),
        "add": _("Put into the sequence"),
        "remove": _("Take out of the sequence"),
        "last_one": _("A sequence has at least one image"),
        "full": _("The model judges {limit} images at most").format(limit=limit),
        "earlier": _("Move to the front"),
        "later": _("Move to the back"),
        "lock": _("Lock: keeps its place when the rest is drawn again"),
        "unlock": _("Unlock"),
        "locked": _("locked"),
    }
