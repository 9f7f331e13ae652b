"""Which class is taken for which."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from agpis.rules import RuleCategory, RuleTaxonomy
from analysis.rule_errors import Confusion
from analysis.rule_errors.figures import confusion_figure
from app.components.categories import category_name
from app.components.figures import localized
from app.components.rule_errors.results import Question, confusion_of
from app.components.rule_errors.words import interval, share
from app.components.rule_words import rule_text
from app.i18n import _

_CATEGORIES, _CLASSES = "categories", "classes"
_MOST = 15


def confusion(question: Question) -> None:
    """The heat map, and the pairs that are confused most as a list."""
    st.caption(
        _(
            "A row is what a reviewer said, a column what the model thinks likeliest; a row adds up to 100%. On the "
            "diagonal both agree. Point at a cell for its numbers."
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        level = st.segmented_control(
            _("Show"),
            [_CATEGORIES, _CLASSES],
            default=_CATEGORIES,
            required=True,
            format_func={_CATEGORIES: _("Categories"), _CLASSES: _("All classes")}.__getitem__,
            key="confusion_level",
        )
        at_threshold = st.toggle(
            _("Let $th^t$ decide who is qualified"),
            key="confusion_at_threshold",
            help=_("Off: the likeliest class is taken, as the paper does. On: what reaches th^t counts as qualified."),
        )
    found = confusion_of(question, of_classes=level == _CLASSES, at_threshold=at_threshold)
    st.metric(
        _("Class found"),
        share(found.accuracy),
        delta=_("95%: {interval}").format(interval=interval(found.accuracy)),
        delta_color="off",
        delta_arrow="off",
        help=_("Sequences on the diagonal, of all: {count} of {n}.").format(
            count=f"{found.accuracy.count:,}", n=f"{found.accuracy.n:,}"
        ),
    )
    st.plotly_chart(
        localized(confusion_figure(found)),
        width="stretch",
        key="confusion",
        config={"displayModeBar": False},
        alt=_("Heat map of the reviewer's class against the model's"),
    )
    _largest(found, question.rows.taxonomy, of_classes=level == _CLASSES)


def _largest(found: Confusion, taxonomy: RuleTaxonomy, *, of_classes: bool) -> None:
    pairs = found.largest(_MOST)
    if not pairs:
        st.success(_("No sequence was given another class than the reviewer's."), icon=":material/check_circle:")
        return
    st.markdown("**" + _("Most often taken for another") + "**")

    def named(name: str) -> str:
        return f"{rule_text(taxonomy[name].title)} · {name}" if of_classes else category_name(RuleCategory(name))

    columns = st.column_config
    st.dataframe(
        pd.DataFrame(
            {
                "true": [named(pair.true) for pair in pairs],
                "predicted": [named(pair.predicted) for pair in pairs],
                "count": [pair.share.count for pair in pairs],
                "share": [pair.share.value for pair in pairs],
                "interval": [interval(pair.share) for pair in pairs],
            }
        ),
        hide_index=True,
        height="content",
        key="confused_pairs",
        column_config={
            "true": columns.TextColumn(_("Reviewer"), help=_("The class that the reviewer gave.")),
            "predicted": columns.TextColumn(_("Model"), help=_("The class that the model gave.")),
            "count": columns.NumberColumn(_("Sequences"), help=_("How many sequences this happened to.")),
            "share": columns.NumberColumn(
                _("Of the reviewer's"), format="percent", help=_("Of all sequences of the reviewer's class.")
            ),
            "interval": columns.TextColumn(_("95% interval"), help=_("Wilson's interval of that share.")),
        },
    )
