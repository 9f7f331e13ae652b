"""Why MUIsC gave a sequence its p^t, or one of its rules its probability: four methods, one result."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import BatchFeature

from agpis.errors import ModelError
from agpis.explain.attention import attend_to_judge
from agpis.explain.attribution import both, integrated_gradients, occlusion, region_effects
from agpis.explain.coordinates import LONGEST_SIDE, image_maps, image_of_pixel, image_totals, normalised
from agpis.explain.explanation import Explanation, Method
from agpis.explain.rollout import roll_out
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.processing_muisc import WHITE, MuiscProcessor
from agpis.types import Pixels


def explain(
    model: MuiscModel,
    processor: MuiscProcessor,
    images: Sequence[Pixels],
    title: str,
    method: Method,
    class_index: int = 0,
    category: str = "",
    *,
    longest_side: int = LONGEST_SIDE,
) -> Explanation:
    """Trace a probability of section 3.4.3 back to places on the images.

    Integrated gradients start from what the tower made of the images, F^i: from pixels their sum is still far from the
    difference of the probabilities after 128 steps, from F^i it has three digits after 64, and it takes a tenth of the
    time. What a token that stands for a whole image carries is spread evenly over the image.

    Args:
        model: in evaluation mode.
        processor: the model's.
        images: the sequence, (H, W, 3) uint8 RGB.
        title: the product's title.
        method: how; the attention methods are the same for every class.
        class_index: of the model's classes; 0 is p^t.
        category: the product's category path; read where the processor puts it before the title.
        longest_side: pixels of the longer side of each map.

    Raises:
        ModelError: when the images do not fit the model, it has no class of that index, or it has no attention to show.
    """
    classes = len(model.config.class_ids)
    if not 0 <= class_index < classes:
        raise ModelError(f"class_index must be 0 to {classes - 1} for this MUIsC, got {class_index}")
    if not 1 <= len(images) <= model.config.num_images:
        raise ModelError(
            f"a sequence of {len(images)} images was given, this model takes 1 to {model.config.num_images}; "
            "explain one of that length"
        )
    if method is Method.CROSS_ATTENTION:
        return attend_to_judge(model, processor, images, title, category, longest_side=longest_side)
    if method is Method.ROLLOUT:
        return roll_out(model, processor, images, title, category, longest_side=longest_side)
    judged = _Judged(model, processor, images, title, category, class_index)
    if method is Method.INTEGRATED_GRADIENTS:
        return judged.integrate_gradients(images, longest_side)
    return judged.occlude(images, longest_side)


class _Judged:
    """One sequence and one class, as functions of the pictures and of their features."""

    def __init__(
        self,
        model: MuiscModel,
        processor: MuiscProcessor,
        images: Sequence[Pixels],
        title: str,
        category: str,
        class_index: int,
    ) -> None:
        batch: BatchFeature = processor([title], [images], categories=[category])
        self.model, self.processor, self.class_index = model, processor, class_index
        self.target = str(model.config.class_ids[class_index])
        self.words = {
            name: batch[name].to(model.device) for name in ("input_ids", "attention_mask", "separator_positions")
        }
        self.pictures: Tensor = batch["pixel_values"][0].to(model.device)  # (P, 3, S, S)
        self.blank = blank_picture(processor).to(model.device).expand_as(self.pictures)
        with torch.no_grad():
            self.features = model.encode_images(self.pictures)  # (P, T, D)

    def of_features(self, features: Tensor) -> Tensor:
        """(N, P, T, D) -> (N,), p of the class."""
        words = {name: values.expand(len(features), *values.shape[1:]) for name, values in self.words.items()}
        logits: Tensor = self.model(image_features=features, **words).mcc_logits
        return logits.double().softmax(dim=-1)[:, self.class_index]

    def of_pictures(self, pictures: Tensor) -> Tensor:
        """(N, P, 3, S, S) -> (N,); what is as it was is not encoded again: a patch changes one picture only."""
        features = self.features.repeat(len(pictures), 1, 1, 1)
        changed = (pictures != self.pictures).flatten(2).any(dim=2)
        if changed.any():
            features[changed] = self.model.encode_images(pictures[changed])
        return self.of_features(features)

    def integrate_gradients(self, images: Sequence[Pixels], longest_side: int) -> Explanation:
        """Values of the tokens, each summed over D."""
        with torch.no_grad():
            blank = self.model.encode_images(self.blank)
        tokens = integrated_gradients(self.of_features, self.features, blank).sum(dim=2)  # (P, T)
        places = tokens[:, 1:] + tokens[:, :1] / (tokens.shape[1] - 1)
        grids = places.reshape(len(tokens), *self.model.config.grid_size)
        probability, of_blank = both(self.of_features, self.features, blank)
        values = image_totals(grids, self.processor, len(images)).tolist()
        residual = probability - of_blank - float(grids.sum())
        return self._explanation(
            Method.INTEGRATED_GRADIENTS, grids, values, probability, of_blank, images, longest_side, residual
        )

    def occlude(self, images: Sequence[Pixels], longest_side: int) -> Explanation:
        """Falls by patch, and by image."""
        grids = occlusion(self.of_pictures, self.pictures, self.blank)
        regions = image_of_pixel(self.processor, len(images)).to(self.pictures.device)
        with torch.no_grad():
            values = region_effects(self.of_pictures, self.pictures, self.blank, regions)[: len(images)]
        probability, of_blank = both(self.of_pictures, self.pictures, self.blank)
        return self._explanation(Method.OCCLUSION, grids, values, probability, of_blank, images, longest_side)

    def _explanation(
        self,
        method: Method,
        grids: Tensor,
        values: Sequence[float],
        probability: float,
        of_blank: float,
        images: Sequence[Pixels],
        longest_side: int,
        residual: float | None = None,
    ) -> Explanation:
        maps, strongest = normalised(image_maps(grids, self.processor, images, longest_side))
        return Explanation(
            method=method,
            target=self.target,
            probability=probability,
            maps=maps,
            strongest=strongest,
            image_values=tuple(values),
            blank_probability=of_blank,
            residual=residual,
        )


def blank_picture(processor: MuiscProcessor) -> Tensor:
    """(1, 3, 1, 1), the white of the padding as the network sees it."""
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (processor.image_mean, processor.image_std))
    return (WHITE / 255 - mean) / std
