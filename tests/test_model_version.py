"""Which model and which settings: names that change exactly when what they name does."""

from __future__ import annotations

from pathlib import Path

import pytest

from agpis.bundled import model_folder
from agpis.errors import ModelError
from agpis.model_version import model_version, settings_version


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "muisc").mkdir()
    (tmp_path / "muisc" / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "rules.yaml").write_text("rules")
    (tmp_path / "pipeline.json").write_text("{}")
    return tmp_path


def test_the_version_follows_models_and_rules(folder: Path) -> None:
    versions = [model_version(folder)]
    for change in ("weights", "rules", "name"):
        if change == "name":
            (folder / "rules.yaml").rename(folder / "rules.yml")
        else:
            (folder / {"weights": "muisc/model.safetensors", "rules": "rules.yaml"}[change]).write_bytes(b"new")
        versions.append(model_version(folder))
    assert len(set(versions)) == 4
    assert all(len(version) == 12 for version in versions)


def test_settings_and_model_card_are_no_other_model(folder: Path) -> None:
    model, settings = model_version(folder), settings_version(folder)
    (folder / "README.md").write_text("card")
    (folder / ".cache").write_text("x")
    assert (model_version(folder), settings_version(folder)) == (model, settings)
    (folder / "pipeline.json").write_text('{"settings": {}}')
    assert model_version(folder) == model
    assert settings_version(folder) != settings


def test_the_bundled_folder_has_a_version() -> None:
    assert len(model_version(model_folder())) == len(settings_version(model_folder())) == 12


def test_a_folder_without_models_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model files in"):
        model_version(tmp_path)
    with pytest.raises(ModelError, match=r"pipeline\.json cannot be read"):
        settings_version(tmp_path)
