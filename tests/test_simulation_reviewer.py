"""The simulated reviewer: verdicts, words, noise, and a shop with rules of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agpis.errors import RulesError, SettingsError
from agpis.rules import RuleTaxonomy, load_taxonomy
from agpis.simulation.facts import Defect, DefectKind, ImageFacts, TitleFacts, View
from agpis.simulation.predicates import Hit, predicate_kinds
from agpis.simulation.reviewer import Reviewer
from agpis.simulation.wording import compose_feedback, ordinal

TITLE = TitleFacts("Red mug", "mug", "red")
FRONT = ImageFacts("a.jpg", "d1", "mug", "red", View.FRONT, "c1", fill=0.5)
BACK = replace(FRONT, file="b.jpg", view=View.BACK, capture="c2")
DETAIL = replace(FRONT, file="c.jpg", view=View.DETAIL, capture="c3")
BANNER = Defect(DefectKind.BANNER, "SALE -30%", "at the bottom")
BLUR = Defect(DefectKind.BLUR, "out of focus")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def taxonomy() -> RuleTaxonomy:
    return load_taxonomy()


def test_a_good_sequence_gets_the_constant_word(taxonomy: RuleTaxonomy, rng: np.random.Generator) -> None:
    review = Reviewer(taxonomy).review(TITLE, [FRONT, BACK, DETAIL], rng)
    assert (review.accepted, review.rule_id, review.feedback, review.violations) == (True, "qualified", "yes", ())


def test_feedback_names_rule_image_words_and_place(taxonomy: RuleTaxonomy, rng: np.random.Generator) -> None:
    reviewer = Reviewer(taxonomy)
    seen = set()
    for _ in range(60):
        review = reviewer.review(TITLE, [FRONT, replace(BACK, defects=(BANNER,)), DETAIL], rng)
        assert (review.accepted, review.rule_id) == (False, "S03")
        assert review.feedback.startswith("Promotional banner")
        assert "SALE -30%" in review.feedback
        assert "at the bottom" in review.feedback
        assert "2nd" in review.feedback or "image 2" in review.feedback
        assert "  " not in review.feedback
        seen.add(review.feedback)
    assert len(seen) >= 8


def test_the_first_rule_of_the_file_decides_and_all_breaches_are_kept(
    taxonomy: RuleTaxonomy, rng: np.random.Generator
) -> None:
    images = [replace(BACK, defects=(BLUR,)), replace(FRONT, defects=(BANNER,)), DETAIL, replace(DETAIL, capture="c4")]
    review = Reviewer(taxonomy).review(TITLE, images, rng)
    assert review.rule_id == "S03"
    assert [(v.rule_id, v.images) for v in review.violations] == [("S03", (2,)), ("S12", (1,)), ("M01", (1,))]


@pytest.mark.parametrize("kind", predicate_kinds())
def test_feedback_of_every_rule_is_classified_as_that_rule(
    kind: str, taxonomy: RuleTaxonomy, rng: np.random.Generator
) -> None:
    rules = [rule for rule in taxonomy.rules if rule.predicate.get("kind") == kind]
    assert rules
    for rule in rules:
        for thing in ("a watermark 'Logo'", "out of focus", "", "a banner 'Overlaid logo: yes'"):
            for _ in range(12):
                hit = Hit((2, 3), "in the middle", thing, "blue")
                feedback = compose_feedback(rule, kind, hit, taxonomy, rng)
                assert taxonomy.classify_feedback(feedback) == rule
                assert "{" not in feedback


def test_words_read_off_a_picture_cannot_break_the_sentence(taxonomy: RuleTaxonomy, rng: np.random.Generator) -> None:
    hit = Hit((1,), "", "a banner '{a} {0} %s \\1 50%'")
    feedback = compose_feedback(taxonomy["S03"], "has_defect", hit, taxonomy, rng)
    assert "{a} {0} %s \\1 50%" in feedback


def test_a_forgetful_reviewer_goes_on_to_the_next_rule(taxonomy: RuleTaxonomy, rng: np.random.Generator) -> None:
    images = [replace(FRONT, defects=(BANNER, BLUR)), BACK, DETAIL]
    rules = [Reviewer(taxonomy, miss_rate=0.5).review(TITLE, images, rng).rule_id for _ in range(400)]
    shares = {rule: rules.count(rule) / 400 for rule in ("S03", "S12", "qualified")}
    assert shares == pytest.approx({"S03": 0.5, "S12": 0.25, "qualified": 0.25}, abs=0.08)


def test_false_alarms_come_at_their_rate_and_are_classifiable(taxonomy: RuleTaxonomy, rng: np.random.Generator) -> None:
    reviewer = Reviewer(taxonomy, false_alarm_rate=0.3)
    reviews = [reviewer.review(TITLE, [FRONT, BACK], rng) for _ in range(300)]
    alarms = [review for review in reviews if not review.accepted]
    assert len(alarms) / 300 == pytest.approx(0.3, abs=0.08)
    assert all(not alarm.violations for alarm in alarms)
    assert all(taxonomy.classify_feedback(alarm.feedback).id == alarm.rule_id for alarm in alarms)


def test_the_same_seed_gives_the_same_words(taxonomy: RuleTaxonomy) -> None:
    images = [replace(FRONT, defects=(BANNER,)), BACK]
    words = [Reviewer(taxonomy).review(TITLE, images, np.random.default_rng(7)).feedback for _ in range(2)]
    assert words[0] == words[1]


SHOP = """
version: 1
classes:
  - {id: fine, name: fine, category: qualified, title: ok, description: Good.}
  - {id: R1, name: sharp, category: single, title: Not sharp, description: A,
     predicate: {kind: has_defect, defect: blur}}
  - {id: R2, name: manual, category: multi, title: Seen by people only, description: No predicate.}
  - {id: rest, name: rest, category: other, title: Other, description: Else.}
"""


def test_a_shop_with_fewer_rules_has_its_own_verdicts(tmp_path: Path, rng: np.random.Generator) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP, encoding="utf-8")
    reviewer = Reviewer(load_taxonomy(path))
    assert [rule.id for rule in reviewer.known_rules] == ["R1"]
    assert reviewer.review(TITLE, [replace(BACK, defects=(BANNER,))], rng).feedback == "ok"
    blurred = reviewer.review(TITLE, [FRONT, replace(BACK, defects=(BLUR,))], rng)
    assert blurred.rule_id == "R1"
    assert blurred.feedback.startswith("Not sharp")


def test_a_bad_predicate_is_refused_with_its_rule(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP.replace("defect: blur", "defect: smell"), encoding="utf-8")
    with pytest.raises(RulesError, match=r"rule R1 \(sharp\): predicate has_defect is not valid"):
        Reviewer(load_taxonomy(path))


@pytest.mark.parametrize("setting", ["miss_rate", "false_alarm_rate"])
def test_rates_outside_their_range_are_refused(setting: str, taxonomy: RuleTaxonomy) -> None:
    with pytest.raises(SettingsError, match=rf"{setting} must lie in \[0, 1\], got 1.5"):
        Reviewer(taxonomy, **{setting: 1.5})


def test_an_empty_sequence_is_refused(taxonomy: RuleTaxonomy, rng: np.random.Generator) -> None:
    with pytest.raises(SettingsError, match="at least 1 image"):
        Reviewer(taxonomy).review(TITLE, [], rng)


@pytest.mark.parametrize(
    ("number", "words"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd")]
)
def test_ordinal(number: int, words: str) -> None:
    assert ordinal(number) == words
