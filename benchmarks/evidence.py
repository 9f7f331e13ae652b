"""How much of what was laid over photos the evidence finds, and how often it finds what is not there.

    python -m benchmarks.evidence --data data/market --catalogs CATALOGS

A flaw counts as found when a finding overlaps it (IoU 0.3 or more) or points into it (its centre lies inside), and as
named when the kind is right too. Photos in products of the real catalogues have nothing laid over them, so every
finding there is a false alarm; the banners that their `labels.json` lists apart are not among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from agpis.bundled import model_folder
from agpis.data.catalog import read_catalog
from agpis.images import read_image
from agpis.model_folder import ModelFolder, load_model_folder
from agpis.simulation.annotations import read_annotated
from agpis.simulation.facts import ImageFacts
from agpis.stage1.evidence.find import SUSPECT, find_evidence
from agpis.stage1.evidence.kinds import EvidenceKind
from agpis.types import Box, Finding

CLEAN = "none"
KINDS = {kind.value for kind in EvidenceKind} | {CLEAN}
IOU = 0.3


@dataclass(frozen=True, slots=True)
class Searched:
    """One image after the search.

    Attributes:
        file: the image.
        whole: a box over all of it.
        p_noncompliant: p^nc.
        findings: the evidence.
        seconds: what looking for it took; p^nc, which is there already, not counted.
    """

    file: str
    whole: Box
    p_noncompliant: float
    findings: tuple[Finding, ...]
    seconds: float


def main(
    data: Annotated[Path | None, typer.Option(help="Simulated catalogue, of which the test split is used.")] = None,
    catalogs: Annotated[Path | None, typer.Option(help="Folder of the real catalogues.")] = None,
    catalog: Annotated[list[str] | None, typer.Option(help="Names of real catalogues; default all.")] = None,
    models: Annotated[Path | None, typer.Option(help="Pipeline folder; default the bundled one.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Images of each kind, and of each catalogue.")] = 40,
    seed: Annotated[int, typer.Option(help="Draws the images.")] = 0,
) -> None:
    """Print recall by kind, and false alarms."""
    parts = load_model_folder(models or model_folder())
    console, rng = Console(width=120), np.random.default_rng(seed)
    if data is not None:
        console.print(_simulated(data, parts, limit, rng))
    if catalogs is not None:
        names = catalog or sorted(path.name for path in catalogs.iterdir() if path.is_dir())
        console.print(_real([catalogs / name for name in names], parts, limit, rng))


def search(path: Path, parts: ModelFolder) -> Searched:
    """Look for evidence on one image."""
    image = read_image(path)
    p = float(parts.noncompliance.predict([image])[0])
    start = perf_counter()
    (findings,) = find_evidence([image], [p], parts.taxonomy, parts.noncompliance)
    seconds = perf_counter() - start
    return Searched(path.name, Box(0, 0, image.width, image.height), p, findings, seconds)


def hits(finding: Finding, box: Box) -> bool:
    """Whether a finding shows what lies in a box."""
    if finding.box is None:
        return False
    x, y = finding.box.x + finding.box.w / 2, finding.box.y + finding.box.h / 2
    inside = box.x <= x <= box.x + box.w and box.y <= y <= box.y + box.h
    return inside or finding.box.iou(box) >= IOU


def _simulated(data: Path, parts: ModelFolder, limit: int, rng: np.random.Generator) -> Table:
    table = Table("drawn on", "images", "found", "and named", "p^nc below 0.2", "ms", title=f"{data.name}, test split")
    for kind, images in sorted(_by_kind(data).items(), key=lambda item: (item[0] == CLEAN, item[0])):
        chosen = [images[index] for index in rng.permutation(len(images))[:limit]]
        searched = [search(data / facts.file, parts) for facts in track(chosen, kind, console=Console(stderr=True))]
        table.add_row(kind, str(len(chosen)), *_shares(kind, chosen, searched), *_costs(searched))
    return table


def _by_kind(data: Path) -> dict[str, list[ImageFacts]]:
    """Test images with one flaw that evidence exists for, and those without any."""
    groups: dict[str, list[ImageFacts]] = {}
    for product in read_annotated(data):
        for facts in product.images if product.split == "test" else ():
            kinds = [defect.kind.value for defect in facts.defects] or [CLEAN]
            if len(kinds) == 1 and kinds[0] in KINDS:
                groups.setdefault(kinds[0], []).append(facts)
    return groups


def _shares(kind: str, chosen: Sequence[ImageFacts], searched: Sequence[Searched]) -> tuple[str, str]:
    if kind == CLEAN:
        return f"{sum(bool(one.findings) for one in searched)} false alarms", ""
    shown = [
        {finding.kind for finding in one.findings if hits(finding, facts.defects[0].box or one.whole)}
        for facts, one in zip(chosen, searched, strict=True)
    ]
    return f"{np.mean([bool(kinds) for kinds in shown]):.2f}", f"{np.mean([kind in kinds for kinds in shown]):.2f}"


def _costs(searched: Sequence[Searched]) -> tuple[str, str]:
    low = np.mean([one.p_noncompliant < SUSPECT for one in searched])
    return f"{low:.2f}", f"{1000 * np.median([one.seconds for one in searched]):.0f}"


def _real(folders: Sequence[Path], parts: ModelFolder, limit: int, rng: np.random.Generator) -> Table:
    table = Table("catalogue", "photos", "with a finding", "of a kind", "p^nc below 0.2", "ms", title="real photos")
    for folder in folders:
        files = [product.path_of(image) for product in read_catalog(folder) for image in product.images]
        chosen = [files[index] for index in rng.permutation(len(files))[:limit]]
        searched = [search(path, parts) for path in track(chosen, folder.name, console=Console(stderr=True))]
        alarms = [one for one in searched if one.findings]
        kinds = sorted(finding.kind for one in alarms for finding in one.findings)
        named = ", ".join(f"{kind} {kinds.count(kind)}" for kind in dict.fromkeys(kinds))
        table.add_row(folder.name, str(len(chosen)), str(len(alarms)), named, *_costs(searched))
    return table


if __name__ == "__main__":
    typer.run(main)
