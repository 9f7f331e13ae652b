"""An image network that names what an image shows: the school of MUIsC's vision tower."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from agpis.muisc.configuration_muisc import IGNORED
from agpis.stage1.classifier import ImageClassifier, ImageClassifierConfig, ImageClassifierOutput


class AttributeNetworkConfig(ImageClassifierConfig):
    """The settings of an image classifier, and what it names.

    Attributes:
        attributes: name -> its values; an image has one of them, or an unknown one.
        flaws: what can be wrong with an image; it may have several.
    """

    model_type = "agpis_attribute_network"

    def __init__(
        self, attributes: Mapping[str, Sequence[str]] | None = None, flaws: Sequence[str] = (), **kwargs: Any
    ) -> None:
        """Keep the settings; see `ImageClassifierConfig` for the others."""
        self.attributes = {name: list(values) for name, values in (attributes or {}).items()}
        self.flaws = list(flaws)
        super().__init__(**kwargs)

    @property
    def widths(self) -> list[int]:
        """Logits of every attribute in order; those of the flaws follow."""
        return [len(values) for values in self.attributes.values()]


class AttributeNetwork(ImageClassifier):
    """A timm backbone with one softmax an attribute and one sigmoid a flaw."""

    config: AttributeNetworkConfig
    config_class: type[ImageClassifierConfig] = AttributeNetworkConfig

    def __init__(self, config: AttributeNetworkConfig) -> None:
        """Build the network with timm's random initialisation.

        Raises:
            ModelError: when timm does not know the backbone.
        """
        super().__init__(config)
        self.head = nn.Linear(self.head.in_features, sum(config.widths) + len(config.flaws))

    def forward(self, pixel_values: torch.Tensor, labels: torch.Tensor | None = None) -> ImageClassifierOutput:
        """Name what a batch of preprocessed images shows.

        Args:
            pixel_values: (N, 3, S, S) float, as `to_pixel_values` makes them.
            labels: (N, A + M) of A attributes' value numbers, -100 where not known, and M flaws' 0 or 1.

        Returns:
            The logits of the attributes and then the flaws, (N, sum of widths + M), and with labels the sum of the
            cross-entropies, each the mean over the images where the attribute is known.
        """
        logits = self.head(self.backbone(pixel_values))
        if labels is None:
            return ImageClassifierOutput(logits=logits)
        flaws = len(self.config.flaws)
        parts = logits.split([*self.config.widths, flaws], dim=1)
        loss = logits.new_zeros(())
        for part, wanted in zip(parts[:-1], labels.T, strict=False):
            known = wanted != IGNORED
            if known.any():
                loss = loss + nn.functional.cross_entropy(part[known], wanted[known])
        if flaws:
            wanted = labels[:, len(self.config.widths) :].to(logits.dtype)
            loss = loss + nn.functional.binary_cross_entropy_with_logits(parts[-1], wanted) * flaws
        return ImageClassifierOutput(loss=loss, logits=logits)


def names_attributes(folder: Path) -> bool:
    """Whether a folder holds an attribute network and not a classifier."""
    file = folder / "config.json"
    if not file.is_file():
        return False
    kind: object = json.loads(file.read_text(encoding="utf-8")).get("model_type")
    return kind == AttributeNetworkConfig.model_type
