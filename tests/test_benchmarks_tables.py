"""The paper's Tables 2 and 3 trained again: rows, intervals worked out by hand, claims, the whole command."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from agpis.data.reviews import ReviewRecord, write_reviews
from agpis.errors import CatalogError, SettingsError
from agpis.muisc.configuration_muisc import muisc_base, muisc_small
from agpis.rules import load_taxonomy
from agpis.training.muisc_design import Preset as Parts
from benchmarks import paper_tables
from benchmarks.tables.claims import CLAIMS, Claim, Verdict, judged
from benchmarks.tables.dataset import Reviewed, binary_taxonomy, read_data
from benchmarks.tables.document import MARKER, NOT_DEFINED, Run, render
from benchmarks.tables.intervals import Interval, Resampled, Resampler, best_of, mean_of
from benchmarks.tables.presets import CPU, PRESETS, SMOKE, Preset
from benchmarks.tables.results import RowResult, finished, read_result, result_file, write_result
from benchmarks.tables.rows import BY_KEY, COLUMNS, ROWS, TABLE_2, TABLE_3, Backbone, Row, tower_key
from benchmarks.tables.training import design, settings, sizes, train_row

torch.set_num_threads(1)
TAXONOMY = load_taxonomy()
BANNER = "Promotional banner: the 1st image has a banner."
# Number of the product -> its split.
SPLITS = {0: "train", 1: "val", 2: "test"}


def write_market(folder: Path, counts: Sequence[int] = (32, 12, 16)) -> Path:
    """Sequences of two grey images; half of them are rejected, and those begin with a white one."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in {"grey": 90, "white": 250}.items():
        cv2.imwrite(str(folder / f"{name}.png"), np.full((64, 64, 3), value, dtype=np.uint8))
    records = [
        ReviewRecord(
            product_id=f"{split}-{number // 2}",
            title="A mug",
            category="mugs",
            images=("white.png" if number % 2 else "grey.png", "grey.png"),
            feedback=BANNER if number % 2 else "yes",
            rule_id="",
            split=SPLITS[split],
        )
        for split, count in enumerate(counts)
        for number in range(count)
    ]
    write_reviews(folder / "reviews.jsonl", records)
    return folder


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    return read_data(write_market(tmp_path_factory.mktemp("market")), TAXONOMY)


def result(key: str, p: Sequence[float], seed: int = 0, **changes: object) -> RowResult:
    one = RowResult(key, seed, {"data": "abc", "sizes": [3]}, tuple(p), 32, 4, 0.6, 1000, 50.0, 2.0, "cpu")
    return dataclasses.replace(one, **changes)  # type: ignore[arg-type]


# -- rows -----------------------------------------------------------------------------------------------------------


def test_the_rows_are_the_papers() -> None:
    assert len(ROWS) == len(BY_KEY) == 4 * 2 * 2 + 2 + 3
    assert (len(TABLE_2), len(TABLE_3)) == (18, 5)
    assert {key for key in (*TABLE_2, *TABLE_3)} == set(BY_KEY)
    assert all(len(row.paper) == len(COLUMNS) for row in ROWS if not row.binary)
    assert not any(row.paper for row in ROWS if row.binary)


def test_the_papers_numbers_are_those_of_its_text() -> None:
    # AUC and AUC-multi, first and last column of Table 3.
    first_and_last = [(BY_KEY[key].paper[0], BY_KEY[key].paper[-1]) for key in TABLE_3]
    assert first_and_last == [(0.764, 0.767), (0.778, 0.762), (0.780, 0.762), (0.792, 0.765), (0.800, 0.791)]
    assert BY_KEY["resnetv2-early"].paper == (0.765, 0.843, 0.639, 0.444, 0.763, 0.775, 0.752)


def test_each_row_of_the_ablation_switches_one_thing_on() -> None:
    switches = ("early", "binary", "hierarchical", "decoder", "nlg", "title")
    rows = [[getattr(BY_KEY[key], name) for name in switches] for key in TABLE_3]
    changed = [[name for name, a, b in zip(switches, *pair, strict=True) if a != b] for pair in pairwise(rows)]
    assert changed == [["hierarchical"], ["decoder"], ["nlg"], ["title"]]


# Large networks take seconds to describe.
GPU_ROWS = [BY_KEY[key] for key in ("resnet50-early", "hierarchical", "nlg", "ours-early", "ours-late")]


@pytest.mark.parametrize(
    ("row", "preset"),
    [*((row, preset) for row in ROWS for preset in (SMOKE, CPU)), *((row, PRESETS["gpu"]) for row in GPU_ROWS)],
    ids=lambda value: value.key if isinstance(value, Row) else value.name,
)
def test_every_row_is_a_model_without_our_additions(row: Row, preset: Preset) -> None:
    fields = design(row, preset, num_images=3).config_fields | sizes(row, preset)
    config = (muisc_small if preset.parts is Parts.SMALL else muisc_base)(TAXONOMY.ids, **fields)
    assert (config.use_decoder, config.num_sequence_layers) == (row.decoder, int(row.hierarchical))
    assert (config.fusion, config.num_images) == ("early" if row.early else "late", 3)
    assert (config.lambda_nlg > 0) is row.nlg
    assert not config.compare_images
    assert not config.compare_title
    assert config.image_size == preset.image_size


def test_the_gpu_preset_has_the_papers_sizes() -> None:
    preset = PRESETS["gpu"]
    assert sizes(BY_KEY["ours-late"], preset)["hidden_size"] == 768
    towers = {one: sizes(BY_KEY[tower_key(one, early=False)], preset) for one in (Backbone.RESNETV2, Backbone.VIT)}
    assert (towers[Backbone.RESNETV2]["grid_size"], towers[Backbone.VIT]["grid_size"]) == ((7, 7), (14, 14))
    training = [preset.training[name] for name in ("epochs", "batch_size", "learning_rate")]
    assert training == [10, 64, 1.5e-4]


# -- data -----------------------------------------------------------------------------------------------------------


def test_two_classes_hold_every_rejection() -> None:
    binary = binary_taxonomy(TAXONOMY)
    classes = [binary.index(binary.classify_feedback(text).id) for text in ("yes", BANNER, "Anything else.")]
    assert classes == [0, 2, 2]


def test_the_data_is_counted(market: Reviewed) -> None:
    assert (market.num_train, market.num_val, len(market.test), market.num_images) == (32, 12, 16, 2)
    assert market.qualified.tolist() == [1, 0] * 8
    assert [len(market.subset(TAXONOMY[rule].category)) for rule in ("S03", "P01")] == [16, 0]


def test_data_that_leaves_nothing_to_measure_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="every split needs some"):
        read_data(write_market(tmp_path / "a", (4, 0, 4)), TAXONOMY)
    with pytest.raises(SettingsError, match="the 1 test sequences .* are all qualified or all rejected"):
        read_data(write_market(tmp_path / "b", (4, 4, 1)), TAXONOMY)


# -- intervals ------------------------------------------------------------------------------------------------------


def test_columns_are_the_mean_over_the_trainings(market: Reviewed) -> None:
    rng = np.random.default_rng(3)
    scores = rng.random((2, 16)).round(1)
    columns = Resampler(market, 200).columns("vit-late", scores.tolist())
    expected = np.mean([roc_auc_score(market.qualified, one) for one in scores])
    assert columns["AUC"].value == pytest.approx(expected)
    assert columns["AUC-single"].value == pytest.approx(expected)  # all rejections are of a single-image rule
    assert np.isnan(columns["AUC-pair"].value)
    assert columns["AUC-pair"].interval == Interval(None, None, None)
    found = columns["AUC"].interval
    assert found.low is not None
    assert found.high is not None
    assert found.low < expected < found.high


def test_recall_at_a_precision_by_hand(market: Reviewed) -> None:
    # Six of the eight qualified sequences stand above everything; then come all rejected ones.
    p = [0.9 if number % 2 == 0 and number < 12 else 0.5 if number % 2 else 0.1 for number in range(16)]
    columns = Resampler(market, 20).columns("vit-late", [p])
    assert [columns[name].value for name in ("R@P=0.8", "R@P=0.85", "R@P=0.9")] == [0.75] * 3


def test_resamples_are_paired_and_reproducible(market: Reviewed) -> None:
    scores = [np.random.default_rng(5).random(16).tolist()]
    one, other = (Resampler(market, 100).columns(key, scores)["AUC"] for key in ("vit-late", "nlg"))
    assert (one - other).interval == Interval(0.0, 0.0, 0.0)
    assert one.draws.std() > 0
    again = Resampler(market, 100, seed=1).columns("vit-late", scores)["AUC"]
    assert not np.array_equal(one.draws, again.draws)


def test_trainings_that_differ_widen_the_interval(market: Reviewed) -> None:
    perfect = market.qualified.astype(float).tolist()
    wrong = (1 - market.qualified).astype(float).tolist()
    found = Resampler(market, 100).columns("vit-late", [perfect, wrong])["AUC"]
    assert (found.value, found.interval.low, found.interval.high) == (0.5, 0.0, 1.0)
    assert set(found.draws) == {0.0, 0.5, 1.0}


def test_numbers_are_combined_resample_by_resample() -> None:
    one, other = Resampled(0.5, np.array([0.4, 0.6])), Resampled(0.7, np.array([0.8, 0.2]))
    assert mean_of([one, other]).draws.tolist() == pytest.approx([0.6, 0.4])
    assert (best_of([one, other]).value, best_of([one, other]).draws.tolist()) == (0.7, [0.8, 0.6])


def test_no_interval_where_too_few_resamples_define_the_number() -> None:
    draws = np.full(100, 0.5)
    draws[:11] = np.nan
    assert Resampled(0.5, draws).interval == Interval(0.5, None, None)
    draws[0] = 0.5
    assert Resampled(0.5, draws).interval == Interval(0.5, 0.5, 0.5)


# -- claims ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "margin", "verdict"),
    [
        (0.01, 0.03, None, Verdict.YES),
        (-0.03, -0.01, None, Verdict.NO),
        (-0.01, 0.03, None, Verdict.UNKNOWN),
        (-0.01, 0.015, 0.02, Verdict.YES),
        (0.03, 0.05, 0.02, Verdict.NO),
        (-0.05, -0.03, 0.02, Verdict.NO),
        (-0.01, 0.03, 0.02, Verdict.UNKNOWN),
        (float("nan"), float("nan"), None, Verdict.UNKNOWN),
    ],
)
def test_a_claim_holds_where_the_whole_interval_says_so(
    low: float, high: float, margin: float | None, verdict: Verdict
) -> None:
    claim = Claim("a beats b", "4.5", "AUC", (("ours-late", "nlg"),), margin=margin)
    draws = np.linspace(low, high, 1001)
    zero = Resampled(0.0, np.zeros(1001))
    measured = {"ours-late": {"AUC": Resampled((low + high) / 2, draws)}, "nlg": {"AUC": zero}}
    assert judged(claim, measured).verdict is verdict
    assert judged(claim, {"nlg": {"AUC": zero}}).verdict is Verdict.NOT_RUN


def test_the_papers_own_differences() -> None:
    papers = {(claim.words, claim.column): claim.paper for claim in CLAIMS}
    assert papers["the hierarchical encoder helps", "AUC"] == pytest.approx(0.014)
    assert papers["the title helps", "AUC"] == pytest.approx(0.008)
    assert papers["ours beats the best single tower", "AUC"] == pytest.approx(0.033)
    assert papers["late fusion beats early fusion on the whole", "AUC"] == pytest.approx((10 + 12 + 2 + 1) / 4000)
    assert papers["multi-class beats binary", "AUC"] is None


def test_the_paper_agrees_with_itself() -> None:
    """Each claim is "yes" when the paper's own numbers are held against it without any spread."""
    measured = {
        row.key: {name: Resampled(value, np.full(10, value)) for name, value in zip(COLUMNS, row.paper, strict=True)}
        for row in ROWS
        if row.paper
    }
    verdicts = {claim.words: judged(claim, measured).verdict for claim in CLAIMS}
    assert verdicts.pop("multi-class beats binary") is Verdict.NOT_RUN
    assert set(verdicts.values()) == {Verdict.YES}


# -- files ----------------------------------------------------------------------------------------------------------


def test_a_result_comes_back_and_is_not_mixed_with_others(tmp_path: Path) -> None:
    one = result("nlg", (0.25, 0.5))
    assert finished(tmp_path, "nlg", 0, one.settings) is None
    write_result(tmp_path, one)
    assert finished(tmp_path, "nlg", 0, {"data": "abc", "sizes": (3,)}) == one
    assert finished(tmp_path, "nlg", 1, one.settings) is None
    with pytest.raises(SettingsError, match=r"nlg-seed0\.json was made with other settings \(data\)"):
        finished(tmp_path, "nlg", 0, {"data": "other", "sizes": (3,)})
    result_file(tmp_path, "nlg", 0).write_text("{", encoding="utf-8")
    with pytest.raises(CatalogError, match=r"nlg-seed0\.json is no result"):
        read_result(result_file(tmp_path, "nlg", 0))


# -- the page -------------------------------------------------------------------------------------------------------


def test_the_page_shows_the_paper_beside_ours_and_keeps_what_was_written_by_hand(market: Reviewed) -> None:
    perfect = market.qualified.astype(float).tolist()
    results = {"vit-late": [result("vit-late", perfect)], "vit-late-binary": [result("vit-late-binary", perfect)]}
    resampler = Resampler(market, 50)
    measured = {key: resampler.columns(key, [one.p_qualified for one in found]) for key, found in results.items()}
    run = Run(SMOKE, market, results, measured, 50, "python -m benchmarks.paper_tables --preset smoke")
    page = render(run)
    assert "| single tower, ViT, late | 0.764 → 1.000 (1.000 to 1.000) | 0.831 → 1.000" in page
    assert f"| single tower, ViT, late, binary\\* | {NOT_DEFINED} → 1.000" in page
    assert "| ours, ViT, late | 0.800 → not run |" in page
    assert "| the title helps | 4.5 | AUC | +0.008 | n/a | not run |" in page
    assert "32 training, 12 validation and 16 test sequences" in page
    assert page.endswith(MARKER + "\n")
    edited = page + "\nMy own words.\n"
    assert render(run, edited) == edited


# -- training -------------------------------------------------------------------------------------------------------


def test_the_command_trains_what_is_missing_and_goes_on(
    market: Reviewed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trained: list[str] = []
    train = train_row

    def counted(row: Row, *given: object) -> RowResult:
        trained.append(row.key)
        return train(row, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(paper_tables, "train_row", counted)

    def call(rows: str) -> None:
        paper_tables.main(
            paper_tables.PresetName.SMOKE, data=market.folder, out=tmp_path / "out", rows=rows, seeds=1, resamples=20
        )

    # A killed training leaves a folder behind, which must not be gone on with.
    (tmp_path / "out" / "work" / "checkpoints").mkdir(parents=True)
    call("resnet18-early,vit-late-binary")
    call("vit-late-binary,ours-late")
    assert trained == ["resnet18-early", "vit-late-binary", "ours-late"]
    assert not (tmp_path / "out" / "work").exists()
    page = (tmp_path / "out" / "paper-tables.md").read_text(encoding="utf-8")
    assert page.count("not run") > 0
    assert all(f"| {BY_KEY[key].label.replace('*', chr(92) + '*')} | " in page for key in trained)
    assert "holds here?" in capsys.readouterr().out
    found = read_result(result_file(tmp_path / "out", "ours-late", 0))
    assert len(found.p_qualified) == 16
    assert all(0 < p < 1 for p in found.p_qualified)
    # Equal sequences get equal answers, whatever their place.
    assert found.p_qualified[0] == pytest.approx(found.p_qualified[2], abs=1e-6)


def test_an_unknown_row_is_named(market: Reviewed) -> None:
    with pytest.raises(SettingsError, match="no rows vit; there are resnet18-early, "):
        paper_tables.main(paper_tables.PresetName.SMOKE, data=market.folder, rows="nlg,vit")


def test_settings_tell_presets_and_rows_apart(market: Reviewed) -> None:
    seen = [str(settings(row, preset, market)) for row in ROWS for preset in (SMOKE, CPU)]
    assert len(set(seen)) == len(seen)
