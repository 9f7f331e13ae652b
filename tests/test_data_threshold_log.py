"""The log of thresholds in force: what stands after adoptions and undoings, and what is refused."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from agpis.bundled import threshold_log_file
from agpis.data.threshold_file import StoredThreshold
from agpis.data.threshold_log import LONGEST_NAME, adoption_in_force, append_to_log, read_log, standing
from agpis.errors import SettingsError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def stored(threshold: float) -> StoredThreshold:
    return StoredThreshold(
        threshold=threshold, criterion="reject rate of at most 10%", split="val", n=9, date=date(2026, 3, 1)
    )


def test_the_last_adoption_that_was_not_undone_is_in_force(tmp_path: Path) -> None:
    log = tmp_path / "made" / "thresholds.jsonl"
    assert read_log(log) == ()
    assert adoption_in_force(log) is None
    append_to_log(log, stored(0.3), "Ann", NOON)
    append_to_log(log, stored(0.123456789012345), "  Bo \n Li ", NOON + timedelta(hours=1))
    found = adoption_in_force(log)
    assert found is not None
    assert (found.stored.threshold, found.by, found.at) == (0.123456789012345, "Bo Li", NOON + timedelta(hours=1))
    append_to_log(log, None, "Ann", NOON)
    assert [adoption.stored.threshold for adoption in standing(read_log(log))] == [0.3]
    append_to_log(log, None, "Ann", NOON)
    assert adoption_in_force(log) is None
    with pytest.raises(SettingsError, match="nothing to undo"):
        append_to_log(log, None, "Ann", NOON)
    assert [entry.stored is None for entry in read_log(log)] == [False, False, True, True]


@pytest.mark.parametrize("name", ["", "  \n", "x" * (LONGEST_NAME + 1)])
def test_who_decides_must_be_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match="say who decides"):
        append_to_log(tmp_path / "log", stored(0.3), name, NOON)
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize(
    "line", ["{", '{"at": "2026-03-01T12:00:00", "by": "Ann", "stored": null}', '{"by": "Ann"}', "[]"]
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str) -> None:
    log = tmp_path / "log"
    append_to_log(log, stored(0.3), "Ann", NOON)
    log.write_text(log.read_text() + line + "\n")
    with pytest.raises(SettingsError, match=r"log, line 2: .*mend or remove that line"):
        adoption_in_force(log)


def test_a_log_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be"):
        append_to_log(tmp_path / "file" / "log", stored(0.3), "Ann", NOON)


def _append(path: Path, name: str) -> None:
    for step in range(50):
        append_to_log(path, stored(step / 100), name, NOON)


def test_processes_that_append_at_once_lose_nothing(tmp_path: Path) -> None:
    log = tmp_path / "log"
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_append, args=(log, name)) for name in ("Ann", "Bo")]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert sorted(entry.by for entry in read_log(log)) == ["Ann"] * 50 + ["Bo"] * 50


def test_the_place_of_the_log_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGPIS_THRESHOLD_LOG", str(tmp_path / "log"))
    assert threshold_log_file() == tmp_path / "log"
    monkeypatch.setenv("AGPIS_THRESHOLD_LOG", "")
    assert threshold_log_file().name == "thresholds.jsonl"
