"""Figures and the command of the error analysis say what the results say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
import typer
from prediction_tables import COLUMNS, TAXONOMY, table
from typer.testing import CliRunner

from agpis.rules import RuleCategory
from analysis.commands.errors import errors
from analysis.errors import AnalysisError
from analysis.figures import CATEGORY_COLOURS
from analysis.predictions import check_predictions
from analysis.rule_errors import analyse_errors, class_confusion, rule_errors, slice_errors
from analysis.rule_errors.figures import confusion_figure, escape_figure, readings_figure, slices_figure

APP = typer.Typer()
APP.command()(errors)


def frame(rows: int = 40, **changed: Any) -> pd.DataFrame:
    """Half accepted, a quarter rejected for S01, a quarter for P01; p^t falls from 0.98 in steps of 0.02."""
    made = table(rows).drop(columns=list(COLUMNS))
    p = np.zeros((rows, len(COLUMNS)))
    p[:, 0] = 0.98 - np.arange(rows) * 0.02
    p[:, COLUMNS.index("p_P01")] = 1 - p[:, 0]
    labels = [("qualified", "S01", "qualified", "P01")[row % 4] for row in range(rows)]
    made = pd.concat([made, pd.DataFrame(p, columns=list(COLUMNS))], axis=1)
    p_nlg = np.where(np.arange(rows) == 0, np.nan, 0.5)
    return made.assign(label=labels, category=["<b>mug</b>", "lamp"] * (rows // 2), p_nlg=p_nlg).assign(**changed)


READ = check_predictions(frame())


def axes(figure: go.Figure) -> tuple[str, str]:
    return figure.layout.xaxis.title.text, figure.layout.yaxis.title.text


def test_the_heat_map_holds_shares_and_leaves_rows_without_support_empty() -> None:
    confusion = class_confusion(READ)
    figure = confusion_figure(confusion)
    (heat,) = figure.data
    row = TAXONOMY.index("P01")
    assert list(heat.y) == list(heat.x) == list(TAXONOMY.ids)
    assert heat.z[row][row] == confusion.share("P01", "P01").value
    assert sum(heat.z[row]) == pytest.approx(1)
    assert set(heat.z[TAXONOMY.index("S02")]) == {None}
    assert heat.customdata[row][row] == f"{confusion.share('P01', 'P01').count} of 10 sequences"
    assert axes(figure) == ("the model's class", "the reviewer's class")


def test_bars_are_escape_rates_with_the_ends_of_their_intervals() -> None:
    found = rule_errors(READ, 0.3)
    figure = escape_figure(found)
    assert len(figure.data) == 2
    for bars in figure.data:
        for place, (rule_id, count, n) in enumerate(bars.customdata):
            rate = next(rule.escaped for rule in found.rules if rule.rule_id == rule_id)
            assert (bars.x[place], count, n) == (rate.value, rate.count, rate.n)
            assert bars.x[place] + bars.error_x.array[place] == pytest.approx(rate.high)
            assert bars.x[place] - bars.error_x.arrayminus[place] == pytest.approx(rate.low)
    assert [bars.marker.color for bars in figure.data] == [
        CATEGORY_COLOURS[RuleCategory.SINGLE],
        CATEGORY_COLOURS[RuleCategory.PAIR],
    ]
    assert "42 rules without a rejected sequence are left out" in figure.layout.title.text


def test_dots_are_slices_and_marks_their_rest() -> None:
    found = slice_errors(READ, 0.3, min_support=1)
    figure = slices_figure(found, "reject_rate")
    rest, same, other = figure.data
    assert len(rest.x) == len(same.x) + len(other.x) == len(found.slices) == 4
    first = found.slices[0].reject_rate
    assert rest.x[0] == first.rest.value
    by_row = {row: x for trace in (same, other) for row, x in zip(trace.y, trace.x, strict=True)}
    assert by_row[0] == first.inside.value
    # Lamps are always rejected, mugs never.
    assert {figure.layout.yaxis.ticktext[row] for row in other.y} == {
        "category: &lt;b&gt;mug&lt;/b&gt; (n = 20)",
        "category: lamp (n = 20)",
    }
    with pytest.raises(ValueError, match="measure is 'f1', not one of reject_rate, escape_rate, auc"):
        slices_figure(found, "f1")


def test_slices_without_a_value_are_left_out() -> None:
    found = slice_errors(READ, 0.3, min_support=1)
    rest, same, other = slices_figure(found, "escape_rate").data  # mugs are never rejected
    assert len(rest.x) == len(same.x) + len(other.x) == 3


def test_readings_are_drawn_by_review_and_at_most_so_many() -> None:
    accepted, rejected = readings_figure(READ, 0.3).data
    assert (len(accepted.x), len(rejected.x)) == (19, 20)  # one has no p^nlg
    assert set(rejected.y) == {0.5}
    some, again = (readings_figure(READ, 0.3, most=7) for _ in range(2))
    assert sum(len(trace.x) for trace in some.data) == 7
    assert [list(trace.x) for trace in some.data] == [list(trace.x) for trace in again.data]
    assert next(shape.x0 for shape in some.layout.shapes) == 0.3
    assert "7 of 39 sequences" in some.layout.title.text
    with pytest.raises(AnalysisError, match="threshold"):
        readings_figure(READ, 2.0)


def run(*arguments: str) -> str:
    done = CliRunner().invoke(APP, arguments, env={"COLUMNS": "200"}, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_command_prints_and_writes_the_analysis(tmp_path: Path) -> None:
    file, told, figures = tmp_path / "table.parquet", tmp_path / "out" / "errors.json", tmp_path / "figures"
    frame().to_parquet(file)
    output = run(str(file), "--threshold", "0.5", "--min-support", "1", "--json", str(told), "--figures", str(figures))
    wanted = analyse_errors(READ, 0.5, 1)
    escaped = wanted.rules.escaped
    assert f"{escaped.count}/{escaped.n}" in output
    assert "Rules that escape to production" in output
    written = json.loads(told.read_text(encoding="utf-8"))
    assert written["rules"]["escaped"]["count"] == escaped.count
    assert written["threshold"] == 0.5
    (lamp,) = (part for part in written["slices"]["slices"] if part["value"] == "lamp")
    assert 0 < lamp["reject_rate"]["p_value"] < 1e-6  # in full, since rounded it would be 0
    assert written["readings"]["without_p_nlg"] == 1
    assert {path.name for path in figures.glob("*.html")} == {
        "confusion.html",
        "categories.html",
        "escapes.html",
        "readings.html",
        "slices-reject-rate.html",
        "slices-escape-rate.html",
        "slices-auc.html",
    }


def test_text_of_the_table_is_no_markup_in_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "table.parquet"
    frame(title="[bold red]mug[/nothing]").to_parquet(file)
    assert "[bold red]mug[/nothing]" in run(str(file))


def test_the_command_looks_at_one_split_and_counts_what_it_leaves_out(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    split = ["val"] * 8 + ["test"] * 32
    frame(split=split, label=["", "X99"] + ["qualified", "S01"] * 19).to_csv(file, index=False)
    output = run(str(file), "--split", "val", "--exclude-wrong-rows")
    assert "Excluded 1 rows, the first row 2: column label names rule 'X99'" in output
    assert "6 reviewed sequences at th^t = 0.3; 1 without review left out" in output
    assert "38 reviewed sequences" in run(str(file), "--split", "all", "--exclude-wrong-rows")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--split", "dev"], "--split is 'dev', not one of train, val, test, all"),
        (["--split", "train"], "has no row of split train, only of test"),
        (["--threshold", "1.5"], r"threshold th\^t is 1\.5"),
        (["--json", "{file}/errors.json"], "cannot be written"),
        (["--figures", "{file}"], "--figures .* cannot be written"),
    ],
)
def test_what_cannot_be_done_is_refused(tmp_path: Path, arguments: list[str], message: str) -> None:
    file = tmp_path / "table.parquet"
    frame().to_parquet(file)
    with pytest.raises(AnalysisError, match=message):
        run(str(file), *(argument.format(file=file) for argument in arguments))
