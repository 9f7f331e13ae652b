"""Every format and pixel mode comes out as the RGB pixels that were put in."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image as PilImage

from agpis.images import read_image_bytes

RED, BLUE, WHITE = [255, 0, 0], [0, 0, 255], [255, 255, 255]


def encode(picture: PilImage.Image, format_name: str, **options: object) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, format_name, **options)
    return buffer.getvalue()


def red_blue(width: int = 64, height: int = 48) -> PilImage.Image:
    """Left half red, right half blue."""
    picture = PilImage.new("RGB", (width, height), "red")
    picture.paste((0, 0, 255), (width // 2, 0, width, height))
    return picture


def png(depth: int, colour_type: int, row: bytes, transparency: bytes = b"", side: int = 32) -> bytes:
    """A PNG of equal rows, built by hand for the modes Pillow does not write."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, depth, colour_type, 0, 0, 0)
    middle = chunk(b"tRNS", transparency) if transparency else b""
    data = zlib.compress((b"\0" + row) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + middle + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def first_pixel(data: bytes) -> list[int]:
    return [int(value) for value in read_image_bytes(data, "a").pixels[0, 0]]


@pytest.mark.parametrize(
    ("format_name", "options"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ("TIFF", {"big_tiff": True}),
        ("GIF", {}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_lossless_formats_return_the_exact_pixels(format_name: str, options: dict[str, object]) -> None:
    picture = red_blue()
    image = read_image_bytes(encode(picture, format_name, **options), "a.x")
    assert image.file == "a.x"
    assert (image.width, image.height) == (64, 48)
    np.testing.assert_array_equal(image.pixels, np.asarray(picture))


@pytest.mark.parametrize(
    ("format_name", "options"),
    [
        ("JPEG", {"quality": 95, "subsampling": 0}),
        ("JPEG", {"quality": 95, "subsampling": 0, "progressive": True}),
        ("MPO", {"quality": 95, "subsampling": 0}),
        ("WEBP", {"quality": 95}),
        ("AVIF", {"quality": 95, "speed": 10}),
        ("TIFF", {"compression": "jpeg", "quality": 95}),
    ],
)
def test_lossy_formats_return_nearly_the_pixels(format_name: str, options: dict[str, object]) -> None:
    picture = red_blue()
    pixels = read_image_bytes(encode(picture, format_name, **options), "a.x").pixels
    for column, colour in ((8, RED), (56, BLUE)):
        np.testing.assert_allclose(pixels[24, column], colour, atol=8)


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG", "TIFF", "AVIF"])
def test_of_several_frames_the_first_is_read(format_name: str) -> None:
    first, second = PilImage.new("RGB", (40, 40), "red"), PilImage.new("RGB", (40, 40), "blue")
    data = encode(first, format_name, save_all=True, append_images=[second])
    np.testing.assert_allclose(first_pixel(data), RED, atol=8)


def test_pixels_may_not_be_written_to() -> None:
    image = read_image_bytes(encode(red_blue(), "PNG"), "a.png")
    with pytest.raises(ValueError, match="read-only"):
        image.pixels[0, 0] = 0


# What the first pixel (red) of the upper left corner becomes: (row, column) in the upright picture,
# for a stored picture of 2 rows x 3 columns in blocks of 32 px.
@pytest.mark.parametrize(
    ("orientation", "shape", "corner"),
    [
        (1, (64, 96), (0, 0)),
        (2, (64, 96), (0, 2)),
        (3, (64, 96), (1, 2)),
        (4, (64, 96), (1, 0)),
        (5, (96, 64), (0, 0)),
        (6, (96, 64), (0, 1)),
        (7, (96, 64), (2, 1)),
        (8, (96, 64), (2, 0)),
        (9, (64, 96), (0, 0)),
    ],
)
@pytest.mark.parametrize("format_name", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
def test_exif_orientation_sets_the_picture_upright(
    format_name: str, orientation: int, shape: tuple[int, int], corner: tuple[int, int]
) -> None:
    picture = PilImage.new("RGB", (96, 64), "white")
    picture.paste((255, 0, 0), (0, 0, 32, 32))
    exif = PilImage.Exif()
    exif[0x0112] = orientation
    pixels = read_image_bytes(encode(picture, format_name, exif=exif), "a").pixels
    assert pixels.shape[:2] == shape
    middles = pixels[16::32, 16::32].astype(int)
    red = np.argwhere(np.abs(middles - RED).max(axis=2) < 60)
    assert red.tolist() == [list(corner)]


def test_a_damaged_exif_block_does_not_cost_the_picture() -> None:
    data = encode(red_blue(), "PNG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert first_pixel(data) == RED


@pytest.mark.parametrize("format_name", ["PNG", "TIFF"])
def test_alpha_is_laid_on_white(format_name: str) -> None:
    # Black at alpha 51 of 255 over white: 255 * (1 - 0.2) = 204.
    assert first_pixel(encode(PilImage.new("RGBA", (32, 32), (0, 0, 0, 51)), format_name)) == [204] * 3
    assert first_pixel(encode(PilImage.new("LA", (32, 32), (0, 51)), format_name)) == [204] * 3
    assert first_pixel(encode(PilImage.new("RGBA", (32, 32), (255, 0, 0, 255)), format_name)) == RED
    assert first_pixel(encode(PilImage.new("RGBA", (32, 32), (7, 7, 7, 0)), format_name)) == WHITE


@pytest.mark.parametrize("format_name", ["WEBP", "AVIF"])
def test_alpha_of_lossy_formats_is_laid_on_white(format_name: str) -> None:
    data = encode(PilImage.new("RGBA", (32, 32), (0, 0, 0, 51)), format_name, quality=100)
    np.testing.assert_allclose(first_pixel(data), [204] * 3, atol=2)


@pytest.mark.parametrize("format_name", ["PNG", "GIF"])
def test_the_transparent_entry_of_a_palette_becomes_white(format_name: str) -> None:
    picture = PilImage.new("P", (32, 32), 0)
    picture.putpalette([0, 0, 0, 255, 0, 0])
    picture.paste(1, (16, 0, 32, 32))
    pixels = read_image_bytes(encode(picture, format_name, transparency=0), "a").pixels
    assert pixels[0, 0].tolist() == WHITE
    assert pixels[0, 20].tolist() == RED


def test_a_transparent_colour_of_a_plain_png_becomes_white() -> None:
    assert first_pixel(png(8, 2, bytes([10, 20, 30]) * 32, struct.pack(">HHH", 10, 20, 30))) == WHITE
    assert first_pixel(png(8, 2, bytes([10, 20, 31]) * 32, struct.pack(">HHH", 10, 20, 30))) == [10, 20, 31]
    assert first_pixel(png(8, 0, bytes([200]) * 32, struct.pack(">H", 200))) == WHITE


def test_one_bit_pictures_are_black_and_white() -> None:
    row = bytes([0b10000000, 0, 0, 0])
    pixels = read_image_bytes(png(1, 0, row), "a.png").pixels
    assert pixels[0, :2].tolist() == [WHITE, [0, 0, 0]]
    assert first_pixel(encode(PilImage.new("1", (32, 32), 1), "TIFF", compression="group4")) == WHITE


def test_grey_pictures_have_three_equal_channels() -> None:
    assert first_pixel(encode(PilImage.new("L", (32, 32), 77), "PNG")) == [77] * 3


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    # 0x8000 of 0xffff is 127.5 of 255; clipping would give 255.
    assert first_pixel(png(16, 0, struct.pack(">H", 0x8000) * 32)) == [128] * 3
    assert first_pixel(png(16, 0, struct.pack(">H", 0xFFFF) * 32)) == [255] * 3
    assert first_pixel(png(16, 2, struct.pack(">HHH", 0x8000, 0x4000, 0xFFFF) * 32)) == [128, 64, 255]
    # Grey 0x8000 at alpha 0x8000 over white: about (128 + 255) / 2.
    np.testing.assert_allclose(first_pixel(png(16, 4, struct.pack(">HH", 0x8000, 0x8000) * 32)), [191] * 3, atol=1)


@pytest.mark.parametrize("byte_order", ["<", ">"])
def test_sixteen_bit_tiff_is_scaled(byte_order: str) -> None:
    values = np.full((32, 32), 0x8000, dtype=f"{byte_order}u2")
    mode = "I;16" if byte_order == "<" else "I;16B"
    picture = PilImage.frombytes(mode, (32, 32), values.tobytes())
    assert first_pixel(encode(picture, "TIFF")) == [128] * 3


def test_twelve_bit_tiff_is_scaled_by_twelve_bits() -> None:
    # 0x800 twice in three bytes is 80 08 00; 2048 of 4095 is 127.5 of 255.
    data = bytes([0x80, 0x08, 0x00]) * (32 * 16)
    tags = [(256, 32), (257, 32), (258, 12), (259, 1), (262, 1), (273, 8), (277, 1), (278, 32), (279, len(data))]
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    tiff = b"II*\0" + struct.pack("<I", 8 + len(data)) + data + struct.pack("<H", len(tags)) + directory + b"\0" * 4
    assert first_pixel(tiff) == [128] * 3


@pytest.mark.parametrize(
    ("dtype", "value", "peak", "grey"),
    [
        (np.float32, 0.4, 1.0, 102),  # white at 1
        (np.float32, 102.0, 250.0, 102),  # white at 255
        (np.float32, 0x6666, 0xFFFF, 102),  # white at 65535
        (np.int32, 102, 250, 102),
        (np.int32, 0x6666, 0xFFFF, 102),
        (np.int32, 0x66666666, 0x7FFFFFFF, 102),  # white at 2^32 - 1
    ],
)
def test_wide_values_are_scaled_by_the_range_that_holds_them(
    dtype: type[np.generic], value: float, peak: float, grey: int
) -> None:
    values = np.full((32, 32), value, dtype=dtype)
    values[31, 31] = peak
    assert first_pixel(encode(PilImage.fromarray(values), "TIFF")) == [grey] * 3


def test_cmyk_becomes_rgb() -> None:
    cmyk = PilImage.new("CMYK", (32, 32), (0, 255, 255, 0))
    assert first_pixel(encode(cmyk, "TIFF")) == RED
    np.testing.assert_allclose(first_pixel(encode(cmyk, "JPEG", quality=100, subsampling=0)), RED, atol=3)


def test_ycck_jpeg_becomes_rgb() -> None:
    # Pillow stores C, M, Y, K inverted: 200, 128, 128, 255. With the Adobe marker's transform set from 0 (CMYK)
    # to 2 (YCCK) the first three read as Y = 200 without colour, so R = G = B = 200 of the inverted inks,
    # which the decoder returns as C = M = Y = 55 inverted: ink 200, hence grey 55.
    data = bytearray(encode(PilImage.new("CMYK", (32, 32), (55, 127, 127, 0)), "JPEG", quality=100, subsampling=0))
    marker = data.index(b"Adobe")
    assert data[marker + 11] == 0
    data[marker + 11] = 2
    np.testing.assert_allclose(first_pixel(bytes(data)), [55] * 3, atol=2)


def test_lab_tiff_becomes_rgb() -> None:
    # L* = 100 of 100 without colour is white.
    data = encode(PilImage.new("LAB", (32, 32), (255, 128, 128)), "TIFF")
    np.testing.assert_allclose(first_pixel(data), WHITE, atol=2)
