"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Models = Annotated[
    Path | None, typer.Option("--models", help="Model folder; default $AGPIS_MODEL_DIR or the bundled one.")
]
Data = Annotated[list[Path], typer.Option(help="Folder of AGPIS-data, as `agpis simulate` writes it; may be repeated.")]
Seed = Annotated[int, typer.Option(help="Same seed, same run.")]
