"""Threshold files: what was written is read, and a malformed one is refused by key."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agpis.cli.options import wanted_threshold
from agpis.data.threshold_file import StoredThreshold, read_threshold_file, write_threshold_file
from agpis.errors import SettingsError

STORED: dict[str, Any] = {
    "format": 1,
    "threshold": 0.62,
    "criterion": "reject rate of at most 10%",
    "alpha": 0.1,
    "delta": 0.05,
    "split": "val",
    "n": 812,
    "date": "2026-03-01",
    "model": "agpis-small",
    "table_sha256": "0" * 64,
}


def written(folder: Path, **changed: Any) -> Path:
    path = folder / "threshold.json"
    path.write_text(json.dumps({**STORED, **changed}), encoding="utf-8")
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    stored = read_threshold_file(written(tmp_path))
    assert (stored.threshold, stored.date) == (0.62, date(2026, 3, 1))
    write_threshold_file(tmp_path / "again.json", stored)
    assert json.loads((tmp_path / "again.json").read_text(encoding="utf-8")) == STORED
    assert stored.in_words() == (
        "reject rate of at most 10%; chosen on 812 sequences of agpis-small, val split, 2026-03-01"
    )


def test_what_may_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "threshold.json"
    needed = ("threshold", "criterion", "split", "n", "date")
    path.write_text(json.dumps({name: STORED[name] for name in needed}), encoding="utf-8")
    assert read_threshold_file(path) == StoredThreshold(
        threshold=0.62, criterion=STORED["criterion"], split="val", n=812, date=date(2026, 3, 1)
    )


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("threshold", 1.5, "threshold: Input should be less than or equal to 1"),
        ("threshold", "0.5", "threshold: Input should be a valid number"),
        ("threshold", None, "threshold: Input should be a valid number"),
        ("threshold", float("nan"), "threshold: Input should be"),
        ("format", 2, "format: Input should be 1"),
        ("split", "dev", "split: String should match"),
        ("n", 0, "n: Input should be greater than or equal to 1"),
        ("date", "in March", "date: Input should be a valid date"),
        ("delta", -0.1, "delta: Input should be greater than or equal to 0"),
        ("table_sha256", "abc", "table_sha256: String should match"),
        ("treshold", 0.5, "treshold: Extra inputs are not permitted"),
    ],
)
def test_a_malformed_file_is_refused_by_key(tmp_path: Path, key: str, value: Any, message: str) -> None:
    with pytest.raises(SettingsError, match=rf"threshold\.json: {message}.*--save FILE"):
        read_threshold_file(written(tmp_path, **{key: value}))


@pytest.mark.parametrize("text", ["", "{", "\x00"])
def test_what_is_no_json(tmp_path: Path, text: str) -> None:
    (tmp_path / "threshold.json").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_threshold_file(tmp_path / "threshold.json")


def test_what_is_no_object_and_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "threshold.json").write_text("[0.5]", encoding="utf-8")
    with pytest.raises(SettingsError, match="the whole: Input should be an object"):
        read_threshold_file(tmp_path / "threshold.json")
    (tmp_path / "threshold.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_threshold_file(tmp_path / "threshold.json")
    with pytest.raises(SettingsError, match="nothing.json cannot be read"):
        read_threshold_file(tmp_path / "nothing.json")
    with pytest.raises(SettingsError, match="cannot be written"):
        write_threshold_file(tmp_path / "no" / "folder.json", StoredThreshold(**{**STORED, "date": date.today()}))


def test_the_command_line_takes_one_threshold_or_the_other(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert wanted_threshold(None, None) is None
    assert wanted_threshold(0.4, None) == 0.4
    assert wanted_threshold(None, path) == 0.62
    with pytest.raises(SettingsError, match="--threshold does not go with --threshold-file"):
        wanted_threshold(0.4, path)
