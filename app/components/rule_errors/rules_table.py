"""Every rule in one row: how often it is broken, what escapes, and how well the model tells it."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ButtonColumnResult, ColumnConfig

from analysis.rule_errors import RuleError, RuleErrors
from app.components.categories import category_name
from app.components.rule_errors.words import interval
from app.components.rule_words import rule_text
from app.components.text import plain
from app.i18n import _, ngettext

_MOST_ROWS = 11
_ROW_PIXELS = 35


def rules_table(found: RuleErrors) -> RuleError | None:
    """Draw the table, most escapes first; the rule of the selected row, or None."""
    broken = [rule for rule in found.rules if rule.support]
    if not broken:
        return None
    escaping = found.escaping()
    shown = [*escaping, *(rule for rule in broken if rule not in escaping)]
    event = st.dataframe(
        _frame(shown),
        key="rule_errors_table",
        hide_index=True,
        column_config=_columns(),
        on_select="rerun",
        selection_mode="single-row",
        height=min(len(shown) + 1, _MOST_ROWS) * _ROW_PIXELS + 3,
        alt=_("Errors of every rule, one rule a row"),
    )
    if found.without_support:
        n = len(found.without_support)
        told = ngettext(
            "{n} rule is not listed, since no reviewed sequence broke it: {rules}.",
            "{n} rules are not listed, since no reviewed sequence broke them: {rules}.",
            n,
        )
        st.caption(told.format(n=n, rules=plain(", ".join(found.without_support))))
    rows = event["selection"]["rows"]
    return shown[rows[0]] if rows and rows[0] < len(shown) else None


def _frame(shown: list[RuleError]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rule": [f"{rule_text(rule.title)} · {rule.rule_id}" for rule in shown],
            "escapes": [rule.escaped.count for rule in shown],
            "support": [rule.support for rule in shown],
            "rate": [rule.escaped.value for rule in shown],
            "interval": [interval(rule.escaped) for rule in shown],
            "of_all": [rule.share_of_escapes.value for rule in shown],
            "auc": [rule.one_vs_rest.value for rule in shown],
            "auc_low": [rule.one_vs_rest.low for rule in shown],
            "auc_high": [rule.one_vs_rest.high for rule in shown],
            "qualified": [rule.against_qualified.value for rule in shown],
            "mean": [rule.mean_p for rule in shown],
            "mean_rest": [rule.mean_p_rest for rule in shown],
            "category": [category_name(rule.category) for rule in shown],
        }
    )


def _columns() -> dict[str, ColumnConfig | ButtonColumnResult | str | None]:
    columns = st.column_config

    def decimal(label: str, meaning: str) -> ColumnConfig:
        return columns.NumberColumn(label, format="%.3f", width=90, help=meaning)

    low_high = _("End of DeLong's 95% interval of the AUC; empty where fewer than two sequences broke the rule.")
    return {
        "rule": columns.TextColumn(_("Rule"), width=240, pinned=True, help=_("Title and id of the rule.")),
        "escapes": columns.NumberColumn(
            _("Escapes"), width=80, help=_("Sequences that were rejected for the rule and would be submitted.")
        ),
        "support": columns.NumberColumn(
            _("Rejected for it"), width=100, help=_("Support: sequences that a reviewer rejected for the rule.")
        ),
        "rate": columns.ProgressColumn(
            _("Escape rate"),
            width=120,
            format="percent",
            min_value=0,
            max_value=1,
            help=_("Escapes, of the sequences that were rejected for the rule."),
        ),
        "interval": columns.TextColumn(
            _("95% interval"),
            width=120,
            help=_("Wilson's interval of the escape rate. It is wide where few sequences broke the rule."),
        ),
        "of_all": columns.NumberColumn(
            _("Of all escapes"), width=100, format="percent", help=_("How much of all that escapes breaks this rule.")
        ),
        "auc": decimal(
            _("AUC"),
            _(
                "How well the rule's own probability tells its sequences from all others: the chance that one of them "
                "scores higher. 0.5 is guessing, 1 is perfect."
            ),
        ),
        "auc_low": decimal(_("AUC from"), low_high),
        "auc_high": decimal(_("AUC to"), low_high),
        "qualified": decimal(
            _("AUC of pᵗ"), _("How well p^t tells accepted sequences from those that were rejected for the rule.")
        ),
        "mean": decimal(_("Mean p"), _("Mean probability of the rule over the sequences that break it.")),
        "mean_rest": decimal(_("Mean p, others"), _("Mean probability of the rule over all other sequences.")),
        "category": columns.TextColumn(_("Category"), width=120, help=_("What a reviewer has to look at.")),
    }
