"""Damage done to the light of a picture, by kornia: blur, noise, exposure, colour, compression.

Nothing here is random: the caller draws every parameter, so the same arguments give the same bytes. All functions take
and return (H, W, 3) uint8 RGB, leave their input as it is, and keep its shape. Lengths are in pixels.

Importing this module loads torch and kornia, hence it is imported where a picture is about to be damaged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from agpis.errors import MissingExtraError
from agpis.types import Pixels

try:
    from kornia.enhance import adjust_brightness, adjust_contrast, adjust_gamma, jpeg_codec_differentiable
    from kornia.filters import fft_conv, filter2d, gaussian_blur2d, get_motion_kernel2d
    from kornia.geometry.transform import resize
except ModuleNotFoundError as error:
    raise MissingExtraError("kornia", "simulation") from error

_EDGE = "replicate"
# Sides of a kernel from which the Fourier transform is quicker than sliding the kernel.
_LARGE_KERNEL = 13


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums in one order: more threads split them in other places, and a rounded value may come out differently."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _damaged(pixels: Pixels, work: Callable[[Tensor], Tensor]) -> Pixels:
    """`work` on the picture as (1, 3, H, W) float32 in [0, 1]."""
    with torch.inference_mode(), _one_thread():
        values = torch.tensor(pixels, dtype=torch.float32).permute(2, 0, 1)[None] / 255.0
        levels = (work(values).clamp(0.0, 1.0) * 255.0).round().to(torch.uint8)
        return np.ascontiguousarray(levels[0].permute(1, 2, 0).numpy())


def _filtered(image: Tensor, kernel: Tensor) -> Tensor:
    """The picture under a kernel (k, k) that is scaled to a sum of 1."""
    convolve = fft_conv if kernel.shape[-1] >= _LARGE_KERNEL else filter2d
    return convolve(image, kernel[None], _EDGE, normalized=True)


def _smoothed(image: Tensor, sigma: float) -> Tensor:
    return gaussian_blur2d(image, 2 * max(1, round(3 * sigma)) + 1, (sigma, sigma), _EDGE)


def smooth(pixels: Pixels, sigma: float) -> Pixels:
    """Blur by a Gaussian of standard deviation `sigma` > 0."""
    return _damaged(pixels, lambda image: _smoothed(image, sigma))


def defocus(pixels: Pixels, radius: float) -> Pixels:
    """Spread every point to an even disc of `radius` > 0, as a lens out of focus does."""
    reach = int(np.ceil(radius))
    steps = torch.arange(-reach, reach + 1, dtype=torch.float32)
    distance = (steps[:, None] ** 2 + steps**2).sqrt()
    disc = (radius + 0.5 - distance).clamp(0.0, 1.0)  # soft at the rim, so that any radius has its own disc
    return _damaged(pixels, lambda image: _filtered(image, disc))


def shake(pixels: Pixels, length: int, angle: float) -> Pixels:
    """Drag every point along a line.

    Args:
        pixels: the picture.
        length: of the line, at least 3; an even one is made longer by 1.
        angle: degrees anticlockwise from a horizontal line.
    """
    kernel = get_motion_kernel2d(length + 1 - length % 2, angle, 0.0, "bilinear")[0]
    return _damaged(pixels, lambda image: _filtered(image, kernel))


def coarsen(pixels: Pixels, columns: int, *, blocks: bool) -> Pixels:
    """Keep the detail of a picture `columns` wide.

    Args:
        pixels: the picture.
        columns: width of the small picture, at least 1.
        blocks: enlarge it to squares of one tone; otherwise smoothly.
    """
    height, width = pixels.shape[:2]
    small = max(1, round(columns * height / width)), columns

    def work(image: Tensor) -> Tensor:
        return resize(resize(image, small, "area"), (height, width), "nearest" if blocks else "bicubic")

    return _damaged(pixels, work)


def compress(pixels: Pixels, quality: float) -> Pixels:
    """Press the picture into a JPEG of `quality` in (0, 100]."""
    return _damaged(pixels, lambda image: jpeg_codec_differentiable(image, torch.tensor([quality])))


def enlarge_thumbnail(pixels: Pixels, columns: int, quality: float, sharpening: float) -> Pixels:
    """Shrink, press into a JPEG, enlarge and sharpen: blocks, and bright seams along all edges.

    Args:
        pixels: the picture.
        columns: width of the thumbnail, at least 8.
        quality: of its JPEG, in (0, 100].
        sharpening: how much of the detail is added once more; 0 adds none.
    """
    height, width = pixels.shape[:2]

    def work(image: Tensor) -> Tensor:
        small = resize(image, (max(8, round(columns * height / width)), columns), "area")
        large = resize(jpeg_codec_differentiable(small, torch.tensor([quality])), (height, width), "bicubic")
        return large + sharpening * (large - _smoothed(large, 0.7 * width / columns))

    return _damaged(pixels, work)


def darken(pixels: Pixels, gain: float, gamma: float) -> Pixels:
    """Every level v in [0, 1] becomes gain * v ** gamma."""
    return _damaged(pixels, lambda image: adjust_gamma(image, gamma, gain))


def veil(pixels: Pixels, contrast: float, level: float) -> Pixels:
    """Pull every level towards one grey: v in [0, 1] becomes level + contrast * (v - level).

    Args:
        pixels: the picture.
        contrast: share of the contrast that is left, in [0, 1].
        level: the grey in [0, 1]; 1 washes out.
    """
    return _damaged(pixels, lambda image: adjust_brightness(adjust_contrast(image, contrast), (1.0 - contrast) * level))


def tint(pixels: Pixels, gains: tuple[float, float, float]) -> Pixels:
    """Multiply red, green and blue by a gain each, at least 0."""
    return _damaged(pixels, lambda image: adjust_contrast(image, torch.tensor(gains)[None, :, None, None]))


def add_noise(pixels: Pixels, noise: npt.NDArray[np.float32]) -> Pixels:
    """Add noise.

    Args:
        pixels: the picture.
        noise: (h, w, 3) in levels of [0, 1], drawn by the caller; fewer rows and columns than the picture's make
            coarser grain.
    """

    def work(image: Tensor) -> Tensor:
        grain = torch.tensor(noise).permute(2, 0, 1)[None]
        return adjust_brightness(image, resize(grain, pixels.shape[:2], "bicubic"))

    return _damaged(pixels, work)
