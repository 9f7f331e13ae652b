"""The published checkpoint layout: equal outputs, and nothing missing, surplus or changed unnoticed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from reference_golden import (
    BOUNDS,
    CHECKPOINT,
    GOLDEN,
    NAMES,
    TINY,
    arrays,
    changed_checkpoint,
    changed_inputs,
    changed_sizes,
    tensors,
)
from torch import Tensor

from agpis.errors import ModelError
from agpis.muisc.configuration_muisc import MuiscConfig
from agpis.muisc.convert_reference_checkpoint import convert_reference_checkpoint
from agpis.muisc.reference_layout import reference_layout
from agpis.muisc.reference_run import read_reference_inputs, run_reference
from agpis.muisc.reference_sizes import read_reference_sizes

torch.set_num_threads(1)

LN_F = "lang_model.transformer.ln_f.bias"
QUERY, KEY = (f"img_model.image_tower.encoder.layer.0.attention.attention.{part}.weight" for part in ("query", "key"))
MASK, MASKED = (f"lang_model.transformer.h.1.attn.{name}" for name in ("bias", "masked_bias"))
HEAD, WORDS = "lang_model.lm_head.weight", "lang_model.transformer.wte.weight"


@pytest.fixture(scope="module")
def config() -> MuiscConfig:
    return read_reference_sizes(TINY / "sizes.json")


# -- equal to the published code ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_outputs_are_those_of_the_published_code(name: str) -> None:
    config = read_reference_sizes(GOLDEN / name / "sizes.json")
    model = convert_reference_checkpoint(GOLDEN / name / CHECKPOINT, config)
    outputs = run_reference(model, read_reference_inputs(GOLDEN / name / "io.npz", config))
    expected = arrays(GOLDEN / name)
    for key, bound in BOUNDS.items():
        found = getattr(outputs, key)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected[f"expected_{key}"], atol=bound, rtol=0, strict=True)


@pytest.mark.parametrize(
    ("variant", "cross_ids"),
    [("none", None), ("empty", []), ("0", [0]), ("1", [1]), ("02", [0, 2]), ("012", [0, 1, 2]), ("012", [2, 0, 1])],
)
def test_other_cross_ids(variant: str, cross_ids: list[int] | None, tmp_path: Path) -> None:
    config = read_reference_sizes(changed_sizes(tmp_path, {"cross_ids": cross_ids}))
    model = convert_reference_checkpoint(TINY / CHECKPOINT, config)
    found = run_reference(model, read_reference_inputs(TINY / "io.npz", config)).mc_logits
    others = {key: value for key, value in arrays().items() if key.startswith("alt_mc_logits_cross_")}
    np.testing.assert_allclose(found, others.pop(f"alt_mc_logits_cross_{variant}"), atol=2e-5, rtol=0)
    differing = [key for key, value in others.items() if np.abs(found - value).max() > 1e-3]
    assert len(differing) == len(others) - (variant in ("none", "0"))  # these two are the same by definition


def test_eps_of_every_norm_is_read_from_the_sizes(tmp_path: Path) -> None:
    folder = GOLDEN / "golden-eps"
    sizes = json.loads((folder / "sizes.json").read_text(encoding="utf-8"))
    for part, name, eps in (("vit", "layer_norm_eps", 1e-6), ("bert_layer", "layer_norm_eps", 1e-6)):
        other = sizes | {part: sizes[part] | {name: eps}}
        (tmp_path / "sizes.json").write_text(json.dumps(other), encoding="utf-8")
        config = read_reference_sizes(tmp_path / "sizes.json")
        model = convert_reference_checkpoint(folder / CHECKPOINT, config)
        found = run_reference(model, read_reference_inputs(folder / "io.npz", config)).mc_logits
        assert np.abs(found - arrays(folder)["expected_mc_logits"]).max() > 1e-3


def test_a_long_batch_gives_each_sequence_its_own_outputs(config: MuiscConfig, tmp_path: Path) -> None:
    rows = [0, 1, 1, 0, 1, 0, 0, 1, 1]
    many = {name: arrays()[name][rows] for name in ("pixel_values", "input_ids", "attention_mask", "mc_token_ids")}
    model = convert_reference_checkpoint(TINY / CHECKPOINT, config)
    outputs = run_reference(model, read_reference_inputs(changed_inputs(tmp_path, **many), config))
    for key, bound in BOUNDS.items():
        np.testing.assert_allclose(getattr(outputs, key), arrays()[f"expected_{key}"][rows], atol=bound, rtol=0)


def test_the_sizes_on_the_page_give_the_keys_and_shapes_of_the_full_size(tmp_path: Path) -> None:
    page = (GOLDEN.parents[1] / "docs" / "published-checkpoint.md").read_text(encoding="utf-8")
    found = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert found
    (tmp_path / "sizes.json").write_text(found[1], encoding="utf-8")
    config = read_reference_sizes(tmp_path / "sizes.json")
    published = json.loads((GOLDEN / "full_state_dict_keys.json").read_text(encoding="utf-8"))
    assert reference_layout(config) == {key: tuple(shape) for key, (shape, _) in published.items()}
    assert len(published) == 296
    assert config.cross_attention_layers == (2,)


# -- the checkpoint -----------------------------------------------------------------------------------------------


def put(key: str, value: Any) -> Callable[[dict[str, Tensor]], object]:
    return lambda weights: weights.update({key: value(weights[key]) if callable(value) else value})


@pytest.mark.filterwarnings("ignore:Validating sparse")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda weights: weights.pop(LN_F), rf"missing keys \['{LN_F}'\], surplus \[\]"),
        (lambda weights: weights.pop(MASK), rf"missing keys \['{MASK}'\]"),
        (put("img_model.more", torch.zeros(1)), r"missing keys \[\], surplus \['img_model.more'\]"),
        (put("optimizer", torch.zeros(1)), r"surplus \['optimizer'\]"),
        (put(LN_F, torch.zeros(49)), rf"other sizes: {LN_F} is \(49,\) instead of \(48,\)"),
        (put(LN_F, torch.zeros(())), rf"{LN_F} is \(\) instead"),
        # Stacked, these two would have the right size again.
        (lambda w: w.update({QUERY: w[QUERY][:40], KEY: torch.cat((w[KEY], w[KEY][:8]))}), r"query.weight is \(40, 48"),
        (put(LN_F, torch.zeros(48, dtype=torch.int64)), rf"no dense floating-point.*{LN_F} is torch.int64"),
        (put(HEAD, lambda head: head.to_sparse()), rf"no dense floating-point.*{HEAD}"),
        (put(LN_F, 3), rf"name.*with a tensor each.*{LN_F}"),
        (put("epoch", "7"), r"name.*with a tensor each.*epoch"),
        (put(MASK, lambda mask: torch.ones_like(mask)), rf"masks otherwise.*\['{MASK}'\]"),
        (put(MASKED, torch.tensor(-1e9)), rf"masks otherwise.*\['{MASKED}'\]"),
        (put(HEAD, lambda head: head + 1), rf"different values in {WORDS} and {HEAD}"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused_by_name(
    change: Callable[[dict[str, Tensor]], object], message: str, config: MuiscConfig, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=message):
        convert_reference_checkpoint(changed_checkpoint(tmp_path, change), config)


def test_an_unchanged_copy_and_bool_masks_are_taken(config: MuiscConfig, tmp_path: Path) -> None:
    copied = changed_checkpoint(
        tmp_path, lambda w: w.update({k: v.bool() for k, v in w.items() if v.dim() == 4 and not v.is_floating_point()})
    )
    model = convert_reference_checkpoint(copied, config)
    assert torch.equal(model.decoder.wte.weight, tensors()[HEAD])
    assert not model.training


def test_checkpoints_of_another_kind_are_refused(config: MuiscConfig, tmp_path: Path) -> None:
    file = tmp_path / "model.ckpt"
    with pytest.raises(ModelError, match=r"model.ckpt does not exist"):
        convert_reference_checkpoint(file, config)
    for content, message in (
        ({"lang_model": Path("anything")}, r"not a file of plain tensors: it names pathlib"),
        ([torch.zeros(1)], "holds a list"),
        ({"state_dict": tensors()}, "state_dict"),
    ):
        torch.save(content, file)
        with pytest.raises(ModelError, match=message) as raised:
            convert_reference_checkpoint(file, config)
        assert "\n" not in str(raised.value)
        assert "weights_only" not in str(raised.value)
    for raw in (b"", b"text", (TINY / CHECKPOINT).read_bytes()[:-100]):
        file.write_bytes(raw)
        with pytest.raises(ModelError, match="plain tensors"):
            convert_reference_checkpoint(file, config)


# -- the sizes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gpt2": {}}, r"gpt2.vocab_size: Field required"),
        ({"cross_ids": ...}, r"cross_ids: Field required"),
        ({"cross_ids": [0, 3]}, r"cross_attention_layers must lie in 0..2, got \[3\]"),
        ({"vit.image_size": "32"}, r"vit.image_size"),
        ({"vit.patch_size": 0}, r"vit.patch_size"),
        ({"vit.patch_size": 33}, r"patch_size 33 is larger than vit.image_size 32"),
        ({"vit.hidden_size": 96}, r"vit.hidden_size is 96, but gpt2.n_embd is 48"),
        ({"vit.num_attention_heads": 5}, r"48 is no multiple of its 5 heads"),
        ({"gpt2.n_head": 5, "bert_layer.num_attention_heads": 5}, r"got 48 and 5"),
        ({"vit.hidden_act": "gelu_new"}, r"vit.hidden_act"),
        ({"bert_layer.hidden_act": "relu"}, r"bert_layer.hidden_act"),
        ({"bert_layer.num_attention_heads": 8}, r"bert_layer.num_attention_heads is 8, but gpt2.n_head is 4"),
        ({"bert_layer.intermediate_size": 96}, r"bert_layer.intermediate_size is 96, but gpt2.n_inner is 192"),
        ({"gpt2.activation_function": "gelu"}, r"gpt2.activation_function"),
        ({"gpt2.summary_activation": "tanh"}, r"gpt2.summary_activation"),
        ({"gpt2.tie_word_embeddings": False}, r"gpt2.tie_word_embeddings"),
        ({"special_tokens.yes": 200}, r"special_tokens must lie in 0..199"),
        ({"num_labels": 0}, r"num_labels"),
    ],
)
def test_wrong_sizes_are_named(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=rf"sizes file .*sizes.json.*{message}"):
        read_reference_sizes(changed_sizes(tmp_path, changes))


def test_sizes_that_are_optional_may_be_left_out(config: MuiscConfig, tmp_path: Path) -> None:
    less = {"gpt2.n_inner": None, "bert_layer.hidden_size": ..., "vit.hidden_act": ..., "output_scale": ...}
    assert read_reference_sizes(changed_sizes(tmp_path, less)).to_dict() == config.to_dict()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"vit": 1}'])
def test_a_sizes_file_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "sizes.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"sizes.json cannot be used"):
        read_reference_sizes(tmp_path / "sizes.json")
    with pytest.raises(ModelError, match=r"nowhere.json cannot be used"):
        read_reference_sizes(tmp_path / "nowhere.json")


# -- the inputs ---------------------------------------------------------------------------------------------------

IDS, ONES = np.full((2, 32), 150), np.ones((2, 32), dtype=np.int64)
PIXELS = np.zeros((2, 3, 3, 32, 32), dtype=np.float32)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input_ids": None, "mc_token_ids": None}, r"lacks the arrays \['input_ids', 'mc_token_ids'\]; it has"),
        ({"pixel_values": PIXELS[0]}, r"pixel_values must have shape \(B, 3, 3, 32, 32\), got \(3, 3, 32, 32\)"),
        ({"pixel_values": PIXELS[:, :2]}, r"got \(2, 2, 3, 32, 32\)"),
        ({"pixel_values": PIXELS[..., :16]}, r"got \(2, 3, 3, 32, 16\)"),
        ({"pixel_values": PIXELS[:0]}, r"got \(0, 3"),
        ({"pixel_values": PIXELS.astype(np.uint8)}, r"finite floating-point"),
        ({"pixel_values": PIXELS + np.nan}, r"finite floating-point"),
        ({"input_ids": IDS[:1]}, r"input_ids must have shape \(2, L\), as pixel_values, got \(1, 32\)"),
        ({"input_ids": np.full((2, 65), 150)}, r"65 tokens a row, this model takes at most 64"),
        ({"input_ids": IDS + 50}, r"input_ids must lie in 0..199, got 200..200"),
        ({"input_ids": IDS.astype(float)}, r"input_ids must hold whole numbers, got float64"),
        ({"attention_mask": ONES[:, :30]}, r"attention_mask must have shape \(2, 32\), as input_ids, got \(2, 30\)"),
        ({"attention_mask": ONES + 1}, r"attention_mask must lie in 0..1"),
        ({"attention_mask": ONES[:, ::-1].cumsum(1)[:, ::-1] <= 20}, r"attention_mask must be 1 at the first token"),
        ({"mc_token_ids": np.array([[10], [25]])}, r"mc_token_ids must have shape \(2,\), as input_ids, got \(2, 1\)"),
        ({"mc_token_ids": np.array([10, 32])}, r"mc_token_ids must lie in 0..31, got 10..32"),
        ({"mc_token_ids": np.array([-1, 3])}, r"mc_token_ids must lie in 0..31, got -1..3"),
        ({"input_ids": np.array([[{}] * 32] * 2)}, r"cannot be read as an .npz file of plain arrays: Object arrays"),
    ],
)
def test_wrong_inputs_are_named(changes: dict[str, Any], message: str, config: MuiscConfig, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=rf"inputs .*inputs.npz.*{message}"):
        read_reference_inputs(changed_inputs(tmp_path, **changes), config)


def test_other_number_types_of_the_same_inputs_are_taken(config: MuiscConfig, tmp_path: Path) -> None:
    read = read_reference_inputs(
        changed_inputs(
            tmp_path,
            pixel_values=arrays()["pixel_values"].astype(np.float64),
            input_ids=arrays()["input_ids"].astype(np.uint8),
            attention_mask=arrays()["attention_mask"].astype(bool),
        ),
        config,
    )
    plain = read_reference_inputs(TINY / "io.npz", config)
    for name in ("pixel_values", "input_ids", "attention_mask", "mc_token_ids"):
        assert getattr(read, name).dtype == getattr(plain, name).dtype
        assert torch.equal(getattr(read, name), getattr(plain, name))


def test_files_that_are_no_npz_are_refused(config: MuiscConfig, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere.npz cannot be read"):
        read_reference_inputs(tmp_path / "nowhere.npz", config)
    np.save(tmp_path / "bare.npy", PIXELS)
    with pytest.raises(ModelError, match=r"bare.npy holds one bare array"):
        read_reference_inputs(tmp_path / "bare.npy", config)
    for raw in (b"", b"text", (TINY / "io.npz").read_bytes()[:-50]):
        (tmp_path / "cut.npz").write_bytes(raw)
        with pytest.raises(ModelError, match=r"cut.npz cannot be read"):
            read_reference_inputs(tmp_path / "cut.npz", config)
