"""Drift with advice in one call, counts typed in, uploads, and how long a test must run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from prediction_tables import table

from analysis.errors import AnalysisError, PredictionsError
from analysis.online.ab_table import ABTableError, ArmCounts, ab_table_from_bytes, ab_table_of_totals, read_ab_table
from analysis.online.check import check_drift
from analysis.online.figures import power_figure
from analysis.online.sample_size import Design, SampleSize, power, power_curve, sample_size
from analysis.predictions import check_predictions, predictions_from_bytes, read_predictions

DAYS = [f"2026-0{1 + row // 20}-{1 + row % 20:02d}" for row in range(60)]


def test_the_check_compares_both_sides_and_advises() -> None:
    read = check_predictions(table(60, date=DAYS).assign(**steady()))
    found = check_drift(read, reference_until=date(2026, 1, 31))
    assert (found.report.n_reference, found.report.n_current) == (20, 40)
    assert (found.reject_rates.before.value, found.reject_rates.after.value) == (0.5, 0.5)
    assert found.advice.age_days == (date(2026, 3, 20) - date(2026, 1, 31)).days
    assert check_drift(read, date(2026, 1, 31), today=date(2026, 6, 1)).advice.age_days == 121


def steady() -> dict[str, float]:
    """Equal probabilities in every row."""
    names = [name for name in table(1).columns if name.startswith("p_")]
    return {name: 0.5 if name == "p_qualified" else 0.5 / (len(names) - 1) for name in names}


def test_exactly_one_training_window_is_named() -> None:
    read = check_predictions(table(4))
    with pytest.raises(AnalysisError, match="either by its last day or by its split"):
        check_drift(read)
    with pytest.raises(AnalysisError, match="either by its last day or by its split"):
        check_drift(read, date(2026, 1, 1), "train")
    with pytest.raises(AnalysisError, match="none of the 4 rows"):
        check_drift(read, reference_split="train")


def test_totals_make_a_table_of_one_day() -> None:
    made = ab_table_of_totals(ArmCounts(100, 10, 1), ArmCounts(110, 12, 0), date(2026, 3, 1))
    assert (made.dates, made.arms) == ((date(2026, 3, 1),), ("control", "treatment"))
    assert (made.impressions.tolist(), made.clicks.tolist(), made.orders.tolist()) == (
        [[100, 110]],
        [[10, 12]],
        [[1, 0]],
    )


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (ArmCounts(0, 0, 0), "treatment arm has 0 impressions"),
        (ArmCounts(5, 6, 1), "6 clicks of 5 impressions"),
        (ArmCounts(5, 4, 5), "5 orders of 4 clicks"),
        (ArmCounts(5, 4, -1), "-1 orders"),
    ],
)
def test_totals_that_cannot_be_are_refused_by_name(wrong: ArmCounts, told: str) -> None:
    with pytest.raises(ABTableError, match=told):
        ab_table_of_totals(ArmCounts(100, 10, 1), wrong, date(2026, 3, 1))


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet"])
def test_an_upload_is_read_as_its_file_is(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    frame = table(4)
    frame.to_parquet(path) if name.endswith("parquet") else frame.to_csv(path, index=False)
    uploaded, read = predictions_from_bytes(path.read_bytes(), name), read_predictions(path)
    assert uploaded.frame.equals(read.frame)
    assert uploaded.p_t.tolist() == read.p_t.tolist()
    days = "date,arm,impressions,clicks,orders\n2026-03-01,control,9,3,1\n2026-03-01,b,8,2,1\n"
    (tmp_path / "ab.csv").write_text(days)
    assert ab_table_from_bytes(days.encode(), "ab.csv").clicks.tolist() == [[3, 2]]
    assert read_ab_table(tmp_path / "ab.csv").clicks.tolist() == [[3, 2]]


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet", "t.xlsx"])
def test_an_upload_that_is_no_table_is_refused_by_name(name: str) -> None:
    with pytest.raises(PredictionsError, match=name):
        predictions_from_bytes(b"\x00\x01 no table", name)
    with pytest.raises(ABTableError, match=name):
        ab_table_from_bytes(b"\x00\x01 no table", name)


def test_power_rises_to_what_the_design_asks_for_and_beyond() -> None:
    design = Design(0.05, 0.1)
    curve = power_curve(design, points=10)
    assert curve.totals[-1] == 2 * curve.size.total
    assert list(curve.powers) == sorted(curve.powers)
    assert power(design, curve.size.total) == pytest.approx(design.power, abs=1e-4)
    figure = power_figure(curve)
    assert (figure.data[1].x, figure.data[1].y) == ((curve.size.total,), (design.power,))
    assert sample_size(design) == curve.size
    assert [SampleSize(design, 5, 5).days(per_day) for per_day in (1, 3, 5, 10, 11)] == [10, 4, 2, 1, 1]
