"""The command line answers bad input with one line and exit code 1, and says nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TRAIN = ("train", "--data", "tests", "--out", "nowhere")
GOLDEN = ("--sizes", "tests/golden/golden-tiny/sizes.json", "--out", "nowhere")


def agpis(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agpis", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run"], "give either a FOLDER of photos or --catalog"),
        (["run", "nowhere"], "nowhere is not a folder"),
        (["run", "--catalog", "assets/samples", "--product", "sample-mag"], "sample-mug"),
        (["run", "--catalog", "assets/samples", "--title", "Mug"], "a catalogue brings its own titles"),
        (["run", "--catalog", "tests"], "is not a catalogue"),
        (["run", "assets/samples/images", "--product", "x"], "choose from a catalogue"),
        (["run", "--catalog", "assets/samples", "--products", "nowhere.txt"], "nowhere.txt cannot be read"),
        (["run", "assets/samples/images", "--threshold-file", "nowhere.json"], "threshold file nowhere.json cannot be"),
        (["run", "assets/samples/images", "--threshold-file", "README.md"], "threshold file README.md cannot be read"),
        (
            ["run", "assets/samples/images", "--threshold-file", "x.json", "--threshold", "0.4"],
            "--threshold does not go with --threshold-file",
        ),
        (["run", "assets/samples/images", "--models", "nowhere"], "no model folder at nowhere"),
        ([*TRAIN, "primary", "--tower-from", "x"], "--tower-from does not go with `train primary`"),
        ([*TRAIN, "noncompliance", "--frozen-tower"], "--frozen-tower does not go with `train noncompliance`"),
        ([*TRAIN, "muisc", "--image-size", "64"], "--image-size does not go with `train muisc`"),
        ([*TRAIN, "muisc", "--init-from", "x", "--tower-from", "y"], "--tower-from does not go with --init-from"),
        ([*TRAIN, "primary", "--init-from", "x", "--backbone", "resnet18"], "--backbone does not go with --init-from"),
        ([*TRAIN, "primary", "--init-from", "x", "--pretrained"], "--init-from does not go with --pretrained"),
        ([*TRAIN, "primary", "--no-title"], "--no-title does not go with `train primary`"),
        ([*TRAIN, "attributes", "--preset", "base"], "--preset does not go with `train attributes`"),
        ([*TRAIN, "muisc", "--init-from", "x", "--no-nlg"], "--no-nlg does not go with --init-from"),
        ([*TRAIN, "muisc", "--preset", "base", "--pretrained"], "--pretrained does not go with --preset base"),
        ([*TRAIN, "muisc", "--early-fusion", "--frozen-tower"], "--frozen-tower does not go with --early-fusion"),
        ([*TRAIN, "muisc", "--no-decoder", "--no-nlg"], "(--no-nlg --no-title), as in rows 1 and 2 of Table 3"),
        ([*TRAIN, "muisc", "--no-nlg", "--predict-title"], "--predict-title changes the NLG task"),
        ([*TRAIN, "muisc", "--no-title", "--category-in-title"], "--category-in-title needs titles"),
        ([*TRAIN, "muisc", "--gpt2", "gpt2"], "--gpt2 names a published part, but the small preset has none"),
        ([*TRAIN, "primary", "--backbone", "resnet0"], "tests/images.jsonl"),
        (["convert-reference", "nowhere.ckpt", *GOLDEN], "nowhere.ckpt does not exist"),
        (["convert-reference", "README.md", *GOLDEN], "README.md is not a file of plain tensors"),
        (["convert-reference", "x.ckpt", *GOLDEN, "--inputs", "x.npz"], "--inputs was given without --outputs"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_1(arguments: list[str], message: str) -> None:
    done = agpis(*arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    assert message in done.stderr
    assert done.stderr.startswith("agpis: ")
    assert done.stderr.count("\n") == 1


def test_a_setting_outside_its_range_is_named() -> None:
    done = agpis("run", "--catalog", "assets/samples", "--product", "sample-mug", "--threshold", "1.5")
    assert done.returncode == 1
    assert "submission_threshold must lie in [0, 1], got 1.5" in done.stderr


def test_the_threshold_of_a_file_decides(tmp_path: Path) -> None:
    stored = {"threshold": 1.0, "criterion": "all is withheld", "split": "val", "n": 4, "date": "2026-03-01"}
    (tmp_path / "threshold.json").write_text(json.dumps(stored), encoding="utf-8")
    sample = ("run", "--catalog", "assets/samples", "--product", "sample-mug", "--json")
    done = agpis(*sample, "--threshold-file", str(tmp_path / "threshold.json"))
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["threshold"], result["outcome"]) == (1.0, "below_threshold")


def test_one_bad_photo_among_good_ones_is_reported_and_the_run_goes_on(tmp_path: Path) -> None:
    for number in (1, 2, 4, 6):
        source = ROOT / "assets" / "samples" / "images" / f"mug-{number}.jpg"
        (tmp_path / source.name).write_bytes(source.read_bytes())
    (tmp_path / "broken.jpg").write_bytes((tmp_path / "mug-1.jpg").read_bytes()[:900])
    done = agpis("run", str(tmp_path), "--title", "杯子 🍵", "--num-images", "2")
    assert done.returncode == 0, done.stderr
    assert "broken.jpg" in done.stdout
    assert "unreadable" in done.stdout
    one = tmp_path / "one"
    one.mkdir()
    (one / "only.jpg").write_bytes((tmp_path / "mug-2.jpg").read_bytes())
    done = agpis("run", str(one), "--primary-threshold", "0")
    assert done.returncode == 0
    assert "1 image is all there is; 3 are needed." in done.stdout
