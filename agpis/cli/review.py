"""`agpis review`: the queue of sequences for human reviewers, and what they decided."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from agpis.bundled import model_folder
from agpis.cli.options import Models, Seed
from agpis.cli.output import output_console, print_json
from agpis.cli.pipelines import load_pipeline
from agpis.data.catalog import CatalogProduct, find_product, folder_product
from agpis.errors import CatalogError, SettingsError
from agpis.images import read_product
from agpis.rules import load_taxonomy
from agpis.types import Outcome

if TYPE_CHECKING:
    from agpis.store import Kappa, Store

app = typer.Typer(help="The review queue: list, show, add, export, agreement, Label Studio.", no_args_is_help=True)

Database = Annotated[
    str | None,
    typer.Option("--database", help="SQLite file or postgresql:// URL; default $AGPIS_DATABASE_URL or your own file."),
]
Rules = Annotated[Path | None, typer.Option(help="Your own rule file.")]
NewFolder = Annotated[Path, typer.Argument(help="A new or empty folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of words.")]


@app.command("list")
def list_items(
    status: Annotated[str | None, typer.Option(help="waiting, claimed or decided; all without it.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the oldest.")] = 50,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """List the items of the queue, oldest first."""
    from agpis.store import ItemStatus

    if status is not None and status not in set(ItemStatus):
        raise SettingsError(f"--status is {', '.join(ItemStatus)}, got {status!r}")
    store = _open(database)
    items, counts = store.items(ItemStatus(status) if status else None, limit), store.counts()
    if as_json:
        for item in items:
            print_json(item)
        return
    table = Table(box=None, pad_edge=False)
    for name in ("item", "status", "product", "title", "photos", "p^t", "submitted", "held by"):
        table.add_column(name, justify="right" if name in ("item", "photos", "p^t") else "left")
    for item in items:
        told = (item.product_id, item.title[:60])
        numbers = (str(len(item.photos)), f"{item.p_qualified:.2f}", f"{item.submitted_at:%Y-%m-%d %H:%M}")
        table.add_row(str(item.id), item.status.value, *map(Text, told), *numbers, Text(item.claimed_by))
    console = output_console()
    console.print(table)
    summary = f"{counts.waiting} waiting, {counts.claimed} claimed, {counts.decided} decided in {store.place}"
    console.print(Text(summary), soft_wrap=True)


@app.command()
def show(item_id: Annotated[int, typer.Argument(metavar="ITEM")], database: Database = None) -> None:
    """Show one item and what was decided about it, as JSON."""
    store = _open(database)
    item = store.item(item_id)
    decisions = [decision for decision in store.decisions() if decision.item_id == item_id]
    print_json({"item": item, "decisions": decisions})


@app.command()
def add(
    folder: Annotated[Path | None, typer.Argument(help="Folder with the photos of one product.")] = None,
    title: Annotated[str, typer.Option(help="Product title, for a folder of photos.")] = "",
    catalog: Annotated[Path | None, typer.Option(help="Catalogue that holds the product.")] = None,
    product: Annotated[str, typer.Option(help="Product id in the catalogue.")] = "",
    submitted_by: Annotated[str, typer.Option(help="Who submits; default your user name.")] = "",
    database: Database = None,
    models: Models = None,
) -> None:
    """Make the image sequence of one product and put it into the queue; exit code 1 when it is not to be submitted.

    The threshold is the one in force, as in the app; of models that are named, the one stored with them.
    """
    from agpis.model_version import model_version
    from agpis.store import submission_of
    from agpis.threshold_in_force import settings_in_force, threshold_version

    entry = _product(folder, title, catalog, product)
    store = _open(database)
    folder_of_models = models or model_folder()
    files = {image.file: entry.path_of(image) for image in entry.images}
    loaded = read_product(entry.product_id, entry.title, list(files.items()), category=entry.category)
    pipeline = load_pipeline(folder_of_models)
    # A threshold that was adopted for the models of the app says nothing about others.
    result = pipeline(loaded, pipeline.settings if models else settings_in_force(pipeline.settings))
    typer.echo(result.reason)
    if result.outcome is not Outcome.SUBMIT:
        raise typer.Exit(1)
    submission = submission_of(
        result,
        {file: path.read_bytes() for file, path in files.items() if file in result.sequence},
        title=entry.title,
        category=entry.category,
        model_version=model_version(folder_of_models),
        threshold_version=threshold_version(folder_of_models, result.threshold),
        source=str(folder or catalog),
        submitted_by=submitted_by or getpass.getuser(),
    )
    typer.echo(f"item {store.submit(submission)} waits for review in {store.place}")


@app.command()
def export(folder: NewFolder, rules: Rules = None, database: Database = None) -> None:
    """Write the last verdict of every item as AGPIS-data, for `agpis train muisc --data`."""
    from agpis.store import export_reviews

    done = export_reviews(_open(database), folder, load_taxonomy(rules))
    splits = ", ".join(f"{count} {name}" for name, count in done.splits.items())
    typer.echo(f"{done.num_reviews} reviews ({splits}) with {done.num_photos} photos written to {done.table}")
    if done.shortened:
        items = ", ".join(map(str, done.shortened))
        typer.echo(f"comments left out that would be read as another rule: items {items}", err=True)


@app.command()
def second_opinions(
    share: Annotated[float, typer.Argument(help="Share of the decided items, in [0, 1].")],
    seed: Seed = 0,
    database: Database = None,
) -> None:
    """Ask for a second opinion, of another reviewer, about a share of the decided items."""
    typer.echo(f"{_open(database).ask_second_opinions(share, seed)} items wait for a second opinion")


@app.command()
def agreement(database: Database = None, as_json: AsJson = False) -> None:
    """Say how well reviewers agree on the items that two of them judged."""
    measured = _open(database).agreement()
    if as_json:
        print_json(measured)
        return
    typer.echo(f"all: {_in_words(measured.overall)}")
    for pair in measured.pairs:
        typer.echo(f"{pair.first} and {pair.second}: {_in_words(pair.kappa)}")


@app.command()
def label_studio_export(
    folder: NewFolder,
    image_prefix: Annotated[
        str | None,
        typer.Option(help="What Label Studio puts before images/... to reach the photos; default: in the tasks."),
    ] = None,
    rules: Rules = None,
    database: Database = None,
) -> None:
    """Write the items that want an opinion as tasks of Label Studio, with the labelling configuration."""
    from agpis.store.label_studio import export_tasks

    done = export_tasks(_open(database), folder, load_taxonomy(rules), image_prefix)
    typer.echo(f"{done.num_tasks} tasks written to {done.tasks}; labelling configuration: {done.config}")


@app.command()
def label_studio_import(
    file: Annotated[Path, typer.Argument(help="Label Studio's export in the format JSON.")],
    annotator: Annotated[
        list[str] | None, typer.Option(help="NUMBER=E-MAIL of a Label Studio user; may be repeated.")
    ] = None,
    database: Database = None,
) -> None:
    """Add the annotations of Label Studio to the decisions; the same file again adds nothing."""
    from agpis.store.label_studio import import_annotations

    done = import_annotations(_open(database), file, dict(map(_annotator, annotator or [])))
    typer.echo(
        f"{len(done.added)} decisions added; {done.num_known} were known, {done.num_skipped} annotations were skipped, "
        f"{done.num_open} tasks have none"
    )


def _open(database: str | None) -> Store:
    # Imported here and above: the rest of the command line needs no database.
    from agpis.store import open_store

    return open_store(database)


def _product(folder: Path | None, title: str, catalog: Path | None, product: str) -> CatalogProduct:
    if (folder is None) == (catalog is None) or (catalog is None) == bool(product):
        raise CatalogError("give either a FOLDER of photos, or --catalog and --product")
    if catalog is not None:
        return find_product(catalog, product)
    assert folder is not None
    return folder_product(folder, title)


def _annotator(pair: str) -> tuple[int, str]:
    number, _, who = pair.partition("=")
    if not (number.isdecimal() and who):
        raise SettingsError(f"--annotator is NUMBER=E-MAIL, such as 3=ana@example.org, got {pair!r}")
    return int(number), who


def _in_words(kappa: Kappa) -> str:
    if kappa.observed is None:
        return kappa.reason
    seen = f"{kappa.num_agreed} of {kappa.num_items} verdicts agree ({kappa.observed:.1%})"
    if kappa.kappa is None:
        return f"{seen}; kappa is undefined: {kappa.reason}"
    return f"{seen}, Cohen's kappa {kappa.kappa:.2f} [{kappa.low:.2f}, {kappa.high:.2f}]"
