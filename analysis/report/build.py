"""A table of predictions in, a report out. What the table does not allow is said in its place, not left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from analysis.calibration import calibration_report
from analysis.errors import AnalysisError
from analysis.operating_point import CostModel, reviewed_sample
from analysis.predictions import Predictions
from analysis.report.content import Block, Report, Section, TextBlock
from analysis.report.error_sections import gallery_blocks, rule_blocks, slice_blocks
from analysis.report.score_sections import calibration_blocks, metric_blocks, threshold_blocks
from analysis.report.time_sections import drift_blocks, time_blocks
from analysis.rule_errors import analyse_errors


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a report is about.

    Attributes:
        threshold: th^t that errors are told at, in [0, 1].
        alpha: largest reject rate that a threshold is looked for, in (0, 1).
        confidence: of the promised reject rate, in (0, 1).
        choose_on: split on which thresholds are chosen and calibration is fitted.
        judge_on: split on which everything is judged.
        costs: of the profit curve.
        gallery: sequences of each gallery, at least 1.
    """

    threshold: float = 0.3
    alpha: float = 0.1
    confidence: float = 0.95
    choose_on: str = "val"
    judge_on: str = "test"
    costs: CostModel = field(default_factory=CostModel)
    gallery: int = 12


def build_report(read: Predictions, table: Path, options: ReportOptions | None = None) -> Report:
    """All parts of the analysis of one table.

    Args:
        read: the table.
        table: its file, for its name and for the images beside it.
        options: what to show.

    Raises:
        AnalysisError: when the judging split has no reviewed sequence.
    """
    options = options or ReportOptions()
    judged = read.in_split(options.judge_on)
    reviewed_sample(read, options.judge_on)  # says which splits there are when this one is empty
    errors = analyse_errors(judged, options.threshold)
    sections = (
        _section("quality", "How well does the model tell good from bad?", lambda: metric_blocks(judged)),
        _section(
            "threshold",
            "Which threshold should be chosen?",
            lambda: threshold_blocks(read, table, options.choose_on, options.judge_on, options),
        ),
        _section(
            "calibration",
            "Does a probability mean what it says?",
            lambda: calibration_blocks(calibration_report(read, options.judge_on)),
        ),
        _section("rules", "Which rules go wrong?", lambda: rule_blocks(errors, judged)),
        _section("slices", "Where does it go wrong?", lambda: slice_blocks(errors.slices)),
        _section(
            "mistakes",
            "The worst mistakes",
            lambda: gallery_blocks(errors.mistakes, table.parent, options.gallery),
        ),
        _section("time", "How did the reject rate change?", lambda: time_blocks(read)),
        _section("drift", "Did the incoming products change?", lambda: drift_blocks(read, "train")),
    )
    return Report(f"Reviewed image sequences: {table.name}", tuple(_facts(read, judged, options)), sections)


def _section(anchor: str, title: str, blocks: Callable[[], Iterator[Block]]) -> Section:
    try:
        return Section(anchor, title, tuple(blocks()))
    except AnalysisError as error:
        return Section(anchor, title, (TextBlock(f"This table cannot answer that: {error}", warning=True),))


def _facts(read: Predictions, judged: Predictions, options: ReportOptions) -> Iterator[tuple[str, str]]:
    dates = read.dates.dropna()
    yield "Sequences", f"{len(read):,} of {read.frame['product_id'].nunique():,} products"
    yield "Reviewed", f"{int(read.is_reviewed.sum()):,}, of them {int(read.is_qualified.sum()):,} accepted"
    if len(dates):
        yield "Reviews from", f"{dates.min():%d %B %Y} to {dates.max():%d %B %Y}"
    yield "Judged on", f"split {options.judge_on}: {int(judged.is_reviewed.sum()):,} reviewed sequences"
    yield "Chosen on", f"split {options.choose_on}, which the judgement does not use"
    if "model" in read.frame:
        yield "Model", ", ".join(sorted(set(read.frame["model"]) - {""})) or "not named in the table"
    for exclusion in read.exclusions:
        yield "Excluded", f"{exclusion.count:,} rows, the first row {exclusion.first_row}: {exclusion.reason}"
