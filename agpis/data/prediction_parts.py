"""Writes a table of predictions part by part, so that a run that was stopped goes on where it was.

Finished parts lie in `<table>.parts/` beside the table; `join` makes the table of them and removes the folder.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agpis.data.predictions import EXTRA_COLUMNS, IMAGE_SEPARATOR, SCORE_COLUMNS, TEXT_COLUMNS, probability_columns
from agpis.errors import CatalogError, SettingsError
from agpis.rules import RuleTaxonomy

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".parquet", ".csv", ".csv.gz")
_SETTINGS = "settings.json"


def check_table_name(path: Path) -> None:
    """Refuse a name that says no known form.

    Raises:
        SettingsError: when `path` has none of SUFFIXES.
    """
    if not path.name.endswith(SUFFIXES):
        raise SettingsError(f"{path}: a table of predictions ends in {', '.join(SUFFIXES)}; choose such a name")


class PredictionParts:
    """The finished parts of one table, by number.

    Attributes:
        folder: where they lie.
    """

    def __init__(
        self, out: Path, taxonomy: RuleTaxonomy, settings: Mapping[str, Any], *, has_written_feedback: bool
    ) -> None:
        """Open the parts of a stopped run, or begin.

        Args:
            out: the table to be.
            taxonomy: the classes.
            settings: what the rows depend on, as JSON values.
            has_written_feedback: whether the rows have `written_feedback`.

        Raises:
            SettingsError: when `out` has another suffix, exists, or has parts of other settings.
            CatalogError: when the folder cannot be written to.
        """
        check_table_name(out)
        if out.exists():
            raise SettingsError(f"{out} exists already; remove it or choose another name")
        self._out, self._taxonomy, self._has_written = out, taxonomy, has_written_feedback
        self.folder = out.with_name(out.name + ".parts")
        text = json.dumps(settings, indent=2, sort_keys=True)
        file = self.folder / _SETTINGS
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if file.is_file() and file.read_text(encoding="utf-8") != text:
                raise SettingsError(
                    f"{self.folder} holds a stopped run with other settings ({file}); repeat its command to finish it, "
                    "delete the folder, or choose another --out"
                )
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CatalogError(f"{self.folder} cannot be written to: {error}") from error

    def has(self, number: int) -> bool:
        """Whether this part is finished."""
        return self._path(number).is_file()

    def save(self, number: int, rows: Sequence[Mapping[str, object]]) -> None:
        """Write a part; after a kill it is there as a whole or not at all.

        Raises:
            CatalogError: when it cannot be written.
        """
        import pyarrow as pa
        from pyarrow import parquet

        unfinished = self._path(number).with_suffix(".unfinished")
        try:
            parquet.write_table(pa.Table.from_pylist(list(rows), self._schema()), unfinished, compression="zstd")
            os.replace(unfinished, self._path(number))
        except OSError as error:
            raise CatalogError(f"{unfinished} cannot be written: {error}") from error

    def join(self, count: int) -> None:
        """Write the table from the first `count` parts and remove them.

        Raises:
            CatalogError: when the table cannot be written, or holds a file name that CSV cannot.
        """
        unfinished = self._out.with_name(f"{self._out.name}.unfinished")
        try:
            if self._out.suffix == ".parquet":
                self._join_parquet(unfinished, count)
            else:
                self._join_csv(unfinished, count)
            os.replace(unfinished, self._out)
            shutil.rmtree(self.folder)
        except OSError as error:
            raise CatalogError(f"{self._out} cannot be written: {error}") from error

    def _join_parquet(self, path: Path, count: int) -> None:
        from pyarrow import parquet

        with parquet.ParquetWriter(path, self._schema(), compression="zstd") as writer:
            for number in range(count):
                writer.write_table(parquet.read_table(self._path(number), schema=self._schema()))

    def _join_csv(self, path: Path, count: int) -> None:
        import pyarrow as pa
        from pyarrow import compute, csv, parquet

        place = self._schema().get_field_index("images")
        schema = self._schema().set(place, pa.field("images", pa.string()))
        compression = "gzip" if self._out.suffix == ".gz" else None
        with pa.output_stream(path, compression=compression) as stream, csv.CSVWriter(stream, schema) as writer:
            for number in range(count):
                table = parquet.read_table(self._path(number), schema=self._schema())
                for file in table["images"].combine_chunks().flatten().to_pylist():
                    if IMAGE_SEPARATOR in file:
                        raise CatalogError(
                            f"{file!r} holds {IMAGE_SEPARATOR!r}, which separates files in CSV; write .parquet instead"
                        )
                joined = compute.binary_join(table["images"], IMAGE_SEPARATOR)
                writer.write_table(table.set_column(place, "images", joined).cast(schema))

    def _schema(self) -> pa.Schema:
        import pyarrow as pa

        extra = [name for name in EXTRA_COLUMNS if name != "written_feedback" or self._has_written]
        types = {"images": pa.list_(pa.string())}
        texts = [(name, types.get(name, pa.string())) for name in (*TEXT_COLUMNS, *extra)]
        return pa.schema(
            [*texts, *((name, pa.float32()) for name in (*SCORE_COLUMNS, *probability_columns(self._taxonomy)))]
        )

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06d}.parquet"
