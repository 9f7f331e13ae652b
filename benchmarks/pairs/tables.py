"""The tables of the measurement, for a terminal and for a page."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import rich.table

from agpis.stage1.classifier import ImageClassifier
from agpis.stage1.duplicates import find_pairs
from agpis.types import Image, PairRelation
from analysis.metrics.bootstrap import Score
from benchmarks.pairs.made import COPIES, RECOLOURINGS, Kind, Photo
from benchmarks.pairs.real import RealResult
from benchmarks.pairs.scores import Judged

_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Table:
    """Cells with a title.

    Attributes:
        title: one line.
        header: names of the columns.
        rows: of as many cells.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def to_rich(self) -> rich.table.Table:
        """For a terminal."""
        table = rich.table.Table(*self.header, title=self.title)
        for row in self.rows:
            table.add_row(*row)
        return table

    def to_markdown(self) -> str:
        """For a page, under a heading."""
        rule = ["---"] * len(self.header)
        lines = ["| " + " | ".join(row) + " |" for row in (self.header, rule, *self.rows)]
        return "\n".join([f"### {self.title}", "", *lines, ""])


def reached(catalogs: Sequence[str], judged: Sequence[Sequence[Judged]]) -> Table:
    """AUC and recall of every method on the pairs of every catalogue; `judged` is (methods, catalogues)."""
    rows = [
        [catalog, part.method.name, _interval(part.auc()), _interval(part.recall()), f"{part.milliseconds:.0f}"]
        for catalog, parts in zip(catalogs, zip(*judged, strict=True), strict=True)
        for part in parts
    ]
    header = ("pairs of", "method", "AUC [95% interval]", "recall at precision .95", "processor ms a pair")
    return Table("Copies against other and recoloured photos", header, rows)


def by_kind(judged: Sequence[Judged]) -> Table:
    """What share of every kind each method calls duplicate, and of the recoloured pairs variants."""
    kinds = [*COPIES, *RECOLOURINGS, Kind.OTHER]
    rows = []
    for part in judged:
        default = [("default", part.method.threshold)] if part.method.threshold is not None else []
        variants = np.array([judgement.variant for judgement in part.judgements])
        for name, threshold in [("P .95", part.precise_threshold()), *default]:
            shares = [f"{part.flagged(threshold)[part.of_kind(kind)].mean():.2f}" for kind in kinds]
            called = [f"{variants[part.of_kind(kind)].mean():.2f}" for kind in RECOLOURINGS]
            rows.append([part.method.name, name, *shares, *called])
    header = ("method", "limit", *(kind.value for kind in kinds), *(f"{kind} called variant" for kind in RECOLOURINGS))
    return Table("Share of each kind that is called duplicate", header, rows)


def real(results: Sequence[RealResult], threshold: float) -> Table:
    """What is said of all pairs within the products of labelled catalogues."""
    wanted = {
        "near-duplicates found": ("near-duplicate", PairRelation.DUPLICATE),
        "borderline called duplicate": ("borderline", PairRelation.DUPLICATE),
        "mains called variant": ("main in two colours", PairRelation.VARIANT),
        "mains called duplicate": ("main in two colours", PairRelation.DUPLICATE),
        "others called duplicate": ("none", PairRelation.DUPLICATE),
        "others called variant": ("none", PairRelation.VARIANT),
    }
    rows = [
        [
            result.catalog,
            *(f"{result.count(label, said, threshold)} of {result.count(label)}" for label, said in wanted.values()),
            f"{1000 * result.seconds / result.images:.0f}",
        ]
        for result in results
    ]
    return Table("All pairs within real products", ("catalogue", *wanted, "processor ms an image"), rows)


def speed(photos: Sequence[Photo], network: ImageClassifier) -> Table:
    """Seconds that a product of 7 and of 20 photos takes, the median of five draws."""
    rows = []
    for count in (7, 20):
        taken = np.zeros((_REPEATS, 2))
        for seed in range(_REPEATS):
            chosen = np.random.default_rng(seed).choice(len(photos), count, replace=False)
            images = [Image(str(index), photos[index].read()) for index in chosen]
            started = time.perf_counter(), time.process_time()
            find_pairs(images, network)
            taken[seed] = time.perf_counter() - started[0], time.process_time() - started[1]
        medians = (f"{value:.2f}" for value in np.median(taken, axis=0))
        rows.append([str(count), str(count * (count - 1) // 2), *medians])
    return Table("One product", ("images", "pairs", "seconds", "seconds of all processors together"), rows)


def _interval(score: Score) -> str:
    if score.value is None or score.low is None or score.high is None:
        return "n/a"
    return f"{score.value:.3f} [{score.low:.3f}, {score.high:.3f}]"
