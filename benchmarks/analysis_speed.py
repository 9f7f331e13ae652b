"""Time and memory of the commands on a made table: python -m benchmarks.analysis_speed --rows 1000000."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from agpis.data.predictions import probability_columns
from agpis.rules import load_taxonomy

COMMANDS = {
    "metrics": ["metrics", "--split", "all"],
    "threshold": ["threshold", "--at-most", "0.1"],
    "errors": ["errors", "--split", "all"],
}
_QUALIFIED = 0.71  # Table 1


def main(
    rows: Annotated[int, typer.Option(min=1000, help="Sequences of the table.")] = 1_000_000,
    seed: Annotated[int, typer.Option(help="Makes the table.")] = 0,
) -> None:
    """Print the seconds and the largest memory of each command, reading the table included, and of all together."""
    shown = Table("command", "seconds", "processor seconds", "GB at most", title=f"{rows:,} rows")
    total = np.zeros(2)
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "table.parquet"
        made_table(rows, np.random.default_rng(seed)).to_parquet(table)
        for name, words in COMMANDS.items():
            seconds, processor, memory = measured(
                [sys.executable, "-m", "analysis", *words[:1], str(table), *words[1:]]
            )
            total += seconds, processor
            shown.add_row(name, f"{seconds:.1f}", f"{processor:.1f}", f"{memory:.2f}")
    shown.add_row("together", *(f"{value:.1f}" for value in total), "")
    Console().print(shown)


def measured(command: list[str]) -> tuple[float, float, float]:
    """Seconds, processor seconds and largest memory in GB of a command.

    Raises:
        RuntimeError: when it fails; what it printed is part of the message.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{' '.join(command)} failed: {said}")
    return time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e9


def made_table(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Sequences of 39 categories in a year, two of each product, half for choosing; severe rules are broken most."""
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
            "split": np.where(np.arange(rows) // 2 % 2, "val", "test"),
            "label": np.array(taxonomy.ids, dtype=object)[labels],
            "images": [["a.jpg"] * int(count) for count in rng.integers(2, 4, rows)],
            "p_t": p_t,
            "p_nlg": p_nlg,
        }
    )
    return pd.concat([frame, pd.DataFrame(p, columns=list(probability_columns(taxonomy)))], axis=1)


if __name__ == "__main__":
    typer.run(main)
