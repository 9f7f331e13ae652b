"""Where the time of the run went, stage by stage."""

from __future__ import annotations

import streamlit as st

from analysis.timing_figures import timing_figure
from app.components.sequence.stages import Run
from app.i18n import _


@st.fragment
def stage_times(run: Run) -> None:
    """A closed section with one bar a stage, drawn when it is opened."""
    section = st.expander(_("Time of each stage"), icon=":material/timer:", key="stage_times", on_change="rerun")
    if not section.open:
        return
    with section:
        st.caption(
            _(
                "Seconds each stage took when it was computed. Pale bars came from the cache: they depend on nothing "
                "that has changed since, so this run did not wait for them."
            )
        )
        figure = timing_figure(run.times, _("computed now"), _("from the cache"))
        st.plotly_chart(figure, key="times", config={"displayModeBar": False})
