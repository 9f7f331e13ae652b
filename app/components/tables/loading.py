"""Tables of predictions, read and checked once per content and shared between sessions and pages."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from analysis.operating_point.sample import file_sha256
from analysis.predictions import Predictions, predictions_from_bytes, read_predictions
from analysis.review_set import review_set_folder, review_set_table


@dataclass(frozen=True, slots=True, eq=False)
class LoadedTable:
    """A checked table.

    Attributes:
        key: equal for equal rows; what caches of results are keyed by.
        name: of the file.
        sha256: of the file, in hexadecimal.
        predictions: its rows.
        folder: what the rows' images are relative to; None for an upload.
        is_upload: whether somebody brought it, instead of its being the review set in use.
    """

    key: str
    name: str
    sha256: str
    predictions: Predictions
    folder: Path | None
    is_upload: bool


def review_set() -> LoadedTable:
    """The review set in use.

    Raises:
        PredictionsError: when its table is missing or wrong.
    """
    path = review_set_table()
    return _read_file(path, path.stat().st_mtime_ns if path.is_file() else 0, review_set_folder())


def uploaded_table(name: str, data: bytes, exclude_wrong_rows: bool) -> LoadedTable:
    """What somebody uploaded.

    Raises:
        PredictionsError: when it is no table of predictions, or has wrong rows and these are not excluded.
    """
    return _read_bytes(hashlib.sha256(data).hexdigest(), name, exclude_wrong_rows, data)


@st.cache_resource(show_spinner=False, max_entries=2)
def _read_file(path: Path, changed: int, folder: Path) -> LoadedTable:
    predictions = read_predictions(path)
    sha256 = file_sha256(path)
    return LoadedTable(sha256, path.name, sha256, predictions, folder, is_upload=False)


@st.cache_resource(show_spinner=False, max_entries=8)
def _read_bytes(sha256: str, name: str, exclude_wrong_rows: bool, _data: bytes) -> LoadedTable:
    predictions = predictions_from_bytes(_data, name, exclude_wrong_rows=exclude_wrong_rows)
    key = f"{sha256}-excluding" if predictions.exclusions else sha256
    return LoadedTable(key, name, sha256, predictions, None, is_upload=True)
