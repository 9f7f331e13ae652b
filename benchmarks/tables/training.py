"""Train one row and let it score the test split."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

import timm
import torch

from agpis.backbones import feature_grid, published_backbone
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.processing_muisc import MuiscProcessor
from agpis.training.datasets import Located, SequenceDataset
from agpis.training.fit import FitSummary, TrainingConfig
from agpis.training.muisc import train_muisc
from agpis.training.muisc_design import MuiscDesign
from agpis.training.muisc_design import Preset as Parts
from benchmarks.tables.dataset import Reviewed, binary_taxonomy
from benchmarks.tables.presets import Network, Preset
from benchmarks.tables.results import RowResult
from benchmarks.tables.rows import Row


def design(row: Row, preset: Preset, num_images: int) -> MuiscDesign:
    """The switches of a row: the paper's method, so without the comparisons of `muisc-small` that go beyond it."""
    base = preset.parts is Parts.BASE
    return MuiscDesign(
        preset=preset.parts,
        hierarchical=row.hierarchical,
        decoder=row.decoder,
        nlg=row.nlg,
        title=row.title,
        comparison=base,  # of no effect there, and asked for by its check
        title_comparison=base,
        early_fusion=row.early,
        num_images=num_images,
        vision=preset.networks[row.backbone].model if base else None,
        gpt2=preset.gpt2 if row.decoder else None,
    )


def sizes(row: Row, preset: Preset) -> dict[str, Any]:
    """The fields of MuiscConfig that the row's backbone decides.

    D is the width of the tower, as in the paper's ViT: its features reach the head as they are.
    """
    network = preset.networks[row.backbone]
    fields: dict[str, Any] = {
        "image_size": preset.image_size,
        "grid_size": feature_grid(network.model, preset.image_size, **network.kwargs),
        "hidden_size": _width(network),
        "num_attention_heads": network.heads,
    }
    if preset.parts is Parts.SMALL:
        fields |= {"vision_model": network.model, "vision_kwargs": network.kwargs}
    return fields | preset.sizes


def settings(row: Row, preset: Preset, data: Reviewed) -> dict[str, Any]:
    """Everything but the seed that decides a row's result, as JSON values."""
    switches = asdict(row)
    for name in ("key", "label", "paper"):
        switches.pop(name)
    return {
        "row": switches,
        "network": asdict(preset.networks[row.backbone]),
        "parts": preset.parts.value,
        "image_size": preset.image_size,
        "sizes": preset.sizes,
        "training": preset.training,
        "gpt2": preset.gpt2,
        "data": data.fingerprint,
    }


def train_row(row: Row, preset: Preset, data: Reviewed, seed: int, work: Path, **training: Any) -> RowResult:
    """Train a row from its beginning and score the test split with the weights that were best in validation AUC.

    Args:
        row: what to train.
        preset: its sizes.
        data: what to train and score on.
        seed: of initialisation, order and augmentation.
        work: folder for checkpoints; emptied before, removed afterwards.
        training: fields of TrainingConfig to set otherwise than the preset.

    Raises:
        ModelError: when published parts cannot be had.
    """
    start = perf_counter()
    shutil.rmtree(work, ignore_errors=True)
    summary = fit_row(row, preset, data, seed, work, **training)
    model = MuiscModel.from_pretrained(summary.model_dir)
    processor = MuiscProcessor.from_pretrained(summary.model_dir)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    p_qualified = score(model.to(device), processor, data, int(preset.training["batch_size"]))
    shutil.rmtree(work)
    return RowResult(
        key=row.key,
        seed=seed,
        settings=settings(row, preset, data),
        p_qualified=p_qualified,
        num_train=summary.num_train,
        steps=summary.steps,
        val_auc=summary.best_metric,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        samples_per_second=summary.throughput.samples_per_second,
        seconds=perf_counter() - start,
        device=device,
    )


def fit_row(row: Row, preset: Preset, data: Reviewed, seed: int, work: Path, **training: Any) -> FitSummary:
    """Train a row; as `train_row`, which also scores it."""
    fields: dict[str, Any] = {"num_workers": 0, **preset.training, **training}
    fields.setdefault("patience", fields["evaluations"])  # every row gets all of its epochs
    return train_muisc(
        TrainingConfig(data=(data.folder,), out=work, seed=seed, **fields),
        binary_taxonomy(data.taxonomy) if row.binary else data.taxonomy,
        design=design(row, preset, data.num_images),
        best_by="auc",
        **sizes(row, preset),
    )


@torch.inference_mode()
def score(model: MuiscModel, processor: MuiscProcessor, data: Reviewed, batch_size: int) -> tuple[float, ...]:
    """p^t of every test sequence, in order."""
    sequences = SequenceDataset([Located(data.folder, record) for record in data.test], data.taxonomy)
    found: list[float] = []
    for start in range(0, len(sequences), batch_size):
        items: list[Any] = [sequences[index] for index in range(start, min(start + batch_size, len(sequences)))]
        batch = processor([item["title"] for item in items], [item["images"] for item in items])
        output = model(**{name: value.to(model.device) for name, value in batch.items()})
        found += output.mcc_logits.double().softmax(dim=-1)[:, 0].tolist()
    return tuple(found)


def _width(network: Network) -> int:
    kwargs = {**published_backbone(network.model).kwargs, **network.kwargs}
    with torch.device("meta"):
        model: Any = timm.create_model(network.model, pretrained=False, num_classes=0, **kwargs)
    return int(model.num_features)
