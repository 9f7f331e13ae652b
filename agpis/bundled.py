"""Where the things that ship beside the code lie: models and samples."""

from __future__ import annotations

import os
from pathlib import Path

_ASSETS = Path(__file__).resolve().parents[1] / "assets"


def model_folder() -> Path:
    """The pipeline folder in use: `AGPIS_MODEL_DIR`, or the bundled one."""
    return Path(os.environ.get("AGPIS_MODEL_DIR", _ASSETS / "models" / "agpis-small"))


def samples_folder() -> Path:
    """The sample catalogue in use: `AGPIS_SAMPLES_DIR`, or the bundled one."""
    return Path(os.environ.get("AGPIS_SAMPLES_DIR", _ASSETS / "samples"))
