"""What the commands about scores share: reading one split, numbers as text, results as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from agpis.data.reviews import SPLITS
from agpis.rules import load_taxonomy
from analysis.errors import PredictionsError
from analysis.metrics.bootstrap import Score
from analysis.predictions import Exclusion, Predictions, read_predictions

ALL_SPLITS = "all"


def read_table(path: Path, split: str, rules: Path | None, exclude_wrong_rows: bool) -> Predictions:
    """One split of a table, or all of it.

    Raises:
        PredictionsError: when the table is wrong, the split is unknown or has no rows.
        RulesError: when the rule file cannot be read.
    """
    if split not in (*SPLITS, ALL_SPLITS):
        raise PredictionsError(f"split {split!r} is not one of {', '.join((*SPLITS, ALL_SPLITS))}")
    read = read_predictions(path, load_taxonomy(rules), exclude_wrong_rows)
    rows = read if split == ALL_SPLITS else read.in_split(split)
    if not len(rows):
        there = ", ".join(sorted(set(read.frame["split"])))
        raise PredictionsError(f"{path} has no row of split {split}, only of {there}; choose one with --split")
    return rows


def told_excluded(exclusions: Iterable[Exclusion]) -> Iterable[str]:
    """How many rows of the whole table were left out and why, a line each."""
    for one in exclusions:
        yield f"{one.count:,} rows of the table were left out, the first of them row {one.first_row}: {one.reason}."


def number(value: float | None) -> str:
    """Three decimals, or a dash where undefined."""
    return "-" if value is None else f"{value:.3f}"


def interval(score: Score) -> str:
    """Both ends, or a dash where undefined."""
    return "-" if score.low is None or score.high is None else f"{score.low:.3f} to {score.high:.3f}"


def write_json(result: Any, path: Path) -> None:
    """A result dataclass; undefined numbers are null beside their reason."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(dataclasses.asdict(result), indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
