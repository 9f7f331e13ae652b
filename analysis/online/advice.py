"""When to train again: what drift, reject rate and age of the training window say (section 5.1: every 3 months)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from agpis.reasons import Reason
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
class Sign:
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
    reasons: tuple[Sign, ...]
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


def _of_drift(drift: DriftReport | None) -> list[Sign]:
    if drift is None:
        return [Sign(None, Reason.DRIFT_NOT_MEASURED)]
    acts = {
        DriftLevel.MAJOR: (Action.RETRAIN, Reason.DRIFT_MAJOR),
        DriftLevel.MODERATE: (Action.WATCH, Reason.DRIFT_MODERATE),
    }
    reasons = [
        Sign(action, told.format(clause=_told(feature)))
        for level, (action, told) in acts.items()
        for feature in sorted(drift.of_level(level), key=lambda feature: -(feature.psi or 0))
    ]
    stable, unknown = drift.of_level(DriftLevel.STABLE), drift.of_level(DriftLevel.UNKNOWN)
    if stable and not reasons:
        largest = max(stable, key=lambda feature: feature.psi or 0)
        reasons.append(Sign(Action.FINE, Reason.DRIFT_STABLE.format(clause=_told(largest))))
    return reasons + [
        Sign(None, Reason.FEATURE_UNKNOWN.format(feature=feature.name, clause=feature.reason)) for feature in unknown
    ]


def _told(feature: FeatureDrift) -> str:
    p = feature.adjusted_p
    return (Reason.FEATURE_UNTESTED if p is None else Reason.FEATURE_TESTED).format(
        feature=feature.name,
        psi=f"{feature.psi:.3f}",
        p="" if p is None else f"{p:.2g}",
        before=feature.n_reference,
        after=feature.n_current,
    )


def _of_rate(change: RateChange | None, limits: AdviceLimits) -> Sign:
    if change is None:
        return Sign(None, Reason.RATES_NOT_COMPARED)
    if change.difference is None:
        return Sign(None, Reason.RATES_INCOMPARABLE.format(clause=change.reason))
    if not change.is_shown or change.difference <= 0:
        return Sign(Action.FINE, Reason.RATE_NOT_RISEN.format(clause=change.verdict))
    return Sign(Action.RETRAIN if change.difference >= limits.rise else Action.WATCH, change.verdict)


def _of_age(age: int | None, limits: AdviceLimits) -> Sign:
    if age is None:
        return Sign(None, Reason.AGE_UNKNOWN)
    if age >= limits.oldest:
        action, told = Action.RETRAIN, Reason.AGE_OVER
    else:
        action, told = (Action.WATCH, Reason.AGE_NEAR) if age >= limits.ageing else (Action.FINE, Reason.AGE_FINE)
    return Sign(action, told.format(days=age, limit=limits.oldest))
