"""Attention of each written word lands on the right image and the right place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from muisc_tiny import random_images, tiny_model, tiny_processor

from agpis.explain.attention import attend
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.processing_muisc import MuiscProcessor


@pytest.fixture(scope="module")
def processor() -> MuiscProcessor:
    return tiny_processor()


@pytest.fixture(scope="module")
def model(processor: MuiscProcessor) -> MuiscModel:
    return tiny_model(processor)


def test_every_word_has_a_map_of_every_image(model: MuiscModel, processor: MuiscProcessor) -> None:
    images = [*random_images(1, height=40, width=80), *random_images(1, height=90, width=30)]
    words = attend(model, processor, images, "Blue mug", "Watermark: the 2nd image, \u84dd", longest_side=120)
    assert [word.word for word in words] == ["Watermark:", "the", "2nd", "image,", "\u84dd"]
    for word in words:
        assert [part.shape for part in word.maps] == [(60, 120), (120, 40)]
        assert min(part.min() for part in word.maps) >= 0
        assert max(part.max() for part in word.maps) == 1


def test_no_words_for_no_feedback(model: MuiscModel, processor: MuiscProcessor) -> None:
    assert attend(model, processor, random_images(2), "Blue mug", "") == ()


def test_attention_on_one_place_is_shown_there(
    model: MuiscModel, processor: MuiscProcessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All weight on the lower right token of the second image, whose grid has 2 x 2 tokens after the global one."""
    forward: Any = model.forward

    def pointing(*args: Any, **kwargs: Any) -> Any:
        output = forward(*args, **kwargs)
        weights = torch.zeros_like(output.cross_attentions[0])
        weights[..., 5 + 1 + 3] = 1.0
        output["cross_attentions"] = (weights,)
        return output

    monkeypatch.setattr(model, "forward", pointing)
    images = random_images(3, height=30, width=60)
    (word,) = attend(model, processor, images, "Blue mug", "yes", longest_side=64)
    first, second, third = word.maps
    assert first.max() == third.max() == 0
    assert np.unravel_index(second.argmax(), second.shape)[1] > 40
    assert second[:, :12].max() == 0
    assert second[-1].max() > second[0].max()


def test_the_weights_are_those_that_predicted_the_word(model: MuiscModel, processor: MuiscProcessor) -> None:
    """The first word is predicted at s, so a change of what follows s leaves its map alone."""
    images = random_images(2)
    short, long = (attend(model, processor, images, "mug", text) for text in ("yes", "yes the image"))
    for one, other in zip(short[0].maps, long[0].maps, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
