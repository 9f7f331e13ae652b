"""The attribute network: it learns what images show, leaves the unknown out, and starts a vision tower."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PilImage

from agpis.data.reviews import ImageLabel, write_image_labels
from agpis.errors import SettingsError
from agpis.simulation.annotations import AnnotatedProduct, product_to_json
from agpis.simulation.facts import ImageFacts, TitleFacts, View
from agpis.stage1.classifier import ImageClassifier, ImageClassifierConfig
from agpis.training.attribute_network import AttributeNetwork, AttributeNetworkConfig, names_attributes
from agpis.training.attributes import train_attributes
from agpis.training.fit import TrainingConfig

torch.set_num_threads(1)
TINY = ImageClassifierConfig(backbone="test_efficientnet", image_size=32)
COLOURS = {"red": (220, 30, 30), "blue": (30, 30, 220)}


def write_market(folder: Path, count: int) -> Path:
    """Squares in two colours; every fourth has a white stripe, which is its flaw; a rare view has too few images."""
    (folder / "images").mkdir(parents=True)
    rng = np.random.default_rng(0)
    labels, lines = [], []
    for index in range(count):
        colour = list(COLOURS)[index % 2]
        striped = index % 4 < 2
        pixels = rng.integers(0, 60, (40, 40, 3), np.uint8)
        pixels[8:32, 8:32] = COLOURS[colour]
        if striped:
            pixels[18:24] = 255
        file = f"images/{index}.png"
        PilImage.fromarray(pixels).save(folder / file)
        split = "train" if index < count * 2 // 3 else "val"
        view = View.TOP if index < 3 else View.FRONT
        facts = ImageFacts(file, "d", "", colour, view, f"c{index}")
        product = AnnotatedProduct(f"p{index}", "", TitleFacts("a square"), (facts,), "made", split)
        lines.append(json.dumps(product_to_json(product)))
        flaws = ("stripe",) if striped else ()
        labels.append(ImageLabel(file, f"p{index}", striped, True, flaws, "made", split))
    (folder / "products.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_image_labels(folder / "images.jsonl", labels)
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[float, Path]:
    """Best accuracy and the folder of the network."""
    data = write_market(tmp_path_factory.mktemp("market") / "data", 120)
    config = TrainingConfig(
        data=(data,), out=data.parent / "run", epochs=6, batch_size=16, learning_rate=5e-3, evaluations=3, num_workers=0
    )
    summary = train_attributes(config, TINY)
    return summary.best_metric, Path(summary.model_dir)


def test_it_learns_what_images_show(trained: tuple[float, Path]) -> None:
    assert trained[0] > 0.95


def test_it_names_only_what_enough_images_have(trained: tuple[float, Path]) -> None:
    network = AttributeNetwork.from_pretrained(trained[1])
    # One category, one view and one background can be told from nothing.
    assert network.config.attributes == {"colour": ["blue", "red"]}
    assert network.config.flaws == ["stripe"]


def test_a_folder_tells_what_it_holds(trained: tuple[float, Path], tmp_path: Path) -> None:
    assert names_attributes(trained[1])
    ImageClassifier(TINY).save_half(tmp_path)
    assert not names_attributes(tmp_path)
    assert not names_attributes(tmp_path / "nothing")


def test_an_unknown_value_has_no_part_in_the_loss() -> None:
    torch.manual_seed(0)
    config = AttributeNetworkConfig(
        {"colour": ["blue", "red"], "view": ["back", "front"]}, ["stripe"], backbone="test_efficientnet", image_size=32
    )
    network = AttributeNetwork(config).eval()
    pixels = torch.randn(2, 3, 32, 32)
    labels = torch.tensor([[0, -100, 1], [1, -100, 0]])
    with torch.no_grad():
        output = network(pixels, labels)
    logits = output.logits
    by_hand = -logits[:, :2].log_softmax(1)[[0, 1], [0, 1]].mean()
    p = logits[:, 4].sigmoid()
    by_hand = by_hand - (p[0].log() + (1 - p[1]).log()) / 2
    assert output.loss.item() == pytest.approx(by_hand.item(), rel=1e-5)


def test_it_starts_from_a_classifier(tmp_path: Path) -> None:
    data = write_market(tmp_path / "data", 90)
    torch.manual_seed(5)
    ImageClassifier(TINY).save_half(tmp_path / "classifier")
    config = TrainingConfig(
        data=(data,), out=tmp_path / "run", epochs=0.1, batch_size=16, learning_rate=1e-12, num_workers=0
    )
    summary = train_attributes(config, init_from=tmp_path / "classifier")
    start = ImageClassifier.from_pretrained(tmp_path / "classifier").backbone.state_dict()
    end = AttributeNetwork.from_pretrained(summary.model_dir).backbone.state_dict()
    assert all(
        torch.allclose(start[name], end[name]) for name in start if "running" not in name and "tracked" not in name
    )


def test_images_that_differ_in_nothing_are_refused(tmp_path: Path) -> None:
    data = write_market(tmp_path / "data", 9)
    config = TrainingConfig(data=(data,), out=tmp_path / "run", num_workers=0)
    with pytest.raises(SettingsError, match="6 training images differ in nothing that 20 of them have"):
        train_attributes(config, TINY)
