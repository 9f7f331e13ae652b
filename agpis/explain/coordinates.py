"""From the squares that a network sees back to the images they were made of."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from agpis.explain.explanation import HeatMap
from agpis.muisc.processing_muisc import MuiscProcessor, Resize, fitted_box
from agpis.types import Pixels

LONGEST_SIDE = 224
_ROUNDING = 1e-7  # what batches of another size differ by is nothing that was found


def image_maps(
    grids: Tensor, processor: MuiscProcessor, images: Sequence[Pixels], longest_side: int = LONGEST_SIDE
) -> tuple[Tensor, ...]:
    """What was found on the pictures of a sequence, laid over its images; padding undone.

    Args:
        grids: (P, rows, columns) over the squares that the tower sees: one per image, or P = 1 with early fusion.
        processor: made the squares.
        images: the K images of the sequence, (H, W, 3) each.
        longest_side: pixels of the longer side of each map.

    Returns:
        K maps (H, W) with the aspect of their images, values as in `grids` (interpolated).
    """
    size, tiles = processor.image_size, processor.early_fusion_tiles or 1
    # The picture of early fusion is a strip of squares that was squeezed into one.
    strips = functional.interpolate(
        grids[:, None].float(), size=(size, size * tiles), mode="bilinear", align_corners=False
    )[:, 0]
    squares = strips.reshape(-1, size, tiles, size).transpose(1, 2).flatten(0, 1)[: len(images)]
    return tuple(
        unfitted(square, image.shape[0], image.shape[1], processor.resize, longest_side)
        for square, image in zip(squares, images, strict=True)
    )


def unfitted(square: Tensor, height: int, width: int, resize: Resize, longest_side: int = LONGEST_SIDE) -> Tensor:
    """The part of a (S, S) square that an image of `height` x `width` pixels fills, in the image's aspect."""
    box = fitted_box(height, width, square.shape[0], resize)
    part = square[box.y : box.y + box.h, box.x : box.x + box.w]
    scale = longest_side / max(height, width)
    shape = (max(1, round(height * scale)), max(1, round(width * scale)))
    return functional.interpolate(part[None, None].float(), size=shape, mode="bilinear", align_corners=False)[0, 0]


def image_of_pixel(processor: MuiscProcessor, count: int) -> Tensor:
    """Which image every pixel of the pictures belongs to.

    Args:
        processor: makes the pictures.
        count: K, images in the sequence.

    Returns:
        (P, S, S) int64 in 0 to K - 1; P is K, or 1 with early fusion, where the places of absent images have K.
    """
    size, tiles = processor.image_size, processor.early_fusion_tiles
    if not tiles:
        return torch.arange(count)[:, None, None].expand(count, size, size)
    columns = (torch.arange(size) * tiles // size).clamp(max=count)
    return columns.expand(1, size, size)


def image_totals(grids: Tensor, processor: MuiscProcessor, count: int) -> Tensor:
    """The sum of what was found over each image.

    Args:
        grids: (P, rows, columns) as for `image_maps`.
        processor: made the pictures.
        count: K, images in the sequence.

    Returns:
        (K,). With early fusion the columns of the one picture are divided evenly between its places.
    """
    tiles = processor.early_fusion_tiles
    if not tiles:
        return grids.sum(dim=(1, 2))
    columns = grids[0].sum(dim=0)
    return (columns.repeat_interleave(tiles) / tiles).reshape(tiles, len(columns)).sum(dim=1)[:count]


def normalised(maps: Sequence[Tensor]) -> tuple[tuple[HeatMap, ...], float]:
    """Maps whose largest absolute value over all of them is 1, and what that value was; zeros stay zeros."""
    strongest = max(float(part.abs().max()) for part in maps)
    if strongest < _ROUNDING:
        strongest, maps = 0.0, [torch.zeros_like(part) for part in maps]
    divisor = max(strongest, _ROUNDING)
    return tuple((part / divisor).clamp(-1, 1).cpu().numpy() for part in maps), strongest
