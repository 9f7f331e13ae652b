"""Two readings of one probability: p^t of the classifier against p^nlg of the written feedback."""

from __future__ import annotations

import streamlit as st

from analysis.rates import Rate
from analysis.rule_errors.figures import readings_figure
from app.components.figures import localized
from app.components.rule_errors.results import Question, readings_of
from app.components.rule_errors.words import interval, number, share
from app.components.text import sentence
from app.i18n import _, ngettext

_TILE = 190


def readings(question: Question) -> None:
    """How often the two decide differently, who is then right, and all sequences in one plot."""
    st.caption(
        _(
            "The classifier says how likely a sequence is qualified ($p^{mcc}$), and so does the writer, by the "
            "probability that its feedback is the word for qualified ($p^{nlg}$). Where the two disagree, look twice."
        )
    )
    found = readings_of(question)
    if not found.n:
        st.info(_("The table has no column p_nlg, so there is no second reading."), icon=":material/info:")
        return
    grid = st.grid("auto", min_column_width=_TILE, gap="small")
    for label, rate, meaning in (
        (
            _("Decide differently"),
            found.differ,
            _("Sequences that one of the two would submit at $th^t$ and the other would not."),
        ),
        (
            _("Then the classifier is right"),
            found.p_t_right,
            _("Of those, where $p^t$ decides as the reviewer did."),
        ),
        (
            _("Then the writer is right"),
            found.p_nlg_right,
            _("Of those, where $p^{nlg}$ decides as the reviewer did."),
        ),
    ):
        with grid.cell():
            _rate(label, rate, meaning)
    with grid.cell():
        st.metric(
            _("Rank correlation"),
            number(found.spearman),
            help=_("Spearman's, in [-1, 1]; 1 when both put all sequences in one order. Linear: {pearson}.").format(
                pearson=number(found.pearson)
            ),
            border=True,
            height="stretch",
        )
    if found.p_value is not None:
        st.caption(
            _("McNemar's exact test that both are right equally often: p = {p}.").format(p=f"{found.p_value:.3g}")
        )
    if found.reason:
        st.caption(sentence(found.reason))
    if found.without_p_nlg:
        st.caption(
            ngettext(
                "{n} sequence without $p^{{nlg}}$ is left out.",
                "{n} sequences without $p^{{nlg}}$ are left out.",
                found.without_p_nlg,
            ).format(n=f"{found.without_p_nlg:,}")
        )
    st.plotly_chart(
        localized(readings_figure(question.rows, question.threshold)),
        width="stretch",
        key="readings",
        config={"displayModeBar": False},
        alt=_("Each sequence as a point: the classifier's reading across, the writer's upwards"),
    )


def _rate(label: str, rate: Rate, meaning: str) -> None:
    st.metric(
        label,
        share(rate),
        delta=_("95%: {interval}").format(interval=interval(rate)) if rate.value is not None else sentence(rate.reason),
        delta_color="off",
        delta_arrow="off",
        help=meaning + " " + _("{count} of {n}.").format(count=f"{rate.count:,}", n=f"{rate.n:,}"),
        border=True,
        height="stretch",
    )
