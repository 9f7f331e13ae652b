"""Where a catalogue's table lies and what stands in its rows: JSON lines, CSV or Parquet; no row is judged here."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from agpis.data.rows import JSONL, PARQUET, Row, read_rows
from agpis.errors import CatalogError
from agpis.reasons import Reason

CSV, TSV = ".csv", ".tsv"
TABLE_SUFFIXES = (JSONL, CSV, TSV, PARQUET)
TABLE_NAMES = tuple(f"products{suffix}" for suffix in TABLE_SUFFIXES)
REQUIRED_COLUMNS = ("product_id", "images")
# What stands between two files in one cell of a CSV table; a comma may belong to a file's name.
_BETWEEN_FILES = re.compile(r"[|;\n]")


def table_of(path: Path) -> Path | None:
    """The table of a catalogue, or None for a folder that has none.

    Args:
        path: a table, or a folder with `products.jsonl`, `.csv`, `.tsv` or `.parquet`, or with one table of another
            name.

    Raises:
        CatalogError: when there is no such file or folder, it is no table, or the folder leaves open which table is
            meant.
    """
    if path.is_dir():
        return _table_in(path)
    if not path.is_file():
        raise CatalogError(Reason.NO_SUCH_CATALOGUE.format(path=path))
    if path.suffix.lower() not in TABLE_SUFFIXES:
        raise CatalogError(Reason.NO_TABLE_SUFFIX.format(path=path, suffixes=", ".join(TABLE_SUFFIXES)))
    return path


def table_rows(table: Path) -> Iterator[Row]:
    """Every row of the table, in order; one that cannot be read says so.

    Raises:
        CatalogError: when the file as a whole cannot be read, or lacks a column that every product needs.
    """
    if table.suffix.lower() in (CSV, TSV):
        yield from _read_csv(table)
    else:
        yield from read_rows(table)


def files_in_cell(cell: str) -> list[str]:
    """The files named in one cell, apart by `|`, `;` or line breaks."""
    return [name.strip() for name in _BETWEEN_FILES.split(cell) if name.strip()]


def _table_in(folder: Path) -> Path | None:
    for name in TABLE_NAMES:
        if (folder / name).is_file():
            return folder / name
    tables = sorted(
        entry
        for entry in folder.iterdir()
        if entry.suffix.lower() in TABLE_SUFFIXES and entry.is_file() and not entry.name.startswith(".")
    )
    if len(tables) > 1:
        names = ", ".join(table.name for table in tables[:5])
        raise CatalogError(
            Reason.MANY_TABLES.format(folder=folder, count=len(tables), names=names, table=TABLE_NAMES[0])
        )
    return tables[0] if tables else None


def _read_csv(table: Path) -> Iterator[Row]:
    try:
        # Spreadsheets begin a file with a byte order mark.
        with table.open(encoding="utf-8-sig", newline="") as file:
            yield from _csv_rows(table, file)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CatalogError(f"{table} cannot be read as UTF-8 text in columns: {error}") from error


def _csv_rows(table: Path, file: TextIO) -> Iterator[Row]:
    # Spreadsheets of many countries write semicolons; the header tells which it is.
    header = file.readline()
    delimiter = max(",;\t", key=header.count)
    file.seek(0)
    reader = csv.DictReader(file, delimiter=delimiter)
    columns = list(reader.fieldnames or ())
    missing = [column for column in REQUIRED_COLUMNS if column not in columns]
    if missing:
        raise CatalogError(
            Reason.COLUMNS_LACKING.format(
                table=table, missing=" and no column ".join(missing), columns=", ".join(columns) or "(none)"
            )
        )
    for values in reader:
        if None in values:
            yield Row(reader.line_num, problem=f"has more cells than the {len(columns)} columns of the first line")
        else:
            yield Row(reader.line_num, {column: value or "" for column, value in values.items()})
