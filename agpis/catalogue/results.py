"""What came out of a run, as files to take away: JSON lines, a CSV summary, the ordered images."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from agpis.store.catalogue_runs import CatalogueRuns
from agpis.store.catalogue_values import Run, RunProduct

SUMMARY_COLUMNS = (
    "product_id", "title", "category", "status", "outcome", "p_qualified", "submission_threshold", "images", "reason",
    "seconds",
)  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula, and titles come from strangers.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_UNSAFE = re.compile(r"[^\w.-]+")
_NAME_CHARACTERS = 60


def results_jsonl(runs: CatalogueRuns, run_id: int) -> str:
    """One JSON object a line for every product that is no longer waiting: who it is, how it ended, the whole result.

    Raises:
        StoreError: when the store fails.
    """
    return "".join(json.dumps(_record(p), ensure_ascii=False) + "\n" for p in runs.every_product(run_id))


def summary_csv(runs: CatalogueRuns, run: Run) -> str:
    """One row a product, `SUMMARY_COLUMNS`; the sequence stands in `images`, apart by `|`, as catalogues have it.

    Text that a spreadsheet would take for a formula gets an apostrophe in front.

    Raises:
        StoreError: when the store fails.
    """
    buffer = io.StringIO()
    table = csv.writer(buffer)
    table.writerow(SUMMARY_COLUMNS)
    for product in runs.every_product(run.id):
        texts = (product.product_id, product.title, product.category)
        table.writerow(
            [
                *(_cell(text) for text in texts),
                product.status.value,
                "" if product.outcome is None else product.outcome.value,
                "" if product.p_qualified is None else f"{product.p_qualified:.6f}",
                run.settings.submission_threshold,
                _cell("|".join(product.sequence)),
                _cell(product.reason),
                f"{product.seconds:.2f}",
            ]
        )
    return buffer.getvalue()


def images_zip(runs: CatalogueRuns, run: Run) -> BinaryIO:
    """A ZIP archive of every sequence, its photos numbered in order, with JSON lines and summary.

    `submit/00001-mug/01-front.jpg` is the primary image of the catalogue's first product. A photo that is gone since
    the run is named in `missing.txt`.

    Returns:
        An open temporary file at its beginning; closing it deletes it.

    Raises:
        StoreError: when the store fails.
    """
    file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    missing = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for product in runs.every_product(run.id):
            for name, path in _numbered(run, product):
                if path.is_file():
                    archive.write(path, name)
                else:
                    missing.append(f"{name}: {path.name} of product {product.product_id} is gone\n")
        archive.writestr("results.jsonl", results_jsonl(runs, run.id), zipfile.ZIP_DEFLATED)
        archive.writestr("summary.csv", summary_csv(runs, run), zipfile.ZIP_DEFLATED)
        if missing:
            archive.writestr("missing.txt", "".join(missing))
    file.seek(0)
    return file


def _numbered(run: Run, product: RunProduct) -> Iterator[tuple[str, Path]]:
    if product.outcome is None:
        return
    folder = f"{product.outcome.value}/{product.position:05d}-{_safe(product.product_id)}"
    for place, file in enumerate(product.sequence, start=1):
        yield f"{folder}/{place:02d}-{_safe(PurePosixPath(file).name)}", run.folder / file


def _safe(name: str) -> str:
    """The name without anything that a file system could take for more than a name; its ending stays."""
    return _UNSAFE.sub("_", name)[-_NAME_CHARACTERS:].lstrip(".")


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _record(product: RunProduct) -> dict[str, Any]:
    return {
        "product_id": product.product_id,
        "title": product.title,
        "category": product.category,
        "status": product.status.value,
        "reason": product.reason,
        "seconds": round(product.seconds, 3),
        "result": dict(product.result) or None,
    }
