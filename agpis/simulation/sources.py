"""Where the simulated marketplace gets its images: rendered products and real photos, each image with its facts."""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Callable, Iterator
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
from agpis.simulation.render.design import (
    WORN,
    RenderedProduct,
    draw_product,
    other_colours,
    other_pattern,
    recolour,
    repattern,
)
from agpis.simulation.render.studio import Framing, Studio
from agpis.simulation.titles import compose_title, pattern_word
from agpis.types import Pixels

_logger = logging.getLogger(__name__)

# A side view that shows only an edge, as of a book, is left out: it would pass for a tiny product.
_MIN_SIDE_FILL = 0.16
_CUT_OUT_SHARE = 0.5
# A cut-out needs the whole product; a photo that touches the border longer than this cuts its product off.
_MAX_CUT_OUT_CONTACT, _MIN_CUT_OFF_CONTACT = 0.01, 0.10
_MIN_COLOUR_SHARE = 0.45
# Distances in CIELAB: below the first two photos show one colour, above the second two colours.
_SAME_COLOUR, _OTHER_COLOUR = 14.0, 26.0
# What light, plain studio grounds have in common; scenes are of no known style.
_STUDIO = "light studio"
# Goods that are often sold as a set, how many of them are, and how many photo products.
_SET_GOODS = frozenset(
    {"mug", "bottle", "vase", "bowl", "candle", "chair", "cushion", "book", "dumbbell", "kettlebell"}
)
_SET_SHARE, _PHOTO_SET_SHARE = 0.2, 0.06
# Products with more close-ups than a good sequence needs, cut from a larger picture of the front.
_MORE_DETAILS_SHARE = 0.4
# Products of which a variant in another pattern is photographed too.
_OTHER_PATTERN_SHARE = 0.5
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


def rendered_source(
    seed: int,
    num_products: int,
    size: int,
    split_of: Callable[[str], str] = sku_split,
    *,
    chinese_share: float = 0.2,
) -> Iterator[SourceProduct]:
    """Render invented products, one after the other; each depends only on the seed and its number.

    A product has about 13 images: front, back, a side (unless it shows only an edge), an angle, top (unless a person
    wears the product), two close-ups, a second shot of one view, one cut off, one tiny in the frame, one before a busy
    background; now and then more close-ups, and several units where it is sold as a set; and two variants,
    front and angle, each in a colour of its own, about half the time a third one in another pattern.

    Args:
        seed: not negative.
        num_products: how many.
        size: side of the square images in pixels.
        split_of: product_id -> "train", "val" or "test".
        chinese_share: share of Chinese titles, in [0, 1].

    Raises:
        MissingExtraError: when pyvista is not installed.
    """
    studio = Studio()
    try:
        for number in range(num_products):
            product_id = f"rendered-{seed}-{number:05d}"
            rng = np.random.default_rng([seed, number])
            product = draw_product(int(rng.integers(2**53)), split_of(product_id))
            yield _photographed(studio, product, product_id, size, rng, chinese_share)
    finally:
        studio.close()


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
    Colours are measured from the pixels; photos of a product that measure another colour become variants.
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


@dataclass(frozen=True, slots=True)
class _Shot:
    name: str
    view: View
    framing: Framing = Framing.WHOLE
    background: Background = Background.PLAIN
    closeup: int = 0


def _photographed(
    studio: Studio,
    product: RenderedProduct,
    product_id: str,
    size: int,
    rng: np.random.Generator,
    chinese_share: float,
) -> SourceProduct:
    side = View.LEFT if rng.random() < 0.5 else View.RIGHT
    flawed = (View.FRONT, View.ANGLE, View.FRONT)
    shots = [
        _Shot("front", View.FRONT),
        _Shot("back", View.BACK),
        _Shot("side", side),
        _Shot("angle", View.ANGLE),
        *([] if product.category in WORN else [_Shot("top", View.TOP)]),
        _Shot("detail1", View.DETAIL),
        _Shot("detail2", View.DETAIL, closeup=1),
        _Shot("again", View.FRONT if rng.random() < 0.6 else View.ANGLE),
        _Shot("cut_off", flawed[int(rng.integers(3))], Framing.CUT_OFF),
        _Shot("tiny", flawed[int(rng.integers(3))], Framing.TINY),
        _Shot("busy", View.FRONT, background=Background.BUSY),
    ]
    items = int(rng.integers(2, 4)) if product.category in _SET_GOODS and rng.random() < _SET_SHARE else 1
    if items > 1:
        # The frame would cut off a whole unit, which leaves a smaller set, not one that is cut.
        shots = [shot for shot in shots if shot.framing is Framing.WHOLE]
    images = [_shoot(studio, product, product_id, shot, size, rng, items) for shot in shots]
    if rng.random() < _MORE_DETAILS_SHARE:
        images += _parts_of_front(studio, product, product_id, size, rng)
    variants = []
    for shot, colour in zip((shots[0], shots[3]), other_colours(product, 2, rng), strict=True):
        variant = recolour(product, colour)
        variants.append(_shoot(studio, variant, f"{product_id}_{colour}", shot, size, rng, items))
    if rng.random() < _OTHER_PATTERN_SHARE:
        variant = repattern(product, other_pattern(product, rng))
        shot = shots[0] if rng.random() < 0.5 else shots[3]
        variants.append(_shoot(studio, variant, f"{product_id}_{variant.pattern}", shot, size, rng, items))
    language = "zh" if rng.random() < chinese_share else "en"
    return SourceProduct(
        product_id=product_id,
        source="rendered",
        split=product.split,
        title=compose_title(
            product.category,
            product.colour,
            rng,
            language,
            brand=product.brand,
            pattern=product.pattern,
            material=product.material,
            quantity=items,
        ),
        images=tuple(
            image
            for image in images
            if image.facts.view not in (View.LEFT, View.RIGHT) or image.facts.fill >= _MIN_SIDE_FILL
        ),
        variants=tuple(variants),
    )


def _shoot(
    studio: Studio, product: RenderedProduct, prefix: str, shot: _Shot, size: int, rng: np.random.Generator, items: int
) -> SourceImage:
    units = 1 if shot.view is View.DETAIL else items
    taken = studio.render_view(
        product,
        shot.view,
        size,
        rng,
        framing=shot.framing,
        background=shot.background,
        closeup=shot.closeup,
        items=units,
    )
    # The front and the first close-up show the print large enough to be read; on apparel it is small or missing.
    readable = shot.view is View.FRONT or (shot.view is View.DETAIL and shot.closeup == 0)
    readable &= product.category not in WORN
    facts = ImageFacts(
        file=f"{prefix}_{shot.name}.png",
        design=product.design,
        category=product.category,
        colour=product.colour,
        view=shot.view,
        capture=f"{prefix}_{shot.name}",
        fill=taken.fill,
        cut_off=taken.cut_off,
        background=taken.background,
        brand=product.brand if readable and shot.framing is Framing.WHOLE else "",
        pattern=pattern_word(product.pattern),
        material=product.material,
        items=units,
        people=People.MODEL if product.category in WORN else People.NONE,
        style=_STUDIO if taken.background is Background.PLAIN else "",
    )
    return SourceImage(taken.pixels, facts, taken.mask)


def _parts_of_front(
    studio: Studio, product: RenderedProduct, prefix: str, size: int, rng: np.random.Generator
) -> Iterator[SourceImage]:
    taken = studio.render_view(product, View.FRONT, 2 * size, rng)
    foreground = Foreground(taken.mask, found=True, fill=taken.fill, edge_contact=0.0)
    for number, region in enumerate(draw_details(foreground, rng, count=2), start=1):
        facts = ImageFacts(
            file=f"{prefix}_part{number}.png",
            design=product.design,
            category=product.category,
            colour=product.colour,
            view=View.DETAIL,
            capture=f"{prefix}_parts",
            crop=region,
            pattern=pattern_word(product.pattern),
            material=product.material,
            style=_STUDIO,
        )
        yield SourceImage(fit_within(crop_region(taken.pixels, region), size), facts)


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
    known = first.foreground.found and first.colour.share >= _MIN_COLOUR_SHARE
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
    items = int(rng.integers(2, 4)) if rng.random() < _PHOTO_SET_SHARE else 1
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
    )
    if has_plain_background(photo.pixels, foreground):
        return SourceImage(photo.pixels, replace(facts, style=_STUDIO))
    if cut and foreground.found and foreground.edge_contact <= _MAX_CUT_OUT_CONTACT:
        pixels, fill = cut_out(photo.pixels, foreground, size, rng)
        return SourceImage(pixels, replace(facts, fill=fill, cut_off=False, style=_STUDIO))
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
