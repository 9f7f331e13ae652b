"""Tables of predictions: what is read, what is refused with which column and row, what is counted and left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from prediction_tables import COLUMNS, table

from agpis.rules import RuleCategory
from analysis.errors import PredictionsError
from analysis.predictions import UNREVIEWED, check_predictions, read_predictions


def with_value(row: int, column: str, value: Any, rows: int = 4) -> pd.DataFrame:
    """One value changed, the row counted from 1."""
    frame = table(rows)
    frame[column] = frame[column].astype(object)
    frame.loc[row - 1, column] = value
    return frame


def test_a_table_is_read_as_it_is() -> None:
    read = check_predictions(table())
    assert len(read) == 4
    assert read.labels.tolist() == [0, 1, 0, 1]
    assert read.p_t.tolist() == pytest.approx([0.9, 0.8, 0.7, 0.6])
    assert np.isnan(read.p_nlg).all()
    assert read.is_qualified.tolist() == [True, False, True, False]
    assert read.of_category(RuleCategory.SINGLE).tolist() == [False, True, False, True]
    assert read.exclusions == ()
    assert read.dates.dt.month.tolist() == [3, 3, 3, 3]


def test_rows_without_review_are_kept_and_told_apart() -> None:
    read = check_predictions(with_value(2, "label", ""))
    assert read.labels.tolist() == [0, UNREVIEWED, 0, 1]
    assert read.reviewed().frame["product_id"].tolist() == ["p0", "p2", "p3"]
    assert read.reviewed().probabilities.shape == (3, len(COLUMNS))


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".csv.gz"])
def test_files_of_every_kind_say_the_same(tmp_path: Path, suffix: str) -> None:
    frame = table().assign(p_nlg=np.array([0.5, np.nan, 0.25, 0.0]), title="NA")
    path = tmp_path / f"table{suffix}"
    if suffix == ".parquet":
        frame["images"] = pd.Series([["a.jpg", "b.jpg"]] * 4)
        frame.to_parquet(path)
    else:
        frame.assign(images="a.jpg|b.jpg").to_csv(path, index=False)
    read = read_predictions(path)
    assert read.p_t.tolist() == pytest.approx([0.9, 0.8, 0.7, 0.6])
    assert read.frame["images"].tolist() == [("a.jpg", "b.jpg")] * 4
    assert read.frame["title"].tolist() == ["NA"] * 4  # a title, not a missing value
    assert np.isnan(read.p_nlg).tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (3, "p_t", 1.5, r"row 3: column p_t is 1\.5, not a number in \[0, 1\]"),
        (2, COLUMNS[4], float("nan"), rf"row 2: column {COLUMNS[4]} is nan"),
        (2, COLUMNS[4], "high", rf"row 2: column {COLUMNS[4]} is 'high'"),
        (4, COLUMNS[2], 0.5, r"row 4: the class probabilities sum to 1\.49"),
        (1, "label", "X99", "row 1: column label names rule 'X99', which is not among qualified, S01"),
        (2, "split", "dev", "row 2: column split is 'dev', not one of train, val, test"),
        (3, "date", "first of May", "row 3: column date is 'first of May', which is no ISO 8601 date"),
        (3, "product_id", "", "row 3: column product_id is empty"),
        (2, "p_nlg", -0.1, r"row 2: column p_nlg is -0\.1"),
        (2, "decision", "maybe", "row 2: column decision is 'maybe', not one of submitted, withheld"),
    ],
)
def test_a_wrong_value_is_refused_by_row_and_column(row: int, column: str, value: Any, message: str) -> None:
    base = table().assign(p_t=0.5, p_nlg=0.5, decision="submitted")
    base[column] = base[column].astype(object)
    base.loc[row - 1, column] = value
    with pytest.raises(PredictionsError, match=message):
        check_predictions(base)
    read = check_predictions(base, exclude_wrong_rows=True)
    assert len(read) == 3
    assert [(exclusion.count, exclusion.first_row) for exclusion in read.exclusions] == [(1, row)]


def test_a_product_in_two_splits_is_refused() -> None:
    frame = table()
    frame.loc[3, ["product_id", "split"]] = ["p0", "val"]
    with pytest.raises(PredictionsError, match=r"row 1: product 'p0' is in several splits.*2 of 4 rows"):
        check_predictions(frame)
    assert check_predictions(frame, exclude_wrong_rows=True).frame["product_id"].tolist() == ["p1", "p2"]


def test_each_wrong_row_is_counted_once() -> None:
    frame = with_value(2, "label", "X99")
    frame.loc[1, "split"] = "dev"
    assert [exclusion.count for exclusion in check_predictions(frame, exclude_wrong_rows=True).exclusions] == [1]


def test_tables_without_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(PredictionsError, match="column label, p_S01 is missing"):
        check_predictions(table().drop(columns=["label", "p_S01"]))
    with pytest.raises(PredictionsError, match="no rows"):
        check_predictions(table().iloc[:0])
    with pytest.raises(PredictionsError, match="none of the 4 rows is usable; row 1: column split"):
        check_predictions(table(split="dev"), exclude_wrong_rows=True)
    with pytest.raises(PredictionsError, match="no such file"):
        read_predictions(tmp_path / "nothing.parquet")
    (tmp_path / "table.txt").write_text("x", encoding="utf-8")
    with pytest.raises(PredictionsError, match="ends in .parquet, .csv"):
        read_predictions(tmp_path / "table.txt")
    (tmp_path / "bad.parquet").write_text("x", encoding="utf-8")
    with pytest.raises(PredictionsError, match="could not be read as a table"):
        read_predictions(tmp_path / "bad.parquet")
