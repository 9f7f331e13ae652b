"""`threshold`: which submission threshold th^t does what was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import plotly.graph_objects as go
import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from agpis.data.threshold_file import write_threshold_file
from agpis.rules import load_taxonomy
from analysis.commands.files import write_figures, write_text
from analysis.commands.options import ExcludeWrongRows, FigureFolder, RuleFile, TableFile
from analysis.commands.threshold_options import (
    AcceptedValue,
    AtMost,
    ByHand,
    Confidence,
    Precision,
    Profit,
    RejectedCost,
    ReviewerHour,
    ReviewMinutes,
    wanted_choice,
)
from analysis.operating_point import (
    Choice,
    CostModel,
    Goal,
    NoThreshold,
    OperatingPoint,
    ReviewedSample,
    Source,
    judge,
    operating_curve,
    reviewed_sample,
    stored_threshold,
)
from analysis.operating_point.sample import require_unseen
from analysis.operating_point.words import percent
from analysis.predictions import Exclusion, Predictions, read_predictions
from analysis.threshold_figures import profit_figure, reject_rate_figure

_DEFAULT = CostModel()


@dataclass(frozen=True, slots=True)
class ThresholdAnswer:
    """What the command found.

    Attributes:
        result: the choice, or that there is none.
        judged: what the choice does on the other split; None without a choice or without reviews there.
        judged_on: these reviews; None where `judged` is.
        reason: why `judged` is None; empty when it is not.
        exclusions: rows of the table that were left out.
    """

    result: Choice | NoThreshold
    judged: OperatingPoint | None
    judged_on: Source | None
    reason: str
    exclusions: tuple[Exclusion, ...]


def threshold(
    table: TableFile,
    at_most: AtMost = None,
    confidence: Confidence = None,
    precision: Precision = None,
    profit: Profit = False,
    accepted_value: AcceptedValue = _DEFAULT.accepted_value,
    rejected_cost: RejectedCost = _DEFAULT.rejected_cost,
    review_minutes: ReviewMinutes = _DEFAULT.review_minutes,
    reviewer_hour: ReviewerHour = _DEFAULT.reviewer_hour,
    by_hand: ByHand = _DEFAULT.by_hand,
    split: Annotated[str, typer.Option(help="Split to choose on.")] = "val",
    judge_on: Annotated[str, typer.Option(help="Split to judge the choice on.")] = "test",
    force: Annotated[bool, typer.Option("--force", help="Choose and judge on any split.")] = False,
    seed: Annotated[int, typer.Option(help="With --confidence: draws one sequence of every product.")] = 0,
    save: Annotated[Path | None, typer.Option(help="Write it for `agpis run --threshold-file`.")] = None,
    exclude_wrong_rows: ExcludeWrongRows = False,
    rules: RuleFile = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the answer here.")] = None,
    figures: FigureFolder = None,
) -> None:
    """Which threshold keeps rejects under 10%? Exit code 1 when none does what was asked for."""
    costs = CostModel(accepted_value, rejected_cost, review_minutes, reviewer_hour, by_hand)
    pick = wanted_choice(at_most, confidence, precision, profit, costs, seed)
    require_unseen(split, judge_on, force)
    read = read_predictions(table, load_taxonomy(rules) if rules else None, exclude_wrong_rows)
    sample = reviewed_sample(read, split, table)
    result = pick(sample)
    answer = _judged(result, read, judge_on, force, costs)
    console = Console()
    for line in answer_lines(answer):
        console.print(line)
    if json_file:
        write_text(json_file, json.dumps(asdict(answer), ensure_ascii=False, indent=1) + "\n")
    if figures:
        write_figures(figures, _drawn(result, sample, costs))
    if isinstance(result, NoThreshold):
        raise typer.Exit(1)
    if save:
        write_threshold_file(save, stored_threshold(result, datetime.now(UTC).date()))
        console.print(Text(f"Saved to {save}; use it with: python -m agpis run --threshold-file {save}"))


def _drawn(result: Choice | NoThreshold, sample: ReviewedSample, costs: CostModel) -> dict[str, go.Figure]:
    curve, marked = operating_curve(sample), result.threshold if isinstance(result, Choice) else None
    drawn = {"reject_rate": reject_rate_figure(curve, marked)}
    return drawn | ({"profit": profit_figure(curve, costs, marked)} if result.criterion.costs else {})


def _judged(
    result: Choice | NoThreshold, read: Predictions, judge_on: str, force: bool, costs: CostModel
) -> ThresholdAnswer:
    if isinstance(result, NoThreshold):
        return ThresholdAnswer(result, None, None, "there is nothing to judge", read.exclusions)
    if not (read.is_reviewed & (read.frame["split"] == judge_on).to_numpy()).any():
        reason = f"not judged: split {judge_on!r} has no reviewed sequence"
        return ThresholdAnswer(result, None, None, reason, read.exclusions)
    sample = reviewed_sample(read, judge_on)
    shown = costs if result.criterion.goal is Goal.PROFIT else None
    return ThresholdAnswer(result, judge(result, sample, force, shown), sample.source, "", read.exclusions)


def answer_lines(answer: ThresholdAnswer) -> Iterator[RenderableType]:
    """The answer in plain words, then its figures."""
    result = answer.result
    for exclusion in answer.exclusions:
        yield Text(f"Excluded {exclusion.count} rows, the first row {exclusion.first_row}: {exclusion.reason}")
    yield Text(f"Asked for: {result.criterion.words}")
    if isinstance(result, NoThreshold):
        yield Text("No threshold does that.", style="bold")
        yield Text(f"On {result.chosen_on.in_words()}, {result.reason}.")
        return
    # All digits: a rounded threshold could lie above the p^t it was taken from.
    yield Text(f"Submit sequences with p^t of at least {result.threshold!r}.", style="bold")
    yield Text(f"Chosen on {result.chosen_on.in_words()}: {result.reason}.")
    yield _figures(answer, result)
    yield from map(Text, _remarks(answer, result))


def _figures(answer: ThresholdAnswer, choice: Choice) -> Table:
    points = {f"chosen on {choice.chosen_on.split}": choice.point}
    if answer.judged is not None and answer.judged_on is not None:
        points[f"judged on {answer.judged_on.split}"] = answer.judged
    table = Table("", *points)
    for row in zip(*map(_column, points.values()), strict=True):
        name = row[0][0]
        table.add_row(name, *(value for _, value in row))
    return table


def _column(point: OperatingPoint) -> list[tuple[str, str]]:
    rows = [
        ("reviewed sequences", str(point.n)),
        ("submitted", f"{point.submitted} ({percent(point.submitted_share)})"),
        ("reject rate", _rate(point)),
        ("accepted, of all", f"{point.accepted} ({percent(point.accepted_share)})"),
        ("good, but withheld", f"{point.missed_good} of {point.missed_good + point.accepted}"),
    ]
    if point.reviewer_hours is not None and point.profit is not None:
        rows += [("reviewer hours", f"{point.reviewer_hours:.1f}"), ("profit", f"{point.profit:.2f}")]
    return rows


def _rate(point: OperatingPoint) -> str:
    if point.reject_rate_interval is None:
        return "n/a, n=0"
    low, high = point.reject_rate_interval
    return f"{percent(point.reject_rate)} ({point.rejected}), 95%: {percent(low)} to {percent(high)}"


def _remarks(answer: ThresholdAnswer, choice: Choice) -> Iterator[str]:
    if answer.reason:
        yield answer.reason.capitalize() + "."
    sources = [source for source in (choice.chosen_on, answer.judged_on) if source is not None]
    if any(source.n > source.products for source in sources):
        yield "Intervals take sequences as independent; products with several make them too narrow."
    if choice.criterion.goal is Goal.GUARANTEE:
        yield "The promise is about sequences like these, of the same model: choose again after a drift."
    elif choice.criterion.goal is Goal.REJECT_RATE:
        yield "This is what was seen, not a promise; --confidence 0.95 makes one."
