"""Training MUIsC end to end on a toy rule: a sequence whose second image is red breaks `red_image`."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as PilImage

from agpis.data.reviews import ReviewRecord, write_reviews
from agpis.errors import ModelError, SettingsError
from agpis.images import read_image
from agpis.model_folder import assemble_model_folder
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.processing_muisc import MuiscProcessor
from agpis.muisc.scoring import SequenceScorer
from agpis.pipeline import AgpisPipeline
from agpis.rules import Rule, RuleCategory, RuleTaxonomy
from agpis.stage1.classifier import ImageClassifier, ImageClassifierConfig
from agpis.training.augment import sequence_augmentation
from agpis.training.datasets import Located, thinned
from agpis.training.fit import TrainingConfig
from agpis.training.muisc import train_muisc
from agpis.training.tower_features import TowerFeatures, collate_features
from agpis.types import Outcome, PipelineSettings, Product

torch.set_num_threads(1)

# A user's own rule file: two rules instead of 43, another word for accepted sequences.
TAXONOMY = RuleTaxonomy(
    version=1,
    classes=(
        Rule(id="good", name="good", category=RuleCategory.QUALIFIED, title="fine", description="All is well."),
        Rule(id="R1", name="red_image", category=RuleCategory.SINGLE, title="Red image", description="No red."),
        Rule(id="R2", name="never", category=RuleCategory.MULTI, title="Never", description="Never seen."),
        Rule(id="other", name="other", category=RuleCategory.OTHER, title="Other", description="Another rule."),
    ),
)
SIZES: dict[str, Any] = {
    "vision_model": "test_efficientnet",
    "image_size": 32,
    "grid_size": (1, 1),
    "hidden_size": 32,
    "num_attention_heads": 2,
    "num_decoder_layers": 1,
    "cross_attention_layers": (0,),
    "dropout": 0.0,
    "max_text_positions": 128,
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for colour, rgb in {"red": (220, 30, 30), "blue": (30, 30, 220), "green": (30, 200, 30)}.items():
        for index in range(4):
            noise = rng.integers(0, 30, (32, 32, 3))
            PilImage.fromarray((np.array(rgb) + noise - 15).astype(np.uint8)).save(folder / f"{colour}{index}.png")
    records = []
    for index in range(160):
        second = "red" if index % 2 else "green"
        images = (f"blue{index % 4}.png", f"{second}{index // 4 % 4}.png")
        feedback = "Red image: the 2nd image is red." if index % 2 else "fine"
        split = "train" if index < 128 else "val"
        records.append(ReviewRecord(f"p{index}", "A thing", "", images, feedback, "", split=split))
    write_reviews(folder / "reviews.jsonl", records)
    return folder


def config(data: Path, out: Path, epochs: float = 8) -> TrainingConfig:
    return TrainingConfig(
        data=(data,), out=out, epochs=epochs, batch_size=16, learning_rate=3e-3, evaluations=2, num_workers=0, seed=1
    )


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("muisc")
    summary = train_muisc(config(data, out), TAXONOMY, **SIZES)
    assert summary.best_metric > 0.95
    return Path(summary.model_dir)


@pytest.fixture(scope="module")
def folder(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("parts")
    tiny = ImageClassifierConfig(backbone="test_efficientnet", image_size=32)
    for name in ("primary", "noncompliance"):
        ImageClassifier(tiny).save_pretrained(root / name, half=True)
    settings = PipelineSettings(num_images=2, primary_threshold=0.0, noncompliance_threshold=1.0, quality_threshold=1.0)
    assemble_model_folder(root / "primary", root / "noncompliance", trained, root / "all", TAXONOMY, settings)
    return root / "all"


def test_the_trained_model_names_the_rule_and_writes_the_feedback(data: Path, folder: Path) -> None:
    scorer = AgpisPipeline.from_pretrained(folder).scorer
    blue, green, red = (read_image(data / name, name) for name in ("blue0.png", "green0.png", "red0.png"))
    seen = [scorer.encode("A thing", [blue, other]) for other in (green, red)]
    good, bad = (scorer.score_encoded(encoded) for encoded in seen)
    assert good.p_qualified > 0.8 > 0.2 > bad.p_qualified
    assert list(good.rule_probabilities) == ["good", "R1", "R2", "other"]
    assert sum(good.rule_probabilities.values()) == pytest.approx(1.0)
    assert max(bad.rule_probabilities, key=bad.rule_probabilities.__getitem__) == "R1"
    assert good.feedback is bad.feedback is None, "text is written only when asked for"
    assert scorer.write_feedback(seen[0]) == "fine"
    assert TAXONOMY.classify_feedback(scorer.write_feedback(seen[1])).id == "R1"
    assert good.p_nlg_qualified is not None
    assert bad.p_nlg_qualified is not None
    assert good.p_nlg_qualified > bad.p_nlg_qualified


def test_many_sequences_score_as_one_by_one(data: Path, folder: Path) -> None:
    scorer = AgpisPipeline.from_pretrained(folder).scorer
    images = {name: read_image(data / f"{name}.png", name) for name in ("blue0", "green0", "red0", "red1")}
    sequences = [[images["blue0"], images["red0"]], [images["red1"]], [*images.values()]]
    together = scorer.score_many("A thing", sequences)
    for sequence, score in zip(sequences, together, strict=True):
        alone = scorer.score("A thing", sequence)
        assert alone.sequence == score.sequence == tuple(image.file for image in sequence)
        assert alone.p_qualified == pytest.approx(score.p_qualified, abs=1e-5)


def test_the_pipeline_runs_on_the_assembled_folder(data: Path, folder: Path) -> None:
    pipeline = AgpisPipeline.from_pretrained(folder)
    files = ("blue0.png", "green1.png", "red2.png")
    product = Product("sku", "", tuple(read_image(data / name, name) for name in files))
    heard: list[tuple[str, float]] = []
    result = pipeline(product, progress=lambda stage, share: heard.append((stage, share)))
    assert result.outcome in (Outcome.SUBMIT, Outcome.BELOW_THRESHOLD)
    assert len(result.sequence) == 2
    assert set(result.rule_probabilities) == set(TAXONOMY.ids)
    stages = ["assess", "evidence", "match", "select", "score", "feedback"]
    assert [stage for stage, _ in heard] == stages == list(result.timings)
    shares = [share for _, share in heard]
    assert shares == sorted(set(shares))
    assert result.notes
    assert "title is empty" in result.notes[0]
    assert pipeline(product).sequence == result.sequence
    words = pipeline.attend(product, result.sequence, result.feedback or "fine")
    assert words
    assert all(len(word.maps) == 2 for word in words)


def test_scoring_and_writing_share_one_look_at_the_images(
    data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = AgpisPipeline.from_pretrained(folder)
    product = Product("sku", "A thing", tuple(read_image(data / name, name) for name in ("blue0.png", "red0.png")))
    model, looked = pipeline.scorer.model, []
    encode_images, generate = model.encode_images, model.generate_feedback

    def encoding(pixels: torch.Tensor) -> torch.Tensor:
        looked.append(len(pixels))
        features: torch.Tensor = encode_images(pixels)
        return features

    def refuse(*_: object) -> None:
        raise AssertionError("scoring wrote text")

    monkeypatch.setattr(model, "encode_images", encoding)
    monkeypatch.setattr(model, "generate_feedback", refuse)
    encoded = pipeline.encode(product, ("red0.png", "blue0.png"))
    assert (encoded.files, looked) == (("red0.png", "blue0.png"), [2])
    score = pipeline.score(encoded)
    assert score == pipeline.scorer.score("A thing", list(reversed(product.images)))
    assert score.feedback is None
    monkeypatch.setattr(model, "generate_feedback", generate)
    looked.clear()
    assert TAXONOMY.classify_feedback(pipeline.write_feedback(encoded)).id == "R1"
    assert looked == []
    assert pipeline(product).feedback
    assert looked == [2], "a whole run looks once"


def test_long_titles_are_read_from_the_front_and_said_so(data: Path, folder: Path) -> None:
    pipeline = AgpisPipeline.from_pretrained(folder)
    images = tuple(read_image(data / name, name) for name in ("blue0.png", "green1.png"))
    for title in ("x" * 5000, "杯子 🍵 " * 300):
        result = pipeline(Product("sku", title, images))
        assert "only its first 64" in result.notes[0]
    assert pipeline(Product("sku", "Blue mug 🍵 杯子", images)).notes == ()


def test_too_many_images_for_the_model_are_refused(data: Path, folder: Path) -> None:
    pipeline = AgpisPipeline.from_pretrained(folder)
    with pytest.raises(ModelError, match="K\\^t is 9, but this MUIsC takes at most 5"):
        pipeline(Product("sku", "", ()), PipelineSettings(num_images=9))


def test_a_folder_with_another_rule_file_is_refused(folder: Path, tmp_path: Path) -> None:
    from agpis.rules import load_taxonomy

    with pytest.raises(ModelError, match=r"trained on 4 classes .* lists 45"):
        assemble_model_folder(
            folder / "primary",
            folder / "noncompliance",
            folder / "muisc",
            tmp_path / "wrong",
            load_taxonomy(),
            PipelineSettings(),
        )


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model folder at"):
        AgpisPipeline.from_pretrained(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"config\.json"):
        AgpisPipeline.from_pretrained(tmp_path / "empty")


def test_the_tower_starts_from_a_classifier_of_the_same_backbone_only(data: Path, tmp_path: Path) -> None:
    ImageClassifier(ImageClassifierConfig(backbone="test_efficientnet", image_size=32)).save_pretrained(tmp_path / "a")
    summary = train_muisc(config(data, tmp_path / "run", 0.2), TAXONOMY, tower_from=tmp_path / "a", **SIZES)
    assert summary.steps == 2
    ImageClassifier(ImageClassifierConfig(backbone="test_resnet", image_size=32)).save_pretrained(tmp_path / "b")
    with pytest.raises(ModelError, match="backbone test_resnet, the vision tower is test_efficientnet"):
        train_muisc(config(data, tmp_path / "run2", 0.2), TAXONOMY, tower_from=tmp_path / "b", **SIZES)


def test_training_goes_on_from_a_trained_muisc(data: Path, trained: Path, tmp_path: Path) -> None:
    # One step is no training: what the model can do after it, it brought along.
    one_step = replace(config(data, tmp_path, epochs=0.1), learning_rate=1e-6)
    summary = train_muisc(one_step, TAXONOMY, init_from=trained)
    assert summary.steps == 1
    assert summary.best_metric > 0.95


def test_a_trained_muisc_of_other_classes_or_sizes_is_refused(data: Path, trained: Path, tmp_path: Path) -> None:
    other = TAXONOMY.model_copy(update={"classes": (*TAXONOMY.classes[:2], TAXONOMY.classes[3])})
    with pytest.raises(ModelError, match="knows 4 classes, the rule file lists 3"):
        train_muisc(config(data, tmp_path), other, init_from=trained)
    with pytest.raises(ValueError, match="leave out hidden_size"):
        train_muisc(config(data, tmp_path), TAXONOMY, init_from=trained, hidden_size=64)


def test_sequences_longer_than_the_model_are_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="a sequence of 2 images, the model takes at most 1"):
        train_muisc(config(data, tmp_path), TAXONOMY, **SIZES, num_images=1)


def test_the_scorer_refuses_an_empty_sequence(folder: Path) -> None:
    scorer: SequenceScorer = AgpisPipeline.from_pretrained(folder).scorer
    with pytest.raises(ModelError, match="needs at least one"):
        scorer.score("title", [])


def test_a_frozen_tower_encodes_every_image_once_and_keeps_its_weights(data: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    start = ImageClassifier(ImageClassifierConfig(backbone="test_efficientnet", image_size=32))
    start.save_pretrained(tmp_path / "tower")
    frozen = replace(config(data, tmp_path / "run"), frozen_tower=True)
    summary = train_muisc(frozen, TAXONOMY, tower_from=tmp_path / "tower", **SIZES)
    # The colours of plain pictures show through a random tower.
    assert summary.best_metric > 0.95
    (stored,) = (tmp_path / "run" / "features").glob("*/features.npy")
    table = np.load(stored)
    # Two versions of the four blue, red and green pictures; a global token and a grid of one.
    assert table.shape[:3] == (2, 12, 2)
    assert np.abs(table[0].astype(float) - table[1]).max() > 0
    trained_tower = MuiscModel.from_pretrained(summary.model_dir).vision_tower.backbone.state_dict()
    learned, started = dict(start.backbone.named_parameters()), start.backbone.state_dict()
    for name, value in trained_tower.items():
        # Weights ship as float16, statistics as they are.
        assert torch.equal(value, started[name].half().float() if name in learned else started[name]), name


def test_features_of_a_frozen_tower_score_as_pixels_do(data: Path, trained: Path) -> None:
    model, processor = MuiscModel.from_pretrained(trained), MuiscProcessor.from_pretrained(trained)
    sequences = [["blue0.png", "red1.png"], ["green2.png"]]
    images = [[read_image(data / name).pixels for name in names] for names in sequences]
    batch = processor(["A thing", ""], images, ["fine", "Red image."])
    features = [model.vision_tower(processor.pixels(pixels)).detach().numpy() for pixels in images]
    items = [
        {"features": found, "title": title, "feedback": feedback, "label": 0}
        for found, title, feedback in zip(features, ["A thing", ""], ["fine", "Red image."], strict=True)
    ]
    cached = collate_features(processor, items)
    with torch.no_grad():
        expected = model(**batch).mcc_logits
        assert torch.allclose(model(**cached).mcc_logits, expected, atol=1e-5)


def test_features_are_taken_over_from_the_same_weights_only(data: Path, trained: Path, tmp_path: Path) -> None:
    model, processor = MuiscModel.from_pretrained(trained), MuiscProcessor.from_pretrained(trained)
    files = [data / "blue0.png", data / "red0.png"]
    settings = (processor, files, tmp_path, sequence_augmentation())
    first = TowerFeatures.compute(model.vision_tower, *settings).of(files, [0, 1])
    (stored,) = tmp_path.glob("*/features.npy")
    written = stored.stat().st_mtime_ns
    assert np.array_equal(TowerFeatures.compute(model.vision_tower, *settings).of(files, [0, 1]), first)
    assert stored.stat().st_mtime_ns == written
    with torch.no_grad():
        next(iter(model.vision_tower.parameters())).mul_(-1)
    assert not np.array_equal(TowerFeatures.compute(model.vision_tower, *settings).of(files, [0, 1]), first)
    # The other weights' features lie beside the first ones, which took time.
    assert len(list(tmp_path.glob("*/features.npy"))) == 2
    assert stored.stat().st_mtime_ns == written


def test_no_product_has_more_sequences_than_allowed() -> None:
    def review(folder: str, product: str, number: int) -> Located[ReviewRecord]:
        return Located(Path(folder), ReviewRecord(product, str(number), "", ("a.png",), "yes", "qualified"))

    reviews = [review(folder, product, number) for number in range(5) for folder in "xy" for product in ("a", "b")]
    reviews.append(review("x", "c", 0))
    kept = thinned(reviews, 2, seed=0)
    counts = Counter((str(item.folder), item.row.product_id) for item in kept)
    # One folder's SKU is another product than the other folder's.
    assert counts == {("x", "a"): 2, ("x", "b"): 2, ("y", "a"): 2, ("y", "b"): 2, ("x", "c"): 1}
    assert kept == [item for item in reviews if item in kept]
    assert kept == thinned(reviews, 2, seed=0)
    assert kept != thinned(reviews, 2, seed=1)
    assert thinned(reviews, 9, seed=0) == reviews
