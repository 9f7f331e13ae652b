"""Invented products: shape, colour, brand and pattern drawn from a seed, disjoint between splits."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from agpis.errors import SettingsError
from agpis.simulation.colours import COLOUR_WORDS, Rgb, draw_rgb
from agpis.simulation.render import (
    shapes_apparel,
    shapes_apparel_lower,
    shapes_apparel_warm,
    shapes_furniture,
    shapes_goods,
    shapes_packages,
    shapes_tableware,
)
from agpis.simulation.render.coating import coated
from agpis.simulation.render.emblems import EMBLEMS
from agpis.simulation.render.materials import MATERIALS_OF
from agpis.simulation.render.model import Builder, Model
from agpis.simulation.render.surfaces import FONTS, LAYOUTS, Pattern, Surface

SPLITS = ("train", "val", "test")
BUILDERS: Mapping[str, Builder] = {
    "mug": shapes_tableware.build_mug,
    "bottle": shapes_tableware.build_bottle,
    "vase": shapes_tableware.build_vase,
    "bowl": shapes_tableware.build_bowl,
    "teapot": shapes_tableware.build_teapot,
    "candle": shapes_tableware.build_candle,
    "lamp": shapes_tableware.build_lamp,
    "chair": shapes_furniture.build_chair,
    "table": shapes_furniture.build_table,
    "sofa": shapes_furniture.build_sofa,
    "cushion": shapes_furniture.build_cushion,
    "clock": shapes_furniture.build_clock,
    "book": shapes_goods.build_book,
    "speaker": shapes_goods.build_speaker,
    "watch": shapes_goods.build_watch,
    "dumbbell": shapes_goods.build_dumbbell,
    "kettlebell": shapes_goods.build_kettlebell,
    "backpack": shapes_goods.build_backpack,
    "tote bag": shapes_goods.build_tote_bag,
    "suitcase": shapes_goods.build_suitcase,
    "carton": shapes_packages.build_carton,
    "cereal box": shapes_packages.build_cereal_box,
    "tub": shapes_packages.build_tub,
    "can": shapes_packages.build_can,
    "jar": shapes_packages.build_jar,
    "t-shirt": shapes_apparel.build_t_shirt,
    "tank top": shapes_apparel.build_tank_top,
    "hoodie": shapes_apparel_warm.build_hoodie,
    "jacket": shapes_apparel_warm.build_jacket,
    "pants": shapes_apparel_lower.build_pants,
    "leggings": shapes_apparel_lower.build_leggings,
    "shorts": shapes_apparel_lower.build_shorts,
    "skirt": shapes_apparel_lower.build_skirt,
    "dress": shapes_apparel_lower.build_dress,
}
CATEGORIES: tuple[str, ...] = tuple(BUILDERS)
# Photographed on a person, who is no part of the product; there is no view of it from the top.
WORN: frozenset[str] = frozenset(
    {"t-shirt", "tank top", "hoodie", "jacket", "pants", "leggings", "shorts", "skirt", "dress"}
)

# Pixels of a material's relief in one unit of a model; worn products are measured in metres.
_RELIEF, _WORN_RELIEF = 96.0, 430.0
# Patterns that one picture may pass for are no variants of each other.
_CLOSE_PATTERNS = frozenset({Pattern.STRIPES, Pattern.CHECKS})

# fmt: off
_ONSETS = (
    "b", "br", "c", "cl", "d", "dr", "f", "fl", "g", "gr", "h", "k", "kr", "l", "m", "n", "p", "pl", "qu", "r", "s",
    "sk", "st", "t", "tr", "v", "w", "z",
)
# fmt: on
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ea", "io", "oo")
_CODAS = ("", "", "", "l", "n", "r", "s", "x", "nd", "rt", "lm", "ck")


@dataclass(frozen=True, slots=True)
class RenderedProduct:
    """One invented product.

    Attributes:
        design: identity of shape and print; variants in colour and pattern share it.
        split: "train", "val" or "test"; splits share neither designs nor brands.
        category: one of CATEGORIES.
        colour: main colour, one of COLOUR_WORDS.
        brand: the invented word printed on the front.
        pattern: what covers the main surface.
        material: what it is made of, one of MATERIALS_OF its category.
        surface: how the surfaces are painted.
        shape_seed: draws the measures of the shape.
    """

    design: str
    split: str
    category: str
    colour: str
    brand: str
    pattern: Pattern
    material: str
    surface: Surface
    shape_seed: int

    def build(self) -> Model:
        """The parts to render."""
        model = BUILDERS[self.category](np.random.default_rng(self.shape_seed), self.surface)
        return coated(model, self.surface, _WORN_RELIEF if self.category in WORN else _RELIEF)


def draw_product(seed: int, split: str, category: str | None = None) -> RenderedProduct:
    """Draw a product; the same seed and split always give the same one.

    Args:
        seed: not negative.
        split: one of SPLITS.
        category: one of CATEGORIES, or None to draw it too.

    Raises:
        SettingsError: for another split or category.
    """
    if split not in SPLITS:
        raise SettingsError(f"split must be one of {', '.join(SPLITS)}, got {split!r}")
    if category is not None and category not in BUILDERS:
        raise SettingsError(f"category must be one of {', '.join(CATEGORIES)}, got {category!r}")
    rng = np.random.default_rng([seed, SPLITS.index(split)])
    drawn = CATEGORIES[int(rng.integers(len(CATEGORIES)))]
    colour = COLOUR_WORDS[int(rng.integers(len(COLOUR_WORDS)))]
    brand = _draw_brand(rng, split)
    pattern = list(Pattern)[int(rng.choice(4, p=[0.55, 0.18, 0.14, 0.13]))]
    shape_seed = int(rng.integers(2**31))
    main = draw_rgb(colour, rng)
    materials = MATERIALS_OF[category or drawn]
    material = materials[shape_seed // 5 % len(materials)]
    surface = Surface(
        main=main,
        accent=_accent(main, shape_seed),
        ink=_ink(main, pattern, shape_seed),
        pattern=pattern,
        period=float(rng.uniform(0.07, 0.18)),
        upright=bool(rng.random() < 0.5),
        brand=brand.upper() if rng.random() < 0.5 else brand,
        emblem=(*EMBLEMS, "letter")[int(rng.integers(len(EMBLEMS) + 1))],
        layout=LAYOUTS[int(rng.integers(len(LAYOUTS)))],
        font=FONTS[int(rng.integers(len(FONTS)))],
        material=material,
        grain=shape_seed,
    )
    return RenderedProduct(
        design=f"{split}-{seed}-{shape_seed:08x}",
        split=split,
        category=category or drawn,
        colour=colour,
        brand=brand,
        pattern=pattern,
        material=material,
        surface=surface,
        shape_seed=shape_seed,
    )


def recolour(product: RenderedProduct, colour: str) -> RenderedProduct:
    """The same design, of the same material, in another colour.

    Raises:
        SettingsError: when `colour` is none of COLOUR_WORDS.
    """
    if colour not in COLOUR_WORDS:
        raise SettingsError(f"colour must be one of {', '.join(COLOUR_WORDS)}, got {colour!r}")
    main = draw_rgb(colour, np.random.default_rng([product.shape_seed, COLOUR_WORDS.index(colour)]))
    surface = replace(
        product.surface,
        main=main,
        accent=_accent(main, product.shape_seed),
        ink=_ink(main, product.pattern, product.shape_seed),
    )
    return replace(product, colour=colour, surface=surface)


def repattern(product: RenderedProduct, pattern: Pattern) -> RenderedProduct:
    """The same design in the same colour with another pattern."""
    ink = _ink(product.surface.main, pattern, product.shape_seed)
    return replace(product, pattern=pattern, surface=replace(product.surface, pattern=pattern, ink=ink))


def other_pattern(product: RenderedProduct, rng: np.random.Generator) -> Pattern:
    """A pattern that nobody takes for the product's own."""
    own = product.pattern
    others = [pattern for pattern in Pattern if pattern is not own and not {own, pattern} <= _CLOSE_PATTERNS]
    return others[int(rng.integers(len(others)))]


def other_colours(product: RenderedProduct, count: int, rng: np.random.Generator) -> tuple[str, ...]:
    """`count` different colours that nobody takes for the product's own."""
    words = [word for word in COLOUR_WORDS if word != product.colour and (product.colour, word) not in _CLOSE]
    return tuple(str(word) for word in rng.choice(words, size=count, replace=False))


_CLOSE_PAIRS = (("white", "beige"), ("red", "orange"), ("orange", "brown"), ("teal", "green"), ("teal", "blue"))
_CLOSE = frozenset(_CLOSE_PAIRS) | frozenset((second, first) for first, second in _CLOSE_PAIRS)


def _draw_brand(rng: np.random.Generator, split: str) -> str:
    # Every word belongs to one split for ever: its checksum says which.
    while True:
        syllables = int(rng.integers(1, 3)) + 1
        word = "".join(str(rng.choice(_ONSETS)) + str(rng.choice(_VOWELS)) for _ in range(syllables))
        word = (word + str(rng.choice(_CODAS))).capitalize()
        if SPLITS[zlib.crc32(word.encode()) % len(SPLITS)] == split and 4 <= len(word) <= 9:
            return word


def _accent(main: Rgb, seed: int) -> Rgb:
    # Darker or lighter than the main colour, so that small parts never compete with it.
    factor = 0.55 if seed % 2 else 0.75
    dark = sum(main) < 150
    mixed = [channel + (255 - channel) * 0.35 if dark else channel * factor for channel in main]
    return round(mixed[0]), round(mixed[1]), round(mixed[2])


def _ink(main: Rgb, pattern: Pattern, seed: int) -> Rgb:
    light = 0.3 * main[0] + 0.59 * main[1] + 0.11 * main[2] > 140
    if pattern is not Pattern.PLAIN and seed % 3:
        # A pattern tone in tone: darker, or a little lighter where darker would not show.
        mixed = [channel * 0.6 if max(main) > 125 else channel + (255 - channel) * 0.28 for channel in main]
        return round(mixed[0]), round(mixed[1]), round(mixed[2])
    if light:
        return ((28, 28, 32), (40, 44, 74), (66, 40, 30))[seed % 3]
    return ((250, 250, 248), (244, 236, 214), (232, 236, 240))[seed % 3]
