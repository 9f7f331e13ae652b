"""Reading catalogue folders: good lines, and every way a line can be wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from agpis.data.catalog import (
    CatalogImage,
    CatalogProduct,
    RefusedEntry,
    find_product,
    folder_product,
    read_catalog,
    read_entries,
)
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
    with pytest.raises(CatalogError, match=r"products\.jsonl, line 2: not JSON"):
        next(products)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"product_id": ""}, "line 2: product_id is missing or empty"),
        ({"product_id": 7}, "line 2: product_id must be text, got int 7"),
        ({"title": ["x"]}, "line 2: title must be text"),
        ({"product_id": "mug-1"}, "line 2: product_id 'mug-1' was already given in line 1"),
        ({"images": {}}, "line 2: images must be a list"),
        ({"images": [7]}, "line 2: an image must be a path or a JSON object"),
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
    with pytest.raises(CatalogError, match="line 1: not a JSON object but list"):
        list(read_catalog(write_catalog(tmp_path, "[1]")))


def test_missing_folders_and_tables_say_so(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"it has no products\.jsonl"):
        list(read_catalog(tmp_path))
    with pytest.raises(CatalogError, match="there is no such folder or file"):
        list(read_catalog(tmp_path / "nowhere"))


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "products.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CatalogError, match="line 1: not UTF-8 text"):
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


def as_csv(folder: Path, delimiter: str = ",") -> Path:
    table = folder / "products.csv"
    rows = (
        ("product_id", "title", "category", "images"),
        ("mug-1", '"Mug, ""blue"""', "Kitchen", "images/a, b.jpg|images/c.jpg"),
        ("lamp-1", "", "", "l.jpg"),
    )
    cells = [[f'"{cell}"' if "," in cell and not cell.startswith('"') else cell for cell in row] for row in rows]
    table.write_text("\n".join(delimiter.join(row) for row in cells) + "\n", encoding="utf-8-sig")
    return table


def as_parquet(folder: Path) -> Path:
    frame = pd.DataFrame(
        {
            "product_id": ["mug-1", "lamp-1"],
            "title": ['Mug, "blue"', None],
            "category": ["Kitchen", None],
            "images": [["images/a, b.jpg", "images/c.jpg"], ["l.jpg"]],
        }
    )
    frame.to_parquet(folder / "products.parquet")
    return folder / "products.parquet"


@pytest.mark.parametrize(
    "write",
    [as_csv, lambda folder: as_csv(folder, ";"), lambda folder: as_csv(folder, "\t"), as_parquet],
    ids=["comma", "semicolon", "tab", "parquet"],
)
def test_tables_of_other_kinds_say_the_same(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    table = write(tmp_path)
    for path in (tmp_path, table):
        mug, lamp = read_catalog(path)
        assert (mug.product_id, mug.title, mug.category) == ("mug-1", 'Mug, "blue"', "Kitchen")
        assert [image.file for image in mug.images] == ["images/a, b.jpg", "images/c.jpg"]
        assert (lamp.product_id, lamp.title, lamp.category) == ("lamp-1", "", "")


def test_a_bad_row_is_refused_by_its_line_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text(
        "product_id,title,images\nmug-1,Mug,a.jpg\n,No id,b.jpg\nmug-1,Again,c.jpg\n"
        "x,y,../d.jpg\nz,z,e.jpg,f\nlamp,L,g.jpg\n"
    )
    entries = list(read_entries(tmp_path))
    assert [entry.product_id for entry in entries if isinstance(entry, CatalogProduct)] == ["mug-1", "lamp"]
    refused = {entry.where: entry.reason for entry in entries if isinstance(entry, RefusedEntry)}
    assert list(refused) == ["line 3", "line 4", "line 5", "line 6"]
    assert "product_id is missing" in refused["line 3"]
    assert "already given in line 2" in refused["line 4"]
    assert "'../d.jpg' lies outside" in refused["line 5"]
    assert "more cells than the 3 columns" in refused["line 6"]


def test_a_csv_table_without_a_needed_column_names_those_it_has(tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("sku,title\n1,Mug\n")
    with pytest.raises(CatalogError, match="no column product_id and no column images.* the columns sku, title"):
        list(read_catalog(tmp_path))


def test_files_may_lie_in_another_folder_than_their_table(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    write_catalog(tmp_path, GOOD)
    (product,) = read_entries(tmp_path, tmp_path / "photos")
    assert isinstance(product, CatalogProduct)
    assert product.path_of(product.images[0]) == tmp_path / "photos/images/a.jpg"


def test_every_sub_folder_with_photos_is_a_product(tmp_path: Path) -> None:
    for file in ("mug 2/2.jpg", "mug 2/10.jpg", "mug 10/a.png", "notes/read.me", ".hidden/x.jpg", "__MACOSX/x.jpg"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(b"")
    (tmp_path / "mug 2" / "title.txt").write_text("\ufeffBlue\nmug \n", encoding="utf-8")
    second, tenth = read_catalog(tmp_path)
    assert (second.product_id, second.title) == ("mug 2", "Blue mug")
    assert [image.file for image in second.images] == ["mug 2/2.jpg", "mug 2/10.jpg"]
    assert (tenth.product_id, tenth.title, tenth.folder) == ("mug 10", "", tmp_path)


def test_photos_that_are_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    shop = tmp_path / "shop" / "mug"
    shop.mkdir(parents=True)
    (tmp_path / "secret.jpg").write_bytes(b"")
    (shop / "a.jpg").symlink_to(tmp_path / "secret.jpg")
    (refused,) = read_entries(tmp_path / "shop")
    assert isinstance(refused, RefusedEntry)
    assert "lies outside" in refused.reason


def test_a_folder_with_two_tables_leaves_open_which_is_meant(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("product_id,images\n")
    (tmp_path / "b.csv").write_text("product_id,images\n")
    with pytest.raises(CatalogError, match=r"2 tables \(a\.csv, b\.csv\)"):
        list(read_catalog(tmp_path))
    (tmp_path / "b.csv").rename(tmp_path / "products.csv")
    assert list(read_catalog(tmp_path)) == []


def test_another_kind_of_file_is_no_catalogue(tmp_path: Path) -> None:
    (tmp_path / "shop.xlsx").write_bytes(b"PK")
    with pytest.raises(CatalogError, match=r"a table is a \.jsonl, \.csv, \.tsv, \.parquet file"):
        list(read_catalog(tmp_path / "shop.xlsx"))


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the reference catalogues are not on this machine")
@pytest.mark.parametrize(
    ("name", "products", "images"), [("saleor", 34, 51), ("spree", 37, 124), ("magento", 191, 725)]
)
def test_real_catalogues_are_read_whole(name: str, products: int, images: int) -> None:
    found = list(read_catalog(SHARED / "catalogs" / name))
    assert (len(found), sum(len(product.images) for product in found)) == (products, images)
    assert all(product.path_of(image).is_file() for product in found for image in product.images)
