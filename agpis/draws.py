"""The sequences that several draws of one product give (section 3.3): the images after the primary are random."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agpis.pipeline import AgpisPipeline
from agpis.types import PipelineSettings, Product, SequenceResult


def drawn_results(
    pipeline: AgpisPipeline, product: Product, num_draws: int, settings: PipelineSettings
) -> Iterator[SequenceResult]:
    """The answer for every different sequence, scored and with its feedback; nothing when stage 1 ends without one.

    Photos are assessed and compared once, whatever the number of draws.

    Args:
        pipeline: the models.
        product: decoded images and title.
        num_draws: how many seeds to try, from that of `settings` upwards; at least 1.
        settings: in force, th^t included.
    """
    assessments, matches = pipeline.assess(product), pipeline.match(product)
    seen: set[tuple[str, ...]] = set()
    for seed in range(settings.seed, settings.seed + num_draws):
        drawn = replace(settings, seed=seed)
        stage_one = pipeline.select(assessments, matches, drawn)
        if not stage_one.sequence or stage_one.sequence in seen:
            continue
        seen.add(stage_one.sequence)
        encoded = pipeline.encode(product, stage_one.sequence)
        score = pipeline.score(encoded)
        if pipeline.writes_feedback:
            score = replace(score, feedback=pipeline.write_feedback(encoded))
        yield pipeline.result(product, stage_one, score, drawn, {})
