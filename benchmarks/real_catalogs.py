"""Run the shipped pipeline over catalogues of real photos and print what it gets right and wrong.

    python -m benchmarks.real_catalogs --catalogs PATH [--catalog saleor --catalog magento] [--limit N]

PATH is a folder of catalogues; where a catalogue has a `labels.json`, decisions are compared with it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.metrics import roc_auc_score

from agpis.bundled import model_folder
from agpis.data.catalog import CatalogProduct, read_catalog
from agpis.images import read_image, read_product
from agpis.pipeline import AgpisPipeline
from agpis.types import PairRelation, PipelineSettings, SequenceResult

GRAPHICS = {"banner", "logo", "text_overlay", "watermark", "collage", "screenshot_or_diagram"}


@dataclass(frozen=True)
class Run:
    """One product with its result and the wall time it took, in seconds."""

    product: CatalogProduct
    result: SequenceResult
    seconds: float


def main(
    catalogs: Annotated[Path, typer.Option(help="Folder of catalogues.")],
    catalog: Annotated[list[str] | None, typer.Option(help="Which of them; may be repeated.")] = None,
    models: Annotated[Path | None, typer.Option(help="Pipeline folder; default the bundled one.")] = None,
    min_images: Annotated[int, typer.Option(help="Only products with at least this many photos.")] = 3,
    limit: Annotated[int | None, typer.Option(help="At most this many products a catalogue.")] = None,
) -> None:
    """Print one table a catalogue."""
    pipeline = AgpisPipeline.from_pretrained(models or model_folder())
    console = Console()
    for name in catalog or ["saleor", "solidus", "magento"]:
        folder = catalogs / name
        chosen = [product for product in read_catalog(folder) if len(product.images) >= min_images][:limit]
        runs = [_run(pipeline, product) for product in track(chosen, description=name, console=Console(stderr=True))]
        labels_file = folder / "labels.json"
        labels = json.loads(labels_file.read_text(encoding="utf-8")) if labels_file.is_file() else {}
        table = Table(title=f"{name}: {len(runs)} products with {min_images} or more photos", show_header=False)
        for row in [*_general(runs), *_labelled(runs, labels), *_noncompliance(pipeline, folder, labels)]:
            table.add_row(*row)
        console.print(table)


def _run(pipeline: AgpisPipeline, product: CatalogProduct) -> Run:
    files = [(image.file, product.path_of(image)) for image in product.images]
    result = pipeline(read_product(product.product_id, product.title, files, category=product.category))
    return Run(product, result, sum(result.timings.values()))


def _general(runs: list[Run]) -> list[tuple[str, str]]:
    outcomes = Counter(run.result.outcome.value for run in runs)
    statuses = Counter(report.status.value for run in runs for report in run.result.images)
    removed = Counter(pair.relation.value for run in runs for pair in run.result.duplicates)
    seconds = np.array([run.seconds for run in runs])
    return [
        ("outcomes", ", ".join(f"{name} {count}" for name, count in outcomes.most_common())),
        ("images", ", ".join(f"{name} {count}" for name, count in statuses.most_common())),
        ("violating pairs", ", ".join(f"{name} {count}" for name, count in removed.most_common()) or "none"),
        (
            "seconds a product",
            f"mean {seconds.mean():.2f}, 95% {np.quantile(seconds, 0.95):.2f}, max {seconds.max():.2f}",
        ),
    ]


def _labelled(runs: list[Run], labels: dict[str, Any]) -> list[tuple[str, str]]:
    images = labels.get("images", {})
    known = [run for run in runs if run.product.product_id in labels.get("products", {})]
    if not known:
        return [("labels", "none")]
    rows = []
    judged = [
        run
        for run in known
        if any(images[i.file]["acceptable_primary"] for i in run.product.images if i.file in images)
    ]
    chosen = [run.result.sequence[0] for run in judged if run.result.sequence]
    good = sum(images.get(file, {}).get("acceptable_primary", False) for file in chosen)
    first = sum(images.get(run.product.images[0].file, {}).get("acceptable_primary", False) for run in judged)
    share = np.mean(
        [
            np.mean([images.get(i.file, {}).get("acceptable_primary", False) for i in run.product.images])
            for run in judged
        ]
    )
    rows.append(("primary acceptable", f"{good} of {len(chosen)} sequences ({len(judged)} labelled products)"))
    rows.append(("  baselines", f"first image {first} of {len(judged)}; an image at random {share:.0%}"))
    rows += _sensible(known, labels)
    rows.append(_conflicts(known, labels))
    rows.append(_duplicates(known, labels))
    return rows


def _sensible(known: list[Run], labels: dict[str, Any]) -> list[tuple[str, str]]:
    """Where a good sequence can be made of the photos, whether it was; where not, whether the run said so.

    A good sequence has K^t different photos of one observed colour and begins with an acceptable primary image. A photo
    whose colour the annotator could not decide goes with every colour.
    """
    images = labels["images"]
    possible = [run for run in known if _good_colours(run, labels)]
    impossible = [run for run in known if not _good_colours(run, labels)]
    failed = [run.product.product_id for run in possible if not run.result.sequence]
    bad = [
        run.product.product_id
        for run in possible
        if run.result.sequence and (_mixes(run, labels) or not images[run.result.sequence[0]]["acceptable_primary"])
    ]
    wrong = [run.product.product_id for run in impossible if run.result.sequence]
    return [
        ("a good sequence is possible", f"{len(possible)} products: {len(possible) - len(failed) - len(bad)} got one"),
        ("  got none", f"{len(failed)}: {', '.join(failed) or '-'}"),
        ("  got another", f"{len(bad)}: {', '.join(bad) or '-'}"),
        ("  not possible", f"{len(impossible)} products: {len(impossible) - len(wrong)} ended without a sequence"),
        ("  got one all the same", f"{len(wrong)}: {', '.join(wrong) or '-'}"),
    ]


def _mixes(run: Run, labels: dict[str, Any]) -> bool:
    conflicts = _pairs(labels["products"][run.product.product_id]["color_conflicts"])
    return bool(conflicts & {frozenset(pair) for pair in combinations(run.result.sequence, 2)})


def _good_colours(run: Run, labels: dict[str, Any]) -> list[str]:
    """Observed colours with K^t different photos, an acceptable primary image among them."""
    repeated = _pairs(labels["products"][run.product.product_id]["near_duplicates"])
    shown = [image.file for image in run.product.images if image.file in labels["images"]]
    colour_of = {file: labels["images"][file]["color_observed"] for file in shown}
    good = []
    for colour in dict.fromkeys(filter(None, colour_of.values())) or [""]:
        files: list[str] = []
        for file in shown:
            fits = colour_of[file] in (colour, None)
            if fits and not any(frozenset((file, other)) in repeated for other in files):
                files.append(file)
        acceptable = any(labels["images"][file]["acceptable_primary"] for file in files)
        if len(files) >= PipelineSettings().num_images and acceptable:
            good.append(colour)
    return good


def _pairs(listed: Iterable[list[str]]) -> set[frozenset[str]]:
    return {frozenset(pair) for pair in listed}


def _conflicts(known: list[Run], labels: dict[str, Any]) -> tuple[str, str]:
    made = [run for run in known if run.result.sequence]
    bad = [run.product.product_id for run in made if _mixes(run, labels)]
    return "sequences that mix colours", f"{len(bad)} of {len(made)}: {', '.join(bad[:12]) or '-'}"


def _duplicates(known: list[Run], labels: dict[str, Any]) -> tuple[str, str]:
    true: set[frozenset[str]] = set()
    borderline: set[frozenset[str]] = set()
    found: set[frozenset[str]] = set()
    for run in known:
        entry = labels["products"][run.product.product_id]
        true |= _pairs(entry["near_duplicates"])
        borderline |= _pairs(entry["near_duplicates_borderline"])
        found |= {
            frozenset((pair.kept, pair.removed))
            for pair in run.result.duplicates
            if pair.relation is PairRelation.DUPLICATE
        }
    wrong = found - true - borderline
    listed = "; ".join(" ~ ".join(sorted(pair)) for pair in sorted(wrong, key=sorted)[:6])
    return "duplicate pairs", (
        f"{len(found & true)} of {len(true)} labelled found; {len(found & borderline)} borderline; "
        f"{len(wrong)} not labelled: {listed or '-'}"
    )


def _noncompliance(pipeline: AgpisPipeline, folder: Path, labels: dict[str, Any]) -> list[tuple[str, str]]:
    if not labels:
        return []
    graphics = [item["file"] for item in labels["noncompliant_only"] if GRAPHICS & set(item["noncompliant"])]
    graphics += [file for file, item in labels["images"].items() if GRAPHICS & set(item["noncompliant"])]
    clean = [
        file
        for file, item in labels["images"].items()
        if not set(item["noncompliant"]) - {"person"} and (item.get("on_model") or not item["noncompliant"])
    ]
    p_clean, p_graphics = (
        np.array(pipeline.noncompliance.predict([read_image(folder / file, file) for file in files]))
        for files in (clean, graphics)
    )
    limit = pipeline.settings.noncompliance_threshold
    rows = [("clean photos above the p^nc limit", f"{(p_clean > limit).sum()} of {len(p_clean)} (limit {limit:.2f})")]
    if len(graphics):
        auc = roc_auc_score([0] * len(clean) + [1] * len(graphics), np.concatenate([p_clean, p_graphics]))
        rows.append(("storefront graphics", f"{(p_graphics > limit).sum()} of {len(graphics)} found, AUC {auc:.3f}"))
    return rows


if __name__ == "__main__":
    typer.run(main)
