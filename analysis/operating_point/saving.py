"""From a choice to the threshold file that the pipeline reads."""

from __future__ import annotations

from datetime import date

from agpis.data.threshold_file import StoredThreshold
from analysis.operating_point.choices import Choice


def stored_threshold(choice: Choice, day: date) -> StoredThreshold:
    """What the file says of a choice; write it with `agpis.data.threshold_file.write_threshold_file`.

    Args:
        choice: the choice.
        day: of the choice.
    """
    return StoredThreshold(
        threshold=choice.threshold,
        criterion=choice.criterion.words,
        alpha=choice.criterion.alpha,
        delta=choice.criterion.delta,
        split=choice.chosen_on.split,
        n=choice.chosen_on.n,
        date=day,
        model=choice.chosen_on.model,
        table_sha256=choice.chosen_on.table_sha256,
    )
