"""The review set that ships: simulated reviews, scored by the bundled model, with thumbnails of some rows.

What it is and how it was made stands in its README, `assets/reviews/README.md`.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from analysis.predictions import Predictions, read_predictions

TABLE = "predictions.parquet"
IMAGES_FOLDER = "images"
_ASSETS = Path(__file__).resolve().parents[1] / "assets"


def review_set_folder() -> Path:
    """The folder of the review set in use: `AGPIS_REVIEWS_DIR`, or the bundled one."""
    return Path(os.environ.get("AGPIS_REVIEWS_DIR", _ASSETS / "reviews"))


def review_set_table() -> Path:
    """Its table of predictions."""
    return review_set_folder() / TABLE


def load_review_set() -> Predictions:
    """Read and check the review set; its rows are in order of their dates.

    Raises:
        PredictionsError: when the table is missing or wrong.
    """
    return read_predictions(review_set_table())


def thumbnails(images: tuple[str, ...], folder: Path | None = None) -> tuple[Path, ...] | None:
    """The thumbnails of a row's images in their order, or None where not all of them are there.

    Args:
        images: the row's files, relative to the folder of its table.
        folder: that folder; the review set's when left out.
    """
    folder = review_set_folder() if folder is None else folder
    names = [PurePosixPath(file) for file in images]
    if not names or any(name.is_absolute() or ".." in name.parts for name in names):
        return None
    paths = tuple(folder / name for name in names)
    return paths if all(path.is_file() for path in paths) else None
