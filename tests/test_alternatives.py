"""Alternatives and placements: ranked by the scores of MUIsC, complete, in stable order, each image encoded once."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from muisc_tiny import CLASSES, random_images, tiny_model, tiny_processor

from agpis.alternatives import find_alternatives, place_image, possible_primaries
from agpis.errors import ModelError, SettingsError
from agpis.muisc.scoring import SequenceScorer
from agpis.rules import Rule, RuleCategory, RuleTaxonomy
from agpis.stage1.selection import candidate_sequences, select
from agpis.types import Image, ImageAssessment, PipelineSettings, Product, SequenceScore

TAXONOMY = RuleTaxonomy(
    version=1,
    classes=tuple(
        Rule(id=name, name=name.lower(), category=category, title=title, description="-")
        for name, category, title in zip(
            CLASSES,
            (RuleCategory.QUALIFIED, RuleCategory.SINGLE, RuleCategory.OTHER),
            ("yes", "Promotional banner", "Other"),
            strict=True,
        )
    ),
)
FILES = ("a", "b", "c", "d")
PRODUCT = Product(
    "mug", "Blue mug", tuple(Image(file, pixels) for file, pixels in zip(FILES, random_images(4), strict=True))
)
ASSESSMENTS = tuple(ImageAssessment(file, p, 0.1) for file, p in zip(FILES, (0.6, 0.9, 0.7, 0.2), strict=True))
SETTINGS = PipelineSettings(num_images=3)
STAGE_ONE = select(ASSESSMENTS, (), SETTINGS)


@pytest.fixture(scope="module")
def scorer() -> SequenceScorer:
    processor = tiny_processor()
    return SequenceScorer(tiny_model(processor), processor, TAXONOMY)


class ByOrder:
    """A scorer whose p^t is looked up; counts what it was asked."""

    def __init__(self, p_qualified: dict[tuple[str, ...], float], otherwise: float = 0.5) -> None:
        self.p_qualified, self.otherwise = p_qualified, otherwise
        self.asked: list[tuple[str, ...]] = []

    def score_many(self, _: str, sequences: Any, __: str) -> tuple[SequenceScore, ...]:
        orders = [tuple(image.file for image in sequence) for sequence in sequences]
        self.asked += orders
        return tuple(SequenceScore(order, {}, self.p_qualified.get(order, self.otherwise)) for order in orders)


def looked_up(p_qualified: dict[tuple[str, ...], float]) -> Any:
    return ByOrder(p_qualified)


def test_the_best_come_first_and_say_how_they_differ() -> None:
    scorer = looked_up({("b", "c", "a"): 0.4, ("b", "a", "c"): 0.9, ("b", "d", "a"): 0.7})
    found = find_alternatives(scorer, PRODUCT, STAGE_ONE, SETTINGS, ("b", "c", "a"), count=3)
    assert [(one.rank, one.sequence, one.p_qualified) for one in found.best] == [
        (1, ("b", "a", "c"), 0.9),
        (2, ("b", "d", "a"), 0.7),
        (3, ("b", "a", "d"), 0.5),
    ]
    first, second, _ = found.best
    assert first.difference == pytest.approx(0.5)
    assert (first.changed_places, first.same_images) == ((2, 3), True)
    assert (second.changed_places, second.same_images) == ((2,), False)
    assert (found.considered, found.possible) == (6, 6)
    assert found.current.p_qualified == 0.4


def test_ties_keep_the_order_of_the_candidates() -> None:
    found = find_alternatives(looked_up({}), PRODUCT, STAGE_ONE, SETTINGS, STAGE_ONE.sequence, count=6)
    assert [one.sequence[1:] for one in found.best] == list(itertools.permutations(("a", "c", "d"), 2))


def test_other_primaries_are_those_above_the_threshold() -> None:
    assert possible_primaries(STAGE_ONE, SETTINGS) == ("b", "c", "a")
    scorer = looked_up({("c", "a", "d"): 0.99})
    found = find_alternatives(scorer, PRODUCT, STAGE_ONE, SETTINGS, STAGE_ONE.sequence, other_primaries=True)
    assert found.best[0].sequence == ("c", "a", "d")
    assert found.best[0].changed_places[0] == 1
    assert found.possible == found.considered == 3 * 6
    assert {order[0] for order in scorer.asked} == {"a", "b", "c"}


def test_beyond_the_limit_a_draw_with_the_seed_that_holds_the_current_one() -> None:
    scorer = looked_up({})
    found = find_alternatives(scorer, PRODUCT, STAGE_ONE, SETTINGS, STAGE_ONE.sequence, limit=4)
    assert (found.considered, found.possible) == (4, 6)
    assert scorer.asked[:2] == [STAGE_ONE.sequence] * 2
    again = looked_up({})
    assert find_alternatives(again, PRODUCT, STAGE_ONE, SETTINGS, STAGE_ONE.sequence, limit=4) == found
    assert again.asked == scorer.asked


def test_a_product_without_a_sequence_has_no_alternatives() -> None:
    settings = PipelineSettings(primary_threshold=0.95)
    ended = select(ASSESSMENTS, (), settings)
    found = find_alternatives(looked_up({}), PRODUCT, ended, settings, ("a", "b", "c"))
    assert (found.best, found.considered, found.possible) == ((), 0, 0)


def test_the_scores_are_those_of_each_sequence_by_itself(scorer: SequenceScorer) -> None:
    found = find_alternatives(scorer, PRODUCT, STAGE_ONE, SETTINGS, STAGE_ONE.sequence, other_primaries=True, count=18)
    images = {image.file: image for image in PRODUCT.images}
    values = [one.p_qualified for one in found.best]
    assert values == sorted(values, reverse=True)
    for one in found.best:
        alone = scorer.score("Blue mug", [images[file] for file in one.sequence], "")
        assert one.p_qualified == pytest.approx(alone.p_qualified, abs=1e-5)
        assert one.difference == pytest.approx(one.p_qualified - found.current.p_qualified)
    assert found == find_alternatives(
        scorer, PRODUCT, STAGE_ONE, SETTINGS, STAGE_ONE.sequence, other_primaries=True, count=18
    )


def test_every_image_is_encoded_once(scorer: SequenceScorer, monkeypatch: pytest.MonkeyPatch) -> None:
    encode, seen = scorer.model.encode_images, []

    def counted(pixel_values: torch.Tensor) -> torch.Tensor:
        seen.append(len(pixel_values))
        features: torch.Tensor = encode(pixel_values)
        return features

    monkeypatch.setattr(scorer.model, "encode_images", counted)
    find_alternatives(scorer, PRODUCT, STAGE_ONE, SETTINGS, STAGE_ONE.sequence, other_primaries=True)
    assert sum(seen) == 4


def test_an_image_is_put_in_every_place() -> None:
    scorer = looked_up({("b", "c", "a"): 0.4, ("b", "d", "a"): 0.1, ("b", "c", "d"): 0.8, ("d", "c", "a"): 0.2})
    places = place_image(scorer, PRODUCT, ("b", "c", "a"), "d")
    assert [(one.place, one.instead_of, one.p_qualified) for one in places] == [
        (1, "b", 0.2),
        (2, "c", 0.1),
        (3, "a", 0.8),
    ]
    assert [one.difference for one in places] == pytest.approx([-0.2, -0.3, 0.4])
    assert places[2].sequence == ("b", "c", "d")


def test_what_makes_no_sense_is_refused(scorer: SequenceScorer) -> None:
    with pytest.raises(SettingsError, match="count must be at least 1"):
        find_alternatives(scorer, PRODUCT, STAGE_ONE, SETTINGS, ("a",), count=0)
    with pytest.raises(ModelError, match="without images"):
        find_alternatives(scorer, PRODUCT, STAGE_ONE, SETTINGS, ())
    with pytest.raises(ValueError, match="at place 2"):
        place_image(scorer, PRODUCT, ("a", "b"), "b")
    with pytest.raises(KeyError):
        place_image(scorer, PRODUCT, ("a", "b"), "z")
    long = PipelineSettings(num_images=4)
    with pytest.raises(ModelError, match="at most 3"):
        find_alternatives(scorer, PRODUCT, select(ASSESSMENTS, (), long), long, ("a", "b"))


def test_candidates_of_a_primary_that_was_removed_are_refused() -> None:
    with pytest.raises(ValueError, match="among the remaining"):
        candidate_sequences(STAGE_ONE, SETTINGS, 10, ["z"])
    drawn = candidate_sequences(STAGE_ONE, SETTINGS, 7, ["b", "c"])
    assert len(set(drawn)) == 7
    assert np.isin([order[0] for order in drawn], ["b", "c"]).all()
