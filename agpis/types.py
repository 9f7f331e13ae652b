"""The values AGPIS passes around: frozen, free of I/O, named as in the paper.

Every result says what happened and why. `to_json` turns any of them into the one JSON form.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import PurePath
from typing import Any

import numpy as np
import numpy.typing as npt

from agpis.errors import SettingsError

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-aligned rectangle in pixels of the original image.

    Attributes:
        x: left edge, 0 at the left border of the image.
        y: upper edge, 0 at the upper border of the image.
        w: width, at least 1.
        h: height, at least 1.
    """

    x: int
    y: int
    w: int
    h: int

    def __post_init__(self) -> None:
        if self.x < 0 or self.y < 0 or self.w < 1 or self.h < 1:
            raise ValueError(f"a box needs x, y >= 0 and w, h >= 1, got {self}")

    @property
    def area(self) -> int:
        """Number of pixels covered."""
        return self.w * self.h

    def iou(self, other: Box) -> float:
        """Intersection over union with `other`, in [0, 1]."""
        width = min(self.x + self.w, other.x + other.w) - max(self.x, other.x)
        height = min(self.y + self.h, other.y + other.h) - max(self.y, other.y)
        intersection = max(width, 0) * max(height, 0)
        return intersection / (self.area + other.area - intersection)


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """One decoded candidate image, i in R^{H x W x 3} (section 3.1).

    Attributes:
        file: name that identifies the image within its product.
        pixels: (H, W, 3) uint8 RGB, values 0 to 255; not to be written to.
    """

    file: str
    pixels: Pixels

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 3:
            raise ValueError(
                f"{self.file}: pixels must be (H, W, 3) uint8 RGB, got shape {self.pixels.shape} of {self.pixels.dtype}"
            )

    @property
    def height(self) -> int:
        """H in pixels."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """W in pixels."""
        return int(self.pixels.shape[1])


@dataclass(frozen=True, slots=True)
class UnreadableImage:
    """A file that could not be read as an image; the product goes on without it.

    Attributes:
        file: name of the file.
        cause: the `cause` of the ImageError, e.g. "truncated".
        reason: one sentence for a person.
    """

    file: str
    cause: str
    reason: str


@dataclass(frozen=True, slots=True)
class Product:
    """A product: its title W^t and its K^c candidate images I^c (section 3.1).

    Attributes:
        product_id: the shop's identifier (SKU).
        title: product title; may be empty.
        images: the readable candidate images, file names unique.
        unreadable: the files that could not be read.
        category: the shop's category path, or an empty string.
    """

    product_id: str
    title: str
    images: tuple[Image, ...]
    unreadable: tuple[UnreadableImage, ...] = ()
    category: str = ""

    def __post_init__(self) -> None:
        names = [image.file for image in self.images]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"product {self.product_id}: file names occur twice: {repeated}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of evidence on an image.

    Attributes:
        kind: machine-readable word, e.g. "banner" or "low_resolution".
        message: one sentence for a person.
        score: strength in [0, 1].
        box: where on the image, or None when it concerns the whole image.
        rule_id: the rule it supports, e.g. "S03"; empty when the taxonomy has none for this kind.
        text: what was read there, words of one line apart by spaces; empty when nothing was.
    """

    kind: str
    message: str
    score: float
    box: Box | None = None
    rule_id: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class ImageAssessment:
    """What single-image recognition says of one image (section 3.3.1).

    Attributes:
        file: the image.
        p_primary: p^primary in [0, 1], probability of being a primary image (eq. 1).
        p_noncompliant: p^nc in [0, 1], probability of non-compliant content.
        findings: evidence, strongest first.
        palette: share of the foreground in each colour bin (`agpis.stage1.palette`), sums to 1; empty when unknown.
        quality: every check of `agpis.stage1.quality` with its score, strongest first, before any threshold; empty when
            none was made.
    """

    file: str
    p_primary: float
    p_noncompliant: float
    findings: tuple[Finding, ...] = ()
    palette: tuple[float, ...] = ()
    quality: tuple[Finding, ...] = ()


class PairRelation(StrEnum):
    """How two images of a product relate."""

    DUPLICATE = "duplicate"
    VARIANT = "variant"


@dataclass(frozen=True, slots=True)
class PairMatch:
    """What image-pair recognition says of two images, before any threshold (section 3.3.2).

    Attributes:
        first: one image.
        second: the other image.
        relation: DUPLICATE for the same appearance, VARIANT for the same picture in other colours.
        similarity: in [0, 1]; 1 is certain.
        boxes: matched regions, each as (box on `first`, box on `second`).
    """

    first: str
    second: str
    relation: PairRelation
    similarity: float
    boxes: tuple[tuple[Box, Box], ...]


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """A violating image pair and what became of it (section 3.3.2).

    Attributes:
        kept: the image that stays: the primary, else the one with the smaller p^nc.
        removed: the image that was taken out.
        relation: which kind of violation.
        similarity: in [0, 1].
        boxes: matched regions, each as (box on `kept`, box on `removed`).
    """

    kept: str
    removed: str
    relation: PairRelation
    similarity: float
    boxes: tuple[tuple[Box, Box], ...]


class RemovalCause(StrEnum):
    """Why stage 1 took an image out."""

    NONCOMPLIANT = "noncompliant"
    DUPLICATE = "duplicate"
    VARIANT = "variant"
    OTHER_COLOUR = "other_colour"


@dataclass(frozen=True, slots=True)
class Removal:
    """An image that stage 1 took out of I^c.

    Attributes:
        file: the image.
        cause: the decision that removed it.
        reason: one sentence for a person, with the value and the limit.
    """

    file: str
    cause: RemovalCause
    reason: str


class Outcome(StrEnum):
    """How the run of one product ended."""

    SUBMIT = "submit"
    BELOW_THRESHOLD = "below_threshold"
    NO_READABLE_IMAGE = "no_readable_image"
    NO_PRIMARY = "no_primary"
    TOO_FEW_IMAGES = "too_few_images"


@dataclass(frozen=True, slots=True)
class StageOneResult:
    """Stage 1 of one product (section 3.3).

    Attributes:
        assessments: one per readable image, in the product's order.
        primary: the primary image, or None when no image passed the threshold.
        duplicates: the violating pairs in the order they were decided.
        removals: the images taken out in the order they were taken out.
        remaining: images still in I^c after all removals, in the product's order.
        sequence: I^t, primary first; empty when stage 1 terminated.
        termination: why stage 1 ended without a sequence, or None.
        reason: one sentence for a person.
    """

    assessments: tuple[ImageAssessment, ...]
    primary: str | None
    duplicates: tuple[DuplicatePair, ...]
    removals: tuple[Removal, ...]
    remaining: tuple[str, ...]
    sequence: tuple[str, ...]
    termination: Outcome | None
    reason: str


@dataclass(frozen=True, slots=True)
class SequenceScore:
    """What MUIsC says of one image sequence (section 3.4).

    Attributes:
        sequence: the scored files in order.
        rule_probabilities: class id -> p_i^mcc, in the order of the taxonomy, sums to 1.
        p_qualified: p^t = p_1^mcc in [0, 1] (section 3.4.3).
        feedback: generated reviewer's feedback, or None when it was not asked for.
        p_nlg_qualified: p^nlg("yes"), the generator's reading of the same probability, or None.
    """

    sequence: tuple[str, ...]
    rule_probabilities: dict[str, float]
    p_qualified: float
    feedback: str | None = None
    p_nlg_qualified: float | None = None


class ImageStatus(StrEnum):
    """What became of one candidate file."""

    SELECTED = "selected"
    REMAINING = "remaining"
    REMOVED = "removed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class ImageReport:
    """One candidate file in the result, readable or not.

    Attributes:
        file: name of the file.
        status: what became of it.
        reason: one sentence for a person; why it has that status.
        p_primary: p^primary in [0, 1], or None when unreadable or never assessed.
        p_noncompliant: p^nc in [0, 1], or None when unreadable or never assessed.
        findings: evidence, strongest first; of the quality checks only those above their threshold.
        quality: quality check -> score in [0, 1], larger is worse; empty when none was made.
    """

    file: str
    status: ImageStatus
    reason: str
    p_primary: float | None
    p_noncompliant: float | None
    findings: tuple[Finding, ...] = ()
    quality: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SequenceResult:
    """The framework's answer for one product.

    Attributes:
        product_id: the product.
        outcome: how the run ended.
        reason: one sentence for a person.
        sequence: I^t in order; empty when stage 1 terminated.
        p_qualified: p^t in [0, 1], or None when nothing was scored.
        threshold: th^t, the submission threshold in [0, 1].
        rule_probabilities: class id -> probability; empty when nothing was scored.
        feedback: MUIsC's written feedback, or None.
        p_nlg_qualified: p^nlg("yes") in [0, 1], or None.
        images: every candidate file, in the product's order, unreadable ones last.
        duplicates: violating pairs.
        notes: what else the reader should know, e.g. that the title is empty or was cut.
        timings: stage -> seconds.
    """

    product_id: str
    outcome: Outcome
    reason: str
    sequence: tuple[str, ...]
    p_qualified: float | None
    threshold: float
    rule_probabilities: dict[str, float]
    feedback: str | None
    p_nlg_qualified: float | None
    images: tuple[ImageReport, ...]
    duplicates: tuple[DuplicatePair, ...]
    notes: tuple[str, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """Everything about a run that an operator may choose.

    Attributes:
        num_images: K^t, images in the target sequence, 1 to 10.
        primary_threshold: an image needs a larger p^primary to be the primary image.
        tie_threshold: of images whose p^primary lies no further than this below the largest, the first in the product's
            order is the primary image; 0 takes the largest, as the paper does.
        noncompliance_threshold: images with a larger p^nc are removed.
        quality_threshold: images with a quality check above it are removed; 1 leaves all of them.
        duplicate_threshold: pairs with at least this similarity violate an image-pair rule.
        submission_threshold: th^t; a sequence is submitted when p^t is at least this.
        remove_variants: also take out images in other colours than the primary image.
        colour_threshold: images whose colours agree less than this with the primary image's show another colour; 0
            leaves only the same picture in other colours.
        seed: for the random choice of the images that follow the primary.
    """

    num_images: int = 3
    primary_threshold: float = 0.5
    tie_threshold: float = 0.0
    noncompliance_threshold: float = 0.5
    quality_threshold: float = 0.97
    duplicate_threshold: float = 0.5
    submission_threshold: float = 0.3
    remove_variants: bool = True
    colour_threshold: float = 0.4
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.num_images <= 10:
            raise SettingsError(f"num_images (K^t) must be 1 to 10, got {self.num_images}")
        for name in (
            "primary_threshold",
            "tie_threshold",
            "noncompliance_threshold",
            "quality_threshold",
            "duplicate_threshold",
            "colour_threshold",
            "submission_threshold",
        ):
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                raise SettingsError(f"{name} must lie in [0, 1], got {value}")


def to_json(value: Any) -> Any:
    """Turn a result into plain JSON values: boxes as [x, y, w, h], moments as ISO 8601, numbers rounded to 6 digits.

    Raises:
        TypeError: for a value that has no JSON form, such as pixels.
    """
    if isinstance(value, Box):
        return [value.x, value.y, value.w, value.h]
    if isinstance(value, Image):
        raise TypeError(f"image {value.file} has no JSON form; send its file name")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, PurePath | datetime):
        return value.as_posix() if isinstance(value, PurePath) else value.isoformat()
    if isinstance(value, float):
        return round(value, 6)
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(f"no JSON form for {type(value).__name__}")
