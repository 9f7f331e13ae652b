"""`agpis data`: check, convert and divide a table of reviews."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from agpis.cli.options import Seed
from agpis.cli.output import output_console, print_json
from agpis.data.review_table import ReviewSummary, ReviewTable, load_reviews, summarise
from agpis.data.reviews import balanced_subset, write_reviews
from agpis.errors import CatalogError
from agpis.rules import RuleCategory, RuleTaxonomy, load_taxonomy

app = typer.Typer(help="Check, convert and divide a table of reviews.", no_args_is_help=True)

ReviewsPath = Annotated[
    Path, typer.Argument(metavar="TABLE", help="Reviews as .jsonl or .parquet, or the folder that holds them.")
]
Rules = Annotated[Path | None, typer.Option(help="Your own rule file.")]
NewFile = Annotated[Path, typer.Option(help="Table to write, .jsonl or .parquet.")]
_SHOWN_LINES = 20


@app.command()
def check(
    table: ReviewsPath,
    rules: Rules = None,
    images: Annotated[bool, typer.Option("--images", help="Also look whether every image file exists.")] = False,
    named_rules: Annotated[
        bool, typer.Option("--named-rules", help="Also reject feedback that names no rule of the rule file.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")] = False,
) -> None:
    """Say what a review table holds, and list every wrong row with its line; exit code 1 when there is one."""
    taxonomy = load_taxonomy(rules)
    loaded = load_reviews(table, taxonomy, check_images=images, named_rules=named_rules)
    summary = summarise(loaded, taxonomy)
    if as_json:
        notes = {"unnamed": loaded.unnamed, "ignored_columns": loaded.ignored_columns}
        print_json({"path": loaded.path, "summary": summary, "rejected": loaded.rejected, **notes})
    else:
        _print_summary(output_console(), loaded, summary, taxonomy)
    if loaded.rejected:
        raise typer.Exit(1)


@app.command()
def convert(
    table: ReviewsPath,
    out: Annotated[Path, typer.Argument(help="Table to write, .jsonl or .parquet; must not exist.")],
    rules: Rules = None,
    skip_rejected: Annotated[
        bool, typer.Option("--skip-rejected", help="Leave wrong rows out, and list them, instead of refusing.")
    ] = False,
) -> None:
    """Write a review table in the other form: JSON lines or Parquet."""
    loaded = _usable(table, load_taxonomy(rules), skip_rejected)
    _check_new(out, loaded)
    typer.echo(f"{write_reviews(out, loaded.records)} reviews written to {out}")


@app.command()
def subset(
    table: ReviewsPath,
    category: Annotated[
        Literal["single", "pair", "multi"], typer.Option(help="Which rules the rejected samples broke.")
    ],
    out: NewFile,
    split: Annotated[Literal["train", "val", "test", "all"], typer.Option(help="Draw from this split.")] = "all",
    rules: Rules = None,
    skip_rejected: Annotated[
        bool, typer.Option("--skip-rejected", help="Leave wrong rows out, and list them, instead of refusing.")
    ] = False,
    seed: Seed = 0,
) -> None:
    """AGPIS-data-single, -pair or -multi (section 4.1): as many qualified samples as rejected ones of a category."""
    taxonomy = load_taxonomy(rules)
    loaded = _usable(table, taxonomy, skip_rejected)
    _check_new(out, loaded)
    records = [record for record in loaded.records if split in (record.split, "all")]
    chosen = balanced_subset(records, taxonomy, RuleCategory(category), seed)
    typer.echo(f"{write_reviews(out, chosen)} reviews written to {out}, half of them qualified")


def _usable(table: Path, taxonomy: RuleTaxonomy, skip_rejected: bool) -> ReviewTable:
    loaded = load_reviews(table, taxonomy)
    for row in loaded.rejected:
        typer.echo(f"line {row.line}: {row.reason}", err=True)
    if loaded.rejected and not skip_rejected:
        raise CatalogError(
            f"{loaded.path} has {len(loaded.rejected)} wrong rows, nothing was written; "
            "mend them, or leave them out with --skip-rejected"
        )
    if loaded.ignored_columns:
        typer.echo(f"columns that are not written: {', '.join(loaded.ignored_columns)}", err=True)
    return loaded


def _check_new(out: Path, loaded: ReviewTable) -> None:
    if out.exists():
        raise CatalogError(f"{out} exists already; remove it or choose another name")
    if out.parent.resolve() != loaded.path.parent.resolve():
        typer.echo(f"image files stay relative to {loaded.path.parent}; put them beside {out} as well", err=True)


def _print_summary(console: Console, table: ReviewTable, summary: ReviewSummary, taxonomy: RuleTaxonomy) -> None:
    days = f", {summary.first_day} to {summary.last_day}" if summary.first_day else ""
    lengths = ", ".join(f"{count} of {length}" for length, count in summary.lengths.items())
    console.print(
        Text(f"{table.path}: {table.num_rows} rows, {len(table.records)} reviews, {len(table.rejected)} rejected"),
        Text(f"{summary.num_products} products in {summary.num_product_categories} categories{days}"),
        Text(f"images in a sequence: {lengths or 'none'}"),
        sep="\n",
    )
    if summary.num_reviews:
        tables = _split_table(summary), _category_table(summary), _rule_table(summary, taxonomy)
        console.print("", *tables, sep="\n")
    _print_notes(console, table, taxonomy)
    for row in table.rejected:
        console.print(Text(f"line {row.line}: {row.reason}"), soft_wrap=True)


def _print_notes(console: Console, table: ReviewTable, taxonomy: RuleTaxonomy) -> None:
    if table.unnamed:
        shown = ", ".join(str(line) for line in table.unnamed[:_SHOWN_LINES])
        more = ", ..." if len(table.unnamed) > _SHOWN_LINES else ""
        text = f"Feedback that names no rule counts as {taxonomy.other.title!r}, {len(table.unnamed)} reviews: lines "
        console.print(Text(text + shown + more), soft_wrap=True)
    if table.ignored_columns:
        console.print(Text(f"Columns that are not used: {', '.join(table.ignored_columns)}"), soft_wrap=True)


def _split_table(summary: ReviewSummary) -> Table:
    table = _counts("split", "products", "reviews", "qualified", "rejected")
    for split in summary.splits:
        share = split.qualified_share
        shares = ("-", "-") if share is None else (f"{share:.1%}", f"{1 - share:.1%}")
        table.add_row(split.name, str(split.num_products), str(split.num_reviews), *shares)
    return table


def _category_table(summary: ReviewSummary) -> Table:
    table = _counts("verdict", "reviews", "share")
    for name, count in summary.categories.items():
        table.add_row(name, str(count), f"{count / summary.num_reviews:.1%}")
    return table


def _rule_table(summary: ReviewSummary, taxonomy: RuleTaxonomy) -> Table:
    table = _counts("class", "reviews", "share", "title")
    for rule_id, count in summary.rules.items():
        table.add_row(rule_id, str(count), f"{count / summary.num_reviews:.1%}", escape(taxonomy[rule_id].title))
    return table


def _counts(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="left" if name == "title" else "right")
    return table
