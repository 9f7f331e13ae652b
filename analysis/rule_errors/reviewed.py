"""What every part of the error analysis starts from: reviewed rows, a threshold, predicted classes."""

from __future__ import annotations

import numpy as np

from analysis.errors import AnalysisError, PredictionsError
from analysis.predictions import Bools, Ints, Predictions


def reviewed_rows(table: Predictions) -> Predictions:
    """The rows that a reviewer judged; the table itself where all are, since a copy of a large one is dear.

    Raises:
        PredictionsError: when no row has a review.
    """
    reviewed = table.is_reviewed
    if not reviewed.any():
        raise PredictionsError(
            f"column label is empty in all of the {len(table)} rows, so there are no errors to analyse; "
            "give reviewed sequences, or another --split"
        )
    return table if reviewed.all() else table.where(reviewed)


def submitted(table: Predictions, threshold: float) -> Bools:
    """(n,) whether p^t reaches th^t, so that the sequence goes to production unless a reviewer stops it.

    Raises:
        AnalysisError: when the threshold lies outside [0, 1].
    """
    if not 0 <= threshold <= 1:
        raise AnalysisError(f"threshold th^t is {threshold}, not a number in [0, 1]; the paper's is 0.3")
    return np.asarray(table.p_t >= threshold)


def predicted_classes(table: Predictions, threshold: float | None = None) -> Ints:
    """(n,) class index that the model gives each sequence.

    Args:
        table: n rows.
        threshold: th^t. Qualified is then what reaches it, and the likeliest other class is given to the rest. With
            None the likeliest class is given (section 4.1). Of equally likely classes the more severe one is.

    Raises:
        AnalysisError: when the threshold lies outside [0, 1].
    """
    if threshold is None:
        return np.asarray(table.probabilities.argmax(axis=1), np.int64)
    rules: Ints = table.probabilities[:, 1:].argmax(axis=1).astype(np.int64) + 1
    rules[submitted(table, threshold)] = 0
    return rules
