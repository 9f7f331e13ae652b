"""What MUIsC says about every rule."""

from __future__ import annotations

import streamlit as st

from agpis.rules import RuleCategory, RuleTaxonomy
from agpis.types import SequenceResult
from analysis.figures import rule_probability_figure
from app.components.rule_words import shown_rules
from app.i18n import _

TOP = 12


def rule_probabilities(result: SequenceResult, taxonomy: RuleTaxonomy) -> None:
    """The bar chart of p_i^mcc by category: the likeliest classes, or all of them."""
    st.subheader(_("Probability of each review outcome"), anchor=False)
    st.caption(
        _(
            "The classifier's reading: qualified, or the rule a reviewer would name. The probabilities add up to 1. "
            "Point at a bar for the rule in full."
        )
    )
    everything = st.toggle(_("Show all {count} classes").format(count=len(taxonomy)), key="all_classes")
    names = {
        RuleCategory.QUALIFIED: _("Qualified"),
        RuleCategory.SINGLE: _("Single-image rules"),
        RuleCategory.PAIR: _("Image-pair rules"),
        RuleCategory.MULTI: _("Multi-image rules"),
        RuleCategory.OTHER: _("Other"),
    }
    figure = rule_probability_figure(
        result, shown_rules(taxonomy), None if everything else TOP, names, _("probability")
    )
    st.plotly_chart(figure, key="rules", config={"displayModeBar": False})
