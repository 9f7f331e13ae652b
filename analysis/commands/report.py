"""`report`: everything about a table of predictions on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from agpis.rules import load_taxonomy
from analysis.commands.options import ExcludeWrongRows, RuleFile, TableFile
from analysis.errors import AnalysisError
from analysis.predictions import read_predictions
from analysis.report import ReportOptions, build_report, render

_DEFAULT = ReportOptions()


def report(
    table: TableFile,
    out: Annotated[Path, typer.Option(help="Page to write.")] = Path("report.html"),
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Submission threshold th^t of today.")] = 0.3,
    at_most: Annotated[float, typer.Option(help="Largest reject rate to look for, e.g. 0.1.")] = _DEFAULT.alpha,
    confidence: Annotated[float, typer.Option(help="Confidence of the promised one.")] = _DEFAULT.confidence,
    split: Annotated[str, typer.Option(help="Split to judge on.")] = _DEFAULT.judge_on,
    choose_on: Annotated[str, typer.Option(help="Split to choose thresholds on.")] = _DEFAULT.choose_on,
    gallery: Annotated[int, typer.Option(min=1, help="Sequences of each gallery.")] = _DEFAULT.gallery,
    exclude_wrong_rows: ExcludeWrongRows = False,
    rules: RuleFile = None,
) -> None:
    """Write one self-contained HTML page: metrics, thresholds, calibration, rules, slices, mistakes, time, drift."""
    read = read_predictions(table, load_taxonomy(rules), exclude_wrong_rows)
    options = ReportOptions(
        threshold=threshold,
        alpha=at_most,
        confidence=confidence,
        choose_on=choose_on,
        judge_on=split,
        gallery=gallery,
    )
    page = render(build_report(read, table, options))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page, encoding="utf-8")
    except OSError as error:
        raise AnalysisError(f"--out {out} cannot be written: {error}") from error
    Console().print(Text(f"{out}: {out.stat().st_size / 1e6:.1f} MB; open it in a browser"))
