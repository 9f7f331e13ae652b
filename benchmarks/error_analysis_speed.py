"""Time the error analysis on a made table.

python -m benchmarks.error_analysis_speed --rows 1000000
"""

from __future__ import annotations

import resource
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from rich.console import Console

from agpis.rules import load_taxonomy
from analysis.predictions import Predictions
from analysis.rule_errors import (
    agreement,
    analyse_errors,
    category_confusion,
    class_confusion,
    rule_errors,
    slice_errors,
    worst_mistakes,
)

_QUALIFIED = 0.71  # Table 1


def main(
    rows: Annotated[int, typer.Option(min=1, help="Sequences of the table.")] = 1_000_000,
    threshold: Annotated[float, typer.Option(help="th^t.")] = 0.3,
    seed: Annotated[int, typer.Option(help="Makes the table.")] = 0,
) -> None:
    """Print the seconds of each part, then of all at once, and the largest memory in use, the table included."""
    table = made_table(rows, np.random.default_rng(seed))
    parts: dict[str, Callable[[], object]] = {
        "rules": lambda: rule_errors(table, threshold),
        "confusion of classes": lambda: class_confusion(table),
        "confusion of categories": lambda: category_confusion(table),
        "slices": lambda: slice_errors(table, threshold),
        "mistakes": lambda: worst_mistakes(table, threshold),
        "agreement": lambda: agreement(table, threshold),
        "all": lambda: analyse_errors(table, threshold),
    }
    console = Console()
    for name, run in parts.items():
        start, computing = perf_counter(), process_time()
        run()
        console.print(f"{name}: {perf_counter() - start:.2f} s, computing {process_time() - computing:.2f} s")
    console.print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


def made_table(rows: int, rng: np.random.Generator) -> Predictions:
    """Sequences of 39 categories in a year, two of each product; severe rules are broken most."""
    taxonomy = load_taxonomy()
    k = len(taxonomy)
    weights = np.append(_QUALIFIED, (1 - _QUALIFIED) / np.arange(1, k) / (1 / np.arange(1, k)).sum())
    labels = rng.choice(k, rows, p=weights)
    p = rng.gamma(0.2, 1, (rows, k)).astype(np.float32)
    p[:, 0] += 1
    p[np.arange(rows), labels] += rng.gamma(1, 2, rows).astype(np.float32)
    p /= p.sum(axis=1, keepdims=True)
    p_t = p[:, 0].astype(np.float64)
    p_nlg = np.clip(p_t + rng.normal(0, 0.1, rows), 0, 1)
    p_nlg[::50] = np.nan
    frame = pd.DataFrame(
        {
            "product_id": (np.arange(rows) // 2).astype(str),
            "category": rng.choice([f"category {number}" for number in range(39)], rows),
            "date": rng.choice([f"2026-{month:02d}-15" for month in range(1, 13)], rows),
            "source": rng.choice(["shop", "mall", "fair"], rows),
            "split": "test",
            "label": np.array(taxonomy.ids, dtype=object)[labels],
            "images": [("a.jpg",) * int(count) for count in rng.integers(2, 4, rows)],
        }
    )
    return Predictions(frame, p, p_t, p_nlg, taxonomy)


if __name__ == "__main__":
    typer.run(main)
