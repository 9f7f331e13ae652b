"""A team's own review log: every kind of wrong row beside good ones, JSON lines and Parquet, and what is counted."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from agpis.data.review_table import RejectedRow, ReviewTable, load_reviews, summarise
from agpis.data.reviews import (
    ImageLabel,
    ReviewRecord,
    read_image_labels,
    read_reviews,
    sku_split,
    write_image_labels,
    write_reviews,
)
from agpis.errors import CatalogError
from agpis.rules import RuleTaxonomy, load_taxonomy

GOOD: dict[str, Any] = {"product_id": "P1", "title": "Mug", "images": ["a.jpg", "b.jpg"], "feedback": "yes"}


@pytest.fixture(scope="module")
def taxonomy() -> RuleTaxonomy:
    return load_taxonomy()


def table_of(folder: Path, *lines: object, name: str = "reviews.jsonl") -> Path:
    """Text stays as it is, everything else becomes JSON."""
    path = folder / name
    text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


WRONG = {
    "{not json": "not JSON: Expecting property name",
    "[1, 2]": "not a JSON object but list",
    "[" * 100_000: "not JSON: ",
    json.dumps(without("product_id")): "product_id is missing",
    json.dumps(without("title")): "title is missing",
    json.dumps(without("images")): "images is missing",
    json.dumps(without("feedback")): "feedback is missing",
    json.dumps(GOOD | {"feedback": None}): "feedback is missing",
    json.dumps(GOOD | {"product_id": ""}): "product_id is empty",
    json.dumps(GOOD | {"images": []}): "images is empty",
    json.dumps(GOOD | {"images": "a.jpg"}): "images: Input should be a valid tuple, got 'a.jpg'",
    json.dumps(GOOD | {"images": ["../a.jpg"]}): "images.0: '../a.jpg' is not a file inside the folder of the table",
    json.dumps(GOOD | {"images": ["a.jpg", "/a.jpg"]}): "images.1: '/a.jpg' is not a file inside the folder",
    json.dumps(GOOD | {"images": ["a\\b.jpg"]}): "is not a file inside the folder",
    json.dumps(GOOD | {"images": [""]}): "'' is not a file inside the folder",
    json.dumps(GOOD | {"feedback": " "}): "feedback is empty; write 'yes' for a qualified sequence",
    json.dumps(GOOD | {"date": "03/02/2025"}): "date: '03/02/2025' is not an ISO 8601 date such as 2025-02-03",
    json.dumps(GOOD | {"date": "2025-02-30"}): "is not an ISO 8601 date",
    json.dumps(GOOD | {"split": "validation"}): "'train', 'val' or 'test', got 'validation'",
    json.dumps(GOOD | {"title": 5, "date": "?"}): "title: Input should be a valid string, got 5; date: '?' is not",
    json.dumps(GOOD | {"title": "\ud800"}): "not UTF-8 text: 'utf-8' codec can't encode character",
}


def test_every_wrong_row_is_listed_with_line_and_reason(tmp_path: Path, taxonomy: RuleTaxonomy) -> None:
    good = [GOOD | {"title": f"Mug {number}"} for number in range(len(WRONG))]
    # A good row before each wrong one: good rows stand in the odd lines, wrong ones in the even lines.
    lines = [line for pair in zip(good, WRONG, strict=True) for line in pair]
    assert len(lines) == 42
    table = load_reviews(table_of(tmp_path, *lines), taxonomy)
    assert [record.title for record in table.records] == [row["title"] for row in good]
    assert table.lines == tuple(range(1, 43, 2))
    assert [row.line for row in table.rejected] == list(range(2, 43, 2))
    for row, reason in zip(table.rejected, WRONG.values(), strict=True):
        assert reason in row.reason
        assert "\n" not in row.reason
        assert len(row.reason) < 300
    assert table.num_rows == 42


def test_the_strict_reader_stops_where_the_table_lists(tmp_path: Path, taxonomy: RuleTaxonomy) -> None:
    for line, reason in WRONG.items():
        path = table_of(tmp_path, GOOD, line)
        (rejected,) = load_reviews(path, taxonomy).rejected
        with pytest.raises(CatalogError) as error:
            list(read_reviews(path, taxonomy))
        assert str(error.value) == f"{path}, line 2: {rejected.reason}"
        assert reason in rejected.reason


def test_bytes_that_are_no_text_spoil_one_line_only(tmp_path: Path, taxonomy: RuleTaxonomy) -> None:
    row = json.dumps(GOOD).encode()
    path = tmp_path / "reviews.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + row + b"\r\n\r\n" + row.replace(b"Mug", b"M\xfcg") + b"\n" + row + b" ")
    table = load_reviews(path, taxonomy)
    assert table.lines == (1,)
    assert table.rejected == (
        RejectedRow(3, "not UTF-8 text: 'utf-8' codec can't decode byte 0xfc in position 32: invalid start byte"),
        RejectedRow(4, "repeats line 1"),
    )


def test_rows_that_repeat_or_share_a_sku_between_splits(tmp_path: Path, taxonomy: RuleTaxonomy) -> None:
    path = table_of(
        tmp_path,
        GOOD | {"split": "test", "date": "yesterday"},
        GOOD | {"split": "val"},
        GOOD | {"split": "test"},
        GOOD | {"split": "val"},
        GOOD | {"split": "val", "feedback": "Watermark in the 1st image"},
        GOOD | {"split": "val", "date": "2025-02-03"},
        GOOD | {"product_id": "P2", "split": "test"},
        GOOD,
    )
    table = load_reviews(path, taxonomy)
    assert sku_split("P1") == "train"
    # The wrong first row must not decide the split of its product.
    assert table.lines == (2, 5, 6, 7)
    assert [(row.line, row.reason) for row in table.rejected[1:]] == [
        (3, "product P1 is in split test here but in val in line 2; splits must share no SKU"),
        (4, "repeats line 2"),
        (8, "product P1 is in split train here but in val in line 2; splits must share no SKU"),
    ]
    splits = {record.product_id: {other.split for other in table.records} for record in table.records}
    assert {record.product_id for record in table.records} == set(splits)
    assert {(record.product_id, record.split) for record in table.records} == {("P1", "val"), ("P2", "test")}


def test_missing_images_are_looked_for_only_when_asked(tmp_path: Path, taxonomy: RuleTaxonomy) -> None:
    folder = tmp_path / "data"
    (folder / "more").mkdir(parents=True)
    for name in ("a.jpg", "b.jpg", "../outside.jpg"):
        (folder / name).write_bytes(b"x")
    (folder / "link.jpg").symlink_to(tmp_path / "outside.jpg")
    rows = [GOOD | {"images": images} for images in (["a.jpg", "b.jpg"], ["a.jpg", "c.jpg", "more"], ["link.jpg"])]
    path = table_of(folder, *rows)
    assert load_reviews(path, taxonomy).rejected == ()
    assert load_reviews(path, taxonomy, check_images=True).rejected == (
        RejectedRow(2, "image file c.jpg, more does not exist in the folder of the table"),
        RejectedRow(3, "image file link.jpg does not exist in the folder of the table"),
    )


def test_feedback_without_a_rule_is_other_and_said_so(tmp_path: Path, taxonomy: RuleTaxonomy) -> None:
    words = ("yes", "not nice", f"{taxonomy.other.title}: smells", "A Watermark!", "Yes, fine")
    path = table_of(tmp_path, *(GOOD | {"feedback": text} for text in words))
    table = load_reviews(path, taxonomy)
    assert [record.rule_id for record in table.records] == ["qualified", "other", "other", "S01", "other"]
    assert table.unnamed == (2, 5)
    strict = load_reviews(path, taxonomy, named_rules=True)
    assert (strict.lines, strict.unnamed) == ((1, 3, 4), ())
    assert strict.rejected[0] == RejectedRow(2, "feedback names no rule of the rule file: 'not nice'")


def test_columns_that_are_not_used_are_named_and_numbers_may_be_ids(tmp_path: Path, taxonomy: RuleTaxonomy) -> None:
    path = table_of(tmp_path, GOOD | {"product_id": 17, "note": "x", "category": None}, GOOD | {"reviewer": "Li"})
    table = load_reviews(path, taxonomy)
    assert [record.product_id for record in table.records] == ["17", "P1"]
    assert table.ignored_columns == ("note", "reviewer")
    (row,) = load_reviews(table_of(tmp_path, GOOD | {"product_id": True}), taxonomy).rejected
    assert "product_id: Input should be a valid string, got True" in row.reason


RECORDS = [
    ReviewRecord("P1", "红色杯子 Mug ☕", "mug", ("a.jpg", "b/ü.jpg"), "yes", "qualified", "2025-02-03", "x", "val"),
    ReviewRecord("P2", "", "", ("c.jpg",), "Watermark\n in image 1", "S01", "2025-02-03T10:00:00+01:00", "", "test"),
]


@pytest.mark.parametrize("name", ["reviews.jsonl", "reviews.parquet", "Reviews.PARQUET"])
def test_both_forms_give_back_what_was_written(name: str, tmp_path: Path, taxonomy: RuleTaxonomy) -> None:
    path = tmp_path / name
    assert write_reviews(path, iter(RECORDS)) == 2
    assert list(read_reviews(path, taxonomy)) == RECORDS
    table = load_reviews(path, taxonomy)
    assert (list(table.records), table.lines, table.rejected, table.ignored_columns) == (RECORDS, (1, 2), (), ())


def test_many_rows_and_none_keep_their_order_in_parquet(tmp_path: Path, taxonomy: RuleTaxonomy) -> None:
    many = [replace(RECORDS[0], title=str(number)) for number in range(5000)]
    assert write_reviews(tmp_path / "many.parquet", many) == 5000
    table = load_reviews(tmp_path / "many.parquet", taxonomy)
    assert list(table.records) == many
    assert table.lines[-1] == 5000
    assert write_reviews(tmp_path / "none.parquet", []) == 0
    assert list(read_reviews(tmp_path / "none.parquet", taxonomy)) == []


def test_image_labels_go_through_parquet(tmp_path: Path) -> None:
    labels = [ImageLabel("a.jpg", "P1", True, None, ("banner",), "x", "val"), ImageLabel("b.jpg", "P1", False, True)]
    write_image_labels(tmp_path / "images.parquet", labels)
    assert list(read_image_labels(tmp_path / "images.parquet")) == labels


def test_a_parquet_log_of_another_tool(tmp_path: Path, taxonomy: RuleTaxonomy) -> None:
    rows: list[dict[str, Any]] = [
        {"product_id": 1, "title": "Mug", "images": ["a.jpg"], "feedback": "yes", "date": datetime.date(2025, 2, 3)},
        {"product_id": 2, "title": None, "images": [], "feedback": "Watermark", "date": None},
        {"product_id": 3, "title": "", "images": ["a.jpg", None], "feedback": "", "date": None},
    ]
    parquet.write_table(pa.Table.from_pylist([row | {"score": 0.5} for row in rows]), tmp_path / "log.parquet")
    table = load_reviews(tmp_path / "log.parquet", taxonomy)
    (record,) = table.records
    assert (record.product_id, record.date, record.split) == ("1", "2025-02-03", sku_split("1"))
    assert table.rejected == (
        RejectedRow(2, "title is missing; images is empty"),
        RejectedRow(3, "images.1: Input should be a valid string, got None"),
    )
    assert table.ignored_columns == ("score",)


def test_files_that_are_no_table_are_refused(tmp_path: Path, taxonomy: RuleTaxonomy) -> None:
    (tmp_path / "bad.parquet").write_text("no parquet", encoding="utf-8")
    for name, message in {
        "bad.parquet": "bad.parquet cannot be read as Parquet after row 0",
        "none.parquet": "none.parquet cannot be read as Parquet",
        "none.jsonl": "none.jsonl cannot be read",
        "log.csv": r"a table is a .jsonl or a .parquet file, got .csv",
        "log": "got no suffix",
    }.items():
        with pytest.raises(CatalogError, match=message):
            load_reviews(tmp_path / name, taxonomy)
    with pytest.raises(CatalogError, match="got .csv"):
        write_reviews(tmp_path / "log.csv", RECORDS)
    with pytest.raises(CatalogError, match="nowhere/log.jsonl cannot be written"):
        write_reviews(tmp_path / "nowhere" / "log.jsonl", RECORDS)


def test_a_folder_stands_for_its_table(tmp_path: Path, taxonomy: RuleTaxonomy) -> None:
    with pytest.raises(CatalogError, match="neither reviews.jsonl nor reviews.parquet"):
        load_reviews(tmp_path, taxonomy)
    write_reviews(tmp_path / "reviews.parquet", RECORDS)
    assert load_reviews(tmp_path, taxonomy).path == tmp_path / "reviews.parquet"
    assert list(read_reviews(tmp_path, taxonomy)) == RECORDS
    write_reviews(tmp_path / "reviews.jsonl", RECORDS)
    with pytest.raises(CatalogError, match="holds both reviews.jsonl and reviews.parquet"):
        load_reviews(tmp_path, taxonomy)


def test_the_summary_counts_by_hand(taxonomy: RuleTaxonomy) -> None:
    bad, good = RECORDS[1], RECORDS[0]
    records = (good, replace(good, date=""), bad, replace(bad, product_id="P3", rule_id="M01", date="2025-01-31"))
    summary = summarise(ReviewTable(Path("x.jsonl"), records, (1, 2, 3, 4), (), (), ()), taxonomy)
    assert (summary.num_reviews, summary.num_products, summary.num_product_categories) == (4, 3, 1)
    assert (summary.first_day, summary.last_day) == ("2025-01-31", "2025-02-03")
    assert summary.lengths == {1: 2, 2: 2}
    assert summary.categories == {"qualified": 2, "single": 1, "pair": 0, "multi": 1, "other": 0}
    assert list(summary.rules.items()) == [("qualified", 2), ("S01", 1), ("M01", 1)]
    found = {split.name: (split.num_reviews, split.num_products, split.qualified_share) for split in summary.splits}
    assert found == {"train": (0, 0, None), "val": (2, 1, 1.0), "test": (2, 2, 0.0)}


def test_an_empty_table_has_no_shares(tmp_path: Path, taxonomy: RuleTaxonomy) -> None:
    table = load_reviews(table_of(tmp_path, ""), taxonomy)
    summary = summarise(table, taxonomy)
    assert (table.num_rows, summary.first_day, summary.rules) == (0, "", {})
    assert [split.qualified_share for split in summary.splits] == [None, None, None]
