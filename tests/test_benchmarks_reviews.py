"""The review set is drawn and packed: what the log holds, its verdicts and dates, which rows get thumbnails."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from muisc_tiny import random_images
from prediction_tables import COLUMNS, TAXONOMY, table

from agpis.data.predictions import PROBABILITY_PREFIX
from agpis.data.reviews import REVIEWS_FILE, ReviewRecord, write_reviews
from agpis.simulation.annotations import AnnotatedProduct, product_to_json
from agpis.simulation.facts import Defect, DefectKind, ImageFacts, TitleFacts, View
from agpis.simulation.reviewer import Reviewer
from analysis.predictions import check_predictions
from analysis.review_set import TABLE
from benchmarks.reviews.drawing import DrawingPlan, draw_reviews
from benchmarks.reviews.packing import PackingPlan, pack, pictured_rows

PLAN = DrawingPlan(rendered_shares={"train": 1.0, "val": 1.0, "test": 1.0}, more={"train": 6, "val": 6, "test": 6})
VIEWS = (View.FRONT, View.BACK, View.SIDE, View.DETAIL, View.TOP)


def product(name: str, source: str, split: str) -> AnnotatedProduct:
    """Four clean views and one with a banner."""
    images = tuple(
        ImageFacts(f"images/{name}_{number}.jpg", name, "mug", "red", view, f"{name}-{number}", fill=0.5)
        for number, view in enumerate(VIEWS)
    )
    spoilt = replace(images[4], defects=(Defect(DefectKind.BANNER),))
    title = TitleFacts(f"Red mug {name}", "mug", "red")
    return AnnotatedProduct(name, "mug", title, (*images[:4], spoilt), source, split)


PRODUCTS = (
    product("r1", "rendered", "train"),
    product("r2", "rendered", "test"),
    product("r3", "rendered", "test"),
    product("c1", "clothing", "val"),
    product("c2", "clothing", "train"),
    product("s1", "spree", "test"),
)


@pytest.fixture
def market(tmp_path: Path) -> Path:
    lines = [json.dumps(product_to_json(entry)) for entry in PRODUCTS]
    (tmp_path / "products.jsonl").write_text("\n".join(lines), encoding="utf-8")
    records = [
        ReviewRecord(
            entry.product_id,
            entry.title.text,
            "mug",
            tuple(facts.file for facts in entry.images[:3]),
            "yes",
            "qualified",
            "2020-01-01",
            entry.source,
            entry.split,
        )
        for entry in PRODUCTS
    ]
    write_reviews(tmp_path / REVIEWS_FILE, records)
    return tmp_path


def test_the_log_holds_the_reviews_and_more_of_rendered_products(market: Path) -> None:
    records = list(draw_reviews(market, TAXONOMY, PLAN))
    counts = Counter(record.product_id for record in records)
    # Photos of the train split, and of other catalogues, may have been seen in training.
    assert set(counts) == {"r1", "r2", "r3", "c1"}
    assert counts["c1"] == 1
    assert all(1 < counts[name] <= 7 for name in ("r1", "r2", "r3"))
    assert len({(record.title, record.images) for record in records}) == len(records)
    assert records == list(draw_reviews(market, TAXONOMY, PLAN))
    assert records != list(draw_reviews(market, TAXONOMY, replace(PLAN, seed=1)))


def test_the_verdicts_are_those_of_the_reviewer(market: Path) -> None:
    reviewer = Reviewer(TAXONOMY)
    facts = {facts.file: facts for entry in PRODUCTS for facts in entry.images}
    titles = {entry.title.text: entry.title for entry in PRODUCTS}
    known = {(entry.title.text, tuple(one.file for one in entry.images[:3])) for entry in PRODUCTS}
    drawn = [record for record in draw_reviews(market, TAXONOMY, PLAN) if (record.title, record.images) not in known]
    assert {record.rule_id for record in drawn} > {"qualified"}
    for record in drawn:
        images = [facts[file] for file in record.images]
        verdict = reviewer.review(titles[record.title], images, np.random.default_rng(0))
        assert verdict.rule_id == record.rule_id == TAXONOMY.classify_feedback(record.feedback).id


def test_a_product_is_reviewed_within_four_weeks_and_photos_come_later(market: Path) -> None:
    days: dict[str, list[date]] = {}
    for record in draw_reviews(market, TAXONOMY, PLAN):
        days.setdefault(record.product_id, []).append(date.fromisoformat(record.date))
    assert all((max(found) - min(found)).days < 28 for found in days.values())
    assert min(day for found in days.values() for day in found) >= date(2025, 1, 6)
    assert min(days["c1"]) >= date(2025, 6, 5)


def test_a_share_of_the_products_can_be_taken(market: Path) -> None:
    none = replace(PLAN, rendered_shares={"train": 0.0, "val": 1.0, "test": 0.0})
    assert {record.product_id for record in draw_reviews(market, TAXONOMY, none)} == {"c1"}


# -- packing --------------------------------------------------------------------------------------------------------


def scored(folder: Path) -> pd.DataFrame:
    """Six rows; accepted rows 0, 2, 4 have p^t 0.9, 0.7, 0.5, rejected ones between."""
    for number, pixels in enumerate(random_images(6, height=300, width=200)):
        path = folder / "shots" / f"{number // 3}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), pixels)
    images = [[f"shots/{number // 3}/{number}.jpg"] for number in range(6)]
    dates = ["2025-03-02", "2025-03-01", "2025-02-01", "2025-02-03", "2025-01-01", "2025-01-02"]
    frame = table(6, source="rendered", date=dates)
    frame["images"] = images
    frame.loc[5, "source"] = "clothing"
    return frame


def test_thumbnails_go_to_the_worst_rows_of_each_kind(tmp_path: Path) -> None:
    checked = check_predictions(scored(tmp_path))
    rng = np.random.default_rng(0)
    assert list(pictured_rows(checked, PackingPlan(1, 0, 0), rng)) == [1, 4]
    # Row 5 shows a photo; rows 1 and 3 are of one class.
    assert list(pictured_rows(checked, PackingPlan(0, 2, 0), rng)) == [1, 2, 3, 4]
    assert list(pictured_rows(checked, PackingPlan(0, 0, 9), rng)) == [0, 1, 2, 3, 4]
    train = scored(tmp_path).assign(split="train")
    assert not len(pictured_rows(check_predictions(train), PackingPlan(), rng))


def test_the_folder_holds_the_table_by_date_and_the_thumbnails(tmp_path: Path) -> None:
    frame = scored(tmp_path)
    float32 = frame.astype(dict.fromkeys(COLUMNS, np.float32))
    float32.to_parquet(tmp_path / "scored.parquet")
    out = tmp_path / "out"
    packed = pack(tmp_path / "scored.parquet", out, 0, PackingPlan(1, 0, 0))
    assert (packed.num_rows, packed.num_pictured, packed.num_images) == (6, 2, 2)
    assert packed.num_bytes == sum(file.stat().st_size for file in out.rglob("*.*"))
    assert sorted(file.name for file in (out / "images").iterdir()) == ["1.jpg", "4.jpg"]
    picture = cv2.imread(str(out / "images" / "4.jpg"))
    assert picture is not None
    assert picture.shape == (96, 64, 3)
    kept = pd.read_parquet(out / TABLE)
    assert list(kept["date"]) == sorted(frame["date"])
    assert [list(files) for files in kept["images"][:2]] == [["images/4.jpg"], ["images/5.jpg"]]
    assert kept[f"{PROBABILITY_PREFIX}qualified"].dtype == np.float32
    again = (out / TABLE).read_bytes()
    pack(tmp_path / "scored.parquet", out, 0, PackingPlan(1, 0, 0))
    assert (out / TABLE).read_bytes() == again
