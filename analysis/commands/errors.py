"""`errors`: which rules, slices and sequences go wrong at a threshold."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from agpis.data.reviews import SPLITS
from agpis.rules import load_taxonomy
from analysis.commands.error_tables import error_tables
from analysis.commands.options import ExcludeWrongRows, FigureFolder, RuleFile, TableFile
from analysis.errors import AnalysisError
from analysis.predictions import Predictions, read_predictions
from analysis.rule_errors import ErrorAnalysis, analyse_errors
from analysis.rule_errors.figures import confusion_figure, escape_figure, readings_figure, slices_figure
from analysis.rule_errors.mistakes import PER_RULE
from analysis.rule_errors.slices import MEASURES, MIN_SUPPORT

_ALL = "all"


def errors(
    table: TableFile,
    threshold: Annotated[float, typer.Option(help="Submission threshold th^t.")] = 0.3,
    split: Annotated[str, typer.Option(help=f"Rows to look at: {', '.join(SPLITS)}, or {_ALL}.")] = "test",
    min_support: Annotated[int, typer.Option(min=1, help="Reviewed sequences that a slice must have.")] = MIN_SUPPORT,
    per_rule: Annotated[int, typer.Option(min=1, help="Mistakes of every rule in the JSON file.")] = PER_RULE,
    most: Annotated[int, typer.Option(min=1, help="Rows of each printed ranking.")] = 10,
    exclude_wrong_rows: ExcludeWrongRows = False,
    rules: RuleFile = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the whole analysis here.")] = None,
    figures: FigureFolder = None,
) -> None:
    """Per-rule errors, escapes, confusion, slices, worst mistakes, and the two readings of p^t."""
    taxonomy = load_taxonomy(rules) if rules else load_taxonomy()
    read = read_predictions(table, taxonomy, exclude_wrong_rows)
    chosen = _rows_of(read, split, table)
    analysis = analyse_errors(chosen, threshold, min_support, per_rule)
    console = Console()
    for exclusion in read.exclusions:
        console.print(Text(f"Excluded {exclusion.count} rows, the first row {exclusion.first_row}: {exclusion.reason}"))
    for part in error_tables(analysis, taxonomy, most):
        console.print(part)
    if json_file:
        _write(json_file, json.dumps(asdict(analysis), ensure_ascii=False, indent=1, allow_nan=False))
    if figures:
        write_figures(analysis, chosen, figures)


def _rows_of(read: Predictions, split: str, table: Path) -> Predictions:
    if split == _ALL:
        return read
    if split not in SPLITS:
        raise AnalysisError(f"--split is {split!r}, not one of {', '.join((*SPLITS, _ALL))}")
    chosen = read.in_split(split)
    if not len(chosen):
        there = ", ".join(sorted(set(read.frame["split"])))
        raise AnalysisError(f"{table} has no row of split {split}, only of {there}; choose another --split")
    return chosen


def write_figures(analysis: ErrorAnalysis, table: Predictions, folder: Path) -> None:
    """Write every figure as an HTML page; the pages share one copy of plotly's script.

    Raises:
        AnalysisError: when the folder cannot be written.
    """
    made = {
        "confusion": confusion_figure(analysis.classes),
        "categories": confusion_figure(analysis.categories),
        "escapes": escape_figure(analysis.rules),
        "readings": readings_figure(table, analysis.threshold),
        **{f"slices-{measure.replace('_', '-')}": slices_figure(analysis.slices, measure) for measure in MEASURES},
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, figure in made.items():
            figure.write_html(folder / f"{name}.html", include_plotlyjs="directory")
    except OSError as error:
        raise AnalysisError(f"--figures {folder} cannot be written: {error}") from error


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise AnalysisError(f"--json {file} cannot be written: {error}") from error
