"""The command line: `agpis run`, `agpis simulate`, `agpis train`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from agpis.bundled import model_folder
from agpis.console import print_result
from agpis.data.catalog import CatalogProduct, find_product, folder_product, read_catalog
from agpis.errors import AgpisError, CatalogError, SettingsError
from agpis.images import read_product
from agpis.types import PipelineSettings, Product, to_json

if TYPE_CHECKING:
    from agpis.pipeline import AgpisPipeline
    from agpis.training.fit import TrainingConfig

PIPE_WIDTH = 140

app = typer.Typer(help="Ordered product-image sequences, with every decision explained.", no_args_is_help=True)
train_app = typer.Typer(help="Train one of the three models on AGPIS-data.", no_args_is_help=True)
app.add_typer(train_app, name="train")

Models = Annotated[
    Path | None, typer.Option("--models", help="Model folder; default $AGPIS_MODEL_DIR or the bundled one.")
]
Data = Annotated[list[Path], typer.Option(help="Folder of AGPIS-data, as `agpis simulate` writes it; may be repeated.")]
Out = Annotated[Path, typer.Option(help="Folder of the run; a run that was killed goes on from its last checkpoint.")]
Epochs = Annotated[float, typer.Option(help="Passes over the training split.")]
BatchSize = Annotated[int, typer.Option(help="Samples a step.")]
LearningRate = Annotated[float, typer.Option(help="Peak learning rate.")]
Patience = Annotated[int, typer.Option(help="Evaluations without a better score before stopping early.")]
Evaluations = Annotated[int, typer.Option(help="Evaluations and checkpoints during the run.")]
Workers = Annotated[int, typer.Option(help="Processes that read images.")]
Seed = Annotated[int, typer.Option(help="Same seed, same run.")]


def main() -> None:
    """Run the command line; expected errors become one line on standard error and exit code 1."""
    try:
        app()
    except AgpisError as error:
        print(f"agpis: {error}", file=sys.stderr)
        sys.exit(1)


@app.command()
def run(
    folder: Annotated[Path | None, typer.Argument(help="Folder with the photos of one product.")] = None,
    title: Annotated[str, typer.Option(help="Product title, for a folder of photos.")] = "",
    catalog: Annotated[Path | None, typer.Option(help="Catalogue: a folder with products.jsonl, or the file.")] = None,
    product: Annotated[list[str] | None, typer.Option(help="Product id in the catalogue; may be repeated.")] = None,
    products: Annotated[Path | None, typer.Option(help="File of product ids, one a line.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after this many products.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of tables.")] = False,
    num_images: Annotated[int | None, typer.Option(help="K^t, images in the sequence.")] = None,
    threshold: Annotated[float | None, typer.Option(help="th^t, submission threshold.")] = None,
    primary_threshold: Annotated[float | None, typer.Option(help="Smallest p^primary of a primary image.")] = None,
    noncompliance_threshold: Annotated[float | None, typer.Option(help="Largest p^nc that stays.")] = None,
    duplicate_threshold: Annotated[float | None, typer.Option(help="Similarity that counts as a duplicate.")] = None,
    colour_threshold: Annotated[
        float | None, typer.Option(help="Agreement with the primary image's colours that an image needs.")
    ] = None,
    keep_variants: Annotated[bool, typer.Option(help="Do not take out images in other colours.")] = False,
    seed: Annotated[int | None, typer.Option(help="Of the choice of images that follow the primary.")] = None,
    models: Models = None,
) -> None:
    """Make the image sequence of one product, or of a catalogue's products one after the other."""
    chosen = _chosen_products(folder, title, catalog, product, products)
    pipeline = _load_pipeline(models)
    wanted: dict[str, Any] = {
        "num_images": num_images,
        "submission_threshold": threshold,
        "primary_threshold": primary_threshold,
        "noncompliance_threshold": noncompliance_threshold,
        "duplicate_threshold": duplicate_threshold,
        "colour_threshold": colour_threshold,
        "remove_variants": False if keep_variants else None,
        "seed": seed,
    }
    settings = replace(pipeline.settings, **{key: value for key, value in wanted.items() if value is not None})
    # A pipe has no width of its own; 80 columns would break every file name.
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
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


def _load_pipeline(models: Path | None) -> AgpisPipeline:
    # Imported here: `agpis --help` and bad arguments answer without waiting for torch.
    from transformers.utils.logging import disable_progress_bar

    from agpis.pipeline import AgpisPipeline

    disable_progress_bar()  # a bar for each of three small files tells nobody anything
    return AgpisPipeline.from_pretrained(models or model_folder())


@app.command()
def simulate(
    out: Annotated[Path, typer.Option(help="Folder to write: images, products, reviews, labels, manifest.")],
    rendered: Annotated[int, typer.Option(min=0, help="Rendered products.")] = 500,
    catalog: Annotated[list[Path] | None, typer.Option(help="Catalogue of real photos; may be repeated.")] = None,
    image_size: Annotated[int, typer.Option(min=64, help="Longest side of the images in pixels.")] = 224,
    sequences: Annotated[int, typer.Option(min=1, help="Reviewed sequences a product.")] = 6,
    balanced: Annotated[bool, typer.Option(help="More rejections in the training split than Table 1 has.")] = False,
    miss_rate: Annotated[float, typer.Option(min=0, max=1, help="Broken rules the reviewer overlooks.")] = 0.0,
    false_alarm_rate: Annotated[float, typer.Option(min=0, max=1, help="Rejections without cause.")] = 0.0,
    rules: Annotated[Path | None, typer.Option(help="Your own rule file.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    seed: Seed = 0,
) -> None:
    """Make AGPIS-data: products, candidate images, and sequences judged by the simulated reviewer."""
    from agpis.simulation.simulate import SimulationConfig
    from agpis.simulation.simulate import simulate as run_simulation

    config = SimulationConfig(
        out=out,
        num_rendered=rendered,
        catalogs=tuple(catalog or ()),
        image_size=image_size,
        sequences_per_product=sequences,
        balanced_training=balanced,
        miss_rate=miss_rate,
        false_alarm_rate=false_alarm_rate,
        rules=rules,
        workers=workers,
        seed=seed,
    )
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("Simulating", total=None)
        summary = run_simulation(config, lambda done, total: progress.update(task, completed=done, total=total))
    _print_json(summary)


@train_app.command("primary")
def train_primary(
    data: Data,
    out: Out,
    init_from: Annotated[Path | None, typer.Option(help="Trained classifier to start from.")] = None,
    epochs: Epochs = 4,
    batch_size: BatchSize = 64,
    learning_rate: LearningRate = 1e-3,
    evaluations: Evaluations = 10,
    patience: Patience = 3,
    workers: Workers = 1,
    seed: Seed = 0,
) -> None:
    """Train the primary-image classifier p^primary (eq. 1)."""
    config = _training_config(data, out, epochs, batch_size, learning_rate, evaluations, patience, workers, seed)
    _train_classifier("primary", config, init_from)


@train_app.command("noncompliance")
def train_noncompliance(
    data: Data,
    out: Out,
    init_from: Annotated[Path | None, typer.Option(help="Trained classifier to start from.")] = None,
    epochs: Epochs = 4,
    batch_size: BatchSize = 64,
    learning_rate: LearningRate = 1e-3,
    evaluations: Evaluations = 10,
    patience: Patience = 3,
    workers: Workers = 1,
    seed: Seed = 0,
) -> None:
    """Train the non-compliance classifier p^nc (section 3.3.1)."""
    config = _training_config(data, out, epochs, batch_size, learning_rate, evaluations, patience, workers, seed)
    _train_classifier("noncompliance", config, init_from)


@train_app.command("muisc")
def train_muisc_command(
    data: Data,
    out: Out,
    tower_from: Annotated[Path | None, typer.Option(help="Trained classifier whose backbone starts the tower.")] = None,
    rules: Annotated[Path | None, typer.Option(help="Your own rule file.")] = None,
    epochs: Epochs = 4,
    batch_size: BatchSize = 32,
    learning_rate: LearningRate = 5e-4,
    evaluations: Evaluations = 10,
    patience: Patience = 3,
    workers: Workers = 1,
    seed: Seed = 0,
) -> None:
    """Train MUIsC, the sequence classifier and feedback writer (section 3.4)."""
    from agpis.rules import load_taxonomy
    from agpis.training.muisc import train_muisc

    config = _training_config(data, out, epochs, batch_size, learning_rate, evaluations, patience, workers, seed)
    _print_json(train_muisc(config, load_taxonomy(rules), tower_from=tower_from))


@app.command()
def assemble(
    primary: Annotated[Path, typer.Option(help="`model` folder of a primary run.")],
    noncompliance: Annotated[Path, typer.Option(help="`model` folder of a noncompliance run.")],
    muisc: Annotated[Path, typer.Option(help="`model` folder of a muisc run.")],
    out: Annotated[Path, typer.Option(help="Folder of the pipeline.")],
    rules: Annotated[Path | None, typer.Option(help="Your own rule file.")] = None,
    settings: Annotated[Path | None, typer.Option(help="JSON file with pipeline settings to store.")] = None,
) -> None:
    """Put three trained models, the rules and the settings into one folder that `--models` takes."""
    from agpis.model_folder import assemble_model_folder, read_settings
    from agpis.rules import load_taxonomy

    stored = PipelineSettings()
    if settings:
        try:
            stored = read_settings(json.loads(settings.read_text(encoding="utf-8")), str(settings))
        except (OSError, ValueError) as error:
            raise SettingsError(f"--settings {settings} cannot be read as JSON: {error}") from error
    assemble_model_folder(primary, noncompliance, muisc, out, load_taxonomy(rules), stored)


def _training_config(
    data: list[Path],
    out: Path,
    epochs: float,
    batch_size: int,
    learning_rate: float,
    evaluations: int,
    patience: int,
    workers: int,
    seed: int,
) -> TrainingConfig:
    from agpis.training.fit import TrainingConfig

    return TrainingConfig(
        data=tuple(data),
        out=out,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        evaluations=evaluations,
        patience=patience,
        num_workers=workers,
        seed=seed,
    )


def _train_classifier(task: str, config: TrainingConfig, init_from: Path | None) -> None:
    from agpis.training.classifiers import ClassifierTask, train_classifier

    _print_json(train_classifier(ClassifierTask(task), config, init_from=init_from))


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(to_json(value), ensure_ascii=False) + "\n")
