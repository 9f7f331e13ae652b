"""Options that several commands share, and what they ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.metrics.bootstrap import Bootstrap
from analysis.metrics.results import ScoreName

TableFile = Annotated[Path, typer.Argument(help="Table of predictions: .parquet, .csv or .csv.gz.")]
ExcludeWrongRows = Annotated[bool, typer.Option("--exclude-wrong-rows", help="Leave wrong rows out and count them.")]
RuleFile = Annotated[Path | None, typer.Option(help="Rule file; default the bundled one.")]
FigureFolder = Annotated[Path | None, typer.Option(help="Write the figures into this folder, as HTML.")]

# Of `metrics` and `compare`.
Split = Annotated[str, typer.Option(help="train, val, test or all.")]
ScoreOption = Annotated[ScoreName, typer.Option(help="Probability of being qualified.")]
Resamples = Annotated[int | None, typer.Option(min=1, help="Of the bootstrap; as many as take seconds when left out.")]
Seed = Annotated[int, typer.Option(help="Of the bootstrap and the balanced subsets.")]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Also write everything to this file.")]


def wanted_bootstrap(rows: int, resamples: int | None, seed: int) -> Bootstrap:
    """As many resamples as asked for, or as `rows` allow in seconds."""
    return Bootstrap.for_rows(rows, seed) if resamples is None else Bootstrap(resamples, seed)
