"""Render the sample products that the app opens with.

    python -m benchmarks.make_samples --out assets/samples

Each product mixes good photos with what operators meet: drawn-over pictures, copies, another colour. Designs, words
and brands come from the test split, which no shipped model has learned from. File names do not give the answer away.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

from agpis.errors import SettingsError
from agpis.simulation.copies import make_copy
from agpis.simulation.defects import draw_defect
from agpis.simulation.facts import DefectKind, ImageFacts, View
from agpis.simulation.relations import CopyKind
from agpis.simulation.render.design import RenderedProduct, draw_product, other_colours, recolour
from agpis.simulation.render.studio import Studio
from agpis.simulation.sources import SourceImage
from agpis.simulation.titles import compose_title
from agpis.types import Pixels

SPLIT = "test"
QUALITY = 88


@dataclass(frozen=True)
class Plan:
    """What one sample shows.

    Attributes:
        category: of the product.
        views: its good photos.
        defects: drawn on further photos of the front or angle view.
        copies: made of the first photo.
        variants: photos in another colour.
        language: of the title.
    """

    category: str
    views: tuple[View, ...]
    defects: tuple[DefectKind, ...] = ()
    copies: tuple[CopyKind, ...] = ()
    variants: int = 0
    language: str = "en"


WHOLE = (View.FRONT, View.BACK, View.ANGLE)
PLANS = (
    Plan("mug", (*WHOLE, View.DETAIL), (DefectKind.BANNER,), (CopyKind.NEAR,), 1),
    Plan("backpack", (*WHOLE, View.LEFT, View.DETAIL), (DefectKind.LOGO, DefectKind.WATERMARK)),
    Plan("teapot", (*WHOLE, View.TOP), (DefectKind.TEXT,), (CopyKind.PARTIAL,)),
    Plan("chair", (*WHOLE, View.LEFT), (DefectKind.BLUR,), (), 2),
    Plan("speaker", (*WHOLE, View.DETAIL), (DefectKind.QR_CODE,), (CopyKind.TRANSFORMED,)),
    Plan("cushion", (View.FRONT, View.BACK, View.DETAIL), (DefectKind.COLLAGE, DefectKind.BORDER)),
    Plan("bottle", (*WHOLE, View.DETAIL), (DefectKind.BANNER,), (CopyKind.EXACT,), 1, "zh"),
    Plan("watch", (View.FRONT, View.ANGLE, View.DETAIL), (DefectKind.EXPOSURE,), (CopyKind.NEAR,)),
    Plan("hoodie", (View.FRONT, View.BACK, View.LEFT, View.WORN, View.DETAIL), (DefectKind.BANNER,), (), 1),
    Plan("suitcase", (*WHOLE, View.LEFT, View.DETAIL), (DefectKind.WATERMARK,), (), 1),
    # Too few good photos are left of the last one: what a run that ends early looks like.
    Plan("lamp", (View.FRONT,), (DefectKind.BANNER, DefectKind.TEXT), (CopyKind.NEAR, CopyKind.EXACT)),
)


def main(
    out: Annotated[Path, typer.Option(help="Folder to write; must not exist.")],
    size: Annotated[int, typer.Option(help="Side of the photos in pixels.")] = 448,
    seed: int = 20,
) -> None:
    """Write photos and products.jsonl."""
    if out.exists():
        raise SettingsError(f"{out} exists already; remove it or choose another folder")
    (out / "images").mkdir(parents=True)
    studio = Studio()
    lines = [_sample(studio, plan, out, size, seed + number) for number, plan in enumerate(PLANS)]
    studio.close()
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (out / "products.jsonl").write_text(text, encoding="utf-8")


def _sample(studio: Studio, plan: Plan, out: Path, size: int, seed: int) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    product = draw_product(seed, SPLIT, plan.category)
    title = compose_title(
        product.category,
        product.colour,
        rng,
        plan.language,
        brand=product.brand,
        pattern=product.pattern,
        material=product.material,
    )
    photos = _photos(studio, product, plan, size, rng)
    # The shop's order says nothing: the first photo may be any.
    order = rng.permutation(len(photos))
    entries = []
    for number, index in enumerate(order, start=1):
        file = f"images/{plan.category}-{number}.jpg"
        bgr = cv2.cvtColor(photos[int(index)], cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(out / file), bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        entries.append({"file": file})
    return {"product_id": f"sample-{plan.category}", "title": title.text, "category": plan.category, "images": entries}


def _photos(studio: Studio, product: RenderedProduct, plan: Plan, size: int, rng: np.random.Generator) -> list[Pixels]:
    good = [studio.render_view(product, view, size, rng).pixels for view in plan.views]
    photos = list(good)
    for number, kind in enumerate(plan.defects):
        base = studio.render_view(product, (View.ANGLE, View.FRONT)[number % 2], size, rng).pixels
        photos.append(draw_defect(kind, base, rng, SPLIT, good)[0])
    facts = ImageFacts("first", product.design, product.category, product.colour, plan.views[0], "first")
    photos += [make_copy(kind, SourceImage(good[0], facts), rng).pixels for kind in plan.copies]
    for view, colour in zip((View.FRONT, View.ANGLE), other_colours(product, 2, rng)[: plan.variants], strict=False):
        photos.append(studio.render_view(recolour(product, colour), view, size, rng).pixels)
    return photos


if __name__ == "__main__":
    typer.run(main)
