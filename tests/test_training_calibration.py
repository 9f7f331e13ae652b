"""Calibration of p^t: hand-computable shifts, the order kept, the head that gives the new logits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import softmax
from torch import nn

from agpis.training.calibration import Calibration, build_in, fit_calibration


def test_a_changed_share_of_acceptances_is_a_shift_of_the_log_odds() -> None:
    # Trained where half were accepted and knowing nothing else: log-odds 0. In nature 3 of 4 are, log-odds ln 3.
    logits = np.zeros((400, 2))
    labels = np.array([0, 0, 0, 1] * 100)
    found = fit_calibration(logits, labels)
    assert found.shift == pytest.approx(np.log(3), abs=1e-3)


def test_overconfidence_is_scaled_back() -> None:
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 1.5, (20_000, 2))
    labels = (rng.random(20_000) > softmax(honest, axis=1)[:, 0]).astype(int)
    found = fit_calibration(3 * honest, labels)
    assert found.scale == pytest.approx(1 / 3, abs=0.02)
    assert found.shift == pytest.approx(0, abs=0.06)


def test_one_kind_of_label_changes_nothing() -> None:
    logits = np.random.default_rng(1).normal(size=(10, 3))
    assert fit_calibration(logits, np.zeros(10, int)) == Calibration(1.0, 0.0)
    assert fit_calibration(logits, np.full(10, 2)) == Calibration(1.0, 0.0)


def test_a_perfect_split_stays_finite() -> None:
    labels = np.array([0, 1] * 20)
    logits = np.where(labels[:, None] == np.arange(2), 5.0, -5.0)
    found = fit_calibration(logits, labels)
    assert 0 < found.scale <= np.exp(2)
    assert np.isfinite(found.shift)


def test_the_head_gives_the_calibrated_logits_and_keeps_the_order() -> None:
    torch.manual_seed(0)
    head, hidden = nn.Linear(4, 3), torch.randn(50, 4)
    before = head(hidden).detach()
    build_in(Calibration(0.5, 1.0), head)
    after = head(hidden).detach()
    assert torch.allclose(after, 0.5 * before + torch.tensor([1.0, 0, 0]), atol=1e-6)
    rules_before, rules_after = before[:, 1:].argmax(1), after[:, 1:].argmax(1)
    assert torch.equal(rules_before, rules_after)
