"""The values that go into the store and come out of it: frozen, checked, free of any database."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agpis.errors import StoreError
from agpis.types import Box


class ItemStatus(StrEnum):
    """Where an item stands in the queue."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    DECIDED = "decided"


def check_text(name: str, value: str, *, required: bool = False) -> None:
    """Refuse text that a database cannot hold.

    Raises:
        StoreError: when `value` holds a NUL character or half a surrogate pair, or is empty though `required`.
    """
    if required and not value.strip():
        raise StoreError(f"{name} is empty; give one")
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise StoreError(f"{name} {value[:60]!r} holds characters that no database can store; take them out")


def _check_share(name: str, value: float) -> None:
    if not (math.isfinite(value) and 0 <= value <= 1):
        raise StoreError(f"{name} must be in [0, 1], got {value}")


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """One photo of a sequence, as it came.

    Attributes:
        file: name of the photo within its product.
        data: the bytes of the file, unchanged.
    """

    file: str
    data: bytes

    def __post_init__(self) -> None:
        check_text("file name of a photo", self.file, required=True)
        if not self.data:
            raise StoreError(f"photo {self.file} has no bytes; give the content of the file")


@dataclass(frozen=True, slots=True)
class PhotoRef:
    """One photo of a queued sequence; `Store.photo(sha256)` gives its bytes.

    Attributes:
        file: name of the photo within its product.
        sha256: of the bytes, 64 hex digits.
        num_bytes: size of the file.
    """

    file: str
    sha256: str
    num_bytes: int


@dataclass(frozen=True, slots=True)
class Submission:
    """A sequence that goes to a human reviewer, with all that the model said of it (section 3.2).

    Attributes:
        product_id: the SKU.
        title: product title W^t; may be empty.
        category: the shop's category path; may be empty.
        photos: I^t in order, 1 or more.
        p_qualified: p^t in [0, 1].
        p_nlg_qualified: p^nlg("yes") in [0, 1], or None when no text was generated.
        rule_probabilities: class id -> probability; the only rules that a reviewer may name.
        feedback: what MUIsC wrote; may be empty.
        model_version: which model spoke, e.g. `agpis.model_folder.model_version`.
        submission_threshold: th^t in [0, 1].
        threshold_version: which choice of th^t was in force.
        source: where the product comes from; may be empty.
        submitted_by: name or e-mail of whoever submitted; may be empty.
    """

    product_id: str
    title: str
    category: str
    photos: tuple[StoredPhoto, ...]
    p_qualified: float
    p_nlg_qualified: float | None
    rule_probabilities: Mapping[str, float]
    feedback: str
    model_version: str
    submission_threshold: float
    threshold_version: str
    source: str = ""
    submitted_by: str = ""

    def __post_init__(self) -> None:
        for name in ("product_id", "model_version"):
            check_text(name, getattr(self, name), required=True)
        for name in ("title", "category", "feedback", "threshold_version", "source", "submitted_by"):
            check_text(name, getattr(self, name))
        if not self.photos:
            raise StoreError(f"product {self.product_id}: a submission needs at least one photo, got none")
        _check_share("p_qualified", self.p_qualified)
        _check_share("submission_threshold", self.submission_threshold)
        if self.p_nlg_qualified is not None:
            _check_share("p_nlg_qualified", self.p_nlg_qualified)
        for rule_id, probability in self.rule_probabilities.items():
            check_text("class id", rule_id, required=True)
            _check_share(f"probability of {rule_id}", probability)


@dataclass(frozen=True, slots=True)
class Region:
    """A place on one photo that a reviewer marked.

    Attributes:
        image: place of the photo in the sequence, from 1.
        box: in pixels of the photo.
    """

    image: int
    box: Box

    def __post_init__(self) -> None:
        if self.image < 1:
            raise StoreError(f"the image of a region is its place in the sequence, from 1, got {self.image}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer says of a sequence.

    Attributes:
        accepted: whether the sequence meets every rule.
        rule_id: the rule it breaks; empty exactly when accepted.
        comment: the reviewer's words; may be empty.
        regions: where on the photos.
    """

    accepted: bool
    rule_id: str = ""
    comment: str = ""
    regions: tuple[Region, ...] = ()

    def __post_init__(self) -> None:
        check_text("comment", self.comment)
        if self.accepted and self.rule_id:
            raise StoreError(
                f"an accepted sequence breaks no rule, got {self.rule_id}; reject it, or leave the rule out"
            )
        if not self.accepted:
            check_text("rule of a rejection", self.rule_id, required=True)


@dataclass(frozen=True, slots=True)
class OutsideVerdict:
    """A verdict that was given outside the queue, e.g. in Label Studio.

    Attributes:
        item_id: the item.
        reviewer: who.
        verdict: what was said.
        decided_at: when, with a time zone.
    """

    item_id: int
    reviewer: str
    verdict: Verdict
    decided_at: datetime

    def __post_init__(self) -> None:
        check_text("reviewer", self.reviewer, required=True)
        if self.decided_at.tzinfo is None:
            raise StoreError(f"the moment of a verdict needs a time zone, got {self.decided_at}")


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A submitted sequence and where it stands in the queue.

    Attributes:
        id: number of the item.
        status: waiting, claimed or decided; a lapsed claim counts as waiting.
        opinion: which opinion is wanted or was given last: 1 for the first, 2 for a second one.
        photos: I^t in order.
        submitted_at: moment of the submission, UTC.
        claimed_by: who holds the item; empty when nobody does.
        claimed_until: when the claim lapses, UTC, or None when nobody holds it.

    All other fields are those of the `Submission`.
    """

    id: int
    status: ItemStatus
    opinion: int
    product_id: str
    title: str
    category: str
    photos: tuple[PhotoRef, ...]
    p_qualified: float
    p_nlg_qualified: float | None
    rule_probabilities: Mapping[str, float]
    feedback: str
    model_version: str
    submission_threshold: float
    threshold_version: str
    source: str
    submitted_by: str
    submitted_at: datetime
    claimed_by: str = ""
    claimed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of the record of decisions, which only ever grows.

    Attributes:
        id: number of the line; a later one is larger.
        item_id: the item.
        product_id: its SKU.
        reviewer: who.
        decided_at: when, UTC.
        verdict: what was said; of a retraction, the verdict that it takes back.
        opinion: 1 for the first opinion of an item, 2 for the second, and so on.
        retracts: number of the decision that this line takes back, or None when it is a verdict.
        retracted: whether a later line takes this one back.
        p_qualified: p^t that the model gave.
        rule_probabilities: class id -> probability that the model gave.
        feedback: what the model wrote.
        model_version: which model.
        submission_threshold: th^t that was in force at the submission.
        threshold_version: which choice of th^t that was.
    """

    id: int
    item_id: int
    product_id: str
    reviewer: str
    decided_at: datetime
    verdict: Verdict
    opinion: int
    retracts: int | None
    retracted: bool
    p_qualified: float
    rule_probabilities: Mapping[str, float]
    feedback: str
    model_version: str
    submission_threshold: float
    threshold_version: str

    @property
    def stands(self) -> bool:
        """Whether this is a verdict that nobody took back."""
        return self.retracts is None and not self.retracted


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """Items by status.

    Attributes:
        waiting: anyone may claim them.
        claimed: a reviewer holds them.
        decided: no opinion is wanted any more.
    """

    waiting: int
    claimed: int
    decided: int
