"""Which sequences are looked at, and at which submission threshold."""

from __future__ import annotations

import streamlit as st

from agpis.bundled import model_folder
from agpis.data.reviews import SPLITS
from agpis.errors import AgpisError
from agpis.model_files import stored_settings
from agpis.threshold_in_force import settings_in_force
from agpis.types import PipelineSettings
from app.components.rule_errors.results import ALL, Question, rows_of
from app.components.tables.loading import LoadedTable
from app.components.text import problem
from app.i18n import _

# The split to judge on comes first.
_ORDER = tuple(reversed(SPLITS))


def controls(table: LoadedTable) -> Question:
    """Draw the controls and tell what they ask."""
    present = set(table.predictions.frame["split"])
    splits = [*(split for split in _ORDER if split in present), ALL]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        split = st.segmented_control(
            _("Sequences"),
            splits,
            default=splits[0],
            required=True,
            format_func=_split_name,
            key=f"rule_errors_split_{'-'.join(splits)}",
            help=_("Judge a threshold on other products than those it was chosen on: the test split."),
        )
        threshold = st.slider(
            _("Submission threshold $th^t$"),
            0.0,
            1.0,
            _default_threshold(),
            0.01,
            key="rule_errors_threshold",
            bind="query-params",
            width=360,
            help=_("Sequences with $p^t$ of at least this are submitted. It starts at the threshold in force."),
        )
    chosen = split or splits[0]
    return Question(table, chosen, threshold, rows_of(table.key, chosen, table.predictions))


def _default_threshold() -> float:
    try:
        return settings_in_force(stored_settings(model_folder())).submission_threshold
    except AgpisError as error:
        st.warning(
            _("The threshold in force is not known, so the paper's is used.") + " " + problem(error),
            icon=":material/warning:",
        )
        return PipelineSettings().submission_threshold


def _split_name(split: str) -> str:
    return {"test": _("Test"), "val": _("Validation"), "train": _("Training"), ALL: _("All")}[split]
