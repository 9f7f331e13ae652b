"""The simulated marketplace on disk: AGPIS-data with images, candidates, reviews and image labels (section 4.1)."""

from __future__ import annotations

import logging
import multiprocessing
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import count, islice
from pathlib import Path

import cv2

from agpis.data.catalog import read_catalog
from agpis.errors import SettingsError
from agpis.rules import RuleTaxonomy, load_taxonomy
from agpis.simulation.chunk import Chunk, simulate_chunk
from agpis.simulation.config import SimulationConfig
from agpis.simulation.shards import Shard, ShardCounts, ShardStore
from agpis.simulation.summary import SimulationSummary, manifest, summarise

_logger = logging.getLogger(__name__)

MANIFEST_FILE = "manifest.json"
# Products drawn together: each other's strangers and wrong titles. Part of what a seed means, so never a setting.
_CHUNK = 12

Progress = Callable[[int, int], None]


def simulate(config: SimulationConfig, progress: Progress | None = None) -> SimulationSummary:
    """Write a simulated marketplace: `images/`, `products.jsonl`, `reviews.jsonl`, `images.jsonl`, `manifest.json`.

    Products stream through; memory does not grow with their number. A simulation that was stopped goes on when it is
    called again with the same settings. The same settings give the same bytes on one machine, whatever the number of
    workers and however often it was stopped; other machines may have other fonts.

    Args:
        config: what to simulate.
        progress: called whenever some products are finished, with (products done, products in all), or with (reviews
            done, reviews wanted) when `config.num_reviews` is given.

    Raises:
        SettingsError: when `config.out` already holds a finished simulation, or a stopped one with other settings.
        CatalogError: when a photo catalogue cannot be read.
        RulesError: when the rule file is not valid.
        MissingExtraError: when rendering or defects are wanted and their packages are missing.
    """
    if (config.out / MANIFEST_FILE).exists():
        raise SettingsError(f"{config.out} already holds a simulation; delete it or choose another folder")
    taxonomy = load_taxonomy(config.rules)
    sizes = _source_sizes(config)
    store = ShardStore(config.out, {**config.described(), "rules": taxonomy.to_yaml()})
    counts, used = ShardCounts(), 0
    results = _run(_chunks(config, taxonomy, sizes), store, config.workers)
    for chunk, shard in results:
        shard_counts = shard.counts
        wanted = config.num_reviews
        if wanted is not None and counts.reviews + shard_counts.reviews > wanted:
            shard_counts = _cut(chunk, wanted - counts.reviews, store).counts
        counts, used = counts + shard_counts, used + 1
        if progress is not None:
            progress(*((counts.reviews, wanted) if wanted is not None else (counts.products, sum(sizes.values()))))
        if counts.reviews == wanted:
            break
    results.close()
    store.discard_from(used)
    store.join(used)
    summary = summarise(config.out, counts, taxonomy)
    (config.out / MANIFEST_FILE).write_text(manifest(config, taxonomy.version, summary), encoding="utf-8")
    _logger.info("%s: %d products, %d reviews", config.out, summary.num_products, summary.num_reviews)
    return summary


def _source_sizes(config: SimulationConfig) -> dict[Path | None, int]:
    """Products of every source; None stands for the rendered ones."""
    sizes: dict[Path | None, int] = {None: config.num_rendered}
    return sizes | {folder: sum(1 for _ in read_catalog(folder)) for folder in config.catalogs}


def _chunks(config: SimulationConfig, taxonomy: RuleTaxonomy, sizes: dict[Path | None, int]) -> Iterator[Chunk]:
    """Runs of neighbouring products; the numbers of the sources keep their random streams apart."""
    numbers = count()
    for source, (catalog, size) in enumerate(sizes.items()):
        for start in range(0, size, _CHUNK):
            yield Chunk(config, taxonomy, next(numbers), catalog, source, start, min(start + _CHUNK, size))
    if config.num_reviews is not None:
        for start in count(0, _CHUNK):
            yield Chunk(config, taxonomy, next(numbers), None, 0, start, start + _CHUNK)


def _cut(chunk: Chunk, num_reviews: int, store: ShardStore) -> Shard:
    """Simulate a chunk once more up to a number of reviews, and put it in the place of the whole one."""
    store.discard(chunk.number)
    shard = simulate_chunk(chunk, num_reviews)
    store.save(chunk.number, shard)
    return shard


def _run(chunks: Iterator[Chunk], store: ShardStore, workers: int) -> Generator[tuple[Chunk, Shard], None, None]:
    """Chunks with their shards, in order; at most two chunks a worker are under way."""
    if workers == 1:
        for chunk in chunks:
            if not store.has(chunk.number):
                store.save(chunk.number, simulate_chunk(chunk))
            yield chunk, store.load(chunk.number)
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_one_thread) as pool:
        under_way: deque[tuple[Chunk, Future[Shard] | None]] = deque()

        def begin(some: int) -> None:
            for chunk in islice(chunks, some):
                under_way.append((chunk, None if store.has(chunk.number) else pool.submit(simulate_chunk, chunk)))

        try:
            begin(2 * workers)
            while under_way:
                chunk, future = under_way.popleft()
                if future is not None:
                    store.save(chunk.number, future.result())
                yield chunk, store.load(chunk.number)
                begin(1)
        finally:
            # After an error, or with enough reviews, the rest would only be thrown away.
            pool.shutdown(wait=True, cancel_futures=True)


def _one_thread() -> None:
    # As many processes as cores: more threads would only push each other aside.
    cv2.setNumThreads(1)
