"""What MUIsC says of every sequence of a split, with its title, without it, and with another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from agpis.data.reviews import ReviewRecord
from agpis.muisc.review_scoring import encoded_batches
from agpis.muisc.scoring import SequenceScorer
from analysis.metrics.ranking import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """The model's answers for one sequence.

    Attributes:
        probabilities: (K^g,) p^mcc of the classes with the title as it is; sums to 1.
        p_without_title: p^t when the title is empty.
        p_other_title: p^t when the title is that of another product.
        feedback: what the model wrote, or None where it was not asked to.
    """

    probabilities: Floats
    p_without_title: float
    p_other_title: float
    feedback: str | None

    @property
    def p_qualified(self) -> float:
        """p^t in [0, 1]."""
        return float(self.probabilities[0])


def other_titles(records: Sequence[ReviewRecord], seed: int) -> tuple[str, ...]:
    """For every sequence a title of another product, the same for all sequences of one product.

    Products are put into a random circle, and each gets the first different title of those behind it; a title stays
    only where all are the same.
    """
    titles = {record.product_id: record.title for record in records if record.title} or {"": ""}
    circle = list(titles)
    np.random.default_rng(seed).shuffle(circle)
    given: dict[str, str] = {}
    for place, product in enumerate(circle):
        behind = (titles[circle[(place + step) % len(circle)]] for step in range(1, len(circle)))
        given[product] = next((title for title in behind if title != titles[product]), titles[product])
    return tuple(given.get(record.product_id, titles[circle[0]]) for record in records)


def predict(
    scorer: SequenceScorer,
    data: Path,
    records: Sequence[ReviewRecord],
    *,
    swapped: Sequence[str],
    write_for: Collection[int],
    batch_size: int = 32,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Prediction]:
    """Score every sequence with its title, without it and with another; write feedback for some.

    Args:
        scorer: MUIsC.
        data: folder that the files are relative to.
        records: the sequences.
        swapped: another title for each of them.
        write_for: indices of the sequences to write feedback for, greedily.
        batch_size: images, and sequences, at a time.
        progress: called with the number of sequences that were finished.

    Returns:
        One prediction a record, in their order.
    """
    found: dict[int, Prediction] = {}
    for batch in encoded_batches(scorer, data, records, batch_size):
        as_is = scorer.score_batch([encoded for _, encoded in batch])
        empty = scorer.score_batch([replace(encoded, title="") for _, encoded in batch])
        other = scorer.score_batch([replace(encoded, title=swapped[index]) for index, encoded in batch])
        chosen = [(index, encoded) for index, encoded in batch if index in write_for]
        texts = scorer.write_batch([encoded for _, encoded in chosen]) if chosen else []
        written = dict(zip((index for index, _ in chosen), texts, strict=True))
        for (index, _), score, untitled, swap in zip(batch, as_is, empty, other, strict=True):
            probabilities = np.array(list(score.rule_probabilities.values()))
            found[index] = Prediction(probabilities, untitled.p_qualified, swap.p_qualified, written.get(index))
        progress(len(batch))
    return [found[index] for index in range(len(records))]
