"""What a method reaches on made pairs, with 95% intervals over products."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.metrics.bootstrap import Bootstrap, Score
from analysis.metrics.ranking import auc, recall_at
from benchmarks.pairs.made import Kind, MadePair
from benchmarks.pairs.methods import Judgement, Method

PRECISION = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The judgements of one method on one set of pairs.

    Attributes:
        method: that judged.
        pairs: the pairs.
        judgements: one for each pair.
        seconds: (n,) of processor time that each took, everything computed of the two pictures included.
    """

    method: Method
    pairs: Sequence[MadePair]
    judgements: Sequence[Judgement]
    seconds: npt.NDArray[np.float64]

    @property
    def scores(self) -> npt.NDArray[np.float64]:
        """(n,) larger is surer to be a duplicate."""
        return np.array([judgement.duplicate for judgement in self.judgements], np.float64)

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """(n,) 1 for copies, 0 for recoloured and other photos."""
        return np.array([pair.is_copy for pair in self.pairs], np.int64)

    @property
    def milliseconds(self) -> float:
        """Median processor time of a pair, of all threads together; other programs do not change it much."""
        return 1000 * float(np.median(self.seconds))

    def auc(self) -> Score:
        """Copies against everything else."""
        return Bootstrap().score("AUC", auc, self.labels, self.scores, [pair.product for pair in self.pairs])

    def recall(self) -> Score:
        """Recall of copies at the lowest threshold of 95% precision."""
        products = [pair.product for pair in self.pairs]
        return Bootstrap().score("recall at P .95", recall_at(PRECISION), self.labels, self.scores, products)

    def flagged(self, threshold: float) -> npt.NDArray[np.bool_]:
        """(n,) which pairs are duplicates at a threshold."""
        return self.scores >= threshold

    def of_kind(self, kind: Kind) -> npt.NDArray[np.bool_]:
        """(n,) which pairs are of a kind."""
        return np.array([pair.kind is kind for pair in self.pairs])

    def precise_threshold(self) -> float:
        """The lowest score at which at least 95% of the flagged pairs are copies; infinite where there is none."""
        best = np.inf
        for threshold in np.unique(self.scores):
            flagged = self.flagged(float(threshold))
            if self.labels[flagged].mean() >= PRECISION - 1e-12:
                return float(threshold)
        return float(best)


def judge(method: Method, pairs: Sequence[MadePair]) -> Judged:
    """Let a method judge every pair, one after the other."""
    judgements, seconds = [], []
    for pair in pairs:
        started = time.process_time()
        judgements.append(method.judge(pair.first, pair.second))
        seconds.append(time.process_time() - started)
    return Judged(method, pairs, judgements, np.array(seconds))


def pooled(parts: Sequence[Judged]) -> Judged:
    """What one method said of several sets, as one."""
    return Judged(
        parts[0].method,
        [pair for part in parts for pair in part.pairs],
        [judgement for part in parts for judgement in part.judgements],
        np.concatenate([part.seconds for part in parts]),
    )
