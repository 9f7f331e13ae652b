"""Everything of a run that reaches th^t, into the review queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from agpis.errors import AgpisError, MissingImageError
from agpis.reasons import Reason
from agpis.store import Store, StoredPhoto, Submission
from agpis.store.catalogue_runs import CatalogueRuns
from agpis.store.catalogue_values import Run, RunProduct
from agpis.types import Outcome


@dataclass(frozen=True, slots=True)
class Unsent:
    """A sequence that could not be sent.

    Attributes:
        product_id: whose.
        reason: why, for a person.
    """

    product_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class SendSummary:
    """What a click on "send to review" did.

    Attributes:
        num_sent: sequences that are in the queue now and were not before.
        unsent: those that could not be sent.
    """

    num_sent: int
    unsent: tuple[Unsent, ...]


def send_to_review(
    runs: CatalogueRuns, store: Store, run_id: int, who: str = "", progress: Callable[[float], None] | None = None
) -> SendSummary:
    """Put every sequence of the run that reaches th^t and is not in the review queue yet into it.

    Each is noted as soon as it is there; the same sequence still waiting in the queue is not put there twice, so an
    interrupted call can be repeated.

    Args:
        runs: the runs.
        store: the queue, in the same database.
        run_id: the run.
        who: name or e-mail of whoever sends.
        progress: called with the share of the sequences that were tried, in [0, 1].

    Raises:
        StoreError: when there is no such run, or it cannot be read.
    """
    run = runs.run(run_id)
    ready = [product for product in runs.products(run_id, Outcome.SUBMIT) if product.item_id is None]
    sent, unsent = 0, []
    for number, product in enumerate(ready, start=1):
        try:
            runs.record_submission(product, store.submit(_submission(run, product, who)))
            sent += 1
        except AgpisError as error:
            unsent.append(Unsent(product.product_id, str(error)))
        if progress is not None:
            progress(number / len(ready))
    return SendSummary(sent, tuple(unsent))


def _submission(run: Run, product: RunProduct, who: str) -> Submission:
    result = product.result
    assert product.p_qualified is not None, "a sequence that reaches th^t was scored"
    return Submission(
        product_id=product.product_id,
        title=product.title,
        category=product.category,
        photos=tuple(_photo(run, file) for file in product.sequence),
        p_qualified=product.p_qualified,
        p_nlg_qualified=result["p_nlg_qualified"],
        rule_probabilities=result["rule_probabilities"],
        feedback=result["feedback"] or "",
        model_version=run.model_version,
        submission_threshold=run.settings.submission_threshold,
        threshold_version=run.threshold_version,
        source=f"catalogue run {run.id}: {run.name}",
        submitted_by=who,
    )


def _photo(run: Run, file: str) -> StoredPhoto:
    try:
        return StoredPhoto(PurePosixPath(file).name, (run.folder / file).read_bytes())
    except OSError as error:
        raise MissingImageError(file, Reason.FILE_CLOSED_SINCE.format(error=error.strerror)) from error
