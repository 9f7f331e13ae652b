"""The rows of the paper's Tables 2 and 3 with the numbers it prints, and the switches that make each of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

COLUMNS = ("AUC", "R@P=0.8", "R@P=0.85", "R@P=0.9", "AUC-single", "AUC-pair", "AUC-multi")
"""The columns of both tables (section 4.1)."""


class Backbone(StrEnum):
    """The four visual backbones of Table 2; what each preset takes for them is in `presets`."""

    RESNET18 = "resnet18"
    RESNET50 = "resnet50"
    RESNETV2 = "resnetv2"
    VIT = "vit"


NAMES = {
    Backbone.RESNET18: "ResNet18",
    Backbone.RESNET50: "ResNet50",
    Backbone.RESNETV2: "ResNetV2-101 (BiT)",
    Backbone.VIT: "ViT",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One model of the tables.

    A single tower is MUIsC with everything but the tower switched off: an MLP reads the features of all images side by
    side (late fusion), or those of one picture of all images (early fusion); section 4.3.

    Attributes:
        key: short name, also of the row's files.
        label: how the page names it.
        backbone: the visual backbone.
        early: early instead of late fusion.
        binary: qualified against rejected instead of all classes (superscript * of Table 2).
        hierarchical: N^s encoder blocks over all images ("Hier.").
        decoder: encoder-decoder ("Enc.-dec.").
        nlg: the NLG task on the feedback ("NLG task").
        title: the title is read ("Text as input").
        paper: the paper's numbers in the order of `COLUMNS`; empty where the text of the paper gives none.
    """

    key: str
    label: str
    backbone: Backbone
    early: bool = False
    binary: bool = False
    hierarchical: bool = False
    decoder: bool = False
    nlg: bool = False
    title: bool = False
    paper: tuple[float, ...] = ()


# (backbone, early fusion) -> the paper's row of a multi-class single tower.
_TOWERS: dict[tuple[Backbone, bool], tuple[float, ...]] = {
    (Backbone.RESNET18, True): (0.745, 0.803, 0.592, 0.344, 0.739, 0.736, 0.737),
    (Backbone.RESNET18, False): (0.755, 0.834, 0.616, 0.369, 0.780, 0.728, 0.737),
    (Backbone.RESNET50, True): (0.751, 0.806, 0.620, 0.415, 0.746, 0.735, 0.744),
    (Backbone.RESNET50, False): (0.763, 0.841, 0.647, 0.392, 0.792, 0.724, 0.743),
    (Backbone.RESNETV2, True): (0.765, 0.843, 0.639, 0.444, 0.763, 0.775, 0.752),
    (Backbone.RESNETV2, False): (0.767, 0.840, 0.667, 0.442, 0.788, 0.726, 0.749),
    (Backbone.VIT, True): (0.763, 0.849, 0.631, 0.412, 0.749, 0.784, 0.751),
    (Backbone.VIT, False): (0.764, 0.831, 0.644, 0.429, 0.772, 0.729, 0.767),
}


def tower_key(backbone: Backbone, *, early: bool, binary: bool = False) -> str:
    """Key of a single tower, e.g. "resnet18-late" or "vit-early-binary"."""
    return f"{backbone}-{'early' if early else 'late'}{'-binary' if binary else ''}"


def _tower(backbone: Backbone, *, early: bool, binary: bool) -> Row:
    words = f"single tower, {NAMES[backbone]}, {'early' if early else 'late'}{', binary*' if binary else ''}"
    paper = () if binary else _TOWERS[backbone, early]
    return Row(tower_key(backbone, early=early, binary=binary), words, backbone, early, binary, paper=paper)


TOWERS = tuple(_tower(backbone, early=early, binary=False) for backbone, early in _TOWERS)
BINARY_TOWERS = tuple(_tower(backbone, early=early, binary=True) for backbone, early in _TOWERS)
_PAPER_OURS = {
    True: (0.758, 0.830, 0.634, 0.382, 0.762, 0.733, 0.752),
    False: (0.800, 0.904, 0.758, 0.524, 0.795, 0.774, 0.791),
}
OURS_EARLY, OURS_LATE = (
    Row(
        f"ours-{fusion}",
        f"ours, ViT, {fusion}",
        Backbone.VIT,
        early=fusion == "early",
        hierarchical=True,
        decoder=True,
        nlg=True,
        title=True,
        paper=_PAPER_OURS[fusion == "early"],
    )
    for fusion in ("early", "late")
)
# What Table 3 adds to the late ViT tower, up to the row before ours.
_STEPS = (
    Row(
        "hierarchical",
        "+ hierarchical encoder",
        Backbone.VIT,
        hierarchical=True,
        paper=(0.778, 0.856, 0.701, 0.456, 0.781, 0.755, 0.762),
    ),
    Row(
        "encoder-decoder",
        "+ encoder-decoder",
        Backbone.VIT,
        hierarchical=True,
        decoder=True,
        paper=(0.780, 0.876, 0.688, 0.450, 0.784, 0.757, 0.762),
    ),
    Row(
        "nlg",
        "+ NLG task",
        Backbone.VIT,
        hierarchical=True,
        decoder=True,
        nlg=True,
        paper=(0.792, 0.891, 0.730, 0.507, 0.799, 0.764, 0.765),
    ),
)
ROWS = (*TOWERS, *BINARY_TOWERS, OURS_EARLY, OURS_LATE, *_STEPS)
"""Everything that is trained; the first and last row of Table 3 are rows of Table 2."""

BY_KEY = {row.key: row for row in ROWS}
TABLE_2 = (*(row.key for row in (*TOWERS, *BINARY_TOWERS)), OURS_EARLY.key, OURS_LATE.key)
TABLE_3 = (tower_key(Backbone.VIT, early=False), *(row.key for row in _STEPS), OURS_LATE.key)
TABLE_3_LABELS = ("single tower, McC task", *(row.label for row in _STEPS), "+ title as input (ours)")
