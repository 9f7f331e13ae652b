"""`agpis train`: one of the three models, from AGPIS-data."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from agpis.cli.options import Data, Seed
from agpis.cli.output import print_json
from agpis.errors import SettingsError


class TrainedModel(StrEnum):
    """What `agpis train` can train."""

    PRIMARY = "primary"
    NONCOMPLIANCE = "noncompliance"
    MUISC = "muisc"


def train(
    model: Annotated[
        TrainedModel,
        typer.Argument(help="p^primary (eq. 1), p^nc (section 3.3.1), or MUIsC with its feedback (section 3.4)."),
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
    for option, value in (("--tower-from", tower_from), ("--rules", rules)):
        if value is not None and not is_muisc:
            raise SettingsError(f"{option} does not go with `train {model}`; leave it out")
    if init_from is not None and tower_from is not None:
        raise SettingsError("give either --init-from or --tower-from: a trained MUIsC brings its own vision tower")
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
        seed=seed,
    )
    if is_muisc:
        from agpis.rules import load_taxonomy
        from agpis.training.muisc import train_muisc

        print_json(train_muisc(config, load_taxonomy(rules), tower_from=tower_from, init_from=init_from))
    else:
        from agpis.training.classifiers import ClassifierTask, train_classifier

        print_json(train_classifier(ClassifierTask(model.value), config, init_from=init_from))
