"""The sections about errors: rules, slices, single sequences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from analysis.predictions import Predictions
from analysis.report.content import Block, Card, FigureBlock, GalleryBlock, TableBlock, TextBlock
from analysis.report.thumbnails import data_uris
from analysis.report.words import number_interval, percent, percent_interval
from analysis.rule_errors import ErrorAnalysis
from analysis.rule_errors.figures import confusion_figure, escape_figure, readings_figure, slices_figure
from analysis.rule_errors.mistakes import Mistake, Mistakes
from analysis.rule_errors.slices import Slice, SliceErrors

_RULES = 45
_SIGNIFICANT = 0.05


def rule_blocks(found: ErrorAnalysis, judged: Predictions) -> Iterator[Block]:
    """What escapes, which rules are taken for others, and the two readings of the probability."""
    rules = found.rules
    yield TextBlock(
        f"At the threshold {found.threshold:g} the system withholds {percent_interval(rules.caught)} of the sequences "
        "that reviewers rejected; the others escape. "
        f"Of what it submits, {percent_interval(rules.rejected_of_submitted)} are rejected."
    )
    yield TableBlock(
        "Rules by how often they escape",
        ("rule", "kind", "rejected for it", "escape", "share of all escapes", "AUC, one against the rest"),
        tuple(
            (
                f"{rule.rule_id} {rule.title}",
                str(rule.category),
                f"{rule.support:,}",
                percent_interval(rule.escaped),
                percent(rule.share_of_escapes.value),
                number_interval(rule.one_vs_rest),
            )
            for rule in rules.escaping()[:_RULES]
        ),
    )
    if rules.without_support:
        yield TextBlock(f"No reviewed sequence broke {', '.join(rules.without_support)}, so nothing is said of them.")
    yield FigureBlock("Escape rate of each rule, with 95% intervals.", escape_figure(rules))
    yield FigureBlock("The reviewer's class by row, the likeliest class by column.", confusion_figure(found.classes))
    yield FigureBlock(
        "The probability of the classifier against that of the written feedback; in the upper left and the lower right "
        "the two decide differently.",
        readings_figure(judged, found.threshold),
    )


def slice_blocks(found: SliceErrors) -> Iterator[Block]:
    """Parts of the catalogue that differ from the rest."""
    differing = [part for part in found.slices if part.differs("escape_rate") or part.differs("reject_rate")]
    yield TextBlock(
        f"Categories, sources, months and lengths with at least {found.min_support} reviewed sequences, each against "
        f"all others. {len(differing)} of {len(found.slices)} differ in reject rate or escape rate by more than chance "
        f"(false discovery rate {_SIGNIFICANT:g})."
    )
    if differing:
        yield _slice_table(differing)
    for left_out in found.left_out:
        yield TextBlock(
            f"Not listed: {left_out.slices:,} slices by {left_out.kind} with {left_out.sequences:,} sequences, "
            f"{left_out.reason}."
        )
    yield FigureBlock("Escape rate of each slice, with 95% intervals.", slices_figure(found, "escape_rate"))


def _slice_table(differing: Sequence[Slice]) -> TableBlock:
    return TableBlock(
        "The slices that differ",
        ("slice", "sequences", "reject rate", "escape rate", "AUC"),
        tuple(
            (
                f"{part.kind}: {part.value}",
                f"{part.n:,}",
                percent_interval(part.reject_rate.inside),
                percent_interval(part.escape_rate.inside),
                number_interval(part.auc.inside),
            )
            for part in differing
        ),
    )


def gallery_blocks(found: Mistakes, folder: Path, most: int) -> Iterator[Block]:
    """Rejected sequences with the highest probability, accepted ones with the lowest."""
    for caption, mistakes in (
        ("Rejected by the reviewer although the model likes them", found.rejected),
        ("Accepted by the reviewer although the model does not like them", found.accepted),
    ):
        yield GalleryBlock(caption, tuple(_card(mistake, folder) for mistake in mistakes[:most]))
    if found.missing_columns:
        yield TextBlock(f"The table has no column {', '.join(found.missing_columns)}, so none is shown.", warning=True)


def _card(mistake: Mistake, folder: Path) -> Card:
    verdict = "rejected" if mistake.rejected else "accepted"
    lines = [
        mistake.title or "(no title)",
        f"Reviewer: {mistake.feedback}" if mistake.feedback else "",
        f"Model: {mistake.written_feedback}" if mistake.written_feedback else "",
        f"Reviewer's class {mistake.true_rule}, the model's likeliest {mistake.predicted_rule} "
        f"({mistake.p_predicted:.2f})",
    ]
    heading = f"probability {mistake.p_t:.2f}, {verdict}; product {mistake.product_id}"
    return Card(data_uris(folder, mistake.images), heading, tuple(line for line in lines if line))
