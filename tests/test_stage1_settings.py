"""Every stage-1 threshold is stored with the weights, with its criterion, and can be changed in each front end."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from agpis.bundled import model_folder
from agpis.cli import app
from agpis.errors import ModelError, SettingsError
from agpis.model_files import FORMAT, SETTINGS_FILE, store_settings, stored_criteria, stored_settings
from agpis.types import PipelineSettings
from app.components.sequence.settings import threshold_controls

THRESHOLDS = [field.name for field in fields(PipelineSettings) if field.name.endswith("_threshold")]


def write(folder: Path, stored: object) -> Path:
    (folder / SETTINGS_FILE).write_text(json.dumps(stored), encoding="utf-8")
    return folder


@pytest.mark.parametrize("command", [("run",), ("simulate", "loop")])
def test_the_command_line_overrides_every_threshold(command: tuple[str, ...]) -> None:
    found: Any = typer.main.get_command(app)
    for word in command:
        found = found.commands[word]
    parameters = {parameter.name for parameter in found.params}
    # th^t is the one threshold that is not of stage 1, and has the short name.
    assert {name for name in THRESHOLDS if name != "submission_threshold"} <= parameters
    assert "threshold" in parameters


def test_the_app_overrides_every_threshold() -> None:
    assert sorted(name for name, _, _ in threshold_controls()) == sorted(THRESHOLDS)


def test_the_bundled_models_store_thresholds_in_their_range() -> None:
    assert stored_settings(model_folder()) == PipelineSettings(
        **json.loads((model_folder() / SETTINGS_FILE).read_text(encoding="utf-8"))["settings"]
    )


def test_the_bundled_models_say_by_which_criterion_each_threshold_was_chosen() -> None:
    assert set(stored_criteria(model_folder())) == set(THRESHOLDS)


def test_criteria_are_stored_beside_the_settings(tmp_path: Path) -> None:
    settings, criteria = PipelineSettings(quality_threshold=0.8), {"quality_threshold": "at most 1%"}
    store_settings(tmp_path, settings, criteria)
    assert stored_settings(tmp_path) == settings
    assert stored_criteria(tmp_path) == criteria


def test_a_chosen_threshold_becomes_the_default_and_the_rest_stays(tmp_path: Path) -> None:
    before, criteria = PipelineSettings(quality_threshold=0.8), {"quality_threshold": "at most 1%"}
    store_settings(tmp_path, before, criteria)
    chosen = {"threshold": 1 / 3, "criterion": "best profit", "split": "val", "n": 9, "date": "2026-03-01"}
    (tmp_path / "threshold.json").write_text(json.dumps(chosen), encoding="utf-8")
    done = CliRunner().invoke(app, ["adopt-threshold", str(tmp_path / "threshold.json"), "--models", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert stored_settings(tmp_path) == replace(before, submission_threshold=1 / 3)
    words = "best profit; chosen on 9 sequences, val split, 2026-03-01"
    assert stored_criteria(tmp_path) == {**criteria, "submission_threshold": words}
    assert json.loads(done.stdout) == {"submission_threshold": 0.333333, "criterion": words}


def test_a_file_from_before_a_setting_or_the_criteria_existed_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"format": FORMAT, "settings": {"num_images": 4, "noncompliance_threshold": 0.33}})
    assert stored_settings(tmp_path) == PipelineSettings(num_images=4, noncompliance_threshold=0.33)
    assert stored_criteria(tmp_path) == {}


@pytest.mark.parametrize(
    ("stored", "error", "words"),
    [
        ({"format": FORMAT, "settings": {"quality_threshold": 1.5}}, SettingsError, "quality_threshold"),
        ({"format": FORMAT, "settings": {"sharpness": 0.5}}, SettingsError, "sharpness"),
        ({"format": FORMAT}, ModelError, "settings"),
        ({"format": FORMAT + 1, "settings": {}}, ModelError, "format"),
    ],
)
def test_wrong_files_are_refused_by_name(tmp_path: Path, stored: object, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        stored_settings(write(tmp_path, stored))


def test_criteria_that_are_no_object_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="criteria must be an object"):
        stored_criteria(write(tmp_path, {"format": FORMAT, "settings": {}, "criteria": ["at most 1%"]}))
