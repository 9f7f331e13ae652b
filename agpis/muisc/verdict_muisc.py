"""Written feedback begins with the verdict of McC: "yes" where p^t says so, anything else where it does not."""

from __future__ import annotations

import torch
from torch import Tensor
from transformers import LogitsProcessor

# Feedback agrees with the sequence where it is more likely to be accepted than not, whatever th^t is.
_ACCEPTED = 0.5


class VerdictFirst(LogitsProcessor):  # type: ignore[misc]
    """Settles the first word of the feedback.

    Departure: in the paper both tasks speak for themselves. Only p^t is calibrated, though, to how often sequences are
    accepted, and feedback that names a fault of a sequence with a p^t of 0.7 helps nobody. p^nlg("yes") is not changed.
    """

    def __init__(self, mcc_logits: Tensor, qualified_token_id: int, prompt_length: int) -> None:
        """Set up for one call of `generate`.

        Args:
            mcc_logits: (B, K^g).
            qualified_token_id: the word "yes".
            prompt_length: words before the feedback.
        """
        self.accepted = mcc_logits.softmax(dim=-1)[:, 0] >= _ACCEPTED
        self.qualified_token_id = qualified_token_id
        self.prompt_length = prompt_length

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """(B beams, L), (B beams, vocab) -> (B beams, vocab)."""
        if input_ids.shape[1] > self.prompt_length:
            return scores
        accepted = self.accepted.repeat_interleave(len(scores) // len(self.accepted))
        is_yes = torch.zeros(scores.shape[1], dtype=torch.bool, device=scores.device)
        is_yes[self.qualified_token_id] = True
        return scores.masked_fill(is_yes != accepted[:, None], -torch.inf)
