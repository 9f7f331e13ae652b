"""Shares with their intervals as words of the page."""

from __future__ import annotations

from analysis.rates import Rate
from analysis.rule_errors.auc import Auc
from app.components.reasons import said
from app.i18n import _


def share(rate: Rate) -> str:
    """A share, or a dash where it is undefined."""
    return "–" if rate.value is None else f"{rate.value:.1%}"


def interval(rate: Rate) -> str:
    """The 95% interval of a share; empty where it is undefined."""
    return "" if rate.low is None or rate.high is None else f"{rate.low:.1%} – {rate.high:.1%}"


def number(value: float | None) -> str:
    """A number of three decimals, or a dash."""
    return "–" if value is None else f"{value:.3f}"


def told(figure: Rate | Auc) -> str:
    """A share or an AUC with its interval, or why there is none."""
    if figure.value is None:
        return _("undefined: {reason}").format(reason=said(figure.reason))
    if isinstance(figure, Rate):
        return f"{share(figure)} ({interval(figure)})"
    return (
        number(figure.value)
        if figure.low is None or figure.high is None
        else f"{figure.value:.3f} ({figure.low:.3f} – {figure.high:.3f})"
    )
