"""Pictures of a gallery, small and inside the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

_SIDE = 128  # pixels
_QUALITY = 80


def data_uris(folder: Path, files: Sequence[str]) -> tuple[str, ...]:
    """Each file, relative to the folder of the table, as a data URI; empty text where it is not there or no picture."""
    return tuple(_data_uri(folder / file) for file in files)


def _data_uri(path: Path) -> str:
    try:
        with Image.open(path) as opened:
            small = opened.convert("RGB")
    except (OSError, ValueError):
        return ""  # the page then says that the picture is missing
    small.thumbnail((_SIDE, _SIDE))
    data = io.BytesIO()
    small.save(data, "JPEG", quality=_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode("ascii")
