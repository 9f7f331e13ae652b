"""`agpis predict`: what a row holds, that batches and order change nothing, going on after a stop, wrong input."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest
import torch
from muisc_tiny import random_images, tiny_model, tiny_processor
from typer.testing import CliRunner

from agpis.cli import app
from agpis.data.prediction_parts import PredictionParts
from agpis.data.predictions import EXTRA_COLUMNS, FeedbackWriting
from agpis.data.reviews import REVIEWS_FILE, ReviewRecord, write_reviews
from agpis.errors import CatalogError, ImageError, MissingImageError, ModelError, SettingsError
from agpis.model_files import RULES_FILE, store_settings, weights_fingerprint
from agpis.muisc.scoring import SequenceScorer
from agpis.predict import PredictConfig, PredictSummary, predict_reviews
from agpis.rules import load_taxonomy
from agpis.stage1.classifier import ImageClassifier, ImageClassifierConfig
from agpis.types import PipelineSettings
from analysis.predictions import read_predictions

TAXONOMY = load_taxonomy()
# How far apart float32 sums may be that were taken in another order.
TOLERANCE = 1e-5
NUM_IMAGES = 8
MUG = ReviewRecord(
    "mug", "Blue ceramic mug", "kitchen > mug", ("a/0.png", "a/1.png"), "yes", "qualified", "2026-03-01", "shop", "test"
)
RECORDS = (
    MUG,
    replace(MUG, images=("a/1.png", "a/0.png", "a/2.png"), feedback="Watermark: in the corner", rule_id="S01"),
    replace(MUG, product_id="shoe", title="", images=("a/3.png",), split="train", date=""),
    replace(MUG, product_id="pan", title="Red pan, 杯", images=("a/4.png", "a/5.png"), split="val"),
    replace(MUG, product_id="mug", images=("a/0.png", "a/7.png")),
)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline folder of the smallest networks, its th^t amid their scores."""
    folder = tmp_path_factory.mktemp("tiny-pipeline")
    processor = tiny_processor()
    tiny_model(processor, id2label=dict(enumerate(TAXONOMY.ids))).save_pretrained(folder / "muisc")
    processor.save_pretrained(folder / "muisc")
    torch.manual_seed(0)
    for part in ("primary", "noncompliance"):
        ImageClassifier(ImageClassifierConfig(backbone="test_convnext", image_size=32)).save_pretrained(folder / part)
    (folder / RULES_FILE).write_text(TAXONOMY.to_yaml(), encoding="utf-8")
    store_settings(folder, PipelineSettings())
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return written(tmp_path / "data", RECORDS)


def written(folder: Path, records: Sequence[ReviewRecord]) -> Path:
    (folder / "a").mkdir(parents=True)
    for number, pixels in enumerate(random_images(NUM_IMAGES)):
        cv2.imwrite(str(folder / "a" / f"{number}.png"), pixels)
    write_reviews(folder / REVIEWS_FILE, records)
    return folder


def predicted(models: Path, data: Path, out: Path, **settings: Any) -> pd.DataFrame:
    predict_reviews(PredictConfig(data, out, models, **settings))
    frame: pd.DataFrame = read_predictions(out).frame
    return frame


# -- what a row holds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["table.parquet", "table.csv", "table.csv.gz"])
def test_the_table_holds_the_reviews_and_their_scores(models: Path, data: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    summary = predict_reviews(PredictConfig(data, out, models))
    table = read_predictions(out)
    assert len(table) == summary.num_rows == len(RECORDS)
    assert table.probabilities.dtype == np.float32
    for number, record in enumerate(RECORDS):
        row = table.frame.iloc[number]
        assert (row["product_id"], row["title"], row["label"]) == (record.product_id, record.title, record.rule_id)
        assert (row["date"], row["split"], row["source"]) == (record.date, record.split, record.source)
        assert (row["category"], row["feedback"]) == (record.category, record.feedback)
        assert row["images"] == tuple(f"data/{file}" for file in record.images)
        assert row["model"] == summary.model == f"{models.name} {weights_fingerprint(models)}"
    assert np.array_equal(table.p_t.astype(np.float32), table.probabilities[:, 0])
    assert not out.with_name(f"{name}.parts").exists()
    assert "written_feedback" not in table.frame
    assert set(table.frame) >= set(EXTRA_COLUMNS) - {"written_feedback"}


def test_the_scores_are_those_of_the_pipeline(models: Path, data: Path, tmp_path: Path) -> None:
    from agpis.images import read_image
    from agpis.pipeline import AgpisPipeline

    out = tmp_path / "table.parquet"
    predict_reviews(PredictConfig(data, out, models))
    table = read_predictions(out)
    scorer = AgpisPipeline.from_pretrained(models).scorer
    for number, record in enumerate(RECORDS):
        images = [read_image(data / file, file) for file in record.images]
        score = scorer.score(record.title, images, record.category)
        wanted = list(score.rule_probabilities.values())
        assert table.probabilities[number] == pytest.approx(wanted, abs=TOLERANCE)
        assert table.p_nlg[number] == pytest.approx(score.p_nlg_qualified, abs=TOLERANCE)
    assert len({round(float(p), 6) for p in table.p_t}) == len(RECORDS)


def test_a_model_without_words_leaves_p_nlg_empty(models: Path, data: Path, tmp_path: Path) -> None:
    mute = copied(models, tmp_path / "mute", lambda_nlg=0.0)
    for name in ("table.parquet", "table.csv"):
        predict_reviews(PredictConfig(data, tmp_path / name, mute))
        assert np.isnan(read_predictions(tmp_path / name).p_nlg).all()
    with pytest.raises(ModelError, match="without the NLG task"):
        predict_reviews(PredictConfig(data, tmp_path / "more.csv", mute, writing=FeedbackWriting.ALL))


def test_early_fusion_is_scored_sequence_by_sequence(models: Path, data: Path, tmp_path: Path) -> None:
    fused = copied(models, tmp_path / "fused", early_fusion_tiles=3, fusion="early")
    assert len(predicted(fused, data, tmp_path / "table.parquet", batch_size=2)) == len(RECORDS)


def copied(models: Path, folder: Path, early_fusion_tiles: int = 0, **sizes: Any) -> Path:
    """The pipeline with another MUIsC."""
    shutil.copytree(models, folder)
    processor = tiny_processor(early_fusion_tiles=early_fusion_tiles)
    tiny_model(processor, id2label=dict(enumerate(TAXONOMY.ids)), **sizes).save_pretrained(folder / "muisc")
    processor.save_pretrained(folder / "muisc")
    return folder


def test_decisions_follow_the_threshold_of_the_pipeline(models: Path, data: Path, tmp_path: Path) -> None:
    predict_reviews(PredictConfig(data, tmp_path / "first.parquet", models))
    p_t = np.sort(read_predictions(tmp_path / "first.parquet").p_t)
    changed = tmp_path / "changed"
    shutil.copytree(models, changed)
    store_settings(changed, PipelineSettings(submission_threshold=float(p_t[2])))
    summary = predict_reviews(PredictConfig(data, tmp_path / "second.parquet", changed))
    table = read_predictions(tmp_path / "second.parquet")
    assert summary.num_withheld == 2
    assert list(table.frame["decision"] == "withheld") == list(table.p_t < p_t[2])


def test_feedback_is_written_for_whom_it_was_asked(models: Path, data: Path, tmp_path: Path) -> None:
    predict_reviews(PredictConfig(data, tmp_path / "plain.parquet", models))
    middle = float(np.sort(read_predictions(tmp_path / "plain.parquet").p_t)[2])
    changed = tmp_path / "changed"
    shutil.copytree(models, changed)
    store_settings(changed, PipelineSettings(submission_threshold=middle))
    everything = predicted(changed, data, tmp_path / "all.parquet", writing=FeedbackWriting.ALL)
    withheld = predicted(changed, data, tmp_path / "withheld.csv", writing=FeedbackWriting.WITHHELD, batch_size=1)
    assert all(everything["written_feedback"])
    is_withheld = everything["decision"] == "withheld"
    assert is_withheld.sum() == 2
    for text, other, wanted in zip(
        withheld["written_feedback"], everything["written_feedback"], is_withheld, strict=True
    ):
        # These untrained words never end; the longest title of a batch says how many have room.
        assert bool(text) == wanted
        assert text.startswith(other[:10]) or not wanted


# -- batches, order, selection ------------------------------------------------------------------------------------


def test_batches_and_order_change_nothing(models: Path, data: Path, tmp_path: Path) -> None:
    turned = written(tmp_path / "turned", RECORDS[::-1])
    tables = []
    for number, (folder, size) in enumerate(((data, 1), (data, 3), (data, 32), (turned, 2))):
        predict_reviews(PredictConfig(folder, tmp_path / f"{number}.parquet", models, batch_size=size))
        tables.append(read_predictions(tmp_path / f"{number}.parquet"))
    first = tables[0]
    for other in tables[1:3]:
        assert np.abs(first.probabilities - other.probabilities).max() < TOLERANCE
        assert np.abs(first.p_nlg - other.p_nlg).max() < TOLERANCE
        assert list(first.frame["feedback"]) == list(other.frame["feedback"])
    assert np.abs(first.probabilities - tables[3].probabilities[::-1]).max() < TOLERANCE


def test_split_and_limit_choose_rows(models: Path, data: Path, tmp_path: Path) -> None:
    assert list(predicted(models, data, tmp_path / "1.csv", split="test", limit=2)["split"]) == ["test", "test"]
    assert list(predicted(models, data, tmp_path / "2.csv", split="val")["product_id"]) == ["pan"]
    none = written(tmp_path / "none", RECORDS[:2])
    with pytest.raises(CatalogError, match=r"reviews\.jsonl has no reviews in split val"):
        predict_reviews(PredictConfig(none, tmp_path / "3.csv", models, split="val"))


def test_parquet_reviews_elsewhere_keep_their_images(models: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "data", ())
    (folder / REVIEWS_FILE).unlink()
    write_reviews(folder / "reviews.parquet", RECORDS)
    (tmp_path / "far").mkdir()
    images = predicted(models, folder, tmp_path / "far" / "table.parquet")["images"]
    assert all((tmp_path / "far" / file).is_file() for files in images for file in files)


# -- going on after a stop ----------------------------------------------------------------------------------------


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agpis.predict._PART", 2)


def stop_after(count: int) -> Any:
    """A progress that is interrupted, as by Ctrl-C, once `count` sequences are done."""

    def progress(done: int, total: int) -> None:
        assert total == len(RECORDS)
        if done >= count:
            raise KeyboardInterrupt

    return progress


@pytest.mark.usefixtures("small_parts")
def test_a_stopped_run_goes_on_and_gives_the_same_table(
    models: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = PredictConfig(data, tmp_path / "whole.parquet", models)
    predict_reviews(whole)
    config = replace(whole, out=tmp_path / "table.parquet")
    with pytest.raises(KeyboardInterrupt):
        predict_reviews(config, stop_after(3))
    assert not config.out.exists()
    scored: list[int] = []
    score_batch = SequenceScorer.score_batch

    def counted(self: SequenceScorer, batch: Any) -> Any:
        scored.append(len(batch))
        return score_batch(self, batch)

    monkeypatch.setattr(SequenceScorer, "score_batch", counted)
    summary = predict_reviews(config)
    assert (summary.num_rows, summary.num_resumed, sum(scored)) == (5, 2, 3)
    assert pd.read_parquet(config.out).equals(pd.read_parquet(whole.out))


@pytest.mark.usefixtures("small_parts")
def test_other_settings_do_not_go_on(models: Path, data: Path, tmp_path: Path) -> None:
    config = PredictConfig(data, tmp_path / "table.parquet", models)
    with pytest.raises(KeyboardInterrupt):
        predict_reviews(config, stop_after(3))
    with pytest.raises(SettingsError, match="stopped run with other settings"):
        predict_reviews(replace(config, split="test"))
    write_reviews(data / REVIEWS_FILE, (*RECORDS, MUG))
    with pytest.raises(SettingsError, match="stopped run with other settings"):
        predict_reviews(config)
    write_reviews(data / REVIEWS_FILE, RECORDS)
    assert predict_reviews(replace(config, batch_size=1)).num_resumed == 2


def test_a_finished_table_is_not_overwritten(models: Path, data: Path, tmp_path: Path) -> None:
    config = PredictConfig(data, tmp_path / "table.csv", models, limit=1)
    predict_reviews(config)
    with pytest.raises(SettingsError, match=r"table\.csv exists already"):
        predict_reviews(config)


# -- wrong input --------------------------------------------------------------------------------------------------


def test_a_missing_image_is_named_before_anything_is_scored(models: Path, data: Path, tmp_path: Path) -> None:
    (data / "a" / "7.png").unlink()
    with pytest.raises(MissingImageError, match=r"a/7\.png: there is no such file \(.*reviews\.jsonl, line 5\)"):
        predict_reviews(PredictConfig(data, tmp_path / "table.csv", models))
    assert not (tmp_path / "table.csv.parts").exists()
    assert len(predicted(models, data, tmp_path / "table.csv", limit=4)) == 4


def test_a_broken_image_is_named_with_its_row(models: Path, data: Path, tmp_path: Path) -> None:
    (data / "a" / "4.png").write_bytes(b"GIF89a")
    with pytest.raises(ImageError, match=r"a/4\.png: .*reviews\.jsonl, line 4\)"):
        predict_reviews(PredictConfig(data, tmp_path / "table.csv", models))


def test_a_sequence_that_is_too_long_is_named(models: Path, data: Path, tmp_path: Path) -> None:
    write_reviews(data / REVIEWS_FILE, (MUG, replace(MUG, images=MUG.images * 2)))
    with pytest.raises(ModelError, match=r"reviews\.jsonl, line 2: K\^t is 4"):
        predict_reviews(PredictConfig(data, tmp_path / "table.csv", models))


def test_a_row_that_is_no_review_is_named(models: Path, data: Path, tmp_path: Path) -> None:
    with (data / REVIEWS_FILE).open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({"product_id": "x", "title": "", "images": [], "feedback": "yes"}) + "\n")
    with pytest.raises(CatalogError, match=r"reviews\.jsonl, line 6: "):
        predict_reviews(PredictConfig(data, tmp_path / "table.csv", models))


def test_damaged_weights_are_refused(models: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    score_batch = SequenceScorer.score_batch
    monkeypatch.setattr(
        SequenceScorer,
        "score_batch",
        lambda self, batch: [replace(score, p_qualified=float("nan")) for score in score_batch(self, batch)],
    )
    with pytest.raises(ModelError, match=r"line \d: the model gives p\^t = nan"):
        predict_reviews(PredictConfig(data, tmp_path / "table.csv", models))


def test_wrong_settings_are_refused(models: Path, data: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="split must be one of train, val, test, all, got 'dev'"):
        PredictConfig(data, tmp_path / "t.csv", models, split="dev")
    with pytest.raises(SettingsError, match="batch_size must be at least 1, got 0"):
        PredictConfig(data, tmp_path / "t.csv", models, batch_size=0)
    with pytest.raises(SettingsError, match=r"t\.xlsx: a table of predictions ends in \.parquet, \.csv"):
        predict_reviews(PredictConfig(data, tmp_path / "t.xlsx", models))


def test_a_file_name_that_csv_cannot_hold_is_refused(tmp_path: Path) -> None:
    parts = PredictionParts(tmp_path / "t.csv", TAXONOMY, {}, has_written_feedback=False)
    parts.save(0, [{"product_id": "x", "images": ["a|b.png"]}])
    with pytest.raises(CatalogError, match=r"'a\|b\.png' holds '\|'"):
        parts.join(1)


# -- the command --------------------------------------------------------------------------------------------------


def test_the_command_prints_what_was_scored(models: Path, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "table.parquet"
    arguments = ["predict", "--data", str(data), "--out", str(out), "--models", str(models), "--limit", "3"]
    done = CliRunner().invoke(app, [*arguments, "--write-feedback", "all"])
    assert done.exit_code == 0, done.output
    assert PredictSummary(**json.loads(done.stdout)).num_rows == 3
    assert all(read_predictions(out).frame["written_feedback"])


def test_a_stop_says_how_to_go_on(models: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("agpis.predict.predict_reviews", stop)
    arguments = ["--data", str(data), "--out", str(tmp_path / "t.csv"), "--models", str(models)]
    done = CliRunner().invoke(app, ["predict", *arguments])
    assert done.exit_code == 130
    assert "t.csv.parts, repeat the command to go on" in done.stderr
