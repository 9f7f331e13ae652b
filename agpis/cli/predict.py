"""`agpis predict`: score reviewed sequences, for `python -m analysis`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agpis.bundled import model_folder
from agpis.cli.options import Models
from agpis.cli.output import print_json
from agpis.data.predictions import FeedbackWriting


def predict(
    data: Annotated[Path, typer.Option(help="Folder of AGPIS-data, or its review table.")],
    out: Annotated[Path, typer.Option(help="Table to write: .parquet, .csv or .csv.gz.")],
    models: Models = None,
    split: Annotated[str, typer.Option(help="train, val, test or all.")] = "all",
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many sequences, the first ones.")] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Images, and sequences, at a time.")] = 8,
    write_feedback: Annotated[
        FeedbackWriting, typer.Option(help="Sequences to write feedback for.")
    ] = FeedbackWriting.NONE,
) -> None:
    """Score every reviewed sequence with MUIsC; a run that was stopped goes on when its command is repeated."""
    from agpis.predict import PredictConfig, predict_reviews

    config = PredictConfig(
        data=data,
        out=out,
        models=models or model_folder(),
        split=split,
        limit=limit,
        batch_size=batch_size,
        writing=write_feedback,
    )
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("sequences", total=None)
            summary = predict_reviews(config, lambda done, total: progress.update(task, completed=done, total=total))
    except KeyboardInterrupt:
        typer.echo(f"agpis: stopped; what is finished is kept in {out}.parts, repeat the command to go on", err=True)
        raise typer.Exit(130) from None
    print_json(summary)
