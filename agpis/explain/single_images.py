"""Why a single-image classifier gave an image its probability, p^nc most of all (section 3.3.1)."""

from __future__ import annotations

import torch
from torch import Tensor

from agpis.explain.attribution import both, occlusion
from agpis.explain.coordinates import LONGEST_SIDE, normalised, unfitted
from agpis.explain.explanation import ExplainedImage
from agpis.muisc.processing_muisc import Resize
from agpis.stage1.classifier import ImageClassifier, to_pixel_values
from agpis.types import Image


def explain_image(classifier: ImageClassifier, image: Image, *, longest_side: int = LONGEST_SIDE) -> ExplainedImage:
    """Trace the calibrated probability of one image back to its places, by occlusion.

    Args:
        classifier: p^primary or p^nc, in evaluation mode.
        image: decoded.
        longest_side: pixels of the longer side of the map.
    """
    config = classifier.config
    pictures = torch.from_numpy(to_pixel_values(image.pixels, config))[None].to(classifier.device)
    mean, std = (
        torch.tensor(values, device=classifier.device).view(1, 3, 1, 1) for values in (config.mean, config.std)
    )
    blank = ((1 - mean) / std).expand_as(pictures)

    def probability(given: Tensor) -> Tensor:
        logits = classifier(given.flatten(0, 1)).logits.double()
        return torch.sigmoid(logits * config.calibration_scale + config.calibration_bias)

    fall = occlusion(probability, pictures, blank)
    resize: Resize = "pad" if config.resize == "pad" else "squash"
    (heat,), strongest = normalised([unfitted(fall[0], image.height, image.width, resize, longest_side)])
    return ExplainedImage(*both(probability, pictures, blank), heat, strongest)
