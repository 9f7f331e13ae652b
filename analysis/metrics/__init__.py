"""How well tables of predictions tell qualified from rejected sequences, and rules from each other."""

from analysis.metrics.bootstrap import Bootstrap, Score
from analysis.metrics.measure import measure
from analysis.metrics.ranking import Metric, Ranking, auc, average_precision, mean, recall_at
from analysis.metrics.results import ClassScore, Metrics, ScoreName
from analysis.metrics.subsets import SUBSET_CATEGORIES, CategorySubset, category_subset

__all__ = [
    "SUBSET_CATEGORIES",
    "Bootstrap",
    "CategorySubset",
    "ClassScore",
    "Metric",
    "Metrics",
    "Ranking",
    "Score",
    "ScoreName",
    "auc",
    "average_precision",
    "category_subset",
    "mean",
    "measure",
    "recall_at",
]
