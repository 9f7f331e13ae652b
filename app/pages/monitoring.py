"""What happens after the release: reject rate over time, drift, when to train again, A/B tests."""

from __future__ import annotations

import streamlit as st

from app.components.monitoring.ab_test import ab_view
from app.components.monitoring.drift import drift_view
from app.components.monitoring.over_time import over_time
from app.components.tables.choice import table_choice
from app.i18n import _

_RATE, _DRIFT, _AB = "rate", "drift", "ab"


def page() -> None:
    """The whole page, top to bottom."""
    st.title(_("Monitoring"), anchor=False)
    st.caption(_("Does it still work? Reject rate over time, changes of what comes in, and what buyers do."))
    names = {_RATE: _("Reject rate"), _DRIFT: _("Drift and retraining"), _AB: _("A/B test")}
    view = st.segmented_control(
        _("View"), list(names), format_func=names.__getitem__, default=_RATE, required=True, key="view",
        bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    if view == _AB:
        ab_view()
        return
    table = table_choice()
    if table is None:
        return
    if view == _DRIFT:
        drift_view(table)
    else:
        over_time(table)


page()
