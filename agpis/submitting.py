"""From a product to what waits for a reviewer: sequences of the pipeline with p^t of at least th^t (figure 2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from agpis.pipeline import AgpisPipeline
from agpis.store import StoredPhoto, Submission
from agpis.types import PipelineSettings, Product, SequenceScore


@dataclass(frozen=True, slots=True)
class Origin:
    """Who submits, and with what.

    Attributes:
        model_version: which models gave the score.
        threshold_version: which choice of th^t was in force.
        source: where the product comes from; may be empty.
        submitted_by: name or e-mail; may be empty.
    """

    model_version: str
    threshold_version: str
    source: str = ""
    submitted_by: str = ""


def submission_of(
    product: Product, photos: Mapping[str, bytes], score: SequenceScore, settings: PipelineSettings, origin: Origin
) -> Submission:
    """What a reviewer is asked about one scored sequence.

    Args:
        product: the product of the sequence.
        photos: file -> its bytes as they came, of at least the files of the sequence.
        score: of the sequence, with its feedback where one was written.
        settings: those in force, for th^t.
        origin: who submits.

    Raises:
        StoreError: when a text or a number cannot be stored.
    """
    return Submission(
        product_id=product.product_id,
        title=product.title,
        category=product.category,
        photos=tuple(StoredPhoto(file, photos[file]) for file in score.sequence),
        p_qualified=score.p_qualified,
        p_nlg_qualified=score.p_nlg_qualified,
        rule_probabilities=score.rule_probabilities,
        feedback=score.feedback or "",
        model_version=origin.model_version,
        submission_threshold=settings.submission_threshold,
        threshold_version=origin.threshold_version,
        source=origin.source,
        submitted_by=origin.submitted_by,
    )


def drawn_submissions(
    pipeline: AgpisPipeline, product: Product, photos: Mapping[str, bytes], origin: Origin, num_draws: int = 1
) -> Iterator[Submission]:
    """The sequences of one product that reach th^t, each different one once.

    The images after the primary are drawn at random (section 3.3); every draw is a seed, from the stored one upwards.

    Args:
        pipeline: the models, with the settings in force.
        product: decoded images and title.
        photos: file -> its bytes as they came.
        origin: who submits.
        num_draws: how many seeds to try, at least 1.
    """
    assessments, matches = pipeline.assess(product), pipeline.match(product)
    seen: set[tuple[str, ...]] = set()
    for seed in range(pipeline.settings.seed, pipeline.settings.seed + num_draws):
        settings = replace(pipeline.settings, seed=seed)
        sequence = pipeline.select(assessments, matches, settings).sequence
        if not sequence or sequence in seen:
            continue
        seen.add(sequence)
        encoded = pipeline.encode(product, sequence)
        score = pipeline.score(encoded)
        if score.p_qualified < settings.submission_threshold:
            continue
        if pipeline.writes_feedback:
            score = replace(score, feedback=pipeline.write_feedback(encoded))
        yield submission_of(product, photos, score, settings, origin)
