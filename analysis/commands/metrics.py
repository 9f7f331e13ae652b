"""`metrics TABLE`: how well a table tells qualified from rejected sequences, and rules from each other."""

from __future__ import annotations

from collections.abc import Iterable

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
    TableFile,
    wanted_bootstrap,
)
from analysis.commands.score_tables import interval, number, read_table, told_excluded, write_json
from analysis.metrics.bootstrap import Score
from analysis.metrics.measure import measure
from analysis.metrics.results import ClassScore, Metrics


def metrics(
    table: TableFile,
    split: Split = "test",
    score: ScoreOption = "p_t",
    resamples: Resamples = None,
    seed: Seed = 0,
    exclude_wrong_rows: ExcludeWrongRows = False,
    rules: RuleFile = None,
    json_file: JsonFile = None,
) -> None:
    """ROC AUC, average precision, R@P, accuracies, AUC of the subsets and of each class, with 95% intervals."""
    predictions = read_table(table, split, rules, exclude_wrong_rows)
    bootstrap = wanted_bootstrap(len(predictions), resamples, seed)
    found = measure(predictions, score, bootstrap)
    console = Console()
    for line in _counted(found):
        console.print(line, markup=False, highlight=False)
    console.print(_scores(found.scores, f"{table.name}, split {split}, {found.score_name}"))
    console.print(_classes(found.classes))
    if json_file is not None:
        write_json(found, json_file)


def _counted(found: Metrics) -> Iterable[str]:
    yield (
        f"{found.rows:,} reviewed rows of {found.products:,} products: {found.qualified:,} qualified, "
        f"{found.rejected:,} rejected. Intervals: {found.resamples:,} resamples of products, seed {found.seed}."
    )
    if found.unreviewed:
        yield f"{found.unreviewed:,} rows without review were passed over."
    if found.unscored:
        yield f"{found.unscored:,} reviewed rows without {found.score_name} were passed over."
    yield from told_excluded(found.exclusions)


def _scores(scores: Iterable[Score], title: str) -> Table:
    table = Table("metric", "value", "95% interval", "rows", "rejected", "note", title=title)
    for score in scores:
        rejected = "" if score.rejected is None else f"{score.rejected:,}"
        table.add_row(score.name, number(score.value), interval(score), f"{score.n:,}", rejected, score.reason)
    return table


def _classes(classes: Iterable[ClassScore]) -> Table:
    """Classes with rows; the others are counted in the title."""
    all_of_them = list(classes)
    known = [one for one in all_of_them if one.support]
    title = f"each class against the rest by p^mcc; {len(all_of_them) - len(known)} classes without rows not shown"
    table = Table("class", "rows", "AUC", "95% interval", "average precision", "95% interval", title=title)
    for one in known:
        table.add_row(
            one.rule_id,
            f"{one.support:,}",
            number(one.auc.value),
            interval(one.auc),
            number(one.average_precision.value),
            interval(one.average_precision),
        )
    return table
