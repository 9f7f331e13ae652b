"""Scores that steer training; the full analysis lives in `analysis/`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import expit, softmax
from sklearn.metrics import average_precision_score, roc_auc_score
from transformers import EvalPrediction

Array = npt.NDArray[np.floating]


def binary_scores(labels: npt.NDArray[np.integer], scores: Array) -> dict[str, float]:
    """AUC and average precision of `scores` for `labels` of 0 and 1; NaN when one class is absent."""
    if len(np.unique(labels)) < 2:
        return {"auc": float("nan"), "average_precision": float("nan")}
    return {
        "auc": float(roc_auc_score(labels, scores)),
        "average_precision": float(average_precision_score(labels, scores)),
    }


def classifier_metrics(prediction: EvalPrediction) -> dict[str, float]:
    """AUC, average precision and accuracy at 0.5 of a single-image classifier."""
    logits = np.asarray(prediction.predictions, dtype=np.float64).reshape(-1)
    labels = np.asarray(prediction.label_ids).astype(int).reshape(-1)
    probabilities = expit(logits)
    accuracy = float(((probabilities > 0.5) == (labels == 1)).mean())
    return {**binary_scores(labels, probabilities), "accuracy": accuracy}


def muisc_metrics(prediction: EvalPrediction) -> dict[str, float]:
    """How well McC does.

    Returns:
        `auc` of p^t = p_1^mcc, its `average_precision`, the 45-class `accuracy`, `rule_accuracy` among the rejected,
        and `verdict_and_rule`, the mean of `auc` and `rule_accuracy`: p^t is learned sooner than the rules and the
        feedback that names them, so the AUC alone would end a training too early.
    """
    logits = np.asarray(prediction.predictions, dtype=np.float64)
    labels = np.asarray(prediction.label_ids).astype(int).reshape(-1)
    probabilities = softmax(logits, axis=1)
    rejected = labels != 0
    among_rules = probabilities[rejected, 1:].argmax(axis=1) + 1
    rule_accuracy = float((among_rules == labels[rejected]).mean()) if rejected.any() else float("nan")
    binary = binary_scores((~rejected).astype(int), probabilities[:, 0])
    return {
        **binary,
        "accuracy": float((probabilities.argmax(axis=1) == labels).mean()),
        "rule_accuracy": rule_accuracy,
        "verdict_and_rule": (binary["auc"] + rule_accuracy) / 2,
    }
