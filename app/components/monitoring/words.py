"""Rates, differences and lifts as text."""

from __future__ import annotations

from analysis.rates import Rate
from app.components.text import sentence
from app.i18n import _


def percent(share: float | None, digits: int = 1) -> str:
    """A share in per cent, or that there is none."""
    return _("n/a") if share is None else f"{share:.{digits}%}"


def signed(share: float | None, digits: int = 1) -> str:
    """A change in per cent with its sign; an end of an interval that is open says so."""
    return _("open") if share is None else f"{share:+.{digits}%}"


def points(difference: float | None) -> str:
    """A difference of two shares in points of per cent with its sign, or that there is none."""
    return _("n/a") if difference is None else _("{n} points").format(n=f"{difference:+.1%}".rstrip("%"))


def number(value: float | None, form: str = ".3f") -> str:
    """A number, or that there is none."""
    return _("n/a") if value is None else format(value, form)


def rate_interval(rate: Rate, digits: int = 1) -> str:
    """The interval of a rate with its support, or why there is none."""
    if rate.value is None:
        return sentence(rate.reason)
    return _("95%: {low} to {high} · n = {n}").format(
        low=percent(rate.low, digits), high=percent(rate.high, digits), n=f"{rate.n:,}"
    )


def feature_name(name: str) -> str:
    """A feature of the drift report as the interface calls it; the name itself where it has no other."""
    return {
        "p_t": "$p^t$",
        "p_nlg": "$p^{nlg}$",
        "num_images": _("number of images"),
        "title_length": _("length of the title"),
        "category": _("product category"),
        "source": _("source"),
        "label": _("rules that are broken"),
        "predicted_class": _("rules that are predicted"),
    }.get(name, name)
