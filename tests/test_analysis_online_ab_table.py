"""Tables of A/B tests: what is read, what is refused with which column and row, what is counted and left out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.online.ab_table import ABTableError, check_ab_table, read_ab_table


def rows(days: int = 2, **changed: Any) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "date": [f"2026-03-{day + 1:02d}" for day in range(days) for _ in range(2)],
            "arm": ["control", "treatment"] * days,
            "impressions": [1000, 1001] * days,
            "clicks": [50, 60] * days,
            "orders": [5, 7] * days,
        }
    )
    return frame.assign(**changed)


def with_value(row: int, column: str, value: Any) -> pd.DataFrame:
    frame = rows().astype(object)
    frame.loc[row - 1, column] = value
    return frame


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
def test_tables_of_every_kind_say_the_same(tmp_path: Path, suffix: str) -> None:
    frame = rows().iloc[::-1].assign(arm=["B", "Control ", "b", "control"])
    path = tmp_path / f"ab{suffix}"
    if suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False)
    table = read_ab_table(path)
    assert table.arms == ("control", "b")
    assert table.dates == (date(2026, 3, 1), date(2026, 3, 2))
    assert table.impressions.tolist() == [[1000, 1001]] * 2
    assert table.clicks.tolist() == [[50, 60]] * 2


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (3, "date", "March", "row 3: column date is 'March', not an ISO 8601 date"),
        (2, "arm", "", "row 2: column arm is '', not the name of an arm"),
        (4, "impressions", 0, "row 4: column impressions is 0, not a whole number of at least 1"),
        (1, "clicks", 2.5, "row 1: column clicks is 2.5, not a whole number"),
        (1, "clicks", -1, "row 1: column clicks is -1"),
        (1, "clicks", float("inf"), "row 1: column clicks is inf"),
        (1, "clicks", "many", "row 1: column clicks is 'many'"),
        (2, "clicks", 1002, "row 2: column clicks is 1002, not at most the number of impressions"),
        (3, "orders", 51, "row 3: column orders is 51, not at most the number of clicks; count each"),
    ],
)
def test_a_wrong_value_is_refused_by_row_and_column(row: int, column: str, value: Any, message: str) -> None:
    frame = with_value(row, column, value)
    with pytest.raises(ABTableError, match=message):
        check_ab_table(frame)
    table = check_ab_table(frame, exclude_wrong_rows=True)
    assert table.dates == ((date(2026, 3, 2),) if row <= 2 else (date(2026, 3, 1),))
    assert [part.count for part in table.exclusions] == [1, 1]  # the wrong row, and the other arm of its date
    assert "the other arm has no usable row" in table.exclusions[1].reason


def test_a_date_of_one_arm_is_refused() -> None:
    with pytest.raises(ABTableError, match=r"row 3: the other arm has no usable row of '2026-03-02' \(1 of 3 rows"):
        check_ab_table(rows().iloc[:3])


def test_whole_numbers_are_told_as_such() -> None:
    with pytest.raises(ABTableError, match="row 1: column clicks is 2000, not at most the number of impressions"):
        check_ab_table(rows(clicks=2000))


def test_rows_that_stand_twice_are_refused() -> None:
    with pytest.raises(ABTableError, match="row 1: date '2026-03-01' and arm 'control' stand in several rows"):
        check_ab_table(pd.concat([rows(), rows().iloc[:1]]))


def test_arms_are_named() -> None:
    three = pd.concat([rows(), rows().iloc[:2].assign(arm=["other", "more"])])
    with pytest.raises(
        ABTableError, match=r"beside 'control' the table has 3 arms \(more, other, treatment\), not one"
    ):
        check_ab_table(three)
    table = check_ab_table(three, treatment="treatment")
    assert [(part.count, part.first_row) for part in table.exclusions] == [(2, 5)]
    assert len(table) == 2
    with pytest.raises(ABTableError, match="no arm is named 'baseline', only control, treatment; .*--control"):
        check_ab_table(rows(), control="baseline")
    with pytest.raises(ABTableError, match="no arm beside 'control' is named 'b', only treatment"):
        check_ab_table(rows(), treatment="b")


def test_tables_without_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(ABTableError, match="column arm, orders is missing"):
        check_ab_table(rows().drop(columns=["arm", "orders"]))
    with pytest.raises(ABTableError, match="no rows"):
        check_ab_table(rows().iloc[:0])
    with pytest.raises(ABTableError, match="none of the 4 rows is usable; row 1: column date"):
        check_ab_table(rows(date="?"), exclude_wrong_rows=True)
    with pytest.raises(ABTableError, match="no such file; it should have the columns date, arm"):
        read_ab_table(tmp_path / "nothing.csv")
    (tmp_path / "ab.txt").write_text("x", encoding="utf-8")
    with pytest.raises(ABTableError, match="ends in .csv"):
        read_ab_table(tmp_path / "ab.txt")
    (tmp_path / "ab.parquet").write_text("x", encoding="utf-8")
    with pytest.raises(ABTableError, match="could not be read"):
        read_ab_table(tmp_path / "ab.parquet")
