"""From values to rows and back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agpis.store.tables import DecisionRow, ItemPhotoRow, ItemRow, TurnRow
from agpis.store.values import Decision, ItemStatus, PhotoRef, QueueItem, Region, Submission, Verdict
from agpis.types import Box


def content_key(submission: Submission, sha256s: tuple[str, ...]) -> str:
    """Hash of product, title, photos in order and model: what makes two submissions the same question."""
    digest = hashlib.sha256()
    for part in (submission.product_id, submission.title, submission.model_version, *sha256s):
        digest.update(hashlib.sha256(part.encode()).digest())
    return digest.hexdigest()


def item_row(submission: Submission, sha256s: tuple[str, ...], now: datetime) -> ItemRow:
    """A new item with its photos and its first turn."""
    return ItemRow(
        content=content_key(submission, sha256s),
        product_id=submission.product_id,
        title=submission.title,
        category=submission.category,
        p_qualified=submission.p_qualified,
        p_nlg_qualified=submission.p_nlg_qualified,
        rule_probabilities=dict(submission.rule_probabilities),
        feedback=submission.feedback,
        model_version=submission.model_version,
        submission_threshold=submission.submission_threshold,
        threshold_version=submission.threshold_version,
        source=submission.source,
        submitted_by=submission.submitted_by,
        submitted_at=now,
        photos=[
            ItemPhotoRow(place=place, file=photo.file, sha256=sha256)
            for place, (photo, sha256) in enumerate(zip(submission.photos, sha256s, strict=True), start=1)
        ],
        turns=[TurnRow(opinion=1)],
    )


def queue_item(row: ItemRow, now: datetime, turn: TurnRow | None = None) -> QueueItem:
    """An item as it stands at `now`; its status is that of `turn`, by default of its first open one."""
    turn = turn or next((turn for turn in row.turns if turn.decided_by is None), row.turns[-1])
    status = ItemStatus.DECIDED
    if turn.decided_by is None:
        held = turn.claimed_until is not None and turn.claimed_until > now
        status = ItemStatus.CLAIMED if held else ItemStatus.WAITING
    claimed = status is ItemStatus.CLAIMED
    return QueueItem(
        id=row.id,
        status=status,
        opinion=turn.opinion,
        product_id=row.product_id,
        title=row.title,
        category=row.category,
        photos=tuple(PhotoRef(photo.file, photo.sha256, photo.photo.num_bytes) for photo in row.photos),
        p_qualified=row.p_qualified,
        p_nlg_qualified=row.p_nlg_qualified,
        rule_probabilities=row.rule_probabilities,
        feedback=row.feedback,
        model_version=row.model_version,
        submission_threshold=row.submission_threshold,
        threshold_version=row.threshold_version,
        source=row.source,
        submitted_by=row.submitted_by,
        submitted_at=row.submitted_at,
        claimed_by=(turn.claimed_by or "") if claimed else "",
        claimed_until=turn.claimed_until if claimed else None,
    )


def verdict_columns(verdict: Verdict) -> Mapping[str, Any]:
    """The columns of `decisions` that hold a verdict."""
    regions = [[region.image, region.box.x, region.box.y, region.box.w, region.box.h] for region in verdict.regions]
    return {
        "accepted": verdict.accepted,
        "rule_id": verdict.rule_id,
        "comment": verdict.comment,
        "regions": regions,
    }


def verdict_of(row: DecisionRow) -> Verdict:
    """The verdict in a row of `decisions`."""
    regions = tuple(Region(image, Box(*box)) for image, *box in row.regions)
    return Verdict(row.accepted, row.rule_id, row.comment, regions)


def decision(row: DecisionRow, turn: TurnRow, item: ItemRow, retracted: bool) -> Decision:
    """One line of the record, with what the model had said."""
    return Decision(
        id=row.id,
        item_id=item.id,
        product_id=item.product_id,
        reviewer=row.reviewer,
        decided_at=row.decided_at,
        verdict=verdict_of(row),
        opinion=turn.opinion,
        retracts=row.retracts,
        retracted=retracted,
        p_qualified=item.p_qualified,
        rule_probabilities=item.rule_probabilities,
        feedback=item.feedback,
        model_version=item.model_version,
        submission_threshold=item.submission_threshold,
        threshold_version=item.threshold_version,
    )
