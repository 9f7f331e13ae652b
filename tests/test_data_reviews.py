"""AGPIS-data on disk: round trips, errors by line, splits, balanced subsets, labels of equation 1."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from agpis.data.reviews import (
    ImageLabel,
    ReviewRecord,
    balanced_subset,
    binary_label,
    primary_labels,
    read_image_labels,
    read_reviews,
    sku_split,
    write_image_labels,
    write_reviews,
)
from agpis.errors import CatalogError, SettingsError
from agpis.rules import RuleCategory, RuleTaxonomy, load_taxonomy

GOOD = ReviewRecord(
    "P1", "红色杯子 Mug ☕", "mug", ("images/a.jpg", "images/b.jpg"), "yes", "qualified", "2025-02-03", "x"
)
BAD = replace(GOOD, feedback="Watermark: image 2, and Border or frame.", rule_id="S01", split="test")
LABEL = ImageLabel("images/a.jpg", "P1", True, None, ("banner", "logo"), "x", "val")


@pytest.fixture(scope="module")
def taxonomy() -> RuleTaxonomy:
    return load_taxonomy()


def test_reviews_survive_a_round_trip(tmp_path: Path, taxonomy: RuleTaxonomy) -> None:
    path = tmp_path / "reviews.jsonl"
    assert write_reviews(path, [GOOD, BAD]) == 2
    assert list(read_reviews(path, taxonomy)) == [GOOD, BAD]


def test_the_class_comes_from_the_feedback_never_from_the_file(tmp_path: Path, taxonomy: RuleTaxonomy) -> None:
    path = tmp_path / "reviews.jsonl"
    row = {"product_id": "P1", "title": "", "images": ["a.jpg"], "rule_id": "S05", "note": "kept by the shop"}
    lines = [{**row, "feedback": text} for text in ("Yes", "The photo has a Watermark", "no words that name a rule")]
    path.write_text("\n\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    assert [record.rule_id for record in read_reviews(path, taxonomy)] == ["qualified", "S01", "other"]
    assert {record.split for record in read_reviews(path, taxonomy)} == {sku_split("P1")}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": []}, "images is empty"),
        ({"images": ["../secret.jpg"]}, "'../secret.jpg' is not a file inside the folder"),
        ({"images": ["/etc/passwd"]}, "is not a file inside the folder"),
        ({"feedback": "  "}, "feedback is empty"),
        ({"product_id": ""}, "product_id is empty"),
        ({"split": "validation"}, "split: Input should be '', 'train', 'val' or 'test', got 'validation'"),
        ({"title": 5}, "title: Input should be a valid string"),
    ],
)
def test_a_bad_review_is_refused_with_its_line(
    change: dict[str, object], message: str, tmp_path: Path, taxonomy: RuleTaxonomy
) -> None:
    good = {"product_id": "P1", "title": "Mug", "images": ["a.jpg"], "feedback": "yes"}
    path = tmp_path / "reviews.jsonl"
    path.write_text(json.dumps(good) + "\n" + json.dumps({**good, **change}) + "\n", encoding="utf-8")
    records = read_reviews(path, taxonomy)
    assert next(records).title == "Mug"
    with pytest.raises(CatalogError, match=f"line 2: .*{message}"):
        next(records)


def test_text_that_is_no_json_and_missing_files_are_refused(tmp_path: Path, taxonomy: RuleTaxonomy) -> None:
    path = tmp_path / "reviews.jsonl"
    path.write_text("{not json", encoding="utf-8")
    with pytest.raises(CatalogError, match="line 1: .*JSON"):
        list(read_reviews(path, taxonomy))
    with pytest.raises(CatalogError, match="absent.jsonl cannot be read"):
        list(read_image_labels(tmp_path / "absent.jsonl"))


def test_image_labels_survive_a_round_trip(tmp_path: Path) -> None:
    labels = [LABEL, replace(LABEL, file="images/b.jpg", primary=True, noncompliant=False, defects=())]
    write_image_labels(tmp_path / "images.jsonl", labels)
    assert list(read_image_labels(tmp_path / "images.jsonl")) == labels


def test_splits_are_stable_and_near_80_10_10() -> None:
    shares = Counter(sku_split(f"SKU-{number}") for number in range(5000))
    assert shares["train"] / 5000 == pytest.approx(0.8, abs=0.02)
    assert shares["val"] / 5000 == pytest.approx(0.1, abs=0.015)
    assert [sku_split(sku) for sku in ("A", "B", "C", "D", "E", "F")] == [sku_split(sku) for sku in "ABCDEF"]
    # Written down once: a hash that changed would move products between splits.
    assert "".join(sku_split(f"P{number}")[0] for number in range(20)) == "tttttttttttttttvtttt"


def test_binary_label(taxonomy: RuleTaxonomy) -> None:
    assert [binary_label(record, taxonomy) for record in (GOOD, BAD, replace(BAD, rule_id="other"))] == [1, 0, 0]


def records(**counts: int) -> list[ReviewRecord]:
    return [
        replace(GOOD, product_id=f"{rule_id}-{number}", rule_id=rule_id)
        for rule_id, count in counts.items()
        for number in range(count)
    ]


def test_balanced_subsets_hold_as_many_of_each(taxonomy: RuleTaxonomy) -> None:
    samples = records(qualified=30, S01=4, S13=3, P02=5, M01=40)
    single = balanced_subset(samples, taxonomy, RuleCategory.SINGLE, seed=1)
    assert Counter(record.rule_id for record in single) == {"qualified": 7, "S01": 4, "S13": 3}
    multi = balanced_subset(samples, taxonomy, RuleCategory.MULTI, seed=1)
    assert Counter(record.rule_id for record in multi) == {"qualified": 30, "M01": 30}
    assert len({record.product_id for record in multi}) == 60
    assert [samples.index(record) for record in multi] == sorted(samples.index(record) for record in multi)
    assert balanced_subset(samples, taxonomy, RuleCategory.SINGLE, seed=1) == single
    assert balanced_subset(samples, taxonomy, RuleCategory.SINGLE, seed=2) != single


def test_a_balanced_subset_needs_both_kinds(taxonomy: RuleTaxonomy) -> None:
    with pytest.raises(CatalogError, match="got 3 and 0"):
        balanced_subset(records(qualified=3), taxonomy, RuleCategory.PAIR, seed=0)
    with pytest.raises(SettingsError, match="single, pair or multi, got qualified"):
        balanced_subset(records(qualified=3), taxonomy, RuleCategory.QUALIFIED, seed=0)


def test_equation_1() -> None:
    approved = [("b", "a"), ("b", "c"), ("d", "x")]
    assert primary_labels(["a", "b", "c", "d", "e"], approved) == {
        "a": False,
        "b": True,
        "c": False,
        "d": True,
        "e": False,
        "x": False,
    }
    assert primary_labels(["a", "b"], []) == {"a": None, "b": None}
