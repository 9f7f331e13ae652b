"""Source products: what is in them, that facts are true of them, and that seeds and splits hold."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import cv2
import numpy as np
import pytest

from agpis.data.reviews import sku_split
from agpis.simulation.facts import Background, People, View
from agpis.simulation.render.design import WORN
from agpis.simulation.render.materials import MATERIALS_OF
from agpis.simulation.rendered import rendered_source
from agpis.simulation.sources import SourceProduct, category_word, photo_source

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="module")
def rendered() -> list[SourceProduct]:
    pytest.importorskip("pyvista")
    return list(rendered_source(3, 4, 64))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Two products: a dress on a tiled floor; a kettle on white in blue, blue again, and red, with a broken file."""
    rows, columns = np.mgrid[0:240, 0:180] // 12
    floor = np.full((240, 180, 3), 225, dtype=np.uint8)
    floor[(rows + columns) % 2 == 0] = (70, 110, 80)
    cv2.ellipse(floor, (90, 120), (60, 85), 0, 0, 360, (120, 30, 150), -1)
    cv2.imwrite(str(tmp_path / "dress.png"), floor[..., ::-1])
    for name, colour, width in (("a", (20, 60, 200), 60), ("b", (22, 62, 205), 40), ("c", (210, 20, 30), 60)):
        white = np.full((200, 200, 3), 255, dtype=np.uint8)
        cv2.rectangle(white, (100 - width, 30), (100 + width, 170), colour, -1)
        cv2.imwrite(str(tmp_path / f"kettle-{name}.png"), white[..., ::-1])
    (tmp_path / "broken.png").write_bytes(b"not an image")
    kettle = [
        {"file": "kettle-a.png", "view": "front", "color": "green"},
        {"file": "kettle-b.png", "view": "side"},
        {"file": "broken.png", "view": "back"},
        {"file": "kettle-c.png", "view": "sideways"},
    ]
    products = [
        {
            "product_id": "dress-1",
            "title": "x",
            "category": "dress",
            "images": [{"file": "dress.png", "view": "front"}],
        },
        {"product_id": "kettle-1", "title": "x", "category": "Kitchen/Kettles", "images": kettle},
        {"product_id": "ghost-1", "title": "x", "category": "Kettles", "images": [{"file": "nowhere.png"}]},
    ]
    (tmp_path / "products.jsonl").write_text("\n".join(json.dumps(product) for product in products), encoding="utf-8")
    return tmp_path


def test_of_clothes_on_a_person_no_colour_is_known(shop: Path) -> None:
    names = {"a": "blue", "b": "red", "c": "blue"}  # measured, a and b are alike and c is not
    images = [
        {"file": f"kettle-{file}.png", "view": "front", "color": name, "on_model": True} for file, name in names.items()
    ]
    product = {"product_id": "coat-1", "title": "x", "category": "coat", "images": images}
    (shop / "products.jsonl").write_text(json.dumps(product), encoding="utf-8")
    (coat,) = photo_source(shop, 200, 0)
    wholes = [image.facts for image in coat.images if image.facts.whole]
    assert [facts.file for facts in wholes] == ["kettle-a.png", "kettle-c.png"]
    assert coat.variants == ()
    assert {image.facts.colour for image in coat.images} | {coat.title.colour} == {""}
    assert {facts.people for facts in wholes} == {People.MODEL}


def test_a_rendered_product_brings_clean_and_flawed_pictures(rendered: list[SourceProduct]) -> None:
    for product in rendered:
        views = [image.facts.view for image in product.images]
        worn = product.title.category in WORN
        assert {View.FRONT, View.BACK, View.ANGLE} <= set(views)
        assert (View.TOP in views) != worn
        assert (View.WORN in views) == (worn and product.title.category != "dress")
        people = {image.facts.people for image in product.images if image.facts.whole}
        assert people == {People.MODEL if worn else People.NONE}
        single = product.title.quantity < 2
        assert views.count(View.DETAIL) in (2, 3, 4)
        # Front, back, angle and top or the whole person, the second shot, and three flawed ones; a side unless it is
        # an edge.
        lacking = product.title.category == "dress"
        assert 6 <= sum(image.facts.whole for image in product.images) + lacking - 2 * single <= 7
        assert sum(image.facts.cut_off for image in product.images) == single
        assert sum(image.facts.background is Background.BUSY for image in product.images) == 1
        assert sum(image.facts.fill < 0.12 for image in product.images) >= single
        assert all(
            image.pixels.shape == (64, 64, 3) for image in product.images + product.variants if image.facts.whole
        )


def test_rendered_facts_agree_with_each_other(rendered: list[SourceProduct]) -> None:
    for product in rendered:
        facts = [image.facts for image in product.images + product.variants]
        assert len({fact.design for fact in facts}) == 1
        assert len({fact.file for fact in facts}) == len(facts)
        # Only parts of one larger picture share its capture.
        uncropped = [fact.capture for fact in facts if fact.crop_area == 1.0]
        assert len(set(uncropped)) == len(uncropped)
        assert len({image.facts.colour for image in product.images}) == 1
        own = product.images[0].facts.colour
        assert len({image.facts.colour for image in product.variants} | {own}) == 3
        patterns = {image.facts.pattern for image in product.images}
        assert len(patterns) == len({fact.material for fact in facts}) == 1
        assert patterns <= {"plain", "striped", "dotted", "checked"}
        assert facts[0].material in MATERIALS_OF[facts[0].category]
        assert product.title.material in ("", facts[0].material)
        # Two variants are of other colours; a third one is of the same colour in another pattern.
        *recoloured, last = [image.facts for image in product.variants]
        if len(recoloured) == 2:
            assert last.colour == own
            assert {last.pattern} != patterns
        assert product.title.category == product.images[0].facts.category
        assert product.title.colour in ("", own)
        assert product.split == sku_split(product.product_id)


def test_sets_show_as_many_units_as_their_title_promises(rendered: list[SourceProduct]) -> None:
    for product in rendered:
        wholes = [image.facts for image in product.images + product.variants if image.facts.whole]
        assert {facts.items for facts in wholes} == {max(product.title.quantity, 1)}


def test_brands_are_read_off_fronts_and_one_style_is_shared(rendered: list[SourceProduct]) -> None:
    for product in rendered:
        brands = {image.facts.view for image in product.images if image.facts.brand}
        worn = product.title.category in WORN
        assert brands == (set() if worn else {View.FRONT, View.DETAIL})
        names = {image.facts.brand for image in product.images} - {""}
        assert len(names) == 1 - worn
        assert worn or product.title.brand in ("", *names)
        plain = [image.facts for image in product.images if image.facts.background is Background.PLAIN]
        assert {facts.style for facts in plain} == {"light studio"}


def test_photos_of_a_set_show_the_cut_out_repeatedly(shop: Path) -> None:
    kettles = [list(photo_source(shop, 160, seed))[1] for seed in range(60)]
    sets = [kettle for kettle in kettles if kettle.title.quantity > 1]
    assert 1 <= len(sets) <= 12
    for kettle in sets:
        units = kettle.title.quantity
        for image in [image for image in kettle.images + kettle.variants if image.facts.whole]:
            blue = image.pixels.astype(int).max(axis=2) - image.pixels.min(axis=2) > 60
            changes = np.flatnonzero(np.diff(blue[len(blue) // 2].astype(int)) > 0)
            assert (image.facts.items, len(changes)) == (units, units)


def test_rendering_depends_on_seed_and_number_alone(rendered: list[SourceProduct]) -> None:
    (again,) = list(rendered_source(3, 1, 64))
    assert again.title == rendered[0].title
    assert [image.facts for image in again.images] == [image.facts for image in rendered[0].images]
    assert all(
        np.array_equal(first.pixels, second.pixels)
        for first, second in zip(again.images, rendered[0].images, strict=True)
    )
    (other,) = list(rendered_source(4, 1, 64))
    assert other.images[0].facts.design != again.images[0].facts.design


def test_the_caller_decides_on_splits_and_languages() -> None:
    pytest.importorskip("pyvista")
    (product,) = list(rendered_source(0, 1, 48, lambda product_id: "test", chinese_share=1.0))
    assert product.split == "test"
    assert any("\u4e00" <= sign <= "\u9fff" for sign in product.title.text)


def test_colours_of_photos_are_measured_and_other_colours_become_variants(shop: Path) -> None:
    _, kettle = list(photo_source(shop, 160, 0))
    whole = [image.facts for image in kettle.images if image.facts.whole]
    assert [(facts.file, facts.view, facts.colour) for facts in whole] == [
        ("kettle-a.png", View.FRONT, "blue"),
        ("kettle-b.png", View.SIDE, "blue"),
    ]
    assert [(image.facts.view, image.facts.colour) for image in kettle.variants] == [(View.UNKNOWN, "red")]
    assert {image.facts.category for image in kettle.images} == {"kettle"}
    assert {(image.facts.material, image.facts.pattern) for image in kettle.images} == {("", "")}
    assert all(facts.background is Background.PLAIN for facts in whole)
    # 121 x 141 of 200 x 200 pixels.
    assert whole[0].fill == pytest.approx(0.427, abs=0.03)
    assert (kettle.source, kettle.split) == (shop.name, sku_split("kettle-1"))


def test_details_share_the_capture_of_their_photo(shop: Path) -> None:
    dress, _ = list(photo_source(shop, 160, 0))
    front, *details = dress.images
    assert 1 <= len(details) <= 3
    for detail in details:
        assert detail.facts.view is View.DETAIL
        assert detail.facts.capture == front.facts.capture
        assert 0.06 <= detail.facts.crop_area <= 0.14
        assert detail.facts.colour == front.facts.colour == "purple"
    assert max(front.pixels.shape[:2]) == 160


def test_about_half_of_the_photos_on_floors_are_cut_out(shop: Path) -> None:
    seen = set()
    for seed in range(12):
        front = next(photo_source(shop, 120, seed)).images[0]
        light = np.median(np.concatenate([front.pixels[0], front.pixels[-1]]), axis=0).min() > 210
        assert light == (front.facts.background is Background.PLAIN)
        seen.add(front.facts.background)
    assert seen == {Background.PLAIN, Background.BUSY}


def test_start_and_stop_give_the_same_products_as_reading_all(shop: Path) -> None:
    everything = list(photo_source(shop, 120, 5))
    (second,) = list(photo_source(shop, 120, 5, start=1, stop=2))
    assert second.product_id == everything[1].product_id == "kettle-1"
    assert [image.facts for image in second.images] == [image.facts for image in everything[1].images]


def test_unreadable_photos_are_logged_and_left_out(shop: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="agpis.simulation.sources"):
        products = list(photo_source(shop, 120, 0))
    assert [product.product_id for product in products] == ["dress-1", "kettle-1"]
    assert "kettle-1: a photo is left out: broken.png" in caplog.text
    assert "ghost-1 is left out: it has no readable photo" in caplog.text


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("dress", "dress"),
        ("Kitchen/Coffee Machines", "coffee machine"),
        ("Apparel/Sneakers", "sneakers"),
        ("pants", "pants"),
        ("Toys/Puppies", "puppy"),
        ("Kitchen/Dishes", "dish"),
        ("Boxes", "box"),
        ("", ""),
    ],
)
def test_category_words(path: str, word: str) -> None:
    assert category_word(path) == word


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the reference catalogues are not on this machine")
def test_colour_variants_of_a_real_catalogue_are_found() -> None:
    products = list(photo_source(SHARED / "catalogs" / "spree", 224, 0, stop=6))
    assert len(products) == 6
    assert sum(len(product.variants) for product in products) >= 6
    assert all(image.facts.colour for product in products for image in product.variants)
