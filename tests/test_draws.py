"""Several draws of one product: each different sequence once, photos assessed once."""

from __future__ import annotations

from typing import cast

import numpy as np
from fake_pipeline import FakePipeline

from agpis.draws import drawn_results
from agpis.pipeline import AgpisPipeline
from agpis.types import Image, Outcome, Product

PRODUCT = Product("p", "Mug", tuple(Image(f"{n}.png", np.full((40, 40, 3), n, np.uint8)) for n in range(5)))


def drawn(pipeline: FakePipeline, num_draws: int) -> list[tuple[str, ...]]:
    return [
        result.sequence
        for result in drawn_results(cast(AgpisPipeline, pipeline), PRODUCT, num_draws, pipeline.settings)
    ]


def test_every_sequence_comes_once_and_photos_are_looked_at_once() -> None:
    pipeline = FakePipeline(p_primary={"0.png": 0.9})
    sequences = drawn(pipeline, 40)
    assert len(sequences) == len(set(sequences)) > 3
    assert {sequence[0] for sequence in sequences} == {"0.png"}
    assert sequences[: len(drawn(pipeline, 3))] == drawn(pipeline, 3), "more draws only add"
    assert pipeline.calls["assess"] == 3, "once a call"
    assert pipeline.calls["score"] == pipeline.calls["feedback"]


def test_a_result_carries_score_feedback_and_decision() -> None:
    pipeline = FakePipeline(p_primary={"0.png": 0.9}, p_qualified=0.2)
    result = next(drawn_results(cast(AgpisPipeline, pipeline), PRODUCT, 1, pipeline.settings))
    assert (result.outcome, result.p_qualified, result.feedback) == (
        Outcome.BELOW_THRESHOLD,
        0.2,
        "Promotional banner in the 2nd image",
    )


def test_a_product_without_primary_gives_nothing() -> None:
    assert drawn(FakePipeline(), 5) == []
