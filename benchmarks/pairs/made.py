"""Pairs of pictures made from catalogue photos with a seed: copies of many kinds, other photos, recoloured copies.

Photos are drawn per catalogue; who tunes on some catalogues and measures on others shares no photo between the two.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from agpis.images import read_image
from agpis.types import Pixels

_LARGEST_STRETCH = 1.6
_SHOWN = 0.15  # share of a crop that must differ from the photo's border, else it shows nothing to recognise
_TRIES = 20
_BACKGROUND = 20  # in 8-bit Lab; nearer to the border's colour is background
_COLOURS = 5  # of a product, one of which may be replaced
_PART = (0.02, 0.15)  # of the photo
_SAME = 3.0  # of 255, mean difference of two thumbnails
_WORDS = ("SALE", "-30%", "NEW IN", "FREE SHIPPING", "BEST PRICE", "ONLY TODAY", "2 FOR 1")


class Kind(StrEnum):
    """What the second picture of a pair is to the first."""

    RESAVED = "resaved"  # the whole photo, in another size and brightness
    CROPPED = "cropped"  # 30 to 70% of the area
    PASTED = "pasted"  # a crop on white
    MIRRORED = "mirrored"  # a crop, left to right
    TURNED = "turned"  # a crop, by 90, 180 or 270 degrees
    STRETCHED = "stretched"  # a crop, one side 1.15 to 1.6 times as long
    CLOSE_UP = "close-up"  # 12 to 25% of the area, enlarged to the photo's size
    BANNER = "banner"  # nearly the whole photo under a strip with words
    RECOLOURED = "recoloured"  # the whole photo, the product in another colour
    PARTLY = "partly recoloured"  # the whole photo, one of the product's colours replaced
    OTHER = "other"  # another photo of the category, or another view of the product


RECOLOURINGS = (Kind.RECOLOURED, Kind.PARTLY)
COPIES = tuple(kind for kind in Kind if kind not in (*RECOLOURINGS, Kind.OTHER))


@dataclass(frozen=True, slots=True)
class Photo:
    """One catalogue photo.

    Attributes:
        path: of the file.
        product: id in its catalogue.
        category: of the product, or an empty string.
        view: word of the catalogue, e.g. "front".
    """

    path: Path
    product: str
    category: str
    view: str

    def read(self) -> Pixels:
        """Decode the photo: (H, W, 3) uint8 RGB."""
        return read_image(self.path).pixels


@dataclass(frozen=True, slots=True, eq=False)
class MadePair:
    """Two pictures and what they are to one another.

    Attributes:
        kind: a kind of copy, one of RECOLOURINGS, or OTHER.
        product: that the first picture belongs to; pairs of one product are not independent.
        first: a photo as it is, (H, W, 3) uint8 RGB.
        second: what was made of it, or another photo.
    """

    kind: Kind
    product: str
    first: Pixels
    second: Pixels

    @property
    def is_copy(self) -> bool:
        """Whether a duplicate must be found."""
        return self.kind in COPIES


def read_photos(folder: Path) -> list[Photo]:
    """List every photo of a catalogue's products, sorted by path."""
    photos = []
    for line in (folder / "products.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for image in row["images"]:
            photos.append(Photo(folder / image["file"], row["product_id"], row.get("category") or "", image["view"]))
    return sorted(photos, key=lambda photo: photo.path)


def make_pairs(photos: Sequence[Photo], copies: int, seed: int) -> list[MadePair]:
    """Make `copies` of every kind of copy and as many pairs that are none: 3/4 OTHER, 1/4 RECOLOURINGS.

    Of these every second one is PARTLY where the photo has a part to recolour.

    No two of OTHER are the same two photos, so that a small catalogue gives fewer.
    """
    rng = np.random.default_rng(seed)
    negatives = copies * len(COPIES)
    pairs = [_copy(kind, photos, rng) for kind in COPIES for _ in range(copies)]
    pairs += _others(photos, negatives - negatives // 4, rng)
    for number, photo in enumerate(_drawn(photos, negatives // 4, rng)):
        pixels = photo.read()
        part = _part(pixels, rng) if number % 2 else None
        kind = Kind.RECOLOURED if part is None else Kind.PARTLY
        where = _distance_from_border(pixels) > _BACKGROUND if part is None else part
        pairs.append(MadePair(kind, photo.product, pixels, _recoloured(pixels, where, rng)))
    return pairs


def _drawn(photos: Sequence[Photo], count: int, rng: np.random.Generator) -> list[Photo]:
    return [photos[index] for index in rng.integers(0, len(photos), count)]


def _copy(kind: Kind, photos: Sequence[Photo], rng: np.random.Generator) -> MadePair:
    photo = _drawn(photos, 1, rng)[0]
    pixels = photo.read()
    if kind is Kind.BANNER:
        copy = _under_banner(_resized(_crop(pixels, (0.85, 1.0), rng), rng.uniform(0.6, 1.3)), rng)
    elif kind is Kind.RESAVED:
        copy = _resized(pixels, rng.uniform(0.6, 1.3))
    elif kind is Kind.CLOSE_UP:
        crop = _crop(pixels, (0.12, 0.25), rng)
        copy = _resized(crop, max(pixels.shape[:2]) / max(crop.shape[:2]))
    else:
        copy = _changed(kind, _resized(_crop(pixels, (0.3, 0.7), rng), rng.uniform(0.6, 1.3)), rng)
    lit = np.clip(copy.astype(np.float32) * rng.uniform(0.8, 1.2), 0, 255).astype(np.uint8)
    if kind is Kind.PASTED:
        lit = _pasted(lit, rng)
    return MadePair(kind, photo.product, pixels, _compressed(lit, rng))


def _changed(kind: Kind, crop: Pixels, rng: np.random.Generator) -> Pixels:
    if kind is Kind.MIRRORED:
        return np.ascontiguousarray(crop[:, ::-1])
    if kind is Kind.TURNED:
        return np.ascontiguousarray(np.rot90(crop, int(rng.integers(1, 4))))
    if kind is Kind.STRETCHED:
        stretch = float(rng.uniform(1.15, _LARGEST_STRETCH))
        fx, fy = (stretch, 1.0) if rng.random() < 0.5 else (1.0, stretch)
        return np.asarray(cv2.resize(crop, None, fx=fx, fy=fy, interpolation=cv2.INTER_LINEAR), np.uint8)
    return crop


def _crop(pixels: Pixels, area: tuple[float, float], rng: np.random.Generator) -> Pixels:
    """A part of the photo in its proportions; drawn anew, at most 20 times, while it shows next to nothing."""
    height, width = pixels.shape[:2]
    shown = _distance_from_border(pixels) > _BACKGROUND
    for _ in range(_TRIES):
        share = np.sqrt(rng.uniform(*area))
        h, w = int(height * share), int(width * share)
        y, x = (int(rng.integers(0, room + 1)) for room in (height - h, width - w))
        if shown[y : y + h, x : x + w].mean() >= _SHOWN:
            break
    return pixels[y : y + h, x : x + w]


def _resized(pixels: Pixels, factor: float) -> Pixels:
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=way), np.uint8)


def _pasted(crop: Pixels, rng: np.random.Generator) -> Pixels:
    h, w = crop.shape[:2]
    canvas = np.full((int(h * rng.uniform(1.1, 1.7)), int(w * rng.uniform(1.1, 1.7)), 3), 255, np.uint8)
    top, left = rng.integers(0, canvas.shape[0] - h + 1), rng.integers(0, canvas.shape[1] - w + 1)
    canvas[top : top + h, left : left + w] = crop
    return canvas


def _under_banner(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Lay an opaque strip with words over 12 to 25% of the height, anywhere."""
    covered = pixels.copy()
    height, width = covered.shape[:2]
    thick = int(height * rng.uniform(0.12, 0.25))
    top = int(rng.integers(0, height - thick + 1))
    covered[top : top + thick] = rng.integers(0, 256, 3)
    text = str(rng.choice(_WORDS))
    ink = [int(value) for value in 255 - covered[top, 0].astype(int)]
    place = (int(0.05 * width), top + int(0.7 * thick))
    cv2.putText(covered, text, place, cv2.FONT_HERSHEY_DUPLEX, thick / 50, ink, max(1, thick // 25), cv2.LINE_AA)
    return covered


def _part(pixels: Pixels, rng: np.random.Generator) -> npt.NDArray[np.bool_] | None:
    """Where one of the colours of the product is, (H, W), when one takes 2 to 15% of the photo; else None."""
    shown = _distance_from_border(pixels) > _BACKGROUND
    if shown.sum() < _COLOURS:
        return None
    lab = cv2.cvtColor(cv2.GaussianBlur(pixels, (0, 0), 2), cv2.COLOR_RGB2Lab)[shown].astype(np.float32)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 1.0)
    cv2.setRNGSeed(0)
    _, labels, _ = cv2.kmeans(lab, _COLOURS, np.empty(0), stop, 1, cv2.KMEANS_PP_CENTERS)
    shares = np.bincount(np.ravel(labels), minlength=_COLOURS) / shown.size
    fitting = np.flatnonzero((shares > _PART[0]) & (shares < _PART[1]))
    if not len(fitting):
        return None
    where = np.zeros(shown.shape, bool)
    where[shown] = np.ravel(labels) == rng.choice(fitting)
    return where


def _recoloured(pixels: Pixels, where: npt.NDArray[np.bool_], rng: np.random.Generator) -> Pixels:
    """Give a part of the photo (H, W) another hue and another brightness."""
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2Lab).astype(np.float32)
    mask = cv2.GaussianBlur(where.astype(np.float32), (0, 0), 2)[..., None]
    angle = rng.uniform(0, 2 * np.pi)
    changed = lab.copy()
    changed[..., 0] *= rng.uniform(0.7, 1.3)
    changed[..., 1:] += rng.uniform(25, 50) * np.array([np.cos(angle), np.sin(angle)], np.float32)
    mixed = np.clip(lab * (1 - mask) + changed * mask, 0, 255).astype(np.uint8)
    return _compressed(np.asarray(cv2.cvtColor(mixed, cv2.COLOR_Lab2RGB), np.uint8), rng)


def _distance_from_border(pixels: Pixels) -> npt.NDArray[np.float32]:
    """(H, W) distance in 8-bit Lab from the median colour of the outermost pixels."""
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2Lab).astype(np.float32)
    border = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    return np.asarray(np.linalg.norm(lab - np.median(border, axis=0), axis=2), np.float32)


def _compressed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Save as JPEG of quality 50 to 90 and read again."""
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(50, 91))])
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)


def _others(photos: Sequence[Photo], count: int, rng: np.random.Generator) -> list[MadePair]:
    related: dict[str, list[Photo]] = defaultdict(list)
    for photo in photos:
        related[f"category {photo.category}"].append(photo)
        related[f"product {photo.product}"].append(photo)
    keys = [key for key in sorted(related) if len(related[key]) > 1]
    drawn: dict[frozenset[Path], MadePair] = {}
    for _ in range(_TRIES * count):
        group = related[keys[rng.integers(len(keys))]]
        first, second = (group[index] for index in rng.choice(len(group), 2, replace=False))
        known = first.product == second.product and first.view == second.view  # possibly one photo in two colours
        pixels = first.read(), second.read()
        if not known and frozenset((first.path, second.path)) not in drawn and not _is_one_photo(*pixels):
            pair = MadePair(Kind.OTHER, first.product, pixels[0], _compressed(pixels[1], rng))
            drawn[frozenset((first.path, second.path))] = pair
        if len(drawn) == count:
            break
    return list(drawn.values())


def _is_one_photo(first: Pixels, second: Pixels) -> bool:
    """Whether two files hold the same photo: catalogues list some under two products."""
    one, two = (
        cv2.resize(pixels, (64, 64), interpolation=cv2.INTER_AREA).astype(np.int16) for pixels in (first, second)
    )
    return bool(np.abs(one - two).mean() < _SAME)
