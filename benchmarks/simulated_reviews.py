"""Score the shipped models on AGPIS-data they never saw and print the paper's columns with bootstrap intervals.

    python -m agpis simulate --out runs/test-data --seed 7 ...
    python -m benchmarks.simulated_reviews --data runs/test-data [--split test]

The same command measures sequences over real photos: simulate over a catalogue that no training used
(`agpis simulate --rendered 0 --catalog PATH`) and pass `--split all`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.metrics import precision_recall_curve, roc_auc_score

from agpis.bundled import model_folder
from agpis.data.reviews import ImageLabel, ReviewRecord, balanced_subset, read_image_labels, read_reviews
from agpis.images import read_image
from agpis.pipeline import AgpisPipeline
from agpis.rules import RuleCategory, RuleTaxonomy
from agpis.types import SequenceScore

RESAMPLES = 500
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def main(
    data: Annotated[Path, typer.Option(help="Folder of AGPIS-data.")],
    split: Annotated[str, typer.Option(help="train, val, test or all.")] = "test",
    models: Annotated[Path | None, typer.Option(help="Pipeline folder; default the bundled one.")] = None,
    limit: Annotated[int, typer.Option(help="At most this many sequences and images.")] = 3000,
    seed: int = 0,
) -> None:
    """Print one table for the three models."""
    pipeline = AgpisPipeline.from_pretrained(models or model_folder())
    reviews = _sample(
        [r for r in read_reviews(data / "reviews.jsonl", pipeline.taxonomy) if split in (r.split, "all")], limit, seed
    )
    images = _sample([i for i in read_image_labels(data / "images.jsonl") if split in (i.split, "all")], limit, seed)
    table = Table("score", "value", "95% interval", "n", title=f"{data.name}, split {split}")
    for row in [*_classifiers(pipeline, data, images, seed), *_muisc(pipeline, data, reviews, seed)]:
        table.add_row(*row)
    Console(width=120).print(table)


def _sample(items: list, limit: int, seed: int) -> list:  # type: ignore[type-arg]
    if len(items) <= limit:
        return items
    return [items[i] for i in sorted(np.random.default_rng(seed).choice(len(items), limit, replace=False))]


def _classifiers(
    pipeline: AgpisPipeline, data: Path, labels: list[ImageLabel], seed: int
) -> list[tuple[str, str, str, str]]:
    rows = []
    images = [
        read_image(data / label.file, label.file) for label in track(labels, "images", console=Console(stderr=True))
    ]
    p_nc = pipeline.noncompliance.predict(images)
    noncompliant = np.array([label.noncompliant for label in labels], dtype=np.int64)
    rows.append(_row("p^nc: AUC", _auc, noncompliant, p_nc, seed))
    for defect in sorted({defect for label in labels for defect in label.defects}):
        keep = np.array([not label.noncompliant or defect in label.defects for label in labels])
        rows.append(_row(f"  {defect}", _auc, noncompliant[keep], p_nc[keep], seed))
    labelled = np.array([label.primary is not None for label in labels])
    primary = np.array([bool(label.primary) for label in labels], dtype=np.int64)
    p_primary = pipeline.primary.predict(images)
    rows.append(_row("p^primary: AUC (eq. 1)", _auc, primary[labelled], p_primary[labelled], seed))
    return rows


def _muisc(
    pipeline: AgpisPipeline, data: Path, reviews: list[ReviewRecord], seed: int
) -> list[tuple[str, str, str, str]]:
    taxonomy = pipeline.taxonomy
    scores = [_score(pipeline, data, record) for record in track(reviews, "sequences", console=Console(stderr=True))]
    by_record = {id(record): score.p_qualified for record, score in zip(reviews, scores, strict=True)}
    qualified = np.array([record.rule_id == taxonomy.qualified.id for record in reviews], dtype=np.int64)
    p_t = np.array([score.p_qualified for score in scores])
    rows = [_row("p^t: AUC", _auc, qualified, p_t, seed)]
    for precision in (0.8, 0.85, 0.9):
        rows.append(_row(f"p^t: R@P={precision}", _recall_at(precision), qualified, p_t, seed))
    for category in (RuleCategory.SINGLE, RuleCategory.PAIR, RuleCategory.MULTI):
        subset = balanced_subset(reviews, taxonomy, category, seed)
        y = np.array([record.rule_id == taxonomy.qualified.id for record in subset], dtype=np.int64)
        rows.append(_row(f"p^t: AUC-{category}", _auc, y, np.array([by_record[id(record)] for record in subset]), seed))
    for k in (1, 3):
        hits = [
            _in_top(score, record, taxonomy, k)
            for score, record in zip(scores, reviews, strict=True)
            if record.rule_id != taxonomy.qualified.id
        ]
        rows.append(
            _row(
                f"rule of the rejected: top-{k}",
                lambda y, _: float(y.mean()),
                np.array(hits, np.int64),
                np.zeros(len(hits)),
                seed,
            )
        )
    return rows


def _score(pipeline: AgpisPipeline, data: Path, record: ReviewRecord) -> SequenceScore:
    images = [read_image(data / file, file) for file in record.images]
    return pipeline.scorer.score(record.title, images)


def _in_top(score: SequenceScore, record: ReviewRecord, taxonomy: RuleTaxonomy, k: int) -> int:
    rules = sorted((-p, rule_id) for rule_id, p in score.rule_probabilities.items() if rule_id != taxonomy.qualified.id)
    return int(record.rule_id in [rule_id for _, rule_id in rules[:k]])


def _auc(labels: Ints, scores: Floats) -> float:
    return float(roc_auc_score(labels, scores)) if len(np.unique(labels)) == 2 else float("nan")


def _recall_at(precision: float) -> Callable[[Ints, Floats], float]:
    def recall(labels: Ints, scores: Floats) -> float:
        precisions, recalls, _ = precision_recall_curve(labels, scores)
        reached = precisions[:-1] >= precision
        return float(recalls[:-1][reached].max()) if reached.any() else 0.0

    return recall


def _row(
    name: str, metric: Callable[[Ints, Floats], float], labels: Ints, scores: Floats, seed: int
) -> tuple[str, str, str, str]:
    if not len(labels):
        return name, "n/a", "", "0"
    rng = np.random.default_rng(seed)
    draws = [metric(labels[i], scores[i]) for i in rng.integers(0, len(labels), (RESAMPLES, len(labels)))]
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return name, f"{metric(labels, scores):.3f}", f"{low:.3f} to {high:.3f}", str(len(labels))


if __name__ == "__main__":
    typer.run(main)
