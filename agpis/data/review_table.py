"""A team's own review log: what can be used of it, and every wrong row with its line and the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agpis.data.reviews import (
    REVIEW_COLUMNS,
    SPLITS,
    ReviewRecord,
    binary_label,
    parse_review,
    review_file,
)
from agpis.data.rows import read_rows
from agpis.errors import CatalogError
from agpis.rules import RuleCategory, RuleTaxonomy


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that is not used.

    Attributes:
        line: line of a JSON lines file, number of the row in a Parquet file; both counted from 1.
        reason: what is wrong with it, for a person.
    """

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReviewTable:
    """A review table, read to its end.

    Attributes:
        path: the file.
        records: the usable reviews in the order of the file.
        lines: where each of `records` stands in the file.
        rejected: the other rows, in the order of the file.
        unnamed: lines of the records whose feedback names no rule, so that their class is `other`.
        ignored_columns: columns that AGPIS-data does not have, in alphabetical order.
    """

    path: Path
    records: tuple[ReviewRecord, ...]
    lines: tuple[int, ...]
    rejected: tuple[RejectedRow, ...]
    unnamed: tuple[int, ...]
    ignored_columns: tuple[str, ...]

    @property
    def num_rows(self) -> int:
        """Rows of the file, usable or not; blank lines are none."""
        return len(self.records) + len(self.rejected)


@dataclass(frozen=True, slots=True)
class SplitSummary:
    """One split of a review table.

    Attributes:
        name: "train", "val" or "test".
        num_reviews: reviews.
        num_products: SKUs.
        num_qualified: reviews of the class qualified.
    """

    name: str
    num_reviews: int
    num_products: int
    num_qualified: int

    @property
    def qualified_share(self) -> float | None:
        """Share of qualified reviews in [0, 1], or None without reviews."""
        return self.num_qualified / self.num_reviews if self.num_reviews else None


@dataclass(frozen=True, slots=True)
class ReviewSummary:
    """What the usable reviews of a table hold.

    Attributes:
        num_reviews: reviews.
        num_products: SKUs.
        num_product_categories: different words under `category`.
        first_day: earliest day of a review, or an empty string when no review has a date.
        last_day: latest day.
        lengths: images in a sequence -> reviews, shortest first.
        splits: train, val and test.
        categories: category of the verdict -> reviews, in the order of Table 1.
        rules: class id -> reviews, for the classes that occur, most frequent first.
    """

    num_reviews: int
    num_products: int
    num_product_categories: int
    first_day: str
    last_day: str
    lengths: Mapping[int, int]
    splits: tuple[SplitSummary, ...]
    categories: Mapping[str, int]
    rules: Mapping[str, int]


def load_reviews(
    path: Path | str, taxonomy: RuleTaxonomy, *, check_images: bool = False, named_rules: bool = False
) -> ReviewTable:
    """Read a whole review table; no wrong row stops it, and none is dropped silently.

    A row is rejected when `parse_review` refuses it, when its product was met in another split before (section 4.1:
    splits share no SKU), and when it repeats an earlier row.

    Args:
        path: a `.jsonl` or `.parquet` table, or the folder of one.
        taxonomy: reads the class off the feedback.
        check_images: also reject rows with an image that does not exist in the folder of the table.
        named_rules: also reject feedback that names no rule of the taxonomy; otherwise its class is `other`.

    Raises:
        CatalogError: when the file is missing, damaged as a whole, or neither JSON lines nor Parquet.
    """
    table = review_file(path)
    checks = _Checks(table.parent if check_images else None)
    records: dict[int, ReviewRecord] = {}
    rejected: list[RejectedRow] = []
    unnamed: list[int] = []
    columns: set[str] = set()
    for row in read_rows(table):
        columns.update(row.values)
        try:
            record = parse_review(row, taxonomy)
            names_rule = _names_rule(record, taxonomy)
            if named_rules and not names_rule:
                raise CatalogError(f"feedback names no rule of the rule file: {record.feedback[:80]!r}")
            checks.add(record, row.line)
        except CatalogError as error:
            rejected.append(RejectedRow(row.line, str(error)))
            continue
        records[row.line] = record
        if not names_rule:
            unnamed.append(row.line)
    return ReviewTable(
        path=table,
        records=tuple(records.values()),
        lines=tuple(records),
        rejected=tuple(rejected),
        unnamed=tuple(unnamed),
        ignored_columns=tuple(sorted(columns - REVIEW_COLUMNS.keys())),
    )


def summarise(table: ReviewTable, taxonomy: RuleTaxonomy) -> ReviewSummary:
    """Count what the usable reviews hold."""
    records = table.records
    rules = Counter(record.rule_id for record in records)
    categories: Counter[RuleCategory] = Counter()
    for rule_id, count in rules.items():
        categories[taxonomy[rule_id].category] += count
    days = sorted(record.date[:10] for record in records if record.date)
    return ReviewSummary(
        num_reviews=len(records),
        num_products=len({record.product_id for record in records}),
        num_product_categories=len({record.category for record in records if record.category}),
        first_day=days[0] if days else "",
        last_day=days[-1] if days else "",
        lengths=dict(sorted(Counter(len(record.images) for record in records).items())),
        splits=tuple(_split_summary(name, records, taxonomy) for name in SPLITS),
        categories={category.value: categories[category] for category in RuleCategory},
        rules=dict(sorted(rules.items(), key=lambda item: (-item[1], taxonomy.index(item[0])))),
    )


def _split_summary(name: str, records: tuple[ReviewRecord, ...], taxonomy: RuleTaxonomy) -> SplitSummary:
    own = [record for record in records if record.split == name]
    qualified = sum(binary_label(record, taxonomy) for record in own)
    return SplitSummary(name, len(own), len({record.product_id for record in own}), qualified)


def _names_rule(record: ReviewRecord, taxonomy: RuleTaxonomy) -> bool:
    other = taxonomy.other
    return record.rule_id != other.id or other.title.casefold() in record.feedback.casefold()


class _Checks:
    """What only shows beside earlier rows, or in the folder of the table."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._splits: dict[str, tuple[str, int]] = {}
        self._lines: dict[ReviewRecord, int] = {}
        self._exists: dict[str, bool] = {}

    def add(self, record: ReviewRecord, line: int) -> None:
        """Take in a row, or raise CatalogError with the reason for its rejection."""
        split, first = self._splits.get(record.product_id, (record.split, line))
        if split != record.split:
            raise CatalogError(
                f"product {record.product_id} is in split {record.split} here but in {split} in line {first}; "
                "splits must share no SKU"
            )
        if record in self._lines:
            raise CatalogError(f"repeats line {self._lines[record]}")
        missing = [file for file in dict.fromkeys(record.images) if not self._is_there(file)]
        if missing:
            raise CatalogError(f"image file {', '.join(missing)} does not exist in the folder of the table")
        self._splits[record.product_id] = (split, first)
        self._lines[record] = line

    def _is_there(self, file: str) -> bool:
        if self._folder is None:
            return True
        if file not in self._exists:
            path = (self._folder / file).resolve()
            # Resolved, so that a link does not lead out of the folder.
            self._exists[file] = path.is_file() and path.is_relative_to(self._folder.resolve())
        return self._exists[file]
