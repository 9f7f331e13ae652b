"""The photos of a sequence, large and in order, on which a reviewer draws regions: a component of the browser.

What comes back from a browser is checked like any other input: a region that does not lie on its photo is left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from agpis.images import read_image_bytes
from agpis.store import Region, Store
from agpis.types import Box
from app.components.drawing import fit, jpeg_url
from app.components.text import name_of
from app.i18n import _

# Longer side of what is shown; regions are in pixels of the photo itself.
SIDE = 1000
QUALITY = 88
MOST_REGIONS = 50
_FOLDER = Path(__file__).parent

_board = st.components.v2.component(
    "review_photos",
    html='<div class="photos"></div>',
    css=(_FOLDER / "regions.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "regions.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, slots=True)
class ShownPhoto:
    """A photo as the page shows it.

    Attributes:
        file: its name, from a stranger.
        source: a JPEG of at most SIDE pixels a side, as a data URI.
        width: of the photo itself, in pixels.
        height: of the photo itself, in pixels.
    """

    file: str
    source: str
    width: int
    height: int


@st.cache_data(show_spinner=False, max_entries=128)
def shown_photo(sha256: str, file: str, _store: Store) -> ShownPhoto:
    """Read and decode a photo once per content.

    Raises:
        StoreError: when the store does not answer.
        ImageError: when the bytes are no photo that AGPIS reads.
    """
    image = read_image_bytes(_store.photo(sha256), file)
    pixels = fit(image.pixels, SIDE) if max(image.width, image.height) > SIDE else image.pixels
    return ShownPhoto(file, jpeg_url(pixels, QUALITY), image.width, image.height)


def photo_board(key: str, photos: Sequence[ShownPhoto], begin_with: Sequence[Region] = ()) -> tuple[Region, ...]:
    """Show the photos of an item, and tell the regions that are drawn on them.

    Args:
        key: of the component, another for every item; regions belong to one item.
        photos: in the order of the sequence.
        begin_with: regions that are there from the start.
    """
    beginning = [_region_data(region) for region in begin_with]
    result = _board(
        key=key,
        data={
            "item": key,
            "photos": [_photo_data(photo, place) for place, photo in enumerate(photos, 1)],
            "regions": beginning,
            "words": {
                "region": _(
                    "Region on image {image}. Arrow keys move it, Shift and arrow keys size it, Delete removes it."
                ),
                "remove": _("Remove this region"),
            },
        },
        default={"regions": beginning},
        on_regions_change=lambda: None,
    )
    return read_regions(result.regions, photos)


def drawn_regions(key: str, photos: Sequence[ShownPhoto]) -> tuple[Region, ...]:
    """The regions on the board of this key as they are now, also in a callback."""
    return read_regions(st.session_state.get(key, {}).get("regions"), photos)


def _photo_data(photo: ShownPhoto, place: int) -> dict[str, Any]:
    name = name_of(photo.file)
    return {
        "source": photo.source,
        "caption": f"{place} · {name}",
        "alt": _("Image {place} of the sequence: {file}").format(place=place, file=name),
        "width": photo.width,
        "height": photo.height,
    }


def _region_data(region: Region) -> dict[str, int]:
    box = region.box
    return {"image": region.image, "x": box.x, "y": box.y, "w": box.w, "h": box.h}


def read_regions(value: Any, photos: Sequence[ShownPhoto]) -> tuple[Region, ...]:
    """The regions in what a browser sent, in its order; at most MOST_REGIONS of them.

    Args:
        value: a list of {"image", "x", "y", "w", "h"}; anything else is left out.
        photos: in the order of the sequence; a region has to lie on one of them.
    """
    found = (_read_region(entry, photos) for entry in (value if isinstance(value, list) else []))
    return tuple(region for region in found if region is not None)[:MOST_REGIONS]


def _read_region(entry: Any, photos: Sequence[ShownPhoto]) -> Region | None:
    numbers: list[Any] = [entry.get(name) for name in ("image", "x", "y", "w", "h")] if isinstance(entry, dict) else []
    if not numbers or not all(isinstance(number, int | float) and math.isfinite(number) for number in numbers):
        return None
    image, x, y, w, h = (int(number) for number in numbers)
    if not 1 <= image <= len(photos) or min(x, y) < 0 or min(w, h) < 1:
        return None
    photo = photos[image - 1]
    return Region(image, Box(x, y, w, h)) if x + w <= photo.width and y + h <= photo.height else None
