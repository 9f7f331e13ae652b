"""The error analysis as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from agpis.rules import RuleTaxonomy
from analysis.rates import Rate
from analysis.rule_errors import Agreement, Confusion, ErrorAnalysis, Mistake, RuleErrors, SliceErrors
from analysis.rule_errors.auc import Auc
from analysis.rule_errors.slices import MEASURES

_MEASURE_NAMES = {"reject_rate": "reject rate", "escape_rate": "escape rate", "auc": "AUC"}


def error_tables(analysis: ErrorAnalysis, taxonomy: RuleTaxonomy, most: int) -> Iterator[RenderableType]:
    """Everything in reading order.

    Args:
        analysis: what to show.
        taxonomy: names the rules.
        most: rows of each ranking.
    """
    yield Text(
        f"{analysis.sequences} reviewed sequences at th^t = {analysis.threshold:g}; "
        f"{analysis.unreviewed} without review left out. Intervals: 95%."
    )
    yield from _overall(analysis.rules)
    yield _rules(analysis.rules)
    yield Text(f"Rules without a rejected sequence: {', '.join(analysis.rules.without_support) or 'none'}")
    yield _escapes(analysis.rules, most)
    yield _categories(analysis.categories)
    yield _confused(analysis.classes, taxonomy, most)
    yield from _slices(analysis.slices, most)
    yield _mistakes("Rejected sequences with the highest p^t", analysis.mistakes.rejected[:most])
    yield _mistakes("Accepted sequences with the lowest p^t", analysis.mistakes.accepted[:most])
    if analysis.mistakes.missing_columns:
        yield Text(f"The table has no column {', '.join(analysis.mistakes.missing_columns)}.")
    yield _readings(analysis.readings)


def _overall(rules: RuleErrors) -> Iterator[Text]:
    yield Text(f"Rejected sequences that are withheld: {share(rules.caught)}")
    yield Text(f"Rejected sequences that escape: {share(rules.escaped)}")
    yield Text(f"Reject rate of what is submitted: {share(rules.rejected_of_submitted)}")


def _rules(rules: RuleErrors) -> Table:
    table = _table("Rules", "rule", "", "n", "AUC one-vs-rest", "AUC of p^t", "mean p", "rest", "caught", "escaped")
    for rule in rules.rules:
        if rule.support:
            table.add_row(
                Text(rule.rule_id),
                Text(rule.title),
                str(rule.support),
                area(rule.one_vs_rest),
                area(rule.against_qualified),
                _number(rule.mean_p),
                _number(rule.mean_p_rest),
                str(rule.caught.count),
                share(rule.escaped),
            )
    return table


def _escapes(rules: RuleErrors, most: int) -> Table:
    table = _table("Rules that escape to production", "rule", "", "escapes", "of all escapes")
    for rule in rules.escaping()[:most]:
        table.add_row(Text(rule.rule_id), Text(rule.title), str(rule.escaped.count), share(rule.share_of_escapes))
    return table


def _categories(confusion: Confusion) -> Table:
    table = _table("Categories: reviewer in rows, model in columns", "", *confusion.names, "n")
    for name, row, n in zip(confusion.names, confusion.counts, confusion.support, strict=True):
        cells = [f"{count} ({count / n:.1%})" if n else "-" for count in row]
        table.add_row(name, *cells, str(n))
    return table


def _confused(confusion: Confusion, taxonomy: RuleTaxonomy, most: int) -> Table:
    table = _table(
        f"Classes most often taken for another (of {len(confusion.names)}; right: {share(confusion.accuracy)})",
        "reviewer",
        "",
        "model",
        "",
        "of the reviewer's",
    )
    for pair in confusion.largest(most):
        cells = [part for rule_id in (pair.true, pair.predicted) for part in (rule_id, taxonomy[rule_id].title)]
        table.add_row(*map(Text, cells), share(pair.share))
    return table


def _slices(slices: SliceErrors, most: int) -> Iterator[RenderableType]:
    for measure in MEASURES:
        table = _table(
            f"Slices whose {_MEASURE_NAMES[measure]} differs from the rest (q <= 0.05)", "slice", "inside", "rest", "q"
        )
        for part in slices.worst(measure)[:most]:
            contrast = getattr(part, measure)
            show = area if measure == "auc" else share
            table.add_row(
                Text(f"{part.kind}: {part.value}"),
                show(contrast.inside),
                show(contrast.rest),
                f"{contrast.q_value:.2g}",
            )
        yield (
            table
            if table.row_count
            else Text(f"No slice of {len(slices.slices)} has another {_MEASURE_NAMES[measure]} than the rest.")
        )
    for left_out in slices.left_out:
        yield Text(
            f"Not listed by {left_out.kind}: {left_out.slices} slices of {left_out.sequences} sequences, "
            f"{left_out.reason}."
        )


def _mistakes(title: str, mistakes: Sequence[Mistake]) -> Table:
    table = _table(title, "row", "product", "p^t", "reviewer", "model", "title", "reviewer wrote", "model wrote")
    for mistake in mistakes:
        table.add_row(
            str(mistake.row),
            Text(mistake.product_id),
            f"{mistake.p_t:.3f}",
            mistake.true_rule,
            f"{mistake.predicted_rule} {mistake.p_predicted:.2f}",
            *(Text(text or "") for text in (mistake.title, mistake.feedback, mistake.written_feedback)),
        )
    return table


def _readings(found: Agreement) -> Text:
    lines = [
        f"p^t and p^nlg on {found.n} sequences ({found.without_p_nlg} without p^nlg):",
        f"  correlation {_number(found.pearson)}, of ranks {_number(found.spearman)}",
        f"  decisions that differ: {share(found.differ)}",
        f"  of these p^t right: {share(found.p_t_right)}, p^nlg right: {share(found.p_nlg_right)}",
        f"  McNemar's exact test: p = {'-' if found.p_value is None else f'{found.p_value:.3g}'}",
    ]
    return Text("\n".join([*lines, *([f"  {found.reason}"] if found.reason else [])]))


def share(rate: Rate) -> str:
    """A rate with its interval and support, or why there is none."""
    if rate.value is None or rate.low is None or rate.high is None:
        return f"- ({rate.reason})"
    return f"{rate.value:.1%} [{rate.low:.1%}, {rate.high:.1%}] {rate.count}/{rate.n}"


def area(auc: Auc) -> str:
    """An AUC with its interval, or why there is none."""
    if auc.value is None:
        return f"- ({auc.reason})"
    interval = "" if auc.low is None or auc.high is None else f" [{auc.low:.3f}, {auc.high:.3f}]"
    return f"{auc.value:.3f}{interval}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=Text(title), title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
