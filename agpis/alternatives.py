"""Stage 2 chooses: many sequences of one product scored by MUIsC instead of one drawn at random (beyond the paper)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from agpis.errors import SettingsError
from agpis.muisc.scoring import SequenceScorer
from agpis.stage1.selection import candidate_sequences, count_sequences
from agpis.types import PipelineSettings, Product, SequenceScore, StageOneResult

BEST = 5
"""How many alternatives are named."""
LIMIT = 120
"""How many sequences are scored at most: all pairs behind the primary image of 11 photos with K^t = 3 (110)."""
_DIGITS = 9  # p^t that differ by less are the same: a batch of another size rounds differently


@dataclass(frozen=True, slots=True)
class Alternative:
    """One sequence that stage 2 may choose.

    Attributes:
        rank: 1 for the largest p^t.
        sequence: files in order, primary first.
        p_qualified: p^t in [0, 1].
        difference: p^t less that of the current sequence, in [-1, 1].
        changed_places: places, from 1, where the current sequence has another image or none; empty for the current
            sequence itself.
        same_images: whether it has the images of the current sequence, in whatever order.
        score: all that MUIsC says of it, without feedback.
    """

    rank: int
    sequence: tuple[str, ...]
    p_qualified: float
    difference: float
    changed_places: tuple[int, ...]
    same_images: bool
    score: SequenceScore


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The best sequences of one product.

    Attributes:
        best: by falling p^t, ties in the order of `candidate_sequences`.
        current: the score of the sequence they are compared with.
        considered: how many sequences were scored, the current one aside.
        possible: how many there are.
    """

    best: tuple[Alternative, ...]
    current: SequenceScore
    considered: int
    possible: int


@dataclass(frozen=True, slots=True)
class Placement:
    """A sequence with one image put in the place of another.

    Attributes:
        place: from 1; the first is the primary image.
        instead_of: the image that was there.
        sequence: files in order.
        p_qualified: p^t in [0, 1].
        difference: p^t less that of the sequence as it was, in [-1, 1].
    """

    place: int
    instead_of: str
    sequence: tuple[str, ...]
    p_qualified: float
    difference: float


def possible_primaries(stage_one: StageOneResult, settings: PipelineSettings) -> tuple[str, ...]:
    """Remaining images that stage 1 would let come first: its own choice, then the others by falling p^primary."""
    remaining = set(stage_one.remaining)
    above = [
        image
        for image in stage_one.assessments
        if image.file in remaining and image.file != stage_one.primary and image.p_primary > settings.primary_threshold
    ]
    own = () if stage_one.primary is None else (stage_one.primary,)
    return (*own, *(image.file for image in sorted(above, key=lambda image: -image.p_primary)))


def find_alternatives(
    scorer: SequenceScorer,
    product: Product,
    stage_one: StageOneResult,
    settings: PipelineSettings,
    current: Sequence[str],
    *,
    other_primaries: bool = False,
    count: int = BEST,
    limit: int = LIMIT,
) -> Alternatives:
    """The sequences of the product's compliant images with the largest p^t.

    Every image is encoded once; only the sequence part of MUIsC runs for each order (not with early fusion).

    Args:
        scorer: MUIsC.
        product: decoded images and title.
        stage_one: what `select` decided with `settings`.
        settings: K^t, thresholds and the seed of the draw beyond `limit`.
        current: the sequence to compare with, stage 1's or one of a person's own.
        other_primaries: also let other images come first whose p^primary is above `primary_threshold`.
        count: how many to name at most, at least 1.
        limit: how many to score at most, at least 1.

    Returns:
        Nothing but the current score when stage 1 terminated.

    Raises:
        SettingsError: when count or limit is below 1.
        ModelError: when K^t is larger than the model takes, or `current` is empty.
        KeyError: when `current` names a file that the product does not have.
    """
    if count < 1:
        raise SettingsError(f"count must be at least 1 alternative, got {count}")
    primaries = possible_primaries(stage_one, settings) if other_primaries else ()
    sequences = candidate_sequences(stage_one, settings, limit, primaries)
    images = {image.file: image for image in product.images}
    wanted = [tuple(current), *sequences]
    scores = scorer.score_many(
        product.title, [[images[file] for file in sequence] for sequence in wanted], product.category
    )
    own, *others = scores
    ranked = sorted(others, key=lambda score: -round(score.p_qualified, _DIGITS))[:count]
    possible = 0
    if sequences:
        possible = count_sequences(len(primaries) or 1, len(stage_one.remaining), settings.num_images)
    return Alternatives(
        best=tuple(_alternative(rank, score, own) for rank, score in enumerate(ranked, start=1)),
        current=own,
        considered=len(sequences),
        possible=possible,
    )


def _alternative(rank: int, score: SequenceScore, current: SequenceScore) -> Alternative:
    pairs = itertools.zip_longest(score.sequence, current.sequence)
    return Alternative(
        rank=rank,
        sequence=score.sequence,
        p_qualified=score.p_qualified,
        difference=score.p_qualified - current.p_qualified,
        changed_places=tuple(place for place, (one, other) in enumerate(pairs, start=1) if one != other),
        same_images=set(score.sequence) == set(current.sequence),
        score=score,
    )


def place_image(scorer: SequenceScorer, product: Product, sequence: Sequence[str], file: str) -> tuple[Placement, ...]:
    """p^t with an image put in each place of a sequence, instead of the image that is there.

    Args:
        scorer: MUIsC.
        product: decoded images and title.
        sequence: at least one file.
        file: an image of the product that is not in the sequence.

    Returns:
        One Placement a place, in the order of the places.

    Raises:
        ValueError: when the image is in the sequence already.
        KeyError: when the product has no such image.
        ModelError: when the sequence is empty or longer than the model takes.
    """
    if file in sequence:
        raise ValueError(f"{file} is in the sequence already, at place {list(sequence).index(file) + 1}")
    images = {image.file: image for image in product.images}
    changed = [tuple(file if at == index else one for at, one in enumerate(sequence)) for index in range(len(sequence))]
    own, *others = scorer.score_many(
        product.title, [[images[one] for one in order] for order in (tuple(sequence), *changed)], product.category
    )
    return tuple(
        Placement(place, replaced, score.sequence, score.p_qualified, score.p_qualified - own.p_qualified)
        for place, (replaced, score) in enumerate(zip(sequence, others, strict=True), start=1)
    )
