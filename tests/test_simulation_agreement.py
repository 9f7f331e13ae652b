"""Two reviewers, one verdict: the simulated reviewer agrees with a checker that shares no code with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from reviewing_checker import BROKEN, first_broken
from standins import SIZE, source_product

from agpis.rules import RuleCategory, load_taxonomy
from agpis.simulation.facts import (
    Background,
    Defect,
    DefectKind,
    ImageFacts,
    People,
    Presentation,
    TitleFacts,
    View,
)
from agpis.simulation.pool import Surroundings
from agpis.simulation.reviewer import Reviewer
from agpis.simulation.sampler import SamplingPlan, sample_product

TAXONOMY = load_taxonomy()
REVIEWER = Reviewer(TAXONOMY)
TOTAL, SAMPLED = 2000, 300
PLAN = SamplingPlan(
    num_images={1: 0.05, 2: 0.2, 3: 0.35, 4: 0.25, 5: 0.15},
    sequences=10,
    candidates=7.0,
    proportions=dict.fromkeys(list(RuleCategory)[:4], 1.0),
)

# What a field of an image may be. Crops lie clear of the limits, where rounding would decide.
FIELDS: dict[str, Sequence[Any]] = {
    "view": tuple(View),
    "design": ("d1", "d2", "d3"),
    "category": ("mug", "Mug", "cup", ""),
    "colour": ("red", "Red", "blue", ""),
    "capture": ("c0", "c1", "c2", ""),
    "crop": (
        (0.0, 0.0, 1.0, 1.0),
        (0.02, 0.02, 0.98, 0.98),
        (0.1, 0.2, 0.6, 0.8),
        (0.3, 0.3, 0.7, 0.7),
        (0.6, 0, 1, 1),
    ),
    "mirrored": (False, True),
    "rotation": (0, 90, 180, 270),
    "resaved": (False, True),
    "fill": (0.02, 0.11, 0.12, 0.3, 1.0),
    "cut_off": (False, True),
    "background": tuple(Background),
    "defects": ((), *((Defect(kind),) for kind in DefectKind), (Defect(DefectKind.BADGE), Defect(DefectKind.TEXT))),
    "brand": ("Acme", "ACME", "Brill", ""),
    "pattern": ("striped", "Striped", "plain", "dotted", ""),
    "material": ("ceramic", "Ceramic", "wood", ""),
    "items": (1, 2, 3),
    "people": tuple(People),
    "presentation": tuple(Presentation),
    "style": ("studio", "window", "lamp", ""),
    "longest_side": (0, 64, 127, 128, 500),
}
# A field that stands here more than once is changed more often.
OF_A_COPY = (
    *("crop", "crop", "crop", "cut_off", "cut_off", "view", "colour", "pattern", "mirrored", "rotation", "resaved"),
    *("file", "fill", "background", "longest_side"),
)
TITLE_FIELDS: dict[str, Sequence[Any]] = {
    "text": ("A title", ""),
    "category": ("mug", "cup", ""),
    "colour": ("red", "blue", "green", ""),
    "brand": ("Acme", "Brill", "Cord", ""),
    "pattern": ("striped", "dotted", ""),
    "material": ("ceramic", "wood", ""),
    "quantity": (0, 1, 2, 3),
}
ORDERS = (
    (View.FRONT, View.BACK, View.LEFT, View.DETAIL, View.DETAIL, View.DETAIL),
    (View.ANGLE, View.FRONT, View.DETAIL, View.PACKAGE, View.DETAIL, View.UNKNOWN),
    (View.FRONT, View.SIDE, View.WORN, View.BACK, View.DETAIL, View.PACKAGE),
    (View.FRONT, View.DETAIL, View.DETAIL, View.DETAIL, View.DETAIL, View.DETAIL),
    (View.FRONT, View.BACK, View.RIGHT, View.TOP, View.ANGLE, View.SIDE),
    (View.ANGLE, View.SIDE, View.SIDE, View.DETAIL, View.DETAIL, View.DETAIL),
)


@dataclass(frozen=True)
class Sequenced:
    """Images in order beside a title."""

    images: tuple[ImageFacts, ...]
    title: TitleFacts


def drawn_case(rng: np.random.Generator) -> Sequenced:
    """One product shown well, of which some facts were drawn again, rarely all of them."""
    length = int(rng.choice([1, 2, 3, 4, 5, 6], p=[0.04, 0.16, 0.2, 0.2, 0.2, 0.2]))
    items = int(rng.choice([1, 1, 1, 2]))
    brand, colour = str(rng.choice(["Acme", "Acme", ""])), str(rng.choice(["red", "red", ""]))
    order = ORDERS[rng.integers(len(ORDERS))]
    images = [
        ImageFacts(f"{n}.jpg", "d1", "mug", colour, view, f"p{n}", items=items, brand=brand, style="studio")
        for n, view in enumerate(order[:length])
    ]
    title = TitleFacts("A title", "mug", "red", brand, quantity=items)
    # What the less severe rules look at is drawn more often.
    weights = np.array([{"style": 6.0, "view": 4.0, "brand": 3.0}.get(name, 1.0) for name in FIELDS])
    count = len(FIELDS) if rng.random() < 0.05 else rng.integers(0, 4)
    for name in rng.choice(list(FIELDS), size=count, replace=False, p=weights / weights.sum()):
        images = redrawn(images, str(name), rng)
    if rng.random() < 0.2:
        flawed, kind = int(rng.integers(len(images))), one_of(tuple(DefectKind), rng)
        images[flawed] = replace(images[flawed], defects=(Defect(kind),))
    if rng.random() < 0.3:
        images = with_copy(images, rng)
    if rng.random() < 0.4:
        said = str(rng.choice([*TITLE_FIELDS, "brand"]))
        title = replace(title, **{said: one_of(TITLE_FIELDS[said], rng)})
    return Sequenced(tuple(images), title)


def redrawn(images: list[ImageFacts], name: str, rng: np.random.Generator) -> list[ImageFacts]:
    """The images with one field drawn again in some of them."""
    share = float(rng.choice([0.3, 0.6, 1.0]))
    return [replace(image, **{name: one_of(FIELDS[name], rng)}) if rng.random() < share else image for image in images]


def with_copy(images: list[ImageFacts], rng: np.random.Generator) -> list[ImageFacts]:
    """The images with a copy of one of them put anywhere, or in the place of another."""
    changed = {str(name) for name in rng.choice(OF_A_COPY, size=rng.integers(0, 4), replace=False)} - {"file"}
    original = images[rng.integers(len(images))]
    copy = replace(original, file="copy.jpg", **{name: one_of(FIELDS[name], rng) for name in sorted(changed)})
    place = int(rng.integers(len(images) + 1))
    return [*images[:place], copy, *images[place + int(rng.integers(2)) :]][:6]


def one_of(values: Sequence[Any], rng: np.random.Generator) -> Any:
    return values[int(rng.integers(len(values)))]


def sampled_cases(count: int) -> list[Sequenced]:
    """Reviewed sequences of a small marketplace."""
    products = [source_product(number) for number in range(12)]
    around = Surroundings(REVIEWER, products, SIZE)
    found: list[Sequenced] = []
    seed = 0
    while len(found) < count:
        made = sample_product(products[seed % 12], around, PLAN, REVIEWER, np.random.default_rng(seed))
        for review in made.reviews:
            images = tuple(made.candidates[index].facts for index in review.images)
            found.append(Sequenced(images, review.title))
        seed += 1
    return found[:count]


@pytest.fixture(scope="module")
def cases() -> list[Sequenced]:
    rng = np.random.default_rng(43)
    return sampled_cases(SAMPLED) + [drawn_case(rng) for _ in range(TOTAL - SAMPLED)]


def test_the_checker_knows_every_rule() -> None:
    assert list(BROKEN) == [rule.id for rule in TAXONOMY.rules]
    assert len(BROKEN) == 43


def test_every_class_is_the_verdict_at_least_three_times(cases: list[Sequenced]) -> None:
    verdicts = Counter(first_broken(case.images, case.title, TAXONOMY) for case in cases)
    assert len(cases) == TOTAL
    assert {rule_id: verdicts[rule_id] for rule_id in ("qualified", *BROKEN) if verdicts[rule_id] < 3} == {}


def test_reviewer_and_checker_agree_on_every_sequence(cases: list[Sequenced]) -> None:
    rng = np.random.default_rng(0)
    apart = []
    for number, case in enumerate(cases):
        judged = REVIEWER.review(case.title, case.images, rng).rule_id
        checked = first_broken(case.images, case.title, TAXONOMY)
        if judged != checked:
            apart.append(f"case {number}: reviewer {judged}, checker {checked}\n  {case.title}\n  {case.images}")
    assert not apart, f"{len(apart)} of {len(cases)} verdicts differ, the first:\n" + "\n".join(apart[:5])
