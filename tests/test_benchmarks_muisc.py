"""The measuring of MUIsC: scores that can be worked out by hand, labels that err, the page."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from muisc_tiny import random_images, tiny_model, tiny_processor
from torch import Tensor

from agpis.data.reviews import ReviewRecord
from agpis.errors import CatalogError
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.scoring import SequenceScorer
from agpis.rules import load_taxonomy
from agpis.rules.taxonomy import RuleTaxonomy
from analysis.metrics.bootstrap import Bootstrap, Score
from benchmarks.clothes_catalog import kind_of, one_colour
from benchmarks.muisc.classification import Scored, by_rule, ceiling, decisions, headline, title_ablation
from benchmarks.muisc.document import MARKER, TARGETS, render
from benchmarks.muisc.feedback import feedback_scores
from benchmarks.muisc.noise import flip_labels
from benchmarks.muisc.predictions import Prediction, other_titles, predict
from benchmarks.muisc.report import Report, Section, read_report

TAXONOMY = load_taxonomy()


def record(number: int, rule: str = "qualified", feedback: str = "yes", title: str = "Blue mug") -> ReviewRecord:
    return ReviewRecord(f"sku-{number}", title, "mug", (f"{number}a.png", f"{number}b.png"), feedback, rule)


def prediction(p: float, rule: str = "S03", feedback: str | None = None) -> Prediction:
    """p^t, and the rest on one rule."""
    probabilities = np.zeros(len(TAXONOMY))
    probabilities[0], probabilities[TAXONOMY.index(rule)] = p, 1 - p
    return Prediction(probabilities, 0.5, 1 - p, feedback)


# -- labels that err ------------------------------------------------------------------------------------------------


def test_a_share_of_the_labels_is_flipped() -> None:
    records = [record(i, "qualified" if i % 4 else "S03") for i in range(400)]
    flipped = flip_labels(records, TAXONOMY, 0.05, seed=3)
    changed = [(old, new) for old, new in zip(records, flipped, strict=True) if old.rule_id != new.rule_id]
    assert len(changed) == 20
    assert all((old.rule_id == "qualified") != (new.rule_id == "qualified") for old, new in changed)
    assert all(replace(new, rule_id=old.rule_id) == old for old, new in changed)
    assert flipped == flip_labels(records, TAXONOMY, 0.05, seed=3)
    assert flipped != flip_labels(records, TAXONOMY, 0.05, seed=4)
    assert flip_labels(records, TAXONOMY, 0.0, seed=3) == tuple(records)


def test_a_wrong_rejection_may_name_any_rule() -> None:
    flipped = flip_labels([record(i) for i in range(2000)], TAXONOMY, 1.0, seed=0)
    assert set(Counter(one.rule_id for one in flipped)) == {rule.id for rule in TAXONOMY.rules}


# -- scores ---------------------------------------------------------------------------------------------------------


def scored(pairs: list[tuple[ReviewRecord, Prediction]], taxonomy: RuleTaxonomy = TAXONOMY) -> Scored:
    return Scored(taxonomy, [one for one, _ in pairs], [other for _, other in pairs], Bootstrap(20))


def test_the_headline_of_a_good_judge() -> None:
    good = [(record(i), prediction(0.9)) for i in range(4)]
    bad = [(record(4 + i, "S03"), prediction(0.2, "S03" if i else "S05")) for i in range(4)]
    values = {score.name: (score.value, score.n) for score in headline(scored(good + bad), seed=0)}
    assert values["AUC"] == (1.0, 8)
    assert values["R@P 0.9"] == (1.0, 8)
    assert values["AUC-single"] == (1.0, 8)
    assert values["AUC-pair"] == (None, 0)
    assert values["AUC-multi, all qualified"] == (None, 0)
    assert values["top-1 rule accuracy"] == (0.75, 4)


def test_a_rule_is_measured_against_the_qualified_alone() -> None:
    pairs = [(record(0), prediction(0.5)), (record(1, "S03"), prediction(0.4)), (record(2, "S05"), prediction(0.9))]
    rows = {score.name[:3]: score for score in by_rule(scored(pairs))}
    assert (rows["S03"].value, rows["S05"].value, rows["S01"].value) == (1.0, 0.0, None)
    assert (rows["S03"].n, rows["S03"].rejected) == (2, 1)


def test_without_the_title_its_rules_cannot_be_told() -> None:
    pairs = [(record(0), prediction(0.8)), (record(1, "M11"), prediction(0.3))]
    rows = {score.name: score.value for score in title_ablation(scored(pairs), ["M11", "M12", "unknown"])}
    assert rows["title rules with the title"] == 1.0
    assert rows["title rules with an empty title"] == 0.5
    assert rows["M11 with another product's title"] == 0.0
    assert rows["M12 with the title"] is None
    assert rows["qualified: own title against another product's"] == 1.0


def test_decisions_at_the_threshold() -> None:
    pairs = [(record(0), prediction(0.8)), (record(1, "M11"), prediction(0.5)), (record(2, "S03"), prediction(0.0))]
    values = [score.value for score in decisions(scored(pairs), 0.5)]
    assert values == pytest.approx([0.8, 0.25, (0.04 + 0.25) / 3, 2 / 3, 1 / 2, 2 / 3])


def test_nobody_is_better_than_the_labels() -> None:
    clean = scored([(record(i, "S03" if i > 4 else "qualified"), prediction(0.5)) for i in range(10)])
    noisy = replace(clean, records=[replace(clean.records[0], rule_id="S03"), *clean.records[1:]])
    # Of the 4 qualified and 6 rejected, the one flipped ties with the 4.
    assert ceiling(clean, noisy).value == pytest.approx((4 * 5 + 4 * 0.5) / 24)


def test_feedback_is_judged_by_rule_images_and_words() -> None:
    banner = "Promotional banner: the 2nd image has a banner 'SALE' at the top."
    pairs = [
        (record(0), prediction(0.9, feedback="yes")),
        (record(1), prediction(0.9, feedback="")),
        (record(2, "S03", banner), prediction(0.1, feedback=banner)),
        (record(3, "S03", banner), prediction(0.1, feedback="Watermark: image 2 has a watermark.")),
        (record(4, "S03", banner), prediction(0.1, feedback="Promotional banner: see the 1st image.")),
        (record(5, "S03", banner), prediction(0.9, feedback="yes")),
        (record(6, "M03", "Missing view: a view from the back is missing."), prediction(0.1, feedback="yes")),
        (record(7, "S03", banner), prediction(0.1)),
    ]
    one = scored(pairs)
    rows = [(row.value, row.n) for row in feedback_scores(one.records, one.predictions, TAXONOMY, 0.3, one.boot)]
    assert rows[:4] == [(2 / 5, 5), (2 / 4, 4), (2 / 3, 3), (1 / 2, 2)]
    assert rows[6] == (0.5, 2)
    same = feedback_scores(one.records[2:3], one.predictions[2:3], TAXONOMY, 0.3, one.boot)
    assert [row.value for row in same[4:6]] == pytest.approx([100, 100])


# -- predictions ----------------------------------------------------------------------------------------------------


def test_each_product_gets_the_title_of_another() -> None:
    records = [record(i // 2, title=f"title {i // 2 % 3}") for i in range(12)]
    titles = other_titles(records, seed=0)
    assert all(title != one.title for title, one in zip(titles, records, strict=True))
    assert all(titles[i] == titles[i + 1] for i in range(0, 12, 2))
    assert other_titles([record(0), record(1)], seed=0) == ("Blue mug", "Blue mug")


def test_predictions_do_not_depend_on_the_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    processor = tiny_processor()
    model = tiny_model(processor, id2label=dict(enumerate(TAXONOMY.ids)))
    scorer = SequenceScorer(model, processor, TAXONOMY)
    for number, pixels in enumerate(random_images(6)):
        cv2.imwrite(str(tmp_path / f"{number}.png"), pixels)
    records = [
        ReviewRecord(f"sku-{number % 2}", "Blue ceramic mug", "", files, "yes", "qualified")
        for number, files in enumerate(
            [("0.png",), ("1.png", "2.png"), ("0.png", "4.png", "5.png"), ("2.png", "3.png")]
        )
    ]
    encoded: list[int] = []
    encode = type(model).encode_images

    def counted(self: MuiscModel, pixels: Tensor) -> Tensor:
        encoded.append(len(pixels))
        return encode(self, pixels)

    monkeypatch.setattr(type(model), "encode_images", counted)
    swapped = ["Red running shoes"] * 4
    results = [predict(scorer, tmp_path, records, swapped=swapped, write_for={1}, batch_size=size) for size in (1, 32)]
    assert encoded == [1] * 6 + [6]  # two products, each image once
    for one, other in zip(*results, strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-5)
        assert one.p_without_title == pytest.approx(other.p_without_title, abs=1e-5)
        assert one.p_other_title == pytest.approx(other.p_other_title, abs=1e-5)
        assert one.feedback == other.feedback
    assert [one.feedback is not None for one in results[0]] == [False, True, False, False]
    assert results[0][0].p_qualified != results[0][0].p_without_title


# -- the page -------------------------------------------------------------------------------------------------------


def report(name: str, value: float) -> Report:
    scores = tuple(Score(target.score, value, value - 0.01, None, 40, 20, 10) for target in TARGETS)
    return Report(
        data=name,
        split="test",
        sequences=1234,
        products=200,
        label_noise=0.05,
        threshold=0.3,
        resamples=1000,
        seed=0,
        weights="0123456789ab",
        command=f"python -m benchmarks.muisc_evaluation --data runs/{name}",
        simulation={
            "num_rendered": 0,
            "num_reviews": None,
            "catalogs": ["magento"],
            "sequences_per_product": 12,
            "balanced_training": False,
            "miss_rate": 0.1,
            "false_alarm_rate": 0.0,
            "seed": 5,
        },
        sections=(Section("All", scores, scores), Section("Alone", scores[:1])),
        seconds=1.5,
    )


def test_a_report_comes_back_from_its_file(tmp_path: Path) -> None:
    report("market", 0.9).write(tmp_path / "new" / "a.json")
    assert read_report(tmp_path / "new" / "a.json") == report("market", 0.9)
    (tmp_path / "b.json").write_text("{}", encoding="utf-8")
    with pytest.raises(CatalogError, match=r"b\.json is no report"):
        read_report(tmp_path / "b.json")
    with pytest.raises(CatalogError, match="no score 'F1' with noise"):
        report("market", 0.9).score("F1", noisy=True)


def test_the_page_tells_what_was_reached_and_by_which_command() -> None:
    page = render(report("market", 0.9), report("magento", 0.7))
    assert "| (a) AUC at least 0.90 | 0.900 | n/a | 40 | yes |" in page
    assert "| (b) the same with label noise | 0.700 | n/a | 40 | no |" in page
    assert "| (a) title rules: AUC 0.40 to 0.60 without it | 0.900 | n/a | 40 | no |" in page
    assert "| AUC | 0.900 | n/a | 40 (10 rejected) | 0.900 | n/a |" in page
    assert "1,234 sequences of 200 products" in page
    simulated = "python -m agpis simulate --out runs/magento --rendered 0 --catalog CATALOGS/magento --sequences 12"
    assert f"{simulated} --miss-rate 0.1 --seed 5\n" in page
    assert "python -m benchmarks.muisc_evaluation --data runs/magento\n" in page
    assert "labels of which 5% were flipped" in page


def test_what_was_written_by_hand_is_kept() -> None:
    first = render(report("market", 0.9), report("magento", 0.7))
    edited = first.partition(MARKER)[0] + MARKER + "\n\nMy own words.\n"
    again = render(report("market", 0.8), report("magento", 0.7), edited)
    assert again.endswith(MARKER + "\n\nMy own words.\n")
    assert again == render(report("market", 0.8), report("magento", 0.7), again)


# -- real photos ----------------------------------------------------------------------------------------------------


def test_photos_of_one_colour_that_nobody_doubts() -> None:
    images: list[dict[str, Any]] = [
        {"file": "1", "color": "red"},
        {"file": "2", "color": "blue"},
        {"file": "3", "color": "red", "color_note": "differs_from_main"},
        {"file": "4", "color": "blue"},
        {"file": "5", "color": None},
    ]
    assert [image["file"] for image in one_colour(images)] == ["2", "4"]
    assert [image["file"] for image in one_colour(images[:2])] == ["1"]
    assert one_colour(images[2:3]) == []


@pytest.mark.parametrize(
    ("category", "title", "kind"),
    [
        ("Gear/Bags", "Joust Duffle", "Bags"),
        ("Gear/Bags/Collections/Erin Recommends", "Tote", "Bags"),
        ("Men/Tops/Hoodies & Sweatshirts", "Hero Hoodie", "Hoodie"),
        ("Women/Tops/Bras & Tanks", "Lucia Bra ", "Bra"),
        ("Women/Tops/Bras & Tanks", "Maya Tunic", ""),
        ("Women/Tops/Bras & Tanks", "Tank with a bra", ""),
    ],
)
def test_the_kind_of_item(category: str, title: str, kind: str) -> None:
    assert kind_of(category, title) == kind
