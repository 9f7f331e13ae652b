"""The first word of the feedback follows p^t."""

from __future__ import annotations

import pytest
import torch
from muisc_tiny import feedback_ids, random_images, tiny_model, tiny_processor

from agpis.muisc.verdict_muisc import VerdictFirst

YES, PROMPT = 2, 3
# p^t of 1/2 and of 1/3.
LOGITS = torch.tensor([[0.0, 0.0, -torch.inf], [0.0, 0.0, 0.0]])


def test_yes_where_acceptance_is_as_likely_as_not_and_never_elsewhere() -> None:
    first = VerdictFirst(LOGITS, YES, PROMPT)
    found = first(torch.zeros(2, PROMPT, dtype=torch.long), torch.tensor([[5.0, 4, 1], [1, 4, 5]]))
    assert found[0].tolist() == [-torch.inf, -torch.inf, 1]
    assert found[1].tolist() == [1, 4, -torch.inf]


def test_every_beam_of_a_row_follows_its_verdict() -> None:
    first = VerdictFirst(LOGITS, YES, PROMPT)
    found = first(torch.zeros(4, PROMPT, dtype=torch.long), torch.ones(4, 3))
    assert found[:, YES].tolist() == [1, 1, -torch.inf, -torch.inf]


def test_later_words_are_left_alone() -> None:
    first = VerdictFirst(LOGITS, YES, PROMPT)
    scores = torch.rand(2, 3)
    assert torch.equal(first(torch.zeros(2, PROMPT + 1, dtype=torch.long), scores), scores)


@pytest.mark.parametrize("num_beams", [1, 3])
def test_the_model_says_yes_of_what_it_accepts_alone(num_beams: int) -> None:
    processor = tiny_processor()
    model = tiny_model(processor)
    titles, images = ["Blue mug", "Red running shoes for men"], [random_images(2, 0), random_images(3, 1)]
    head = model.get_submodule("mcc_head.1")
    assert isinstance(head, torch.nn.Linear)
    for accepted in (True, False):
        with torch.no_grad():
            head.weight.zero_()
            head.bias.copy_(torch.tensor([9.0, 0, 0] if accepted else [0, 9.0, 0]))
        ids = feedback_ids(model, processor, titles, images, num_beams=num_beams, max_new_tokens=3)
        assert ((ids[:, 0] == model.config.qualified_token_id) == accepted).all()
