"""Make p^t mean what it says: training may see more rejections than there are, and networks grow overconfident."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy.optimize import minimize
from scipy.special import logsumexp
from torch import nn


@dataclass(frozen=True, slots=True)
class Calibration:
    """A change of the McC logits that leaves the order of p^t and, among the rules, of their probabilities.

    Attributes:
        scale: all logits are multiplied by it, above 0.
        shift: then added to the logit of "qualified".
    """

    scale: float
    shift: float


def fit_calibration(logits: npt.NDArray[np.floating], labels: npt.NDArray[np.integer]) -> Calibration:
    """The calibration under which the validation split's acceptances are likeliest.

    Args:
        logits: (N, K^g) of the McC head.
        labels: (N,) class numbers, 0 being "qualified".

    Returns:
        No change when the labels are all of one kind: then there is nothing to learn from.
    """
    qualified = labels == 0
    if qualified.all() or not qualified.any():
        return Calibration(1.0, 0.0)
    values = logits.astype(np.float64)
    sign = np.where(qualified, 1.0, -1.0)

    def negative_log_likelihood(parameters: npt.NDArray[np.float64]) -> float:
        scaled = values * np.exp(parameters[0])
        log_odds = scaled[:, 0] + parameters[1] - logsumexp(scaled[:, 1:], axis=1)
        return float(np.logaddexp(0, -sign * log_odds).mean())

    # A validation split that is told apart without a mistake would ask for ever larger logits.
    found = minimize(negative_log_likelihood, np.zeros(2), method="L-BFGS-B", bounds=[(-2, 2), (-10, 10)])
    return Calibration(float(np.exp(found.x[0])), float(found.x[1]))


@torch.no_grad()
def build_in(calibration: Calibration, head: nn.Linear) -> None:
    """Change the weights of the layer that gives the McC logits accordingly."""
    head.weight.mul_(calibration.scale)
    head.bias.mul_(calibration.scale)
    head.bias[0] += calibration.shift
