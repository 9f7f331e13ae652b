"""The simulated marketplace on disk: consistent tables, the same bytes for the same seed, splits by SKU."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from standins import COLOURS, VIEWS, drawn, source_product

from agpis.data.catalog import read_catalog
from agpis.data.reviews import read_image_labels, read_reviews, sku_split
from agpis.errors import CatalogError, MissingExtraError, RulesError, SettingsError, TruncatedImageError
from agpis.images import read_image
from agpis.rules import RuleCategory, load_taxonomy
from agpis.simulation import chunk
from agpis.simulation.annotations import AnnotatedProduct, product_to_json, read_annotated
from agpis.simulation.chunk import Chunk, simulate_chunk
from agpis.simulation.config import SimulationConfig
from agpis.simulation.facts import ImageFacts, TitleFacts, View
from agpis.simulation.reviewer import Reviewer
from agpis.simulation.shards import Shard
from agpis.simulation.simulate import simulate
from agpis.simulation.sources import SourceProduct
from agpis.simulation.summary import SimulationSummary

TAXONOMY = load_taxonomy()
QUICK: dict[str, Any] = {"image_size": 96, "workers": 1}


@pytest.fixture
def drawn_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn stand-ins in the place of rendered products."""

    def source(seed: int, count: int, size: int, split_of: Callable[[str], str]) -> Iterator[SourceProduct]:
        for number in range(count):
            made = source_product(number + seed % 1000)
            product_id = f"{made.product_id}-{seed}"
            yield SourceProduct(product_id, "drawn", split_of(product_id), made.title, made.images, made.variants)

    monkeypatch.setattr(chunk, "rendered_source", source)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A photo catalogue of 13 products, one more than are drawn together."""
    folder = tmp_path / "shop"
    (folder / "images").mkdir(parents=True)
    with (folder / "products.jsonl").open("w", encoding="utf-8") as lines:
        for number in range(13):
            colour = list(COLOURS)[number % 4]
            images = []
            for view in VIEWS[:2]:
                name = f"images/{number}-{view.value}.png"
                cv2.imwrite(str(folder / name), drawn(colour, view, number, size=96)[..., ::-1])
                images.append({"file": name, "view": view.value, "color": colour})
            row = {"product_id": f"S/{number}", "title": "Box", "category": "Home/Boxes", "images": images}
            lines.write(json.dumps(row) + "\n")
    return folder


def run(out: Path, **settings: Any) -> SimulationSummary:
    return simulate(SimulationConfig(out=out, **{**QUICK, **settings}))


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_tables_and_images_fit_together(drawn_source: None, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done: list[tuple[int, int]] = []
    summary = simulate(SimulationConfig(out=out, num_rendered=30, **QUICK), lambda a, b: done.append((a, b)))
    products = list(read_annotated(out))
    reviews = list(read_reviews(out / "reviews.jsonl", TAXONOMY))
    labels = {label.file: label for label in read_image_labels(out / "images.jsonl")}
    assert done == [(12, 30), (24, 30), (30, 30)]
    assert (len(products), len(labels), len(reviews)) == (30, summary.num_images, summary.num_reviews)
    assert [entry.product_id for entry in read_catalog(out)] == [product.product_id for product in products]
    assert len(reviews) == 30 * 3
    on_disk = {path.relative_to(out).as_posix() for path in (out / "images").rglob("*.jpg")}
    assert on_disk == set(labels) == {facts.file for product in products for facts in product.images}
    by_id = {product.product_id: product for product in products}
    for review in reviews:
        files = {facts.file for facts in by_id[review.product_id].images}
        assert set(review.images) <= files
        assert review.split == by_id[review.product_id].split
        assert review.title
    image = read_image(out / next(iter(labels)))
    assert max(image.height, image.width) == 96


def test_facts_on_disk_give_the_verdict_again(drawn_source: None, tmp_path: Path) -> None:
    run(tmp_path / "out", num_rendered=24)
    products = {product.product_id: product for product in read_annotated(tmp_path / "out")}
    reviewer = Reviewer(TAXONOMY)
    checked = 0
    for review in read_reviews(tmp_path / "out" / "reviews.jsonl", TAXONOMY):
        product = products[review.product_id]
        if review.title == product.title.text:
            facts = [product.facts_of(file) for file in review.images]
            assert reviewer.review(product.title, facts, np.random.default_rng(0)).rule_id == review.rule_id
            checked += 1
    assert checked > 50
    with pytest.raises(CatalogError, match="has no image 'no.jpg'"):
        product.facts_of("no.jpg")


def test_primary_labels_follow_equation_1(drawn_source: None, tmp_path: Path) -> None:
    run(tmp_path / "out", num_rendered=24)
    reviews = list(read_reviews(tmp_path / "out" / "reviews.jsonl", TAXONOMY))
    labels = list(read_image_labels(tmp_path / "out" / "images.jsonl"))
    firsts = {review.images[0] for review in reviews if review.rule_id == "qualified"}
    approved = {review.product_id for review in reviews if review.rule_id == "qualified"}
    assert {label.file for label in labels if label.primary} == firsts
    assert {label.product_id for label in labels if label.primary is None}.isdisjoint(approved)
    assert all(label.primary is not None for label in labels if label.product_id in approved)
    for label in labels:
        assert label.noncompliant == bool(label.defects)


def test_splits_are_disjoint_in_skus(drawn_source: None, tmp_path: Path) -> None:
    run(tmp_path / "out", num_rendered=60)
    labels = list(read_image_labels(tmp_path / "out" / "images.jsonl"))
    assert {label.split for label in labels} == {"train", "val", "test"}
    assert all(label.split == sku_split(label.product_id) for label in labels)


def test_the_same_seed_gives_the_same_bytes_whatever_the_workers(photos: Path, tmp_path: Path) -> None:
    for name, settings in (("one", {}), ("two", {"workers": 2}), ("other", {"seed": 1})):
        run(tmp_path / name, catalogs=(photos,), **settings)
    one = digests(tmp_path / "one")
    assert len(one) > 40
    assert digests(tmp_path / "two") == one
    other = digests(tmp_path / "other")
    assert sum(one.get(name) != digest for name, digest in other.items()) > 0.5 * len(other)


def test_photos_become_products_with_facts(photos: Path, tmp_path: Path) -> None:
    summary = run(tmp_path / "out", catalogs=(photos,))
    products = list(read_annotated(tmp_path / "out"))
    assert len(products) == 13
    assert summary.num_reviews > 13
    assert {product.source for product in products} == {"shop"}
    assert {product.category for product in products} == {"box"}
    # Ids with signs that no file name should hold still give one file each.
    assert len({facts.file for product in products for facts in product.images}) == summary.num_images


def test_the_manifest_tells_settings_and_counts(drawn_source: None, tmp_path: Path) -> None:
    summary = run(tmp_path / "out", num_rendered=12, seed=4)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["settings"]["seed"] == 4
    assert manifest["settings"]["proportions"]["qualified"] == 0.71
    assert manifest["counts"]["rules"] == summary.rules
    assert sum(summary.rules.values()) == summary.num_reviews == 36
    assert sum(summary.categories.values()) == pytest.approx(1.0)
    assert str(tmp_path) not in json.dumps(manifest)


def test_balanced_training_changes_the_training_split_alone(drawn_source: None, tmp_path: Path) -> None:
    shares: dict[str, dict[str, float]] = {}
    for name, balanced in (("natural", False), ("balanced", True)):
        run(tmp_path / name, num_rendered=60, balanced_training=balanced, sequences_per_product=4)
        reviews = list(read_reviews(tmp_path / name / "reviews.jsonl", TAXONOMY))
        shares[name] = {}
        for part in ("train", "rest"):
            rules = [review.rule_id for review in reviews if (review.split == "train") == (part == "train")]
            shares[name][part] = rules.count("qualified") / len(rules)
    assert shares["natural"]["train"] == pytest.approx(0.71, abs=0.09)
    assert shares["balanced"]["train"] == pytest.approx(0.45, abs=0.1)
    assert shares["balanced"]["rest"] == shares["natural"]["rest"]


def test_wrong_titles_are_for_the_training_split_alone(drawn_source: None, tmp_path: Path) -> None:
    counts: dict[int, Counter[str]] = {}
    for wrong in (0, 2):
        run(tmp_path / str(wrong), num_rendered=60, wrong_titles=wrong)
        counts[wrong] = Counter(review.split for review in read_reviews(tmp_path / str(wrong), TAXONOMY))
    assert counts[2]["train"] > counts[0]["train"] + 40
    assert {split: counts[2][split] for split in ("val", "test")} == {
        split: counts[0][split] for split in ("val", "test")
    }


@pytest.mark.parametrize("wanted", [1, 17, 36, 50])
def test_exactly_so_many_reviews_as_are_asked_for(drawn_source: None, wanted: int, tmp_path: Path) -> None:
    done: list[tuple[int, int]] = []
    config = SimulationConfig(out=tmp_path / "out", num_reviews=wanted, **QUICK)
    summary = simulate(config, lambda a, b: done.append((a, b)))
    labels = list(read_image_labels(tmp_path / "out" / "images.jsonl"))
    reviews = list(read_reviews(tmp_path / "out" / "reviews.jsonl", TAXONOMY))
    assert len(reviews) == summary.num_reviews == wanted
    assert done[-1] == (wanted, wanted)
    on_disk = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out/images").rglob("*.jpg")}
    assert on_disk == {label.file for label in labels}
    firsts = {review.images[0] for review in reviews if review.rule_id == "qualified"}
    assert {label.file for label in labels if label.primary} == firsts


def test_reviews_come_from_the_catalogues_first(drawn_source: None, photos: Path, tmp_path: Path) -> None:
    run(tmp_path / "out", catalogs=(photos,), num_reviews=60)
    sources = [product.source for product in read_annotated(tmp_path / "out")]
    assert sources[:13] == ["shop"] * 13
    assert set(sources[13:]) == {"drawn"}


@pytest.mark.parametrize("settings", [{"num_rendered": 30}, {"num_reviews": 80}])
def test_a_stopped_simulation_goes_on_and_gives_the_same_bytes(
    drawn_source: None, settings: dict[str, Any], tmp_path: Path
) -> None:
    run(tmp_path / "straight", **settings)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            simulate(SimulationConfig(out=tmp_path / "stopped", **QUICK, **settings), stop)
    # Killed while it wrote images of a chunk that has no rows yet.
    half = tmp_path / "stopped" / "images" / "000099"
    half.mkdir()
    (half / "half.jpg").write_bytes(b"half")
    calls: list[int] = []
    simulate(SimulationConfig(out=tmp_path / "stopped", **QUICK, **settings), lambda done, total: calls.append(done))
    assert digests(tmp_path / "stopped") == digests(tmp_path / "straight")


def test_what_is_finished_is_not_simulated_again(
    drawn_source: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(done: int, total: int) -> None:
        if done == 24:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(SimulationConfig(out=tmp_path / "out", num_rendered=30, **QUICK), stop)
    numbers: list[int] = []

    def recorded(wanted: Chunk) -> Shard:
        numbers.append(wanted.number)
        return simulate_chunk(wanted)

    monkeypatch.setattr("agpis.simulation.simulate.simulate_chunk", recorded)
    run(tmp_path / "out", num_rendered=30)
    assert numbers == [2]


def test_a_stopped_simulation_with_other_settings_is_not_mixed_in(drawn_source: None, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(SimulationConfig(out=tmp_path / "out", num_rendered=30, **QUICK), stop)
    with pytest.raises(SettingsError, match="a stopped simulation with other settings"):
        run(tmp_path / "out", num_rendered=30, seed=8)


def test_a_finished_simulation_is_not_overwritten(drawn_source: None, tmp_path: Path) -> None:
    run(tmp_path / "out", num_rendered=1)
    with pytest.raises(SettingsError, match="already holds a simulation"):
        run(tmp_path / "out", num_rendered=1)


def test_errors_cross_from_a_worker_to_the_caller() -> None:
    for error in (TruncatedImageError("a.jpg", "cut short"), MissingExtraError("pyvista", "render")):
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert (str(again), vars(again)) == (str(error), vars(error))


def test_bad_rules_are_refused_before_anything_is_written(photos: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("version: 1\nclasses: []\n", encoding="utf-8")
    with pytest.raises(RulesError, match="needs at least qualified"):
        run(tmp_path / "out", catalogs=(photos,), rules=rules)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "nothing to simulate"),
        ({"num_reviews": 0}, "num_reviews must be at least 1"),
        ({"num_reviews": 5, "num_rendered": 3}, "num_rendered 0 beside it, got 5 and 3"),
        ({"num_rendered": -1}, "num_rendered must be at least 0, got -1"),
        ({"num_rendered": 1, "image_size": 32}, "image_size must be at least 64, got 32"),
        ({"num_rendered": 1, "workers": 0}, "workers must be at least 1, got 0"),
        ({"num_rendered": 1, "proportions": {}}, "proportions needs shares"),
        ({"num_rendered": 1, "num_images": {0: 1.0}}, "sequence lengths of at least 1"),
        ({"num_rendered": 1, "proportions": {RuleCategory.PAIR: -0.1}}, "shares of at least 0"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=message):
        SimulationConfig(out=tmp_path, **settings)


def test_facts_written_before_materials_were_known_still_read(tmp_path: Path) -> None:
    image = ImageFacts("a.jpg", "d1", "mug", "red", View.FRONT, "c1", material="ceramic")
    title = TitleFacts("Red ceramic mug", "mug", "red", material="ceramic")
    row = product_to_json(AnnotatedProduct("P1", "mug", title, (image,), "rendered", "train"))
    path = tmp_path / "products.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    (product,) = read_annotated(path)
    assert (product.title, product.images) == (title, (image,))
    del row["title_facts"]["material"], row["images"][0]["facts"]["material"]
    path.write_text(json.dumps(row), encoding="utf-8")
    (product,) = read_annotated(path)
    assert (product.title.material, product.images[0].material) == ("", "")


def test_a_catalogue_without_facts_cannot_be_judged(photos: Path) -> None:
    with pytest.raises(CatalogError, match="line 1: not a product with facts"):
        list(read_annotated(photos))
