"""`agpis simulate loop`: what the simulated reviewer rejects of the sequences that the method submits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from agpis.cli.grouped import grouped
from agpis.cli.options import Data, Models, NumImages, Seed, StageOneOptions, Threshold, changed_settings
from agpis.cli.output import output_console, print_json
from agpis.cli.pipelines import load_pipeline
from agpis.rules import RuleTaxonomy, load_taxonomy

if TYPE_CHECKING:
    from agpis.loop import LoopResult, Submissions

_TOP_RULES = 10


@grouped
def loop(
    data: Data,
    models: Models = None,
    split: Annotated[Literal["train", "val", "test", "all"], typer.Option(help="Products to try.")] = "test",
    limit: Annotated[int | None, typer.Option(min=1, help="At most this many products, drawn at random.")] = None,
    num_images: NumImages = None,
    threshold: Threshold = None,
    *,
    stage_one: StageOneOptions,
    rules: Annotated[Path | None, typer.Option(help="Rule file of the reviewer, as given to `simulate`.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")] = False,
    seed: Seed = 0,
) -> None:
    """Make sequences for simulated products, let the reviewer judge them, and print the reject rates."""
    taxonomy = load_taxonomy(rules)
    pipeline = load_pipeline(models)
    settings = changed_settings(
        pipeline.settings,
        num_images=num_images,
        submission_threshold=threshold,
        seed=seed,
        **stage_one.wanted(),
    )
    from agpis.loop import close_loop

    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("Products", total=None)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        result = close_loop(pipeline, data, settings, taxonomy, split=split, limit=limit, progress=tell)
    if as_json:
        print_json(result)
    else:
        _print(output_console(), result, taxonomy)


def _print(console: Console, result: LoopResult, taxonomy: RuleTaxonomy) -> None:
    settings = result.settings
    console.print(
        f"{result.num_products} products of split {result.split}, K^t = {settings.num_images}, seed {settings.seed}; "
        f"{result.num_too_small} more have fewer than {settings.num_images} readable candidates"
    )
    ends = ", ".join(f"{count} {name}" for name, count in result.terminations.items())
    console.print(f"stage 1 built no sequence: {ends or 'never'}", "", sep="\n")
    table = Table("sequences of", box=None, pad_edge=False)
    for name in ("th^t", "submitted", "rejected", "reject rate", "95% interval", "accepted, of all products"):
        table.add_column(name, justify="right")
    for row in (result.first, result.random, result.stage_one, result.stage_two, *result.sweep):
        table.add_row(*_cells(row))
        if row is result.stage_two:
            table.add_section()
    console.print(table)
    for row in (result.stage_one, result.stage_two):
        none = "" if row.rules else " none"
        console.print("", f"Rejected of {row.policy}, by most severe broken rule:{none}", sep="\n")
        for rule_id, count in list(row.rules.items())[:_TOP_RULES]:
            title = taxonomy[rule_id].title
            console.print(f"{count:5}  {count / row.num_submitted:6.1%}  {rule_id}  {title}", markup=False)


def _cells(row: Submissions) -> tuple[str, ...]:
    rate = "n/a" if row.reject_rate is None else f"{row.reject_rate:.1%}"
    interval = "n/a" if row.interval is None else f"{row.interval[0]:.1%} to {row.interval[1]:.1%}"
    return (
        row.policy,
        "-" if row.threshold is None else f"{row.threshold:.2f}",
        f"{row.num_submitted} ({row.submitted_share:.1%})",
        str(row.num_rejected),
        rate,
        interval,
        f"{row.accepted_share:.1%}",
    )
