"""`agpis convert-reference`: the folder and outputs it writes, and that it writes nothing when it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from reference_golden import BOUNDS, CHECKPOINT, GOLDEN, NAMES, TINY, arrays, changed_checkpoint, changed_inputs
from typer.testing import CliRunner, Result

from agpis.cli import app
from agpis.errors import AgpisError, ModelError, SettingsError
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.reference_run import read_reference_inputs, run_reference

torch.set_num_threads(1)


def convert(*arguments: object, folder: Path = TINY, checkpoint: Path | None = None) -> Result:
    given = [checkpoint or folder / CHECKPOINT, "--sizes", folder / "sizes.json", *arguments]
    return CliRunner().invoke(app, ["convert-reference", *map(str, given)])


@pytest.mark.parametrize("name", NAMES)
def test_folder_and_outputs(name: str, tmp_path: Path) -> None:
    out, outputs = tmp_path / "new" / "model", tmp_path / "more" / "outputs"
    done = convert("--out", out, "--inputs", GOLDEN / name / "io.npz", "--outputs", outputs, folder=GOLDEN / name)
    assert done.exit_code == 0, done.exception
    summary = json.loads(done.stdout)
    written = [out / "config.json", out / "generation_config.json", out / "model.safetensors", outputs]
    assert summary["files"] == [file.as_posix() for file in written]
    assert all(file.is_file() for file in written)
    assert (summary["folder"], summary["num_labels"]) == (out.as_posix(), 45)
    assert summary["sizes"]["cross_attention_layers"] == [2]
    assert summary["sizes"]["max_text_positions"] == 64

    expected = arrays(GOLDEN / name)
    with np.load(outputs, allow_pickle=False) as found:
        assert sorted(found) == sorted(BOUNDS)
        for key, bound in BOUNDS.items():
            assert found[key].dtype == np.float32
            np.testing.assert_allclose(found[key], expected[f"expected_{key}"], atol=bound, rtol=0, strict=True)
        # The folder is the model: loaded again, it gives the same numbers.
        model = MuiscModel.from_pretrained(out)
        again = run_reference(model, read_reference_inputs(GOLDEN / name / "io.npz", model.config))
        for key in BOUNDS:
            np.testing.assert_array_equal(getattr(again, key), found[key])
    assert summary["parameters"] == sum(parameter.numel() for parameter in model.parameters())


def test_without_inputs_only_the_folder_is_written(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert convert("--out", tmp_path / "empty").exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]
    assert MuiscModel.from_pretrained(tmp_path / "empty").config.class_ids[44] == "LABEL_44"


@pytest.mark.parametrize(
    ("layers", "variant"), [("0", "none"), ("", "empty"), ("0", "0"), ("1", "1"), ("0,2", "02"), ("0, 1, 2", "012")]
)
def test_other_blocks_may_attend_to_the_images(layers: str, variant: str, tmp_path: Path) -> None:
    run = ("--inputs", TINY / "io.npz", "--outputs", tmp_path / "out.npz")
    done = convert("--out", tmp_path / "model", "--cross-attention-layers", layers, *run)
    assert done.exit_code == 0, done.exception
    expected = arrays()[f"alt_mc_logits_cross_{variant}"]
    with np.load(tmp_path / "out.npz", allow_pickle=False) as found:
        np.testing.assert_allclose(found["mc_logits"], expected, atol=2e-5, rtol=0)
    model = MuiscModel.from_pretrained(tmp_path / "model")
    assert list(model.config.cross_attention_layers) == json.loads(f"[{layers}]")
    again = run_reference(model, read_reference_inputs(TINY / "io.npz", model.config))
    np.testing.assert_allclose(again.mc_logits, expected, atol=2e-5, rtol=0)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["--inputs", TINY / "io.npz"], SettingsError, "--inputs was given without --outputs"),
        (["--outputs", "out.npz"], SettingsError, "--outputs was given without --inputs"),
        (["--cross-attention-layers", "0;2"], SettingsError, "such as 0,2, got '0;2'"),
        (["--cross-attention-layers", "3"], ModelError, r"must lie in 0..2, got \[3\]"),
        (["--inputs", "nowhere.npz", "--outputs", "out.npz"], ModelError, "nowhere.npz cannot be read"),
        (["--sizes", "nowhere.json"], ModelError, "nowhere.json cannot be used"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(
    arguments: list[object],
    error: type[AgpisError],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = convert("--out", "model", *arguments)
    assert done.exit_code == 1
    assert done.stdout == ""
    with pytest.raises(error, match=message):
        raise done.exception or AssertionError("no error")
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_or_inputs_that_do_not_fit_leave_nothing_behind(tmp_path: Path) -> None:
    out, outputs = tmp_path / "model", tmp_path / "out.npz"
    broken = changed_checkpoint(tmp_path, lambda weights: weights.pop("lang_model.transformer.ln_f.bias"))
    long = changed_inputs(tmp_path, input_ids=np.ones((2, 65), dtype=np.int64))
    for done, message in (
        (convert("--out", out, checkpoint=broken), "ln_f.bias"),
        (convert("--out", out, checkpoint=tmp_path / "nowhere.ckpt"), "nowhere.ckpt does not exist"),
        (convert("--out", out, "--inputs", long, "--outputs", outputs), "65 tokens a row"),
    ):
        assert isinstance(done.exception, ModelError)
        assert message in str(done.exception)
        assert not out.exists()
        assert not outputs.exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    out, file = tmp_path / "model", tmp_path / "file.npz"
    assert convert("--out", out).exit_code == 0
    file.write_bytes(b"mine")
    before = (out / "model.safetensors").stat().st_mtime_ns
    for arguments, message in (
        (["--out", out], "model is not an empty folder"),
        (["--out", file], "file.npz is not an empty folder"),
        (["--out", tmp_path / "new", "--inputs", TINY / "io.npz", "--outputs", file], "file.npz exists already"),
    ):
        done = convert(*arguments)
        assert isinstance(done.exception, AgpisError)
        assert message in str(done.exception)
    assert file.read_bytes() == b"mine"
    assert (out / "model.safetensors").stat().st_mtime_ns == before
    assert not (tmp_path / "new").exists()


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    done = convert("--out", tmp_path / "file" / "model")
    assert isinstance(done.exception, SettingsError)
    assert "cannot be written" in str(done.exception)
