"""ROC and precision-recall curves as values, thinned so that a figure of a million rows stays small."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import precision_recall_curve as sklearn_precision_recall
from sklearn.metrics import roc_auc_score, roc_curve

from agpis.reasons import Reason
from analysis.metrics.measure import measured_rows, probability_of
from analysis.metrics.ranking import Floats
from analysis.metrics.results import ScoreName
from analysis.predictions import Predictions

_MOST_POINTS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class BinaryCurves:
    """What every threshold on the probability of being qualified gives; at least the threshold counts as qualified.

    Attributes:
        false_positive_rate: (m,) share of the rejected that reaches each threshold, rising from 0 to 1; empty where
            undefined, like the rest.
        true_positive_rate: (m,) share of the qualified that does.
        roc_thresholds: (m,) falling; the first is infinite.
        recall: (k,) of the qualified, falling from 1 to 0.
        precision: (k,) share of qualified in what reaches each threshold; 1 at the end, where nothing does.
        thresholds: (k - 1,) rising, of all but the last precision.
        auc: area under the ROC curve; None where undefined.
        qualified: rows.
        rejected: rows.
        reason: why there are no curves; empty otherwise.
    """

    false_positive_rate: Floats
    true_positive_rate: Floats
    roc_thresholds: Floats
    recall: Floats
    precision: Floats
    thresholds: Floats
    auc: float | None
    qualified: int
    rejected: int
    reason: str = ""

    def at(self, threshold: float) -> tuple[float, float] | None:
        """False and true positive rate of the lowest kept threshold that is not below this one; None without curve."""
        reached = np.flatnonzero(self.roc_thresholds >= threshold)
        if not len(reached):
            return None
        return float(self.false_positive_rate[reached[-1]]), float(self.true_positive_rate[reached[-1]])

    def precision_at(self, threshold: float) -> tuple[float, float] | None:
        """Recall and precision of the lowest kept threshold that is not below this one; None without curve."""
        if not len(self.precision):
            return None
        place = int(np.searchsorted(self.thresholds, threshold))
        return float(self.recall[place]), float(self.precision[place])


def binary_curves(predictions: Predictions, score_name: ScoreName = "p_t") -> BinaryCurves:
    """Both curves of the rows with review and score; the AUC is that of all points, the curves keep 1,000 at most.

    Raises:
        PredictionsError: when no row has both a review and the score.
    """
    rows = measured_rows(predictions, score_name)
    labels, p = rows.is_qualified, probability_of(rows, score_name)
    qualified, rejected = int(labels.sum()), int((~labels).sum())
    if not qualified or not rejected:
        none = np.empty(0)
        reason = Reason.NO_REJECTED_ROW if qualified else Reason.NO_QUALIFIED_ROW
        return BinaryCurves(none, none, none, none, none, none, None, qualified, rejected, reason)
    false_rate, true_rate, roc_thresholds = (_thinned(values) for values in roc_curve(labels, p))
    precision, recall, thresholds = sklearn_precision_recall(labels, p, drop_intermediate=True)
    kept = _places(len(thresholds))
    ends = np.append(kept, len(thresholds))
    return BinaryCurves(
        false_positive_rate=false_rate,
        true_positive_rate=true_rate,
        roc_thresholds=roc_thresholds,
        recall=recall[ends],
        precision=precision[ends],
        thresholds=thresholds[kept],
        auc=float(roc_auc_score(labels, p)),
        qualified=qualified,
        rejected=rejected,
    )


def _thinned(values: Floats) -> Floats:
    kept: Floats = values[_places(len(values))]
    return kept


def _places(length: int) -> np.ndarray:
    """Evenly spread indices, both ends among them."""
    return np.unique(np.linspace(0, length - 1, min(length, _MOST_POINTS)).round().astype(np.int64))
