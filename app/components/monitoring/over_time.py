"""Reject rate by week or month, and before and after a release."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from agpis.data.reviews import SPLITS
from agpis.errors import AgpisError
from analysis.online.figures import reject_rate_figure
from analysis.online.over_time import Period, PeriodRate, RejectRates, ReleaseChange
from app.components.figures import localized
from app.components.monitoring.computed import ReleaseQuestion, has_decisions, overview_of, rates_of, release_of
from app.components.monitoring.headline import headline
from app.components.monitoring.words import percent, points, rate_interval
from app.components.tables.loading import LoadedTable
from app.components.text import plain, problem, sentence
from app.i18n import _, ngettext

_TILE = 200


@st.fragment
def over_time(table: LoadedTable) -> None:
    """The whole view."""
    answer = st.container()
    split, period, asked = _questions(table)
    try:
        with answer, st.spinner(_("Comparing now with before")):
            headline(overview_of(table, split, asked))
        rates = rates_of(table, split, period)
        change = None if asked is None else release_of(table, split, asked)
    except AgpisError as error:
        st.error(f"**{_('There is no reject rate over time.')}** {problem(error)}", icon=":material/event_busy:")
        return
    if change is None:
        _overall(rates)
    else:
        _before_and_after(change)
    figure = reject_rate_figure(rates, change)
    figure.update_layout(height=400, title_text="", margin={"l": 0, "r": 8, "t": 32})
    st.plotly_chart(
        localized(figure), key="plot_over_time", config={"displayModeBar": False},
        alt=_("Reject rate of each period with its interval of 95%; a gap is a period without reviews."),
    )  # fmt: skip
    st.caption(_left_out(rates))
    with st.expander(_("Every period as a table"), icon=":material/table:"):
        st.dataframe(_table(rates), hide_index=True)


def _questions(table: LoadedTable) -> tuple[str, Period, ReleaseQuestion | None]:
    """Draw what is asked: rows, length of a period, release."""
    predictions = table.predictions
    found = set(predictions.frame["split"])
    periods = {Period.WEEK: _("week"), Period.MONTH: _("month"), Period.DAY: _("day")}
    everything = {"all": _("all"), **{split: split for split in SPLITS if split in found}}
    dates = predictions.dates.dropna()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        period = st.segmented_control(
            _("One point a"), list(periods), format_func=periods.__getitem__, default=Period.WEEK, required=True,
            key="period", bind="query-params", help=_("A week goes from Monday to Sunday."),
        )  # fmt: skip
        split = st.segmented_control(
            _("Rows"), list(everything), format_func=everything.__getitem__, default="all", required=True,
            key="over_time_rows", bind="query-params", help=_("All rows of the table, or those of one split."),
        )  # fmt: skip
        release: date | None = None
        if len(dates):
            release = st.date_input(
                _("Release on"), None, dates.min().date(), dates.max().date(), key="release", bind="query-params",
                format="YYYY-MM-DD", width=180,
                help=_("First day of a new model or rule: compares the reject rate before it with that from it on."),
            )  # fmt: skip
    if release is None:
        return split, period, None
    with st.container(horizontal=True):
        one = st.toggle(
            _("One row a product"), key="one_per_product", bind="query-params",
            help=_("Counts only the last row of a product on each side: rows of one product are not independent."),
        )  # fmt: skip
        submitted = st.toggle(
            _("Only submitted"), has_decisions(table), key="submitted_only", bind="query-params",
            disabled=not has_decisions(table),
            help=_("Leaves out what was withheld; needs the column `decision`."),
        )  # fmt: skip
    return split, period, ReleaseQuestion(release, one, submitted)


def _overall(rates: RejectRates) -> None:
    grid = st.grid("auto", min_column_width=_TILE, gap="small")
    tiles = (
        (
            _("Of what was submitted"), rates.overall_submitted,
            _("Rejected of all sequences that were submitted and reviewed, over the whole time."),
        ),
        (
            _("Of all reviewed"), rates.overall,
            _("Rejected of all reviewed sequences with a date, withheld ones among them, over the whole time."),
        ),
    )  # fmt: skip
    for label, rate, explanation in tiles:
        with grid.cell(), st.container(border=True, gap="xsmall", height="stretch"):
            st.metric(label, percent(rate.value), help=explanation)
            st.caption(rate_interval(rate))
    with grid.cell(), st.container(border=True, gap="xsmall", height="stretch"):
        _paper()


def _before_and_after(found: ReleaseChange) -> None:
    change = found.change
    grid = st.grid("auto", min_column_width=_TILE, gap="small")
    for label, rate in ((_("Before"), change.before), (_("From the release on"), change.after)):
        with grid.cell(), st.container(border=True, gap="xsmall", height="stretch"):
            st.metric(label, percent(rate.value), help=_("Rejected of the reviewed sequences of that time."))
            st.caption(rate_interval(rate))
    with grid.cell(), st.container(border=True, gap="xsmall", height="stretch"):
        st.metric(
            _("Change"), points(change.difference),
            help=_("In points of per cent, with Newcombe's interval. An interval that holds 0 shows no change."),
        )  # fmt: skip
        if change.difference is not None:
            st.caption(_("95%: {low} to {high}").format(low=points(change.low), high=points(change.high)))
    with grid.cell(), st.container(border=True, gap="xsmall", height="stretch"):
        _paper()
    st.caption(plain(found.note))


def _paper() -> None:
    """The paper's change, as a reference."""
    st.metric(
        _("In the paper"), "13.6%",
        help=_(
            "Section 5.1: the reject rate of human reviewers with stage 1 alone, and after MUIsC was added with a "
            "submission threshold of 0.3, of what was submitted. No counts are given, so there is no interval."
        ),
    )  # fmt: skip
    st.caption(_("with stage 2; 19.3% before it"))


def _left_out(rates: RejectRates) -> str:
    undated = ngettext(
        "{count} reviewed row has no date and is in no period.",
        "{count} reviewed rows have no date and are in no period.",
        rates.undated,
    ).format(count=f"{rates.undated:,}")
    told = _("Points stand in the middle of their period; bands are Wilson intervals of 95%. {undated}").format(
        undated=undated
    )
    return f"{told} {sentence(rates.submitted_reason)}" if rates.submitted_reason else told


def _table(rates: RejectRates) -> pd.DataFrame:
    rows = [_row(part) for part in rates.reviewed]
    if rates.submitted:
        rows = [{**row, _("submitted: rejected"): _told(part)} for row, part in zip(rows, rates.submitted, strict=True)]
    return pd.DataFrame(rows)


def _row(part: PeriodRate) -> dict[str, object]:
    return {
        _("from"): part.start,
        _("to"): part.end,
        _("reviewed"): part.rate.n,
        _("rejected"): _told(part),
    }


def _told(part: PeriodRate) -> str:
    rate = part.rate
    if rate.value is None:
        return _("n/a")
    return f"{percent(rate.value)} ({percent(rate.low)} – {percent(rate.high)})"
