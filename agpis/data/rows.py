"""Tables on disk, JSON lines or Parquet, as plain rows that know their place; what a row means is decided elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import Any

from agpis.errors import CatalogError

JSONL, PARQUET = ".jsonl", ".parquet"
_BATCH = 2048

Columns = Mapping[str, type]
"""Column -> `str`, `bool` or `tuple`, which stands for a list of texts; any of them may hold nulls."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it stands in the file.

    Attributes:
        line: line of a JSON lines file, number of the row in a Parquet file; both counted from 1.
        values: column -> plain value; dates and times as ISO 8601 text.
        problem: why the row could not be read, for a person; empty when it could.
    """

    line: int
    values: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


def read_rows(path: Path) -> Iterator[Row]:
    """Read a table row by row; a line that is no JSON object becomes a row with a problem, blank lines are none.

    Raises:
        CatalogError: when the file is missing, damaged as a whole, or neither `.jsonl` nor `.parquet`.
    """
    yield from (_read_parquet if _suffix(path) == PARQUET else _read_jsonl)(path)


def write_rows(path: Path, columns: Columns, rows: Iterable[Mapping[str, object]]) -> int:
    """Write rows in the given order and return how many.

    Raises:
        CatalogError: when the file cannot be written, or is neither `.jsonl` nor `.parquet`.
    """
    write = _write_parquet if _suffix(path) == PARQUET else _write_jsonl
    try:
        return write(path, columns, rows)
    except OSError as error:
        raise CatalogError(f"{path} cannot be written: {error}") from error


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in (JSONL, PARQUET):
        raise CatalogError(f"{path}: a table is a {JSONL} or a {PARQUET} file, got {suffix or 'no suffix'}")
    return suffix


def _read_jsonl(path: Path) -> Iterator[Row]:
    try:
        # As bytes: one line that is no UTF-8 must not hide those after it.
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _parse(number, line)
    except OSError as error:
        raise CatalogError(f"{path} cannot be read: {error}") from error


def _parse(number: int, line: bytes) -> Row:
    try:
        # Some editors begin a file with a byte order mark.
        values = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        if b"\\ud" in line.lower():
            json.dumps(values, ensure_ascii=False).encode()  # half a surrogate pair could never be written again
    except UnicodeError as error:
        return Row(number, problem=f"not UTF-8 text: {error}")
    except (ValueError, RecursionError) as error:
        return Row(number, problem=f"not JSON: {error}")
    if not isinstance(values, dict):
        return Row(number, problem=f"not a JSON object but {type(values).__name__}")
    return Row(number, values)


def _read_parquet(path: Path) -> Iterator[Row]:
    # Imported here and below: JSON lines, which most runs use, need no pyarrow.
    import pyarrow as pa
    from pyarrow import parquet

    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH):
                for values in batch.to_pylist():
                    number += 1
                    yield Row(number, {name: _plain(value) for name, value in values.items()})
    except (OSError, ValueError, pa.ArrowException) as error:
        raise CatalogError(f"{path} cannot be read as Parquet after row {number}: {error}") from error


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _write_jsonl(path: Path, columns: Columns, rows: Iterable[Mapping[str, object]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as lines:
        for row in rows:
            lines.write(json.dumps({name: row[name] for name in columns}, ensure_ascii=False) + "\n")
            count += 1
    return count


def _write_parquet(path: Path, columns: Columns, rows: Iterable[Mapping[str, object]]) -> int:
    import pyarrow as pa
    from pyarrow import parquet

    types = {str: pa.string(), bool: pa.bool_(), tuple: pa.list_(pa.string())}
    schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
    count, waiting = 0, iter(rows)
    with parquet.ParquetWriter(path, schema) as writer:
        for first in waiting:
            batch = [dict(row) for row in chain([first], islice(waiting, _BATCH - 1))]
            writer.write_table(pa.Table.from_pylist(batch, schema))
            count += len(batch)
    return count
