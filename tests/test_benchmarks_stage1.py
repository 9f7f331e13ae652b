"""The measuring of stage 1: labels of people, drawn defects, the primary image; answers worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from agpis.errors import CatalogError
from agpis.simulation.facts import DefectKind
from agpis.types import Image
from benchmarks.stage1.catalog_labels import read_labels
from benchmarks.stage1.drawn_defects import draw_on
from benchmarks.stage1.primary_baselines import BASELINES
from benchmarks.stage1.primary_choice import PrimaryChoice, judgeable, primary_scores
from benchmarks.stage1.tables import auc_against, share

MODEL_WEARS_IT = {"product_id": "a", "noncompliant": ["person"], "acceptable_primary": True, "on_model": True}
HAND_HOLDS_IT = {"product_id": "a", "noncompliant": ["person", "hand"], "acceptable_primary": False, "on_model": True}
PASSER_BY = {"product_id": "b", "noncompliant": ["person"], "acceptable_primary": False}
LABELS: dict[str, Any] = {
    "images": {"1.jpg": MODEL_WEARS_IT, "2.jpg": HAND_HOLDS_IT, "3.jpg": PASSER_BY},
    "products": {
        "a": {
            "near_duplicates": [["2.jpg", "1.jpg"]],
            "near_duplicates_borderline": [],
            "color_conflicts": [],
        }
    },
    "noncompliant_only": [
        {"file": "sale.jpg", "noncompliant": ["banner", "person"]},
        {"file": "street.jpg", "noncompliant": ["person"]},
    ],
}


def write_catalog(folder: Path, products: dict[str, list[str]], labels: object = LABELS) -> Path:
    lines = [
        json.dumps({"product_id": name, "title": "", "images": [{"file": file} for file in files]})
        for name, files in products.items()
    ]
    (folder / "products.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    return folder


def item_at(file: str, left: int, top: int, side: int) -> Image:
    """A dark square on white, 200 pixels a side."""
    pixels = np.full((200, 200, 3), 255, np.uint8)
    cv2.rectangle(pixels, (left, top), (left + side - 1, top + side - 1), (30, 60, 120), -1)
    return Image(file, pixels)


# -- labels ---------------------------------------------------------------------------------------------------------


def test_a_model_is_a_flaw_only_where_models_are_not_allowed(tmp_path: Path) -> None:
    labels = read_labels(write_catalog(tmp_path, {}))
    flaws = {
        file: (set(image.flaws()), set(image.flaws(models_allowed=False))) for file, image in labels.images.items()
    }
    assert flaws == {
        "1.jpg": (set(), {"person"}),
        "2.jpg": ({"hand"}, {"hand", "person"}),
        "3.jpg": ({"person"}, {"person"}),  # stands in the picture, does not wear the item
    }


def test_pairs_have_no_order_and_scenes_are_no_graphics(tmp_path: Path) -> None:
    labels = read_labels(write_catalog(tmp_path, {}))
    assert labels.products["a"].duplicates == {frozenset({"1.jpg", "2.jpg"})}
    assert [(image.file, image.is_graphic) for image in labels.graphics] == [("sale.jpg", True), ("street.jpg", False)]


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {**LABELS, "images": {"1.jpg": {"product_id": "a"}}},
        {**LABELS, "noncompliant_only": [{"noncompliant": []}]},
        {**LABELS, "products": {"a": {"near_duplicates": []}}},
        [],
    ],
)
def test_what_is_no_table_of_labels_is_refused_by_name(tmp_path: Path, labels: object) -> None:
    with pytest.raises(CatalogError, match=r"labels.json is no table of labels"):
        read_labels(write_catalog(tmp_path, {}, labels))


def test_a_catalogue_without_labels_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"labels.json cannot be read"):
        read_labels(tmp_path)


# -- drawn defects --------------------------------------------------------------------------------------------------


def test_every_kind_is_drawn_about_equally_often_and_the_photo_stays() -> None:
    photos = [item_at(f"{i}.jpg", 40 + i, 50, 90) for i in range(8)]
    before = [photo.pixels.copy() for photo in photos]
    drawn = list(draw_on(photos, copies=2, seed=3))
    assert [photo.file for photo, _, _ in drawn] == [photo.file for photo in photos]
    assert sorted(kind for _, kinds, _ in drawn for kind in kinds) == sorted(DefectKind)
    for photo, unchanged, (_, _, images) in zip(photos, before, drawn, strict=True):
        assert np.array_equal(photo.pixels, unchanged)
        assert all(image.pixels.shape == unchanged.shape for image in images)
        assert all(not np.array_equal(image.pixels, unchanged) for image in images)


def test_the_seed_decides_the_drawing() -> None:
    photos = [item_at("a.jpg", 40, 50, 90)]
    one, same, other = (
        [image.pixels for _, _, images in draw_on(photos, copies=1, seed=seed) for image in images]
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one[0], same[0])
    assert not np.array_equal(one[0], other[0])


# -- the primary image ----------------------------------------------------------------------------------------------


def test_the_baselines_choose_what_they_are_named_after() -> None:
    corner, large, middle = (
        item_at("corner.jpg", 4, 4, 50),
        item_at("large.jpg", 4, 30, 140),
        item_at("middle.jpg", 70, 70, 60),
    )
    chosen = {name: baseline([corner, large, middle]) for name, baseline in BASELINES.items()}
    assert chosen == {"first image": "corner.jpg", "largest item": "large.jpg", "most central item": "middle.jpg"}


def test_a_picture_without_an_item_is_neither_large_nor_central() -> None:
    blank, corner = Image("blank.jpg", np.full((200, 200, 3), 255, np.uint8)), item_at("corner.jpg", 4, 4, 50)
    assert BASELINES["largest item"]([blank, corner]) == "corner.jpg"
    assert BASELINES["most central item"]([blank, corner]) == "corner.jpg"


def test_only_products_with_a_choice_and_a_right_answer_are_judged(tmp_path: Path) -> None:
    products = {
        "a": ["1.jpg", "2.jpg"],
        "one photo": ["1.jpg"],
        "none right": ["2.jpg", "3.jpg"],
        "new": ["1.jpg", "x.jpg"],
    }
    found = judgeable(read_labels(write_catalog(tmp_path, products)))
    assert [(product.product_id, sorted(acceptable)) for product, acceptable in found] == [("a", ["1.jpg"])]


def test_no_choice_counts_as_wrong() -> None:
    def choice(name: str, file: str | None) -> PrimaryChoice:
        return PrimaryChoice("shop", name, ("1.jpg", "2.jpg"), frozenset({"1.jpg"}), {"way": file}, {})

    choices = [choice("a", "1.jpg"), choice("b", "2.jpg"), choice("c", None), choice("d", "1.jpg")]
    scores = {score.name: score.value for score in primary_scores(choices)}
    assert scores["shop: way"] == scores["all: way"] == 0.5
    assert scores["all: an image at random"] == 0.5


# -- scores ---------------------------------------------------------------------------------------------------------


def test_scores_worked_out_by_hand() -> None:
    # Of the four pairs 0.9 wins two, 0.4 wins one and ties none.
    score = auc_against("x", [0.9, 0.4], [0.1, 0.5], ["p", "q"], ["r", "s"])
    assert (score.value, score.n, score.products) == (0.75, 4, 4)
    assert share("y", [True, False, False, True, False], list("aabbc")).value == pytest.approx(0.4)
