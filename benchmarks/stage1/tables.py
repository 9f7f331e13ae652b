"""How the stage-1 benchmarks print scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from rich.table import Table

from analysis.metrics.bootstrap import Bootstrap, Score
from analysis.metrics.ranking import auc, mean


def auc_against(
    name: str, bad: Sequence[float], good: Sequence[float], bad_groups: Sequence[str], good_groups: Sequence[str]
) -> Score:
    """AUC of telling `bad` from `good` by a score that should be larger for `bad`; groups are resampled as wholes."""
    labels = np.array([1] * len(bad) + [0] * len(good), dtype=np.int64)
    return Bootstrap().score(name, auc, labels, np.array([*bad, *good], dtype=np.float64), [*bad_groups, *good_groups])


def share(name: str, hits: Sequence[float], groups: Sequence[str]) -> Score:
    """Mean of hits, 0 or 1 each or a chance, in [0, 1]; groups are resampled as wholes."""
    return Bootstrap().score(name, mean, np.zeros(len(hits), np.int64), np.array(hits, dtype=np.float64), groups)


def score_table(title: str, scores: Iterable[Score], columns: Sequence[str] = ("score", "value", "n")) -> Table:
    """Scores with their 95% bootstrap intervals."""
    name, value, count = columns
    table = Table(name, value, "95% interval", count, title=title)
    for score in scores:
        table.add_row(score.name, _number(score.value), interval(score), str(score.n))
    return table


def interval(score: Score) -> str:
    """Both ends, or a dash where the data defines none."""
    return "-" if score.low is None or score.high is None else f"{score.low:.3f} to {score.high:.3f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
