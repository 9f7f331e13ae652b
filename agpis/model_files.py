"""What a pipeline folder says without its models being loaded: settings, their criteria, which weights they are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from agpis.data.threshold_file import StoredThreshold
from agpis.errors import ModelError, SettingsError
from agpis.types import PipelineSettings

FORMAT = 1
SETTINGS_FILE = "pipeline.json"
RULES_FILE = "rules.yaml"


def weights_fingerprint(folder: Path) -> str:
    """The first 12 hex digits of the SHA-256 of MUIsC's weights: which model gave a number."""
    digest = hashlib.sha256()
    for file in sorted((folder / "muisc").glob("*.safetensors")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def store_settings(folder: Path, settings: PipelineSettings, criteria: Mapping[str, str] | None = None) -> None:
    """Write the default settings of a pipeline folder.

    Args:
        folder: the pipeline folder.
        settings: the settings.
        criteria: setting -> by which criterion its value was chosen, for a person.

    Raises:
        OSError: when the folder cannot be written to.
    """
    stored = {"format": FORMAT, "settings": asdict(settings), "criteria": dict(criteria or {})}
    (folder / SETTINGS_FILE).write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


def store_threshold(folder: Path, stored: StoredThreshold) -> PipelineSettings:
    """Make a chosen th^t the default of a pipeline folder, with its criterion; the other settings stay.

    Raises:
        ModelError: when the settings file is missing or malformed.
        SettingsError: for an unknown name or a value outside its range.
        OSError: when the folder cannot be written to.
    """
    settings = replace(stored_settings(folder), submission_threshold=stored.threshold)
    store_settings(folder, settings, {**stored_criteria(folder), "submission_threshold": stored.in_words()})
    return settings


def read_settings(values: dict[str, Any], where: str) -> PipelineSettings:
    """Settings from plain values; unknown names are refused.

    Raises:
        SettingsError: for an unknown name or a value outside its range.
    """
    known = {field.name for field in fields(PipelineSettings)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise SettingsError(f"{where}: unknown settings {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    try:
        return PipelineSettings(**values)
    except TypeError as error:
        raise SettingsError(f"{where}: a setting has the wrong type: {error}") from error


def stored_settings(folder: Path) -> PipelineSettings:
    """The default settings of a pipeline folder; one that the file does not name has the value of `PipelineSettings`.

    Raises:
        ModelError: when the file is missing or malformed.
        SettingsError: for an unknown name or a value outside its range.
    """
    file = folder / SETTINGS_FILE
    return read_settings(_read_stored(file)["settings"], str(file))


def stored_settings_names(folder: Path) -> frozenset[str]:
    """Names of the settings that a pipeline folder stores.

    Raises:
        ModelError: when the file is missing or malformed.
    """
    return frozenset(_read_stored(folder / SETTINGS_FILE)["settings"])


def stored_criteria(folder: Path) -> dict[str, str]:
    """Setting -> by which criterion its value was chosen; empty for settings that nobody chose by one.

    Raises:
        ModelError: when the file is missing or malformed.
    """
    file = folder / SETTINGS_FILE
    criteria = _read_stored(file).get("criteria", {})
    if not isinstance(criteria, dict):
        raise ModelError(f"{file}: criteria must be an object of setting names, got {type(criteria).__name__}")
    return {str(name): str(words) for name, words in criteria.items()}


def _read_stored(file: Path) -> dict[str, Any]:
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{file} cannot be read: {error}") from error
    if not isinstance(stored, dict) or stored.get("format") != FORMAT or not isinstance(stored.get("settings"), dict):
        raise ModelError(f"{file} is not of format {FORMAT}: it needs the keys format and settings")
    return stored
