"""Thresholds: limits by hand, and choices on a small marketplace whose models answer what they are told."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agpis.bundled import model_folder
from agpis.errors import CatalogError, SettingsError
from agpis.simulation.config import SimulationConfig
from agpis.simulation.facts import ImageFacts, View
from agpis.simulation.simulate import simulate
from agpis.training.thresholds import (
    ThresholdCriteria,
    _comparable,
    _tie,
    choose_thresholds,
    lower_limit,
    upper_limit,
)

TENTHS = np.arange(1, 11) / 10


def test_a_lower_limit_loses_at_most_its_share() -> None:
    assert lower_limit(TENTHS, 0.0) == 0.09  # 0.10 would lose the smallest
    assert lower_limit(TENTHS, 0.1) == 0.19
    assert lower_limit(TENTHS, 0.25) == 0.29
    assert lower_limit(np.zeros(3), 0.5) == 0.0


def test_an_upper_limit_removes_at_most_its_share() -> None:
    assert upper_limit(TENTHS, 0.0) == 1.0
    assert upper_limit(TENTHS, 0.1) == 0.9
    assert upper_limit(TENTHS, 0.25) == 0.8
    assert upper_limit(TENTHS, 1.0) == 0.0


@pytest.mark.parametrize("values", [{"clean_removed": -0.1}, {"primary_lost": 1.1}, {"limit": 0}])
def test_criteria_out_of_range_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=next(iter(values))):
        ThresholdCriteria(**values)  # type: ignore[arg-type]


def test_another_pattern_says_nothing_about_colours() -> None:
    front = ImageFacts("a.jpg", "d1", "mug", "red", View.FRONT, "c1", pattern="plain")
    back = replace(front, file="b.jpg", view=View.BACK, capture="c2")
    assert _comparable(front, back)
    assert _comparable(front, replace(back, pattern=""))
    assert not _comparable(front, replace(back, pattern="striped"))


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("pyvista")
    out = tmp_path_factory.mktemp("market") / "data"
    simulate(SimulationConfig(out, num_rendered=8, image_size=96, seed=3, workers=1))
    # So few products may leave the validation split empty: here all of them belong to it.
    for name in ("images.jsonl", "products.jsonl"):
        rows = [json.loads(line) for line in (out / name).read_text().splitlines()]
        (out / name).write_text("".join(json.dumps({**row, "split": "val"}) + "\n" for row in rows))
    return out


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return Path(shutil.copytree(model_folder(), tmp_path / "models"))


def test_choices_keep_to_their_cost_and_are_stored(market: Path, models: Path) -> None:
    before = json.loads((models / "pipeline.json").read_text())["settings"]
    criteria = ThresholdCriteria(clean_removed=0.1, primary_lost=0.2, colour_removed=0.05)
    chosen = {choice.setting: choice for choice in choose_thresholds(models, [market], criteria, save=True)}
    names = ["primary_threshold", "tie_threshold", "noncompliance_threshold", "quality_threshold", "colour_threshold"]
    assert list(chosen) == names
    assert chosen["primary_threshold"].cost <= 0.2
    assert chosen["noncompliance_threshold"].cost <= 0.1
    assert chosen["colour_threshold"].cost <= 0.05
    assert all(choice.num_good > 0 for choice in chosen.values())
    after = json.loads((models / "pipeline.json").read_text())["settings"]
    assert after == {**before, **{name: choice.value for name, choice in chosen.items()}}


def test_without_facts_no_colour_threshold_is_chosen_and_nothing_is_stored_unasked(
    market: Path, models: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(market, tmp_path / "data"))
    (data / "products.jsonl").unlink()
    before = (models / "pipeline.json").read_bytes()
    settings = [choice.setting for choice in choose_thresholds(models, [data], ThresholdCriteria())]
    assert settings == ["primary_threshold", "tie_threshold", "noncompliance_threshold", "quality_threshold"]
    assert (models / "pipeline.json").read_bytes() == before


def test_missing_labels_and_empty_splits_are_told(market: Path, models: Path, tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="images.jsonl"):
        choose_thresholds(models, [tmp_path], ThresholdCriteria())
    rows = [json.loads(line) for line in (market / "images.jsonl").read_text().splitlines()]
    (tmp_path / "images.jsonl").write_text("".join(json.dumps({**row, "split": "train"}) + "\n" for row in rows))
    with pytest.raises(SettingsError, match="no product with a primary image"):
        choose_thresholds(models, [tmp_path], replace(ThresholdCriteria(), limit=10))


def test_a_tie_is_harmless_whatever_the_order() -> None:
    criteria = ThresholdCriteria(tie_lost=0.25)
    products = [
        [(0.90, True), (0.40, False)],  # harmless up to 0.49
        [(0.90, True), (0.80, False), (0.70, True)],  # up to 0.09: 0.1 would tie it with an image that is none
        [(0.60, True)],  # nothing to be tied with
        [(0.30, True), (0.50, False)],  # lost without ties already
    ]
    chosen = _tie(products, criteria)
    assert (chosen.value, chosen.cost) == (0.49, 0.25)  # one of four
    strict = _tie(products, replace(criteria, tie_lost=0.0))
    assert (strict.value, strict.cost) == (0.09, 0.0)
    assert "whatever the order of their images" in strict.in_words()
