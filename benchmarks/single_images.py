"""How well stage 1 judges single images: p^nc on drawn and on real flaws, p^primary on labelled products.

    python -m benchmarks.single_images --catalogs PATH [--models DIR] [--photos 300]

PATH is a folder of catalogues of real photos. The bundled models learned from saleor, solidus and spree, never from
magento and grocery. A model who wears the item is no flaw unless `--no-models-allowed` is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from agpis.bundled import model_folder
from agpis.data.catalog import read_catalog
from agpis.images import read_image
from agpis.pipeline import AgpisPipeline
from agpis.types import Image
from benchmarks.stage1.catalog_labels import CatalogLabels, read_labels
from benchmarks.stage1.noncompliance import clean_scores, drawn_scores, real_scores
from benchmarks.stage1.primary_choice import choose, primary_scores
from benchmarks.stage1.tables import score_table

LABELLED = ("magento", "saleor", "solidus", "grocery")
UNLABELLED = ("spree",)


def main(
    catalogs: Annotated[Path, typer.Option(help="Folder of catalogues.")],
    models: Annotated[Path | None, typer.Option(help="Pipeline folder; default the bundled one.")] = None,
    photos: Annotated[int, typer.Option(min=1, help="Magento photos to draw defects on.")] = 300,
    copies: Annotated[int, typer.Option(min=1, max=16, help="Defects a photo, each on a copy of its own.")] = 2,
    models_allowed: Annotated[bool, typer.Option(help="Whether a model may wear the item.")] = True,
    whole_stage: Annotated[bool, typer.Option(help="Also let all of stage 1 choose the primary image.")] = True,
    seed: int = 0,
) -> None:
    """Print four tables: p^nc on drawn flaws, on real ones, on clean photos; and the choice of the primary image."""
    pipeline, console = AgpisPipeline.from_pretrained(models or model_folder()), Console(width=120)
    labels = {name: read_labels(catalogs / name) for name in LABELLED}
    unlabelled = {name: catalogs / name for name in UNLABELLED}
    classifier, settings = pipeline.noncompliance, pipeline.settings
    drawn = drawn_scores(classifier, _unseen_photos(labels, photos, seed), copies, seed)
    console.print(score_table("p^nc, drawn defects on photos of magento and grocery: AUC", drawn))
    real = real_scores(classifier, labels, models_allowed=models_allowed)
    console.print(score_table("p^nc, real photos: AUC", real))
    clean = clean_scores(pipeline, labels, unlabelled, models_allowed=models_allowed)
    limits = f"p^nc above {settings.noncompliance_threshold:.2f}, quality above {settings.quality_threshold:.2f}"
    console.print(score_table(f"clean photos removed: {limits}", clean, ("catalogue: removed by", "share", "photos")))
    choices = [choice for name in LABELLED for choice in choose(pipeline, labels[name], whole_stage=whole_stage)]
    title = "products whose primary image is acceptable, of those with two or more photos"
    console.print(score_table(title, primary_scores(choices), ("chosen by", "share", "products")))


def _unseen_photos(labels: Mapping[str, CatalogLabels], count: int, seed: int) -> list[Image]:
    """Clean photos of catalogues that no model learned from: `count` of magento's products, all of grocery's."""
    magento, grocery = labels["magento"], labels["grocery"]
    files = [image.file for product in read_catalog(magento.folder) for image in product.images]
    files = [file for file in files if file not in magento.images or not magento.images[file].flaws()]
    chosen = np.random.default_rng(seed).choice(len(files), min(count, len(files)), replace=False)
    found = [(magento.folder, files[index]) for index in sorted(chosen)]
    found += [(grocery.folder, file) for file, image in grocery.images.items() if not image.flaws()]
    return [read_image(folder / file, file) for folder, file in found]


if __name__ == "__main__":
    typer.run(main)
