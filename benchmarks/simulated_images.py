"""Score the image classifiers of stage 1 on simulated images they never saw, with bootstrap intervals.

    python -m agpis simulate --out runs/test-data --seed 7 ...
    python -m benchmarks.simulated_images --data runs/test-data [--split test]

MUIsC has a benchmark of its own, `benchmarks.muisc_evaluation`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.metrics import roc_auc_score

from agpis.bundled import model_folder
from agpis.data.reviews import ImageLabel, read_image_labels
from agpis.images import read_image
from agpis.pipeline import AgpisPipeline

RESAMPLES = 500
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def main(
    data: Annotated[Path, typer.Option(help="Folder of AGPIS-data.")],
    split: Annotated[str, typer.Option(help="train, val, test or all.")] = "test",
    models: Annotated[Path | None, typer.Option(help="Pipeline folder; default the bundled one.")] = None,
    limit: Annotated[int, typer.Option(help="At most this many images.")] = 3000,
    seed: int = 0,
) -> None:
    """Print one table for the two classifiers."""
    pipeline = AgpisPipeline.from_pretrained(models or model_folder())
    images = _sample([i for i in read_image_labels(data / "images.jsonl") if split in (i.split, "all")], limit, seed)
    table = Table("score", "value", "95% interval", "n", title=f"{data.name}, split {split}")
    for row in _classifiers(pipeline, data, images, seed):
        table.add_row(*row)
    Console(width=120).print(table)


def _sample(items: list, limit: int, seed: int) -> list:  # type: ignore[type-arg]
    if len(items) <= limit:
        return items
    return [items[i] for i in sorted(np.random.default_rng(seed).choice(len(items), limit, replace=False))]


def _classifiers(
    pipeline: AgpisPipeline, data: Path, labels: list[ImageLabel], seed: int
) -> list[tuple[str, str, str, str]]:
    rows = []
    images = [
        read_image(data / label.file, label.file) for label in track(labels, "images", console=Console(stderr=True))
    ]
    p_nc = pipeline.noncompliance.predict(images)
    noncompliant = np.array([label.noncompliant for label in labels], dtype=np.int64)
    rows.append(_row("p^nc: AUC", _auc, noncompliant, p_nc, seed))
    for defect in sorted({defect for label in labels for defect in label.defects}):
        keep = np.array([not label.noncompliant or defect in label.defects for label in labels])
        rows.append(_row(f"  {defect}", _auc, noncompliant[keep], p_nc[keep], seed))
    labelled = np.array([label.primary is not None for label in labels])
    primary = np.array([bool(label.primary) for label in labels], dtype=np.int64)
    p_primary = pipeline.primary.predict(images)
    rows.append(_row("p^primary: AUC (eq. 1)", _auc, primary[labelled], p_primary[labelled], seed))
    return rows


def _auc(labels: Ints, scores: Floats) -> float:
    return float(roc_auc_score(labels, scores)) if len(np.unique(labels)) == 2 else float("nan")


def _row(
    name: str, metric: Callable[[Ints, Floats], float], labels: Ints, scores: Floats, seed: int
) -> tuple[str, str, str, str]:
    if not len(labels):
        return name, "n/a", "", "0"
    rng = np.random.default_rng(seed)
    draws = [metric(labels[i], scores[i]) for i in rng.integers(0, len(labels), (RESAMPLES, len(labels)))]
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return name, f"{metric(labels, scores):.3f}", f"{low:.3f} to {high:.3f}", str(len(labels))


if __name__ == "__main__":
    typer.run(main)
