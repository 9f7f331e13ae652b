"""Figures as words of a report."""

from __future__ import annotations

from typing import Protocol


class _Interval(Protocol):
    @property
    def value(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def reason(self) -> str: ...


def percent(value: float | None, reason: str = "") -> str:
    """A share with one decimal, or why there is none."""
    return f"{value:.1%}" if value is not None else undefined(reason)


def percent_interval(rate: _Interval) -> str:
    """A share with its interval."""
    if rate.value is None:
        return undefined(rate.reason)
    if rate.low is None or rate.high is None:
        return f"{rate.value:.1%}"
    return f"{rate.value:.1%} ({rate.low:.1%} to {rate.high:.1%})"


def number_interval(score: _Interval) -> str:
    """A number of three decimals with its interval."""
    if score.value is None:
        return undefined(score.reason)
    if score.low is None or score.high is None:
        return f"{score.value:.3f}"
    return f"{score.value:.3f} ({score.low:.3f} to {score.high:.3f})"


def undefined(reason: str) -> str:
    """In place of a figure that the data does not define."""
    return f"n/a: {reason}" if reason else "n/a"
