"""Figures as text."""

from __future__ import annotations


def percent(share: float | None) -> str:
    """A share as text, to four digits; n/a where it is undefined."""
    return "n/a" if share is None else f"{100 * share:.4g}%"
