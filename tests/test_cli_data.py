"""`agpis data`: what check prints and how it ends, conversion there and back, balanced subsets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agpis.cli import app
from agpis.data.reviews import ReviewRecord, read_reviews, write_reviews
from agpis.errors import CatalogError
from agpis.rules import load_taxonomy

GOOD = ReviewRecord("P1", "[bold]Mug[/] 杯", "mug", ("a.jpg",), "yes", "qualified", "2025-02-03", "x", "train")
BAD = replace(GOOD, product_id="P2", feedback="Watermark", rule_id="S01", split="test")
PAIR = replace(BAD, feedback="Exact duplicate", rule_id="P01")


def data(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["data", *map(str, arguments)])


def table_of(path: Path, records: Sequence[ReviewRecord], *more: str) -> Path:
    write_reviews(path, records)
    with path.open("a", encoding="utf-8") as lines:
        lines.writelines(f"{line}\n" for line in more)
    return path


def test_check_counts_a_good_table(tmp_path: Path) -> None:
    done = data("check", table_of(tmp_path / "r.jsonl", [GOOD, BAD, PAIR, replace(GOOD, title="Cup")]))
    assert done.exit_code == 0
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    for expected in (
        f"{tmp_path / 'r.jsonl'}: 4 rows, 4 reviews, 0 rejected",
        "2 products in 1 categories, 2025-02-03 to 2025-02-03",
        "images in a sequence: 4 of 1",
        "train 1 2 100.0% 0.0%",
        "val 0 0 - -",
        "test 1 2 0.0% 100.0%",
        "qualified 2 50.0%",
        "single 1 25.0%",
        "qualified 2 50.0% yes",
        "S01 1 25.0% Watermark",
        "P01 1 25.0% Exact duplicate",
    ):
        assert expected in lines


def test_check_lists_wrong_rows_and_ends_with_1(tmp_path: Path) -> None:
    extra = json.dumps({"product_id": "P3", "title": "", "images": ["b.jpg"], "feedback": "ugly", "who": "Li"})
    path = table_of(tmp_path / "reviews.jsonl", [GOOD, BAD], "{", extra)
    done = data("check", tmp_path)
    assert done.exit_code == 1
    assert "4 rows, 3 reviews, 1 rejected" in done.stdout
    assert "\nline 3: not JSON: " in done.stdout
    assert "Feedback that names no rule counts as 'Other image rule', 1 reviews: lines 4" in done.stdout
    assert "Columns that are not used: who" in done.stdout
    assert "line 4: feedback names no rule" in data("check", path, "--named-rules").stdout
    (tmp_path / "a.jpg").write_bytes(b"x")
    assert "\nline 4: image file b.jpg does not exist" in data("check", path, "--images").stdout


def test_check_speaks_json_and_other_rules(tmp_path: Path) -> None:
    shop = tmp_path / "shop.yaml"
    shop.write_text(
        "version: 1\nclasses:\n"
        "  - {id: fine, name: fine, category: qualified, title: 'yes', description: Good.}\n"
        "  - {id: R1, name: ugly, category: multi, title: Watermark, description: Ugly.}\n"
        "  - {id: rest, name: rest, category: other, title: Other, description: Else.}\n",
        encoding="utf-8",
    )
    done = data("check", table_of(tmp_path / "r.jsonl", [GOOD, BAD], "[]"), "--rules", shop, "--json")
    assert done.exit_code == 1
    report = json.loads(done.stdout)
    assert report["summary"]["rules"] == {"fine": 1, "R1": 1}
    assert report["summary"]["categories"]["multi"] == 1
    assert report["rejected"] == [{"line": 3, "reason": "not a JSON object but list"}]


def test_an_empty_table_is_no_error(tmp_path: Path) -> None:
    done = data("check", table_of(tmp_path / "r.jsonl", []))
    assert (done.exit_code, "0 rows, 0 reviews, 0 rejected" in done.stdout) == (0, True)


def test_convert_there_and_back(tmp_path: Path) -> None:
    path = table_of(tmp_path / "r.jsonl", [GOOD, BAD, PAIR])
    assert data("convert", path, tmp_path / "r.parquet").exit_code == 0
    done = data("convert", tmp_path / "r.parquet", tmp_path / "back.jsonl")
    assert done.stdout == f"3 reviews written to {tmp_path / 'back.jsonl'}\n"
    assert (tmp_path / "back.jsonl").read_bytes() == path.read_bytes()


def test_convert_drops_nothing_silently(tmp_path: Path) -> None:
    path, out = table_of(tmp_path / "r.jsonl", [GOOD, BAD], "{}"), tmp_path / "out" / "r.parquet"
    out.parent.mkdir()
    done = data("convert", path, out)
    assert isinstance(done.exception, CatalogError)
    assert "has 1 wrong rows, nothing was written" in str(done.exception)
    assert "line 3: product_id is missing" in done.stderr
    assert not out.exists()
    done = data("convert", path, out, "--skip-rejected")
    assert done.exit_code == 0
    assert "line 3: product_id is missing" in done.stderr
    assert "image files stay relative to" in done.stderr
    assert len(list(read_reviews(out, load_taxonomy()))) == 2
    with pytest.raises(CatalogError, match="exists already"):
        raise data("convert", path, out, "--skip-rejected").exception or AssertionError


def test_subset_is_balanced_and_the_same_for_a_seed(tmp_path: Path) -> None:
    many = [replace(GOOD, product_id=f"G{number}", split="test") for number in range(30)]
    many += [replace(record, product_id=f"B{number}") for number in range(5) for record in (BAD, PAIR)]
    path = table_of(tmp_path / "r.jsonl", [*many, GOOD])
    chosen = []
    for name, seed in (("1.parquet", 1), ("2.jsonl", 1), ("3.jsonl", 2)):
        done = data("subset", path, "--category", "pair", "--out", tmp_path / name, "--seed", seed, "--split", "test")
        assert "10 reviews written" in done.stdout
        chosen.append(list(read_reviews(tmp_path / name, load_taxonomy())))
    assert chosen[0] == chosen[1] != chosen[2]
    assert [record.rule_id for record in chosen[0]] == ["qualified"] * 5 + ["P01"] * 5
    assert GOOD not in chosen[0]
    done = data("subset", path, "--category", "multi", "--out", tmp_path / "4.jsonl")
    assert "got 31 and 0" in str(done.exception)
    assert data("subset", path, "--category", "other", "--out", tmp_path / "4.jsonl").exit_code == 2
