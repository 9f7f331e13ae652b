"""Source products that are rendered: invented goods and clothes, photographed in the studio of `render`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from agpis.data.reviews import sku_split
from agpis.simulation.facts import Background, ImageFacts, People, View
from agpis.simulation.photos import Foreground, crop_region, draw_details, fit_within
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
from agpis.simulation.sources import STUDIO_STYLE, SourceImage, SourceProduct
from agpis.simulation.titles import compose_title, pattern_word

# A side view that shows only an edge, as of a book, is left out: it would pass for a tiny product.
_MIN_SIDE_FILL = 0.16
# Worn goods whose front shows the whole person anyway.
_WHOLE_PERSON = frozenset({"dress"})
# Goods that are often sold as a set, and how many of them are.
_SET_GOODS = frozenset(
    {"mug", "bottle", "vase", "bowl", "candle", "chair", "cushion", "book", "dumbbell", "kettlebell"}
)
_SET_SHARE = 0.2
# Products with more close-ups than a good sequence needs, cut from a larger picture of the front.
_MORE_DETAILS_SHARE = 0.4
# Products of which a variant in another pattern is photographed too.
_OTHER_PATTERN_SHARE = 0.5


def rendered_source(
    seed: int,
    num_products: int,
    size: int,
    split_of: Callable[[str], str] = sku_split,
    *,
    chinese_share: float = 0.2,
) -> Iterator[SourceProduct]:
    """Render invented products, one after the other; each depends only on the seed and its number.

    A product has about 13 images: front, back, a side (unless it shows only an edge), an angle, top (or the whole
    person who wears the product), two close-ups, a second shot of one view, one cut off, one tiny in the frame, one
    before a busy background; now and then more close-ups, and several units where it is sold as a set; and two
    variants, front and angle, each in a colour of its own, about half the time a third one in another pattern.

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
    worn = product.category in WORN
    flawed = (View.FRONT, View.ANGLE, View.FRONT)
    shots = [
        _Shot("front", View.FRONT),
        _Shot("back", View.BACK),
        _Shot("side", side),
        _Shot("angle", View.ANGLE),
        *([] if product.category in _WHOLE_PERSON else [_Shot("worn", View.WORN) if worn else _Shot("top", View.TOP)]),
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
    variants = tuple(_variants(studio, product, product_id, (shots[0], shots[3]), size, rng, items))
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
        variants=variants,
    )


def _variants(
    studio: Studio,
    product: RenderedProduct,
    product_id: str,
    shots: tuple[_Shot, _Shot],
    size: int,
    rng: np.random.Generator,
    items: int,
) -> Iterator[SourceImage]:
    for shot, colour in zip(shots, other_colours(product, 2, rng), strict=True):
        yield _shoot(studio, recolour(product, colour), f"{product_id}_{colour}", shot, size, rng, items)
    if rng.random() < _OTHER_PATTERN_SHARE:
        variant = repattern(product, other_pattern(product, rng))
        shot = shots[int(rng.integers(2))]
        yield _shoot(studio, variant, f"{product_id}_{variant.pattern}", shot, size, rng, items)


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
        style=STUDIO_STYLE if taken.background is Background.PLAIN else "",
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
            style=STUDIO_STYLE,
        )
        yield SourceImage(fit_within(crop_region(taken.pixels, region), size), facts)
