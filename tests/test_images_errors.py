"""Bad bytes become one typed error each: never another exception, never a made-up picture."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from agpis.errors import (
    ImageError,
    ImageTooLargeError,
    ImageTooSmallError,
    MissingImageError,
    NotAnImageError,
    SettingsError,
    TruncatedImageError,
    UnsupportedImageError,
)
from agpis.images import ImageLimits, read_image, read_image_bytes
from agpis.types import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")


def noise(side: int = 48) -> PilImage.Image:
    return PilImage.fromarray(np.random.default_rng(7).integers(0, 256, (side, side, 3), dtype=np.uint8))


def encode(picture: PilImage.Image, format_name: str, **options: object) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, format_name, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "the file is empty"),
        (b"BMW X5 spare wheel, boxed", "is not an image; supply JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not an image"),
        (b"<?xml version='1.0'?><svg/>", "is not an image"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "is not an image"),
        (b"%PDF-1.7\n", "is not an image"),
        (b"PK\x03\x04" + b"\0" * 60, "is not an image"),
        (b"\0" * 500, "is not an image"),
    ],
)
def test_what_is_no_image_says_so(data: bytes, match: str) -> None:
    with pytest.raises(NotAnImageError, match=f"^page.jpg: .*{match}") as caught:
        read_image_bytes(data, "page.jpg")
    assert caught.value.cause == "not_an_image"


@pytest.mark.parametrize(
    ("format_name", "named"),
    [("ICO", "ICO"), ("EPS", "EPS"), ("JPEG2000", "JPEG 2000"), ("DDS", "DDS"), ("ICNS", "ICNS"), ("QOI", "QOI")],
)
def test_known_formats_that_are_not_read_are_named(format_name: str, named: str) -> None:
    with pytest.raises(UnsupportedImageError, match=f"is a {named} file, which is not read; save it as JPEG"):
        read_image_bytes(encode(noise(64), format_name), "a.bin")


@pytest.mark.parametrize(
    ("head", "named"),
    [
        (b"8BPS\0\1", "PSD"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"gimp xcf v011", "XCF"),
    ],
)
def test_formats_that_pillow_cannot_write_are_named_too(head: bytes, named: str) -> None:
    with pytest.raises(UnsupportedImageError, match=f"is a {named} file") as caught:
        read_image_bytes(head + b"\0" * 200, "phone.heic")
    assert caught.value.cause == "unsupported"


@pytest.mark.parametrize("format_name", ["PPM", "TGA", "PCX", "SGI", "XBM"])
def test_other_decoders_are_never_reached(format_name: str) -> None:
    picture = noise().convert("1") if format_name == "XBM" else noise()
    with pytest.raises(NotAnImageError):
        read_image_bytes(encode(picture, format_name), "a.bin")


@pytest.mark.parametrize("values", [np.full((40, 40), -1.0), np.full((40, 40), np.nan)])
def test_values_without_a_reading_as_grey_are_refused(values: np.ndarray) -> None:
    with pytest.raises(UnsupportedImageError, match="negative or undefined pixel values"):
        read_image_bytes(encode(PilImage.fromarray(values.astype(np.float32)), "TIFF"), "depth.tiff")


def test_the_number_of_bytes_is_limited() -> None:
    data = encode(noise(), "PNG")
    assert read_image_bytes(data, "a.png", ImageLimits(max_bytes=len(data))).width == 48
    with pytest.raises(ImageTooLargeError, match=rf"a.png: has {len(data):,} bytes, at most {len(data) - 1:,} are"):
        read_image_bytes(data, "a.png", ImageLimits(max_bytes=len(data) - 1))


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_number_of_pixels_is_limited(format_name: str) -> None:
    data = encode(noise(), format_name)
    assert read_image_bytes(data, "a", ImageLimits(max_pixels=48 * 48)).height == 48
    with pytest.raises(ImageTooLargeError, match="is 48 x 48 px, at most 2,303 pixels are read") as caught:
        read_image_bytes(data, "a", ImageLimits(max_pixels=48 * 48 - 1))
    assert caught.value.cause == "too_large"


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000])
def test_a_bomb_is_refused_by_its_header(side: int) -> None:
    # 60,000 px squared are 10.8 GB decoded; there are no pixels behind this header at all.
    body = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    header = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    idat = struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    with pytest.raises(ImageTooLargeError, match="at most 60,000,000"):
        read_image_bytes(header + idat, "bomb.png")


def test_each_side_has_a_least_length() -> None:
    assert read_image_bytes(encode(PilImage.new("RGB", (32, 32)), "PNG"), "a.png").width == 32
    for size in ((31, 400), (400, 31)):
        with pytest.raises(ImageTooSmallError, match=f"is {size[0]} x {size[1]} px, each side needs at least 32 px"):
            read_image_bytes(encode(PilImage.new("RGB", size), "PNG"), "a.png")


@pytest.mark.parametrize("name", ["max_bytes", "max_pixels", "min_side"])
def test_limits_below_one_are_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be at least 1, got 0"):
        ImageLimits(**{name: 0})


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(MissingImageError, match=r"^gone\.jpg: there is no such file$") as caught:
        read_image(tmp_path / "gone.jpg")
    assert caught.value.cause == "missing"
    with pytest.raises(MissingImageError, match="no such file"):
        read_image(tmp_path)


def test_a_file_is_weighed_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "heavy.jpg"
    with path.open("wb") as sparse:
        sparse.truncate(40_000_000_000)
    with pytest.raises(ImageTooLargeError, match=r"heavy\.jpg: has 40,000,000,000 bytes"):
        read_image(path)


def test_a_file_is_named_by_its_last_part_or_as_told(tmp_path: Path) -> None:
    path = tmp_path / "front.png"
    path.write_bytes(encode(noise(), "PNG"))
    assert read_image(path).file == "front.png"
    assert read_image(path, "shop/1.png").file == "shop/1.png"


# -- fuzz: an Image or an ImageError, nothing else ----------------------------------------------------------------


def verdict(data: bytes) -> type[Image] | type[ImageError]:
    try:
        return type(read_image_bytes(data, "fuzz"))
    except ImageError as error:
        return type(error)


VARIANTS: dict[str, Callable[[], bytes]] = {
    **{name: partial(encode, noise(), name) for name in FORMATS},
    "progressive": lambda: encode(noise(), "JPEG", progressive=True),
    "lzw": lambda: encode(noise(), "TIFF", compression="tiff_lzw"),
    "lossless": lambda: encode(noise(), "WEBP", lossless=True),
    "animated": lambda: encode(noise(), "GIF", save_all=True, append_images=[noise().rotate(90)]),
    "palette": lambda: encode(noise().quantize(16), "PNG", transparency=0),
    "exif": lambda: encode(noise(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_cut_of_a_file_becomes_a_picture(variant: str) -> None:
    data = VARIANTS[variant]()
    assert verdict(data) is Image
    # The last bytes of some formats hold no pixels; the first 90% of noise always lack some.
    # (An animated file may be whole after its first frame.)
    share = 0.4 if variant == "animated" else 0.9
    for length in np.linspace(16, share * len(data), 60).astype(int):
        assert verdict(data[:length]) is TruncatedImageError, f"first {length} of {len(data)} bytes"
    for length in [*range(16), *range(len(data) - 40, len(data))]:
        verdict(data[:length])


@pytest.mark.parametrize("variant", VARIANTS)
def test_flipped_bits_give_a_picture_or_an_image_error(variant: str) -> None:
    data, rng = VARIANTS[variant](), np.random.default_rng(3)
    for trial in range(150):
        broken = bytearray(data)
        # Half of the trials hit the headers, where decoders go wrong most.
        reach = min(len(data), 200) if trial % 2 else len(data)
        for place in rng.integers(0, reach, size=1 + trial % 4):
            broken[place] ^= 1 << int(rng.integers(0, 8))
        verdict(bytes(broken))


@pytest.mark.parametrize("variant", VARIANTS)
def test_garbage_behind_a_true_header_gives_an_image_error(variant: str) -> None:
    data, rng = VARIANTS[variant](), np.random.default_rng(5)
    for head in (12, 16, 24, 40, 64):
        verdict(data[:head] + rng.bytes(2_000))


def test_random_bytes_are_no_image() -> None:
    rng = np.random.default_rng(11)
    for _ in range(200):
        assert verdict(b"\x01" + rng.bytes(300)) is NotAnImageError
