"""Draw the paper's Figure 5: a good and a bad sequence of the same product, with the p^t of the models.

    python -m benchmarks.figure5 --catalog assets/samples --out docs/images/figure5.jpg

The good sequence is what the framework submits. The bad one has the lowest p^t of the sequences that can be made of the
product's photos and whose likeliest class is a rule of one category; the categories take turns. The examples show what
p^t looks like and measure nothing: that is done by `benchmarks.muisc_evaluation`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, permutations
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image as PilImage
from PIL import ImageDraw
from rich.console import Console
from rich.text import Text

from agpis.bundled import model_folder, samples_folder
from agpis.data.catalog import CatalogProduct, read_catalog
from agpis.errors import CatalogError
from agpis.images import read_product
from agpis.pipeline import AgpisPipeline
from agpis.rules import Rule, RuleCategory, RuleTaxonomy
from agpis.simulation.render.surfaces import font
from agpis.types import Image, Product, SequenceScore

MOST_SEQUENCES = 210  # every order of three of seven photos
_COLUMNS = 2
_SIDE, _GAP, _MARGIN = 148, 6, 24  # pixels
_HEADING, _LINE = 34, 26
_INK, _GOOD, _BAD = "#1F2937", "#007A59", "#C04D00"
_CATEGORIES = (RuleCategory.SINGLE, RuleCategory.PAIR, RuleCategory.MULTI)


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One product of the figure.

    Attributes:
        product: its photos and title.
        good: what the framework submits; p^t >= th^t.
        bad: another sequence of its photos; p^t < th^t.
        rule: the likeliest class of the bad sequence.
    """

    product: Product
    good: SequenceScore
    bad: SequenceScore
    rule: Rule


def main(
    catalog: Annotated[Path | None, typer.Option(help="Catalogue with photos; default the samples.")] = None,
    out: Annotated[Path, typer.Option(help="Picture to write.")] = Path("docs/images/figure5.jpg"),
    products: Annotated[int, typer.Option(min=1, help="Products to show.")] = 4,
    models: Annotated[Path | None, typer.Option(help="Pipeline folder; default the bundled one.")] = None,
    seed: Annotated[int, typer.Option(help="Chooses sequences where a product has too many to score.")] = 0,
) -> None:
    """Write the picture, and print what stands in it."""
    pipeline = AgpisPipeline.from_pretrained(models or model_folder())
    folder = catalog or samples_folder()
    examples = list(islice(find_examples(pipeline, read_catalog(folder), seed), products))
    if not examples:
        raise CatalogError(f"no product of {folder} has both a sequence that is submitted and one that is withheld")
    console = Console(width=140)
    for example in examples:
        console.print(Text(f"{example.product.product_id}: {example.product.title}"))
        for name, score in (("good", example.good), ("bad", example.bad)):
            console.print(Text(f"  {name} p^t {score.p_qualified:.4f}: {', '.join(score.sequence)}"))
        console.print(Text(f"  {_why(example)}"))
    out.parent.mkdir(parents=True, exist_ok=True)
    draw(examples).save(out, quality=88)


def find_examples(pipeline: AgpisPipeline, entries: Iterator[CatalogProduct], seed: int = 0) -> Iterator[Example]:
    """Examples in the order of the catalogue, so that single, pair and multi-image rules come equally often."""
    shown: Counter[RuleCategory] = Counter()
    for entry in entries:
        files = [(image.file, entry.path_of(image)) for image in entry.images]
        product = read_product(entry.product_id, entry.title, files, category=entry.category)
        good = _submitted(pipeline, product)
        if good is None:
            continue
        sequences = candidates(product.images, pipeline.settings.num_images, np.random.default_rng(seed))
        scores = pipeline.scorer.score_many(product.title, sequences, product.category)
        bad = choose_bad(scores, pipeline.taxonomy, pipeline.settings.submission_threshold, shown)
        if bad is not None:
            rule = likeliest(bad, pipeline.taxonomy)
            shown[rule.category] += 1
            yield Example(product, good, bad, rule)


def _submitted(pipeline: AgpisPipeline, product: Product) -> SequenceScore | None:
    """What the framework submits, or None."""
    settings = pipeline.settings
    stage_one = pipeline.select(pipeline.assess(product), pipeline.match(product), settings)
    if not stage_one.sequence:
        return None
    score = pipeline.score(pipeline.encode(product, stage_one.sequence))
    return score if score.p_qualified >= settings.submission_threshold else None


def candidates(images: Sequence[Image], length: int, rng: np.random.Generator) -> list[tuple[Image, ...]]:
    """All sequences of `length` different images; MOST_SEQUENCES of them by chance where there are more."""
    if math.perm(len(images), length) <= MOST_SEQUENCES:
        return list(permutations(images, length))
    orders = {tuple(rng.permutation(len(images))[:length].tolist()) for _ in range(MOST_SEQUENCES)}
    return [tuple(images[place] for place in order) for order in sorted(orders)]


def choose_bad(
    scores: Sequence[SequenceScore], taxonomy: RuleTaxonomy, threshold: float, shown: Counter[RuleCategory]
) -> SequenceScore | None:
    """The lowest p^t below the threshold, of the category of rules that was shown least; None without any."""
    by_category: dict[RuleCategory, SequenceScore] = {}
    for score in sorted(scores, key=lambda score: score.p_qualified):
        if score.p_qualified < threshold:
            by_category.setdefault(likeliest(score, taxonomy).category, score)
    found = [category for category in _CATEGORIES if category in by_category]
    return by_category[min(found, key=lambda category: shown[category])] if found else None


def likeliest(score: SequenceScore, taxonomy: RuleTaxonomy) -> Rule:
    """The likeliest class; of equally likely ones the more severe."""
    return max(taxonomy.classes, key=lambda rule: score.rule_probabilities[rule.id])


def draw(examples: Sequence[Example]) -> PilImage.Image:
    """The examples as one picture, two in a row: the good sequence above the bad one, p^t above each."""
    length = max(len(score.sequence) for example in examples for score in (example.good, example.bad))
    width = length * (_SIDE + _GAP) - _GAP
    height = _HEADING + 2 * (_LINE + _SIDE + _GAP) + _LINE
    columns = min(_COLUMNS, len(examples))
    rows = math.ceil(len(examples) / columns)
    size = (columns * (width + 2 * _MARGIN), rows * (height + 2 * _MARGIN))
    sheet = PilImage.new("RGB", size, "white")
    for place, example in enumerate(examples):
        row, column = divmod(place, columns)
        left, top = column * (width + 2 * _MARGIN) + _MARGIN, row * (height + 2 * _MARGIN) + _MARGIN
        _draw_example(sheet, example, (left, top), width)
    return sheet


def _draw_example(sheet: PilImage.Image, example: Example, corner: tuple[int, int], width: int) -> None:
    left, top = corner
    _write(sheet, (left, top), example.product.title or example.product.product_id, 17, _INK, width)
    top += _HEADING
    images = {image.file: image for image in example.product.images}
    for score, colour in ((example.good, _GOOD), (example.bad, _BAD)):
        _write(sheet, (left, top), f"pᵗ = {score.p_qualified:.3f}", 17, colour, width)
        top += _LINE
        for place, file in enumerate(score.sequence):
            _paste(sheet, images[file], (left + place * (_SIDE + _GAP), top), colour)
        top += _SIDE + _GAP
    _write(sheet, (left, top), _why(example), 14, _BAD, width)


def _paste(sheet: PilImage.Image, image: Image, corner: tuple[int, int], colour: str) -> None:
    """The whole photo, centred on a framed square."""
    photo = PilImage.fromarray(image.pixels)
    photo.thumbnail((_SIDE - 6, _SIDE - 6))
    left, top = corner
    sheet.paste(photo, (left + (_SIDE - photo.width) // 2, top + (_SIDE - photo.height) // 2))
    ImageDraw.Draw(sheet).rectangle((left, top, left + _SIDE - 1, top + _SIDE - 1), outline=colour, width=2)


def _write(sheet: PilImage.Image, corner: tuple[int, int], text: str, size: int, colour: str, width: int) -> None:
    """One line, cut off with an ellipsis where it is too long."""
    letters, line = font("DejaVuSans.ttf", size), " ".join(text.split())
    if letters.getlength(line) > width:
        while line and letters.getlength(line + "…") > width:
            line = line[:-1]
        line = line.rstrip() + "…"
    ImageDraw.Draw(sheet).text(corner, line, fill=colour, font=letters)


def _why(example: Example) -> str:
    p = example.bad.rule_probabilities[example.rule.id]
    return f"{example.rule.id} {example.rule.title} ({example.rule.category.value}): p = {p:.2f}"


if __name__ == "__main__":
    typer.run(main)
