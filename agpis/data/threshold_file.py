"""The file of a chosen th^t, which `analysis` writes and `agpis run --threshold-file` reads: a small JSON object."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agpis.errors import SettingsError
from agpis.reasons import Reason

_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class StoredThreshold(BaseModel):
    """A threshold and how it was chosen.

    Attributes:
        format: of the file.
        threshold: th^t in [0, 1], in all its digits: a rounded one could lie above the p^t it was taken from.
        criterion: what was asked of it, for a person.
        alpha: largest reject rate that was asked for; None where the criterion is none of a rate.
        delta: chance that the promise is broken; None without a promise.
        split: split it was chosen on.
        n: reviewed sequences it was chosen on.
        date: day of the choice.
        model: the table's word for the model whose p^t these were; empty when it says none.
        table_sha256: of the table of predictions; empty for a table in memory.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal[1] = 1
    threshold: _Share
    criterion: str = Field(min_length=1)
    alpha: _Share | None = None
    delta: _Share | None = None
    split: str = Field(pattern="^(train|val|test)$")
    n: int = Field(ge=1)
    date: date
    model: str = ""
    table_sha256: str = Field(default="", pattern="^([0-9a-f]{64})?$")

    def in_words(self) -> str:
        """The criterion, and the data that it was met on."""
        words = Reason.CHOSEN_ON_MODEL if self.model else Reason.CHOSEN_ON
        return words.format(clause=self.criterion, n=self.n, model=self.model, split=self.split, date=self.date)


def threshold_file_text(stored: StoredThreshold) -> str:
    """The content of the file: indented JSON."""
    return stored.model_dump_json(indent=2) + "\n"


def write_threshold_file(path: str | os.PathLike[str], stored: StoredThreshold) -> None:
    """Write it as indented JSON.

    Raises:
        SettingsError: when the file cannot be written.
    """
    try:
        Path(path).write_text(threshold_file_text(stored), encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"threshold file {path} cannot be written: {error}") from error


def read_threshold_file(path: str | os.PathLike[str]) -> StoredThreshold:
    """Read and check a threshold file.

    Raises:
        SettingsError: when it is missing, no JSON object, lacks a key, holds an unknown one, or a value lies outside
            its range; the message names the key.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
        json.loads(text)
    except (OSError, ValueError) as error:
        raise SettingsError(f"threshold file {path} cannot be read: {error}") from error
    try:
        return StoredThreshold.model_validate_json(text)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"])) or "the whole"
        raise SettingsError(
            f"threshold file {path}: {where}: {problem['msg']} (got {problem['input']!r:.80}); "
            "write it with: python -m analysis threshold TABLE --save FILE"
        ) from error
