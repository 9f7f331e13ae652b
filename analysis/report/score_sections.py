"""The sections about the score itself: metrics, thresholds, calibration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.calibration.report import CalibrationReport
from analysis.metric_figures import precision_recall_figure, roc_figure
from analysis.metrics import measure
from analysis.metrics.curves import binary_curves
from analysis.operating_point import (
    Choice,
    NoThreshold,
    OperatingPoint,
    ReviewedSample,
    choose_by_profit,
    choose_by_reject_rate,
    choose_guaranteed,
    judge,
    operating_curve,
    reviewed_sample,
)
from analysis.predictions import Predictions
from analysis.report.content import Block, FigureBlock, TableBlock, TextBlock
from analysis.report.words import number_interval, percent
from analysis.threshold_figures import profit_figure, reject_rate_figure, reliability_figure

if TYPE_CHECKING:
    from analysis.report.build import ReportOptions


def metric_blocks(judged: Predictions) -> Iterator[Block]:
    """How well p^t ranks sequences, over all and by kind of rule."""
    found = measure(judged)
    yield TextBlock(
        "The model gives every sequence a probability of being accepted. An AUC of 1 means that every accepted "
        "sequence scores above every rejected one, 0.5 that the score says nothing. R@P 0.9 is the largest share of "
        "good sequences that can be submitted when at least 90% of what is submitted must be good."
    )
    yield TableBlock(
        f"Scores on {found.rows:,} reviewed sequences of {found.products:,} products, with 95% intervals over products",
        ("score", "value (95% interval)", "sequences"),
        tuple((score.name, number_interval(score), f"{score.n:,}") for score in found.scores),
    )
    curves = binary_curves(judged)
    yield FigureBlock("ROC: good sequences submitted over bad ones submitted, for every threshold.", roc_figure(curves))
    yield FigureBlock("Precision over recall, for every threshold.", precision_recall_figure(curves))


def threshold_blocks(
    read: Predictions, table: Path, choose_on: str, judge_on: str, options: ReportOptions
) -> Iterator[Block]:
    """What each threshold does, and which one answers three questions."""
    chosen_on, judged_on = reviewed_sample(read, choose_on, table), reviewed_sample(read, judge_on, table)
    curve = operating_curve(judged_on)
    yield TextBlock(
        "Sequences whose probability reaches the threshold go to a reviewer; the others are withheld. A higher "
        "threshold means fewer rejects, but fewer products as well. "
        f"Thresholds are chosen on split {choose_on} and judged on split {judge_on}."
    )
    delta = 1 - options.confidence
    results = [
        (f"rejects at most {options.alpha:.0%}, as seen", choose_by_reject_rate(chosen_on, options.alpha)),
        (
            f"rejects at most {options.alpha:.0%}, promised with {options.confidence:.0%} confidence",
            choose_guaranteed(chosen_on, options.alpha, delta),
        ),
        ("best expected profit", choose_by_profit(chosen_on, options.costs)),
    ]
    rows = [(goal, *_answer(result, curve_point(result, judged_on))) for goal, result in results]
    now = curve.at(options.threshold, options.costs)
    rows.append((f"today's threshold {options.threshold:g}", f"{options.threshold:.3f}", *_point(now)))
    yield TableBlock(
        f"Four thresholds and what they do with the {len(judged_on):,} sequences of split {judge_on}",
        ("goal", "threshold", "submitted", "rejected of these", "accepted of all", "good but withheld"),
        tuple(rows),
    )
    yield FigureBlock(
        "Reject rate and submitted share over the threshold; the line is today's.",
        reject_rate_figure(curve, options.threshold),
    )
    yield FigureBlock(
        f"Expected profit over the threshold, by these costs: {options.costs.in_words()}.",
        profit_figure(curve, options.costs, options.threshold),
    )


def calibration_blocks(found: CalibrationReport) -> Iterator[Block]:
    """Raw probability beside two ways to mend it."""
    yield TextBlock(
        "Of sequences with a probability of 0.8, 80% should be accepted. The expected calibration error (ECE) says how "
        "far off that is on average; 0 is best. Both corrections were fitted on split "
        f"{found.fitted_on} ({found.n_fitted:,} sequences) and judged on split {found.judged_on} ({found.n_judged:,})."
    )
    rows = [("raw", found.raw), (f"temperature {found.temperature_value:.2f}", found.temperature)]
    rows.append(("isotonic", found.isotonic))
    yield TableBlock(
        "Calibration before and after",
        ("probability", "ECE", "Brier score"),
        tuple((name, f"{part.ece:.4f}", f"{part.brier.value:.4f}") for name, part in rows),
    )
    figure = reliability_figure(found.raw, temperature=found.temperature, isotonic=found.isotonic)
    yield FigureBlock("Accepted share over mean probability; on the diagonal a probability means what it says.", figure)


def curve_point(result: Choice | NoThreshold, sample: ReviewedSample) -> OperatingPoint | None:
    """What a choice does on the other split."""
    return judge(result, sample) if isinstance(result, Choice) else None


def _answer(result: Choice | NoThreshold, point: OperatingPoint | None) -> tuple[str, ...]:
    if isinstance(result, NoThreshold) or point is None:
        return ("none", result.reason, "", "", "")
    return (f"{result.threshold:.3f}", *_point(point))


def _point(point: OperatingPoint) -> tuple[str, str, str, str]:
    rejects = percent(point.reject_rate, point.reason)
    if point.reject_rate_interval is not None:
        low, high = point.reject_rate_interval
        rejects += f" ({low:.1%} to {high:.1%})"
    return percent(point.submitted_share), rejects, percent(point.accepted_share), f"{point.missed_good:,}"
