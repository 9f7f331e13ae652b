"""How much of every image is found again in the others.

Evidence for image-pair rules that attention alone learns only slowly; beyond the paper, `compare_images` of the
configuration.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

# A cosine of .9 says "alike" of some towers and "different" of others: each is also seen through exp(k (c - 1)).
_SHARPNESS = (10.0, 50.0)
_PLACES = 3


class ImageComparison(nn.Module):
    """Tells every token how well the other images of its sequence match it.

    For token t of image i and every other image j, three cosines: the best one over all tokens of j, the one at the
    same place, and the one at the place mirrored left to right. A small network turns them into what is added to the
    token. Absent images match nothing.
    """

    def __init__(self, hidden_size: int, num_images: int, grid_size: Sequence[int]) -> None:
        """Set up for sequences of at most `num_images` images with a grid of `grid_size` rows and columns."""
        super().__init__()
        self.num_images = num_images
        inputs = num_images * _PLACES * (1 + len(_SHARPNESS))
        self.network = nn.Sequential(nn.Linear(inputs, hidden_size), nn.GELU(), nn.Linear(hidden_size, hidden_size))
        self.grid_size = tuple(grid_size)

    def forward(self, image_features: Tensor, image_mask: Tensor) -> Tensor:
        """(B, K, T, D), (B, K) bool -> (B, K, T, D)."""
        inputs: Tensor = self.network(self.matches(image_features, image_mask))
        return inputs

    def matches(self, image_features: Tensor, image_mask: Tensor) -> Tensor:
        """The cosines, each also sharpened: (B, K, T, num_images * 9), in [-1, 1]; zeros for an image and itself."""
        # In bfloat16 a cosine near 1 has two digits, and the sharpened ones would have none.
        unit = functional.normalize(image_features.float(), dim=-1)
        best = torch.einsum("bitd,bjsd->bijts", unit, unit).amax(dim=-1)
        same = torch.einsum("bitd,bjtd->bijt", unit, unit)
        mirrored = torch.einsum("bitd,bjtd->bijt", unit, self._mirrored(unit))
        cosines = torch.stack((best, same, mirrored), dim=-1)  # (B, K, K, T, 3)
        seen = torch.cat((cosines, *(torch.exp(k * (cosines - 1)) for k in _SHARPNESS)), dim=-1)
        count = image_mask.shape[1]
        others = ~torch.eye(count, dtype=torch.bool, device=image_mask.device)
        counted = image_mask[:, :, None] & image_mask[:, None] & others
        seen = seen.masked_fill(~counted[..., None, None], 0)
        # A shorter sequence leaves the places of the images it does not have empty.
        seen = functional.pad(seen.permute(0, 1, 3, 2, 4), (0, 0, 0, self.num_images - count))
        return seen.flatten(3).to(image_features.dtype)

    def _mirrored(self, tokens: Tensor) -> Tensor:
        rows, columns = self.grid_size
        grid = tokens[:, :, 1:].reshape(*tokens.shape[:2], rows, columns, -1).flip(3).flatten(2, 3)
        return torch.cat((tokens[:, :, :1], grid), dim=2)
