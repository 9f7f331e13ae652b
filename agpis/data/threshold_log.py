"""Which th^t was put in force by whom and when: JSON lines that only grow, one an adoption or an undoing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from agpis.data.threshold_file import StoredThreshold
from agpis.errors import SettingsError

LONGEST_NAME = 80


class LogEntry(BaseModel):
    """One line of the log.

    Attributes:
        at: when.
        by: who, as they called themselves.
        stored: the threshold that was put in force; None when the newest that still stood was undone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: AwareDatetime
    by: str = Field(min_length=1, max_length=LONGEST_NAME)
    stored: StoredThreshold | None


@dataclass(frozen=True, slots=True)
class Adoption:
    """A threshold that stands.

    Attributes:
        at: since when.
        by: who put it in force.
        stored: the threshold and how it was chosen.
    """

    at: datetime
    by: str
    stored: StoredThreshold


def read_log(path: str | os.PathLike[str]) -> tuple[LogEntry, ...]:
    """Every entry, the oldest first; none where there is no file.

    Raises:
        SettingsError: when the file cannot be read or a line is malformed; the message names the line.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"threshold log {path} cannot be read: {error}") from error
    entries = []
    for number, line in enumerate(lines, 1):
        try:
            entries.append(LogEntry.model_validate_json(line))
        except ValidationError as error:
            told = error.errors(include_url=False)[0]["msg"]
            raise SettingsError(
                f"threshold log {path}, line {number}: {told}; mend or remove that line, or move the file away"
            ) from error
    return tuple(entries)


def standing(entries: tuple[LogEntry, ...]) -> tuple[Adoption, ...]:
    """The adoptions that were not undone, the oldest first; the last one is in force."""
    stack: list[Adoption] = []
    for entry in entries:
        if entry.stored is not None:
            stack.append(Adoption(entry.at, entry.by, entry.stored))
        elif stack:
            stack.pop()
    return tuple(stack)


def adoption_in_force(path: str | os.PathLike[str]) -> Adoption | None:
    """The adoption in force; None while the models' own threshold is.

    Raises:
        SettingsError: as `read_log`.
    """
    adoptions = standing(read_log(path))
    return adoptions[-1] if adoptions else None


def append_to_log(
    path: str | os.PathLike[str], stored: StoredThreshold | None, by: str, at: datetime
) -> tuple[LogEntry, ...]:
    """Put a threshold in force, or undo the newest that stands, and return the log with it.

    Args:
        path: of the log; its folder is made where it is missing.
        stored: the threshold; None to undo.
        by: who does it, 1 to LONGEST_NAME characters.
        at: now, with its time zone.

    Raises:
        SettingsError: when there is nothing to undo, the name is too short or too long, or the file cannot be read or
            written.
    """
    name = " ".join(by.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise SettingsError(f"say who decides, in 1 to {LONGEST_NAME} characters; got {len(name)}")
    entries = read_log(path)
    if stored is None and not standing(entries):
        raise SettingsError("there is nothing to undo: the threshold of the models is in force")
    entry = LogEntry(at=at, by=name, stored=stored)
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        # One write of one line: what several processes append does not mix.
        with Path(path).open("ab", buffering=0) as file:
            file.write(entry.model_dump_json().encode() + b"\n")
    except OSError as error:
        raise SettingsError(f"threshold log {path} cannot be written: {error}") from error
    return (*entries, entry)
