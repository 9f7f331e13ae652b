"""The two binary single-image classifiers of stage 1 (section 3.3.1): one architecture, separate weights.

The primary-image model is trained on the labels of eq. 1, the non-compliance model on images labelled one by one;
both with binary cross-entropy on a single logit.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self, cast

import cv2
import numpy as np
import numpy.typing as npt
import timm
import torch
from safetensors import SafetensorError
from scipy.special import expit
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel
from transformers.utils.generic import ModelOutput

from agpis.backbones import keep_frozen_statistics, pixel_statistics, pretrained_weights
from agpis.errors import ModelError
from agpis.stage1.framing import FramingWeights, measure_framing
from agpis.types import Image, Pixels

RESIZE_WORDS = ("pad", "stretch")


class ImageClassifierConfig(PretrainedConfig):  # type: ignore[misc]  # transformers is untyped
    """Everything that fixes what a classifier computes, preprocessing included.

    Attributes:
        backbone: name of a timm model.
        image_size: side of the square network input in pixels, at least 32.
        mean: per RGB channel, in [0, 1], subtracted from pixels scaled to [0, 1]; by default what the published
            weights of the backbone expect.
        std: per RGB channel, larger than 0, divided by afterwards; by default as for `mean`.
        resize: "pad" keeps the aspect and fills up with white, "stretch" does not keep it.
        calibration_scale: the logit is multiplied by this before the sigmoid of `predict`, larger than 0.
        calibration_bias: and this is added to it.
        framing: fields of `FramingWeights`, to weigh the logit against the photo's border; None leaves it alone.
    """

    model_type = "agpis_image_classifier"

    def __init__(
        self,
        backbone: str = "tf_efficientnet_lite0",
        image_size: int = 192,
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
        resize: str = "pad",
        calibration_scale: float = 1.0,
        calibration_bias: float = 0.0,
        framing: Mapping[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        """Check and keep the settings.

        Raises:
            ModelError: for a value outside the range documented above.
        """
        expected_mean, expected_std = pixel_statistics(backbone)
        mean, std = mean or expected_mean, std or expected_std
        if image_size < 32:
            raise ModelError(f"image_size must be at least 32 pixels, got {image_size}")
        if resize not in RESIZE_WORDS:
            raise ModelError(f"resize must be one of {', '.join(RESIZE_WORDS)}, got {resize!r}")
        if len(mean) != 3 or len(std) != 3 or min(std) <= 0:
            raise ModelError(f"mean and std need 3 numbers each, std above 0; got mean {mean} and std {std}")
        if calibration_scale <= 0:
            raise ModelError(f"calibration_scale must be larger than 0, got {calibration_scale}")
        self.backbone = backbone
        self.image_size = image_size
        self.mean = [float(value) for value in mean]
        self.std = [float(value) for value in std]
        self.resize = resize
        self.calibration_scale = float(calibration_scale)
        self.calibration_bias = float(calibration_bias)
        self.framing = None if framing is None else _checked(framing)
        super().__init__(**kwargs)


@dataclass
class ImageClassifierOutput(ModelOutput):  # type: ignore[misc]  # transformers is untyped
    """What `ImageClassifier.forward` returns.

    Attributes:
        loss: mean binary cross-entropy, a scalar, or None without labels.
        logits: (N,) uncalibrated; sigmoid gives the probability of label 1.
    """

    loss: torch.Tensor | None = None
    logits: torch.Tensor | None = None


class ImageClassifier(PreTrainedModel):  # type: ignore[misc]  # transformers is untyped
    """A timm backbone with one logit; answers p^primary or p^nc, whichever it was trained for."""

    config: ImageClassifierConfig
    config_class: type[ImageClassifierConfig] = ImageClassifierConfig
    base_model_prefix = "backbone"
    main_input_name = "pixel_values"

    def __init__(self, config: ImageClassifierConfig) -> None:
        """Build the network with timm's random initialisation; never touches the network.

        Raises:
            ModelError: when timm does not know the backbone.
        """
        super().__init__(config)
        if not timm.is_model(config.backbone):
            raise ModelError(f"timm has no model named {config.backbone!r}; see timm.list_models()")
        self.backbone = timm.create_model(config.backbone, pretrained=False, num_classes=0)
        self.head = nn.Linear(cast(int, self.backbone.head_hidden_size), 1)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Leave modules as timm and torch made them: both have initialised everything by now."""

    def load_pretrained(self) -> None:
        """Let the backbone start from its published weights; the head stays as it is.

        Raises:
            ModelError: when they cannot be had; the message says what to do.
        """
        weights = pretrained_weights(self.config.backbone)
        self.backbone.load_state_dict({name: weights[name] for name in self.backbone.state_dict()})

    def train(self, mode: bool = True) -> Self:
        """Set the mode; norms of frozen stages never train."""
        super().train(mode)
        keep_frozen_statistics(self.backbone)
        return self

    def forward(self, pixel_values: torch.Tensor, labels: torch.Tensor | None = None) -> ImageClassifierOutput:
        """Score a batch of preprocessed images.

        Args:
            pixel_values: (N, 3, S, S) float, as `to_pixel_values` makes them.
            labels: (N,) of 0 and 1; 1 is a primary image (eq. 1), or a non-compliant one.
        """
        pooled = self.backbone(pixel_values)  # (N, D)
        logits = self.head(pooled).squeeze(-1)  # (N,)
        loss = None
        if labels is not None:
            loss = nn.functional.binary_cross_entropy_with_logits(logits, labels.to(logits.dtype))
        return ImageClassifierOutput(loss=loss, logits=logits)

    def predict(self, images: Sequence[Image], batch_size: int = 16) -> npt.NDArray[np.float64]:
        """Give the calibrated probability of label 1 for each image: (N,) float64 in [0, 1], in the given order."""
        scale, bias = self.config.calibration_scale, self.config.calibration_bias
        raw = self._in_batches(images, batch_size, lambda values: self(values).logits)
        logits = raw.double().numpy() * scale + bias
        if self.config.framing is not None:
            framings = [measure_framing(image.pixels) for image in images]
            logits = FramingWeights(**self.config.framing).apply(logits, framings)
        return cast(npt.NDArray[np.float64], expit(logits))

    def features(
        self, images: Sequence[Image], batch_size: int = 16, image_size: int | None = None
    ) -> npt.NDArray[np.float32]:
        """Give the pooled embedding of each image: (N, D) float32, not normalised.

        `image_size` replaces the configured side in pixels, for convolutional backbones only: small patches need less.
        """
        pooled = self._in_batches(images, batch_size, self.backbone, image_size)
        return cast(npt.NDArray[np.float32], pooled.float().numpy())

    def local_logits(
        self, images: Sequence[Image], batch_size: int = 16, image_size: int | None = None
    ) -> npt.NDArray[np.float32]:
        """Give the logit of every place: (N, h, w) float32, the head applied to the feature map before pooling.

        The mean over the places is the image's uncalibrated logit, so each place says what it adds to p. Columns and
        rows divide the square network input, padding included. `image_size` replaces its configured side in pixels.

        Raises:
            ModelError: when the backbone has no feature map that pooling alone turns into its embedding.
        """
        local = self._in_batches(images, batch_size, self._local_logits, image_size)
        return cast(npt.NDArray[np.float32], local.float().numpy())

    def _local_logits(self, pixel_values: torch.Tensor) -> torch.Tensor:
        features = cast(Any, self.backbone).forward_features(pixel_values)  # (N, D, h, w)
        if features.ndim != 4 or features.shape[1] != self.head.in_features:
            raise ModelError(f"backbone {self.config.backbone} has no feature map to tell places apart by")
        return cast(torch.Tensor, self.head(features.permute(0, 2, 3, 1)).squeeze(-1))

    @torch.inference_mode()
    def _in_batches(
        self, images: Sequence[Image], batch_size: int, function: Any, image_size: int | None = None
    ) -> torch.Tensor:
        if batch_size < 1:
            raise ModelError(f"batch_size must be at least 1, got {batch_size}")
        if not images:
            width = (0, self.head.in_features) if function is self.backbone else (0,)
            return torch.zeros(width)
        was_training = self.training
        self.train(False)  # in training mode batch normalisation would let one image change another's answer
        results = []
        for start in range(0, len(images), batch_size):
            chosen = images[start : start + batch_size]
            arrays = [to_pixel_values(image.pixels, self.config, image_size) for image in chosen]
            values = torch.from_numpy(np.stack(arrays)).to(self.device)
            # on processors convolutions of this layout are a sixth faster
            results.append(function(values.contiguous(memory_format=torch.channels_last)).cpu())
        self.train(was_training)
        return torch.cat(results)

    def save_half(self, folder: str | os.PathLike[str]) -> None:
        """Write config.json and a model.safetensors with float16 weights, for shipping; float32 again when loaded.

        Batch-normalisation statistics stay float32, since their range does not fit float16.
        """
        weights = {name for name, _ in self.named_parameters()}
        state = {name: value.half() if name in weights else value for name, value in self.state_dict().items()}
        self.save_pretrained(folder, state_dict=state)

    @classmethod
    def from_pretrained(cls, folder: str | os.PathLike[str], **kwargs: Any) -> Self:
        """Load a classifier from a local folder, in float32 and evaluation mode; never touches the network.

        Raises:
            ModelError: when config.json or model.safetensors is missing, malformed, or does not fit the backbone.
        """
        for name in ("config.json", "model.safetensors"):
            if not (Path(folder) / name).is_file():
                raise ModelError(f"{folder} holds no {name}; an image classifier needs config.json, model.safetensors")
        settings = {"dtype": torch.float32, "local_files_only": True, "use_safetensors": True, **kwargs}
        try:
            loaded: Any = super().from_pretrained(folder, output_loading_info=True, **settings)
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            raise ModelError(f"{folder} could not be read as an image classifier: {error}") from error
        model, info = loaded
        # transformers only warns of these and goes on with random weights
        unfit = {name: sorted(map(str, info[name])) for name in ("missing_keys", "unexpected_keys") if info[name]}
        if unfit:
            raise ModelError(f"{folder}/model.safetensors does not fit backbone {model.config.backbone}: {unfit}")
        return cast(Self, model.train(False))


def _checked(framing: Mapping[str, float]) -> dict[str, float]:
    try:
        return asdict(FramingWeights(**framing))
    except TypeError as error:
        wanted = ", ".join(field.name for field in fields(FramingWeights))
        raise ModelError(f"framing needs the numbers {wanted}; got {dict(framing)}") from error


def to_pixel_values(
    pixels: Pixels, config: ImageClassifierConfig, image_size: int | None = None
) -> npt.NDArray[np.float32]:
    """Turn (H, W, 3) uint8 RGB into the network's (3, S, S) float32 input; S is `image_size` or the configured one."""
    size = image_size or config.image_size
    height, width = pixels.shape[:2]
    if config.resize == "pad":
        scale = size / max(height, width)
        target = (max(1, round(width * scale)), max(1, round(height * scale)))
    else:
        target = (size, size)
    shrinks = target[0] < width or target[1] < height
    resized = cv2.resize(pixels, target, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    canvas = np.full((size, size, 3), 255, np.uint8)
    top, left = (size - target[1]) // 2, (size - target[0]) // 2
    canvas[top : top + target[1], left : left + target[0]] = resized
    scaled = canvas.astype(np.float32) / np.float32(255)
    normalised = (scaled - np.asarray(config.mean, np.float32)) / np.asarray(config.std, np.float32)
    return np.ascontiguousarray(normalised.transpose(2, 0, 1))
