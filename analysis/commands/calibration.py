"""`calibration`: whether p^t means what it says, and p^t that does."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agpis.rules import load_taxonomy
from analysis.calibration import CalibrationReport, calibrated_p_t, calibration_report, fit_isotonic, fit_temperature
from analysis.commands.files import write_figures, write_text
from analysis.commands.options import ExcludeWrongRows, RuleFile, TableFile
from analysis.operating_point.words import percent
from analysis.predictions import Predictions, read_predictions
from analysis.threshold_figures import reliability_figure


def calibration(
    table: TableFile,
    split: Annotated[str, typer.Option(help="Split to judge on; the scalings are fitted on val.")] = "test",
    bins: Annotated[int, typer.Option(min=1, help="Bins of equal counts.")] = 15,
    force: Annotated[bool, typer.Option("--force", help="Judge on any split.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write p^t raw and calibrated of every row, as CSV.")] = None,
    exclude_wrong_rows: ExcludeWrongRows = False,
    rules: RuleFile = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report here.")] = None,
    figures: Annotated[Path | None, typer.Option(help="Write the figure into this folder, as HTML.")] = None,
) -> None:
    """Calibration error and Brier score of p^t, as it is and after temperature and isotonic scaling."""
    read = read_predictions(table, load_taxonomy(rules) if rules else None, exclude_wrong_rows)
    report = calibration_report(read, split, bins, force)
    console = Console()
    for exclusion in read.exclusions:
        console.print(Text(f"Excluded {exclusion.count} rows, the first row {exclusion.first_row}: {exclusion.reason}"))
    console.print(_scores(report))
    console.print(_diagram(report))
    limit = " (at an end of its range: the split is too small or too easy)" if report.at_limit else ""
    console.print(Text(f"Temperature {report.temperature_value:.4g}{limit}."))
    if json_file:
        write_text(json_file, json.dumps(asdict(report), indent=1) + "\n")
    if figures:
        scaled = {"temperature": report.temperature, "isotonic": report.isotonic}
        write_figures(figures, {"reliability": reliability_figure(report.raw, **scaled)})
    if out:
        write_text(out, _scaled(read).to_csv(index=False))


def _scores(report: CalibrationReport) -> Table:
    title = (
        f"fitted on {report.n_fitted} reviewed sequences of {report.fitted_on}, "
        f"judged on {report.n_judged} of {report.judged_on}"
    )
    table = Table("p^t", "ECE", "Brier", "reliability", "resolution", "uncertainty", "within bins", title=title)
    for name in ("raw", "temperature", "isotonic"):
        result = getattr(report, name)
        parts = result.brier
        figures = (result.ece, parts.value, parts.reliability, parts.resolution, parts.uncertainty, parts.within_bins)
        table.add_row(name, *(f"{figure:.4f}" for figure in figures))
    return table


def _diagram(report: CalibrationReport) -> Table:
    table = Table("p^t", "mean", "accepted", "95%", "n", title="raw p^t")
    for group in report.raw.bins:
        low, high = group.interval
        table.add_row(
            f"{group.lowest:.3f} to {group.highest:.3f}",
            f"{group.mean_p_t:.3f}",
            percent(group.accepted_share),
            f"{percent(low)} to {percent(high)}",
            str(group.n),
        )
    return table


def _scaled(read: Predictions) -> pd.DataFrame:
    """One row a sequence, in the table's order."""
    val = read.in_split("val")
    scores = calibrated_p_t(read, fit_temperature(val), fit_isotonic(val))
    return read.frame[["product_id", "split"]].assign(
        p_t=scores.raw, p_t_temperature=scores.temperature, p_t_isotonic=scores.isotonic
    )
