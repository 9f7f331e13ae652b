"""One evaluation as a value: what was measured on what, to and from JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from agpis.errors import CatalogError
from analysis.metrics.bootstrap import Score


@dataclass(frozen=True, slots=True)
class Section:
    """Scores that are read together.

    Attributes:
        title: what they are about.
        as_reviewed: against the reviewers' labels.
        with_noise: the same scores against labels of which a share was flipped; empty where labels play no part.
    """

    title: str
    as_reviewed: tuple[Score, ...]
    with_noise: tuple[Score, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All scores of one model on one set of sequences.

    Attributes:
        data: name of the data folder.
        split: "train", "val", "test" or "all".
        sequences: how many were scored.
        products: how many products they belong to.
        label_noise: share of flipped labels in `with_noise`, in [0, 1].
        threshold: th^t of the pipeline.
        resamples: of the bootstrap.
        seed: of the bootstrap, the flips, the subsets and the swapped titles.
        weights: first digits of the SHA-256 of MUIsC's weights.
        command: prints these scores.
        simulation: settings of the simulated marketplace; empty for other data.
        sections: the scores.
        seconds: wall time of the scoring; not among what a seed decides.
    """

    data: str
    split: str
    sequences: int
    products: int
    label_noise: float
    threshold: float
    resamples: int
    seed: int
    weights: str
    command: str
    simulation: Mapping[str, Any]
    sections: tuple[Section, ...]
    seconds: float

    def write(self, path: Path) -> None:
        """Write JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def score(self, name: str, *, noisy: bool = False) -> Score:
        """A score by its name.

        Raises:
            CatalogError: when the report has none of this name.
        """
        for section in self.sections:
            for score in section.with_noise if noisy else section.as_reviewed:
                if score.name == name:
                    return score
        raise CatalogError(f"the report on {self.data} has no score {name!r}{' with noise' if noisy else ''}")


def read_report(path: Path) -> Report:
    """Read what `Report.write` wrote.

    Raises:
        CatalogError: when the file cannot be read or is no report.
    """
    try:
        return TypeAdapter(Report).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise CatalogError(f"{path} is no report of benchmarks.muisc_evaluation: {error}") from error
