"""When to train again: what drift, reject rate and age of the training window say (section 5.1: every 3 months)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from analysis.errors import AnalysisError
from analysis.online.drift import DriftLevel, DriftReport, FeatureDrift
from analysis.online.rate_change import RateChange


class Action(StrEnum):
    """What to do, the most urgent first."""

    RETRAIN = "retrain"
    WATCH = "watch"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class AdviceLimits:
    """When to act.

    Attributes:
        oldest: days since the end of the training window after which to retrain; the paper retrains every 3 months.
        ageing: days after which to watch.
        rise: rise of the reject rate, in (0, 1), from which on to retrain when chance does not explain it; a smaller
            one that chance does not explain is watched.
    """

    oldest: int = 92
    ageing: int = 61
    rise: float = 0.02

    def __post_init__(self) -> None:
        if not 0 < self.ageing <= self.oldest:
            raise AnalysisError(f"ageing {self.ageing} must lie between 1 and oldest {self.oldest} days")
        if not 0 < self.rise < 1:
            raise AnalysisError(f"rise {self.rise} is not between 0 and 1; two points are 0.02")


@dataclass(frozen=True, slots=True)
class Reason:
    """What one sign says.

    Attributes:
        action: what to do if it were the only sign; None when it is not known.
        text: the sign with its figures.
    """

    action: Action | None
    text: str


@dataclass(frozen=True, slots=True)
class Advice:
    """Whether to train again.

    Attributes:
        action: the most urgent one of all signs; `watch` when none of them is known.
        reasons: the signs, most urgent first, those that are not known last.
        age_days: days since the end of the training window; None when it is not known.
        train_on: first and last day of the window to train on next, the past months; None when today is unknown.
    """

    action: Action
    reasons: tuple[Reason, ...]
    age_days: int | None
    train_on: tuple[date, date] | None


_ORDER = {Action.RETRAIN: 0, Action.WATCH: 1, Action.FINE: 2, None: 3}


def advise(
    drift: DriftReport | None,
    change: RateChange | None,
    trained_until: date | None,
    today: date | None,
    limits: AdviceLimits | None = None,
) -> Advice:
    """Weigh the signs; what is not known counts neither for nor against training again.

    Args:
        drift: of now against the training window.
        change: reject rate of then (`before`) and of now (`after`).
        trained_until: last day of the training window.
        today: the day that its age is counted to.
        limits: when to act.

    Raises:
        AnalysisError: when today lies before the end of the training window.
    """
    limits = limits or AdviceLimits()
    age = None if trained_until is None or today is None else (today - trained_until).days
    if age is not None and age < 0:
        raise AnalysisError(f"today {today} lies before the end of the training window, {trained_until}")
    reasons = [*_of_drift(drift), _of_rate(change, limits), _of_age(age, limits)]
    reasons.sort(key=lambda reason: _ORDER[reason.action])
    window = None if today is None else (date.fromordinal(today.toordinal() - limits.oldest + 1), today)
    return Advice(reasons[0].action or Action.WATCH, tuple(reasons), age, window)


def _of_drift(drift: DriftReport | None) -> list[Reason]:
    if drift is None:
        return [Reason(None, "Drift was not measured.")]
    acts = {DriftLevel.MAJOR: Action.RETRAIN, DriftLevel.MODERATE: Action.WATCH}
    reasons = [
        Reason(action, f"{_told(feature)}, a {level} shift.")
        for level, action in acts.items()
        for feature in sorted(drift.of_level(level), key=lambda feature: -(feature.psi or 0))
    ]
    stable, unknown = drift.of_level(DriftLevel.STABLE), drift.of_level(DriftLevel.UNKNOWN)
    if stable and not reasons:
        largest = max(stable, key=lambda feature: feature.psi or 0)
        reasons.append(Reason(Action.FINE, f"No feature moved; the largest PSI: {_told(largest)}."))
    if unknown:
        told = "; ".join(f"{feature.name} ({feature.reason})" for feature in unknown)
        reasons.append(Reason(None, f"Not compared: {told}."))
    return reasons


def _told(feature: FeatureDrift) -> str:
    p = "untested" if feature.adjusted_p is None else f"adjusted p={feature.adjusted_p:.2g}"
    return f"{feature.name}: PSI {feature.psi:.3f}, {p}, n={feature.n_reference} then and {feature.n_current} now"


def _of_rate(change: RateChange | None, limits: AdviceLimits) -> Reason:
    if change is None:
        return Reason(None, "The reject rates were not compared.")
    if change.difference is None:
        return Reason(None, f"The reject rates could not be compared: {change.reason}.")
    if not change.is_shown or change.difference <= 0:
        return Reason(Action.FINE, f"The reject rate is not shown to have risen. {change.verdict}")
    return Reason(Action.RETRAIN if change.difference >= limits.rise else Action.WATCH, change.verdict)


def _of_age(age: int | None, limits: AdviceLimits) -> Reason:
    if age is None:
        return Reason(None, "The age of the training window is not known.")
    told = f"The training window ended {age} days ago"
    if age >= limits.oldest:
        return Reason(Action.RETRAIN, f"{told}; the paper trains again every 3 months (limit {limits.oldest} days).")
    if age >= limits.ageing:
        return Reason(Action.WATCH, f"{told}; from {limits.oldest} days on it is time to train again.")
    return Reason(Action.FINE, f"{told}, less than the limit of {limits.oldest} days.")
