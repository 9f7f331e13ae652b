"""The closed loop on four products whose every answer can be worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest
from fake_pipeline import FakeEncoded, FakePipeline
from typer.testing import CliRunner, Result

import agpis.cli.loop as loop_command
from agpis.cli import app
from agpis.errors import AgpisError, CatalogError, RulesError, SettingsError
from agpis.loop import LoopResult, close_loop
from agpis.pipeline import AgpisPipeline
from agpis.rules import RuleTaxonomy, load_taxonomy
from agpis.simulation.annotations import AnnotatedProduct, product_to_json
from agpis.simulation.facts import Defect, DefectKind, ImageFacts, TitleFacts, View
from agpis.types import PipelineSettings, SequenceScore, to_json

RULES = """
version: 1
classes:
  - {id: fine, name: fine, category: qualified, title: "yes", description: Good.}
  - {id: R1, name: banner, category: single, title: Has a banner, description: A,
     predicate: {kind: has_defect, defect: banner}}
  - {id: R2, name: blurred, category: single, title: Is blurred, description: B,
     predicate: {kind: has_defect, defect: blur}}
  - {id: rest, name: rest, category: other, title: Other, description: Else.}
"""
FLAWS = {"banner": (Defect(DefectKind.BANNER),), "blur": (Defect(DefectKind.BLUR),)}
# What the candidates show, in the given order. The file of P4's second candidate does not exist.
CANDIDATES = {
    "P1": ("banner", "front", "back"),
    "P2": ("front", "blur"),
    "P3": ("front", "back"),
    "P4": ("front", "absent"),
    "P5": ("front", "back"),
}
SETTINGS = PipelineSettings(num_images=2, remove_variants=False)


@dataclass
class Pipeline(FakePipeline):
    """Fake models: p^t by product, and no feedback may be written."""

    p_t: Mapping[str, float] = field(default_factory=lambda: {"P1": 0.8, "P2": 0.2})

    def score(self, encoded: FakeEncoded) -> SequenceScore:
        return replace(super().score(encoded), p_qualified=self.p_t[encoded.product_id])

    def write_feedback(self, encoded: FakeEncoded) -> str:
        raise AssertionError("the loop reads no feedback")


@pytest.fixture
def pipeline() -> AgpisPipeline:
    """Stage 1 finds P1's banner and overlooks P2's blur; no image of P3 may be the primary one."""
    fronts = {f"images/{name}-front.png": 0.9 for name in ("P1", "P2", "P4")}
    return cast(AgpisPipeline, Pipeline(fronts, {"images/P1-banner.png": 0.9}, settings=SETTINGS))


@pytest.fixture(scope="module")
def taxonomy(tmp_path_factory: pytest.TempPathFactory) -> RuleTaxonomy:
    path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return load_taxonomy(path)


def write_market(folder: Path) -> Path:
    (folder / "images").mkdir()
    lines = []
    for product_id, shown in CANDIDATES.items():
        images = []
        for word in shown:
            file = f"images/{product_id}-{word}.png"
            images.append(ImageFacts(file, product_id, "mug", "red", View.FRONT, word, defects=FLAWS.get(word, ())))
            if word != "absent":
                cv2.imwrite(str(folder / file), np.full((40, 40, 3), 200, np.uint8))
        split = "train" if product_id == "P5" else "test"
        entry = AnnotatedProduct(product_id, "mug", TitleFacts("Red mug", "mug", "red"), tuple(images), "drawn", split)
        lines.append(json.dumps(product_to_json(entry)))
    (folder / "products.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("market"))


def wilson(rejected: int, submitted: int) -> tuple[float, float]:
    z, share = 1.959964, rejected / submitted
    middle = share + z**2 / (2 * submitted)
    reach = z * (share * (1 - share) / submitted + z**2 / (4 * submitted**2)) ** 0.5
    low, high = ((middle + side * reach) / (1 + z**2 / submitted) for side in (-1, 1))
    return low, high


def test_every_policy_by_hand(pipeline: AgpisPipeline, market: Path, taxonomy: RuleTaxonomy) -> None:
    calls: list[tuple[int, int]] = []

    def tell(done: int, total: int) -> None:
        calls.append((done, total))

    result = close_loop(
        pipeline,
        [market],
        SETTINGS,
        taxonomy,
        sweep=(0.9, 0.2),
        progress=tell,
    )
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert (result.split, result.num_products, result.num_too_small) == ("test", 3, 1)
    assert result.terminations == {"no_primary": 1}

    first = result.first
    assert (first.num_products, first.num_submitted, first.num_rejected) == (3, 3, 2)
    assert first.submitted_share == 1.0
    assert first.reject_rate == pytest.approx(2 / 3)
    assert first.interval == pytest.approx(wilson(2, 3), abs=1e-5)
    assert first.rules == {"R1": 1, "R2": 1}

    one = result.stage_one
    assert (one.num_products, one.num_submitted, one.num_rejected) == (3, 2, 1)
    assert one.submitted_share == pytest.approx(2 / 3)
    assert one.accepted_share == pytest.approx(1 / 3)
    assert (one.reject_rate, one.rules, one.threshold) == (0.5, {"R2": 1}, None)

    two = result.stage_two
    assert (two.threshold, two.num_submitted, two.num_rejected, two.reject_rate) == (0.3, 1, 0, 0.0)
    assert two.accepted_share == pytest.approx(1 / 3)
    assert two.rules == {}

    # p^t of exactly th^t is submitted, as by the pipeline.
    assert [(row.threshold, row.num_submitted) for row in result.sweep] == [(0.2, 2), (0.9, 0)]
    nothing = result.sweep[1]
    assert (nothing.reject_rate, nothing.interval, nothing.accepted_share) == (None, None, 0.0)


def test_chance_obeys_the_seed(pipeline: AgpisPipeline, market: Path, taxonomy: RuleTaxonomy) -> None:
    def run(seed: int, limit: int | None = None) -> LoopResult:
        return close_loop(pipeline, [market], replace(SETTINGS, seed=seed), taxonomy, limit=limit)

    assert run(3) == run(3)
    # Two of P1's three candidates: sometimes without the banner. P2 has no choice, P3 no flaw.
    assert {run(seed).random.num_rejected for seed in range(12)} == {1, 2}
    drawn = [run(seed, limit=2) for seed in range(12)]
    assert {result.num_products + result.num_too_small for result in drawn} == {2}
    assert len({result.first.num_rejected for result in drawn}) > 1


def test_all_splits_and_several_folders(pipeline: AgpisPipeline, market: Path, taxonomy: RuleTaxonomy) -> None:
    assert close_loop(pipeline, [market], SETTINGS, taxonomy, split="train").num_products == 1
    assert close_loop(pipeline, [market, market], SETTINGS, taxonomy, split="all").num_products == 8
    with pytest.raises(CatalogError, match="no product of split val among the 5 of .*; there are .* test, train"):
        close_loop(pipeline, [market], SETTINGS, taxonomy, split="val")
    with pytest.raises(CatalogError, match="none of the 4 products of split test has 5 readable candidates"):
        close_loop(pipeline, [market], replace(SETTINGS, num_images=5), taxonomy)


def test_wrong_settings_are_refused(pipeline: AgpisPipeline, market: Path, taxonomy: RuleTaxonomy) -> None:
    with pytest.raises(SettingsError, match="split must be train, val, test or all, got 'dev'"):
        close_loop(pipeline, [market], SETTINGS, taxonomy, split="dev")
    with pytest.raises(SettingsError, match="limit must be at least 1 product, got 0"):
        close_loop(pipeline, [market], SETTINGS, taxonomy, limit=0)
    with pytest.raises(SettingsError, match=r"must lie in \[0, 1\], got 1.1"):
        close_loop(pipeline, [market], SETTINGS, taxonomy, sweep=[0.5, 1.1])
    with pytest.raises(SettingsError, match=r"\(K\^t\) is 6, the model takes at most 5"):
        close_loop(pipeline, [market], replace(SETTINGS, num_images=6), taxonomy)
    blind = taxonomy.model_copy(update={"classes": (taxonomy.qualified, taxonomy.other)})
    with pytest.raises(RulesError, match="would accept everything"):
        close_loop(pipeline, [market], SETTINGS, blind)


@pytest.fixture
def simulate_loop(pipeline: AgpisPipeline, market: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command line but for its last options, on the fake models."""
    monkeypatch.setattr(loop_command, "load_pipeline", lambda models: pipeline)
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    return ["simulate", "loop", "--data", str(market), "--rules", str(tmp_path / "rules.yaml")]


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_the_command_prints_rates_and_rules(simulate_loop: list[str]) -> None:
    done = invoke(*simulate_loop, "--threshold", "0.1")
    assert done.exit_code == 0, done.exception
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "3 products of split test, K^t = 2, seed 0; 1 more have fewer than 2 readable candidates" in lines
    assert "stage 1 built no sequence: 1 no_primary" in lines
    assert "stage 1 - 2 (66.7%) 1 50.0% 9.5% to 90.5% 33.3%" in lines
    assert lines.count("stage 1 + stage 2 0.10 2 (66.7%) 1 50.0% 9.5% to 90.5% 33.3%") == 2
    assert "stage 1 + stage 2 0.90 0 (0.0%) 0 n/a n/a 0.0%" in lines
    assert lines.count("1 50.0% R2 Is blurred") == 2


def test_the_command_speaks_json(
    simulate_loop: list[str], pipeline: AgpisPipeline, market: Path, taxonomy: RuleTaxonomy
) -> None:
    done = invoke(*simulate_loop, "--json", "--seed", "4", "--limit", "3")
    expected = close_loop(pipeline, [market], replace(SETTINGS, seed=4), taxonomy, limit=3)
    assert json.loads(done.stdout) == json.loads(json.dumps(to_json(expected)))


def test_simulate_needs_a_folder_or_a_subcommand(simulate_loop: list[str]) -> None:
    missing = invoke("simulate")
    assert isinstance(missing.exception, SettingsError)
    assert "simulate needs --out" in str(missing.exception)
    misplaced = invoke("simulate", "--seed", "1", *simulate_loop[1:])
    assert isinstance(misplaced.exception, AgpisError)
    assert "--seed does not go before `loop`" in str(misplaced.exception)
    assert invoke("simulate", "loop").exit_code == 2
