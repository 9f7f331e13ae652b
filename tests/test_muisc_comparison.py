"""Comparison of images: matches that can be worked out by hand, and what must not change them."""

from __future__ import annotations

import math

import pytest
import torch

from agpis.muisc.comparison import ImageComparison

torch.set_num_threads(1)
D = 8
BEST, SAME, MIRRORED = range(3)


def tokens(*rows: int) -> torch.Tensor:
    """One-hot tokens (T, D), the first being the global one."""
    return torch.eye(D)[list(rows)]


def cosines(*images: torch.Tensor, num_images: int = 3) -> torch.Tensor:
    """(K, T, num_images, 3), the plain cosines of a grid of one row."""
    comparison = ImageComparison(D, num_images, (1, len(images[0]) - 1))
    stack = torch.stack(images)[None]
    mask = torch.ones(stack.shape[:2], dtype=torch.bool)
    return comparison.matches(stack, mask)[0].view(len(images), -1, num_images, 9)[..., :3]


def test_a_copy_matches_everywhere_and_an_image_is_not_compared_with_itself() -> None:
    found = cosines(tokens(0, 1, 2), tokens(0, 1, 2))
    assert found[0, :, 1, BEST].tolist() == [1, 1, 1]
    assert found[0, :, 1, SAME].tolist() == [1, 1, 1]
    assert found[0, :, 1, MIRRORED].tolist() == [1, 0, 0]
    assert not found[0, :, 0].any()
    assert not found[0, :, 2].any()


def test_a_mirrored_copy_matches_at_mirrored_places() -> None:
    found = cosines(tokens(0, 1, 2, 3), tokens(0, 3, 2, 1))
    assert found[0, 1:, 1, SAME].tolist() == [0, 1, 0]
    assert found[0, 1:, 1, MIRRORED].tolist() == [1, 1, 1]


def test_a_part_matches_somewhere() -> None:
    found = cosines(tokens(0, 1, 2, 3), tokens(4, 3, 3, 3))
    assert found[0, :, 1, BEST].tolist() == [0, 0, 0, 1]
    assert found[1, :, 0, BEST].tolist() == [0, 1, 1, 1]


def test_matches_are_also_sharpened() -> None:
    comparison = ImageComparison(D, 2, (1, 1))
    half = torch.tensor([[1.0, 0, 0, 0, 0, 0, 0, 0], [1, math.sqrt(3), 0, 0, 0, 0, 0, 0]])  # cosine 1/2 to each other
    stack = torch.stack((half[[0, 0]], half[[1, 1]]))[None]
    found = comparison.matches(stack, torch.ones(1, 2, dtype=torch.bool))[0, 0, 0].view(2, 3, 3)[1]
    assert found[0].tolist() == pytest.approx([0.5] * 3)
    assert found[1].tolist() == pytest.approx([math.exp(-5)] * 3)
    assert found[2].tolist() == pytest.approx([math.exp(-25)] * 3)


def test_filled_up_places_change_nothing() -> None:
    torch.manual_seed(0)
    comparison = ImageComparison(D, 4, (2, 2))
    images = torch.randn(1, 2, 5, D)
    alone = comparison(images, torch.ones(1, 2, dtype=torch.bool))
    filled = torch.cat((images, torch.randn(1, 2, 5, D)), dim=1)
    among = comparison(filled, torch.tensor([[True, True, False, False]]))
    assert torch.allclose(alone, among[:, :2], atol=1e-6)


def test_size_of_the_features_does_not_matter() -> None:
    torch.manual_seed(0)
    comparison = ImageComparison(D, 2, (1, 2))
    images, mask = torch.randn(1, 2, 3, D), torch.ones(1, 2, dtype=torch.bool)
    assert torch.allclose(comparison.matches(images, mask), comparison.matches(7 * images, mask), atol=1e-6)
