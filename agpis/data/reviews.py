"""AGPIS-data (section 4.1): reviewed image sequences and the labels of single images, as JSON lines or Parquet.

One review a row: `{"product_id", "title", "category", "images": [file, ...], "feedback", "date", "source", "split"}`.
One image a row: `{"file", "product_id", "noncompliant", "primary", "defects", "source", "split"}`. Files are relative
to the folder of the table. The class of a review is never stored: it is always read off the feedback.

The readers here stream and stop at the first wrong row; `agpis.data.review_table` lists all wrong rows of a table.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from agpis.data.row_models import ImageRow, ReviewRow, validate_row
from agpis.data.rows import PARQUET, Row, read_rows, write_rows
from agpis.errors import CatalogError, RulesError, SettingsError
from agpis.rules import RuleCategory, RuleTaxonomy

REVIEWS_FILE = "reviews.jsonl"
IMAGES_FILE = "images.jsonl"
SPLITS = ("train", "val", "test")
REVIEW_COLUMNS = {
    "product_id": str,
    "title": str,
    "category": str,
    "images": tuple,
    "feedback": str,
    "date": str,
    "source": str,
    "split": str,
}
_LABEL_COLUMNS = {
    "file": str,
    "product_id": str,
    "noncompliant": bool,
    "primary": bool,
    "defects": tuple,
    "source": str,
    "split": str,
}


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """One sample of AGPIS-data: a sequence, its title and what the reviewer wrote.

    Attributes:
        product_id: the SKU.
        title: product title W^t; may be empty.
        category: the shop's category path; may be empty.
        images: the reviewed sequence I^t in order, files relative to the folder of the table.
        feedback: the reviewer's words W^f; the constant word of the taxonomy for a qualified sequence.
        rule_id: class of the sample: the first rule named in `feedback`.
        date: day or moment of the review, ISO 8601; may be empty.
        source: where the images come from; may be empty.
        split: "train", "val" or "test"; disjoint in SKUs.
    """

    product_id: str
    title: str
    category: str
    images: tuple[str, ...]
    feedback: str
    rule_id: str
    date: str = ""
    source: str = ""
    split: str = "train"


@dataclass(frozen=True, slots=True)
class ImageLabel:
    """What stage 1 learns of one image (section 3.3.1).

    Attributes:
        file: the image, relative to the folder of the table.
        product_id: the SKU.
        noncompliant: whether the image carries non-compliant content.
        primary: j^primary of equation 1, or None when no sequence of the product was approved.
        defects: words for what is wrong with the image.
        source: where the image comes from.
        split: "train", "val" or "test".
    """

    file: str
    product_id: str
    noncompliant: bool
    primary: bool | None
    defects: tuple[str, ...] = ()
    source: str = ""
    split: str = "train"


def sku_split(product_id: str) -> str:
    """The split of a product: train 80%, val 10%, test 10%, by a hash that never changes (section 4.1)."""
    digest = hashlib.sha256(product_id.encode("utf-8")).digest()
    bucket = int.from_bytes(digest[:8], "big") % 10
    return "train" if bucket < 8 else SPLITS[bucket - 7]


def review_file(path: Path | str) -> Path:
    """The review table itself, where `path` may be its folder.

    Raises:
        CatalogError: when a folder holds no `reviews.jsonl` and no `reviews.parquet`, or both.
    """
    path = Path(path)
    if not path.is_dir():
        return path
    names = (REVIEWS_FILE, Path(REVIEWS_FILE).with_suffix(PARQUET).name)
    found = [path / name for name in names if (path / name).is_file()]
    if not found:
        raise CatalogError(f"{path} holds no review table, neither {' nor '.join(names)}")
    if len(found) > 1:
        raise CatalogError(f"{path} holds both {' and '.join(names)}; remove one, or name the one to read")
    return found[0]


def read_reviews(path: Path | str, taxonomy: RuleTaxonomy) -> Iterator[ReviewRecord]:
    """Read reviews one by one, from `.jsonl` or `.parquet`; a review without a split gets that of its SKU.

    Args:
        path: a table, or the folder of one.
        taxonomy: reads the class off the feedback.

    Raises:
        CatalogError: when the file cannot be read or a row is not a review; the message names file and line.
    """
    table = review_file(path)
    for row in read_rows(table):
        try:
            yield parse_review(row, taxonomy)
        except CatalogError as error:
            raise CatalogError(f"{table}, line {row.line}: {error}") from error


def parse_review(row: Row, taxonomy: RuleTaxonomy) -> ReviewRecord:
    """The review that a row holds; a null counts as a missing value.

    Raises:
        CatalogError: when it is not a review; the message says why, the caller knows file and line.
    """
    if row.problem:
        raise CatalogError(row.problem)
    review = validate_row(ReviewRow, {name: value for name, value in row.values.items() if value is not None})
    try:
        rule_id = taxonomy.classify_feedback(review.feedback).id
    except RulesError as error:
        raise CatalogError(str(error)) from error
    fields = review.model_dump() | {"split": review.split or sku_split(review.product_id)}
    return ReviewRecord(**fields, rule_id=rule_id)


def write_reviews(path: Path | str, records: Iterable[ReviewRecord]) -> int:
    """Write reviews in the given order, as `.jsonl` or `.parquet`, and return how many.

    `rule_id` is left to the feedback.

    Raises:
        CatalogError: when the file cannot be written or has another suffix.
    """
    return write_rows(Path(path), REVIEW_COLUMNS, (review_to_json(record) for record in records))


def review_to_json(record: ReviewRecord) -> dict[str, object]:
    """One line of a review table; `rule_id` is left to the feedback."""
    return {key: value for key, value in asdict(record).items() if key != "rule_id"}


def read_image_labels(path: Path | str) -> Iterator[ImageLabel]:
    """Read image labels one by one, from `.jsonl` or `.parquet`.

    Raises:
        CatalogError: when the file cannot be read or a row is not an image label; the message names file and line.
    """
    for row in read_rows(Path(path)):
        try:
            if row.problem:
                raise CatalogError(row.problem)
            label = validate_row(ImageRow, row.values)
        except CatalogError as error:
            raise CatalogError(f"{path}, line {row.line}: {error}") from error
        yield ImageLabel(**label.model_dump() | {"split": label.split or sku_split(label.product_id)})


def write_image_labels(path: Path | str, labels: Iterable[ImageLabel]) -> int:
    """Write image labels in the given order, as `.jsonl` or `.parquet`, and return how many.

    Raises:
        CatalogError: when the file cannot be written or has another suffix.
    """
    return write_rows(Path(path), _LABEL_COLUMNS, (asdict(label) for label in labels))


def binary_label(record: ReviewRecord, taxonomy: RuleTaxonomy) -> int:
    """1 for a qualified sequence, 0 for one rejected under any of the other classes (section 4.1)."""
    return int(record.rule_id == taxonomy.qualified.id)


def balanced_subset(
    records: Iterable[ReviewRecord], taxonomy: RuleTaxonomy, category: RuleCategory, seed: int
) -> list[ReviewRecord]:
    """AGPIS-data-single, -pair or -multi (section 4.1).

    Returns:
        As many randomly chosen qualified samples as samples rejected under a rule of `category`, in their
        original order: all of the rarer kind, a random part of the other.

    Raises:
        SettingsError: when `category` is not single, pair or multi.
        CatalogError: when there is no qualified or no such rejected sample.
    """
    if category not in (RuleCategory.SINGLE, RuleCategory.PAIR, RuleCategory.MULTI):
        raise SettingsError(f"a balanced subset is of category single, pair or multi, got {category}")
    samples = list(records)
    kinds = [taxonomy[record.rule_id].category for record in samples]
    qualified = [index for index, kind in enumerate(kinds) if kind is RuleCategory.QUALIFIED]
    rejected = [index for index, kind in enumerate(kinds) if kind is category]
    count = min(len(qualified), len(rejected))
    if count == 0:
        raise CatalogError(
            f"AGPIS-data-{category} needs qualified samples and samples rejected under a {category} rule, "
            f"got {len(qualified)} and {len(rejected)}; add reviews of the missing kind"
        )
    rng = np.random.default_rng(seed)
    chosen = [*rng.choice(qualified, count, replace=False), *rng.choice(rejected, count, replace=False)]
    return [samples[index] for index in sorted(chosen)]


def primary_labels(candidates: Sequence[str], approved: Iterable[Sequence[str]]) -> Mapping[str, bool | None]:
    """j^primary of one product (equation 1).

    Args:
        candidates: the product's candidate images I^{c*}.
        approved: its sequences I^{t*} that reviewers approved.

    Returns:
        For every image of I^{t*} and I^{c*}: True for the first image of an approved sequence, False otherwise;
        None for all when no sequence was approved, which says nothing about them.
    """
    sequences = [tuple(sequence) for sequence in approved]
    if not sequences:
        return dict.fromkeys(candidates)
    firsts = {sequence[0] for sequence in sequences if sequence}
    files = dict.fromkeys([*candidates, *(file for sequence in sequences for file in sequence)])
    return {file: file in firsts for file in files}
