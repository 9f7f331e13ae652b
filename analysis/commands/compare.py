"""`compare A B`: two models on the same reviewed sequences."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from analysis.commands.options import (
    ExcludeWrongRows,
    JsonFile,
    Resamples,
    RuleFile,
    ScoreOption,
    Seed,
    Split,
    wanted_bootstrap,
)
from analysis.commands.score_tables import interval, number, read_table, told_excluded, write_json
from analysis.compare import Comparison, Difference
from analysis.compare import compare as compare_tables
from analysis.metrics.delong import DelongTest


def compare(
    first: Annotated[Path, typer.Argument(help="Table of predictions of the first model.")],
    second: Annotated[Path, typer.Argument(help="Table of the second, about the same reviewed rows.")],
    split: Split = "test",
    score: ScoreOption = "p_t",
    resamples: Resamples = None,
    seed: Seed = 0,
    exclude_wrong_rows: ExcludeWrongRows = False,
    rules: RuleFile = None,
    json_file: JsonFile = None,
) -> None:
    """Each metric of both, the difference with its paired 95% interval, and DeLong's test of the AUC."""
    one, other = (read_table(path, split, rules, exclude_wrong_rows) for path in (first, second))
    bootstrap = wanted_bootstrap(len(one), resamples, seed)
    found = compare_tables(one, other, score, bootstrap)
    console = Console()
    for line in _counted(found):
        console.print(line, markup=False, highlight=False)
    console.print(_table(found.scores, f"first: {first.name}, second: {second.name}, split {split}, {score}"))
    rows = [one.auc for one in found.classes if one.support]
    console.print(_table(rows, "each class against the rest by p^mcc; classes without rows not shown"))
    for line in (
        f"DeLong's test, rows of one product as dependent: {_told(found.delong)}",
        f"DeLong's test, all rows as independent: {_told(found.delong_independent)}",
    ):
        console.print(line, markup=False, highlight=False)
    if json_file is not None:
        write_json(found, json_file)


def _counted(found: Comparison) -> Iterable[str]:
    yield (
        f"{found.rows:,} reviewed rows of {found.products:,} products in both tables: {found.qualified:,} qualified, "
        f"{found.rejected:,} rejected. Intervals: {found.resamples:,} resamples of products, seed {found.seed}."
    )
    tables = zip(("first", "second"), found.unreviewed, found.unscored, found.exclusions, strict=True)
    for name, unreviewed, unscored, exclusions in tables:
        if unreviewed:
            yield f"{name} table: {unreviewed:,} rows without review were passed over."
        if unscored:
            yield f"{name} table: {unscored:,} reviewed rows without {found.score_name} were passed over."
        yield from (f"{name} table: {line}" for line in told_excluded(exclusions))


def _table(differences: Iterable[Difference], title: str) -> Table:
    table = Table("metric", "first", "second", "first - second", "95% interval", "rows", "note", title=title)
    for one in differences:
        difference = one.difference
        signed = "-" if difference.value is None else f"{difference.value:+.3f}"
        table.add_row(
            one.name,
            number(one.first.value),
            number(one.second.value),
            signed,
            interval(difference),
            f"{one.first.n:,}",
            difference.reason or ("differs" if one.differs else ""),
        )
    return table


def _told(test: DelongTest) -> str:
    if test.p_value is None or test.z is None:
        return f"no p-value: {test.reason}"
    return f"z = {test.z:.2f}, p = {test.p_value:.3g}"
