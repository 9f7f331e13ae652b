"""Make the review set of assets/reviews: draw reviews, score them with the shipped model, pack table and thumbnails.

    python -m benchmarks.review_set --data runs/market5 --work runs/reviews --out assets/reviews

A run that was stopped goes on when it is repeated. The table is the same for the same data, weights and seed.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agpis.bundled import model_folder
from agpis.data.reviews import REVIEWS_FILE, write_reviews
from agpis.errors import CatalogError
from agpis.model_files import RULES_FILE
from agpis.predict import PredictConfig, predict_reviews
from agpis.rules import load_taxonomy
from benchmarks.reviews.drawing import DrawingPlan, draw_reviews
from benchmarks.reviews.packing import pack

_SCORED = "predictions.parquet"


def main(
    data: Annotated[Path, typer.Option(help="Folder of a simulated marketplace.")],
    work: Annotated[Path, typer.Option(help="Folder for what lies between: drawn reviews, their scores.")],
    out: Annotated[Path, typer.Option(help="Folder of the review set.")],
    models: Annotated[Path | None, typer.Option(help="Pipeline folder; default the bundled one.")] = None,
    seed: int = 0,
) -> None:
    """Write the table and the thumbnails, print what is in it."""
    models = models or model_folder()
    if not (work / REVIEWS_FILE).exists():
        draw(data, work, models, seed)
    if not (work / _SCORED).exists():
        score(work, models)
    packed = pack(work / _SCORED, out, seed)
    Console(width=120).print(packed)


def draw(data: Path, work: Path, models: Path, seed: int) -> None:
    """Write the reviews to score, and a link to their images beside them."""
    if not (data / "images").is_dir():
        raise CatalogError(f"{data} has no images; make it with: python -m agpis simulate --out {data}")
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "images").exists():
        (work / "images").symlink_to((data / "images").resolve(), target_is_directory=True)
    records = list(draw_reviews(data, load_taxonomy(models / RULES_FILE), DrawingPlan(seed=seed)))
    write_reviews(work / REVIEWS_FILE, records)
    Console(width=120).print(f"drawn: {len(records)}, {dict(Counter((r.source, r.split) for r in records))}")


def score(work: Path, models: Path) -> None:
    """Score the drawn reviews."""
    config = PredictConfig(work, work / _SCORED, models)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("sequences", total=None)
        predict_reviews(config, lambda done, total: progress.update(task, completed=done, total=total))


if __name__ == "__main__":
    typer.run(main)
