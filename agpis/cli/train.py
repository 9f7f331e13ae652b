"""`agpis train`: one of the three models, from AGPIS-data."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from agpis.cli import muisc_options
from agpis.cli.options import Data, Seed
from agpis.cli.output import print_json
from agpis.errors import SettingsError
from agpis.training.muisc_design import Preset as PresetName


class _Usual(NamedTuple):
    epochs: float
    batch_size: int
    learning_rate: float


_CLASSIFIER = _Usual(4, 64, 1e-3)
_GPU = "Where a GPU is at hand"
_SMALL = _Usual(4, 32, 5e-4)
_BASE = _Usual(10, 64, 1.5e-4)  # section 4.2


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
    max_per_product: Annotated[
        int | None,
        typer.Option(min=1, help="Most training sequences of one product, for muisc; more are learned by heart."),
    ] = None,
    feature_versions: Annotated[
        int | None,
        typer.Option(min=1, help="With --frozen-tower: encode every image so often, all but once changed; default 2."),
    ] = None,
    rules: Annotated[Path | None, typer.Option(help="Your own rule file, for muisc.")] = None,
    epochs: Annotated[
        float | None, typer.Option(help="Passes over the training split; default 4, for muisc of preset base 10.")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Samples a step; default 64, for muisc of preset small 32.")
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(help="Peak learning rate; default 0.001 for a classifier, 0.0005 and 0.00015 for muisc."),
    ] = None,
    evaluations: Annotated[int, typer.Option(help="Evaluations and checkpoints during the run.")] = 10,
    patience: Annotated[int, typer.Option(help="Evaluations without a better score before stopping early.")] = 3,
    workers: Annotated[int, typer.Option(help="Processes that read images.")] = 1,
    average_decay: Annotated[
        float,
        typer.Option(min=0, max=0.99999, help="Share that the moving average of the weights keeps a step; 0 for none."),
    ] = 0.998,
    max_hours: Annotated[
        float | None, typer.Option(help="Stop after this time with a checkpoint; the same command goes on from it.")
    ] = None,
    bf16: Annotated[
        bool, typer.Option("--bf16", help="Matrix products in bfloat16; faster on GPUs.", rich_help_panel=_GPU)
    ] = False,
    compile_model: Annotated[
        bool, typer.Option("--compile", help="Let torch compile the model; for long runs.", rich_help_panel=_GPU)
    ] = False,
    seed: Seed = 0,
    preset: muisc_options.Preset = None,
    vision: muisc_options.Vision = None,
    gpt2: muisc_options.Gpt2 = None,
    num_images: muisc_options.NumImages = None,
    no_hierarchical: muisc_options.NoHierarchical = False,
    no_decoder: muisc_options.NoDecoder = False,
    no_nlg: muisc_options.NoNlg = False,
    no_title: muisc_options.NoTitle = False,
    no_comparison: muisc_options.NoComparison = False,
    no_title_comparison: muisc_options.NoTitleComparison = False,
    early_fusion: muisc_options.EarlyFusion = False,
    predict_title: muisc_options.PredictTitle = False,
    category_in_title: muisc_options.CategoryInTitle = False,
    lm_head_from_scratch: muisc_options.LmHeadFromScratch = False,
    loss_at_separator: muisc_options.LossAtSeparator = False,
    loss_on_padding: muisc_options.LossOnPadding = False,
) -> None:
    """Train one of the models on AGPIS-data; under torchrun on several GPUs."""
    is_muisc = model is TrainedModel.MUISC
    switches = _given(
        preset=preset,
        vision=vision,
        gpt2=gpt2,
        num_images=num_images,
        no_hierarchical=no_hierarchical,
        no_decoder=no_decoder,
        no_nlg=no_nlg,
        no_title=no_title,
        no_comparison=no_comparison,
        no_title_comparison=no_title_comparison,
        early_fusion=early_fusion,
        predict_title=predict_title,
        category_in_title=category_in_title,
        lm_head_from_scratch=lm_head_from_scratch,
        loss_at_separator=loss_at_separator,
        loss_on_padding=loss_on_padding,
    )
    fresh = _given(backbone=backbone, image_size=image_size)
    of_muisc = (
        _given(tower_from=tower_from, rules=rules, frozen_tower=frozen_tower, max_per_product=max_per_product)
        | switches
    )
    _refuse(fresh if is_muisc else of_muisc, f"`train {model}`")
    if init_from is not None:
        _refuse(_given(tower_from=tower_from) | fresh | switches, "--init-from, which brings its own network")
    if pretrained:
        _refuse(_given(init_from=init_from, tower_from=tower_from), "--pretrained, which brings other weights")
    is_base = preset is PresetName.BASE
    if not frozen_tower:
        _refuse(_given(feature_versions=feature_versions), "an image network that learns; it needs --frozen-tower")
    if is_base:
        _refuse(_given(pretrained=pretrained), "--preset base, which starts from published weights by itself")
    if early_fusion:
        _refuse(_given(frozen_tower=frozen_tower), "--early-fusion, where the tower sees whole sequences")
    design = muisc_options.design_from(switches) if is_muisc and init_from is None else None
    # Imported here: `agpis --help` and bad arguments answer without waiting for torch.
    from agpis.training.fit import TrainingConfig

    usual = _BASE if is_base else _SMALL if is_muisc else _CLASSIFIER
    config = TrainingConfig(
        data=tuple(data),
        out=out,
        epochs=usual.epochs if epochs is None else epochs,
        batch_size=usual.batch_size if batch_size is None else batch_size,
        learning_rate=usual.learning_rate if learning_rate is None else learning_rate,
        evaluations=evaluations,
        patience=patience,
        num_workers=workers,
        frozen_stages=frozen_stages,
        frozen_tower=frozen_tower,
        max_per_product=max_per_product,
        feature_versions=2 if feature_versions is None else feature_versions,
        average_decay=average_decay,
        max_hours=max_hours,
        bf16=bf16,
        compile=compile_model,
        seed=seed,
    )
    if is_muisc:
        from agpis.rules import load_taxonomy
        from agpis.training.muisc import train_muisc

        print_json(
            train_muisc(config, load_taxonomy(rules), tower_from, init_from, pretrained=pretrained, design=design)
        )
        return
    from agpis.stage1.classifier import ImageClassifierConfig

    shape = ImageClassifierConfig(**fresh) if fresh else None
    if model is TrainedModel.ATTRIBUTES:
        from agpis.training.attributes import train_attributes

        print_json(train_attributes(config, shape, init_from, pretrained=pretrained))
    else:
        from agpis.training.classifiers import ClassifierTask, train_classifier

        print_json(train_classifier(ClassifierTask(model.value), config, shape, init_from, pretrained=pretrained))


def _given(**options: Any) -> dict[str, Any]:
    """Those options that were given; a switch that is off was not."""
    return {name: value for name, value in options.items() if value is not None and value is not False}


def _refuse(given: dict[str, Any], place: str) -> None:
    """Options that would do nothing are refused."""
    for name in given:
        raise SettingsError(f"--{name.replace('_', '-')} does not go with {place}; leave it out")
