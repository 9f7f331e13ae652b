"""What a person wants to know of a pipeline folder, read from its files: no network is loaded for it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, fields
from math import prod
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from agpis.errors import ModelError
from agpis.model_files import stored_criteria, stored_settings, stored_settings_names
from agpis.types import PipelineSettings

NETWORKS = ("primary", "noncompliance", "muisc")
_CARD = "README.md"
_HASH_DIGITS = 12
_COUNTER = "I64"  # batches that normalisation has seen: no weights
# Of MUIsC's configuration: what shapes it, and how it was trained.
_FACTS = (
    *("backbone", "vision_model", "image_size", "resize", "calibration_scale", "calibration_bias", "framing"),
    *("num_images", "hidden_size", "num_attention_heads", "num_sequence_layers", "num_decoder_layers"),
    *("cross_attention_layers", "vocab_size", "max_text_positions", "fusion", "compare_images", "compare_title"),
    *("predict_title", "use_decoder", "lambda_mcc", "lambda_nlg", "lambda_title", "dropout", "transformers_version"),
)


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """One network of a pipeline.

    Attributes:
        name: one of NETWORKS, which is its folder.
        architecture: class of the network.
        parameters: how many numbers its weights are, running statistics of normalisation among them.
        parts: name and parameters of its parts, the largest first.
        dtypes: number formats of the stored weights.
        size: bytes of the weights.
        sha256: the first 12 hex digits over its weights.
        facts: name and value of what its configuration says.
    """

    name: str
    architecture: str
    parameters: int
    parts: tuple[tuple[str, int], ...]
    dtypes: tuple[str, ...]
    size: int
    sha256: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SettingFacts:
    """One default setting of a pipeline.

    Attributes:
        name: of a field of `PipelineSettings`.
        value: in force.
        stored: whether the folder names it; else it is the default of `PipelineSettings`.
        criterion: by which it was chosen; empty when nobody chose it by one.
    """

    name: str
    value: bool | int | float
    stored: bool
    criterion: str


@dataclass(frozen=True, slots=True)
class PipelineFacts:
    """A pipeline folder.

    Attributes:
        folder: where it lies.
        networks: in the order of NETWORKS.
        settings: in the order of `PipelineSettings`.
        card: Markdown text of the model card; empty when there is none.
    """

    folder: Path
    networks: tuple[NetworkFacts, ...]
    settings: tuple[SettingFacts, ...]
    card: str


def pipeline_facts(folder: Path) -> PipelineFacts:
    """Read the facts of a pipeline folder.

    Raises:
        ModelError: when the folder, a network's configuration or its weights are missing or malformed.
        SettingsError: when a stored setting has an unknown name or lies outside its range.
    """
    if not folder.is_dir():
        raise ModelError(f"no model folder at {folder}; give one that `agpis assemble` wrote")
    card = folder / _CARD
    try:
        text = card.read_text(encoding="utf-8") if card.is_file() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"model card {card} cannot be read: {error}") from error
    return PipelineFacts(folder, tuple(_network(folder / name) for name in NETWORKS), setting_facts(folder), text)


def setting_facts(folder: Path) -> tuple[SettingFacts, ...]:
    """Every default setting of a pipeline folder, and where it is from.

    Raises:
        ModelError: when the settings file is missing or malformed.
        SettingsError: when a stored setting has an unknown name or lies outside its range.
    """
    settings, criteria, stored = stored_settings(folder), stored_criteria(folder), stored_settings_names(folder)
    names = [field.name for field in fields(PipelineSettings)]
    return tuple(SettingFacts(name, getattr(settings, name), name in stored, criteria.get(name, "")) for name in names)


def _network(folder: Path) -> NetworkFacts:
    config = _config(folder / "config.json")
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise ModelError(f"{folder} holds no weights (*.safetensors); restore them, or assemble the pipeline again")
    parts: Counter[str] = Counter()
    dtypes: set[str] = set()
    digest = hashlib.sha256()
    for file in weights:
        _count(file, parts, dtypes)
        digest.update(file.read_bytes())
    return NetworkFacts(
        name=folder.name,
        architecture=", ".join(map(str, config.get("architectures") or ())) or str(config.get("model_type", "")),
        parameters=parts.total(),
        parts=tuple(parts.most_common()),
        dtypes=tuple(sorted(dtypes)),
        size=sum(file.stat().st_size for file in weights),
        sha256=digest.hexdigest()[:_HASH_DIGITS],
        facts=tuple((name, _words(config[name])) for name in _FACTS if name in config),
    )


def _config(file: Path) -> dict[str, Any]:
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{file} cannot be read: {error}") from error
    if not isinstance(config, dict):
        raise ModelError(f"{file} is no JSON object; restore it, or assemble the pipeline again")
    return config


def _count(file: Path, parts: Counter[str], dtypes: set[str]) -> None:
    """Add the parameters of a file to the part that each tensor's name begins with."""
    try:
        with safe_open(file, "numpy") as tensors:
            for name in tensors.keys():  # noqa: SIM118 - the handle is no mapping
                tensor = tensors.get_slice(name)
                if tensor.get_dtype() == _COUNTER:
                    continue
                parts[name.split(".")[0]] += prod(tensor.get_shape())
                dtypes.add(tensor.get_dtype())
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{file} cannot be read as safetensors: {error}") from error


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
