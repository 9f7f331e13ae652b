"""Where the things that ship beside the code lie, models and samples, and the app's own files."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

_ASSETS = Path(__file__).resolve().parents[1] / "assets"


def model_folder() -> Path:
    """The pipeline folder in use: `AGPIS_MODEL_DIR`, or the bundled one."""
    return Path(os.environ.get("AGPIS_MODEL_DIR", _ASSETS / "models" / "agpis-small"))


def samples_folder() -> Path:
    """The sample catalogue in use: `AGPIS_SAMPLES_DIR`, or the bundled one."""
    return Path(os.environ.get("AGPIS_SAMPLES_DIR", _ASSETS / "samples"))


def threshold_log_file() -> Path:
    """Which thresholds the app was given, and when: `AGPIS_THRESHOLD_LOG`, or a file in the user's data folder."""
    given = os.environ.get("AGPIS_THRESHOLD_LOG")
    return Path(given) if given else user_data_path("agpis", appauthor=False) / "thresholds.jsonl"
