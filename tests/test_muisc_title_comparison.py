"""Comparison of title and images: matches that can be worked out by hand, and what must not change them."""

from __future__ import annotations

import math

import pytest
import torch
from muisc_tiny import random_images, tiny_model, tiny_processor

from agpis.muisc.title_comparison import TitleComparison

torch.set_num_threads(1)
D = 8
ALL = torch.ones(1, 3, dtype=torch.bool)


def unprojected() -> TitleComparison:
    """A comparison in which words and image tokens are compared as they are."""
    torch.manual_seed(0)
    comparison = TitleComparison(D)
    with torch.no_grad():
        comparison.word.weight.copy_(torch.eye(D))
        comparison.image.weight.copy_(torch.eye(D))
    return comparison


def one_hot(*rows: int) -> torch.Tensor:
    """(1, rows, D)."""
    return torch.eye(D)[list(rows)][None]


def test_a_word_matches_where_the_images_resemble_it_most() -> None:
    found = unprojected().matches(one_hot(0, 1), one_hot(0, 2, 2), ALL)
    weight = math.exp(10) / (math.exp(10) + 2)  # cosines 1, 0, 0
    assert found[0].tolist() == pytest.approx([weight, 0.0])


def test_absent_images_match_nothing() -> None:
    comparison = unprojected()
    alone = comparison.matches(one_hot(0, 1), one_hot(1, 2), ALL[:, :2])
    filled = comparison.matches(one_hot(0, 1), one_hot(1, 2, 0), torch.tensor([[True, True, False]]))
    assert torch.allclose(alone, filled)
    assert filled[0, 0] == 0


def test_nothing_is_added_to_words_that_are_not_the_title() -> None:
    added = unprojected()(one_hot(0, 1, 2), torch.tensor([[True, False, False]]), one_hot(0, 1, 2), ALL)
    assert added[0, 0].any()
    assert not added[0, 1:].any()


def test_titles_that_fit_cost_less_than_titles_that_are_exchanged() -> None:
    comparison = unprojected()
    words, images = torch.eye(D)[:3, None], torch.eye(D)[:3, None]
    masks = torch.ones(3, 1, dtype=torch.bool)
    fits = torch.ones(3, dtype=torch.bool)
    right = comparison.contrast(words, masks, images, masks, fits)
    wrong = comparison.contrast(words, masks, images.roll(1, 0), masks, fits)
    # Three titles, scores 20 on the diagonal and 0 elsewhere: ln(1 + 2 e^-20), and 20 more when exchanged.
    assert right.item() == pytest.approx(math.log1p(2 * math.exp(-20)), abs=1e-6)
    assert wrong.item() == pytest.approx(20 + math.log1p(2 * math.exp(-20)), abs=1e-4)


def test_rows_whose_title_may_not_fit_or_is_empty_take_no_part() -> None:
    comparison = unprojected()
    words, images = torch.eye(D)[:4, None], torch.eye(D)[[0, 1, 5, 6], None]
    masks = torch.ones(4, 1, dtype=torch.bool)
    titles = torch.tensor([[True], [True], [True], [False]])
    among = comparison.contrast(words, titles, images, masks, torch.tensor([True, True, False, True]))
    alone = comparison.contrast(words[:2], masks[:2], images[:2], masks[:2], torch.tensor([True, True]))
    assert among.item() == pytest.approx(alone.item())
    assert comparison.contrast(words, titles, images, masks, torch.tensor([True, False, False, True])).item() == 0


def test_the_loss_teaches_which_titles_fit() -> None:
    torch.manual_seed(0)
    comparison = TitleComparison(D)
    words, images = torch.randn(6, 2, D), torch.randn(6, 3, D)
    arguments = words, torch.ones(6, 2, dtype=torch.bool), images, ALL.expand(6, 3), torch.ones(6, dtype=torch.bool)
    optimizer = torch.optim.Adam(comparison.parameters(), lr=0.02)
    losses = []
    for _ in range(60):
        loss = comparison.contrast(*arguments)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] > 1.0
    assert losses[-1] < 0.2


def test_the_model_takes_the_loss_on_accepted_sequences_and_tells_the_decoder() -> None:
    processor = tiny_processor()
    model = tiny_model(processor, compare_title=True, lambda_title=0.5)
    pixels = random_images(4)
    batch = processor(["Blue ceramic mug", "Red running shoes"], [pixels[:2], pixels[2:]])
    loss = model(**batch, labels=torch.tensor([0, 0]))
    assert loss.loss.item() == pytest.approx(loss.loss_mcc.item() + 0.5 * loss.loss_title.item(), rel=1e-5)
    assert loss.loss_title.item() > 0
    assert model(**batch, labels=torch.tensor([0, 1])).loss_title.item() == 0
    assert model.title_comparison is not None
    for parameter in model.title_comparison.network[2].parameters():
        torch.nn.init.zeros_(parameter)
    assert not torch.allclose(model(**batch).mcc_logits, loss.mcc_logits)
