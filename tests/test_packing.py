"""A sequence as a ZIP file."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from agpis.errors import CatalogError
from agpis.images import named_sources
from agpis.packing import LONGEST_NAME, archive_names, pack_sequence, safe_name
from agpis.types import Outcome, SequenceResult


def result(sequence: tuple[str, ...]) -> SequenceResult:
    return SequenceResult("sku/1", Outcome.SUBMIT, "好", sequence, 0.5, 0.3, {}, None, None, (), ())


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("images/front.jpg", "front.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\a b.png", "a_b.png"),
        ("..", "image"),
        (".hidden.jpg", "hidden.jpg"),
        ("鞋子 1.webp", "鞋子_1.webp"),
        ('a"<b>|c?.jpg', "a_b_c_.jpg"),
        ("front (2).jpg", "front_2_.jpg"),
        ("line\nbreak\0.jpg", "line_break_.jpg"),
    ],
)
def test_names_are_safe_on_any_system(file: str, expected: str) -> None:
    assert safe_name(file) == expected


def test_long_names_keep_their_ending() -> None:
    name = safe_name("a" * 300 + ".jpeg")
    assert len(name) == LONGEST_NAME
    assert name.endswith("a.jpeg")
    assert len(safe_name("a." + "b" * 300)) <= LONGEST_NAME


def test_equal_names_stay_apart_and_in_order() -> None:
    assert archive_names(["x/a.jpg", "y/a.jpg"]) == ("01-a.jpg", "02-a.jpg")


def test_the_archive_holds_the_photos_as_they_came_and_the_result(tmp_path: Path) -> None:
    (tmp_path / "side.png").write_bytes(b"side as on the disk")
    sources: dict[str, bytes | Path] = {
        "front.jpg": b"front as uploaded",
        "side.png": tmp_path / "side.png",
        "back.jpg": b"not asked for",
    }
    packed = pack_sequence(result(("side.png", "front.jpg")), sources)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["01-side.png", "02-front.jpg", "result.json"]
        assert archive.read("01-side.png") == b"side as on the disk"
        assert archive.read("02-front.jpg") == b"front as uploaded"
        told = json.loads(archive.read("result.json").decode("utf-8"))
    assert (told["reason"], told["sequence"]) == ("好", ["side.png", "front.jpg"])
    assert packed == pack_sequence(result(("side.png", "front.jpg")), sources), "the same, byte for byte"


def test_a_photo_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"photo a.jpg cannot be read any more: No such file"):
        pack_sequence(result(("a.jpg",)), dict[str, bytes | Path]({"a.jpg": tmp_path / "a.jpg"}))
    with pytest.raises(CatalogError, match="photo b.jpg is none of the 1 files"):
        pack_sequence(result(("b.jpg",)), {"a.jpg": b"x"})


def test_sources_go_by_the_names_that_the_product_knows() -> None:
    assert named_sources([("a.jpg", b"1"), ("a.jpg", b"2"), ("", b"3")]) == {
        "a.jpg": b"1",
        "a (2).jpg": b"2",
        "image": b"3",
    }
