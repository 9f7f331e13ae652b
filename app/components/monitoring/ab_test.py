"""A/B tests: from typed totals, from a table of days, and how long a new one must run."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from agpis.errors import AgpisError
from analysis.online.ab_table import COLUMNS, ABTable, ArmCounts, ab_table_from_bytes, ab_table_of_totals
from analysis.online.ab_test import ABResult, Metric, ab_test
from analysis.online.figures import lift_figure
from analysis.rates import share_of
from app.components.figures import localized
from app.components.monitoring.planning import planning
from app.components.monitoring.words import number, percent, rate_interval, signed
from app.components.tables.choice import exclusions_note
from app.components.text import problem, sentence
from app.i18n import _

_TYPED, _TABLE, _PLAN = "typed", "table", "plan"
_EXAMPLE = {"control": ArmCounts(100_000, 5_000, 250), "treatment": ArmCounts(100_000, 5_160, 259)}
_TILE = 260


@st.fragment
def ab_view() -> None:
    """The whole view."""
    st.caption(
        _(
            "In the paper (section 5.2) buyers saw either images and texts made by people or those of the system: the "
            "click-through rate (CTR) rose by 3.2%, the conversion rate (CVR) by 3.6%."
        )
    )
    names = {_TYPED: _("Type the totals"), _TABLE: _("Upload the days"), _PLAN: _("Plan a test")}
    kind = st.segmented_control(
        _("What do you have?"), list(names), format_func=names.__getitem__, default=_TYPED, required=True,
        key="ab_kind", bind="query-params",
        help=_("Totals of both arms; a table with the counts of each day; or nothing yet, to plan how long it takes."),
    )  # fmt: skip
    if kind == _PLAN:
        planning()
        return
    alpha, planned = _options()
    try:
        table = _typed() if kind == _TYPED else _uploaded()
        results = () if table is None else tuple(ab_test(table, one, alpha, treatment_share=planned) for one in Metric)
    except AgpisError as error:
        st.error(f"**{_('These counts cannot be compared.')}** {problem(error)}", icon=":material/error:")
        return
    if table is not None:
        exclusions_note(table.exclusions)
        _results(results, has_days=len(table) > 1)


def _options() -> tuple[float, float]:
    """Draw chance of a false alarm and planned split of the arms."""
    with st.expander(_("Settings of the test"), icon=":material/tune:"), st.container(horizontal=True):
        alpha = st.number_input(
            _("False alarms, in %"), 0.1, 50.0, 5.0, 1.0, format="%g", key="ab_alpha", bind="query-params", width=200,
            help=_("Chance that a metric is said to differ although it does not: alpha, two-sided."),
        )  # fmt: skip
        planned = st.number_input(
            _("Impressions planned for the treatment, in %"), 1.0, 99.0, 50.0, 1.0, format="%g", key="ab_share",
            bind="query-params", width=320,
            help=_("Another share than planned is a warning: something went wrong with the split."),
        )  # fmt: skip
    return share_of(alpha), share_of(planned)


def _typed() -> ABTable:
    """Draw the totals of both arms."""
    names = {"control": _("Control: without the change"), "treatment": _("Treatment: with the change")}
    counts = {}
    for side, (arm, title) in zip(st.columns(2, gap="medium"), names.items(), strict=True):
        with side, st.container(border=True, gap="small"):
            st.markdown(f"**{title}**")
            counts[arm] = ArmCounts(
                _count(arm, "impressions", _("Impressions"), _("How often products of this arm were shown.")),
                _count(arm, "clicks", _("Clicks"), _("Impressions that were clicked.")),
                _count(arm, "orders", _("Orders"), _("Clicks that led to an order.")),
            )
    if counts == _EXAMPLE:
        st.caption(_(":material/edit: These counts are an example; put in your own."))
    return ab_table_of_totals(counts["control"], counts["treatment"], datetime.now(UTC).date())


def _count(arm: str, name: str, label: str, explanation: str) -> int:
    key = f"{arm}_{name}"
    return st.number_input(
        label, 0, 10**12, int(getattr(_EXAMPLE[arm], name)), key=key, bind="query-params", help=explanation
    )


def _uploaded() -> ABTable | None:
    """Draw the upload of a table of days; None before there is one."""
    file = st.file_uploader(
        _("Counts of each day and arm"), ["csv", "csv.gz", "parquet"], key="ab_file",
        help=_("CSV or Parquet with the columns {columns}; one row a day and arm.").format(columns=", ".join(COLUMNS)),
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        control = st.text_input(
            _("Name of the control arm"), "control", key="ab_control", width=220,
            help=_("As it stands in the column `arm`; capitals do not matter."),
        )  # fmt: skip
        treatment = st.text_input(
            _("Name of the treatment arm"), "", key="ab_treatment", width=220,
            help=_("Only needed when the table has more than two arms."),
        )  # fmt: skip
        exclude = st.toggle(
            _("Leave wrong rows out"), key="ab_exclude", help=_("They are counted and told, with the reason.")
        )
    if file is None:
        st.info(_("Put in a table like this one:"), icon=":material/upload_file:")
        example = pd.DataFrame(_example_rows(), columns=list(COLUMNS))
        st.dataframe(example, hide_index=True, width="content")
        st.download_button(
            _("Download as a template"), example.to_csv(index=False), "ab-test.csv", "text/csv", key="ab_template",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        return None
    return ab_table_from_bytes(file.getvalue(), file.name, control or "control", treatment or None, exclude)


def _example_rows() -> list[tuple[object, ...]]:
    return [("2026-03-01", arm, counts.impressions, counts.clicks, counts.orders) for arm, counts in _EXAMPLE.items()]


def _results(results: tuple[ABResult, ...], *, has_days: bool) -> None:
    grid = st.grid("auto", min_column_width=_TILE, gap="small")
    for result in results:
        with grid.cell(), st.container(border=True, gap="xsmall", height="stretch"):
            _tile(result)
    st.caption(
        _(
            "The test at the end holds only if its length was fixed before the start. The test for every look holds "
            "even if you look each day and stop when you like; it needs a larger difference for that. With three "
            "metrics a false alarm in one of them is more likely than in each."
        )
    )
    for note in dict.fromkeys(note for result in results for note in result.notes):
        st.caption(f":material/info: {sentence(note)}")
    if has_days:
        _over_days(results)


def _tile(result: ABResult) -> None:
    change, last = result.fixed.change, result.looks[-1]
    st.metric(_metric_name(result.metric), signed(result.fixed.lift), help=_metric_help(result.metric))
    st.caption(
        _("{before} → {after}").format(before=percent(change.before.value, 2), after=percent(change.after.value, 2)),
        help=_("Control: {control}. Treatment: {treatment}.").format(
            control=rate_interval(change.before, 2), treatment=rate_interval(change.after, 2)
        ),
    )
    st.markdown(
        _("**At the end:** {low} to {high}, p = {p}").format(
            low=signed(result.fixed.low), high=signed(result.fixed.high), p=number(change.p_value, ".2g")
        )
    )
    st.markdown(
        _("**At every look:** {low} to {high}, p = {p}").format(
            low=signed(last.low), high=signed(last.high), p=number(last.p_value, ".2g")
        )
    )
    if result.decided is not None:
        st.badge(_("The arms differ, at any look"), icon=":material/check:", color="green")
    elif change.is_shown:
        st.badge(_("Differs, if the end was planned"), icon=":material/flag:", color="blue")
    else:
        st.badge(_("No difference shown"), icon=":material/remove:", color="gray")
    if result.fixed.reason:
        st.caption(sentence(result.fixed.reason))


def _over_days(results: tuple[ABResult, ...]) -> None:
    """The lift after each day, one metric at a time."""
    names = {result.metric.value: _metric_name(result.metric) for result in results}
    shown = st.segmented_control(
        _("Lift after each day, of"), list(names), format_func=names.__getitem__, default=results[0].metric.value,
        required=True, key="ab_metric", help=_("The band may be looked at every day."),
    )  # fmt: skip
    result = next(one for one in results if one.metric.value == shown)
    figure = lift_figure(result)
    figure.update_layout(height=380, margin={"l": 0, "r": 8, "t": 32})
    st.plotly_chart(
        localized(figure), key="plot_lift", config={"displayModeBar": False},
        alt=_("Relative lift after each date with its always-valid interval."),
    )  # fmt: skip


def _metric_name(metric: Metric) -> str:
    return {
        Metric.CTR: _("Clicks per impression (CTR)"),
        Metric.CVR: _("Orders per click (CVR)"),
        Metric.ORDER_RATE: _("Orders per impression"),
    }[metric]


def _metric_help(metric: Metric) -> str:
    return {
        Metric.CTR: _("Relative change of the click-through rate from control to treatment."),
        Metric.CVR: _("Relative change of the conversion rate. It counts those who clicked, whom the arms chose."),
        Metric.ORDER_RATE: _("Relative change of orders per impression, which keeps the arms comparable."),
    }[metric]
