"""`threshold` and `calibration` on the command line: answers in words, files, refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import typer
from prediction_tables import table
from typer.testing import CliRunner, Result

from agpis.data.threshold_file import read_threshold_file
from analysis.commands.calibration import calibration
from analysis.commands.threshold import threshold
from analysis.errors import AnalysisError, SplitError

app = typer.Typer()
app.command()(threshold)
app.command()(calibration)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Of val and of test: good at p^t 0.9 and 0.7, bad at 0.8 and 0.6."""
    frames = [table(4, split=split, model="m1") for split in ("val", "test")]
    frames[1]["product_id"] = ["q0", "q1", "q2", "q3"]
    path = tmp_path / "table.csv"
    pd.concat(frames).to_csv(path, index=False)
    return path


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """2,000 products: good with a chance of p^t; half of val, half of test."""
    rng = np.random.default_rng(0)
    frame = table(10).iloc[np.arange(2000) % 10].reset_index(drop=True)
    frame["product_id"] = [f"p{row}" for row in range(2000)]
    frame["split"] = np.where(np.arange(2000) < 1000, "val", "test")
    chance = frame["p_qualified"].to_numpy()
    frame["label"] = np.where(rng.random(2000) < chance, "qualified", "S01")
    path = tmp_path / "many.parquet"
    frame.to_parquet(path)
    return path


def ask(*arguments: object) -> Result:
    # A pipe is 80 columns wide, which would break the lines that are looked for.
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "250"})


def refused(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=True).exception


def test_the_question_is_answered_in_words(small: Path) -> None:
    done = ask("threshold", small, "--at-most", 0.4)
    assert done.exit_code == 0
    assert "Asked for: reject rate of at most 40%" in done.output
    assert "Submit sequences with p^t of at least 0.7." in done.output
    assert "Chosen on the val split (4 reviewed sequences of 4 products)" in done.output
    assert "judged on test" in done.output
    assert "33.33% (1), 95%:" in done.output
    assert "This is what was seen, not a promise" in done.output
    assert "profit" not in done.output


def test_no_threshold_is_an_answer_with_exit_code_1(small: Path, tmp_path: Path) -> None:
    saved = tmp_path / "threshold.json"
    done = ask("threshold", small, "--at-most", 0.1, "--confidence", 0.95, "--save", saved)
    assert done.exit_code == 1
    assert "No threshold does that." in done.output
    assert "products are needed even when none of them is rejected" in done.output
    assert not saved.exists()


def test_a_promise_is_saved_for_the_pipeline(many: Path, tmp_path: Path) -> None:
    saved, answer = tmp_path / "threshold.json", tmp_path / "answer.json"
    done = ask("threshold", many, "--at-most", 0.3, "--confidence", 0.9, "--save", saved, "--json", answer)
    assert done.exit_code == 0, done.output
    assert f"python -m agpis run --threshold-file {saved}" in done.output
    assert "The promise is about sequences like these" in done.output
    stored, told = read_threshold_file(saved), json.loads(answer.read_text(encoding="utf-8"))
    assert stored.threshold == told["result"]["threshold"]
    assert (stored.alpha, stored.delta, stored.n, len(stored.table_sha256)) == (0.3, 0.1, 1000, 64)
    assert told["result"]["upper_bound"] <= 0.3
    assert told["judged"]["n"] == 1000
    assert told["judged_on"]["split"] == "test"


def test_profit_shows_hours_and_money(small: Path) -> None:
    done = ask(
        "threshold", small, "--profit", "--accepted-value", 5, "--rejected-cost", 2, "--review-minutes", 30,
        "--reviewer-hour", 2,
    )  # fmt: skip
    # 5 - 1 at 0.9; 2 * 5 - 2 - 3 at 0.7.
    assert "Submit sequences with p^t of at least 0.7." in done.output
    assert [line.split()[-2] for line in done.output.splitlines() if "profit  " in line] == ["5.00"]
    assert [line.split()[-2] for line in done.output.splitlines() if "reviewer hours" in line] == ["1.5"]


def test_figures_are_written(small: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "figures"
    assert ask("threshold", small, "--profit", "--figures", folder).exit_code == 0
    assert ask("calibration", small, "--figures", folder).exit_code == 0
    assert sorted(file.stem for file in folder.glob("*.html")) == ["profit", "reject_rate", "reliability"]
    with pytest.raises(AnalysisError, match="cannot be written"):
        raise refused("threshold", small, "--at-most", 0.4, "--figures", small)
    with pytest.raises(AnalysisError, match="cannot be written"):
        raise refused("threshold", small, "--at-most", 0.4, "--json", tmp_path / "no" / "answer.json")


def test_precision_is_a_question_too(small: Path) -> None:
    assert "at least 0.9." in ask("threshold", small, "--precision", 0.99).output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "exactly one of --at-most, --precision and --profit"),
        (["--at-most", "0.1", "--profit"], "exactly one of"),
        (["--precision", "0.9", "--confidence", "0.9"], "give it with --at-most"),
        (["--at-most", "0.1", "--confidence", "1"], r"delta, .* must lie in \(0, 1\)"),
        (["--profit", "--by-hand", "-1"], "by_hand must be a number of at least 0"),
        (["--at-most", "0.1", "--split", "train"], "train split says nothing"),
        (["--at-most", "0.1", "--split", "dev"], "split 'dev' has no reviewed sequence"),
    ],
)
def test_questions_that_cannot_be_answered(small: Path, arguments: list[str], message: str) -> None:
    with pytest.raises(AnalysisError, match=message):
        raise refused("threshold", small, *arguments)


def test_choosing_and_judging_on_one_split_needs_force(small: Path) -> None:
    same = ("threshold", small, "--at-most", 0.4, "--split", "test")
    with pytest.raises(SplitError, match=r"same split, 'test'.*--force"):
        raise refused(*same)
    assert ask(*same, "--force").exit_code == 0


def test_without_a_test_split_the_choice_is_not_judged(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    frame = table(4, split="val")
    frame.loc[3, "label"] = "X99"
    frame.to_csv(path, index=False)
    done = ask("threshold", path, "--at-most", 0.4, "--exclude-wrong-rows")
    assert done.exit_code == 0
    assert "Not judged: split 'test' has no reviewed sequence." in done.output
    assert "Excluded 1 rows, the first row 4: column label names rule 'X99'" in done.output


def test_several_sequences_of_a_product_are_pointed_out(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    table(4, split="val", product_id=["a", "a", "b", "b"]).to_csv(path, index=False)
    assert "products with several make them too narrow" in ask("threshold", path, "--at-most", 0.4).output


def test_calibration_before_and_after(many: Path, tmp_path: Path) -> None:
    report, scores = tmp_path / "report.json", tmp_path / "scores.csv"
    done = ask("calibration", many, "--json", report, "--out", scores, "--bins", 5)
    assert done.exit_code == 0, done.output
    assert "fitted on 1000 reviewed sequences of val, judged on 1000 of test" in done.output
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["raw"]["n"] == 1000
    assert f"{told['isotonic']['ece']:.4f}" in done.output
    written = pd.read_csv(scores)
    assert written.columns.tolist() == ["product_id", "split", "p_t", "p_t_temperature", "p_t_isotonic"]
    assert len(written) == 2000
    with pytest.raises(SplitError, match="same split, 'val'"):
        raise refused("calibration", many, "--split", "val")
