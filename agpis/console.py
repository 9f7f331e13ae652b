"""A product's result as a table a person can read in a terminal."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from agpis.rules import RuleTaxonomy
from agpis.types import DuplicatePair, Finding, ImageReport, ImageStatus, SequenceResult

STATUS_STYLES = {
    ImageStatus.SELECTED: "green",
    ImageStatus.REMAINING: "default",
    ImageStatus.REMOVED: "yellow",
    ImageStatus.UNREADABLE: "red",
}
TOP_RULES = 3


def print_result(console: Console, result: SequenceResult, title: str, taxonomy: RuleTaxonomy) -> None:
    """Write one product's result: outcome, sequence, every image with its reason, pairs, rules, feedback."""
    console.print(Text.assemble((result.product_id, "bold"), "  ", title[:120]))
    console.print(Text(result.reason))
    console.print(
        Group(
            _image_table(result),
            *_finding_lines(result.images),
            *_pair_lines(result.duplicates),
            *_score_lines(result, taxonomy),
        )
    )
    for note in result.notes:
        console.print(Text(f"Note: {note}"))
    console.print(Text(" ".join(f"{stage} {seconds:.2f} s" for stage, seconds in result.timings.items()), style="dim"))
    console.print()


def _image_table(result: SequenceResult) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("#", "image", "status", "p^primary", "p^nc", "reason"):
        table.add_column(name, justify="right" if name.startswith(("p", "#")) else "left", overflow="fold")
    order = {file: index + 1 for index, file in enumerate(result.sequence)}
    for report in sorted(result.images, key=lambda item: order.get(item.file, len(order) + 1)):
        table.add_row(*_cells(report, order.get(report.file)))
    return table


def _cells(report: ImageReport, place: int | None) -> tuple[str | Text, ...]:
    return (
        "" if place is None else str(place),
        Text(report.file),
        Text(report.status.value, style=STATUS_STYLES[report.status]),
        _probability(report.p_primary),
        _probability(report.p_noncompliant),
        Text(report.reason),
    )


def _probability(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _finding_lines(reports: tuple[ImageReport, ...]) -> list[RenderableType]:
    return [
        Text(f"{report.file}: {finding.message} ({finding.kind} {finding.score:.2f}{_whereabouts(finding)})")
        for report in reports
        for finding in report.findings
    ]


def _whereabouts(finding: Finding) -> str:
    rule = f", rule {finding.rule_id}" if finding.rule_id else ""
    place = f", at {finding.box.x}, {finding.box.y}, {finding.box.w} x {finding.box.h}" if finding.box else ""
    return rule + place


def _pair_lines(pairs: tuple[DuplicatePair, ...]) -> list[RenderableType]:
    return [
        Text(f"{pair.relation.value}: {pair.removed} ~ {pair.kept} (similarity {pair.similarity:.2f})")
        for pair in pairs
    ]


def _score_lines(result: SequenceResult, taxonomy: RuleTaxonomy) -> list[RenderableType]:
    if result.p_qualified is None:
        return []
    lines: list[RenderableType] = [Text(f"p^t {result.p_qualified:.3f}, threshold th^t {result.threshold:.2f}")]
    rules = [(p, rule_id) for rule_id, p in result.rule_probabilities.items() if rule_id != taxonomy.qualified.id]
    likely = sorted(rules, reverse=True)[:TOP_RULES]
    lines.append(Text("Most likely rules: " + ", ".join(f"{taxonomy[rule_id].title} {p:.2f}" for p, rule_id in likely)))
    if result.feedback is not None:
        lines.append(Text(f"Feedback: {result.feedback}"))
    return lines
