"""A product is read as far as it can be, and says which files it went on without."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image as PilImage

from agpis.images import ImageLimits, read_product
from agpis.types import UnreadableImage


def png(colour: str, side: int = 40) -> bytes:
    buffer = BytesIO()
    PilImage.new("RGB", (side, side), colour).save(buffer, "PNG")
    return buffer.getvalue()


def test_bad_files_are_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "side.png"
    path.write_bytes(png("blue"))
    product = read_product(
        "SKU-1",
        "Mug",
        [
            ("front.png", png("red")),
            ("note.jpg", b"call me"),
            ("side.png", path),
            ("gone.png", tmp_path / "gone.png"),
            ("cut.png", png("red")[:60]),
        ],
        category="kitchen/mugs",
    )
    assert (product.product_id, product.title, product.category) == ("SKU-1", "Mug", "kitchen/mugs")
    assert [image.file for image in product.images] == ["front.png", "side.png"]
    assert product.images[1].pixels[0, 0].tolist() == [0, 0, 255]
    assert [(file.file, file.cause) for file in product.unreadable] == [
        ("note.jpg", "not_an_image"),
        ("gone.png", "missing"),
        ("cut.png", "truncated"),
    ]
    assert product.unreadable[1] == UnreadableImage("gone.png", "missing", "there is no such file")


def test_a_name_that_occurs_again_gets_a_number() -> None:
    names = ["a.jpg", "a.jpg", "a.jpg", "a (2).jpg", "noext", "noext", "", ""]
    product = read_product("1", "", [(name, png("red")) for name in names])
    assert [image.file for image in product.images] == [
        "a.jpg",
        "a (2).jpg",
        "a (3).jpg",
        "a (2) (2).jpg",
        "noext",
        "noext (2)",
        "image",
        "image (2)",
    ]


def test_unreadable_files_share_the_names_with_readable_ones() -> None:
    product = read_product("1", "", [("a.jpg", b"no"), ("a.jpg", png("red"))])
    assert product.unreadable[0].file == "a.jpg"
    assert product.images[0].file == "a (2).jpg"


def test_no_readable_file_is_still_a_product() -> None:
    product = read_product("1", "Mug", [("a.jpg", b"")])
    assert product.images == ()
    assert product.unreadable[0].reason == "the file is empty"
    assert read_product("1", "Mug", []).unreadable == ()


def test_the_limits_hold_for_every_file() -> None:
    files = [("small.png", png("red", 40)), ("large.png", png("red", 50))]
    product = read_product("1", "", files, limits=ImageLimits(min_side=50))
    assert [image.file for image in product.images] == ["large.png"]
    assert product.unreadable[0].cause == "too_small"
