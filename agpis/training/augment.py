"""Augmentations that never change a label: what happens to a photo on its way through a shop."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torchvision.transforms import v2

WHITE = 255


def noncompliance_augmentation() -> v2.Compose:
    """For single (3, H, W) uint8 images of p^nc: mirroring, scale, light and JPEG loss that a reviewer ignores."""
    return v2.Compose(
        [
            v2.RandomHorizontalFlip(0.5),
            v2.RandomAffine(degrees=2, translate=(0.02, 0.02), scale=(0.85, 1.0), fill=WHITE),
            v2.ColorJitter(brightness=0.1, contrast=0.1, saturation=0.15),
            v2.RandomApply([v2.Lambda(_jpeg_loss)], 0.4),
        ]
    )


def primary_augmentation() -> v2.Compose:
    """For single images of p^primary: more of everything, since light, hue and sharpness make no image less primary.

    What is learned from rendered products then depends less on how they look and more on what is shown.
    """
    return v2.Compose(
        [
            v2.RandomHorizontalFlip(0.5),
            v2.RandomAffine(degrees=4, translate=(0.04, 0.04), scale=(0.75, 1.0), fill=WHITE),
            v2.ColorJitter(brightness=0.3, contrast=0.3, saturation=0.5, hue=0.1),
            v2.RandomGrayscale(0.1),
            v2.RandomApply([v2.GaussianBlur(5, (0.3, 1.6))], 0.25),
            v2.RandomApply([v2.Lambda(_jpeg_loss)], 0.4),
        ]
    )


def sequence_augmentation() -> v2.Compose:
    """For images of a sequence: no mirroring and no hue, since copies, places and colours are labels there."""
    return v2.Compose(
        [
            v2.RandomAffine(degrees=0, translate=(0.02, 0.02), scale=(0.92, 1.0), fill=WHITE),
            v2.ColorJitter(brightness=0.05, contrast=0.05),
        ]
    )


def _jpeg_loss(image: torch.Tensor) -> torch.Tensor:
    # torchvision's own JPEG transform is deprecated.
    quality = int(torch.randint(55, 96, ()).item())
    rows = np.ascontiguousarray(image.permute(1, 2, 0).numpy())
    _, data = cv2.imencode(".jpg", rows, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return torch.from_numpy(decoded).permute(2, 0, 1)
