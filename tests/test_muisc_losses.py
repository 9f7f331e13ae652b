"""Both losses of MUIsC against values computed by hand (section 3.4.3)."""

from __future__ import annotations

import math

import pytest
import torch
from muisc_tiny import random_images, tiny_model, tiny_processor

from agpis.errors import ModelError
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.outputs_muisc import MuiscOutput
from agpis.muisc.processing_muisc import MuiscProcessor

TITLES = ("Blue mug", "Red running shoes for men")
FEEDBACK = ("yes", "Watermark: the 1st image")


@pytest.fixture(scope="module")
def processor() -> MuiscProcessor:
    return tiny_processor()


def forward(model: MuiscModel, processor: MuiscProcessor, **changed: torch.Tensor) -> MuiscOutput:
    batch = processor(TITLES, [random_images(2, 1), random_images(2, 2)], FEEDBACK)
    output: MuiscOutput = model(**(dict(batch) | {"labels": torch.tensor([0, 1])} | changed))
    return output


def with_even_heads(model: MuiscModel) -> MuiscModel:
    """LM head: every word alike. McC head: probabilities 1/2, 1/4, 1/4."""
    weights = model.state_dict()
    weights["lm_head.weight"].zero_()
    weights["mcc_head.1.weight"].zero_()
    weights["mcc_head.1.bias"].copy_(torch.tensor([math.log(2), 0.0, 0.0]))
    return model


def test_losses_of_known_probabilities(processor: MuiscProcessor) -> None:
    output = forward(with_even_heads(tiny_model(processor)), processor)
    assert output.loss_mcc is not None
    assert output.loss_nlg is not None
    assert output.loss is not None
    mcc = (math.log(2) + math.log(4)) / 2
    nlg = math.log(len(processor.tokenizer))
    assert output.loss_mcc.item() == pytest.approx(mcc, abs=1e-5)
    assert output.loss_nlg.item() == pytest.approx(nlg, abs=1e-5)
    assert output.loss.item() == pytest.approx(0.1 * nlg + 1.0 * mcc, abs=1e-5)


def test_lambda_weighs_the_losses(processor: MuiscProcessor) -> None:
    output = forward(with_even_heads(tiny_model(processor, lambda_nlg=0.5, lambda_mcc=2.0)), processor)
    assert output.loss is not None
    expected = 0.5 * math.log(len(processor.tokenizer)) + 2.0 * 1.5 * math.log(2)
    assert output.loss.item() == pytest.approx(expected, abs=1e-5)


def test_nlg_loss_is_the_mean_over_feedback_tokens_and_their_end(processor: MuiscProcessor) -> None:
    output = forward(tiny_model(processor), processor, logits_to_keep=0)  # type: ignore[arg-type]
    assert output.lm_logits is not None
    assert output.loss_nlg is not None
    batch = processor.text(TITLES, FEEDBACK)
    expected = []
    for row in range(2):
        start = int(batch["separator_positions"][row])
        length = int(batch["attention_mask"][row].sum())
        for place in range(start + 1, length):
            log_p = output.lm_logits[row, place - 1].log_softmax(-1)
            expected.append(-log_p[batch["input_ids"][row, place]].item())
    counts = [processor.count_tokens(text) + 1 for text in FEEDBACK]
    assert len(expected) == sum(counts)
    assert output.loss_nlg.item() == pytest.approx(sum(expected) / len(expected), abs=1e-5)


def test_labels_up_to_the_separator_never_count(processor: MuiscProcessor) -> None:
    model = tiny_model(processor)
    batch = processor.text(TITLES, FEEDBACK)
    labels = batch["feedback_labels"].clone()
    for row, place in enumerate(batch["separator_positions"].tolist()):
        labels[row, : place + 1] = 7
    plain, changed = forward(model, processor), forward(model, processor, feedback_labels=labels)
    assert plain.loss_nlg is not None
    assert changed.loss_nlg is not None
    assert changed.loss_nlg.item() == plain.loss_nlg.item()
    labels[0, batch["separator_positions"][0] + 1] = 7
    assert forward(model, processor, feedback_labels=labels).loss_nlg != plain.loss_nlg


def test_scores_do_not_depend_on_the_feedback(processor: MuiscProcessor) -> None:
    model = tiny_model(processor)
    images = [random_images(2, 1)]
    logits = [model(**processor(["Blue mug"], images, [text])).mcc_logits for text in ("yes", "Watermark")]
    scored = model(**processor(["Blue mug"], images)).mcc_logits
    torch.testing.assert_close(logits[0], logits[1])
    torch.testing.assert_close(logits[0], scored)


def test_labels_without_separator_positions_are_refused(processor: MuiscProcessor) -> None:
    with pytest.raises(ModelError, match="separator_positions"):
        forward(tiny_model(processor), processor, separator_positions=None)  # type: ignore[arg-type]


def test_without_images_there_is_no_score(processor: MuiscProcessor) -> None:
    with pytest.raises(ModelError, match="no images"):
        tiny_model(processor)(**processor.text(TITLES))


def test_a_batch_without_feedback_tokens_has_a_loss_of_zero(processor: MuiscProcessor) -> None:
    labels = torch.full_like(processor.text(TITLES, FEEDBACK)["feedback_labels"], -100)
    loss = forward(tiny_model(processor), processor, feedback_labels=labels).loss_nlg
    assert loss is not None
    assert loss.item() == 0.0


def test_training_lowers_the_loss_and_reaches_every_parameter(processor: MuiscProcessor) -> None:
    model = tiny_model(processor, initializer_range=0.02, dropout=0.0).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    losses = []
    for _ in range(12):
        optimizer.zero_grad()
        loss = forward(model, processor).loss
        assert loss is not None
        torch.autograd.backward(loss)
        losses.append(loss.item())
        optimizer.step()
    assert losses[-1] < 0.5 * losses[0]
    without_gradient = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert without_gradient == []
