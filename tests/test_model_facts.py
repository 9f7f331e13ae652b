"""Facts of a pipeline folder: sizes from the weights' headers, settings with their criteria, and damaged folders."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from agpis.bundled import model_folder
from agpis.errors import ModelError, SettingsError
from agpis.model_facts import NETWORKS, pipeline_facts, setting_facts
from agpis.model_files import store_settings, weights_fingerprint
from agpis.types import PipelineSettings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three networks of 3 x 4 + 5 numbers in half precision, and a counter that is no weight."""
    for name in NETWORKS:
        (tmp_path / name).mkdir()
        tensors: dict[str, np.ndarray[Any, Any]] = {
            "tower.a.weight": np.zeros((3, 4), np.float16),
            "head.bias": np.ones(5, np.float32),
            "tower.seen": np.zeros((), np.int64),
        }
        save_file(tensors, tmp_path / name / "model.safetensors")
        config = {"architectures": ["Net"], "image_size": 64, "cross_attention_layers": [0, 2], "unknown": 1}
        (tmp_path / name / "config.json").write_text(json.dumps(config), encoding="utf-8")
    store_settings(tmp_path, PipelineSettings(num_images=4), {"submission_threshold": "at most 10%"})
    return tmp_path


def test_a_network_is_counted_from_its_weights(folder: Path) -> None:
    facts = pipeline_facts(folder)
    assert tuple(network.name for network in facts.networks) == NETWORKS
    network = facts.networks[0]
    weights = folder / "primary" / "model.safetensors"
    assert (network.architecture, network.parameters) == ("Net", 17)
    assert network.parts == (("tower", 12), ("head", 5))
    assert network.dtypes == ("F16", "F32")
    assert network.size == weights.stat().st_size
    assert network.sha256 == hashlib.sha256(weights.read_bytes()).hexdigest()[:12]
    assert network.facts == (("image_size", "64"), ("cross_attention_layers", "0, 2"))
    assert facts.card == ""


def test_the_card_is_read(folder: Path) -> None:
    (folder / "README.md").write_text("# Mine", encoding="utf-8")
    assert pipeline_facts(folder).card == "# Mine"


def test_settings_say_whether_they_are_stored_and_why(folder: Path) -> None:
    stored = json.loads((folder / "pipeline.json").read_text(encoding="utf-8"))
    del stored["settings"]["tie_threshold"]
    (folder / "pipeline.json").write_text(json.dumps(stored), encoding="utf-8")
    by_name = {fact.name: fact for fact in setting_facts(folder)}
    assert (by_name["num_images"].value, by_name["num_images"].stored, by_name["num_images"].criterion) == (4, True, "")
    assert by_name["submission_threshold"].criterion == "at most 10%"
    assert (by_name["tie_threshold"].value, by_name["tie_threshold"].stored) == (0.0, False)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model folder at"):
        pipeline_facts(tmp_path / "none")


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("muisc/config.json", b"{", "cannot be read"),
        ("muisc/config.json", b"[]", "no JSON object"),
        ("muisc/model.safetensors", b"no weights", "cannot be read as safetensors"),
        ("README.md", b"\xff\xfe\xff", "model card .* cannot be read"),
    ],
)
def test_a_damaged_file_is_named(folder: Path, file: str, content: bytes, words: str) -> None:
    (folder / file).write_bytes(content)
    with pytest.raises(ModelError, match=words):
        pipeline_facts(folder)


def test_missing_weights_and_wrong_settings_are_errors(folder: Path) -> None:
    (folder / "pipeline.json").write_text('{"format": 1, "settings": {"seed": 0, "colour": 1}}', encoding="utf-8")
    with pytest.raises(SettingsError, match="unknown settings colour"):
        pipeline_facts(folder)
    shutil.rmtree(folder / "muisc")
    (folder / "muisc").mkdir()
    (folder / "muisc" / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="holds no weights"):
        pipeline_facts(folder)


def test_the_bundled_models_have_facts_whose_fingerprint_is_that_of_predictions() -> None:
    facts = pipeline_facts(model_folder())
    assert facts.networks[2].sha256 == weights_fingerprint(model_folder())
    assert "Model card" in facts.card


def test_facts_are_read_without_torch() -> None:
    code = "import agpis.model_facts, sys; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1], check=True, timeout=120)
