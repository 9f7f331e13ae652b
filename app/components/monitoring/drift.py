"""Drift against the training window, and whether to train again."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from agpis.data.reviews import SPLITS
from agpis.errors import AgpisError
from analysis.online.advice import Action, Advice
from analysis.online.check import DriftCheck
from analysis.online.drift import DriftLevel, DriftReport, FeatureDrift
from analysis.online.figures import drift_figure
from app.components.figures import localized
from app.components.monitoring.computed import drift_of
from app.components.monitoring.words import number, percent
from app.components.tables.loading import LoadedTable
from app.components.text import problem, sentence
from app.i18n import _

_BY_SPLIT, _BY_DATE = "split", "date"
_MOST_ROWS = 7


@st.fragment
def drift_view(table: LoadedTable) -> None:
    """The whole view."""
    split, until, today = _windows(table)
    if split is None and until is None:
        st.info(_("Pick the last day of the training window."), icon=":material/event:")
        return
    try:
        with st.spinner(_("Comparing every feature")):
            found = drift_of(table, split, until, today)
    except AgpisError as error:
        st.error(f"**{_('That cannot be compared.')}** {problem(error)}", icon=":material/error:")
        return
    _advice(found)
    _features(found.report)


def _windows(table: LoadedTable) -> tuple[str | None, date | None, date | None]:
    """Draw which rows are the training window, and the day of today."""
    predictions = table.predictions
    found = set(predictions.frame["split"])
    splits = [split for split in SPLITS if split in found]
    dates = predictions.dates.dropna()
    names = {_BY_SPLIT: _("the rows of a split"), _BY_DATE: _("the rows up to a day")}
    split: str | None = None
    until = today = None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        by = st.segmented_control(
            _("The training window is"), list(names), format_func=names.__getitem__, required=True,
            default=_BY_SPLIT if len(splits) > 1 else _BY_DATE, key="window", bind="query-params",
            help=_("The rows that the model learned from, or that stand for them; all others are those of now."),
        )  # fmt: skip
        if by == _BY_SPLIT:
            split = st.segmented_control(
                _("Split"), splits, default=splits[0], required=True, key="window_split", bind="query-params",
                help=_("As a rule `train`."),
            )  # fmt: skip
        if by == _BY_DATE and len(dates):
            until = st.date_input(
                _("Up to and with"), None, dates.min().date(), dates.max().date(), key="window_until",
                bind="query-params", format="YYYY-MM-DD", width=180, help=_("Last day of the training window."),
            )  # fmt: skip
        if len(dates):
            today = st.date_input(
                _("Today is"), dates.max().date(), dates.min().date(), None, key="today", bind="query-params",
                format="YYYY-MM-DD", width=180,
                help=_("The age of the training window is counted to this day; at first the last date of the table."),
            )  # fmt: skip
    return split, until, today


def _advice(found: DriftCheck) -> None:
    """The advice in a box, with its reasons."""
    advice = found.advice
    told = {
        Action.RETRAIN: (st.error, _("Train again."), ":material/model_training:"),
        Action.WATCH: (st.warning, _("Keep watching."), ":material/visibility:"),
        Action.FINE: (st.success, _("Nothing to do."), ":material/check_circle:"),
    }
    box, headline, icon = told[advice.action]
    box(f"**{headline}** {_window(advice)}", icon=icon)
    marks = {
        Action.RETRAIN: ":red[:material/priority_high:]",
        Action.WATCH: ":orange[:material/visibility:]",
        Action.FINE: ":green[:material/check:]",
        None: ":gray[:material/question_mark:]",
    }
    st.markdown("\n".join(f"- {marks[reason.action]} {sentence(reason.text)}" for reason in advice.reasons))
    for note in found.report.notes:
        st.caption(f":material/info: {sentence(note)}")


def _window(advice: Advice) -> str:
    if advice.train_on is None:
        return ""
    first, last = advice.train_on
    return _("The next training window: {first} to {last}, the past three months as in section 5.1.").format(
        first=first, last=last
    )


def _features(report: DriftReport) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(
            f"**{_('How far each feature moved')}**",
            help=_(
                "The population stability index (PSI) compares two distributions: below 0.1 hardly anything moved, "
                "from 0.25 on a lot did."
            ),
        )
        figure = drift_figure(report)
        figure.update_layout(margin={"l": 0, "r": 8})
        st.plotly_chart(
            localized(figure), key="plot_drift", config={"displayModeBar": False},
            alt=_("PSI of each feature, with its limits of 0.1 and 0.25."),
        )  # fmt: skip
    with right:
        known = {feature.name: feature for feature in report.features}
        name = st.selectbox(
            _("Look into"), sorted(known, key=lambda one: -(known[one].psi or 0.0)), key="drift_feature",
            help=_("Which values became more or less frequent, the largest part of the PSI first."),
        )  # fmt: skip
        _shares(known[name])
    st.markdown(f"**{_('Every feature')}**")
    _table(report)


def _shares(feature: FeatureDrift) -> None:
    if feature.reason:
        st.info(sentence(feature.reason), icon=":material/info:")
        return
    rows = [
        {
            _("value"): share.name,
            _("then"): percent(share.reference),
            _("now"): percent(share.current),
            _("part of the PSI"): number(share.psi),
            _("adjusted p"): number(share.adjusted_p, ".2g"),
        }
        for share in feature.shares
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content" if len(rows) <= _MOST_ROWS else 280)


def _table(report: DriftReport) -> None:
    levels = {
        DriftLevel.STABLE: _("stable"),
        DriftLevel.MODERATE: _("moderate"),
        DriftLevel.MAJOR: _("major"),
        DriftLevel.UNKNOWN: _("unknown"),
    }
    rows = [
        {
            _("feature"): feature.name,
            _("level"): levels[feature.level],
            _("PSI"): feature.psi,
            _("PSI by chance"): feature.psi_by_chance,
            _("test"): feature.test.name,
            _("statistic"): feature.test.statistic,
            _("adjusted p"): number(feature.adjusted_p, ".2g"),
            _("rows then"): feature.n_reference,
            _("rows now"): feature.n_current,
            _("without a value"): feature.missing,
        }
        for feature in sorted(report.features, key=lambda one: -(one.psi or 0.0))
    ]
    digits = "%.3f"
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            _("PSI"): st.column_config.NumberColumn(format=digits, help=_("0.1 is moderate, 0.25 major.")),
            _("PSI by chance"): st.column_config.NumberColumn(
                format=digits, help=_("What samples of these sizes give on average without any drift.")
            ),
            _("test"): st.column_config.TextColumn(help=_("Kolmogorov-Smirnov for numbers, chi-square for classes.")),
            _("statistic"): st.column_config.NumberColumn(format=digits, help=_("Of the test.")),
            _("adjusted p"): st.column_config.TextColumn(
                help=_("Chance of such a shift without drift, adjusted for the number of features.")
            ),
        },
    )
