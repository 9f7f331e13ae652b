"""What the threshold catches and what escapes, in four numbers and one sentence."""

from __future__ import annotations

import streamlit as st

from analysis.rates import Rate
from analysis.rule_errors import RuleErrors
from app.components.rule_errors.words import interval, share
from app.components.rule_words import rule_text
from app.components.text import plain, sentence
from app.i18n import _, ngettext

_TILE = 190
_NAMED = 3


def headline(found: RuleErrors) -> None:
    """The numbers, and which rules escape most."""
    grid = st.grid("auto", min_column_width=_TILE, gap="small")
    with grid.cell():
        st.metric(
            _("Reviewed sequences"),
            f"{found.sequences:,}",
            delta=ngettext("{n} rejected", "{n} rejected", found.escaped.n).format(n=f"{found.escaped.n:,}"),
            delta_color="off",
            delta_arrow="off",
            help=_("Sequences of the chosen split that a reviewer judged, and how many of them were rejected."),
            border=True,
            height="stretch",
        )
    for label, rate, meaning in (
        (
            _("Withheld of the rejected"),
            found.caught,
            _("Of the sequences that reviewers rejected, those with $p^t$ below $th^t$: the model keeps them back."),
        ),
        (
            _("Escaped of the rejected"),
            found.escaped,
            _(
                "Of the sequences that reviewers rejected, those with $p^t$ of at least $th^t$: they are submitted, "
                "and go to production where nobody looks."
            ),
        ),
        (
            _("Reject rate of the submitted"),
            found.rejected_of_submitted,
            _("Of all that is submitted at $th^t$, what reviewers reject: the paper's online reject rate."),
        ),
    ):
        with grid.cell():
            _rate(label, rate, meaning)
    st.markdown(_sentence(found))


def _rate(label: str, rate: Rate, meaning: str) -> None:
    st.metric(
        label,
        share(rate),
        delta=_("95%: {interval}").format(interval=interval(rate)) if rate.value is not None else sentence(rate.reason),
        delta_color="off",
        delta_arrow="off",
        help=meaning
        + " "
        + _("{count} of {n}; below it, Wilson's 95% interval.").format(count=f"{rate.count:,}", n=f"{rate.n:,}"),
        border=True,
        height="stretch",
    )


def _sentence(found: RuleErrors) -> str:
    escaping = found.escaping()
    if not found.escaped.n:
        return _(":material/info: No sequence was rejected here, so no rule can be missed.")
    if not escaping:
        return _(":material/check_circle: At this threshold no rejected sequence escapes.")
    named = ", ".join(
        f"**{plain(rule_text(rule.title))}** ({plain(rule.rule_id)}, {rule.escaped.count:,})"
        for rule in escaping[:_NAMED]
    )
    return _(":material/priority_high: At $th^t$ = {threshold} most escapes break {rules}.").format(
        threshold=f"{found.threshold:.2f}", rules=named
    )
