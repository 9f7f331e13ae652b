"""`over-time`, `drift`, `ab-test` and `sample-size`: what happens after the release."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import plotly.graph_objects as go
import typer
from rich.console import Console, RenderableType
from rich.text import Text

from agpis.rules import load_taxonomy
from analysis.commands.online_tables import ab_tables, drift_tables, over_time_tables, sample_size_texts
from analysis.commands.options import ExcludeWrongRows, FigureFolder, RuleFile, TableFile
from analysis.errors import AnalysisError
from analysis.online.ab_table import read_ab_table
from analysis.online.ab_test import Metric, ab_test
from analysis.online.check import check_drift
from analysis.online.figures import drift_figure, lift_figure, reject_rate_figure
from analysis.online.over_time import Period, reject_rates, release_change
from analysis.online.sample_size import Design, power, sample_size
from analysis.online.sequential import SCALE
from analysis.predictions import Exclusion, Predictions, read_predictions
from analysis.rates import LEVEL

_PIPE_WIDTH = 160

_Split = Annotated[Literal["train", "val", "test", "all"], typer.Option(help="Rows to look at.")]
_Json = Annotated[Path | None, typer.Option("--json", help="Write the result here.")]


def over_time(
    table: TableFile,
    release: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day of the new system.")] = None,
    period: Annotated[Period, typer.Option(help="Length of a period.")] = Period.WEEK,
    one_per_product: Annotated[
        bool, typer.Option("--one-per-product", help="Before and after: only the last row of each product.")
    ] = False,
    submitted: Annotated[bool, typer.Option("--submitted", help="Before and after: only submitted rows.")] = False,
    level: Annotated[float, typer.Option(help="Confidence level of the intervals.")] = LEVEL,
    split: _Split = "all",
    exclude_wrong_rows: ExcludeWrongRows = False,
    rules: RuleFile = None,
    json_file: _Json = None,
    figures: FigureFolder = None,
) -> None:
    """Reject rate of each period, and before and after a release."""
    read = _read(table, rules, exclude_wrong_rows, split)
    rates = reject_rates(read, period, level)
    change = None if release is None else release_change(read, release.date(), one_per_product, submitted, level)
    _show(read.exclusions, over_time_tables(rates, change))
    _write_json(json_file, {"rates": rates, "release": change, "exclusions": read.exclusions})
    _write_figures(figures, {"reject-rate": reject_rate_figure(rates, change)})


def drift_command(
    table: TableFile,
    reference_until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of the training window.")
    ] = None,
    reference_split: Annotated[
        Literal["train", "val", "test"] | None, typer.Option(help="Split that is the training window.")
    ] = None,
    today: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day to count the age to; default the last date.")
    ] = None,
    alpha: Annotated[float, typer.Option(help="False discovery rate of the tests.")] = 0.05,
    exclude_wrong_rows: ExcludeWrongRows = False,
    rules: RuleFile = None,
    json_file: _Json = None,
    figures: FigureFolder = None,
) -> None:
    """Inputs and scores of now against the training window, and whether to train again."""
    if (reference_until is None) == (reference_split is None):
        raise AnalysisError("name the training window with either --reference-until or --reference-split")
    read = _read(table, rules, exclude_wrong_rows, "all")
    until, day = (None if moment is None else moment.date() for moment in (reference_until, today))
    found = check_drift(read, until, reference_split, day, alpha)
    _show(read.exclusions, drift_tables(found.report, found.reject_rates, found.advice))
    _write_json(
        json_file,
        {
            "drift": found.report,
            "reject_rates": found.reject_rates,
            "advice": found.advice,
            "exclusions": read.exclusions,
        },
    )
    _write_figures(figures, {"drift": drift_figure(found.report)})


def ab_test_command(
    table: Annotated[Path, typer.Argument(help="Table of date, arm, impressions, clicks, orders: .csv or .parquet.")],
    control: Annotated[str, typer.Option(help="Arm without the change.")] = "control",
    treatment: Annotated[str | None, typer.Option(help="Arm with the change; needed when there are several.")] = None,
    alpha: Annotated[float, typer.Option(help="Chance of a false alarm of each metric, two-sided.")] = 0.05,
    scale: Annotated[float, typer.Option(help="Typical size of the log of the rate ratio.")] = SCALE,
    treatment_share: Annotated[float, typer.Option(help="Planned share of impressions of the treatment arm.")] = 0.5,
    exclude_wrong_rows: ExcludeWrongRows = False,
    json_file: _Json = None,
    figures: FigureFolder = None,
) -> None:
    """CTR, CVR and orders per impression of two arms: at the end, and valid at every look."""
    read = read_ab_table(table, control, treatment, exclude_wrong_rows)
    results = tuple(ab_test(read, metric, alpha, scale, treatment_share) for metric in Metric)
    _show(read.exclusions, ab_tables(results))
    _write_json(json_file, {"results": results, "exclusions": read.exclusions})
    _write_figures(figures, {f"lift-{result.metric.name.lower()}": lift_figure(result) for result in results})


def sample_size_command(
    base: Annotated[float, typer.Option(help="Rate of the control arm, e.g. 0.05.")],
    lift: Annotated[float, typer.Option(help="Relative lift to be found, e.g. 0.03.")],
    alpha: Annotated[float, typer.Option(help="Chance of a false alarm, two-sided.")] = 0.05,
    wanted_power: Annotated[float, typer.Option("--power", help="Chance to find the lift.")] = 0.8,
    treatment_share: Annotated[float, typer.Option(help="Share of the units of the treatment arm.")] = 0.5,
    per_day: Annotated[int | None, typer.Option(min=1, help="Units of both arms a day, to tell the days.")] = None,
    units: Annotated[int | None, typer.Option(min=2, help="Units of both arms at hand, to tell their power.")] = None,
    json_file: _Json = None,
) -> None:
    """Impressions (for CTR) or clicks (for CVR) that a test of fixed length needs."""
    design = Design(base, lift, alpha, wanted_power, treatment_share)
    size = sample_size(design)
    reached = None if units is None else power(design, units)
    lines = [*sample_size_texts(size, per_day)]
    if reached is not None:
        lines.append(Text(f"With {units} units in all the power is {reached:.3f}"))
    _show((), lines)
    _write_json(json_file, {"size": size, "power_with_units": reached, "units": units})


def register(app: typer.Typer) -> None:
    """Add the four commands under their names."""
    app.command("over-time")(over_time)
    app.command("drift")(drift_command)
    app.command("ab-test")(ab_test_command)
    app.command("sample-size")(sample_size_command)


def _read(table: Path, rules: Path | None, exclude_wrong_rows: bool, split: str) -> Predictions:
    read = read_predictions(table, load_taxonomy(rules), exclude_wrong_rows)
    chosen = read if split == "all" else read.in_split(split)
    if not len(chosen):
        there = ", ".join(sorted(set(read.frame["split"])))
        raise AnalysisError(f"{table} has no row of split {split}, only of {there}; choose another --split")
    return chosen


def _show(exclusions: Iterable[Exclusion], parts: Iterable[RenderableType]) -> None:
    # A pipe has no width of its own, and 80 columns would break every row.
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
    for exclusion in exclusions:
        console.print(Text(f"Excluded {exclusion.count} rows, the first row {exclusion.first_row}: {exclusion.reason}"))
    for part in parts:
        console.print(part)


def _plain(value: Any) -> Any:
    """Results as JSON values; numbers are not rounded, since a small p-value would become 0."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _write_json(file: Path | None, result: Mapping[str, Any]) -> None:
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(_plain(result), ensure_ascii=False, indent=1, allow_nan=False)
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise AnalysisError(f"--json {file} cannot be written: {error}") from error


def _write_figures(folder: Path | None, figures: Mapping[str, go.Figure]) -> None:
    """One HTML page a figure; they share one copy of plotly's script."""
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, figure in figures.items():
            figure.write_html(folder / f"{name}.html", include_plotlyjs="directory")
    except OSError as error:
        raise AnalysisError(f"--figures {folder} cannot be written: {error}") from error
