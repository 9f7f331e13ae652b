"""`agpis train`: one of the three models, from AGPIS-data."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from agpis.cli.grouped import grouped
from agpis.cli.muisc_options import MuiscOptions, design_from
from agpis.cli.options import Data, Seed
from agpis.cli.output import print_json
from agpis.cli.train_options import KeptOptions, ScheduleOptions, StartOptions
from agpis.errors import SettingsError
from agpis.training.muisc_design import Preset as PresetName

if TYPE_CHECKING:
    from agpis.training.fit import TrainingConfig


class _Usual(NamedTuple):
    epochs: float
    batch_size: int
    learning_rate: float


_CLASSIFIER = _Usual(4, 64, 1e-3)
_SMALL = _Usual(4, 32, 5e-4)
_BASE = _Usual(10, 64, 1.5e-4)  # section 4.2


class TrainedModel(StrEnum):
    """What `agpis train` can train: the three models, and an image network that MUIsC's vision tower can start from."""

    PRIMARY = "primary"
    NONCOMPLIANCE = "noncompliance"
    MUISC = "muisc"
    ATTRIBUTES = "attributes"


@grouped
def train(
    model: Annotated[
        TrainedModel,
        typer.Argument(
            help="p^primary (eq. 1), p^nc (section 3.3.1), MUIsC with its feedback (section 3.4), or a network that "
            "names what simulated images show, for --tower-from."
        ),
    ],
    data: Data,
    out: Annotated[
        Path, typer.Option(help="Folder of the run; a run that was killed goes on from its last checkpoint.")
    ],
    *,
    start: StartOptions,
    kept: KeptOptions,
    rules: Annotated[Path | None, typer.Option(help="Your own rule file, for muisc.")] = None,
    schedule: ScheduleOptions,
    seed: Seed = 0,
    muisc: MuiscOptions,
) -> None:
    """Train one of the models on AGPIS-data; under torchrun on several GPUs."""
    is_muisc, is_base = model is TrainedModel.MUISC, muisc.preset is PresetName.BASE
    switches = _given(**asdict(muisc))
    _refuse_contradictions(model, start, kept, rules, switches)
    design = design_from(switches) if is_muisc and start.init_from is None else None
    config = _config(data, out, kept, schedule, seed, _BASE if is_base else _SMALL if is_muisc else _CLASSIFIER)
    init_from, pretrained = start.init_from, start.pretrained
    if is_muisc:
        from agpis.rules import load_taxonomy
        from agpis.training.muisc import train_muisc

        rules_in_force = load_taxonomy(rules)
        print_json(
            train_muisc(config, rules_in_force, start.tower_from, init_from, pretrained=pretrained, design=design)
        )
        return
    from agpis.stage1.classifier import ImageClassifierConfig

    fresh = _given(backbone=start.backbone, image_size=start.image_size)
    shape = ImageClassifierConfig(**fresh) if fresh else None
    if model is TrainedModel.ATTRIBUTES:
        from agpis.training.attributes import train_attributes

        print_json(train_attributes(config, shape, init_from, pretrained=pretrained))
    else:
        from agpis.training.classifiers import ClassifierTask, train_classifier

        print_json(train_classifier(ClassifierTask(model.value), config, shape, init_from, pretrained=pretrained))


def _refuse_contradictions(
    model: TrainedModel, start: StartOptions, kept: KeptOptions, rules: Path | None, switches: dict[str, Any]
) -> None:
    """Refuse options that do not go together; `switches` are those of MUIsC that were given."""
    fresh = _given(backbone=start.backbone, image_size=start.image_size)
    tower, frozen = _given(tower_from=start.tower_from), _given(frozen_tower=kept.frozen_tower)
    of_muisc = tower | _given(rules=rules) | frozen | _given(max_per_product=kept.max_per_product) | switches
    _refuse(fresh if model is TrainedModel.MUISC else of_muisc, f"`train {model}`")
    if start.init_from is not None:
        _refuse(tower | fresh | switches, "--init-from, which brings its own network")
    if start.pretrained:
        _refuse(_given(init_from=start.init_from) | tower, "--pretrained, which brings other weights")
    if not kept.frozen_tower:
        versions = _given(feature_versions=kept.feature_versions)
        _refuse(versions, "an image network that learns; it needs --frozen-tower")
    if switches.get("preset") is PresetName.BASE:
        published = _given(pretrained=start.pretrained)
        _refuse(published, "--preset base, which starts from published weights by itself")
    if "early_fusion" in switches:
        _refuse(frozen, "--early-fusion, where the tower sees whole sequences")


def _config(
    data: list[Path], out: Path, kept: KeptOptions, schedule: ScheduleOptions, seed: int, usual: _Usual
) -> TrainingConfig:
    # Imported here: `agpis --help` and bad arguments answer without waiting for torch.
    from agpis.training.fit import TrainingConfig

    return TrainingConfig(
        data=tuple(data),
        out=out,
        epochs=usual.epochs if schedule.epochs is None else schedule.epochs,
        batch_size=usual.batch_size if schedule.batch_size is None else schedule.batch_size,
        learning_rate=usual.learning_rate if schedule.learning_rate is None else schedule.learning_rate,
        evaluations=schedule.evaluations,
        patience=schedule.patience,
        num_workers=schedule.workers,
        frozen_stages=kept.frozen_stages,
        frozen_tower=kept.frozen_tower,
        max_per_product=kept.max_per_product,
        feature_versions=2 if kept.feature_versions is None else kept.feature_versions,
        average_decay=schedule.average_decay,
        max_hours=schedule.max_hours,
        bf16=schedule.bf16,
        compile=schedule.compile_model,
        seed=seed,
    )


def _given(**options: Any) -> dict[str, Any]:
    """Those options that were given; a switch that is off was not."""
    return {name: value for name, value in options.items() if value is not None and value is not False}


def _refuse(given: dict[str, Any], place: str) -> None:
    """Options that would do nothing are refused."""
    for name in given:
        raise SettingsError(f"--{name.replace('_', '-')} does not go with {place}; leave it out")
