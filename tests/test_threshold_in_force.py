"""Which th^t is in force: the stored one, an adopted one, and what a result says about its own."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agpis.bundled import model_folder, threshold_log_file
from agpis.cli import app
from agpis.data.threshold_file import StoredThreshold
from agpis.data.threshold_log import append_to_log
from agpis.model_files import stored_settings
from agpis.model_version import settings_version
from agpis.store import open_store
from agpis.threshold_in_force import BY_HAND, settings_in_force, threshold_version

AT = datetime(2026, 1, 5, 1, 30, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGPIS_THRESHOLD_LOG", str(tmp_path / "log.jsonl"))


def adopt(threshold: float, at: datetime = AT) -> None:
    chosen = StoredThreshold(threshold=threshold, criterion="typed", split="val", n=10, date=date(2026, 1, 5))
    append_to_log(threshold_log_file(), chosen, "Ann", at)


def test_the_stored_threshold_is_in_force_until_one_is_adopted_and_again_when_that_is_undone() -> None:
    stored = stored_settings(model_folder())
    assert settings_in_force(stored) == stored
    adopt(0.625)
    assert settings_in_force(stored).submission_threshold == 0.625
    assert settings_in_force(stored).num_images == stored.num_images
    append_to_log(threshold_log_file(), None, "Ann", datetime.now(UTC))
    assert settings_in_force(stored) == stored


def test_a_result_says_which_choice_it_was_made_with() -> None:
    stored = stored_settings(model_folder()).submission_threshold
    assert threshold_version(model_folder(), stored) == settings_version(model_folder())
    assert threshold_version(model_folder(), 0.625) == BY_HAND
    adopt(0.625)
    assert threshold_version(model_folder(), 0.625) == "adopted 2026-01-04 17:30:00"
    assert threshold_version(model_folder(), stored) == settings_version(model_folder())
    adopt(0.75, AT + timedelta(days=1))
    assert threshold_version(model_folder(), 0.625) == BY_HAND


@pytest.mark.parametrize(("threshold", "queued"), [(0.0, 1), (1.0, 0)])
def test_the_command_line_submits_by_the_threshold_in_force(tmp_path: Path, threshold: float, queued: int) -> None:
    adopt(threshold)
    sample = ["--catalog", "assets/samples", "--product", "sample-mug", "--database", str(tmp_path / "a.db")]
    done = CliRunner().invoke(app, ["review", "add", *sample])
    items = open_store(str(tmp_path / "a.db")).items()
    assert (done.exit_code, len(items)) == (1 - queued, queued), done.output
    assert {item.threshold_version for item in items} <= {"adopted 2026-01-04 17:30:00"}


def test_models_that_are_named_are_held_to_their_own_threshold(tmp_path: Path) -> None:
    adopt(1.0)
    sample = ["--catalog", "assets/samples", "--product", "sample-mug", "--database", str(tmp_path / "a.db")]
    done = CliRunner().invoke(app, ["review", "add", *sample, "--models", str(model_folder())])
    (item,) = open_store(str(tmp_path / "a.db")).items()
    assert (done.exit_code, item.threshold_version) == (0, settings_version(model_folder()))


def test_pages_read_it_without_waiting_for_torch() -> None:
    code = "import sys; import agpis.threshold_in_force; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={**os.environ}, check=False).returncode == 0
