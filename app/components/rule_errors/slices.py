"""Parts of the catalogue that go better or worse than the rest."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from analysis.rule_errors import Slice, SliceErrors
from analysis.rule_errors.figures import slices_figure
from analysis.rule_errors.slices import KINDS, MEASURES, MIN_SUPPORT
from app.components.figures import localized
from app.components.rule_errors.results import Question, slices_of
from app.components.rule_errors.words import number, told
from app.components.text import sentence
from app.i18n import _, ngettext


def slices(question: Question) -> None:
    """The slices that differ by more than chance, and all of them with their intervals."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        measure = st.segmented_control(
            _("Measure"),
            list(MEASURES),
            default="escape_rate",
            required=True,
            format_func=_measure_name,
            key="slices_measure",
            help=_(
                "Reject rate: rejected, of all. Escape rate: rejected sequences that reach th^t, of the rejected. AUC: "
                "how well p^t tells accepted from rejected sequences."
            ),
        )
        kind = st.segmented_control(
            _("Slices by"),
            list(KINDS),
            default=KINDS[0],
            required=True,
            format_func=_kind_name,
            key="slices_kind",
            help=_("Each slice is set beside all sequences that are not in it."),
        )
        support = st.number_input(
            _("At least"),
            10,
            100_000,
            MIN_SUPPORT,
            10,
            key="slices_support",
            width=140,
            help=_("Reviewed sequences that a slice must have to be listed. Small slices vary by chance."),
        )
    found = slices_of(question, int(support))
    measure, kind = measure or "escape_rate", kind or KINDS[0]
    _significant(found, measure)
    shown = replace(found, slices=found.of_kind(kind))
    for left_out in shown.left_out:
        if left_out.kind == kind:
            st.caption(_not_listed(left_out.slices, left_out.sequences, left_out.reason))
    if not shown.slices:
        st.info(_("No slice is large enough. Lower the number of sequences that it must have."), icon=":material/info:")
        return
    st.plotly_chart(
        localized(slices_figure(shown, measure)),
        key="slices",
        config={"displayModeBar": False},
        alt=_("Each slice with its 95% interval, beside all other sequences"),
    )


def _significant(found: SliceErrors, measure: str) -> None:
    worst = found.worst(measure)
    total = len(found.slices)
    if not worst:
        message = _("None of the {n} slices of all kinds differs from the rest in this measure by more than chance.")
        st.success(message.format(n=total), icon=":material/check_circle:")
        return
    st.markdown(
        ngettext(
            "**{n} of {total} slices differs from the rest by more than chance** (false discovery rate 5%):",
            "**{n} of {total} slices differ from the rest by more than chance** (false discovery rate 5%):",
            len(worst),
        ).format(n=len(worst), total=total)
    )
    columns = st.column_config
    st.dataframe(
        _frame(worst, measure),
        hide_index=True,
        height="content",
        key="slices_that_differ",
        column_config={
            "slice": columns.TextColumn(_("Slice"), help=_("Kind and value of the slice."), pinned=True),
            "n": columns.NumberColumn(_("Sequences"), help=_("Reviewed sequences in the slice.")),
            "inside": columns.TextColumn(_("In the slice"), help=_("The measure with its 95% interval.")),
            "rest": columns.TextColumn(_("All others"), help=_("The measure on all sequences outside the slice.")),
            "q": columns.TextColumn(
                _("q"),
                help=_(
                    "The p-value that both are the same, adjusted for the number of slices (Benjamini and Hochberg). "
                    "Of slices with q of at most 0.05, one in twenty is expected to be chance."
                ),
            ),
        },
    )


def _frame(worst: tuple[Slice, ...], measure: str) -> pd.DataFrame:
    contrasts = [getattr(part, measure) for part in worst]
    return pd.DataFrame(
        {
            "slice": [f"{_kind_name(part.kind)}: {part.value}" for part in worst],
            "n": [part.n for part in worst],
            "inside": [told(contrast.inside) for contrast in contrasts],
            "rest": [told(contrast.rest) for contrast in contrasts],
            "q": [number(contrast.q_value) if contrast.q_value >= 0.001 else "< 0.001" for contrast in contrasts],
        }
    )


def _not_listed(count: int, sequences: int, reason: str) -> str:
    return ngettext(
        "Not listed: {n} slice with {sequences} sequences, {reason}.",
        "Not listed: {n} slices with {sequences} sequences, {reason}.",
        count,
    ).format(n=f"{count:,}", sequences=f"{sequences:,}", reason=sentence(reason))


def _measure_name(measure: str) -> str:
    return {"reject_rate": _("Reject rate"), "escape_rate": _("Escape rate"), "auc": _("AUC")}[measure]


def _kind_name(kind: str) -> str:
    return {
        "category": _("Product category"),
        "source": _("Source"),
        "month": _("Month"),
        "images": _("Number of images"),
    }[kind]
