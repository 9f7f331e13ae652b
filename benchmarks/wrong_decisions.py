"""List every decision of stage 1 on labelled products that the labels contradict.

    python -m benchmarks.wrong_decisions --catalogs PATH --out docs/wrong-decisions.md [--sheet DIR]

The page holds no photo, since the catalogues' licences differ; `--sheet` draws the photos into PNG files to look at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from agpis.bundled import model_folder
from agpis.images import read_image
from agpis.pipeline import AgpisPipeline
from agpis.types import Pixels
from benchmarks.stage1.catalog_labels import read_labels
from benchmarks.stage1.wrong import Mistake, WrongDecision, wrong_decisions

CATALOGS = ("magento", "saleor", "solidus", "grocery")
_TILE, _COLUMNS, _LINE = 160, 8, 14


def main(
    catalogs: Annotated[Path, typer.Option(help="Folder of catalogues with labels.")],
    catalog: Annotated[list[str] | None, typer.Option(help="Which of them; may be repeated.")] = None,
    models: Annotated[Path | None, typer.Option(help="Pipeline folder; default the bundled one.")] = None,
    out: Annotated[Path | None, typer.Option(help="Markdown page to write; counts are printed without.")] = None,
    sheet: Annotated[Path | None, typer.Option(help="Folder for contact sheets, one a kind of mistake.")] = None,
) -> None:
    """Write the page, print how many decisions of each kind are wrong."""
    pipeline = AgpisPipeline.from_pretrained(models or model_folder())
    found: list[WrongDecision] = []
    for name in catalog or CATALOGS:
        decisions = wrong_decisions(pipeline, read_labels(catalogs / name))
        found += track(decisions, name, console=Console(stderr=True))
    for (name, mistake), count in sorted(Counter((item.catalog, item.mistake.value) for item in found).items()):
        Console(width=120).print(f"{name}: {mistake}: {count}")
    if out:
        out.write_text("\n".join(page(found)) + "\n", encoding="utf-8")
    if sheet:
        write_sheets(found, catalogs, sheet)


def page(found: Sequence[WrongDecision]) -> Iterator[str]:
    """The lines of the Markdown page."""
    yield "# Wrong decisions of stage 1 on labelled photos"
    yield ""
    yield "Every decision of the bundled models at their stored thresholds that the labels of one annotator contradict."
    yield "A model who wears the item is no flaw. Written by `python -m benchmarks.wrong_decisions`, which draws the"
    yield "photos with `--sheet`; they are not in this repository."
    for mistake in Mistake:
        those = [item for item in found if item.mistake is mistake]
        yield ""
        yield f"## {mistake.value.capitalize()}: {len(those)}"
        if those:
            yield ""
            yield "| catalogue | product | photo | label | stage 1 |"
            yield "|---|---|---|---|---|"
            yield from (_row(item) for item in those)


def write_sheets(found: Sequence[WrongDecision], catalogs: Path, folder: Path) -> None:
    """One PNG for each kind of mistake, the photos of a pair side by side, with product and figures below."""
    folder.mkdir(parents=True, exist_ok=True)
    for mistake in Mistake:
        tiles = [_tile(item, catalogs / item.catalog) for item in found if item.mistake is mistake]
        if tiles:
            name = f"{mistake.name.lower()}.png"
            cv2.imwrite(str(folder / name), cv2.cvtColor(_grid(tiles), cv2.COLOR_RGB2BGR))


def _row(item: WrongDecision) -> str:
    files = ", ".join(f"`{Path(file).name}`" for file in item.files)
    label = item.label.replace("images/", "")
    return f"| {item.catalog} | {item.product_id} | {files} | {label} | {item.said or '-'} |"


def _tile(item: WrongDecision, folder: Path) -> Pixels:
    tile = np.full((_TILE + 3 * _LINE, _TILE, 3), 255, np.uint8)
    width = _TILE // len(item.files)
    for number, file in enumerate(item.files):
        pixels = read_image(folder / file, file).pixels
        scale = min(width / pixels.shape[1], _TILE / pixels.shape[0])
        size = (max(1, int(pixels.shape[1] * scale)), max(1, int(pixels.shape[0] * scale)))
        tile[: size[1], number * width : number * width + size[0]] = cv2.resize(pixels, size)
    for line, text in enumerate((Path(item.files[0]).name, item.label, item.said)):
        place = (2, _TILE + line * _LINE + 10)
        cv2.putText(tile, text[:30], place, cv2.FONT_HERSHEY_SIMPLEX, 0.3, (0, 0, 0), 1, cv2.LINE_AA)
    return tile


def _grid(tiles: Sequence[Pixels]) -> Pixels:
    empty = np.full_like(tiles[0], 255)
    filled = [*tiles, *[empty] * (-len(tiles) % _COLUMNS)]
    return np.vstack([np.hstack(filled[start : start + _COLUMNS]) for start in range(0, len(filled), _COLUMNS)])


if __name__ == "__main__":
    typer.run(main)
