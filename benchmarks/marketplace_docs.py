"""Write docs/marketplace: every rule with its predicate, an example and its frequency; random sequences; categories.

    python -m agpis simulate --out runs/docs --n 10000 --seed 7
    python -m benchmarks.marketplace_docs --data runs/docs --out docs/marketplace

The pictures are rendered ones, so that no photo of another owner enters the repository: give it a marketplace that was
simulated without catalogues.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
import typer
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from agpis.data.reviews import REVIEWS_FILE, ReviewRecord, read_reviews
from agpis.errors import CatalogError
from agpis.images import read_image
from agpis.rules import Rule, RuleTaxonomy, load_taxonomy
from agpis.simulation.predicates import HasDefect, build_predicate
from agpis.simulation.render.contact_sheet import join_sheet, write_contact_sheets
from agpis.types import Pixels

CELL = 128
LINES = 4
WRAP = 62
QUALITY = 82
FONT = "NotoSansCJK-Regular.ttc"  # titles are Chinese too; in the Debian package fonts-noto-cjk


def main(
    data: Annotated[Path, typer.Option(help="Folder of AGPIS-data over rendered products.")],
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("docs/marketplace"),
    sheet: Annotated[int, typer.Option(help="Random sequences on the sheet.")] = 60,
    seed: int = 0,
) -> None:
    """Write README.md and its pictures."""
    taxonomy = load_taxonomy()
    reviews = list(read_reviews(data / REVIEWS_FILE, taxonomy))
    strange = sorted({review.source for review in reviews} - {"rendered"})
    if strange:
        raise CatalogError(f"{data} holds photos of {', '.join(strange)}; simulate without catalogues")
    (out / "rules").mkdir(parents=True, exist_ok=True)
    counts = Counter(review.rule_id for review in reviews)
    rows = [_rule_row(rule, counts[rule.id], reviews, data, out, len(reviews)) for rule in taxonomy.rules]
    rng = np.random.default_rng(seed)
    chosen = [reviews[int(i)] for i in sorted(rng.choice(len(reviews), min(sheet, len(reviews)), replace=False))]
    half = (len(chosen) + 1) // 2
    for number, part in enumerate((chosen[:half], chosen[half:]), start=1):
        _save(out / f"sequences-{number}.jpg", _sheet(part, data))
    categories = _categories(out)
    text = _page(rows, taxonomy, counts, len(reviews), len(chosen), categories)
    (out / "README.md").write_text(text, encoding="utf-8")


def _rule_row(rule: Rule, count: int, reviews: Sequence[ReviewRecord], data: Path, out: Path, total: int) -> str:
    predicate = build_predicate(rule.predicate)
    sentence = (type(predicate).__doc__ or "").strip().partition("\n")[0]
    if isinstance(predicate, HasDefect):
        sentence = f"An image carries the defect `{predicate.defect.value}`."
    found = [review for review in reviews if review.rule_id == rule.id]
    example = ""
    if found:
        review = max(found[:12], key=lambda each: len(each.feedback))
        _save(out / "rules" / f"{rule.id}.jpg", _strip(review, data))
        example = f"![{rule.name}](rules/{rule.id}.jpg)<br>{review.feedback}"
    named = {key: value for key, value in rule.predicate.items() if key not in ("kind", "defect")}
    parameters = ", ".join(f"{key} {_plain(value)}" for key, value in named.items())
    if parameters:
        sentence += f" ({parameters})"
    return f"| {rule.id} {rule.name} | {sentence} | {count / total:.2%} | {example} |"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_plain(item)}" for key, item in value.items())
    return ", ".join(map(_plain, value)) if isinstance(value, list | tuple) else str(value)


def _strip(review: ReviewRecord, data: Path) -> Pixels:
    return join_sheet([[read_image(data / file, file).pixels for file in review.images]], CELL)


def _sheet(reviews: Sequence[ReviewRecord], data: Path) -> Pixels:
    """Sequences in two columns, each with its title and feedback underneath."""
    rows = [_captioned(review, data) for review in reviews]
    width, height = max(row.shape[1] for row in rows), max(row.shape[0] for row in rows)
    columns = 2
    canvas = np.full((height * -(-len(rows) // columns), (width + 16) * columns, 3), 255, dtype=np.uint8)
    for index, row in enumerate(rows):
        y, x = index // columns * height, index % columns * (width + 16)
        canvas[y : y + row.shape[0], x : x + row.shape[1]] = row
    return canvas


def _captioned(review: ReviewRecord, data: Path) -> Pixels:
    strip = _strip(review, data)
    font = ImageFont.truetype(FONT, 11)
    lines = [*textwrap.wrap(review.title, WRAP)[:1], *textwrap.wrap(f"{review.rule_id}: {review.feedback}", WRAP)]
    canvas = PilImage.new("RGB", (max(strip.shape[1], 3 * CELL), CELL + 15 * LINES + 6), (255, 255, 255))
    canvas.paste(PilImage.fromarray(strip), (0, 0))
    for number, line in enumerate(lines[:LINES]):
        ImageDraw.Draw(canvas).text((2, CELL + 2 + 15 * number), line, fill=(20, 20, 20), font=font)
    return np.asarray(canvas)


def _categories(out: Path) -> list[str]:
    folder = out / "categories"
    names = []
    for path in write_contact_sheets(folder, seed=100, products=3, size=CELL):
        pixels = cv2.imread(str(path))
        path.unlink()
        assert pixels is not None  # written a moment ago
        _save(path.with_suffix(".jpg"), np.ascontiguousarray(pixels[..., ::-1]))
        names.append(path.stem)
    return names


def _save(path: Path, pixels: Pixels) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    PilImage.fromarray(pixels).save(path, quality=QUALITY, optimize=True)


def _page(
    rows: Sequence[str], taxonomy: RuleTaxonomy, counts: Counter[str], total: int, shown: int, categories: Sequence[str]
) -> str:
    shares: Counter[str] = Counter()
    for rule_id, count in counts.items():
        shares[taxonomy[rule_id].category.value] += count
    proportions = ", ".join(f"{name} {shares[name] / total:.3f}" for name in ("qualified", "single", "pair", "multi"))
    sheets = "\n".join(f"![{name}](categories/{name}.jpg)\n" for name in categories)
    table = "\n".join(rows)
    return f"""# The simulated marketplace

Written by `python -m benchmarks.marketplace_docs` from {total:,} reviewed sequences over rendered products; class
proportions {proportions} (Table 1 of the paper: 0.71, 0.12, 0.07, 0.10).

## The rules

The order is that of severity: the first broken rule names the class. Frequencies are shares of all sequences.

| rule | broken when | frequency | example and feedback |
|---|---|---|---|
{table}

## {shown} random sequences

![Random sequences](sequences-1.jpg)

![Random sequences](sequences-2.jpg)

## The rendered products

Three products a category; front, back, left, right, angle, top or the person who wears it, and two close-ups.

{sheets}"""


if __name__ == "__main__":
    typer.run(main)
