"""One pass of MUIsC over a sequence and its title, as when it judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.outputs_muisc import MuiscOutput
from agpis.muisc.processing_muisc import MuiscProcessor
from agpis.types import Pixels


@dataclass(frozen=True, slots=True, eq=False)
class JudgingPass:
    """What came out of the pass.

    Attributes:
        output: of the only sequence, so B = 1.
        separator: place of s, where p^t is read.
        pictures: K, or 1 with early fusion.
        p_qualified: p^t in [0, 1].
    """

    output: MuiscOutput
    separator: int
    pictures: int
    p_qualified: float


def judging_pass(
    model: MuiscModel,
    processor: MuiscProcessor,
    images: Sequence[Pixels],
    title: str,
    category: str,
    *,
    output_attentions: bool = False,
) -> JudgingPass:
    """Run the model on title and s.

    Args:
        model: in evaluation mode.
        processor: the model's.
        images: the sequence, (H, W, 3) uint8 RGB.
        title: the product's title.
        category: the product's category path; read where the processor puts it before the title.
        output_attentions: also return MHCA's weights.

    Raises:
        ModelError: when the images do not fit the model.
    """
    batch = processor([title], [images], categories=[category])
    output = model(
        batch["input_ids"].to(model.device),
        batch["attention_mask"].to(model.device),
        batch["pixel_values"].to(model.device),
        separator_positions=batch["separator_positions"].to(model.device),
        output_attentions=output_attentions,
    )
    return JudgingPass(
        output=output,
        separator=int(batch["separator_positions"][0]),
        pictures=batch["pixel_values"].shape[1],
        p_qualified=float(output.mcc_logits[0].softmax(dim=-1)[0]),
    )
