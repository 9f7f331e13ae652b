"""From a result of the pipeline to what a reviewer is asked."""

from __future__ import annotations

from collections.abc import Mapping

from agpis.errors import StoreError
from agpis.reasons import Reason
from agpis.store.values import StoredPhoto, Submission
from agpis.types import SequenceResult


def submission_of(
    result: SequenceResult,
    photos: Mapping[str, bytes],
    *,
    title: str,
    category: str = "",
    model_version: str,
    threshold_version: str,
    source: str = "",
    submitted_by: str = "",
) -> Submission:
    """The submission of a scored sequence.

    Args:
        result: with a sequence and p^t, whether above th^t or not.
        photos: file -> bytes, of every photo of the sequence.
        title: product title W^t.
        category: the shop's category path.
        model_version: see `agpis.model_version`.
        threshold_version: which choice of th^t was in force.
        source: where the product comes from.
        submitted_by: who submits.

    Raises:
        StoreError: when the result holds no scored sequence, or the bytes of a photo are missing.
    """
    if result.p_qualified is None or not result.sequence:
        raise StoreError(Reason.NOTHING_TO_REVIEW.format(product=result.product_id, clause=result.reason))
    missing = [file for file in result.sequence if file not in photos]
    if missing:
        raise StoreError(Reason.PHOTOS_LACKING.format(product=result.product_id, files=", ".join(missing)))
    return Submission(
        product_id=result.product_id,
        title=title,
        category=category,
        photos=tuple(StoredPhoto(file, photos[file]) for file in result.sequence),
        p_qualified=result.p_qualified,
        p_nlg_qualified=result.p_nlg_qualified,
        rule_probabilities=result.rule_probabilities,
        feedback=result.feedback or "",
        model_version=model_version,
        submission_threshold=result.threshold,
        threshold_version=threshold_version,
        source=source,
        submitted_by=submitted_by,
    )
