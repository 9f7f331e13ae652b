"""What a part of a network's input did to a probability: integrated gradients and occlusion, as captum computes them.

Both compare with a blank: white pictures, as the padding is white too and so has no part in anything. Integrated
gradients are of arXiv:1703.01365, occlusion of arXiv:1311.2901.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from captum.attr import FeatureAblation, IntegratedGradients, Occlusion
from torch import Tensor

Probability = Callable[[Tensor], Tensor]
"""(N, ...) inputs -> (N,) probabilities."""

STEPS = 64
"""Points on the way from the blank to the input at which gradients are taken."""
PATCHES = 8
"""A patch is a quarter of the square's side, and moves by an eighth of it."""
BATCH_SIZE = 8


def integrated_gradients(function: Probability, given: Tensor, blank: Tensor, steps: int = STEPS) -> Tensor:
    """Gradients along the straight way from the blank, times the way.

    Args:
        function: differentiable.
        given: one input, of any shape.
        blank: of the same shape.
        steps: points of the Gauss-Legendre rule.

    Returns:
        Of the shape of the input, signed. The sum is function(given) - function(blank), the more closely the more steps
        are taken.
    """
    found = IntegratedGradients(function).attribute(
        given[None], blank[None], n_steps=steps, internal_batch_size=BATCH_SIZE
    )
    values: Tensor = found[0].detach()
    return values


@torch.no_grad()
def occlusion(function: Probability, pictures: Tensor, blank: Tensor, patches: int = PATCHES) -> Tensor:
    """How far the probability falls when a patch of one picture is blank; patches overlap by half.

    Args:
        function: need not be differentiable.
        pictures: (P, C, S, S), S at least `patches`.
        blank: of the same shape.
        patches: steps across the square; a patch is two steps wide.

    Returns:
        (P, S, S), signed: the mean over the patches that cover the place.
    """
    step = max(1, pictures.shape[-1] // patches)
    channels = pictures.shape[1]
    fall = Occlusion(function).attribute(
        pictures[None],
        sliding_window_shapes=(1, channels, 2 * step, 2 * step),
        strides=(1, channels, step, step),
        baselines=blank[None],
        perturbations_per_eval=BATCH_SIZE,
    )
    by_place: Tensor = fall[0, :, 0]  # every channel of a place has the same value
    return by_place


@torch.no_grad()
def region_effects(function: Probability, pictures: Tensor, blank: Tensor, regions: Tensor) -> list[float]:
    """How far the probability falls when a whole region is blank.

    Args:
        function: need not be differentiable.
        pictures: (P, C, S, S).
        blank: of the same shape.
        regions: (P, S, S) int64; the number of the region of every pixel, from 0 without a gap.

    Returns:
        One number per region.
    """
    mask = regions[None, :, None].expand(1, *pictures.shape)
    fall = FeatureAblation(function).attribute(
        pictures[None], baselines=blank[None], feature_mask=mask, perturbations_per_eval=BATCH_SIZE
    )
    by_place = fall[0, :, 0]
    return [float(by_place[regions == index][0]) for index in range(int(regions.max()) + 1)]


@torch.no_grad()
def both(function: Probability, given: Tensor, blank: Tensor) -> tuple[float, float]:
    """The probability of the input and that of the blank."""
    probability, of_blank = function(torch.stack((given, blank))).tolist()
    return probability, of_blank
