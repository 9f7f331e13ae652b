"""ZIP archives from strangers: what is unpacked, and every way one is refused with nothing left behind."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from agpis.data.archives import ArchiveLimits, unpack_archive
from agpis.data.catalog import read_catalog
from agpis.errors import CatalogError, SettingsError

TABLE = b"product_id,title,images\nmug,Mug,photos/a.jpg\n"


def packed(members: Mapping[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    buffer.seek(0)
    return buffer


def refused(archive: io.BytesIO, tmp_path: Path, match: str, limits: ArchiveLimits | None = None) -> None:
    folder = tmp_path / "unpacked"
    with pytest.raises(CatalogError, match=match):
        unpack_archive(archive, folder, limits or ArchiveLimits())
    assert list(tmp_path.rglob("*")) == [], "nothing of it stays, inside the folder or beside it"


def test_tables_photos_and_titles_are_unpacked_and_nothing_else(tmp_path: Path) -> None:
    members = {
        "products.csv": TABLE,
        "photos/a.jpg": b"photo",
        "b/title.txt": b"Mug",
        "run.sh": b"#!",
        ".env.csv": b"",
        "__MACOSX/a.jpg": b"",
    }
    folder = unpack_archive(packed(members), tmp_path / "new")
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {"products.csv", "photos/a.jpg", "b/title.txt"}
    (product,) = read_catalog(folder)
    assert product.path_of(product.images[0]).read_bytes() == b"photo"


def test_a_folder_around_everything_is_taken_off_but_a_product_stays(tmp_path: Path) -> None:
    around = unpack_archive(packed({"spring/products.csv": TABLE, "spring/photos/a.jpg": b"x"}), tmp_path / "a")
    assert around == tmp_path / "a" / "spring"
    product = unpack_archive(packed({"mug/1.jpg": b"x"}), tmp_path / "b")
    assert [entry.product_id for entry in read_catalog(product)] == ["mug"]


@pytest.mark.parametrize(
    "name",
    ["../evil.jpg", "a/../../evil.jpg", "/etc/evil.jpg", "..\\evil.jpg", "C:\\evil.jpg", "C:evil.jpg", "a\0.jpg"],
)
def test_a_name_that_leaves_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    # The writer shortens a name at a zero byte and turns no other; so the bytes are planted.
    stand_in = "n" * len(name)
    data = packed({stand_in: b"x", "b.jpg": b"y"}).getvalue().replace(stand_in.encode(), name.encode())
    refused(io.BytesIO(data), tmp_path, "would lie outside its folder")


def test_a_link_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("photos/a.jpg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    refused(buffer, tmp_path, "'photos/a.jpg' is a link")


def test_a_bomb_is_refused_before_anything_is_unpacked(tmp_path: Path) -> None:
    limits = ArchiveLimits(max_members=3, max_member_bytes=1000, max_bytes=1500)
    refused(packed({"a.jpg": bytes(1001)}), tmp_path, r"'a\.jpg' has 1,001 bytes unpacked, at most 1,000", limits)
    two = packed({"a.jpg": bytes(800), "b.jpg": bytes(800)})
    refused(two, tmp_path, r"more than 1,500 bytes unpacked, reached at 'b\.jpg'", limits)
    four = packed({f"{number}.jpg": b"" for number in range(4)})
    refused(four, tmp_path, "has 4 members, at most 3", limits)
    exact = packed({"a.jpg": bytes(1000), "b.jpg": bytes(500), "c.jpg": b""})
    assert unpack_archive(exact, tmp_path / "fits", limits) == tmp_path / "fits"


def test_a_member_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    honest = packed({"a.jpg": bytes(100_000)}).getvalue()
    lying = honest.replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != honest
    refused(io.BytesIO(lying), tmp_path, "cannot be unpacked")


def test_the_same_file_twice_is_refused_also_in_other_case(tmp_path: Path) -> None:
    refused(packed({"a.jpg": b"1", "A.JPG": b"2"}), tmp_path, r"holds 'A\.JPG' twice")


def test_an_encrypted_archive_says_so(tmp_path: Path) -> None:
    data = bytearray(packed({"a.jpg": b"x"}).getvalue())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    refused(io.BytesIO(bytes(data)), tmp_path, r"'a\.jpg' is encrypted")


@pytest.mark.parametrize("cut", [0, 10, -30])
def test_what_is_no_whole_archive_is_refused(tmp_path: Path, cut: int) -> None:
    data = packed({"a.jpg": b"photo" * 50}).getvalue()[:cut]
    refused(io.BytesIO(data), tmp_path, "cannot be unpacked")


def test_damaged_data_is_refused(tmp_path: Path) -> None:
    data = packed({"a.jpg": b"photo" * 50}, zipfile.ZIP_STORED).getvalue().replace(b"photophoto", b"photoPHOTO", 1)
    refused(io.BytesIO(data), tmp_path, "cannot be unpacked: Bad CRC-32")


def test_an_existing_folder_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("mine")
    with pytest.raises(FileExistsError):
        unpack_archive(packed({"a.jpg": b""}), tmp_path)
    assert (tmp_path / "a.txt").read_text() == "mine"


def test_limits_are_at_least_one() -> None:
    with pytest.raises(SettingsError, match="max_members must be at least 1, got 0"):
        ArchiveLimits(max_members=0)
