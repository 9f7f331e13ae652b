"""`python -m analysis`: tables of predictions on the command line."""

from __future__ import annotations

import sys

import typer

from agpis.errors import AgpisError
from analysis.commands import online
from analysis.commands.calibration import calibration
from analysis.commands.compare import compare
from analysis.commands.errors import errors
from analysis.commands.metrics import metrics
from analysis.commands.report import report
from analysis.commands.threshold import threshold

app = typer.Typer(no_args_is_help=True, help="What tables of predictions say.")
for command in (metrics, compare, threshold, calibration, errors):
    app.command()(command)
online.register(app)
app.command()(report)


def main() -> None:
    """Run the command line; expected errors become one line on standard error and exit code 2."""
    try:
        app()
    except AgpisError as error:
        typer.echo(f"analysis: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
