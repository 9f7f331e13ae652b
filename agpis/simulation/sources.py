"""Where the simulated marketplace gets its images: source products, and those made of real photos."""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from agpis.data.catalog import CatalogImage, CatalogProduct, read_catalog
from agpis.data.reviews import sku_split
from agpis.errors import ImageError
from agpis.images import read_image
from agpis.simulation.colours import MeasuredColour, measure_colour
from agpis.simulation.cutouts import repeated
from agpis.simulation.facts import Background, ImageFacts, People, TitleFacts, View
from agpis.simulation.photos import (
    Foreground,
    Mask,
    crop_region,
    cut_out,
    draw_details,
    find_foreground,
    fit_within,
    has_plain_background,
)
from agpis.simulation.titles import compose_title
from agpis.types import Pixels

_logger = logging.getLogger(__name__)

_CUT_OUT_SHARE = 0.5
# A cut-out needs the whole product; a photo that touches the border longer than this cuts its product off.
_MAX_CUT_OUT_CONTACT, _MIN_CUT_OFF_CONTACT = 0.01, 0.10
_MIN_COLOUR_SHARE = 0.45
# Distances in CIELAB: below the first two photos show one colour, above the second two colours.
_SAME_COLOUR, _OTHER_COLOUR = 14.0, 26.0
# How many products are sold as a set.
_SET_SHARE = 0.06
# What light, plain studio grounds have in common; scenes are of no known style.
STUDIO_STYLE = "light studio"
# Words of goods that are sold as a plural.
_PLURALS = frozenset({"pants", "shorts", "shoes", "jeans", "glasses", "sunglasses", "headphones", "sneakers", "boots"})


@dataclass(frozen=True, slots=True, eq=False)
class SourceImage:
    """One image and what is true of it.

    Attributes:
        pixels: (H, W, 3) uint8 RGB; not to be written to.
        facts: view, colour, capture, framing and background of the image; `facts.file` is unique in the source.
        mask: (H, W), true on the product; None when nobody knows.
    """

    pixels: Pixels
    facts: ImageFacts
    mask: Mask | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SourceProduct:
    """One product of a source with all the pictures that were taken of it.

    Attributes:
        product_id: unique over all sources.
        source: name of the source, "rendered" or the catalogue folder's name.
        split: "train", "val" or "test"; products of different splits share no design.
        title: what the title says; true of `images`.
        images: pictures of the product itself. Most are clean, some are flawed on purpose (cut off, tiny in the
            frame, busy background, same view twice); the facts alone say which.
        variants: pictures of the same design in another colour or pattern; empty when there is none.
    """

    product_id: str
    source: str
    split: str
    title: TitleFacts
    images: tuple[SourceImage, ...]
    variants: tuple[SourceImage, ...] = ()


def photo_source(
    catalog_folder: Path | str,
    size: int,
    seed: int,
    *,
    start: int = 0,
    stop: int | None = None,
    chinese_share: float = 0.2,
) -> Iterator[SourceProduct]:
    """Turn the products of a photo catalogue into source products, one after the other.

    About half of the photos that allow it are cut out and put on a light backdrop, as a studio would; the rest stay
    as they are. Up to three close-ups are cut from the first photo: they share its capture and say so by their crop.
    Colours are measured from the pixels; photos of a product that measure another colour become variants. Of clothes
    that a person wears no colour is known; further photos are those to which the catalogue gives the same colour name.
    A photo that cannot be read is logged and left out.

    Args:
        catalog_folder: see `agpis.data.catalog`.
        size: longest side of the images in pixels.
        seed: draws cut-outs, close-ups and titles.
        start: number of the first product wanted.
        stop: number of the product to end before, or None for all.
        chinese_share: share of Chinese titles, in [0, 1].

    Raises:
        CatalogError: as `read_catalog` does.
    """
    source = Path(catalog_folder).resolve().name
    for product in islice(read_catalog(catalog_folder), start, stop):
        rng = np.random.default_rng([seed, zlib.crc32(product.product_id.encode())])
        photos = [photo for image in product.images if (photo := _read(product, image, size)) is not None]
        if not photos:
            _logger.warning("product %s is left out: it has no readable photo", product.product_id)
            continue
        yield _from_photos(source, product, photos, size, rng, chinese_share)


def category_word(category: str) -> str:
    """The item type of a shop's category path: its last part in lower case and in the singular."""
    word = re.split(r"[/>|]", category)[-1].strip().lower()
    if word.split(" ")[-1] in _PLURALS:
        return word
    for ending, singular in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("ss", "ss")):
        if word.endswith(ending):
            return word[: -len(ending)] + singular
    return word[:-1] if word.endswith("s") else word


@dataclass(frozen=True, slots=True, eq=False)
class _Photo:
    entry: CatalogImage
    pixels: Pixels
    foreground: Foreground
    colour: MeasuredColour


def _read(product: CatalogProduct, entry: CatalogImage, size: int) -> _Photo | None:
    try:
        image = read_image(product.path_of(entry), file=entry.file)
    except ImageError as error:
        _logger.warning("product %s: a photo is left out: %s", product.product_id, error)
        return None
    pixels = fit_within(image.pixels, size)
    foreground = find_foreground(pixels)
    return _Photo(entry, pixels, foreground, measure_colour(pixels, foreground.mask))


def _from_photos(
    source: str,
    product: CatalogProduct,
    photos: list[_Photo],
    size: int,
    rng: np.random.Generator,
    chinese_share: float,
) -> SourceProduct:
    first = photos[0]
    category = category_word(product.category)
    # On a person, skin, hair and other clothes would be measured as well.
    worn = first.entry.on_model
    known = first.foreground.found and first.colour.share >= _MIN_COLOUR_SHARE and not worn
    colour = first.colour.word if known else ""
    cut = bool(rng.random() < _CUT_OUT_SHARE)
    images = [_photo_image(product, first, category, colour, size, rng, cut=cut)]
    images += _details(product, first, images[0].facts, rng)
    variants = []
    # Without a foreground nobody could say which colour a photo shows, so it is left out.
    for photo in [photo for photo in photos[1:] if known and photo.foreground.found]:
        distance = _colour_distance(first.colour, photo.colour)
        if distance <= _SAME_COLOUR:
            images.append(_photo_image(product, photo, category, colour, size, rng, cut=cut))
        elif distance >= _OTHER_COLOUR and photo.colour.word != colour:
            variants.append(_photo_image(product, photo, category, photo.colour.word, size, rng, cut=cut))
        # In between, nobody could say whether the colour or the light is another.
    if worn:
        alike = [photo for photo in photos[1:] if photo.entry.color == first.entry.color and photo.foreground.found]
        images += [_photo_image(product, photo, category, colour, size, rng, cut=cut) for photo in alike]
    items = int(rng.integers(2, 4)) if rng.random() < _SET_SHARE else 1
    units = _as_set(images, items, rng) if items > 1 else []
    if any(image.facts.whole for image in units):
        images, variants = units, _as_set(variants, items, rng)
    else:
        items = 1
    language = "zh" if rng.random() < chinese_share else "en"
    return SourceProduct(
        product_id=product.product_id,
        source=source,
        split=sku_split(product.product_id),
        title=compose_title(category, colour, rng, language, quantity=items),
        images=tuple(images),
        variants=tuple(variants),
    )


def _photo_image(
    product: CatalogProduct,
    photo: _Photo,
    category: str,
    colour: str,
    size: int,
    rng: np.random.Generator,
    *,
    cut: bool,
) -> SourceImage:
    foreground = photo.foreground
    facts = ImageFacts(
        file=photo.entry.file,
        design=product.product_id,
        category=category,
        colour=colour,
        view=View(photo.entry.view) if photo.entry.view in set(View) else View.UNKNOWN,
        capture=f"{product.product_id}/{photo.entry.file}",
        fill=foreground.fill,
        cut_off=foreground.found and foreground.edge_contact > _MIN_CUT_OFF_CONTACT,
        people=People.MODEL if photo.entry.on_model else People.NONE,
    )
    if has_plain_background(photo.pixels, foreground):
        return SourceImage(photo.pixels, replace(facts, style=STUDIO_STYLE))
    if cut and foreground.found and foreground.edge_contact <= _MAX_CUT_OUT_CONTACT:
        pixels, fill = cut_out(photo.pixels, foreground, size, rng)
        return SourceImage(pixels, replace(facts, fill=fill, cut_off=False, style=STUDIO_STYLE))
    return SourceImage(photo.pixels, replace(facts, background=Background.BUSY))


def _as_set(images: list[SourceImage], items: int, rng: np.random.Generator) -> list[SourceImage]:
    """The pictures of one unit with several side by side; close-ups stay, what cannot be multiplied goes."""
    made = []
    for image in images:
        if not image.facts.whole:
            made.append(image)
        elif image.facts.background is Background.PLAIN and not image.facts.cut_off:
            again = repeated(image.pixels, items, rng)
            if again is not None:
                made.append(SourceImage(again[0], replace(image.facts, items=items, fill=again[1])))
    return made


def _details(
    product: CatalogProduct, photo: _Photo, whole: ImageFacts, rng: np.random.Generator
) -> Iterator[SourceImage]:
    for number, region in enumerate(draw_details(photo.foreground, rng), start=1):
        facts = replace(
            whole,
            file=f"{photo.entry.file}#detail{number}",
            view=View.DETAIL,
            crop=region,
            fill=1.0,
            cut_off=False,
            background=Background.PLAIN,
        )
        yield SourceImage(crop_region(photo.pixels, region), facts)


def _colour_distance(first: MeasuredColour, second: MeasuredColour) -> float:
    pair = np.array([[first.rgb, second.rgb]], dtype=np.float32) / 255.0
    lab = cv2.cvtColor(pair, cv2.COLOR_RGB2LAB)[0]
    return float(np.linalg.norm(lab[0] - lab[1]))
