"""One step of a catalogue run: its next product through the whole method, and the result into the store.

Everything that a step needs lies in the store and on disk, so a run that was interrupted at any point goes on as if
nothing had happened: the product that was in work is run again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

from agpis.errors import AgpisError, ModelError, StoreError
from agpis.images import read_product
from agpis.reasons import Reason
from agpis.store.catalogue_runs import CatalogueRuns
from agpis.store.catalogue_values import Run, RunProduct, RunStatus
from agpis.types import PipelineSettings, Product, SequenceResult


class RunsProducts(Protocol):
    """What a run needs of `agpis.pipeline.AgpisPipeline`."""

    def __call__(self, product: Product, settings: PipelineSettings | None = None) -> SequenceResult:
        """The answer for one product."""


@dataclass(frozen=True, slots=True)
class Models:
    """The models of a server.

    Attributes:
        pipeline: ready to use.
        version: which models they are.
    """

    pipeline: RunsProducts
    version: str


def take_step(runs: CatalogueRuns, run_id: int, load: Callable[[], Models]) -> bool:
    """Run the next product of a run, or end the run.

    A product that cannot be run is kept with the reason, and the run goes on.

    Args:
        runs: the store.
        run_id: the run.
        load: gives the models; asked only when there is a product to run.

    Returns:
        Whether there is more to do.

    Raises:
        ModelError: when the models do not load, or are not those that the run began with.
        StoreError: when the store fails; nothing is half-written.
    """
    if runs.begin(run_id) is not RunStatus.RUNNING:
        return False
    product = runs.next_product(run_id)
    if product is None:
        runs.stop(run_id, RunStatus.DONE)
        return False
    run, models = runs.run(run_id), load()
    if models.version != run.model_version:
        raise ModelError(Reason.MODELS_CHANGED.format(before=run.model_version, now=models.version))
    _run_product(runs, run, product, models.pipeline)
    return True


def _run_product(runs: CatalogueRuns, run: Run, product: RunProduct, pipeline: RunsProducts) -> None:
    started = perf_counter()
    files = [(file, run.folder / file) for file in product.files]
    try:
        loaded = read_product(product.product_id, product.title, files, product.category)
        result = pipeline(loaded, run.settings)
    except StoreError:
        raise
    except AgpisError as error:
        runs.record_failure(product, str(error), perf_counter() - started)
    else:
        runs.record(product, result, perf_counter() - started)
