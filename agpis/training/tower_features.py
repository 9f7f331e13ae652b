"""What a vision tower that does not learn makes of every image: computed once, read many times during training."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2
from transformers.utils.logging import tqdm

from agpis.data.reviews import ReviewRecord
from agpis.images import read_image
from agpis.muisc.layers_muisc import VisionTower
from agpis.muisc.processing_muisc import MuiscProcessor
from agpis.rules import RuleTaxonomy
from agpis.training.datasets import Located, augmented

_logger = logging.getLogger(__name__)
_BATCH = 32
_TABLE, _STATE = "features.npy", "features.json"


class TowerFeatures:
    """Tower features of images on disk, (versions, images, T, width) float16; version 0 is the image as it is."""

    def __init__(self, table: npt.NDArray[np.float16], files: Sequence[Path]) -> None:
        """Use a table that is complete."""
        self._table = table
        self._row = {file: row for row, file in enumerate(files)}

    @property
    def versions(self) -> int:
        """How many versions of every image there are."""
        return len(self._table)

    def of(self, files: Sequence[Path], versions: Sequence[int]) -> npt.NDArray[np.float16]:
        """(K, T, width), one version of each of K files."""
        return np.stack([self._table[version, self._row[file]] for file, version in zip(files, versions, strict=True)])

    @classmethod
    def compute(
        cls,
        tower: VisionTower,
        processor: MuiscProcessor,
        files: Sequence[Path],
        folder: Path,
        augmentation: v2.Compose,
        versions: int = 2,
        num_workers: int = 0,
    ) -> TowerFeatures:
        """Encode every file, or take over what lies in `folder` when it was made by the same weights of the same files.

        Args:
            tower: in any mode; used in evaluation mode.
            processor: prepares the pixels.
            files: images, each once.
            folder: of the table.
            augmentation: makes the versions after the first.
            versions: at least 1.
            num_workers: processes that read images.
        """
        fingerprint = _fingerprint(tower, files, versions)
        state = {"fingerprint": fingerprint, "files": [str(file) for file in files]}
        # Other files or weights get another place: what took long to compute is never overwritten.
        folder = folder / fingerprint[:12]
        known = folder / _STATE
        if known.is_file() and json.loads(known.read_text(encoding="utf-8")) == state:
            _logger.info("taking over the tower's features in %s", folder)
            return cls(np.load(folder / _TABLE, mmap_mode="r"), files)
        folder.mkdir(parents=True, exist_ok=True)
        table = np.lib.format.open_memmap(
            folder / _TABLE,
            mode="w+",
            dtype=np.float16,
            shape=(versions, len(files), tower.tokens_per_image, tower.width),
        )
        tower.to(memory_format=torch.channels_last)  # convolutions on CPU are nearly twice as fast so
        loader = DataLoader(
            _Versions(files, processor, augmentation, versions), batch_size=_BATCH, num_workers=num_workers
        )
        done = 0
        for pixels in tqdm(loader, desc="Encoding images"):
            count = len(pixels)
            table[:, done : done + count] = (
                _encode(tower, pixels.flatten(0, 1)).reshape(count, versions, *table.shape[2:]).swapaxes(0, 1)
            )
            done += count
        table.flush()
        known.write_text(json.dumps(state), encoding="utf-8")
        return cls(table, files)


class _Versions(Dataset[torch.Tensor]):
    """Items: (V, 3, S, S), an image as it is and V - 1 times changed."""

    def __init__(
        self, files: Sequence[Path], processor: MuiscProcessor, augmentation: v2.Compose, versions: int
    ) -> None:
        self.files = list(files)
        self.processor = processor
        self.augmentation = augmentation
        self.versions = versions

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> torch.Tensor:
        pixels = read_image(self.files[index]).pixels
        changed = [augmented(pixels, self.augmentation if version else None) for version in range(self.versions)]
        return self.processor.pixels(changed)


class FeatureDataset(Dataset[dict[str, object]]):
    """Reviewed sequences by their images' tower features.

    Items: `features` (K, T, width) float16, `title`, `category`, `feedback`, `label` (class index).
    """

    def __init__(
        self,
        reviews: Sequence[Located[ReviewRecord]],
        taxonomy: RuleTaxonomy,
        features: TowerFeatures,
        *,
        vary: bool,
    ) -> None:
        """Keep what is needed; with `vary` every image comes in a random one of its versions, else as it is."""
        self.reviews = list(reviews)
        self.taxonomy = taxonomy
        self.features = features
        self.vary = vary

    def __len__(self) -> int:
        return len(self.reviews)

    def __getitem__(self, index: int) -> dict[str, object]:
        folder, record = self.reviews[index].folder, self.reviews[index].row
        count = len(record.images)
        # torch's generator, which the Trainer seeds.
        drawn = torch.randint(self.features.versions, (count,)).tolist() if self.vary else [0] * count
        return {
            "features": self.features.of([folder / file for file in record.images], drawn),
            "title": record.title,
            "category": record.category,
            "feedback": record.feedback,
            "label": self.taxonomy.index(record.rule_id),
        }


def collate_features(
    processor: MuiscProcessor, items: list[dict[str, Any]], *, with_feedback: bool = True
) -> dict[str, torch.Tensor]:
    """Items of `FeatureDataset` -> what `MuiscModel.forward` takes; a model without NLG needs no feedback."""
    counts = torch.tensor([len(item["features"]) for item in items])
    mask = torch.arange(int(counts.max())) < counts[:, None]
    first = items[0]["features"]
    features = torch.zeros(*mask.shape, *first.shape[1:])
    features[mask] = torch.from_numpy(np.concatenate([item["features"] for item in items])).float()
    text = processor.text(
        [item["title"] for item in items],
        [item["feedback"] for item in items] if with_feedback else None,
        [item.get("category", "") for item in items],
    )
    labels = torch.tensor([item["label"] for item in items])
    return {**text, "tower_features": features, "image_mask": mask, "labels": labels}


@torch.inference_mode()
def _encode(tower: VisionTower, pixel_values: torch.Tensor) -> npt.NDArray[np.float16]:
    device = next(tower.parameters()).device
    was_training = tower.training
    tower.train(False)
    placed = pixel_values.to(device, memory_format=torch.channels_last)
    encoded = tower(placed).half().cpu().numpy()
    tower.train(was_training)
    return np.asarray(encoded)


def _fingerprint(tower: VisionTower, files: Sequence[Path], versions: int) -> str:
    digest = hashlib.sha256(str(versions).encode())
    for name, value in tower.state_dict().items():
        digest.update(name.encode())
        digest.update(value.detach().cpu().numpy().tobytes())
    for file in files:
        digest.update(f"{file} {file.stat().st_size}".encode())
    return digest.hexdigest()
