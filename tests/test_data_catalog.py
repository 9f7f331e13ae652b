"""Reading catalogue folders: good lines, and every way a line can be wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agpis.data.catalog import CatalogImage, find_product, folder_product, read_catalog
from agpis.errors import CatalogError

SHARED = Path(__file__).parents[2] / "shared"
GOOD = {
    "product_id": "mug-1",
    "title": "Blue mug",
    "category": "Kitchen/Mugs",
    "images": [{"file": "images/a.jpg", "view": "front", "color": None}, {"file": "images/b.jpg"}],
    "upstream_sequence": ["images/a.jpg"],
}


def write_catalog(folder: Path, *lines: object) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / "products.jsonl").write_text(text, encoding="utf-8")
    return folder


def test_reads_every_field_and_ignores_further_keys(tmp_path: Path) -> None:
    (product,) = read_catalog(write_catalog(tmp_path, GOOD, ""))
    assert (product.product_id, product.title, product.category) == ("mug-1", "Blue mug", "Kitchen/Mugs")
    assert product.images == (CatalogImage("images/a.jpg", "front", ""), CatalogImage("images/b.jpg", "", ""))
    assert product.path_of(product.images[1]) == tmp_path / "images/b.jpg"


def test_a_table_of_another_name_is_read_by_its_path(tmp_path: Path) -> None:
    write_catalog(tmp_path, GOOD)
    (tmp_path / "products.jsonl").rename(tmp_path / "spring.jsonl")
    assert [product.product_id for product in read_catalog(tmp_path / "spring.jsonl")] == ["mug-1"]


def test_good_products_arrive_before_a_bad_line_is_met(tmp_path: Path) -> None:
    products = read_catalog(write_catalog(tmp_path, GOOD, "{broken"))
    assert next(products).product_id == "mug-1"
    with pytest.raises(CatalogError, match=r"products\.jsonl, line 2: not valid JSON"):
        next(products)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"product_id": ""}, "line 2: product_id is missing or empty"),
        ({"product_id": 7}, "line 2: product_id must be text, got int 7"),
        ({"title": ["x"]}, "line 2: title must be text"),
        ({"product_id": "mug-1"}, "line 2: product_id 'mug-1' was already given in line 1"),
        ({"images": {}}, "line 2: images must be a list"),
        ({"images": ["a.jpg"]}, "line 2: an image must be a JSON object"),
        ({"images": [{"view": "front"}]}, "line 2: an image has no file"),
        ({"images": [{"file": "../secret.jpg"}]}, "line 2: file '../secret.jpg' lies outside"),
        ({"images": [{"file": "/etc/passwd"}]}, "line 2: file '/etc/passwd' lies outside"),
        ({"images": [{"file": "link/secret.jpg"}]}, "line 2: file 'link/secret.jpg' lies outside"),
        ({"images": [{"file": "a.jpg"}, {"file": "a.jpg"}]}, "line 2: product 'mug-2' lists files twice: a.jpg"),
    ],
)
def test_a_bad_product_is_named_with_file_and_line(tmp_path: Path, change: dict[str, object], message: str) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)
    write_catalog(folder, GOOD, {**GOOD, "product_id": "mug-2", **change})
    with pytest.raises(CatalogError, match=message):
        list(read_catalog(folder))


def test_a_line_that_is_no_object_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="line 1: a product must be a JSON object, got list"):
        list(read_catalog(write_catalog(tmp_path, "[1]")))


def test_missing_folders_and_tables_say_so(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"it has no products\.jsonl"):
        list(read_catalog(tmp_path))
    with pytest.raises(CatalogError, match="there is no such folder or file"):
        list(read_catalog(tmp_path / "nowhere"))


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "products.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CatalogError, match="cannot be read as UTF-8"):
        list(read_catalog(tmp_path))


def test_find_product_returns_it_or_offers_similar_ids(tmp_path: Path) -> None:
    write_catalog(tmp_path, GOOD, {**GOOD, "product_id": "lamp-1"})
    assert find_product(tmp_path, "lamp-1").product_id == "lamp-1"
    with pytest.raises(CatalogError, match="no product 'lamp-2' among the 2 .* for example lamp-1"):
        find_product(tmp_path, "lamp-2")


def test_folder_product_takes_image_files_in_natural_order(tmp_path: Path) -> None:
    for name in ("10.jpg", "2.PNG", "1.webp", "b2.jpg", "b10.jpg", "notes.txt", ".hidden.jpg"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "sub.jpg").mkdir()
    product = folder_product(tmp_path, "A title")
    assert [image.file for image in product.images] == ["1.webp", "2.PNG", "10.jpg", "b2.jpg", "b10.jpg"]
    assert (product.product_id, product.title, product.folder) == (tmp_path.name, "A title", tmp_path)


def test_folder_product_refuses_what_is_no_folder_of_photos(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="holds no image file"):
        folder_product(tmp_path, "")
    with pytest.raises(CatalogError, match="is not a folder"):
        folder_product(tmp_path / "nowhere", "")


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the reference catalogues are not on this machine")
@pytest.mark.parametrize(
    ("name", "products", "images"), [("saleor", 34, 51), ("spree", 37, 124), ("magento", 191, 725)]
)
def test_real_catalogues_are_read_whole(name: str, products: int, images: int) -> None:
    found = list(read_catalog(SHARED / "catalogs" / name))
    assert (len(found), sum(len(product.images) for product in found)) == (products, images)
    assert all(product.path_of(image).is_file() for product in found for image in product.images)
