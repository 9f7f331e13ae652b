"""Short names for what stands in a pipeline folder, to be kept beside every number and decision that came of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from agpis.errors import ModelError

_SETTINGS = "pipeline.json"
_NOT_THE_MODEL = {_SETTINGS, "README.md"}
_DIGITS = 12


def model_version(folder: Path | str) -> str:
    """The first 12 hex digits of a SHA-256 over names and bytes of the folder's files: models and rules.

    Settings and model card are left out: another th^t makes no other model. Takes as long as reading the files; keep
    the answer.

    Raises:
        ModelError: when the folder is missing, holds no such file, or cannot be read.
    """
    folder = Path(folder)
    digest = hashlib.sha256()
    try:
        files = sorted(path for path in folder.rglob("*") if path.is_file() and _is_model(path.relative_to(folder)))
        for path in files:
            digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    except OSError as error:
        raise ModelError(f"model folder {folder} cannot be read: {error}") from error
    if not files:
        raise ModelError(f"no model files in {folder}; give a folder that `agpis assemble` wrote")
    return digest.hexdigest()[:_DIGITS]


def settings_version(folder: Path | str) -> str:
    """The first 12 hex digits of the SHA-256 of the stored settings: which thresholds are in force.

    Raises:
        ModelError: when the folder holds no readable settings.
    """
    file = Path(folder) / _SETTINGS
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()[:_DIGITS]
    except OSError as error:
        raise ModelError(f"{file} cannot be read: {error}") from error


def _is_model(name: Path) -> bool:
    return str(name) not in _NOT_THE_MODEL and not any(part.startswith(".") for part in name.parts)
