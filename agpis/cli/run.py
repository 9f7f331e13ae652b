"""`agpis run`: the image sequence of one product, or of a catalogue's products."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from agpis.cli.grouped import grouped
from agpis.cli.options import (
    Models,
    NumImages,
    StageOneOptions,
    Threshold,
    ThresholdFile,
    changed_settings,
    wanted_threshold,
)
from agpis.cli.output import output_console
from agpis.cli.pipelines import load_pipeline
from agpis.console import print_result
from agpis.data.catalog import CatalogProduct, find_product, folder_product, read_catalog
from agpis.errors import CatalogError
from agpis.images import read_product
from agpis.types import Product, to_json


@grouped
def run(
    folder: Annotated[Path | None, typer.Argument(help="Folder with the photos of one product.")] = None,
    title: Annotated[str, typer.Option(help="Product title, for a folder of photos.")] = "",
    catalog: Annotated[Path | None, typer.Option(help="Catalogue: a folder with products.jsonl, or the file.")] = None,
    product: Annotated[list[str] | None, typer.Option(help="Product id in the catalogue; may be repeated.")] = None,
    products: Annotated[Path | None, typer.Option(help="File of product ids, one a line.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after this many products.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of tables.")] = False,
    num_images: NumImages = None,
    threshold: Threshold = None,
    threshold_file: ThresholdFile = None,
    *,
    stage_one: StageOneOptions,
    seed: Annotated[int | None, typer.Option(help="Of the choice of images that follow the primary.")] = None,
    models: Models = None,
) -> None:
    """Make the image sequence of one product, or of a catalogue's products one after the other."""
    chosen = _chosen_products(folder, title, catalog, product, products)
    submission_threshold = wanted_threshold(threshold, threshold_file)
    pipeline = load_pipeline(models)
    settings = changed_settings(
        pipeline.settings,
        num_images=num_images,
        submission_threshold=submission_threshold,
        seed=seed,
        **stage_one.wanted(),
    )
    console = output_console()
    for entry in islice(chosen, limit):
        loaded = _read(entry)
        result = pipeline(loaded, settings)
        if as_json:
            sys.stdout.write(json.dumps(to_json(result), ensure_ascii=False) + "\n")
            sys.stdout.flush()
        else:
            print_result(console, result, loaded.title, pipeline.taxonomy)


def _chosen_products(
    folder: Path | None, title: str, catalog: Path | None, product: list[str] | None, products: Path | None
) -> Iterator[CatalogProduct]:
    if (folder is None) == (catalog is None):
        raise CatalogError("give either a FOLDER of photos or --catalog, not both and not neither")
    if folder is not None:
        if product or products:
            raise CatalogError("--product and --products choose from a catalogue; give --catalog instead of a folder")
        return iter([folder_product(folder, title)])
    assert catalog is not None
    if title:
        raise CatalogError("--title is for a folder of photos; a catalogue brings its own titles")
    ids = list(product or []) + (_read_ids(products) if products else [])
    if product or products:
        return (find_product(catalog, product_id) for product_id in ids)
    return read_catalog(catalog)


def _read_ids(file: Path) -> list[str]:
    try:
        ids = [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"--products {file} cannot be read: {error}") from error
    if not ids:
        raise CatalogError(f"--products {file} names no product; write one product id a line")
    return ids


def _read(entry: CatalogProduct) -> Product:
    files = [(image.file, entry.path_of(image)) for image in entry.images]
    return read_product(entry.product_id, entry.title, files, category=entry.category)
