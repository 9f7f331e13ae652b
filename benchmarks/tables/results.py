"""One trained row as a file: what it says of every test sequence, and the settings it was trained with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from agpis.errors import CatalogError, SettingsError


@dataclass(frozen=True, slots=True)
class RowResult:
    """What came of one training.

    Attributes:
        key: of the row.
        seed: of the training.
        settings: everything that decides the result, data included.
        p_qualified: p^t of the test sequences, in the order of the review table; each in [0, 1].
        num_train: training sequences.
        steps: optimiser steps.
        val_auc: AUC on the validation sample of the weights that were kept.
        parameters: weights of the model.
        samples_per_second: speed of the training.
        seconds: wall time of training and scoring.
        device: "cpu" or "cuda".
    """

    key: str
    seed: int
    settings: Mapping[str, Any]
    p_qualified: tuple[float, ...]
    num_train: int
    steps: int
    val_auc: float
    parameters: int
    samples_per_second: float
    seconds: float
    device: str


def result_file(out: Path, key: str, seed: int) -> Path:
    """Where the result of a row lies."""
    return out / f"{key}-seed{seed}.json"


def write_result(out: Path, result: RowResult) -> None:
    """Write a result in one go: a killed run leaves no half of a file."""
    out.mkdir(parents=True, exist_ok=True)
    file = result_file(out, result.key, result.seed)
    unfinished = file.with_suffix(".tmp")
    unfinished.write_text(json.dumps(asdict(result)) + "\n", encoding="utf-8")
    unfinished.replace(file)


def read_result(file: Path) -> RowResult:
    """Read what `write_result` wrote.

    Raises:
        CatalogError: when the file cannot be read or is no result.
    """
    try:
        return TypeAdapter(RowResult).validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise CatalogError(f"{file} is no result of benchmarks.paper_tables: {error}; delete it") from error


def finished(out: Path, key: str, seed: int, settings: Mapping[str, Any]) -> RowResult | None:
    """The result of a row that was trained before, or None.

    Raises:
        CatalogError: when its file is no result.
        SettingsError: when it was trained with other settings or on other data.
    """
    file = result_file(out, key, seed)
    if not file.is_file():
        return None
    result = read_result(file)
    # Through JSON, as the file's came: tuples become lists.
    wanted = json.loads(json.dumps(settings))
    changed = sorted(name for name in {*wanted, *result.settings} if wanted.get(name) != result.settings.get(name))
    if changed:
        raise SettingsError(
            f"{file} was made with other settings ({', '.join(changed)}); give another --out, or delete it"
        )
    return result
