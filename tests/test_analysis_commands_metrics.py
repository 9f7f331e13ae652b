"""The commands `metrics` and `compare`: what they print, count, write and refuse."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer
from prediction_tables import table
from typer.testing import CliRunner, Result

from analysis.commands.compare import compare
from analysis.commands.metrics import metrics
from analysis.errors import ComparisonError, PredictionsError

app = typer.Typer()
app.command()(metrics)
app.command()(compare)


def call(*arguments: str | Path) -> Result:
    runner = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"})
    return runner.invoke(app, [*map(str, arguments), "--resamples", "20"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Four reviewed rows, one without review, one wrong, one of another split."""
    extra = table(3).assign(product_id=["new", "wrong", "val"], label=["", "S01", "S01"], split=["test", "test", "val"])
    frame = pd.concat([table().assign(p_t=[0.9, 0.8, 0.7, 0.6]), extra.assign(p_t=[0.5, 1.5, 0.5])], ignore_index=True)
    frame.to_parquet(tmp_path / "a.parquet")
    return tmp_path / "a.parquet"


def test_metrics_prints_and_writes_what_was_measured(path: Path, tmp_path: Path) -> None:
    done = call("metrics", path, "--exclude-wrong-rows", "--json", tmp_path / "new" / "out.json")
    assert done.exit_code == 0, done.output
    assert "4 reviewed rows of 4 products: 2 qualified, 2 rejected" in done.output
    assert "1 rows without review were passed over" in done.output
    assert "1 rows of the table were left out, the first of them row 6: column p_t is" in done.output
    assert "43 classes without rows not shown" in done.output
    stored = json.loads((tmp_path / "new" / "out.json").read_text(encoding="utf-8"))
    by_name = {score["name"]: score for score in stored["scores"]}
    assert (by_name["AUC"]["value"], by_name["AUC"]["n"]) == (0.75, 4)
    assert (by_name["AUC-pair"]["value"], by_name["AUC-pair"]["reason"][:6]) == (None, "no row")
    assert (stored["unreviewed"], len(stored["classes"])) == (1, 45)


def test_a_wrong_row_or_split_is_refused(path: Path) -> None:
    refused = call("metrics", path)
    assert isinstance(refused.exception, PredictionsError)
    assert "row 6: column p_t" in str(refused.exception)
    unknown = call("metrics", path, "--split", "dev")
    assert "split 'dev' is not one of train, val, test, all" in str(unknown.exception)
    empty = call("metrics", path, "--split", "train", "--exclude-wrong-rows")
    assert "has no row of split train, only of test, val" in str(empty.exception)


def test_compare_prints_and_writes_the_difference(path: Path, tmp_path: Path) -> None:
    other = pd.read_parquet(path).assign(p_t=[0.6, 0.7, 0.8, 0.9, 0.5, 1.5, 0.5])
    other.to_parquet(tmp_path / "b.parquet")
    done = call("compare", path, tmp_path / "b.parquet", "--exclude-wrong-rows", "--json", tmp_path / "out.json")
    assert done.exit_code == 0, done.output
    assert "4 reviewed rows of 4 products in both tables" in done.output
    assert "second table: 1 rows without review were passed over" in done.output
    assert "+0.500" in done.output
    assert "DeLong's test, rows of one product as dependent: z = " in done.output
    stored = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert stored["scores"][0]["difference"]["value"] == 0.5
    assert stored["delong"]["clusters"] == 4
    assert stored["delong_independent"]["clusters"] is None


def test_the_same_table_twice_has_no_p_value(path: Path) -> None:
    done = call("compare", path, path, "--exclude-wrong-rows")
    assert "all rows as independent: no p-value: the difference has no positive variance" in done.output


def test_compare_refuses_other_rows(path: Path, tmp_path: Path) -> None:
    table(3, p_t=np.array([0.5, 0.5, 0.5])).to_parquet(tmp_path / "b.parquet")
    refused = call("compare", path, tmp_path / "b.parquet", "--exclude-wrong-rows")
    assert isinstance(refused.exception, ComparisonError)
    assert "1 of 4 rows are only in the first table" in str(refused.exception)
