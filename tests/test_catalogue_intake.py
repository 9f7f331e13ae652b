"""Where catalogues come from: uploads of any shape, places on the server, and what is refused."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from catalogue_shop import png, shop, zipped
from sqlalchemy import make_url

from agpis.catalogue.intake import Upload, allowed_path, catalogue_folder, server_source, uploaded_source
from agpis.errors import CatalogError

TABLE = b"product_id,title,images\nmug,Mug,a.png|b.png\n"


def upload(name: str, data: bytes = b"") -> Upload:
    return Upload(name, io.BytesIO(data))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def kept(data: Path) -> list[str]:
    return [path.name for path in data.rglob("*") if path.is_file()] if data.exists() else []


def test_an_uploaded_archive_is_unpacked(tmp_path: Path, data: Path) -> None:
    source = uploaded_source([upload("C:\\shops\\Spring.ZIP", zipped(shop(tmp_path / "shop")))], data)
    assert (source.name, source.path.name) == ("Spring.ZIP", "products.jsonl")
    products = list(source.products())
    assert [product.product_id for product in products] == ["mug", "lamp", "chair"]
    assert (source.folder / products[0].files[0]).is_file()
    source.discard()
    assert kept(data) == []


def test_a_table_is_uploaded_with_its_photos(data: Path) -> None:
    source = uploaded_source([upload("b.png", png(1)), upload("shop.csv", TABLE), upload("a.png", png(0))], data)
    (product,) = source.products()
    assert (source.name, product.files) == ("shop.csv", ("a.png", "b.png"))
    assert [(source.folder / file).read_bytes() for file in product.files] == [png(0), png(1)]


def test_a_table_alone_may_point_at_photos_on_the_server(tmp_path: Path, data: Path) -> None:
    (tmp_path / "photos").mkdir()
    source = uploaded_source([upload("shop.csv", TABLE)], data, str(tmp_path / "photos"))
    assert source.folder == tmp_path / "photos"
    assert len(list(source.products())) == 1
    with pytest.raises(CatalogError, match="is not a folder"):
        uploaded_source([upload("shop.csv", TABLE)], data, __file__)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a.png"], "got 0 tables among 1 files"),
        (["a.csv", "b.jsonl"], "got 2 tables among 2 files"),
        (["a.zip", "b.zip"], "got 0 tables among 2 files"),
        (["a.csv", "x/1.png", "y/1.png"], "1.png was uploaded twice"),
        (["a.csv", ".."], r"'\.\.' is no name of a file"),
    ],
)
def test_uploads_that_are_no_catalogue_are_refused_and_not_kept(data: Path, names: list[str], message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        uploaded_source([upload(name) for name in names], data)
    assert list(data.iterdir()) == []


def test_a_name_cannot_leave_the_folder(tmp_path: Path, data: Path) -> None:
    source = uploaded_source([upload("../../evil.csv", TABLE), upload("..\\..\\a.png")], data)
    assert source.path.parent == source.folder
    assert source.folder.is_relative_to(data)
    assert {path.name for path in source.folder.iterdir()} == {"evil.csv", "a.png"}


def test_a_bad_archive_is_refused_and_not_kept(data: Path) -> None:
    with pytest.raises(CatalogError, match="cannot be unpacked"):
        uploaded_source([upload("a.zip", b"PK")], data)
    assert list(data.iterdir()) == []


def test_folders_tables_and_archives_on_the_server(tmp_path: Path, data: Path) -> None:
    folder = shop(tmp_path / "shop")
    (tmp_path / "spring.zip").write_bytes(zipped(folder))
    for path, is_kept in ((folder, False), (folder / "products.jsonl", False), (tmp_path / "spring.zip", True)):
        source = server_source(str(path), data)
        assert (len(list(source.products())), source.kept is not None) == (3, is_kept)
        assert source.name == path.name
    with pytest.raises(CatalogError, match="no sub-folder with photos"):
        list(server_source(str(folder / "mug"), data).products())


def test_allowed_roots_hold_links_and_detours_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "secret", "abc"):
        (tmp_path / name).mkdir()
    (tmp_path / "a" / "link").symlink_to(tmp_path / "secret")
    assert allowed_path(f" {tmp_path / 'secret'} ") == tmp_path / "secret", "everything is allowed by default"
    monkeypatch.setenv("AGPIS_CATALOGUE_ROOTS", os.pathsep.join((str(tmp_path / "a"), str(tmp_path / "b"), "")))
    assert allowed_path(str(tmp_path / "b")) == tmp_path / "b"
    for path in ("secret", "a/link", "a/../secret", "abc", "a/link/none"):
        with pytest.raises(CatalogError, match=r"lies outside the folders .*AGPIS_CATALOGUE_ROOTS"):
            allowed_path(str(tmp_path / path))
    with pytest.raises(CatalogError, match="there is no .*; check the spelling"):
        allowed_path(str(tmp_path / "a" / "none"))


@pytest.mark.parametrize("text", ["", "  ", "a\0b"])
def test_no_path_is_refused(text: str) -> None:
    with pytest.raises(CatalogError, match="is no path"):
        allowed_path(text)


def test_files_lie_beside_a_sqlite_file(tmp_path: Path) -> None:
    assert catalogue_folder(make_url(f"sqlite:///{tmp_path}/agpis.db")) == tmp_path / "catalogues"
    assert catalogue_folder(make_url("postgresql+psycopg://a@b/c")).parts[-2:] == ("agpis", "catalogues")
