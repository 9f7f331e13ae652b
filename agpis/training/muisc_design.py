"""Which MUIsC is trained: its preset, and the switches of the paper's ablations (docs/muisc.md)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from agpis.errors import SettingsError


class Preset(StrEnum):
    """Sizes and start of a fresh MUIsC."""

    SMALL = "small"
    BASE = "base"


@dataclass(frozen=True, slots=True)
class MuiscDesign:
    """A fresh MUIsC; the defaults are the paper's method in the small preset.

    Attributes:
        preset: `small` for two CPU cores, or `base`: the paper's sizes, starting from a published ViT and GPT2 (4.2).
        hierarchical: N^s encoder blocks over all images ("Hier." of Table 3).
        decoder: an encoder-decoder model ("Enc.-dec." of Table 3); without it an MLP classifies the images.
        nlg: the NLG task on the feedback ("NLG task" of Table 3).
        title: the product's title stands before s ("Text as input" of Table 3).
        predict_title: the NLG loss also counts the title's words (README of the published code).
        category_in_title: the product's category stands before its title (README of the published code).
        lm_head_from_scratch: the LM head has weights of its own that start at random (README of the published code).
        comparison: every token learns how well the other images match it; the small preset's own, never in base.
        title_comparison: every word of the title learns how well the images match it; the small preset's own, never in
            base. Needs the title.
        early_fusion: the tower sees all images of a sequence as one picture (section 4.3, Table 2).
        loss_at_separator: the NLG loss also counts s (published code).
        loss_on_padding: the NLG loss also counts padding (published code).
        num_images: largest K^t, or None for the preset's: 5 of `small`, 3 of `base`.
        vision: timm model or folder that `base` takes its tower from; None is the paper's ViT-B/16.
        gpt2: hub name or folder that `base` takes its decoder and words from; None is the paper's.
    """

    preset: Preset = Preset.SMALL
    hierarchical: bool = True
    decoder: bool = True
    nlg: bool = True
    title: bool = True
    predict_title: bool = False
    category_in_title: bool = False
    lm_head_from_scratch: bool = False
    comparison: bool = True
    title_comparison: bool = True
    early_fusion: bool = False
    loss_at_separator: bool = False
    loss_on_padding: bool = False
    num_images: int | None = None
    vision: str | None = None
    gpt2: str | None = None

    def __post_init__(self) -> None:
        if not self.decoder and (self.nlg or self.title):
            raise SettingsError(
                "a model without a decoder (--no-decoder) reads and writes no words; switch the NLG task and the title "
                "off as well (--no-nlg --no-title), as in rows 1 and 2 of Table 3"
            )
        if not self.nlg:
            self._refuse(
                ("predict_title", "lm_head_from_scratch", "loss_at_separator", "loss_on_padding"),
                "changes the NLG task, which --no-nlg leaves out",
            )
        if not self.title:
            self._refuse(("predict_title", "category_in_title"), "needs titles, which --no-title leaves out")
        if not self.decoder:
            self._refuse(("gpt2",), "names a decoder, which --no-decoder leaves out")
        if self.preset is Preset.BASE and not (self.comparison and self.title_comparison):
            raise SettingsError(
                "--no-comparison, --no-title-comparison: the base preset compares nothing, as the paper; leave them out"
            )
        if self.preset is Preset.SMALL:
            self._refuse(("vision", "gpt2"), "names a published part, but the small preset has none; add --preset base")

    def _refuse(self, names: tuple[str, ...], reason: str) -> None:
        for name in names:
            if getattr(self, name):
                raise SettingsError(f"--{name.replace('_', '-')} {reason}")

    @property
    def config_fields(self) -> dict[str, Any]:
        """The fields of MuiscConfig that differ from the preset's."""
        fields: dict[str, tuple[bool, Any]] = {
            "num_sequence_layers": (not self.hierarchical, 0),
            "use_decoder": (not self.decoder, False),
            "lambda_nlg": (not self.nlg, 0.0),
            "predict_title": (self.predict_title, True),
            "tie_word_embeddings": (self.lm_head_from_scratch, False),
            "compare_images": (self.preset is Preset.SMALL and not self.comparison, False),
            "compare_title": (
                self.preset is Preset.SMALL and self.decoder and not (self.title_comparison and self.title),
                False,
            ),
            "fusion": (self.early_fusion, "early"),
            "loss_at_separator": (self.loss_at_separator, True),
            "loss_on_padding": (self.loss_on_padding, True),
            "num_images": (self.num_images is not None, self.num_images),
        }
        return {name: value for name, (changed, value) in fields.items() if changed}
