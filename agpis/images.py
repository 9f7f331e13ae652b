"""The only door for untrusted image bytes: they come out as RGB pixels or as a typed error.

Nothing here guesses: a file that cannot be decoded in full raises, it never becomes a black or half-filled frame.
"""

from __future__ import annotations

import logging
import struct
import warnings
import zlib
from collections.abc import Container, Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePath

import numpy as np
import numpy.typing as npt
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
from agpis.reasons import Reason
from agpis.types import Image, Pixels, Product, UnreadableImage

_logger = logging.getLogger(__name__)

# Only these decoders ever see the bytes; the names are Pillow's.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")

# Offset, bytes, format. Names outside _FORMATS are recognised only to say what the file is.
_SIGNATURES = (
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (8, b"WEBP", "WEBP"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"II+\0", "TIFF"),
    (0, b"MM\0+", "TIFF"),
    (0, b"\0\0\1\0", "ICO"),
    (0, b"8BPS", "PSD"),
    (0, b"%!PS", "EPS"),
    (0, b"\xc5\xd0\xd3\xc6", "EPS"),
    (4, b"jP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (4, b"JXL ", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"DDS ", "DDS"),
    (0, b"qoif", "QOI"),
    (0, b"icns", "ICNS"),
    (0, b"gimp xcf", "XCF"),
    (0, b"\x76\x2f\x31\x01", "OpenEXR"),
)

_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")

# What decoders are known to raise on damaged data, beside OSError; fuzzed in the tests.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    RuntimeError,
    EOFError,
    LookupError,
    ArithmeticError,
    MemoryError,
    struct.error,
    zlib.error,
)

_INTEGER_MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I")

_EIGHT_BIT_MODES = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB")

# EXIF orientation -> the turn that sets the picture upright.
_TURNS = {
    2: PilImage.Transpose.FLIP_LEFT_RIGHT,
    3: PilImage.Transpose.ROTATE_180,
    4: PilImage.Transpose.FLIP_TOP_BOTTOM,
    5: PilImage.Transpose.TRANSPOSE,
    6: PilImage.Transpose.ROTATE_270,
    7: PilImage.Transpose.TRANSVERSE,
    8: PilImage.Transpose.ROTATE_90,
}
_ORIENTATION_TAG = 0x0112
_BITS_PER_SAMPLE_TAG = 258


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What an image may weigh; checked from the header, before any pixel is decoded.

    Attributes:
        max_bytes: largest file in bytes.
        max_pixels: largest width x height.
        min_side: shortest allowed side in pixels.
    """

    max_bytes: int = 30_000_000
    max_pixels: int = 60_000_000
    min_side: int = 32

    def __post_init__(self) -> None:
        for name in ("max_bytes", "max_pixels", "min_side"):
            value = getattr(self, name)
            if value < 1:
                raise SettingsError(f"{name} must be at least 1, got {value}")


DEFAULT_LIMITS = ImageLimits()


def read_image_bytes(data: bytes, file: str, limits: ImageLimits = DEFAULT_LIMITS) -> Image:
    """Decode one image: JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF; of several frames the first.

    EXIF orientation is applied, alpha is laid on white, 16-bit and float values are scaled to 8 bits.
    Colour profiles are not applied.

    Args:
        data: the whole file.
        file: name that identifies the image in results and errors.
        limits: size limits.

    Returns:
        The image with (H, W, 3) uint8 RGB pixels, read-only.

    Raises:
        NotAnImageError: empty, text, SVG, HTML, or anything else that is no raster image.
        UnsupportedImageError: an image of another format, or with values that have no 8-bit reading.
        TruncatedImageError: the data is cut short or damaged.
        ImageTooLargeError: more bytes or pixels than the limits.
        ImageTooSmallError: a side is shorter than the limit.
    """
    if len(data) > limits.max_bytes:
        raise _too_heavy(file, len(data), limits)
    format_name = _sniff(data, file)
    with warnings.catch_warnings():
        # Pillow warns of odd metadata and of sizes that _check_size judges anyway.
        warnings.simplefilter("ignore")
        return Image(file, _decode(data, file, format_name, limits))


def read_image(path: Path, file: str | None = None, limits: ImageLimits = DEFAULT_LIMITS) -> Image:
    """Read one image file.

    Args:
        path: the file.
        file: name that identifies the image in results and errors; the path's last part by default.
        limits: size limits.

    Raises:
        MissingImageError: no such file, or it may not be opened.
        ImageError: as `read_image_bytes`.
    """
    name = path.name if file is None else file
    if not path.is_file():
        raise MissingImageError(name, Reason.FILE_MISSING.format())
    try:
        size = path.stat().st_size
        if size > limits.max_bytes:
            raise _too_heavy(name, size, limits)
        data = path.read_bytes()
    except OSError as error:
        raise MissingImageError(name, Reason.FILE_CLOSED.format(error=error.strerror)) from error
    return read_image_bytes(data, name, limits)


def read_product(
    product_id: str,
    title: str,
    files: Iterable[tuple[str, Path | bytes]],
    category: str = "",
    limits: ImageLimits = DEFAULT_LIMITS,
) -> Product:
    """Read the candidate images I^c of one product; files that cannot be read are reported in the result.

    Args:
        product_id: the shop's identifier.
        title: product title W^t; may be empty.
        files: (name, path or bytes) of every candidate; a name that occurs again becomes "name (2).jpg".
        category: the shop's category path, or an empty string.
        limits: size limits.

    Returns:
        The product with its readable images in the given order and the others under `unreadable`.
    """
    images: list[Image] = []
    unreadable: list[UnreadableImage] = []
    for name, source in named_sources(files).items():
        try:
            if isinstance(source, bytes):
                images.append(read_image_bytes(source, name, limits))
            else:
                images.append(read_image(source, name, limits))
        except ImageError as error:
            unreadable.append(UnreadableImage(name, error.cause, error.reason))
    return Product(product_id, title, tuple(images), tuple(unreadable), category)


def named_sources(files: Iterable[tuple[str, Path | bytes]]) -> dict[str, Path | bytes]:
    """The sources of a product's photos by the names that `read_product` gives them.

    Args:
        files: (name, path or bytes) of every candidate; a name that occurs again becomes "name (2).jpg".
    """
    named: dict[str, Path | bytes] = {}
    for given, source in files:
        named[_distinct(given or "image", named)] = source
    return named


def _distinct(name: str, taken: Container[str]) -> str:
    path, number, candidate = PurePath(name), 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name.removesuffix(path.suffix)} ({number}){path.suffix}"
    return candidate


def _too_heavy(file: str, size: int, limits: ImageLimits) -> ImageTooLargeError:
    return ImageTooLargeError(file, Reason.FILE_HEAVY.format(size=f"{size:,}", most=f"{limits.max_bytes:,}"))


def _sniff(data: bytes, file: str) -> str:
    """Name of the format by the first bytes, one of _FORMATS."""
    if not data:
        raise NotAnImageError(file, Reason.FILE_EMPTY.format())
    name = _format_name(data)
    if name is None:
        raise NotAnImageError(file, Reason.FILE_NO_IMAGE.format())
    if name not in _FORMATS:
        raise UnsupportedImageError(file, Reason.FILE_FORMAT.format(format=name))
    return name


def _format_name(data: bytes) -> str | None:
    for offset, signature, name in _SIGNATURES:
        if data.startswith(signature, offset):
            return name
    # "BM" alone also begins text; BMP has its four reserved bytes at zero.
    if data.startswith(b"BM") and data[6:10] == b"\0\0\0\0":
        return "BMP"
    if data[4:8] == b"ftyp":
        brands = [data[start : start + 4] for start in range(8, min(int.from_bytes(data[:4]), 256), 4)]
        if b"avif" in brands or b"avis" in brands:
            return "AVIF"
        if any(brand in _HEIF_BRANDS for brand in brands):
            return "HEIC"
    return None


def _decode(data: bytes, file: str, format_name: str, limits: ImageLimits) -> Pixels:
    try:
        picture = PilImage.open(BytesIO(data), formats=_FORMATS)
    except PilImage.DecompressionBombError as error:
        raise ImageTooLargeError(file, Reason.FILE_BOMB.format(most=f"{limits.max_pixels:,}")) from error
    except _DECODER_ERRORS as error:
        raise TruncatedImageError(file, Reason.FILE_HEADER.format(format=format_name)) from error
    with picture:
        _check_size(picture.size, file, limits)
        try:
            picture.load()
        except _DECODER_ERRORS as error:
            raise TruncatedImageError(file, Reason.FILE_DATA.format(format=format_name)) from error
        pixels = np.asarray(_upright(_to_rgb(picture, file), _orientation(picture, file)))
    pixels.flags.writeable = False
    return pixels


def _check_size(size: tuple[int, int], file: str, limits: ImageLimits) -> None:
    width, height = size
    if width * height > limits.max_pixels:
        most = f"{limits.max_pixels:,}"
        raise ImageTooLargeError(file, Reason.FILE_LARGE.format(width=width, height=height, most=most))
    if min(size) < limits.min_side:
        least = limits.min_side
        raise ImageTooSmallError(file, Reason.FILE_SMALL.format(width=width, height=height, least=least))


def _to_rgb(picture: PilImage.Image, file: str) -> PilImage.Image:
    if picture.mode in _INTEGER_MODES or picture.mode == "F":
        return PilImage.fromarray(_scaled(np.asarray(picture), _full_scale(picture), file)).convert("RGB")
    if picture.mode not in _EIGHT_BIT_MODES:
        raise UnsupportedImageError(file, Reason.FILE_MODE.format(mode=picture.mode))
    if picture.mode == "La":
        picture = picture.convert("LA")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    white = PilImage.new("RGBA", layer.size, "white")
    return PilImage.alpha_composite(white, layer).convert("RGB")


def _full_scale(picture: PilImage.Image) -> float:
    """The value that stands for white in a one-channel picture of more than 8 bits; 0 when the file does not say."""
    if picture.mode not in _INTEGER_MODES or picture.mode == "I":
        return 0.0
    tags = getattr(picture, "tag_v2", {})
    bits = tags.get(_BITS_PER_SAMPLE_TAG, (16,))[0]
    return float(2**bits - 1)


def _scaled(values: npt.NDArray[np.generic], full_scale: float, file: str) -> Pixels:
    """Grey values of any range as 8 bits.

    Without a full scale, the smallest of 1 (floats only), 8 bits, 16 bits and 32 bits that holds all values is it.
    """
    numbers = values.astype(np.float64)
    if not np.isfinite(numbers).all() or numbers.min() < 0:
        raise UnsupportedImageError(file, Reason.FILE_VALUES.format())
    if not full_scale:
        scales = [1.0] if values.dtype.kind == "f" else []
        scales += [2.0**8 - 1, 2.0**16 - 1, 2.0**32 - 1]
        peak = float(numbers.max())
        full_scale = next((scale for scale in scales if peak <= scale), peak)
    scaled: Pixels = np.rint(numbers * (255.0 / full_scale)).clip(0, 255).astype(np.uint8)
    return scaled


def _orientation(picture: PilImage.Image, file: str) -> int:
    """EXIF orientation 1 to 8; a damaged EXIF block does not cost the picture."""
    try:
        value = picture.getexif().get(_ORIENTATION_TAG, 1)
    except _DECODER_ERRORS as error:
        _logger.warning("%s: EXIF block ignored, it is damaged (%s)", file, error)
        return 1
    return value if isinstance(value, int) else 1


def _upright(picture: PilImage.Image, orientation: int) -> PilImage.Image:
    turn = _TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)
