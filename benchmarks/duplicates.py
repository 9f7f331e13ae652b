"""Measure image-pair recognition beside what people use today, on the same pairs in one run.

    python -m benchmarks.duplicates --catalogs CATALOGS [--peers] [--wrong FOLDER] [--out docs/duplicates.md]

Made pairs: copies of many kinds, other photos and recoloured copies (`benchmarks.pairs.made`), from catalogues of which
no constant of image-pair recognition has learned. Real pairs: all pairs within the products of labelled catalogues.
CATALOGS is a folder of catalogues.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from agpis.bundled import model_folder
from agpis.images import read_image
from agpis.stage1.classifier import ImageClassifier
from agpis.types import PairMatch, PipelineSettings
from benchmarks.pairs import tables
from benchmarks.pairs.made import RECOLOURINGS, MadePair, make_pairs, read_photos
from benchmarks.pairs.methods import Judgement, own_method, peers
from benchmarks.pairs.real import RealPair, compare_catalog
from benchmarks.pairs.scores import Judged, judge, pooled
from benchmarks.pairs.sheet import Entry, write_sheet

JUDGED = ("magento", "grocery", "spree")
LABELLED = ("magento", "saleor", "solidus")
MARKER = "<!-- written by benchmarks.duplicates from here on -->"
_THRESHOLD = PipelineSettings().duplicate_threshold
_BOXES_EVERY = 7  # of the copies on the sheet of boxes
_BOXES = 24


def main(
    catalogs: Annotated[Path, typer.Option(help="Folder of catalogues.")],
    catalog: Annotated[list[str] | None, typer.Option(help="Make pairs of these; may be repeated.")] = None,
    copies: Annotated[int, typer.Option(help="Made pairs of every kind of copy, a catalogue.")] = 10,
    seed: Annotated[int, typer.Option(help="Draws the pairs.")] = 11,
    models: Annotated[Path | None, typer.Option(help="Pipeline folder; default the bundled one.")] = None,
    with_peers: Annotated[bool, typer.Option("--peers", help="Measure imagededup and OpenCV too.")] = False,
    real: Annotated[bool, typer.Option(help="Measure the labelled pairs of real photos too.")] = True,
    wrong: Annotated[Path | None, typer.Option(help="Folder for contact sheets: wrong decisions, and boxes.")] = None,
    out: Annotated[Path | None, typer.Option(help="Page whose measured part is written anew.")] = None,
) -> None:
    """Print what every method reaches, what it finds of every kind, the real pairs, and seconds for a product."""
    network = ImageClassifier.from_pretrained((models or model_folder()) / "noncompliance")
    photos = {name: read_photos(catalogs / name) for name in catalog or JUDGED}
    pairs = {name: make_pairs(found, copies, seed) for name, found in photos.items()}
    methods = [own_method(network, _THRESHOLD), *(peers() if with_peers else [])]
    console, progress = Console(width=150), Console(stderr=True)
    judged = [[judge(method, made) for made in pairs.values()] for method in track(methods, "made", console=progress)]
    shown = [tables.reached(list(pairs), judged), tables.by_kind([pooled(parts) for parts in judged])]
    shown.append(tables.speed([photo for found in photos.values() for photo in found], network))
    console.print(*(table.to_rich() for table in shown))
    if wrong is not None:
        _write_made(pooled(judged[0]), wrong)
    if real:
        results = [compare_catalog(catalogs / name, network) for name in track(LABELLED, "real", console=progress)]
        shown.append(tables.real(results, _THRESHOLD))
        console.print(shown[-1].to_rich())
        if wrong is not None:
            odd = [pair for result in results for pair in result.pairs if _is_odd(pair)]
            write_sheet([_entry_of_real(pair) for pair in odd], wrong / "real.png")
    if out is not None:
        _write_page(out, shown)


def _write_page(page: Path, shown: Sequence[tables.Table]) -> None:
    """Keep what stands above the marker."""
    written = page.read_text(encoding="utf-8").partition(MARKER)[0].rstrip() if page.is_file() else ""
    parts = [written, MARKER, *(table.to_markdown().rstrip() for table in shown)]
    page.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _write_made(judged: Judged, folder: Path) -> None:
    entries = [_entry_of_made(*each) for each in zip(judged.pairs, judged.judgements, strict=True)]
    wrong = [_is_wrong(*each) for each in zip(judged.pairs, judged.judgements, strict=True)]
    copies = [entry for entry, pair in zip(entries, judged.pairs, strict=True) if pair.is_copy]
    write_sheet([entry for entry, bad in zip(entries, wrong, strict=True) if bad], folder / "made.png")
    write_sheet(copies[::_BOXES_EVERY][:_BOXES], folder / "boxes.png")


def _is_wrong(pair: MadePair, judgement: Judgement) -> bool:
    if pair.kind in RECOLOURINGS:
        return not judgement.variant
    return judgement.variant or (judgement.duplicate >= _THRESHOLD) is not pair.is_copy


def _is_odd(pair: RealPair) -> bool:
    """Whether a decision on real photos is wrong, or right but worth a look; recoloured main photos aside."""
    called = pair.match is not None and pair.match.similarity >= _THRESHOLD
    return pair.label == "near-duplicate" or (called and pair.label != "main in two colours")


def _entry_of_made(pair: MadePair, judgement: Judgement) -> Entry:
    return Entry(f"{pair.kind}: {_said(judgement.match)}", pair.first, pair.second, judgement.match)


def _entry_of_real(pair: RealPair) -> Entry:
    first, second = (read_image(path).pixels for path in (pair.first, pair.second))
    return Entry(f"{pair.first.stem} {pair.label}: {_said(pair.match)}", first, second, pair.match)


def _said(match: PairMatch | None) -> str:
    return "nothing" if match is None else f"{match.relation} {match.similarity:.2f}"


if __name__ == "__main__":
    typer.run(main)
