"""Which rows a threshold is chosen on and which it is judged on."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from agpis.data.reviews import SPLITS
from analysis.errors import SplitError
from analysis.operating_point.sample import require_unseen
from app.components.tables.loading import LoadedTable
from app.i18n import _

CHOOSE_ON, JUDGE_ON = "val", "test"


@dataclass(frozen=True, slots=True)
class Splits:
    """The splits in force.

    Attributes:
        choose_on: where the rule looks for the threshold.
        judge_on: where its figures come from.
        force: whether both may be the same, or the training split.
        refused: why nothing is judged; None when it is.
    """

    choose_on: str
    judge_on: str
    force: bool
    refused: SplitError | None


def split_choice(table: LoadedTable) -> Splits | None:
    """Draw the choice, closed at first, and tell what holds; None where no row was reviewed, which is shown."""
    predictions = table.predictions
    found = set(predictions.frame["split"][predictions.is_reviewed])
    splits = [split for split in SPLITS if split in found]
    if not splits:
        st.warning(
            _("No row of this table was reviewed. Choosing a threshold needs the verdicts of reviewers."),
            icon=":material/rate_review:",
        )
        return None
    with st.popover(_("Rows"), icon=":material/call_split:", key="splits"):
        st.markdown(
            _(
                "A threshold looks better on the rows it was chosen on than it is. So it is chosen on the validation "
                "rows (`val`) and judged on the test rows (`test`), which nothing was chosen on."
            )
        )
        chosen = st.segmented_control(
            _("Choose on"), splits, default=_preferred(splits, CHOOSE_ON), required=True, key="choose_on",
            bind="query-params", help=_("The rows that the rule tries every threshold on."),
        )  # fmt: skip
        judged = st.segmented_control(
            _("Judge on"), splits, default=_preferred(splits, JUDGE_ON), required=True, key="judge_on",
            bind="query-params", help=_("The rows that all figures of the answer come from."),
        )  # fmt: skip
        force = st.toggle(
            _("Judge in spite of it"), key="force", bind="query-params",
            help=_("Also on the rows of the choice, or on those that the model learned from. The figures flatter."),
        )  # fmt: skip
    refused = None
    try:
        require_unseen(chosen, judged, force)
    except SplitError as error:
        refused = error
    return Splits(chosen, judged, force, refused)


def _preferred(splits: list[str], wanted: str) -> str:
    return wanted if wanted in splits else splits[-1]
