"""The command line: `agpis run`, `predict`, `simulate`, `data`, `train`, `assemble` and others; one file a topic."""

from __future__ import annotations

import sys

import typer

from agpis.cli import data, review, simulate
from agpis.cli.evidence import train_evidence
from agpis.cli.models import adopt_threshold, assemble, average, framing, thresholds
from agpis.cli.predict import predict
from agpis.cli.reference import convert_reference
from agpis.cli.run import run
from agpis.cli.train import train
from agpis.errors import AgpisError

app = typer.Typer(help="Ordered product-image sequences, with every decision explained.", no_args_is_help=True)
for command in (
    *(run, predict, train, train_evidence, average, assemble),
    *(framing, thresholds, adopt_threshold, convert_reference),
):
    app.command()(command)
app.add_typer(simulate.app, name="simulate")
app.add_typer(data.app, name="data")
app.add_typer(review.app, name="review")


def main() -> None:
    """Run the command line; expected errors become one line on standard error and exit code 1."""
    try:
        app()
    except AgpisError as error:
        typer.echo(f"agpis: {error}", err=True)
        sys.exit(1)
