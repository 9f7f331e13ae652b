"""Every row of Tables 2 and 3, every idea of the published README, and the paper's preset can be trained."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
from PIL import Image as PilImage
from timm.models import save_for_hf
from transformers import BertTokenizer, GPT2Config, GPT2Model
from typer.testing import CliRunner

from agpis.backbones import feature_grid, published_backbone
from agpis.cli import app
from agpis.data.reviews import ReviewRecord, write_reviews
from agpis.errors import ModelError, SettingsError
from agpis.images import read_image
from agpis.model_folder import assemble_model_folder
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.pretrained_parts import from_pretrained_parts, gpt2_sizes
from agpis.muisc.processing_muisc import MuiscProcessor
from agpis.muisc.scoring import SequenceScorer
from agpis.muisc.tokenization_muisc import train_tokenizer
from agpis.pipeline import AgpisPipeline
from agpis.reasons import Reason
from agpis.rules import load_taxonomy
from agpis.stage1.classifier import ImageClassifier, ImageClassifierConfig
from agpis.training.fit import TrainingConfig
from agpis.training.muisc import train_muisc
from agpis.training.muisc_design import MuiscDesign, Preset
from agpis.types import PipelineSettings, Product

torch.set_num_threads(1)

TAXONOMY = load_taxonomy()
SIZES: dict[str, Any] = {
    "vision_model": "test_efficientnet",
    "image_size": 32,
    "grid_size": (1, 1),
    "hidden_size": 32,
    "num_attention_heads": 2,
    "num_decoder_layers": 1,
    "cross_attention_layers": (0,),
}
ROW_1: dict[str, Any] = {"hierarchical": False, "decoder": False, "nlg": False, "title": False}
DESIGNS: dict[str, dict[str, Any]] = {
    "row 1": ROW_1,
    "row 2": {"decoder": False, "nlg": False, "title": False},
    "row 3": {"nlg": False, "title": False},
    "row 4": {"title": False},
    "title predicted": {"predict_title": True},
    "category in the title": {"category_in_title": True},
    "own LM head": {"lm_head_from_scratch": True},
    "published loss": {"loss_at_separator": True, "loss_on_padding": True},
    "early fusion": {"early_fusion": True, "num_images": 2},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for index in range(6):
        PilImage.fromarray(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(folder / f"{index}.png")
    banner = f"{TAXONOMY['S03'].title}: take it away"
    records = [
        ReviewRecord(
            f"p{index}",
            "Blue mug",
            ("", "Home > Mugs")[index % 2],
            (f"{index % 6}.png", f"{(index + 1) % 6}.png"),
            ("yes", banner)[index % 2],
            "",
            split="train" if index < 16 else "val",
        )
        for index in range(24)
    ]
    write_reviews(folder / "reviews.jsonl", records)
    return folder


def config(data: Path, out: Path) -> TrainingConfig:
    return TrainingConfig(
        data=(data,), out=out, epochs=1, batch_size=8, learning_rate=1e-3, evaluations=1, num_workers=0, seed=1
    )


def parts(folder: str) -> tuple[MuiscModel, MuiscProcessor]:
    return MuiscModel.from_pretrained(folder), MuiscProcessor.from_pretrained(folder)


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("frozen", [False, True], ids=["learning tower", "frozen tower"])
def test_every_design_trains_and_scores(data: Path, tmp_path: Path, name: str, frozen: bool) -> None:
    design = MuiscDesign(**DESIGNS[name])
    how = replace(config(data, tmp_path), frozen_tower=frozen)
    if frozen and design.early_fusion:
        with pytest.raises(SettingsError, match=r"with early fusion .* leave out --frozen-tower"):
            train_muisc(how, TAXONOMY, design=design, **SIZES)
        return
    summary = train_muisc(how, TAXONOMY, design=design, **SIZES)
    assert summary.steps == 2
    model, processor = parts(summary.model_dir)
    kept = model.config
    assert (kept.num_sequence_layers > 0, kept.use_decoder, kept.lambda_nlg > 0, processor.use_title) == (
        design.hierarchical,
        design.decoder,
        design.nlg,
        design.title,
    )
    assert (kept.predict_title, processor.category_in_title, not kept.tie_word_embeddings) == (
        design.predict_title,
        design.category_in_title,
        design.lm_head_from_scratch,
    )
    assert (kept.fusion == "early", processor.early_fusion_tiles) == (
        design.early_fusion,
        2 if design.early_fusion else 0,
    )
    assert kept.loss_at_separator is kept.loss_on_padding is design.loss_on_padding
    images = [read_image(data / file, file) for file in ("0.png", "1.png")]
    score = SequenceScorer(model, processor, TAXONOMY).score("Blue mug", images, "Home > Mugs")
    assert sum(score.rule_probabilities.values()) == pytest.approx(1.0)


def test_without_nlg_no_feedback_enters_the_batches(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    widths: list[int] = []
    forward = MuiscModel.forward

    def watching(self: MuiscModel, input_ids: torch.Tensor, **batch: Any) -> Any:
        batch.pop("num_items_in_batch", None)  # the Trainer's, to a function that takes any name
        assert "feedback_labels" not in batch
        widths.append(input_ids.shape[1])
        return forward(self, input_ids, **batch)

    monkeypatch.setattr(MuiscModel, "forward", watching)
    train_muisc(config(data, tmp_path), TAXONOMY, design=MuiscDesign(nlg=False, title=False), **SIZES)
    assert set(widths) == {1}, "s alone"


def test_categories_of_the_reviews_are_read(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[tuple[str, str]] = []
    text = MuiscProcessor.text

    def watching(self: MuiscProcessor, titles: Any, feedback: Any = None, categories: Any = None) -> Any:
        read.extend(zip(titles, categories, strict=True))
        return text(self, titles, feedback, categories)

    monkeypatch.setattr(MuiscProcessor, "text", watching)
    design = MuiscDesign(category_in_title=True)
    for frozen in (False, True):
        read.clear()
        how = replace(config(data, tmp_path / str(frozen)), frozen_tower=frozen)
        train_muisc(how, TAXONOMY, design=design, **SIZES)
        assert set(read) == {("Blue mug", ""), ("Blue mug", "Home > Mugs")}


def test_categories_that_nobody_wrote_down_are_missed(data: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    rows = [json.loads(line) | {"category": ""} for line in (data / "reviews.jsonl").read_text().splitlines()]
    table = tmp_path / "data" / "reviews.jsonl"
    table.write_text("".join(json.dumps(row) + "\n" for row in rows))
    design = MuiscDesign(category_in_title=True)
    with pytest.raises(SettingsError, match="none of the 24 reviews has a category"):
        train_muisc(config(tmp_path / "data", tmp_path / "out"), TAXONOMY, design=design, **SIZES)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"decoder": False}, r"--no-nlg --no-title"),
        ({"decoder": False, "nlg": False}, r"--no-nlg --no-title"),
        ({"nlg": False, "lm_head_from_scratch": True}, "--lm-head-from-scratch changes the NLG task"),
        ({"nlg": False, "loss_on_padding": True}, "--loss-on-padding changes the NLG task"),
        ({"title": False, "predict_title": True}, "--predict-title needs titles"),
        ({"vision": "resnet18"}, "--vision names a published part.*add --preset base"),
        ({**ROW_1, "preset": Preset.BASE, "gpt2": "gpt2"}, "--gpt2 names a decoder"),
    ],
)
def test_designs_that_contradict_themselves_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        MuiscDesign(**fields)


@pytest.mark.parametrize(
    ("options", "design", "usual"),
    [
        ("", MuiscDesign(), (4, 32, 5e-4)),
        ("--no-hierarchical --no-decoder --no-nlg --no-title", MuiscDesign(**ROW_1), (4, 32, 5e-4)),
        ("--preset base --vision v --gpt2 g", MuiscDesign(Preset.BASE, vision="v", gpt2="g"), (10, 64, 1.5e-4)),
        (
            "--early-fusion --num-images 3 --predict-title --category-in-title --epochs 2",
            MuiscDesign(early_fusion=True, num_images=3, predict_title=True, category_in_title=True),
            (2, 32, 5e-4),
        ),
        (
            "--lm-head-from-scratch --loss-at-separator --loss-on-padding --batch-size 8 --learning-rate 0.1",
            MuiscDesign(lm_head_from_scratch=True, loss_at_separator=True, loss_on_padding=True),
            (4, 8, 0.1),
        ),
    ],
)
def test_the_command_asks_for_the_design_that_its_options_name(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: str,
    design: MuiscDesign,
    usual: tuple[float, int, float],
) -> None:
    asked: list[tuple[MuiscDesign, tuple[float, int, float]]] = []

    def record(config: TrainingConfig, *_: object, pretrained: bool, design: MuiscDesign) -> dict[str, str]:
        asked.append((design, (config.epochs, config.batch_size, config.learning_rate)))
        return {}

    monkeypatch.setattr("agpis.training.muisc.train_muisc", record)
    command = ["train", "muisc", "--data", str(tmp_path), "--out", str(tmp_path), *options.split()]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert asked == [(design, usual)]


def test_a_trained_model_takes_no_other_design(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leave out design"):
        train_muisc(config(data, tmp_path), TAXONOMY, init_from=tmp_path, design=MuiscDesign())
    with pytest.raises(ValueError, match="leave out pretrained"):
        train_muisc(config(data, tmp_path), TAXONOMY, pretrained=True, design=MuiscDesign(preset=Preset.BASE))


def test_a_pipeline_of_a_model_that_only_classifies_says_so(data: Path, tmp_path: Path) -> None:
    muisc = train_muisc(config(data, tmp_path / "out"), TAXONOMY, design=MuiscDesign(**ROW_1), **SIZES).model_dir
    for name in ("primary", "noncompliance"):
        tiny = ImageClassifierConfig(backbone="test_efficientnet", image_size=32)
        ImageClassifier(tiny).save_pretrained(tmp_path / name, half=True)
    settings = PipelineSettings(
        num_images=2,
        primary_threshold=0.0,
        noncompliance_threshold=1.0,
        quality_threshold=1.0,
        duplicate_threshold=1.0,
        colour_threshold=0.0,
    )
    assemble_model_folder(
        tmp_path / "primary", tmp_path / "noncompliance", Path(muisc), tmp_path / "all", TAXONOMY, settings
    )
    images = tuple(read_image(data / file, file) for file in ("0.png", "1.png", "2.png"))
    result = AgpisPipeline.from_pretrained(tmp_path / "all")(Product("sku", "Blue mug", images))
    assert len(result.sequence) == 2
    assert result.p_qualified is not None
    assert (result.feedback, result.p_nlg_qualified) == (None, None)
    assert result.notes == (Reason.NO_TITLES, Reason.NO_FEEDBACK)
    assert "feedback" not in result.timings


# -- the base preset ----------------------------------------------------------------------------------------------


def published_gpt2(folder: Path, *, bert_words: bool = False, **sizes: int) -> Path:
    """A GPT2 as the hub serves it; with a word-piece vocabulary as the paper's has."""
    folder.mkdir()
    if bert_words:
        words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "yes", "blue", "mug", "杯", "子"]
        (folder / "vocab.txt").write_text("\n".join([*words, *"abcdefghijklmnopqrstuvwxyz"]), encoding="utf-8")
        tokenizer: Any = BertTokenizer.from_pretrained(folder)
    else:
        tokenizer = train_tokenizer(["Blue mug", "Promotional banner"], 320)
        tokenizer.pad_token = tokenizer.sep_token = None
    tokenizer.save_pretrained(folder)
    fields = {"n_positions": 160, "n_embd": 32, "n_layer": 4, "n_head": 2, "vocab_size": len(tokenizer)} | sizes
    torch.manual_seed(3)
    GPT2Model(GPT2Config(**fields)).save_pretrained(folder)
    return folder


def published_vit(folder: Path) -> Path:
    torch.manual_seed(4)
    save_for_hf(timm.create_model("test_vit", pretrained=False, img_size=64), str(folder), safe_serialization=True)
    described = json.loads((folder / "config.json").read_text())
    described["pretrained_cfg"] |= {"input_size": [3, 64, 64], "mean": [0.5] * 3, "std": [0.25] * 3}
    (folder / "config.json").write_text(json.dumps(described))
    return folder


@pytest.mark.parametrize("bert_words", [False, True], ids=["byte pairs", "word pieces"])
def test_base_starts_from_a_published_vit_and_gpt2(data: Path, tmp_path: Path, bert_words: bool) -> None:
    vit, gpt2 = published_vit(tmp_path / "vit"), published_gpt2(tmp_path / "gpt2", bert_words=bert_words)
    design = MuiscDesign(preset=Preset.BASE, vision=str(vit), gpt2=str(gpt2), lm_head_from_scratch=True)
    how = replace(config(data, tmp_path / "out"), learning_rate=1e-9, epochs=0.1)  # nothing is learned
    model, processor = parts(train_muisc(how, TAXONOMY, design=design).model_dir)
    kept = model.config
    assert (kept.num_decoder_layers, kept.num_sequence_layers, kept.num_images, kept.lambda_nlg) == (3, 1, 3, 0.1)
    assert (kept.cross_attention_layers, kept.hidden_size, kept.vision_model) == ((2,), 32, "test_vit")
    assert (processor.resize, processor.image_size, processor.image_std) == ("squash", 64, (0.25,) * 3)
    published: Any = GPT2Model.from_pretrained(gpt2)
    blocks: Any = model.decoder.h
    words = len(published.wte.weight)
    assert torch.allclose(model.decoder.wte.weight[:words], published.wte.weight, atol=1e-3)
    assert torch.allclose(blocks[2].mlp.c_fc.weight, published.h[2].mlp.c_fc.weight, atol=1e-3)
    assert (model.lm_head.weight[:words] - published.wte.weight).abs().max() > 0.01, "the LM head starts afresh"
    tower: Any = timm.create_model(f"local-dir:{vit}", pretrained=True)
    assert torch.allclose(model.vision_tower.backbone.pos_embed, tower.pos_embed, atol=1e-3)
    assert processor.text(["blue mug"], ["yes"])["input_ids"][0, -2] == kept.qualified_token_id


def test_base_without_a_decoder_needs_no_gpt2(data: Path, tmp_path: Path) -> None:
    vit = published_vit(tmp_path / "vit")
    design = MuiscDesign(preset=Preset.BASE, vision=str(vit), **ROW_1)
    small: dict[str, Any] = {"hidden_size": 64, "num_attention_heads": 4}
    model, _ = parts(train_muisc(config(data, tmp_path / "out"), TAXONOMY, design=design, **small).model_dir)
    assert not hasattr(model, "decoder")


def test_base_takes_its_tower_from_a_classifier_of_the_same_network(data: Path, tmp_path: Path) -> None:
    ImageClassifier(ImageClassifierConfig(backbone="test_efficientnet", image_size=160)).save_pretrained(tmp_path / "a")
    gpt2 = published_gpt2(tmp_path / "gpt2")
    design = MuiscDesign(preset=Preset.BASE, vision="test_efficientnet", gpt2=str(gpt2))
    how = replace(config(data, tmp_path / "out"), epochs=0.1)
    summary = train_muisc(how, TAXONOMY, design=design, tower_from=tmp_path / "a")
    assert summary.steps == 1


def test_base_without_a_network_says_what_to_do(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"tokenizer of uer/.* cannot be loaded.*connect.*HF_HOME") as raised:
        train_muisc(config(data, tmp_path / "a"), TAXONOMY, design=MuiscDesign(preset=Preset.BASE))
    assert "\n" not in str(raised.value), "the command line shows one line"
    gpt2 = published_gpt2(tmp_path / "gpt2")
    design = MuiscDesign(preset=Preset.BASE, gpt2=str(gpt2))
    with pytest.raises(ModelError, match=r"vit_base_patch16_224.* cannot be loaded.*connect.*HF_HOME"):
        train_muisc(config(data, tmp_path / "b"), TAXONOMY, design=design)
    with pytest.raises(ModelError, match="sizes of GPT2 uer/.* cannot be loaded.*HF_HOME"):
        gpt2_sizes()


def test_the_papers_vit_is_known_without_its_weights() -> None:
    paper = published_backbone("vit_base_patch16_224.augreg2_in21k_ft_in1k")
    assert (paper.image_size, paper.mean, paper.std) == (224, (0.5,) * 3, (0.5,) * 3)
    assert feature_grid(paper.model, paper.image_size) == (14, 14)
    assert feature_grid("tf_efficientnet_lite0", 192) == (6, 6)


def test_folders_that_hold_no_published_parts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model named 'resnet0' and there is no such folder"):
        published_backbone("resnet0")
    with pytest.raises(ModelError, match=r"holds no model\.safetensors"):
        published_backbone(str(tmp_path))
    vit = published_vit(tmp_path / "vit")
    (vit / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="does not describe a timm model"):
        published_backbone(str(vit))
    (tmp_path / "bert").mkdir()
    (tmp_path / "bert" / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ModelError, match="is a bert, the decoder of MUIsC is a GPT2"):
        gpt2_sizes(str(tmp_path / "bert"))


def test_a_model_without_a_decoder_takes_no_gpt2(data: Path, tmp_path: Path) -> None:
    summary = train_muisc(config(data, tmp_path), TAXONOMY, design=MuiscDesign(**ROW_1), **SIZES)
    with pytest.raises(ModelError, match="no decoder that could start from"):
        from_pretrained_parts(MuiscModel.from_pretrained(summary.model_dir).config, vision_pretrained=False)
