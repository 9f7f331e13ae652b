"""`agpis simulate`: AGPIS-data from the simulated marketplace; `agpis simulate loop`: the method against it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from agpis.cli.loop import loop
from agpis.cli.options import Seed
from agpis.cli.output import print_json
from agpis.errors import SettingsError

app = typer.Typer(invoke_without_command=True)
app.command()(loop)


@app.callback()
def simulate(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write: images, products, reviews, labels, manifest. Required.")
    ] = None,
    rendered: Annotated[
        int | None, typer.Option(min=0, help="Rendered products; default 500, or as many as --n takes.")
    ] = None,
    n: Annotated[
        int | None, typer.Option("--n", min=1, help="Exactly so many reviewed sequences, rendered ones at the end.")
    ] = None,
    catalog: Annotated[list[Path] | None, typer.Option(help="Catalogue of real photos; may be repeated.")] = None,
    image_size: Annotated[int, typer.Option(min=64, help="Longest side of the images in pixels.")] = 224,
    sequences: Annotated[int, typer.Option(min=1, help="Reviewed sequences a product.")] = 6,
    balanced: Annotated[bool, typer.Option(help="More rejections in the training split than Table 1 has.")] = False,
    wrong_titles: Annotated[
        int, typer.Option(min=0, help="Accepted sequences a training product that come once more under a wrong title.")
    ] = 0,
    miss_rate: Annotated[float, typer.Option(min=0, max=1, help="Broken rules the reviewer overlooks.")] = 0.0,
    false_alarm_rate: Annotated[float, typer.Option(min=0, max=1, help="Rejections without cause.")] = 0.0,
    rules: Annotated[Path | None, typer.Option(help="Your own rule file.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    seed: Seed = 0,
) -> None:
    """Make AGPIS-data: products, candidate images, and sequences judged by the simulated reviewer."""
    if context.invoked_subcommand:
        _refuse_options(context)
        return
    if out is None:
        raise SettingsError("simulate needs --out, the folder to write; to measure models, call `simulate loop`")
    from agpis.simulation.config import SimulationConfig
    from agpis.simulation.simulate import simulate as run_simulation

    config = SimulationConfig(
        out=out,
        num_rendered=rendered if rendered is not None else 500 if n is None else 0,
        num_reviews=n,
        catalogs=tuple(catalog or ()),
        image_size=image_size,
        sequences_per_product=sequences,
        balanced_training=balanced,
        wrong_titles=wrong_titles,
        miss_rate=miss_rate,
        false_alarm_rate=false_alarm_rate,
        rules=rules,
        workers=workers,
        seed=seed,
    )
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("Simulating", total=None)
        summary = run_simulation(config, lambda done, total: progress.update(task, completed=done, total=total))
    print_json(summary)


def _refuse_options(context: typer.Context) -> None:
    """Options before the name of a subcommand would do nothing."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source is not None and source.name == "COMMANDLINE":
            raise SettingsError(f"{parameter.opts[0]} does not go before `{context.invoked_subcommand}`; put it behind")
