"""Measure MUIsC on reviewed sequences: the paper's columns, rules, title, feedback, each with a 95% interval.

    python -m benchmarks.muisc_evaluation --data runs/market --label-noise 0.05 --json runs/market.json
    python -m benchmarks.muisc_evaluation --data runs/magento --split all --label-noise 0.05 --json runs/magento.json

The intervals are percentiles of a bootstrap over products. `benchmarks.muisc_results` makes docs/results.md of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from agpis.bundled import model_folder
from agpis.data.reviews import ReviewRecord, read_reviews
from agpis.errors import CatalogError
from agpis.model_files import weights_fingerprint
from agpis.pipeline import AgpisPipeline
from agpis.rules import RuleTaxonomy
from analysis.metrics.bootstrap import Bootstrap
from benchmarks.muisc.classification import Scored, by_rule, ceiling, decisions, headline, title_ablation
from benchmarks.muisc.document import cells, support
from benchmarks.muisc.feedback import feedback_scores
from benchmarks.muisc.noise import flip_labels
from benchmarks.muisc.predictions import Prediction, other_titles, predict
from benchmarks.muisc.report import Report, Section


def main(
    data: Annotated[Path, typer.Option(help="Folder of AGPIS-data.")],
    split: Annotated[str, typer.Option(help="train, val, test or all.")] = "test",
    models: Annotated[Path | None, typer.Option(help="Pipeline folder; default the bundled one.")] = None,
    label_noise: Annotated[float, typer.Option(min=0, max=1, help="Share of the labels to flip.")] = 0.05,
    limit: Annotated[int | None, typer.Option(min=1, help="At most about this many sequences, whole products.")] = None,
    feedback: Annotated[bool, typer.Option(help="Write and judge feedback; the slower half.")] = True,
    feedback_limit: Annotated[int, typer.Option(min=1, help="At most so many rejected, and so many qualified.")] = 600,
    title_rules: Annotated[str, typer.Option(help="Ids of the rules that read the title.")] = "M10,M11,M12,M13",
    batch_size: Annotated[int, typer.Option(min=1, help="Images at a time.")] = 32,
    resamples: Annotated[int, typer.Option(min=1, help="Of the bootstrap.")] = 1000,
    seed: int = 0,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write everything here.")] = None,
) -> None:
    """Print the scores of one model on one set of sequences."""
    folder = models or model_folder()
    pipeline = AgpisPipeline.from_pretrained(folder)
    records = _chosen(data, split, pipeline.taxonomy, limit, seed)
    write_for = _some_of_each(records, pipeline.taxonomy, feedback_limit, seed) if feedback else set()
    start = perf_counter()
    predictions = _predict(pipeline, data, records, write_for, batch_size, seed)
    seconds = perf_counter() - start
    boot = Bootstrap(resamples, seed)
    threshold = pipeline.settings.submission_threshold
    clean = Scored(pipeline.taxonomy, records, predictions, boot)
    noisy = Scored(pipeline.taxonomy, flip_labels(records, pipeline.taxonomy, label_noise, seed), predictions, boot)
    rules = title_rules.split(",")
    sections = [
        Section(
            "Telling qualified from rejected",
            (*headline(clean, seed), ceiling(clean, clean)),
            (*headline(noisy, seed), ceiling(clean, noisy)),
        ),
        Section("Rules that read the title", tuple(title_ablation(clean, rules)), tuple(title_ablation(noisy, rules))),
        Section("Decisions", tuple(decisions(clean, threshold)), tuple(decisions(noisy, threshold))),
        Section("AUC of each rule", tuple(by_rule(clean)), tuple(by_rule(noisy))),
    ]
    if feedback:
        rows = feedback_scores(records, predictions, pipeline.taxonomy, threshold, boot)
        sections.insert(2, Section("Feedback", tuple(rows)))
    report = Report(
        data=data.resolve().name,
        split=split,
        sequences=len(records),
        products=len({record.product_id for record in records}),
        label_noise=label_noise,
        threshold=threshold,
        resamples=resamples,
        seed=seed,
        weights=weights_fingerprint(folder),
        command=_command(data, split, label_noise, limit, feedback, seed),
        simulation=_simulation(data),
        sections=tuple(sections),
        seconds=seconds,
    )
    _print(report)
    if json_file is not None:
        report.write(json_file)


def _chosen(data: Path, split: str, taxonomy: RuleTaxonomy, limit: int | None, seed: int) -> list[ReviewRecord]:
    records = [record for record in read_reviews(data, taxonomy) if split in (record.split, "all")]
    if not records:
        raise CatalogError(f"{data} has no reviews in split {split}")
    if limit is None or len(records) <= limit:
        return records
    products = np.array(sorted({record.product_id for record in records}))
    kept: set[str] = set()
    counted = 0
    for product in np.random.default_rng(seed).permutation(products):
        if counted >= limit:
            break
        kept.add(str(product))
        counted += sum(record.product_id == product for record in records)
    return [record for record in records if record.product_id in kept]


def _some_of_each(records: Sequence[ReviewRecord], taxonomy: RuleTaxonomy, limit: int, seed: int) -> set[int]:
    rng = np.random.default_rng(seed)
    chosen: set[int] = set()
    for good in (True, False):
        indices = [i for i, record in enumerate(records) if (record.rule_id == taxonomy.qualified.id) is good]
        chosen.update(int(i) for i in rng.permutation(indices)[:limit])
    return chosen


def _predict(
    pipeline: AgpisPipeline,
    data: Path,
    records: Sequence[ReviewRecord],
    write_for: set[int],
    batch_size: int,
    seed: int,
) -> list[Prediction]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("sequences", total=len(records))
        return predict(
            pipeline.scorer,
            data,
            records,
            swapped=other_titles(records, seed),
            write_for=write_for,
            batch_size=batch_size,
            progress=lambda done: progress.advance(task, done),
        )


def _command(data: Path, split: str, label_noise: float, limit: int | None, feedback: bool, seed: int) -> str:
    # A path of this machine tells a reader nothing.
    words = ["python -m benchmarks.muisc_evaluation", f"--data {f'PATH/{data.name}' if data.is_absolute() else data}"]
    words += [f"--split {split}", f"--label-noise {label_noise:g}"]
    words += [f"--limit {limit}"] * (limit is not None) + ["--no-feedback"] * (not feedback)
    words += [f"--seed {seed}"] * bool(seed)
    return " ".join(words)


def _simulation(data: Path) -> dict[str, object]:
    manifest = data / "manifest.json"
    settings: dict[str, object] = {}
    if manifest.is_file():
        settings = json.loads(manifest.read_text(encoding="utf-8"))["settings"]
    return settings


def _print(report: Report) -> None:
    console = Console(width=140)
    for section in report.sections:
        title = f"{section.title}: {report.data}, split {report.split}, {report.sequences} sequences"
        table = Table("score", "value", "95% interval", "n", title=title)
        for heading in [f"{report.label_noise:.0%} of labels flipped", "95% interval"] * bool(section.with_noise):
            table.add_column(heading)
        for number, score in enumerate(section.as_reviewed):
            noisy = cells(section.with_noise[number]) if section.with_noise else ()
            table.add_row(score.name, *cells(score), support(score), *noisy)
        console.print(table)
    pace = 1000 * report.seconds / report.sequences
    console.print(f"{report.seconds:.0f} s for {report.sequences} sequences, {pace:.0f} s for 1,000")


if __name__ == "__main__":
    typer.run(main)
