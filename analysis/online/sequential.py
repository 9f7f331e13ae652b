r"""Always-valid p-values and confidence sequences of a rate ratio: an A/B test that may be looked at every day.

The mixture sequential probability ratio test of Johari, Pekelis and Walsh, Always valid inference (arXiv:1512.04922,
2015; Peeking at A/B tests, KDD 2017), in a form that holds at every sample size instead of asymptotically.

Let a date have s successes, k of them in the treatment arm, and let the rate there be rho times that of the control
arm. Out of n_1 and n_0 units, the treatment arm then expects the share q = n_1 rho / (n_0 + n_1 rho) of the successes.
With the sub-Gaussian variance of a Bernoulli variable, v(q) = (1 - 2q) / (2 ln((1 - q) / q)) (Kearns and Saul 1998;
1/4 at q = 1/2), U = sum(k - s q) and V = sum(s v(q)):

    E exp(t U - t^2 V / 2) <= 1 for every t,

since log(1 + p x) <= p x makes the successes of each arm no more variable than Poisson counts, and for these the
Kearns-Saul bound closes the sum. This holds whatever the rates of single dates are. Mixed over t ~ N(0, scale^2),

    E = (1 + scale^2 V)^(-1/2) exp(scale^2 U^2 / (2 (1 + scale^2 V)))

is a nonnegative supermartingale, and by Ville's inequality it ever exceeds 1 / alpha with a chance of at most alpha.
Departures from the paper: successes of a date instead of pairs of users, the rate ratio instead of the difference, and
v(q) instead of the estimated variance. V overstates the spread, which makes the test cautious, where rates are high (by
1 / (1 - p)) and where one arm is much smaller (twofold at 90:10); with equal arms and rates of some per cent hardly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from analysis.errors import AnalysisError
from analysis.predictions import Floats, Ints

SCALE = 0.05
"""Typical size of log(rho): lifts of some per cent, as the paper's +3.2% and +3.6%. The test is valid with any."""
_TOLERANCE = 1e-9  # of the log of a ratio
_WIDEST = float(np.log(1e4))  # a ratio outside 1e-4 to 1e4 is no interval any more


@dataclass(frozen=True, slots=True)
class Look:
    """What may be said after a date.

    Attributes:
        lift: the estimated rate ratio minus 1, from -1 up; None while the control arm has no success.
        low: lower end of the lift; None while it is open.
        high: upper end of the lift; None while it is open.
        p_value: always valid, in [0, 1]; never rises.
        reason: why something is undefined; empty when nothing is.
    """

    lift: float | None
    low: float | None
    high: float | None
    p_value: float
    reason: str = ""


def log_e_values(units: Ints, successes: Ints, ratio: float = 1.0, scale: float = SCALE) -> Floats:
    """(D,) or (R, D) log e-value after each date against the hypothesis that the rate ratio is `ratio`.

    Args:
        units: (D, 2) or (R, D, 2) of control and treatment, at least 1 each; R repetitions.
        successes: of the same shape, at most the units.
        ratio: rate of the treatment arm over that of the control arm, above 0.
        scale: typical size of the log of the true ratio over `ratio`, above 0.

    Raises:
        AnalysisError: when shapes or values are out of range.
    """
    _check(units, successes, ratio, scale)
    deviation, variance = (np.cumsum(part, axis=-1) for part in _terms(units, successes, ratio))
    return _log_e(deviation, variance, scale)


def always_valid_p_values(units: Ints, successes: Ints, scale: float = SCALE) -> Floats:
    """(D,) or (R, D) p-values of equal rates that hold at every look; arguments and errors are those above."""
    p_values: Floats = np.exp(
        -np.maximum(np.maximum.accumulate(log_e_values(units, successes, 1.0, scale), axis=-1), 0)
    )
    return p_values


def confidence_sequence(units: Ints, successes: Ints, alpha: float = 0.05, scale: float = SCALE) -> tuple[Look, ...]:
    """The lift after each date with an interval; all intervals together hold the true lift with chance 1 - alpha.

    That needs one rate ratio for all dates; the p-values do not, since without an effect it is 1 on each.

    Args:
        units: (D, 2) of control and treatment.
        successes: (D, 2).
        alpha: in (0, 1).
        scale: as in `log_e_values`.

    Raises:
        AnalysisError: when shapes or values are out of range.
    """
    if not 0 < alpha < 1:
        raise AnalysisError(f"alpha {alpha} is not between 0 and 1; the usual one is 0.05")
    p_values = always_valid_p_values(units, successes, scale)
    return tuple(
        _look(units[:end], successes[:end], float(p_values[end - 1]), alpha, scale) for end in range(1, len(units) + 1)
    )


def rate_ratio(units: Ints, successes: Ints) -> float | None:
    """The ratio that all dates together fit best, where U is 0; None without a success in the control arm.

    Args:
        units: (D, 2) of control and treatment, at least 1 each.
        successes: (D, 2), at most the units.

    Raises:
        AnalysisError: when shapes or values are out of range.
    """
    _check(units, successes, 1.0, SCALE)
    control, treatment = successes.sum(axis=0)
    if not control:
        return None
    return float(np.exp(_best(units, successes))) if treatment else 0.0


def _look(units: Ints, successes: Ints, p_value: float, alpha: float, scale: float) -> Look:
    control, treatment = successes.sum(axis=0)
    names = [name for name, n in (("control", control), ("treatment", treatment)) if not n]
    reasons = [f"the {name} arm has no success yet" for name in names]
    best = _best(units, successes)

    def excess(log_ratio: float) -> float:
        deviation, variance = (part.sum() for part in _terms(units, successes, float(np.exp(log_ratio))))
        return float(_log_e(deviation, variance, scale)) + float(np.log(alpha))

    ends: list[float | None] = []
    for edge in (-_WIDEST, _WIDEST):
        is_closed = best != edge and excess(edge) > 0 > excess(best)
        ends.append(float(np.expm1(brentq(excess, *sorted((best, edge)), xtol=_TOLERANCE))) if is_closed else None)
    if not reasons and None in ends:
        reasons = ["too few successes yet to bound the lift"]
    lift = float(np.expm1(best)) if control and treatment else -1.0 if control else None
    return Look(lift, ends[0], ends[1], p_value, "; ".join(reasons))


def _best(units: Ints, successes: Ints) -> float:
    """Log of the ratio where U is 0; without successes in an arm it lies beyond all ratios, and this is the edge."""
    control, treatment = successes.sum(axis=0)
    if not control or not treatment:
        return -_WIDEST if control else _WIDEST

    def deviation(log_ratio: float) -> float:
        return float(_terms(units, successes, float(np.exp(log_ratio)))[0].sum())

    return float(brentq(deviation, -_WIDEST, _WIDEST, xtol=_TOLERANCE))


def _terms(units: Ints, successes: Ints, ratio: float) -> tuple[Floats, Floats]:
    """What each date adds to U and V of the module's docstring, both (..., D)."""
    weighted = units[..., 1] * ratio
    share = weighted / (units[..., 0] + weighted)
    total = successes.sum(axis=-1)
    return successes[..., 1] - total * share, total * _sub_gaussian_variance(share)


def _log_e(deviation: Floats, variance: Floats, scale: float) -> Floats:
    spread = 1 + scale**2 * variance
    values: Floats = scale**2 * deviation**2 / (2 * spread) - np.log(spread) / 2
    return values


def _sub_gaussian_variance(share: Floats) -> Floats:
    """v(q), which tends to 1/4 at q = 1/2; same shape."""
    near = np.abs(share - 0.5) < 1e-4
    apart = np.where(near, 0.25, share)  # any other value, where the formula is 0 / 0
    values: Floats = np.where(near, 0.25, (1 - 2 * apart) / (2 * np.log((1 - apart) / apart)))
    return values


def _check(units: Ints, successes: Ints, ratio: float, scale: float) -> None:
    if units.shape != successes.shape or units.ndim not in (2, 3) or units.shape[-1] != 2:
        raise AnalysisError(
            f"units {units.shape} and successes {successes.shape} must have one shape, (dates, 2) or (R, dates, 2)"
        )
    if not (ratio > 0 and scale > 0):
        raise AnalysisError(f"ratio {ratio} and scale {scale} must both be above 0")
    if (units < 1).any() or (successes < 0).any() or (successes > units).any():
        raise AnalysisError("each date needs at least 1 unit in both arms, and from 0 to as many successes as units")
