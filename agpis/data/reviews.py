"""AGPIS-data (section 4.1): reviewed image sequences and the labels of single images, as JSON lines.

One review a line: `{"product_id", "title", "category", "images": [file, ...], "feedback", "date", "source", "split"}`.
One image a line: `{"file", "product_id", "noncompliant", "primary", "defects", "source", "split"}`. Files are relative
to the folder of the table. The class of a review is never stored: it is always read off the feedback.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, TypeVar

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from agpis.errors import CatalogError, RulesError, SettingsError
from agpis.rules import RuleCategory, RuleTaxonomy

REVIEWS_FILE = "reviews.jsonl"
IMAGES_FILE = "images.jsonl"
SPLITS = ("train", "val", "test")


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
        date: day of the review, ISO 8601; may be empty.
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


def read_reviews(path: Path | str, taxonomy: RuleTaxonomy) -> Iterator[ReviewRecord]:
    """Read reviews one by one; a review without a split gets that of its SKU.

    Raises:
        CatalogError: when the file cannot be read or a line is not a review; the message names file and line.
    """
    for where, line in _lines(Path(path), _ReviewLine):
        try:
            rule_id = taxonomy.classify_feedback(line.feedback).id
        except RulesError as error:
            raise CatalogError(f"{where}: {error}") from error
        yield ReviewRecord(
            product_id=line.product_id,
            title=line.title,
            category=line.category,
            images=line.images,
            feedback=line.feedback,
            rule_id=rule_id,
            date=line.date,
            source=line.source,
            split=line.split or sku_split(line.product_id),
        )


def write_reviews(path: Path | str, records: Iterable[ReviewRecord]) -> int:
    """Write reviews one a line, in the given order, and return how many; `rule_id` is left to the feedback."""
    return _write(Path(path), (review_to_json(record) for record in records))


def review_to_json(record: ReviewRecord) -> dict[str, object]:
    """One line of a review table; `rule_id` is left to the feedback."""
    return {key: value for key, value in asdict(record).items() if key != "rule_id"}


def read_image_labels(path: Path | str) -> Iterator[ImageLabel]:
    """Read image labels one by one.

    Raises:
        CatalogError: when the file cannot be read or a line is not an image label; the message names file and line.
    """
    for _, line in _lines(Path(path), _ImageLine):
        fields = line.model_dump()
        fields["split"] = line.split or sku_split(line.product_id)
        yield ImageLabel(**fields)


def write_image_labels(path: Path | str, labels: Iterable[ImageLabel]) -> int:
    """Write image labels one a line, in the given order, and return how many."""
    return _write(Path(path), (asdict(label) for label in labels))


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


def _check_file(name: str) -> str:
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\\" in name:
        raise ValueError(f"{name!r} is not a file inside the folder of the table")
    return name


_File = Annotated[str, AfterValidator(_check_file)]
_Split = Annotated[str, Field(pattern=r"^(train|val|test)?$")]


class _ReviewLine(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    product_id: str = Field(min_length=1)
    title: str
    images: tuple[_File, ...] = Field(min_length=1)
    feedback: str
    category: str = ""
    date: str = ""
    source: str = ""
    split: _Split = ""


class _ImageLine(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    file: _File
    product_id: str = Field(min_length=1)
    noncompliant: bool
    primary: bool | None
    defects: tuple[str, ...] = ()
    source: str = ""
    split: _Split = ""


_Line = TypeVar("_Line", _ReviewLine, _ImageLine)


def _lines(path: Path, model: type[_Line]) -> Iterator[tuple[str, _Line]]:
    try:
        with path.open(encoding="utf-8") as lines:
            for number, text in enumerate(lines, start=1):
                if text.strip():
                    where = f"{path}, line {number}"
                    yield where, _parse(text, model, where)
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"{path} cannot be read as UTF-8 text: {error}") from error


def _parse(text: str, model: type[_Line], where: str) -> _Line:
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'line'}: {item['msg']}" for item in error.errors()
        )
        raise CatalogError(f"{where}: {problems}") from error


def _write(path: Path, rows: Iterable[Mapping[str, object]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as lines:
        for row in rows:
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count
