"""What an explanation is: one heat map per image, what it is measured in, and how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

HeatMap = npt.NDArray[np.float32]


class Method(StrEnum):
    """How a probability is traced back to the images."""

    CROSS_ATTENTION = "cross_attention"
    ROLLOUT = "rollout"
    INTEGRATED_GRADIENTS = "integrated_gradients"
    OCCLUSION = "occlusion"

    @property
    def is_signed(self) -> bool:
        """Whether a place can speak for or against; attention only tells how much was looked at it."""
        return self in (Method.INTEGRATED_GRADIENTS, Method.OCCLUSION)


@dataclass(frozen=True, slots=True, eq=False)
class WordAttention:
    """The cross-attention behind one word of the feedback (section 3.4.2).

    Attributes:
        word: the word as written.
        maps: one per image in the order of the sequence, (H, W) float32 in [0, 1]. A map covers its whole image and
            has its aspect; the largest value over all images of the word is 1.
    """

    word: str
    maps: tuple[HeatMap, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Which places of a sequence a probability comes from (section 3.4.3).

    The attention methods say where the model looked, whatever the class: `target` is empty. The attribution methods say
    what a place did to the probability of `target`, in probability: a value of 0.1 made it larger by 0.1.

    Attributes:
        method: how it was found.
        target: class id of the taxonomy, or an empty string for the attention methods.
        probability: p of `target`; p^t for the attention methods. In [0, 1].
        maps: one per image in the order of the sequence, (H, W) float32, in [0, 1] for attention and in [-1, 1] for
            attribution. A map covers its whole image and has its aspect; the largest absolute value over all images is
            1, or 0 where nothing was found.
        strongest: what 1 on a map stands for, at least 0: the share of attention of one grid place, the part of the
            probability that one grid place carries, or the change of the probability by one blank patch.
        image_values: one per image. Attention: its share, in [0, 1]. Occlusion: what the probability loses when the
            whole image is blank. Integrated gradients: the sum over the image.
        title_share: rollout only: the share that went to the words of the title; it and `image_values` sum to 1.
        blank_probability: attribution only: p of `target` when every image is blank (white).
        residual: integrated gradients only: `probability` - `blank_probability` - the sum of `image_values`, which
            would be 0 with infinitely many steps (completeness).
    """

    method: Method
    target: str
    probability: float
    maps: tuple[HeatMap, ...]
    strongest: float
    image_values: tuple[float, ...]
    title_share: float | None = None
    blank_probability: float | None = None
    residual: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ExplainedImage:
    """Which places of one image a classifier's probability comes from (section 3.3.1), by occlusion.

    Attributes:
        probability: of label 1, in [0, 1].
        blank_probability: of a white image.
        map: (H, W) float32 in [-1, 1]; covers the whole image; positive where a place makes the probability larger.
        strongest: what 1 on the map stands for: the change of the probability by one blank patch.
    """

    probability: float
    blank_probability: float
    map: HeatMap
    strongest: float
