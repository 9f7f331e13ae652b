"""The options of `agpis train muisc` that choose the model: its preset, and the paper's switches (docs/muisc.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from agpis.training.muisc_design import MuiscDesign
from agpis.training.muisc_design import Preset as PresetName

_MODEL = "MUIsC: size and start"
_ABLATION = "MUIsC: what Tables 2 and 3 vary"
_BEYOND = "MUIsC: ideas and losses of the published code"

Preset = Annotated[
    PresetName | None,
    typer.Option(
        help="small (default) trains on two CPU cores; base is the paper's, from a published ViT-B/16 and GPT2.",
        rich_help_panel=_MODEL,
    ),
]
Vision = Annotated[
    str | None,
    typer.Option(help="timm model, or folder of one, that the tower of base starts from.", rich_help_panel=_MODEL),
]
Gpt2 = Annotated[
    str | None,
    typer.Option(
        "--gpt2",
        help="Hub name or folder of the GPT2 that words and decoder of base start from; default "
        "uer/gpt2-chinese-cluecorpussmall, English: gpt2.",
        rich_help_panel=_MODEL,
    ),
]
NumImages = Annotated[
    int | None,
    typer.Option(min=1, help="Largest K^t; default 5 for small, 3 for base.", rich_help_panel=_MODEL),
]
NoHierarchical = Annotated[
    bool,
    typer.Option("--no-hierarchical", help="No encoder blocks over all images (N^s = 0).", rich_help_panel=_ABLATION),
]
NoDecoder = Annotated[
    bool,
    typer.Option(
        "--no-decoder",
        help="An MLP classifies the images; with --no-nlg --no-title.",
        rich_help_panel=_ABLATION,
    ),
]
NoNlg = Annotated[
    bool, typer.Option("--no-nlg", help="Learn the class only, write no feedback.", rich_help_panel=_ABLATION)
]
NoTitle = Annotated[bool, typer.Option("--no-title", help="Leave the product's title out.", rich_help_panel=_ABLATION)]
NoComparison = Annotated[
    bool,
    typer.Option("--no-comparison", help="Do not compare images token by token.", rich_help_panel=_ABLATION),
]
NoTitleComparison = Annotated[
    bool,
    typer.Option(
        "--no-title-comparison", help="Do not compare the title's words with the images.", rich_help_panel=_ABLATION
    ),
]
EarlyFusion = Annotated[
    bool,
    typer.Option(
        "--early-fusion", help="Show the tower one picture of all images side by side.", rich_help_panel=_ABLATION
    ),
]
PredictTitle = Annotated[
    bool, typer.Option("--predict-title", help="Learn to write the title as well.", rich_help_panel=_BEYOND)
]
CategoryInTitle = Annotated[
    bool,
    typer.Option("--category-in-title", help="Put the product's category before its title.", rich_help_panel=_BEYOND),
]
LmHeadFromScratch = Annotated[
    bool,
    typer.Option(
        "--lm-head-from-scratch", help="LM head with weights of its own, from random ones.", rich_help_panel=_BEYOND
    ),
]
LossAtSeparator = Annotated[
    bool, typer.Option("--loss-at-separator", help="Count s in the NLG loss.", rich_help_panel=_BEYOND)
]
LossOnPadding = Annotated[
    bool, typer.Option("--loss-on-padding", help="Count padding in the NLG loss.", rich_help_panel=_BEYOND)
]


@dataclass(frozen=True, slots=True)
class MuiscOptions:
    """All of them, as options of a `grouped` command; None and False were not given."""

    preset: Preset = None
    vision: Vision = None
    gpt2: Gpt2 = None
    num_images: NumImages = None
    no_hierarchical: NoHierarchical = False
    no_decoder: NoDecoder = False
    no_nlg: NoNlg = False
    no_title: NoTitle = False
    no_comparison: NoComparison = False
    no_title_comparison: NoTitleComparison = False
    early_fusion: EarlyFusion = False
    predict_title: PredictTitle = False
    category_in_title: CategoryInTitle = False
    lm_head_from_scratch: LmHeadFromScratch = False
    loss_at_separator: LossAtSeparator = False
    loss_on_padding: LossOnPadding = False


def design_from(given: dict[str, Any]) -> MuiscDesign:
    """The design that options ask for, those not given left out; `no_decoder` means `decoder=False`.

    Raises:
        SettingsError: when two of them contradict each other.
    """
    fields: dict[str, Any] = {
        name.removeprefix("no_"): False if name.startswith("no_") else value for name, value in given.items()
    }
    return MuiscDesign(**fields)
