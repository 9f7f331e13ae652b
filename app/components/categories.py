"""The categories of rules as the interface calls them."""

from __future__ import annotations

from agpis.rules import RuleCategory
from app.i18n import _


def category_name(category: RuleCategory) -> str:
    """One category, or one of the two classes that are no rule."""
    return {
        RuleCategory.QUALIFIED: _("Qualified"),
        RuleCategory.SINGLE: _("Single image"),
        RuleCategory.PAIR: _("Image pair"),
        RuleCategory.MULTI: _("Whole sequence"),
        RuleCategory.OTHER: _("Other"),
    }[category]
