"""Tables of predictions: read from Parquet or CSV, checked, and held as one typed value.

Rows are checked all at once, so that a million of them takes seconds. A wrong row is an error that names column and
row, or, when asked for, an exclusion that is counted.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from agpis.data.predictions import (
    DECISIONS,
    EXTRA_COLUMNS,
    IMAGE_SEPARATOR,
    TEXT_COLUMNS,
    probability_columns,
)
from agpis.data.reviews import SPLITS
from agpis.reasons import Reason
from agpis.rules import RuleCategory, RuleTaxonomy, load_taxonomy
from analysis.errors import PredictionsError

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SUM_TOLERANCE = 1e-3  # how far the class probabilities of a row may be from 1 in sum
UNREVIEWED = -1
"""Class index of a row without label."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Rows that were left out of a table.

    Attributes:
        reason: what is wrong with them.
        count: how many.
        first_row: the first of them; rows are counted from 1, the header not among them.
    """

    reason: str
    count: int
    first_row: int


@dataclass(frozen=True, eq=False)
class Predictions:
    """Scored sequences, n of them.

    Attributes:
        frame: n rows of text: TEXT_COLUMNS and those of EXTRA_COLUMNS that the table has; index 0 to n - 1.
        probabilities: (n, K^g) p^mcc in class order, float32.
        p_t: (n,) p^t in [0, 1].
        p_nlg: (n,) p^nlg of the qualified word in [0, 1], NaN where unknown.
        taxonomy: the classes.
        exclusions: what was left out when the table was read.
    """

    frame: pd.DataFrame
    probabilities: npt.NDArray[np.float32]
    p_t: Floats
    p_nlg: Floats
    taxonomy: RuleTaxonomy
    exclusions: tuple[Exclusion, ...] = ()

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def labels(self) -> Ints:
        """(n,) class index of each review, UNREVIEWED without one."""
        return pd.Index(self.taxonomy.ids).get_indexer(pd.Index(self.frame["label"])).astype(np.int64)

    @property
    def is_reviewed(self) -> Bools:
        """(n,) whether a reviewer judged the sequence."""
        return np.asarray(self.labels != UNREVIEWED)

    @property
    def is_qualified(self) -> Bools:
        """(n,) whether a reviewer accepted the sequence; False without a review."""
        return np.asarray(self.labels == 0)

    @property
    def rule_categories(self) -> npt.NDArray[np.object_]:
        """(K^g,) the RuleCategory of each class."""
        return np.array([rule.category for rule in self.taxonomy.classes], dtype=object)

    @cached_property
    def products(self) -> Ints:
        """(n,) which product each sequence belongs to, from 0: what a bootstrap resamples."""
        return pd.factorize(self.frame["product_id"])[0].astype(np.int64)

    @cached_property
    def dates(self) -> pd.Series[pd.Timestamp]:
        """(n,) moments of the reviews, without time zone; NaT where the table has none."""
        return pd.to_datetime(self.frame["date"], format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)

    def where(self, rows: Bools) -> Predictions:
        """Only some rows, as a mask (n,) tells."""
        if rows.all():
            return self  # a million rows are not copied for nothing
        frame = self.frame[rows].reset_index(drop=True)
        return replace(
            self, frame=frame, probabilities=self.probabilities[rows], p_t=self.p_t[rows], p_nlg=self.p_nlg[rows]
        )

    def reviewed(self) -> Predictions:
        """Only the rows that a reviewer judged."""
        return self.where(self.is_reviewed)

    def in_split(self, *splits: str) -> Predictions:
        """Only the rows of some splits."""
        return self.where(self.frame["split"].isin(splits).to_numpy())

    def of_category(self, category: RuleCategory) -> Bools:
        """(n,) whether a review names a rule of this category."""
        classes = np.flatnonzero(self.rule_categories == category)
        return np.isin(self.labels, classes)


def read_predictions(
    path: str | os.PathLike[str], taxonomy: RuleTaxonomy | None = None, exclude_wrong_rows: bool = False
) -> Predictions:
    """Read and check a table that `agpis predict` wrote, or one of the same columns.

    Args:
        path: .parquet, .csv or .csv.gz.
        taxonomy: the classes; the default rules when left out.
        exclude_wrong_rows: leave wrong rows out and count them, instead of refusing the table.

    Raises:
        PredictionsError: when the file is missing or of another kind, lacks columns, holds no usable row, or has a
            wrong row and these are not excluded.
    """
    path = Path(path)
    if not path.is_file():
        raise PredictionsError(f"{path}: no such file; write one with: python -m agpis predict --out {path.name}")
    return _checked(path, str(path), taxonomy, exclude_wrong_rows)


def predictions_from_bytes(
    data: bytes, name: str, taxonomy: RuleTaxonomy | None = None, exclude_wrong_rows: bool = False
) -> Predictions:
    """Check the content of a file, as it is uploaded; `name` tells its kind, and the rest is as in `read_predictions`.

    Raises:
        PredictionsError: as there.
    """
    return _checked(BytesIO(data), name, taxonomy, exclude_wrong_rows)


def _checked(source: Path | BytesIO, name: str, taxonomy: RuleTaxonomy | None, exclude_wrong_rows: bool) -> Predictions:
    try:
        if name.endswith(".parquet"):
            frame = pd.read_parquet(source)
        elif name.endswith((".csv", ".csv.gz")):
            text = dict.fromkeys((*TEXT_COLUMNS, *EXTRA_COLUMNS), str)
            packing: Literal["gzip"] | None = "gzip" if name.endswith(".gz") else None
            frame = pd.read_csv(source, dtype=text, keep_default_na=False, compression=packing)
        else:
            raise PredictionsError(Reason.TABLE_KIND.format(file=name))
    except (OSError, EOFError, ValueError, UnicodeDecodeError, zlib.error, pa.ArrowException) as error:
        raise PredictionsError(Reason.TABLE_UNREADABLE.format(file=name, error=error)) from error
    try:
        return check_predictions(frame, taxonomy, exclude_wrong_rows)
    except PredictionsError as error:
        raise PredictionsError(f"{name}: {error}") from error


def check_predictions(
    frame: pd.DataFrame, taxonomy: RuleTaxonomy | None = None, exclude_wrong_rows: bool = False
) -> Predictions:
    """Check a table in memory; arguments and errors are those of `read_predictions`."""
    taxonomy = taxonomy or load_taxonomy()
    columns = probability_columns(taxonomy)
    missing = [name for name in (*TEXT_COLUMNS, *columns) if name not in frame.columns]
    if missing:
        raise PredictionsError(Reason.TABLE_LACKS.format(column=", ".join(missing)))
    if not len(frame):
        raise PredictionsError(Reason.TABLE_EMPTY)
    table = _table_of(frame, columns, taxonomy)
    wrong = np.zeros(len(frame), bool)
    exclusions: list[Exclusion] = []
    for reason, bad in _checks(table, frame, taxonomy):
        new = bad & ~wrong
        if new.any():
            exclusions.append(Exclusion(reason(int(new.argmax())), int(new.sum()), int(new.argmax()) + 1))
        wrong |= bad
    if exclusions and not exclude_wrong_rows:
        first = min(exclusions, key=lambda exclusion: exclusion.first_row)
        raise PredictionsError(
            Reason.TABLE_ROW.format(row=first.first_row, clause=first.reason, wrong=int(wrong.sum()), total=len(frame))
        )
    if wrong.all():
        raise PredictionsError(Reason.TABLE_USELESS.format(total=len(frame), clause=exclusions[0].reason))
    return replace(table.where(~wrong), exclusions=tuple(exclusions))


def _table_of(frame: pd.DataFrame, columns: Sequence[str], taxonomy: RuleTaxonomy) -> Predictions:
    """The table as it is; what is no number becomes NaN, which the checks find."""
    kept = [name for name in (*TEXT_COLUMNS, *EXTRA_COLUMNS) if name in frame.columns]
    text = frame[kept].reset_index(drop=True)
    names = [name for name in kept if name != "images"]
    text = text.assign(**{name: text[name].fillna("").astype(str) for name in names})
    if "images" in kept:
        text["images"] = [_files_of(value) for value in text["images"]]
    probabilities = np.empty((len(frame), len(columns)), np.float32)
    for place, name in enumerate(columns):
        probabilities[:, place] = _numbers(frame[name])
    p_t = _numbers(frame["p_t" if "p_t" in frame.columns else columns[0]])
    p_nlg = _numbers(frame["p_nlg"]) if "p_nlg" in frame.columns else np.full(len(frame), np.nan)
    return Predictions(text, probabilities, p_t, p_nlg, taxonomy)


def _numbers(column: pd.Series[float]) -> Floats:
    return np.asarray(pd.to_numeric(column, errors="coerce"), np.float64)


def _files_of(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(file for file in value.split(IMAGE_SEPARATOR) if file)
    return () if value is None or isinstance(value, float) else tuple(map(str, value))  # type: ignore[call-overload]


_Check = tuple[Callable[[int], str], Bools]


def _checks(table: Predictions, raw: pd.DataFrame, taxonomy: RuleTaxonomy) -> list[_Check]:
    """What is wrong with a row, in words, and which rows it is wrong with."""
    columns = probability_columns(taxonomy)
    p, sums = table.probabilities, table.probabilities.sum(axis=1, dtype=np.float64)
    outside = ~((p >= 0) & (p <= 1))

    def text(name: str) -> npt.NDArray[np.object_]:
        return table.frame[name].to_numpy(dtype=object)

    label, split, date = text("label"), text("split"), table.frame["date"]
    known = pd.Series(label).isin(["", *taxonomy.ids]).to_numpy()
    checks: list[_Check] = [
        (lambda row: Reason.CELL_PRODUCT, text("product_id") == ""),
        (
            lambda row: _told(Reason.CELL_SHARE, columns[int(outside[row].argmax())], raw, row),
            np.asarray(outside.any(axis=1)),
        ),
        (
            lambda row: Reason.CELL_SUM.format(value=f"{sums[row]:.4f}"),
            np.nan_to_num(np.abs(sums - 1), nan=0.0) > SUM_TOLERANCE,
        ),
        (lambda row: _told(Reason.CELL_SHARE, "p_t", raw, row), ~((table.p_t >= 0) & (table.p_t <= 1))),
        (
            lambda row: Reason.CELL_RULE.format(rule=repr(label[row]), rules=", ".join(taxonomy.ids)),
            ~known,
        ),
        (
            lambda row: Reason.CELL_CHOICE.format(column="split", value=repr(split[row]), choices=", ".join(SPLITS)),
            ~pd.Series(split).isin(SPLITS).to_numpy(),
        ),
        (
            lambda row: Reason.CELL_DAY.format(value=repr(date[row])),
            (table.dates.isna() & (date != "")).to_numpy(),
        ),
        (
            lambda row: Reason.CELL_SPLITS.format(product=repr(text("product_id")[row])),
            _in_several_splits(table.frame),
        ),
    ]
    if "p_nlg" in raw.columns:
        outside_nlg = ~np.isnan(table.p_nlg) & ~((table.p_nlg >= 0) & (table.p_nlg <= 1))
        checks.append((lambda row: _told(Reason.CELL_SHARE_OR_EMPTY, "p_nlg", raw, row), outside_nlg))
    if "decision" in table.frame:
        decision = text("decision")
        wrong = ~table.frame["decision"].isin(["", *DECISIONS]).to_numpy()
        checks.append(
            (
                lambda row: Reason.CELL_CHOICE.format(
                    column="decision", value=repr(decision[row]), choices=", ".join(DECISIONS)
                ),
                wrong,
            )
        )
    return checks


def _told(reason: Reason, column: str, raw: pd.DataFrame, row: int) -> str:
    value = raw[column].iloc[row] if column in raw.columns else "missing"
    return reason.format(column=column, value=repr(value))


def _in_several_splits(frame: pd.DataFrame) -> Bools:
    pairs = frame[["product_id", "split"]].drop_duplicates()
    several = pairs["product_id"][pairs["product_id"].duplicated(keep=False)]
    return np.asarray(frame["product_id"].isin(set(several)), np.bool_)
