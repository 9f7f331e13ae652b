"""MUIsC on disk: safetensors only, nothing silently missing, nothing fetched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from muisc_tiny import CLASSES, TEXTS, random_images, tiny_config, tiny_model, tiny_processor
from safetensors.torch import load_file, save_file
from transformers import GPT2Config, GPT2Model

from agpis.errors import ModelError
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.pretrained_parts import from_pretrained_parts, load_tokenizer
from agpis.muisc.processing_muisc import MuiscProcessor


@pytest.fixture(scope="module")
def processor() -> MuiscProcessor:
    return tiny_processor()


@pytest.fixture
def folder(processor: MuiscProcessor, tmp_path: Path) -> Path:
    tiny_model(processor).save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    return tmp_path


def test_round_trip_gives_equal_logits_and_classes(processor: MuiscProcessor, folder: Path) -> None:
    loaded, read = MuiscModel.from_pretrained(folder), MuiscProcessor.from_pretrained(folder)
    titles, images = ["Blue mug <|feedback|>"], [random_images(2)]
    with torch.no_grad():
        before = tiny_model(processor)(**processor(titles, images), logits_to_keep=0)
        after = loaded(**read(titles, images), logits_to_keep=0)
    assert torch.equal(before.mcc_logits, after.mcc_logits)
    assert torch.equal(before.lm_logits, after.lm_logits)
    assert loaded.config.class_ids == CLASSES
    assert not loaded.training
    assert loaded.lm_head.weight is loaded.decoder.wte.weight
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "muisc_processor.json",
        "tokenizer.json",
        "tokenizer_config.json",
    ]


def test_half_precision_weights_load_as_float32(processor: MuiscProcessor, tmp_path: Path) -> None:
    model = tiny_model(processor)
    expected = model.decoder.wte.weight.half().float()
    model.half().save_pretrained(tmp_path)
    loaded = MuiscModel.from_pretrained(tmp_path)
    assert {parameter.dtype for parameter in loaded.parameters()} == {torch.float32}
    assert torch.equal(loaded.decoder.wte.weight, expected)


def test_loading_never_asks_for_pretrained_weights(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    create = timm.create_model

    def recording(name: str, pretrained: bool = False, **kwargs: Any) -> torch.nn.Module:
        asked.append(pretrained)
        return create(name, pretrained=pretrained, **kwargs)

    monkeypatch.setattr(timm, "create_model", recording)
    MuiscModel.from_pretrained(folder)
    assert asked == [False]


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no MUIsC model in .*nowhere"):
        MuiscModel.from_pretrained(tmp_path / "nowhere")
    with pytest.raises(ModelError, match=r"processor in .*nowhere cannot be read"):
        MuiscProcessor.from_pretrained(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["mcc_head.1.bias", "vision_tower.backbone.stem.0.weight"])
def test_missing_weights_are_named(folder: Path, name: str) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights[name]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=rf"missing_keys.*{name}"):
        MuiscModel.from_pretrained(folder)


def test_surplus_weights_are_named(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors") | {"surplus": torch.zeros(1)}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"unexpected_keys.*surplus"):
        MuiscModel.from_pretrained(folder)


def test_weights_of_other_sizes_are_refused(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"num_images": 4}))
    with pytest.raises(ModelError, match="cannot be loaded"):
        MuiscModel.from_pretrained(folder)


def test_damaged_and_pickled_weights_are_refused(folder: Path) -> None:
    file = folder / "model.safetensors"
    torch.save({}, folder / "pytorch_model.bin")
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be loaded"):
        MuiscModel.from_pretrained(folder)
    file.unlink()
    with pytest.raises(ModelError, match="cannot be loaded"):
        MuiscModel.from_pretrained(folder)


def test_parts_of_a_gpt2_are_taken_over(processor: MuiscProcessor, tmp_path: Path) -> None:
    size = len(processor.tokenizer) - 3
    gpt2 = GPT2Model(GPT2Config(vocab_size=size, n_positions=64, n_embd=32, n_layer=4, n_head=4))
    gpt2.save_pretrained(tmp_path)
    model = from_pretrained_parts(tiny_config(processor), vision_pretrained=False, gpt2_name=str(tmp_path))
    assert torch.equal(model.decoder.wte.weight[:size], gpt2.wte.weight)
    assert torch.equal(model.decoder.wpe.weight, gpt2.wpe.weight[:40])
    blocks: Any = model.decoder.h
    for ours, theirs in zip(blocks, gpt2.h, strict=False):
        assert torch.equal(ours.attn.c_attn.weight, theirs.attn.c_attn.weight)
        assert torch.equal(ours.mlp.c_proj.weight, theirs.mlp.c_proj.weight)
    assert model.lm_head.weight is model.decoder.wte.weight


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"n_embd": 16}, "n_embd = 16, the configuration needs 32"),
        ({"n_layer": 1}, "n_layer = 1, the configuration needs at least 2"),
        ({"vocab_size": 999}, "has 999 words"),
    ],
)
def test_a_gpt2_of_other_sizes_is_refused(
    processor: MuiscProcessor, tmp_path: Path, sizes: dict[str, int], message: str
) -> None:
    fitting = {"vocab_size": 300, "n_positions": 64, "n_embd": 32, "n_layer": 2, "n_head": 4}
    GPT2Model(GPT2Config(**(fitting | sizes))).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=message):
        from_pretrained_parts(tiny_config(processor), vision_pretrained=False, gpt2_name=str(tmp_path))


def test_the_tower_takes_over_published_weights(processor: MuiscProcessor, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(1)
    published: Any = timm.create_model("test_convnext", pretrained=False, num_classes=0)
    create = timm.create_model

    def from_hub(name: str, pretrained: bool = False, **kwargs: Any) -> torch.nn.Module:
        return published if pretrained else create(name, **kwargs)

    monkeypatch.setattr(timm, "create_model", from_hub)
    model = from_pretrained_parts(tiny_config(processor), gpt2_name=None)
    pixels = processor.pixels(random_images(1))
    with torch.no_grad():
        expected = published.eval().forward_features(pixels).flatten(2).transpose(1, 2)
        torch.testing.assert_close(model.eval().vision_tower(pixels)[:, 1:], expected)


def test_without_a_network_the_remedy_is_named(processor: MuiscProcessor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    config = tiny_config(processor)
    with pytest.raises(ModelError, match=r"test_convnext cannot be loaded.*connect.*HF_HOME.*start at random"):
        from_pretrained_parts(config, gpt2_name=None)
    with pytest.raises(ModelError, match=r"GPT2 uer/.* cannot be loaded.*HF_HOME.*gpt2_name=None"):
        from_pretrained_parts(config, vision_pretrained=False)
    with pytest.raises(ModelError, match=r"tokenizer of uer/.* cannot be loaded"):
        load_tokenizer()


def test_a_published_tokenizer_gets_its_missing_special_tokens(processor: MuiscProcessor, tmp_path: Path) -> None:
    bare = tiny_processor().tokenizer
    bare.pad_token = None
    bare.save_pretrained(tmp_path)
    served = MuiscProcessor(load_tokenizer(str(tmp_path)), image_size=64, max_title_tokens=12)
    assert served.text(TEXTS)["input_ids"].tolist() == processor.text(TEXTS)["input_ids"].tolist()
