"""The options of `agpis train` that go together: what a run starts from, what does not learn, how long it goes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

_GPU = "Where a GPU is at hand"


@dataclass(frozen=True, slots=True)
class StartOptions:
    """What a run starts from."""

    init_from: Annotated[
        Path | None, typer.Option(help="Trained model to start from: a classifier, or for muisc a MUIsC.")
    ] = None
    tower_from: Annotated[
        Path | None, typer.Option(help="Trained classifier whose backbone starts the vision tower of muisc.")
    ] = None
    pretrained: Annotated[
        bool, typer.Option(help="Start the image network from its published weights, for a fresh model.")
    ] = False
    backbone: Annotated[
        str | None, typer.Option(help="timm model of a fresh classifier; default tf_efficientnet_lite0.")
    ] = None
    image_size: Annotated[
        int | None, typer.Option(min=32, help="Side of a fresh classifier's input in pixels; default 192.")
    ] = None


@dataclass(frozen=True, slots=True)
class KeptOptions:
    """What keeps the weights it starts with, and what that allows."""

    frozen_stages: Annotated[
        int, typer.Option(min=0, help="First stages of the image network that do not learn; faster.")
    ] = 0
    frozen_tower: Annotated[
        bool, typer.Option(help="Keep the whole vision tower of muisc as it starts; every image is encoded only once.")
    ] = False
    max_per_product: Annotated[
        int | None,
        typer.Option(min=1, help="Most training sequences of one product, for muisc; more are learned by heart."),
    ] = None
    feature_versions: Annotated[
        int | None,
        typer.Option(min=1, help="With --frozen-tower: encode every image so often, all but once changed; default 2."),
    ] = None


@dataclass(frozen=True, slots=True)
class ScheduleOptions:
    """How a run goes on, and where it ends; None leaves what is usual for the model."""

    epochs: Annotated[
        float | None, typer.Option(help="Passes over the training split; default 4, for muisc of preset base 10.")
    ] = None
    batch_size: Annotated[
        int | None, typer.Option(help="Samples a step; default 64, for muisc of preset small 32.")
    ] = None
    learning_rate: Annotated[
        float | None,
        typer.Option(help="Peak learning rate; default 0.001 for a classifier, 0.0005 and 0.00015 for muisc."),
    ] = None
    evaluations: Annotated[int, typer.Option(help="Evaluations and checkpoints during the run.")] = 10
    patience: Annotated[int, typer.Option(help="Evaluations without a better score before stopping early.")] = 3
    workers: Annotated[int, typer.Option(help="Processes that read images.")] = 1
    average_decay: Annotated[
        float,
        typer.Option(min=0, max=0.99999, help="Share that the moving average of the weights keeps a step; 0 for none."),
    ] = 0.998
    max_hours: Annotated[
        float | None, typer.Option(help="Stop after this time with a checkpoint; the same command goes on from it.")
    ] = None
    bf16: Annotated[
        bool, typer.Option("--bf16", help="Matrix products in bfloat16; faster on GPUs.", rich_help_panel=_GPU)
    ] = False
    compile_model: Annotated[
        bool, typer.Option("--compile", help="Let torch compile the model; for long runs.", rich_help_panel=_GPU)
    ] = False
