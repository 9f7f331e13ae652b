"""Which place the reviewer's class has among the K^g classes of p^mcc (section 3.4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.metrics.ranking import Floats, Ints, ratio
from analysis.predictions import Predictions

TOPS = (1, 3)

# Rows that are compared at once.
_CHUNK = 100_000


def class_places(probabilities: npt.NDArray[np.floating[Any]], labels: Ints) -> Ints:
    """How many classes come before the right one, 0 for the likeliest; of equal ones the first in class order wins.

    Args:
        probabilities: (n, K^g) p^mcc.
        labels: (n,) class indices in [0, K^g).

    Returns:
        (n,) in [0, K^g); a row is right among the first k where this is below k.
    """
    places = np.empty(len(labels), np.int64)
    order = np.arange(probabilities.shape[1])
    for start in range(0, len(labels), _CHUNK):
        part, own = probabilities[start : start + _CHUNK], labels[start : start + _CHUNK, None]
        right = np.take_along_axis(part, own, axis=1)
        before = (part > right) | ((part == right) & (order < own))
        places[start : start + _CHUNK] = before.sum(axis=1)
    return places


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Top-k accuracies as sums over products, to be weighed like rankings.

    Attributes:
        names: (M,) of the accuracies: among all classes, and among the classes of rejections for rejected rows alone.
        hits: (M, K) right rows of each of K products.
        counts: (M, K) rows of each product.
        of_rejected: which names are about rejected rows alone.
    """

    names: tuple[str, ...]
    hits: Floats
    counts: Floats
    of_rejected: frozenset[str]

    @classmethod
    def of(cls, rows: Predictions) -> Shares:
        """Those of reviewed rows."""
        labels, products, clusters = rows.labels, rows.products, int(rows.products.max()) + 1
        rejected = labels > 0
        places = class_places(rows.probabilities, labels)
        rule_places = class_places(rows.probabilities[rejected, 1:], labels[rejected] - 1)
        kinds = ((places, products), (rule_places, products[rejected]))
        hits = [np.bincount(of, at < k, minlength=clusters) for at, of in kinds for k in TOPS]
        counts = [np.bincount(of, minlength=clusters) for _, of in kinds for _ in TOPS]
        names, rule_names = ([f"top-{k} {what}" for k in TOPS] for what in ("accuracy", "rule accuracy"))
        return cls((*names, *rule_names), np.stack(hits), np.stack(counts).astype(np.float64), frozenset(rule_names))

    def weighed(self, weights: Floats) -> Floats:
        """(M, R) accuracies under weights (K, R); NaN where no row counts."""
        return ratio(self.hits @ weights, self.counts @ weights)
