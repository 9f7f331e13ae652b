"""What MUIsC says about every rule."""

from __future__ import annotations

import streamlit as st

from agpis.rules import RuleTaxonomy
from agpis.types import SequenceResult
from analysis.figures import rule_probability_figure

TOP = 12


def rule_probabilities(result: SequenceResult, taxonomy: RuleTaxonomy) -> None:
    """The bar chart of p_i^mcc by category: the likeliest classes, or all of them."""
    st.subheader("Probability of each review outcome", anchor=False)
    st.caption(
        "The classifier's reading: qualified, or the rule a reviewer would name. The probabilities add up to 1. "
        "Point at a bar for the rule in full."
    )
    everything = st.toggle(f"Show all {len(taxonomy)} classes", key="all_classes")
    figure = rule_probability_figure(result, taxonomy, top=None if everything else TOP)
    st.plotly_chart(figure, key="rules", config={"displayModeBar": False})
