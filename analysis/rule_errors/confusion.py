"""Which class is taken for which: the 45 classes, and the categories that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agpis.reasons import Reason
from agpis.rules import RuleCategory
from analysis.predictions import Ints, Predictions
from analysis.rates import Rate, wilson_rate
from analysis.rule_errors.reviewed import predicted_classes, reviewed_rows


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """Sequences of one class that were taken for another.

    Attributes:
        true: the reviewer's class.
        predicted: the model's class.
        share: of all sequences of the reviewer's class.
    """

    true: str
    predicted: str
    share: Rate


@dataclass(frozen=True, slots=True)
class Confusion:
    """A confusion matrix of K classes.

    Attributes:
        names: K ids of classes, or names of categories.
        counts: K rows of K; row: the reviewer's class, column: the model's.
        threshold: the th^t that decided who is qualified; None where the likeliest class was taken.
    """

    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    threshold: float | None

    @property
    def support(self) -> tuple[int, ...]:
        """K sequences of each class."""
        return tuple(sum(row) for row in self.counts)

    @property
    def shares(self) -> tuple[tuple[float, ...] | None, ...]:
        """K rows that sum to 1; None for a class that no reviewer gave."""
        return tuple(
            tuple(count / n for count in row) if n else None for row, n in zip(self.counts, self.support, strict=True)
        )

    @property
    def without_support(self) -> tuple[str, ...]:
        """Classes that no reviewer gave, so that their row has no shares."""
        return tuple(name for name, n in zip(self.names, self.support, strict=True) if not n)

    @property
    def accuracy(self) -> Rate:
        """Sequences whose class was found, of all."""
        found = sum(row[index] for index, row in enumerate(self.counts))
        return wilson_rate(found, sum(self.support), reason=Reason.NO_SEQUENCE)

    def share(self, true: str, predicted: str) -> Rate:
        """How many sequences of one class were given another.

        Raises:
            ValueError: when a name is none of the classes.
        """
        row = self.counts[self.names.index(true)]
        return wilson_rate(row[self.names.index(predicted)], sum(row), reason=Reason.NONE_OF_CLASS.format(rule=true))

    def largest(self, most: int = 10) -> tuple[ConfusedPair, ...]:
        """The pairs off the diagonal with most sequences, at most `most`; of equal ones in class order."""
        pairs = [
            ConfusedPair(true, predicted, self.share(true, predicted))
            for row, true in enumerate(self.names)
            for column, predicted in enumerate(self.names)
            if row != column and self.counts[row][column]
        ]
        return tuple(sorted(pairs, key=lambda pair: -pair.share.count)[:most])


def class_confusion(table: Predictions, threshold: float | None = None) -> Confusion:
    """Confusion of the K^g classes.

    Args:
        table: n rows; those without review are left out.
        threshold: as in `predicted_classes`.

    Raises:
        PredictionsError: when no row has a review.
        AnalysisError: when the threshold lies outside [0, 1].
    """
    table = reviewed_rows(table)
    return _confusion(table.taxonomy.ids, table.labels, predicted_classes(table, threshold), threshold)


def category_confusion(table: Predictions, threshold: float | None = None) -> Confusion:
    """Confusion of the categories qualified, single, pair, multi and other; arguments as `class_confusion`."""
    table = reviewed_rows(table)
    categories = list(RuleCategory)
    place = np.array([categories.index(rule.category) for rule in table.taxonomy.classes])
    predicted = place[predicted_classes(table, threshold)]
    return _confusion([category.value for category in categories], place[table.labels], predicted, threshold)


def _confusion(names: Sequence[str], true: Ints, predicted: Ints, threshold: float | None) -> Confusion:
    k = len(names)
    counts = np.bincount(true * k + predicted, minlength=k * k).reshape(k, k)
    return Confusion(tuple(names), tuple(map(tuple, counts.tolist())), threshold)
