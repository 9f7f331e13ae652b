"""How long the metrics of a made table take, with all intervals: python -m benchmarks.metrics_speed --rows 1000000."""

from __future__ import annotations

import resource
import time
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from agpis.rules import load_taxonomy
from analysis.metrics import Bootstrap, measure
from analysis.predictions import Predictions

# A product has three sequences; four of five are qualified.
_SEQUENCES, _QUALIFIED = 3, 0.8


def made_predictions(rows: int, seed: int = 0) -> Predictions:
    """A table of a model with some skill, without reading or checking."""
    taxonomy, rng = load_taxonomy(), np.random.default_rng(seed)
    labels = np.where(rng.random(rows) < _QUALIFIED, 0, rng.integers(1, len(taxonomy), size=rows))
    p = rng.gamma(0.3, size=(rows, len(taxonomy))).astype(np.float32)
    p[np.arange(rows), labels] += rng.gamma(0.8, size=rows).astype(np.float32)
    p /= p.sum(axis=1, keepdims=True)
    products = rng.integers(-(-rows // _SEQUENCES), size=rows).astype(str)
    ids = np.array(taxonomy.ids, dtype=object)
    frame = pd.DataFrame({"product_id": products, "label": ids[labels], "split": "test"})
    return Predictions(frame, p, p[:, 0].astype(np.float64), np.full(rows, np.nan), taxonomy)


def main(
    rows: Annotated[int, typer.Option(min=1)] = 100_000,
    resamples: Annotated[int | None, typer.Option(min=1, help="Of the bootstrap; as the commands do without.")] = None,
) -> None:
    """Print the seconds and the memory that `analysis.metrics.measure` takes."""
    predictions = made_predictions(rows)
    bootstrap = Bootstrap.for_rows(rows) if resamples is None else Bootstrap(resamples)
    wall, processor = time.perf_counter(), time.process_time()
    found = measure(predictions, bootstrap=bootstrap)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # KiB on Linux
    print(
        f"{rows:,} rows, {found.products:,} products, {found.resamples:,} resamples: {wall:.1f} s, "
        f"{processor:.1f} s of processor time, {peak:.1f} GiB at most"
    )


if __name__ == "__main__":
    typer.run(main)
