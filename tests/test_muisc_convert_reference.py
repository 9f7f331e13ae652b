"""The published checkpoint layout: equal outputs, and nothing missing or surplus unnoticed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from agpis.errors import ModelError
from agpis.muisc.configuration_muisc import MuiscConfig
from agpis.muisc.convert_reference_checkpoint import (
    convert_reference_checkpoint,
    read_reference_sizes,
    reference_keys,
)

GOLDEN = Path(__file__).parents[2] / "shared" / "golden"
needs_golden = [pytest.mark.shared, pytest.mark.skipif(not GOLDEN.is_dir(), reason="no shared/golden")]

torch.set_num_threads(1)
SIZES = {
    "vit": {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "layer_norm_eps": 1e-12,
        "image_size": 32,
        "patch_size": 16,
    },
    "bert_layer": {"layer_norm_eps": 1e-12},
    "gpt2": {
        "vocab_size": 50,
        "n_positions": 16,
        "n_embd": 16,
        "n_layer": 2,
        "n_head": 2,
        "layer_norm_epsilon": 1e-5,
        "n_inner": 32,
    },
    "num_labels": 45,
    "cross_ids": [1],
    "images_per_sequence": 3,
    "special_tokens": {"pad": 0, "mask": 3, "sep": 2, "yes": 4},
}


@pytest.fixture
def config(tmp_path: Path) -> MuiscConfig:
    (tmp_path / "sizes.json").write_text(json.dumps(SIZES))
    return read_reference_sizes(tmp_path / "sizes.json")


def test_a_missing_and_a_surplus_key_are_named(config: MuiscConfig, tmp_path: Path) -> None:
    weights = {key: torch.zeros(1) for key in reference_keys(config)} | {"img_model.more": torch.zeros(1)}
    del weights["lang_model.transformer.ln_f.bias"]
    torch.save(weights, tmp_path / "model.ckpt")
    with pytest.raises(ModelError, match=r"missing keys \['lang_model.transformer.ln_f.bias'\], surplus \['img_model"):
        convert_reference_checkpoint(tmp_path / "model.ckpt", config)


def test_tensors_of_other_sizes_are_named(config: MuiscConfig, tmp_path: Path) -> None:
    torch.save({key: torch.zeros(1) for key in reference_keys(config)}, tmp_path / "model.ckpt")
    with pytest.raises(ModelError, match=r"other sizes(.|\n)*image_positions"):
        convert_reference_checkpoint(tmp_path / "model.ckpt", config)


def test_code_in_a_pickle_is_never_run(config: MuiscConfig, tmp_path: Path) -> None:
    torch.save({"lang_model": Path("anything")}, tmp_path / "model.ckpt")
    with pytest.raises(ModelError, match="plain tensors"):
        convert_reference_checkpoint(tmp_path / "model.ckpt", config)


def test_sizes_that_lack_a_part_are_refused(tmp_path: Path) -> None:
    (tmp_path / "sizes.json").write_text(json.dumps({**SIZES, "gpt2": {}}))
    with pytest.raises(ModelError, match="KeyError"):
        read_reference_sizes(tmp_path / "sizes.json")


class TestGolden:
    """Against the outputs of the published code."""

    pytestmark = needs_golden

    @pytest.mark.parametrize("name", ["golden-tiny", "golden-eps"])
    def test_outputs_are_those_of_the_published_code(self, name: str) -> None:
        config = read_reference_sizes(GOLDEN / name / "sizes.json")
        model = convert_reference_checkpoint(GOLDEN / name / "muisc_golden.ckpt", config)
        arrays = {key: torch.from_numpy(value) for key, value in np.load(GOLDEN / name / "io.npz").items()}
        with torch.no_grad():
            features = model.encode_batch(arrays["pixel_values"], torch.ones(2, 3).bool())
            encoded, _ = model.encode_sequences(features, torch.ones(2, 3).bool())
            output = model(
                arrays["input_ids"],
                arrays["attention_mask"],
                image_features=features,
                separator_positions=arrays["mc_token_ids"].flatten(),
                logits_to_keep=0,
            )
        found = {"encoder_features": encoded, "mc_logits": output.mcc_logits, "lm_logits": output.lm_logits}
        for key, bound in {"encoder_features": 5e-5, "mc_logits": 2e-5, "lm_logits": 5e-5}.items():
            expected = arrays[f"expected_{key}"].reshape(found[key].shape)
            torch.testing.assert_close(found[key], expected, atol=bound, rtol=0)

    @pytest.mark.parametrize(
        ("variant", "layers"),
        [("none", (0,)), ("empty", ()), ("0", (0,)), ("1", (1,)), ("02", (0, 2)), ("012", (0, 1, 2))],
    )
    def test_other_choices_of_cross_attention(self, variant: str, layers: tuple[int, ...]) -> None:
        folder = GOLDEN / "golden-tiny"
        config = read_reference_sizes(folder / "sizes.json", cross_attention_layers=layers)
        model = convert_reference_checkpoint(folder / "muisc_golden.ckpt", config)
        arrays = {key: torch.from_numpy(value) for key, value in np.load(folder / "io.npz").items()}
        with torch.no_grad():
            output = model(
                arrays["input_ids"],
                arrays["attention_mask"],
                pixel_values=arrays["pixel_values"],
                separator_positions=arrays["mc_token_ids"].flatten(),
            )
        expected = arrays[f"alt_mc_logits_cross_{variant}"]
        torch.testing.assert_close(output.mcc_logits, expected, atol=2e-5, rtol=0)

    def test_keys_of_the_full_size(self) -> None:
        config = MuiscConfig(vision_model="vit_base_patch16_224", num_labels=45)
        assert reference_keys(config) == set(json.loads((GOLDEN / "full_state_dict_keys.json").read_text()))
