"""Measure how many reviewed sequences a second the sampler makes once the source images are rendered or read.

    python -m benchmarks.simulation_speed [--products 48] [--size 128] [--workers 2]

Rendering and reading are timed apart; sampling counts drawing of defects, reviewing, and writing of the JPEG files.
Loading torch and kornia, a few seconds once a process, counts in the wall time alone.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Annotated

import cv2
import typer
from rich.console import Console
from rich.table import Table

from agpis.rules import load_taxonomy
from agpis.simulation.chunk import Chunk, read_sources, simulate_sources
from agpis.simulation.config import SimulationConfig


def main(
    products: Annotated[int, typer.Option(min=12, help="Rendered products.")] = 48,
    size: Annotated[int, typer.Option(help="Longest side of the images in pixels.")] = 128,
    sequences: Annotated[int, typer.Option(help="Reviewed sequences a product.")] = 6,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
) -> None:
    """Print one table."""
    with tempfile.TemporaryDirectory() as folder:
        config = SimulationConfig(
            out=Path(folder), num_rendered=products, image_size=size, sequences_per_product=sequences
        )
        taxonomy = load_taxonomy()
        starts = range(0, products, 12)
        chunks = [Chunk(config, taxonomy, number, None, 0, start, start + 12) for number, start in enumerate(starts)]
        start = perf_counter()
        with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_get_ready) as pool:
            measured = list(pool.map(_measure, chunks))
        wall = perf_counter() - start
    reviews = sum(count for count, _, _ in measured)
    sampling = sum(seconds for _, _, seconds in measured)
    table = Table(title=f"{reviews} sequences of {products} products at {size} px, {workers} processes")
    for name in ("step", "seconds of one core", "sequences a second"):
        table.add_column(name, justify="left" if name == "step" else "right")
    rendering = sum(seconds for _, seconds, _ in measured)
    table.add_row("rendering", f"{rendering:.1f}", "")
    table.add_row("sampling", f"{sampling:.1f}", f"{workers * reviews / sampling:.0f} on {workers} cores")
    table.add_row("all, wall time", f"{wall:.1f}", f"{reviews / wall:.0f}")
    Console(width=100).print(table)


def _get_ready() -> None:
    cv2.setNumThreads(1)
    import_module("agpis.simulation.defects.photometric")


def _measure(chunk: Chunk) -> tuple[int, float, float]:
    """Reviews, seconds of rendering, seconds of sampling."""
    begun = perf_counter()
    sources = read_sources(chunk)
    rendered = perf_counter()
    shard = simulate_sources(chunk, sources)
    return shard.counts.reviews, rendered - begun, perf_counter() - rendered


if __name__ == "__main__":
    typer.run(main)
