"""How long an A/B test must run to find a lift."""

from __future__ import annotations

import streamlit as st

from agpis.errors import AgpisError
from analysis.online.figures import power_figure
from analysis.online.sample_size import Design, power, power_curve
from analysis.rates import share_of
from app.components.figures import localized
from app.components.monitoring.words import percent
from app.components.text import problem
from app.i18n import _, ngettext

_WIDTH = 200
_TILE = 200


def planning() -> None:
    """Draw the plan and what it takes."""
    base, lift, alpha, wanted, share = _design_inputs()
    with st.container(horizontal=True):
        per_day = st.number_input(
            _("Units a day"), 1, 10**12, 20_000, 1000, key="plan_per_day", bind="query-params", width=_WIDTH,
            help=_("Of both arms together: impressions for CTR, clicks for CVR."),
        )  # fmt: skip
        at_hand = st.number_input(
            _("Units at hand"), 2, 10**12, None, 1000, key="plan_units", bind="query-params", width=_WIDTH,
            help=_("If the length is given: how likely the lift is found with so many units of both arms."),
        )  # fmt: skip
    try:
        design = Design(share_of(base), share_of(lift), share_of(alpha), share_of(wanted), share_of(share))
        curve = power_curve(design)
    except AgpisError as error:
        st.error(f"**{_('Such a test cannot be planned.')}** {problem(error)}", icon=":material/error:")
        return
    size = curve.size
    days = size.days(per_day)
    st.subheader(
        ngettext("Run it for {days} day", "Run it for {days} days", days).format(days=f"{days:,}"), anchor=False
    )
    st.markdown(
        _("To find a rise or fall from **{base}** to **{treated}** with a chance of {power}:").format(
            base=percent(design.base, 3), treated=percent(design.treated, 3), power=percent(design.power, 0)
        )
    )
    tiles = [
        (_("Units of control"), f"{size.control:,}", _("Impressions for CTR, clicks for CVR, without the change.")),
        (_("Units of treatment"), f"{size.treatment:,}", _("The same with the change.")),
        (_("Units in all"), f"{size.total:,}", _("Fix this before the start, and test once at the end.")),
    ]
    if at_hand is not None:
        told = _("Chance to find this lift with {n} units of both arms.").format(n=f"{at_hand:,}")
        tiles.append((_("Power of those at hand"), percent(power(design, at_hand)), told))
    grid = st.grid("auto", min_column_width=_TILE, gap="small")
    for label, value, explanation in tiles:
        with grid.cell(), st.container(border=True, height="stretch"):
            st.metric(label, value, help=explanation)
    figure = power_figure(curve)
    figure.update_layout(height=340, margin={"l": 0, "r": 8, "t": 24})
    st.plotly_chart(
        localized(figure), key="plot_power", config={"displayModeBar": False},
        alt=_("Chance to find the lift over the units of both arms."),
    )  # fmt: skip


def _design_inputs() -> tuple[float, float, float, float, float]:
    """Draw the design, all in per cent: base, lift, false alarms, power, share of the treatment."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        base = _per_cent("plan_base", _("Rate today, in %"), 5.0, 0.001, 99.0, _("CTR or CVR of the control arm."))
        lift = _per_cent(
            "plan_lift", _("Lift to find, in %"), 3.0, -99.0, 1000.0,
            _("Relative: 3% of a rate of 5% is a rise to 5.15%. The paper found 3.2% and 3.6%."),
        )  # fmt: skip
        wanted = _per_cent(
            "plan_power", _("Power, in %"), 80.0, 1.0, 99.9, _("Chance to find the lift when it is there.")
        )
        alpha = _per_cent(
            "plan_alpha", _("False alarms, in %"), 5.0, 0.1, 50.0, _("Chance to find one when there is none: alpha.")
        )
        share = _per_cent(
            "plan_share", _("Treatment, in %"), 50.0, 1.0, 99.0, _("Share of the units that get the change.")
        )
    return base, lift, alpha, wanted, share


def _per_cent(key: str, label: str, value: float, least: float, most: float, explanation: str) -> float:
    return st.number_input(
        label, least, most, value, 1.0, format="%g", key=key, bind="query-params", width=160, help=explanation
    )
