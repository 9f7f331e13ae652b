"""How an item stands in its photo: whether a plain backdrop runs around it, and what that says about p^primary.

A network that never saw a kind of goods may be sure of nonsense; a plain border is a sign it cannot overlook. So the
network's logit is held between two limits and weighed against the border by a logistic regression.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import isfinite

import cv2
import numpy as np
import numpy.typing as npt

from agpis.errors import ModelError
from agpis.stage1.picture import to_lab
from agpis.types import Pixels

_WORKING_SIDE = 160  # pixels of the longer side at which the border is looked at
_BORDER = 4  # pixels wide, at that size
_ALIKE = 15.0  # CIELAB distance from the border's middle colour that still counts as plain
_LIGHT, _EVEN, _MOST = 80.0, 7.0, 0.78

Colours = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Framing:
    """What is measured on the border of a photo.

    Attributes:
        plain_border: share in [0, 1] of the border that has the border's middle colour or one near it.
        even_border: 1 where the border is light and much the same all around, as in a studio; else 0.
    """

    plain_border: float
    even_border: float


@dataclass(frozen=True, slots=True)
class FramingWeights:
    """How much the border counts beside the network's logit.

    Attributes:
        limit: the network's calibrated logit is held within this of 0; larger than 0.
        logit: weight of what is left of it; at least 0.
        plain_border: weight of `Framing.plain_border`.
        even_border: weight of `Framing.even_border`.
        bias: added to the sum.
    """

    limit: float
    logit: float
    plain_border: float
    even_border: float
    bias: float

    def __post_init__(self) -> None:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        odd = [f"{name} {value}" for name, value in values.items() if not isfinite(value)]
        if odd or self.limit <= 0 or self.logit < 0:
            raise ModelError(f"framing weights must be finite, limit above 0 and logit at least 0; got {values}")

    def apply(self, logits: npt.NDArray[np.float64], framings: Sequence[Framing]) -> npt.NDArray[np.float64]:
        """The network's logits, each weighed against the border of its image: (N,) both."""
        plain = np.array([framing.plain_border for framing in framings], dtype=np.float64)
        even = np.array([framing.even_border for framing in framings], dtype=np.float64)
        held = np.clip(logits, -self.limit, self.limit)
        return held * self.logit + plain * self.plain_border + even * self.even_border + self.bias


def measure_framing(pixels: Pixels) -> Framing:
    """Look at the border of a photo.

    Args:
        pixels: (H, W, 3) uint8 RGB.
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, _WORKING_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = pixels if scale == 1.0 else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    lab = to_lab(np.asarray(small, dtype=np.uint8))
    border = border_of(lab, _BORDER)
    distance = np.linalg.norm(border - np.median(border, axis=0), axis=1)
    even = even_border(lab) is not None
    return Framing(plain_border=float((distance < _ALIKE).mean()), even_border=float(even))


def even_border(lab: Colours) -> Colours | None:
    """The border's middle colour in CIELAB when it is light and much the same, but for where a product touches it.

    Args:
        lab: (H, W, 3) CIELAB, as `picture.to_lab` gives it.
    """
    border = border_of(lab, 3)
    middle = np.asarray(np.median(border, axis=0), dtype=np.float32)
    spread = float(np.quantile(np.linalg.norm(border - middle, axis=1), _MOST))
    return middle if middle[0] > _LIGHT and spread < _EVEN else None


def border_of(lab: Colours, width: int) -> Colours:
    """The outermost `width` rows and columns, corners twice: (N, 3)."""
    sides = (lab[:width], lab[-width:], lab[:, :width], lab[:, -width:])
    return np.concatenate([side.reshape(-1, 3) for side in sides])
