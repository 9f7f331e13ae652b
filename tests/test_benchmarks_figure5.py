"""Figure 5: which sequences are compared, and what is drawn of them."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image as PilImage
from typer.testing import CliRunner

from agpis.errors import CatalogError
from agpis.rules import RuleCategory, load_taxonomy
from agpis.types import Image, Product, SequenceScore
from benchmarks.figure5 import MOST_SEQUENCES, Example, candidates, choose_bad, draw, likeliest, main

TAXONOMY = load_taxonomy()


def photo(name: str, grey: int = 0, size: tuple[int, int] = (60, 90)) -> Image:
    return Image(name, np.full((*size, 3), grey, np.uint8))


def score(p_qualified: float, *files: str, **rules: float) -> SequenceScore:
    """A score; what is left of the probability goes to the class other."""
    table = dict.fromkeys(TAXONOMY.ids, 0.0) | {"qualified": p_qualified, **rules}
    table["other"] += 1 - sum(table.values())
    return SequenceScore(files, table, p_qualified)


def test_all_orders_are_candidates_where_there_are_few() -> None:
    made = candidates([photo(name) for name in "abcd"], 3, np.random.default_rng(0))
    assert len(made) == len({tuple(image.file for image in order) for order in made}) == 24
    assert candidates([photo("a")], 3, np.random.default_rng(0)) == []


def test_of_many_orders_some_are_drawn_and_the_seed_says_which() -> None:
    images = [photo(str(number)) for number in range(12)]  # 1320 orders of three
    first, second, other = (
        [[image.file for image in order] for order in candidates(images, 3, np.random.default_rng(seed))]
        for seed in (0, 0, 1)
    )
    assert first == second
    assert first != other
    assert MOST_SEQUENCES // 2 < len(first) <= MOST_SEQUENCES
    assert all(len(set(order)) == 3 for order in first)


def test_the_bad_sequence_has_the_lowest_p_of_the_category_that_was_shown_least() -> None:
    scores = [
        score(0.9, "best"),
        score(0.2, "single", S01=0.7),
        score(0.1, "worse single", S02=0.6),
        score(0.05, "pair", P01=0.9),
        score(0.01, "unnamed"),
    ]
    shown: Counter[RuleCategory] = Counter()
    first = choose_bad(scores, TAXONOMY, 0.3, shown)
    assert first is not None
    assert first.sequence == ("worse single",)
    assert likeliest(first, TAXONOMY).id == "S02"
    second = choose_bad(scores, TAXONOMY, 0.3, Counter({RuleCategory.SINGLE: 1}))
    assert second is not None
    assert second.sequence == ("pair",)
    assert choose_bad(scores, TAXONOMY, 0.01, shown) is None
    assert choose_bad([scores[0], scores[-1]], TAXONOMY, 0.3, shown) is None  # class other is no rule


def test_the_picture_shows_the_photos_in_order() -> None:
    product = Product(
        "p", "A very long title " * 20, tuple(photo(name, grey) for name, grey in (("a", 10), ("b", 200)))
    )
    example = Example(product, score(0.9, "a", "b"), score(0.1, "b", "a", S01=0.8), TAXONOMY["S01"])
    one, three = draw([example]), draw([example] * 3)
    assert (three.width, three.height) == (2 * one.width, 2 * one.height)
    seen = np.asarray(one)
    middles = [int(seen[158 + row * 180, 98 + column * 154, 0]) for row in (0, 1) for column in (0, 1)]
    assert middles == [10, 200, 200, 10]
    assert seen[:, -20:].min() == 255  # the title ends where the photos do


def test_a_product_of_the_samples(tmp_path: Path) -> None:
    out = tmp_path / "new" / "figure.jpg"
    app = typer.Typer()
    app.command()(main)
    done = CliRunner().invoke(app, ["--products", "1", "--out", str(out)], catch_exceptions=False)
    good, bad = (float(p) for p in re.findall(r"p\^t ([\d.]+)", done.output))
    assert bad < 0.3 <= good
    with PilImage.open(out) as picture:
        assert picture.size == (504, 468)  # three photos wide, two sequences high


def test_a_catalogue_without_examples_is_refused(tmp_path: Path) -> None:
    (tmp_path / "products.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(CatalogError, match="no product of .* has both a sequence that is submitted"):
        main(catalog=tmp_path, out=tmp_path / "figure.jpg")
