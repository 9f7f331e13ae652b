"""Source products drawn in memory: quick stand-ins for rendered products and photos."""

from __future__ import annotations

import cv2
import numpy as np

from agpis.simulation.facts import Background, ImageFacts, TitleFacts, View
from agpis.simulation.sources import SourceImage, SourceProduct
from agpis.types import Pixels

SIZE = 96
COLOURS = {"red": (200, 30, 40), "blue": (40, 60, 200), "green": (30, 150, 60), "black": (20, 20, 22)}
BRANDS = ("Vitrio", "Quedoon", "Trelm")
CATEGORIES = ("mug", "chair", "lamp")
MATERIALS = ("ceramic", "wood", "linen")
PATTERNS = ("plain", "striped", "dotted", "plain")
OTHER_PATTERNS = {"plain": "dotted", "striped": "plain", "dotted": "striped"}
VIEWS = (View.FRONT, View.BACK, View.ANGLE, View.RIGHT, View.DETAIL, View.DETAIL, View.DETAIL)


def drawn(colour: str, view: View, seed: int, scale: float = 0.6, size: int = SIZE) -> Pixels:
    """A box of a colour on white; its marks depend on the view and the seed."""
    pixels = np.full((size, size, 3), 255, dtype=np.uint8)
    if view is View.DETAIL:
        pixels[:] = COLOURS[colour]
    else:
        half = round(size * scale / 2)
        middle = size // 2
        cv2.rectangle(pixels, (middle - half, middle - half), (middle + half, middle + half), COLOURS[colour], -1)
    rng = np.random.default_rng([seed, list(View).index(view)])
    for _ in range(4):
        x, y = (int(value) for value in rng.integers(size // 3, 2 * size // 3, size=2))
        cv2.circle(pixels, (x, y), size // 24, (240, 220, 90), -1)
    return pixels


def source_product(number: int, split: str = "train") -> SourceProduct:
    """Front, back, angle, a side, three details, one more front, one cut off, one on a busy ground; three variants."""
    colours = list(COLOURS)
    colour, other = colours[number % 4], colours[(number + 1) % 4]
    category = CATEGORIES[number % 3]
    design = f"design-{number}"

    def image(name: str, view: View, colour: str = colour, scale: float = 0.6, **facts: object) -> SourceImage:
        made = ImageFacts(
            file=f"{design}-{name}.jpg",
            design=design,
            category=category,
            colour=colour,
            view=view,
            capture=f"{design}-{name}",
            fill=1.0 if view is View.DETAIL else scale**2,
            brand=BRANDS[number % 3] if view is View.FRONT else "",
            material=MATERIALS[number % 3],
            style="light studio",
            **{"pattern": PATTERNS[number % 4], **facts},  # type: ignore[arg-type]
        )
        return SourceImage(drawn(colour, view, hash_of(name) + number, scale), made)

    images = [image(f"v{position}", view) for position, view in enumerate(VIEWS)]
    images.append(image("again", View.FRONT))
    images.append(image("cut", View.FRONT, scale=0.98, cut_off=True))
    images.append(image("busy", View.FRONT, background=Background.BUSY))
    variants = (
        image("variant-front", View.FRONT, other),
        image("variant-back", View.BACK, other),
        image("variant-pattern", View.FRONT, pattern=OTHER_PATTERNS[PATTERNS[number % 4]]),
    )
    title = TitleFacts(f"Standard {category} in {colour}, model {number}", category, colour)
    return SourceProduct(f"P{number:04d}", "drawn", split, title, tuple(images), variants)


def hash_of(name: str) -> int:
    """A number that a name always gives."""
    return sum(ord(sign) * (place + 1) for place, sign in enumerate(name))
