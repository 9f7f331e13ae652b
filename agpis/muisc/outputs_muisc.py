"""What MUIsC's passes give."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from transformers import Cache
from transformers.utils import ModelOutput


@dataclass
class MuiscOutput(ModelOutput):  # type: ignore[misc]
    """What one pass of MUIsC gives; a field that was not asked for is None.

    Attributes:
        loss: eq. 4, with `loss_title` where the title is compared.
        mcc_logits: (B, K^g), before the softmax; given when the place of s is, and always without a decoder.
        loss_mcc: mean over the batch of the McC loss.
        loss_nlg: mean over the batch's feedback tokens of the NLG loss (eq. 3), and over what the switches of the
            configuration add to them; None when NLG is off.
        loss_title: how badly titles are told from those of other sequences; None without `compare_title`.
        lm_logits: (B, L', vocab) at the last L' positions.
        past_key_values: the key/value cache, when used.
        cross_attentions: one (B, heads, L, K T) per block with MHCA.
    """

    loss: Tensor | None = None
    mcc_logits: Tensor | None = None
    loss_mcc: Tensor | None = None
    loss_nlg: Tensor | None = None
    loss_title: Tensor | None = None
    lm_logits: Tensor | None = None
    past_key_values: Cache | None = None
    cross_attentions: tuple[Tensor, ...] | None = None

    @property
    def logits(self) -> Tensor | None:
        """The name under which `generate` looks for `lm_logits`."""
        return self.lm_logits


@dataclass(frozen=True, slots=True)
class SequenceLogits:
    """The scores of a batch of sequences.

    Attributes:
        mcc_logits: (B, K^g); p^t is the first column after the softmax.
        p_nlg_qualified: (B,) p^nlg("yes"), or None when it was not asked for or the model writes no feedback.
    """

    mcc_logits: Tensor
    p_nlg_qualified: Tensor | None
