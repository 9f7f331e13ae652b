"""Figures say what the results say, and the commands print, write and refuse."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import typer
from prediction_tables import COLUMNS, table
from typer.testing import CliRunner, Result

from analysis.commands.online import register
from analysis.errors import AnalysisError
from analysis.online.ab_table import check_ab_table
from analysis.online.ab_test import Metric, ab_test
from analysis.online.drift import drift, windows_by_date
from analysis.online.figures import drift_figure, lift_figure, reject_rate_figure
from analysis.online.over_time import Period, reject_rates, release_change
from analysis.predictions import Predictions, check_predictions

APP = typer.Typer()
register(APP)
RELEASE = date(2026, 3, 1)


def frame(rows: int = 300, **changed: Any) -> pd.DataFrame:
    """Two months of reviews with nothing in the third week; a quarter is rejected before the release, then a tenth."""
    day = np.where(np.arange(rows) < rows // 2, np.arange(rows) % 14, 28 + np.arange(rows) % 28)
    dates = (pd.Timestamp("2026-02-02") + pd.to_timedelta(day, unit="D")).strftime("%Y-%m-%d")
    every = np.where(np.arange(rows) < rows // 2, 4, 10)
    label = np.where(np.arange(rows) % every == 0, "S01", "qualified")
    made = table(rows, date=dates, label=label, title="x", p_t=np.linspace(0, 1, rows), **changed)
    return made.assign(**{name: (1.0 if index == 0 else 0.0) for index, name in enumerate(COLUMNS)})


def predictions(**changed: Any) -> Predictions:
    return check_predictions(frame(**changed))


def ab_frame(days: int = 6, clicks: tuple[int, int] = (500, 600)) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": [f"2026-03-{day + 1:02d}" for day in range(days) for _ in range(2)],
            "arm": ["control", "treatment"] * days,
            "impressions": 10_000,
            "clicks": list(clicks) * days,
            "orders": [40, 50] * days,
        }
    )


# Figures


def test_reject_rates_are_drawn_with_gaps_bands_and_release() -> None:
    rates = reject_rates(predictions(), Period.WEEK)
    figure = reject_rate_figure(rates, release_change(predictions(), RELEASE))
    line = figure.data[-1]
    assert list(line.y) == [part.rate.value for part in rates.reviewed]
    assert None in list(line.y)
    assert not line.connectgaps
    bands = figure.data[:-1]
    assert len(bands) == 2  # before and after the gap
    ends = [end for part in rates.reviewed for end in (part.rate.low, part.rate.high) if end is not None]
    assert sorted(y for band in bands for y in band.y) == sorted(ends)
    assert figure.layout.shapes[0].x0 == RELEASE
    assert figure.layout.annotations[0].text == "release"
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("middle of the week", "reject rate")


def test_submitted_sequences_have_a_line_of_their_own() -> None:
    decided = predictions(decision=["submitted", "withheld"] * 150)
    names = [trace.name for trace in reject_rate_figure(reject_rates(decided)).data if trace.fill is None]
    assert names == ["reviewed", "submitted and reviewed"]


def test_drift_bars_are_the_psi_and_names_are_no_markup() -> None:
    source = ["shop"] * 150 + ["<a href='x'>new</a>"] * 150
    moved = predictions(source=source)
    report = drift(moved, windows_by_date(moved, date(2026, 2, 28)))
    figure = drift_figure(report)
    bars = {name: length for trace in figure.data for name, length in zip(trace.y, trace.x, strict=True)}
    assert bars == {feature.name: feature.psi for feature in report.features if feature.psi is not None}
    level = {name: trace.name for trace in figure.data for name in trace.y}
    assert level["source"] == "major"
    assert figure.layout.yaxis.categoryarray[-1] == max(bars, key=lambda name: bars[name] or 0)
    told = next(
        text for trace in figure.data for name, text in zip(trace.y, trace.customdata, strict=True) if name == "source"
    )
    assert "&lt;a href" in told
    assert "<a" not in told
    assert figure.layout.title.text == "Not compared: p_nlg, num_images"
    assert [shape.x0 for shape in figure.layout.shapes] == [0.1, 0.25]


def test_lift_is_drawn_with_its_band_and_the_decision() -> None:
    result = ab_test(check_ab_table(ab_frame()), Metric.CTR)
    figure = lift_figure(result)
    assert list(figure.data[-1].y) == [look.lift for look in result.looks]
    closed = [look for look in result.looks if look.low is not None and look.high is not None]
    assert sum(len(trace.x) for trace in figure.data[:-1]) == 2 * len(closed)
    assert result.decided is not None
    assert figure.layout.shapes[-1].x0 == result.decided
    low, high = figure.layout.yaxis.range
    last = result.looks[-1]
    assert last.low is not None
    assert last.high is not None
    assert low < min(last.low, 0) < last.high < high
    undecided = lift_figure(ab_test(check_ab_table(ab_frame(1, (2, 1)).assign(orders=0)), Metric.CTR))
    assert len(undecided.data) == 1  # no band while it is open
    assert len(undecided.layout.shapes) == 1  # the line of no lift


# Commands


def run(*words: object) -> Result:
    return CliRunner().invoke(APP, [str(word) for word in words])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "table.parquet"
    frame().to_parquet(path)
    return path


def test_over_time(file: Path, tmp_path: Path) -> None:
    out, figures = tmp_path / "new" / "rates.json", tmp_path / "figures"
    ran = run("over-time", file, "--release", RELEASE, "--period", "month", "--json", out, "--figures", figures)
    assert ran.exit_code == 0, ran.output
    assert "The rate fell. 25.3% (n=150) before and 10.0% (n=150) after" in ran.output
    assert "one trial a row" in ran.output
    written = json.loads(out.read_text(encoding="utf-8"))
    assert [part["rate"]["n"] for part in written["rates"]["reviewed"]] == [150, 150]
    assert written["rates"]["reviewed"][0]["start"] == "2026-02-01"
    assert (figures / "reject-rate.html").is_file()
    only = run("over-time", file, "--release", RELEASE, "--one-per-product")
    assert "one trial a product" in only.output


def test_drift_and_advice(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "drift.json"
    ran = run("drift", file, "--reference-until", "2026-02-28", "--json", out, "--figures", tmp_path / "figures")
    assert ran.exit_code == 0, ran.output
    assert "Advice: retrain" in ran.output  # p^t rises with the row, thus with the date
    written = json.loads(out.read_text(encoding="utf-8"))
    assert written["advice"]["age_days"] == 29
    features = {feature["name"]: feature for feature in written["drift"]["features"]}
    assert features["p_t"]["level"] == "major"
    assert 0 < features["p_t"]["adjusted_p"] < 1e-6  # not rounded to 0
    assert features["p_nlg"]["psi"] is None
    assert (tmp_path / "figures" / "drift.html").is_file()
    later = run("drift", file, "--reference-until", "2026-02-28", "--today", "2026-07-01")
    assert "The training window ended 123 days ago" in later.output


def test_drift_against_a_split(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    frame(split=["train"] * 150 + ["test"] * 150).to_csv(path, index=False)
    ran = run("drift", path, "--reference-split", "train")
    assert ran.exit_code == 0, ran.output
    assert "may be overfitting" in " ".join(ran.output.split())


def test_a_training_split_that_ends_last_is_0_days_old(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    frame(split=["test"] * 150 + ["train"] * 150).to_parquet(path)
    ran = run("drift", path, "--reference-split", "train")
    assert ran.exit_code == 0, ran.output
    assert "The training window ended 0 days ago" in ran.output


def test_ab_test_command(tmp_path: Path) -> None:
    path, out = tmp_path / "ab.csv", tmp_path / "ab.json"
    ab_frame().to_csv(path, index=False)
    ran = run("ab-test", path, "--json", out, "--figures", tmp_path / "figures")
    assert ran.exit_code == 0, ran.output
    assert "CTR: the arms differ, shown on 2026-03-0" in ran.output
    written = json.loads(out.read_text(encoding="utf-8"))
    assert [result["metric"] for result in written["results"]] == ["CTR", "CVR", "orders per impression"]
    assert len(written["results"][0]["looks"]) == 6
    assert sorted(made.name for made in (tmp_path / "figures").glob("*.html")) == [
        "lift-ctr.html",
        "lift-cvr.html",
        "lift-order_rate.html",
    ]


def test_sample_size_command() -> None:
    ran = run("sample-size", "--base", 0.5, "--lift", 0.5, "--power", 0.9, "--per-day", 100, "--units", 100)
    assert ran.exit_code == 0, ran.output
    told = " ".join(ran.output.split())
    assert "77 units of control, 77 of treatment, 154 in all" in told
    assert "With 100 units a day: 2 days" in told
    assert "With 100 units in all the power is 0.740" in told


def test_wrong_rows_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    wrong = frame()
    wrong.loc[4, "date"] = "soon"
    wrong.to_csv(path, index=False)
    refused = run("over-time", path)
    assert isinstance(refused.exception, AnalysisError)
    assert "row 5: column date is 'soon'" in str(refused.exception)
    ran = run("over-time", path, "--exclude-wrong-rows")
    assert "Excluded 1 rows, the first row 5: column date is 'soon'" in ran.output


def test_what_cannot_be_run(file: Path, tmp_path: Path) -> None:
    for words, message in (
        (("drift", file), "either --reference-until or --reference-split"),
        (("drift", file, "--reference-until", "2026-02-28", "--reference-split", "test"), "either --reference-until"),
        (("over-time", file, "--split", "train"), "has no row of split train, only of test; choose another --split"),
        (("over-time", file, "--json", tmp_path), "--json .* cannot be written"),
        (("over-time", file, "--figures", file), "--figures .* cannot be written"),
    ):
        ran = run(*words)
        assert isinstance(ran.exception, AnalysisError)
        with pytest.raises(AnalysisError, match=message):
            raise ran.exception
    assert run("over-time", file, "--release", "March").exit_code == 2
