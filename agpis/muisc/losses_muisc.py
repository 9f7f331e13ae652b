"""Which words of W^d the NLG loss counts (section 3.4.3, eq. 3)."""

from __future__ import annotations

import torch
from torch import Tensor

from agpis.muisc.configuration_muisc import IGNORED, MuiscConfig


def nlg_targets(
    config: MuiscConfig,
    input_ids: Tensor,
    attention_mask: Tensor | None,
    separator_positions: Tensor,
    feedback_labels: Tensor,
) -> Tensor:
    """The word that each place of W^d has to be predicted as.

    By default the feedback alone counts (eq. 3). `predict_title`, `loss_at_separator` and `loss_on_padding` of the
    configuration add what stands before s, s itself, and what fills a row up.

    Args:
        config: the switches.
        input_ids: (B, L).
        attention_mask: (B, L), 0 on padding; None where there is none.
        separator_positions: (B,) index of s.
        feedback_labels: (B, L) ids after s, -100 on padding; what stands elsewhere is not read.

    Returns:
        (B, L) ids, -100 where no loss is taken. The first place follows nothing, so its target is never asked for.
    """
    place = torch.arange(input_ids.shape[1], device=input_ids.device)
    separator = separator_positions[:, None]
    targets = feedback_labels.masked_fill(place <= separator, IGNORED)
    added = torch.zeros_like(targets, dtype=torch.bool)
    if config.predict_title:
        added |= place < separator
    if config.loss_at_separator:
        added |= place == separator
    if config.loss_on_padding and attention_mask is not None:
        added |= attention_mask == 0
    return torch.where(added, input_ids, targets)
