"""What comes first on a page: is it better or worse than before, and is it time to train again?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import pandas as pd

from analysis.errors import AnalysisError
from analysis.online.check import DriftCheck, check_drift
from analysis.online.clustered import ClusteredChange, clustered_change
from analysis.online.over_time import ReleaseChange, release_change, release_rows
from analysis.predictions import Predictions

RECENT_DAYS = 28
"""Where no release is named, so many days are set against all the time before: four weeks hold every day alike."""
TRAINING_SPLIT = "train"


class Trend(StrEnum):
    """Where the reject rate went."""

    BETTER = "better"
    WORSE = "worse"
    NOT_SHOWN = "not shown"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Overview:
    """The answer to both questions.

    Attributes:
        border: the first day of now: of the release, or of the last RECENT_DAYS days.
        is_release: whether somebody named it.
        submitted_only: whether only what was submitted is counted: the reject rate of section 5.1.
        release: reject rate before the border and from it on.
        judged: their difference with an interval that counts products: what `trend` goes by.
        check: drift and advice; None where the training window is not known.
    """

    border: date
    is_release: bool
    submitted_only: bool
    release: ReleaseChange
    judged: ClusteredChange
    check: DriftCheck | None

    @property
    def trend(self) -> Trend:
        """Better and worse only where chance alone is refused as an explanation."""
        if self.judged.difference is None or self.judged.p_value is None:
            return Trend.UNKNOWN
        if not self.judged.is_shown:
            return Trend.NOT_SHOWN
        return Trend.BETTER if self.judged.difference < 0 else Trend.WORSE


def overview(
    predictions: Predictions,
    rows: Predictions,
    release: date | None = None,
    one_per_product: bool = False,
    submitted_only: bool = False,
) -> Overview:
    """Compare the reject rates, and the inputs and scores with those of the training window.

    The training window is the split `train` of a table that has other rows as well, or else what lies before a named
    release; without either it is not known.

    Args:
        predictions: the whole table, for drift.
        rows: those of it whose reject rate is asked for.
        release: first day of the new system; the last RECENT_DAYS days are `now` without.
        one_per_product: as in `release_change`.
        submitted_only: as in `release_change`.

    Raises:
        AnalysisError: when no reviewed row has a date, when submitted rows are asked of a table without decisions, or
            when the release leaves no row on one side of it for drift.
    """
    border = recent_start(rows) if release is None else release
    used = release_rows(rows, border, one_per_product, submitted_only)
    change = release_change(rows, border, one_per_product, submitted_only)
    judged = clustered_change(rows.products[used.rows], ~rows.is_qualified[used.rows], used.after[used.rows])
    check = None
    splits = set(predictions.frame["split"])
    if len(splits) > 1 and TRAINING_SPLIT in splits:
        check = check_drift(predictions, reference_split=TRAINING_SPLIT)
    elif release is not None:
        check = check_drift(predictions, reference_until=release - timedelta(days=1))
    return Overview(border, release is not None, submitted_only, change, judged, check)


def recent_start(predictions: Predictions, days: int = RECENT_DAYS) -> date:
    """The first of the last `days` days up to the last review.

    Raises:
        AnalysisError: when no reviewed row has a date.
    """
    last = predictions.dates[predictions.is_reviewed].max()
    if pd.isna(last):
        raise AnalysisError(
            f"none of the {len(predictions)} rows has both a label and a date; a reject rate over time needs them"
        )
    return date.fromordinal(last.date().toordinal() - days + 1)
