"""The quality checks beside cleanvision's on the same damaged photos: AUC, photos flagged, time.

    python -m benchmarks.quality --catalogs PATH [--photos 150]

The photos are those of magento and grocery, which took no part in calibrating the checks. Damaged copies come
from `benchmarks.stage1.damages`, one of every kind for each photo. cleanvision has no check for borders.
Its score for blur is never bad where most of a photo has one tone, so its measure of edges is shown by itself as well.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from agpis.bundled import model_folder
from agpis.data.catalog import read_catalog
from agpis.images import read_image
from agpis.model_files import stored_settings
from agpis.stage1.quality.kinds import QualityKind
from agpis.stage1.quality.scores import measure_quality
from agpis.types import Image
from analysis.metrics.bootstrap import Score
from benchmarks.stage1.cleanvision_checks import CleanvisionChecks
from benchmarks.stage1.damages import DAMAGES, damaged
from benchmarks.stage1.tables import auc_against, interval

CATALOGS = ("magento", "grocery")


@dataclass(slots=True)
class _Measured:
    """Scores by kind, larger is worse, of clean photos and of damaged copies; and seconds of processor time a photo."""

    clean: dict[QualityKind, list[float]] = field(default_factory=lambda: defaultdict(list))
    spoilt: dict[QualityKind, list[float]] = field(default_factory=lambda: defaultdict(list))
    clean_edges: list[float] = field(default_factory=list)
    spoilt_edges: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def main(
    catalogs: Annotated[Path, typer.Option(help="Folder of catalogues.")],
    models: Annotated[Path | None, typer.Option(help="Pipeline folder, for its quality threshold.")] = None,
    photos: Annotated[int, typer.Option(min=1, help="At most this many photos of each catalogue.")] = 150,
    peers: Annotated[bool, typer.Option(help="Also measure with cleanvision.")] = True,
    seed: int = 0,
) -> None:
    """Print one table."""
    limit = stored_settings(models or model_folder()).quality_threshold
    files = [file for name in CATALOGS for file in _photos(catalogs / name, photos, seed)]
    ours, theirs, cleanvision = _Measured(), _Measured(), CleanvisionChecks() if peers else None
    for number, file in enumerate(track(files, "measuring", console=Console(stderr=True))):
        photo, rng = read_image(file), np.random.default_rng([seed, number])
        copies = {kind: Image(photo.file, damaged(kind, photo.pixels, rng)) for kind in DAMAGES}
        _measure_ours(ours, photo, copies)
        if cleanvision:
            _measure_theirs(theirs, cleanvision, photo, copies)
    groups = [str(file) for file in files]
    table = Table(
        "damage", "checks", "AUC", "95% interval", "damaged flagged", "clean flagged", title=f"{len(files)} photos"
    )
    for kind in DAMAGES:
        table.add_row(kind.value, "ours", *_cells(ours, kind, groups, limit))
        if cleanvision and kind in cleanvision.limits:
            table.add_row("", "cleanvision", *_cells(theirs, kind, groups, cleanvision.limits[kind]))
        if cleanvision and kind is QualityKind.BLUR:
            edges = auc_against("", theirs.spoilt_edges, theirs.clean_edges, groups, groups)
            table.add_row("", "cleanvision, edges alone", _number(edges), interval(edges), "", "")
    Console(width=120).print(table)
    Console().print(f"ours, at the limit {limit:.2f}: {1000 * np.mean(ours.seconds):.1f} ms of processor time an image")
    if cleanvision:
        Console().print(
            f"cleanvision, at its own limits: {1000 * np.mean(theirs.seconds):.1f} ms of processor time an image"
        )


def _photos(folder: Path, count: int, seed: int) -> list[Path]:
    files = [product.path_of(image) for product in read_catalog(folder) for image in product.images]
    chosen = np.random.default_rng(seed).choice(len(files), min(count, len(files)), replace=False)
    return [files[index] for index in sorted(chosen)]


def _measure_ours(measured: _Measured, photo: Image, copies: dict[QualityKind, Image]) -> None:
    start = process_time()
    clean = measure_quality(photo)
    measured.seconds.append(process_time() - start)
    for kind, copy in copies.items():
        measured.clean[kind].append(clean.of(kind))
        measured.spoilt[kind].append(measure_quality(copy).of(kind))


def _measure_theirs(
    measured: _Measured, checks: CleanvisionChecks, photo: Image, copies: dict[QualityKind, Image]
) -> None:
    start = process_time()
    clean = checks.measure(photo)
    measured.seconds.append(process_time() - start)
    measured.clean_edges.append(checks.softness(photo))
    measured.spoilt_edges.append(checks.softness(copies[QualityKind.BLUR]))
    for kind, copy in copies.items():
        if kind in clean:
            measured.clean[kind].append(clean[kind])
            measured.spoilt[kind].append(checks.measure(copy)[kind])


def _cells(measured: _Measured, kind: QualityKind, groups: list[str], limit: float) -> tuple[str, ...]:
    score = auc_against("", measured.spoilt[kind], measured.clean[kind], groups, groups)
    found, wrong = (np.mean(np.array(scores[kind]) > limit) for scores in (measured.spoilt, measured.clean))
    return _number(score), interval(score), f"{found:.1%}", f"{wrong:.1%}"


def _number(score: Score) -> str:
    return "-" if score.value is None else f"{score.value:.3f}"


if __name__ == "__main__":
    typer.run(main)
