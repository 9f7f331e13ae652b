"""Training the stage-1 classifiers: it learns, goes on after a kill, and gives the same weights for the same seed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PilImage

from agpis.data.reviews import ImageLabel, write_image_labels
from agpis.errors import CatalogError, SettingsError
from agpis.images import read_image
from agpis.stage1.classifier import ImageClassifier, ImageClassifierConfig
from agpis.training.classifiers import ClassifierTask, train_classifier
from agpis.training.datasets import Located, noncompliance_items, primary_items, sample
from agpis.training.fit import TrainingConfig

torch.set_num_threads(1)
TINY = ImageClassifierConfig(backbone="test_efficientnet", image_size=32)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Red squares are non-compliant, blue ones are not; every third image has no primary label."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "images").mkdir()
    rng = np.random.default_rng(0)
    labels = []
    for index in range(72):
        bad = index % 2 == 0
        pixels = rng.integers(0, 60, (40, 40, 3), np.uint8)
        pixels[8:32, 8:32] = (220, 30, 30) if bad else (30, 30, 220)
        file = f"images/{index}.png"
        PilImage.fromarray(pixels).save(folder / file)
        split = "train" if index < 48 else "val"
        labels.append(
            ImageLabel(
                file, f"p{index}", bad, None if index % 3 == 0 else not bad, ("text",) if bad else (), "t", split
            )
        )
    write_image_labels(folder / "images.jsonl", labels)
    return folder


def config(data: Path, out: Path) -> TrainingConfig:
    return TrainingConfig(
        data=(data,), out=out, epochs=6, batch_size=16, learning_rate=5e-3, evaluations=3, num_workers=0, seed=3
    )


def test_it_learns_and_ships_float16_weights_that_load(data: Path, tmp_path: Path) -> None:
    summary = train_classifier(ClassifierTask.NONCOMPLIANCE, config(data, tmp_path), TINY)
    assert summary.num_train == 48
    assert summary.num_eval == 24
    assert summary.best_metric > 0.95
    model = ImageClassifier.from_pretrained(summary.model_dir)
    red, blue = model.predict([read_image(data / "images/50.png"), read_image(data / "images/51.png")])
    assert red > blue
    log = json.loads((tmp_path / "run.json").read_text())
    assert log["summary"]["steps"] == summary.steps == 18
    assert list((tmp_path / "checkpoints").glob("**/events.out.tfevents*"))


def test_a_killed_run_goes_on_from_its_last_checkpoint_to_the_same_weights(data: Path, tmp_path: Path) -> None:
    whole = train_classifier(ClassifierTask.PRIMARY, config(data, tmp_path / "whole"), TINY)
    assert whole.resumed_from == ""
    # A kill leaves the checkpoints of the time before it: drop the last one and the final model.
    killed = tmp_path / "whole"
    last = max((killed / "checkpoints").glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))
    for file in sorted(last.rglob("*"), reverse=True):
        file.unlink()
    last.rmdir()
    before = (killed / "model" / "model.safetensors").read_bytes()
    (killed / "model" / "model.safetensors").unlink()
    again = train_classifier(ClassifierTask.PRIMARY, config(data, killed), TINY)
    assert again.resumed_from != ""
    assert again.steps == whole.steps
    assert again.best_metric == pytest.approx(whole.best_metric)
    assert (killed / "model" / "model.safetensors").read_bytes() == before


def test_the_seed_decides(data: Path, tmp_path: Path) -> None:
    short = replace(config(data, tmp_path / "a"), epochs=1, evaluations=1)
    train_classifier(ClassifierTask.NONCOMPLIANCE, short, TINY)
    train_classifier(ClassifierTask.NONCOMPLIANCE, replace(short, out=tmp_path / "b"), TINY)
    train_classifier(ClassifierTask.NONCOMPLIANCE, replace(short, out=tmp_path / "c", seed=4), TINY)
    a, b, c = ((tmp_path / name / "model" / "model.safetensors").read_bytes() for name in "abc")
    assert a == b
    assert a != c


def test_starting_from_a_trained_classifier_drops_its_calibration(data: Path, tmp_path: Path) -> None:
    first = ImageClassifier(ImageClassifierConfig(backbone="test_efficientnet", image_size=32, calibration_bias=3.0))
    first.save_pretrained(tmp_path / "first")
    short = replace(config(data, tmp_path / "run"), epochs=0.3, evaluations=1)
    summary = train_classifier(ClassifierTask.PRIMARY, short, init_from=tmp_path / "first")
    assert ImageClassifier.from_pretrained(summary.model_dir).config.calibration_bias == 0.0


def test_items_follow_split_and_labels() -> None:
    labels = [
        ImageLabel("a", "p", True, None, (), "", "train"),
        ImageLabel("b", "p", False, True, (), "", "train"),
        ImageLabel("c", "q", False, False, (), "", "val"),
    ]
    here = [Located(Path("x"), labels[0]), Located(Path("y"), labels[1]), Located(Path("y"), labels[2])]
    assert primary_items(here, "train") == [(Path("y/b"), 1)]
    assert noncompliance_items(here, "train") == [(Path("x/a"), 1), (Path("y/b"), 0)]
    assert noncompliance_items(here, "val") == [(Path("y/c"), 0)]


def test_a_sample_keeps_the_order_and_the_seed() -> None:
    assert sample([3, 1, 2], 5, seed=0) == [3, 1, 2]
    drawn = sample(range(100), 10, seed=1)
    assert drawn == sorted(drawn) == sample(range(100), 10, seed=1)
    assert len(set(drawn)) == 10


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 0.0}, "epochs"),
        ({"warmup": 1.0}, "warmup is a share"),
        ({"patience": 0}, "patience must be at least 1"),
    ],
)
def test_impossible_configurations_are_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        TrainingConfig(data=(Path("d"),), out=Path("o"), **change)  # type: ignore[arg-type]


def test_missing_and_empty_data_are_named(data: Path, tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"images\.jsonl"):
        train_classifier(ClassifierTask.PRIMARY, config(tmp_path, tmp_path / "out"), TINY)
    write_image_labels(tmp_path / "images.jsonl", [ImageLabel("a", "p", True, None, (), "", "train")])
    with pytest.raises(SettingsError, match="1 training and 0 validation"):
        train_classifier(ClassifierTask.NONCOMPLIANCE, config(tmp_path, tmp_path / "out"), TINY)


def test_a_time_limit_ends_a_run_that_the_same_call_finishes(data: Path, tmp_path: Path) -> None:
    short = replace(config(data, tmp_path), max_hours=1e-9)
    first = train_classifier(ClassifierTask.NONCOMPLIANCE, short, TINY)
    assert not first.finished
    assert first.steps == 1
    assert ImageClassifier.from_pretrained(first.model_dir)
    last = train_classifier(ClassifierTask.NONCOMPLIANCE, config(data, tmp_path), TINY)
    assert last.finished
    assert last.resumed_from.endswith("checkpoint-1")
    assert last.steps == 18
    assert last.throughput.samples_per_second > 0
