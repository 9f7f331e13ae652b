"""`agpis train`: one of the three models, from AGPIS-data."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from agpis.cli.options import Data, Seed
from agpis.cli.output import print_json
from agpis.errors import SettingsError


class TrainedModel(StrEnum):
    """What `agpis train` can train: the three models, and an image network that MUIsC's vision tower can start from."""

    PRIMARY = "primary"
    NONCOMPLIANCE = "noncompliance"
    MUISC = "muisc"
    ATTRIBUTES = "attributes"


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
    init_from: Annotated[
        Path | None, typer.Option(help="Trained model to start from: a classifier, or for muisc a MUIsC.")
    ] = None,
    tower_from: Annotated[
        Path | None, typer.Option(help="Trained classifier whose backbone starts the vision tower of muisc.")
    ] = None,
    pretrained: Annotated[
        bool, typer.Option(help="Start the image network from its published weights, for a fresh model.")
    ] = False,
    backbone: Annotated[
        str | None, typer.Option(help="timm model of a fresh classifier; default tf_efficientnet_lite0.")
    ] = None,
    image_size: Annotated[
        int | None, typer.Option(min=32, help="Side of a fresh classifier's input in pixels; default 192.")
    ] = None,
    frozen_stages: Annotated[
        int, typer.Option(min=0, help="First stages of the image network that do not learn; faster.")
    ] = 0,
    frozen_tower: Annotated[
        bool, typer.Option(help="Keep the whole vision tower of muisc as it starts; every image is encoded only once.")
    ] = False,
    rules: Annotated[Path | None, typer.Option(help="Your own rule file, for muisc.")] = None,
    epochs: Annotated[float, typer.Option(help="Passes over the training split.")] = 4,
    batch_size: Annotated[
        int | None, typer.Option(help="Samples a step; default 64 for a classifier, 32 for muisc.")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Peak learning rate; default 0.001 for a classifier, 0.0005 for muisc.")
    ] = None,
    evaluations: Annotated[int, typer.Option(help="Evaluations and checkpoints during the run.")] = 10,
    patience: Annotated[int, typer.Option(help="Evaluations without a better score before stopping early.")] = 3,
    workers: Annotated[int, typer.Option(help="Processes that read images.")] = 1,
    seed: Seed = 0,
) -> None:
    """Train one of the three models on AGPIS-data."""
    is_muisc = model is TrainedModel.MUISC
    fresh: dict[str, Any] = {"backbone": backbone, "image_size": image_size}
    fresh = {name: value for name, value in fresh.items() if value is not None}
    of_muisc: dict[str, Any] = {"--tower-from": tower_from, "--rules": rules, "--frozen-tower": frozen_tower or None}
    _refuse(_options(fresh) if is_muisc else of_muisc, f"`train {model}`")
    if init_from is not None:
        _refuse({"--tower-from": tower_from, **_options(fresh)}, "--init-from, which brings its own network")
    if pretrained:
        _refuse({"--init-from": init_from, "--tower-from": tower_from}, "--pretrained, which brings other weights")
    # Imported here: `agpis --help` and bad arguments answer without waiting for torch.
    from agpis.training.fit import TrainingConfig

    config = TrainingConfig(
        data=tuple(data),
        out=out,
        epochs=epochs,
        batch_size=batch_size or (32 if is_muisc else 64),
        learning_rate=learning_rate or (5e-4 if is_muisc else 1e-3),
        evaluations=evaluations,
        patience=patience,
        num_workers=workers,
        frozen_stages=frozen_stages,
        frozen_tower=frozen_tower,
        seed=seed,
    )
    if is_muisc:
        from agpis.rules import load_taxonomy
        from agpis.training.muisc import train_muisc

        print_json(train_muisc(config, load_taxonomy(rules), tower_from, init_from, pretrained=pretrained))
        return
    from agpis.stage1.classifier import ImageClassifierConfig

    shape = ImageClassifierConfig(**fresh) if fresh else None
    if model is TrainedModel.ATTRIBUTES:
        from agpis.training.attributes import train_attributes

        print_json(train_attributes(config, shape, init_from, pretrained=pretrained))
    else:
        from agpis.training.classifiers import ClassifierTask, train_classifier

        print_json(train_classifier(ClassifierTask(model.value), config, shape, init_from, pretrained=pretrained))


def _options(names: dict[str, Any]) -> dict[str, Any]:
    return {f"--{name.replace('_', '-')}": value for name, value in names.items()}


def _refuse(given: dict[str, object], place: str) -> None:
    """Options that would do nothing are refused."""
    for option, value in given.items():
        if value is not None:
            raise SettingsError(f"{option} does not go with {place}; leave it out")
