"""`python -m app.gradio_demo`: the pipeline as a page for a link one can send."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

# Before Gradio is imported: it reads these once.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from agpis.cli.pipelines import load_pipeline
from agpis.errors import AgpisError
from app.demo.launch import Opening, accounts, launch
from app.demo.limits import UploadLimits
from app.demo.run import Runner

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    share: Annotated[bool, typer.Option("--share", help="Ask for a public link that works for a week.")] = False,
    auth: Annotated[list[str] | None, typer.Option(help="user:password who may come in; may be repeated.")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for the network.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Default: the first free one from 7860.")] = None,
    mcp: Annotated[bool, typer.Option("--mcp", help="Also be a tool for MCP clients, at /gradio_api/mcp/.")] = False,
    max_upload_mb: Annotated[int, typer.Option(min=1, help="Largest photo, in megabytes.")] = UploadLimits().each_mb,
    concurrency: Annotated[int, typer.Option(min=1, help="Products computed at once; the others wait.")] = 1,
) -> None:
    """Open the demo: photos and a title in, an image sequence with every decision explained out."""
    opening = Opening(host, port, share, accounts(auth or []), mcp, concurrency)
    limits = UploadLimits(each_mb=max_upload_mb)
    for warning in opening.warnings:
        typer.secho(f"Warning: {warning}", fg=typer.colors.YELLOW, err=True)
    launch(Runner(load_pipeline(None), limits), opening)


def main() -> None:
    """Run the command; expected errors become one line on standard error and exit code 1."""
    try:
        app()
    except AgpisError as error:
        typer.echo(f"demo: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
