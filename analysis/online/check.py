"""Drift, reject rates and advice in one: is the model still good for what comes in now?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from analysis.errors import AnalysisError
from analysis.online.advice import Advice, advise
from analysis.online.drift import DriftReport, drift, windows_by_date, windows_by_split
from analysis.online.rate_change import RateChange, compare_rates
from analysis.predictions import Bools, Predictions
from analysis.rates import LEVEL, Rate, wilson_rate


@dataclass(frozen=True, slots=True)
class DriftCheck:
    """What was found.

    Attributes:
        report: inputs and scores of now against those of the training window.
        reject_rates: of the reviewed rows of the training window (`before`) and of now (`after`).
        advice: whether to train again.
    """

    report: DriftReport
    reject_rates: RateChange
    advice: Advice


def check_drift(
    predictions: Predictions,
    reference_until: date | None = None,
    reference_split: str | None = None,
    today: date | None = None,
    alpha: float = 0.05,
) -> DriftCheck:
    """Compare the rows of now with those of the training window, and say whether to train again.

    Args:
        predictions: the table.
        reference_until: last day of the training window.
        reference_split: or the split that is the training window.
        today: day that the age of the window is counted to; the last date of the rows when left out.
        alpha: false discovery rate of the tests.

    Raises:
        AnalysisError: when not exactly one window is given, one side is empty, or an argument is out of range.
    """
    if (reference_until is None) == (reference_split is None):
        raise AnalysisError("name the training window either by its last day or by its split")
    if reference_until is not None:
        windows = windows_by_date(predictions, reference_until)
    else:
        windows = windows_by_split(predictions, str(reference_split))
    report = drift(predictions, windows, alpha)
    change = compare_rates(_reject_rate(predictions, windows.reference), _reject_rate(predictions, windows.current))
    ended = windows.reference_until if reference_until is None else reference_until
    # Splits drawn at random end on about the same day, so the last date may be that of a reference row.
    last = max(filter(None, (ended, windows.current_until)), default=None)
    return DriftCheck(report, change, advise(report, change, ended, last if today is None else today))


def _reject_rate(predictions: Predictions, rows: Bools) -> Rate:
    reviewed = rows & predictions.is_reviewed
    rejected = int((reviewed & ~predictions.is_qualified).sum())
    return wilson_rate(rejected, int(reviewed.sum()), LEVEL, "no row was reviewed")
