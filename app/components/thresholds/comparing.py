"""Another model beside this one: the same rule, the same sequences, and whether the difference is more than chance."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from agpis.errors import AgpisError
from analysis.metrics.delong import DelongTest
from analysis.operating_point import Choice
from analysis.operating_point.two_models import ModelUnderRule, TwoModels
from analysis.operating_point.wish import Wish
from analysis.threshold_figures import two_models_figure
from app.components.figures import localized
from app.components.reasons import said
from app.components.tables.choice import exclusions_note, upload_of
from app.components.tables.loading import LoadedTable
from app.components.text import problem, sentence
from app.components.thresholds.computed import two_models_of
from app.components.thresholds.splits import Splits
from app.i18n import _


def comparing(table: LoadedTable, splits: Splits, wish: Wish) -> None:
    """The section, closed at first."""
    with st.expander(_("Compare with another model"), icon=":material/compare_arrows:", key="comparing"):
        st.markdown(
            _(
                "Score the same reviewed sequences with the other model (`python -m agpis predict`) and put its table "
                "here. Each model gets its own threshold by the rule above."
            )
        )
        other, error = upload_of(
            "other_table", _("Table of the other model"), _("Of the same reviewed sequences, in any order.")
        )
        if error is not None:
            st.error(problem(error), icon=":material/error:")
        if other is None:
            return
        exclusions_note(other.predictions.exclusions)
        try:
            with st.spinner(_("Comparing")):
                found = two_models_of(table, other, wish, splits.choose_on, splits.judge_on, force=splits.force)
        except AgpisError as failure:
            st.error(f"**{_('These tables cannot be compared.')}** {problem(failure)}", icon=":material/error:")
            return
        _result(found, table, other)


def _result(found: TwoModels, table: LoadedTable, other: LoadedTable) -> None:
    first, second = _("This table: {name}").format(name=table.name), _("Other: {name}").format(name=other.name)
    st.markdown(_verdict(found.delong))
    st.caption(
        _("DeLong's test on {n} sequences of split `{split}`; the {clusters} products count as independent.").format(
            n=f"{found.rows:,}", split=found.judged_on, clusters=f"{found.delong.clusters or 0:,}"
        )
    )
    rows = [_row(name, model) for name, model in ((first, found.first), (second, found.second))]
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    models = {first: found.first, second: found.second}
    st.plotly_chart(
        localized(
            two_models_figure(
                {name: model.curve for name, model in models.items()},
                {name: model.judged for name, model in models.items()},
            )
        ),
        key="plot_two_models", config={"displayModeBar": False},
        alt=_("Reject rate of what is submitted over the submitted share, one line a model."),
    )  # fmt: skip
    st.caption(_("At the same submitted share, the lower line has fewer rejects. The marks are the two thresholds."))


def _verdict(test: DelongTest) -> str:
    """The test in a sentence."""
    if test.p_value is None or test.first is None or test.second is None or test.difference is None:
        return _("**No difference can be tested:** {reason}.").format(reason=sentence(test.reason))
    told = _("AUC {first} here, {second} there; difference {difference} (95%: {low} to {high}), p = {p}.").format(
        first=f"{test.first:.4f}",
        second=f"{test.second:.4f}",
        difference=f"{test.difference:+.4f}",
        low=f"{test.low:+.4f}",
        high=f"{test.high:+.4f}",
        p=f"{test.p_value:.2g}",
    )
    if test.differs is False:
        return f"**{_('No difference is shown.')}** {told}"
    better = _("This model ranks better.") if test.difference > 0 else _("The other model ranks better.")
    return f"**{better}** {told}"


def _row(name: str, model: ModelUnderRule) -> dict[str, str]:
    judged, result = model.judged, model.result
    is_chosen = isinstance(result, Choice)
    return {
        _("model"): name,
        _("threshold"): f"{result.threshold:.4g}" if isinstance(result, Choice) else _("none"),
        _("rejected"): _share(None if judged is None else judged.reject_rate),
        _("submitted"): _share(None if judged is None else judged.submitted_share),
        _("good ones submitted"): _share(None if judged is None else judged.recall),
        _("why"): "" if is_chosen else said(result.reason),
    }


def _share(value: float | None) -> str:
    return _("n/a") if value is None else f"{value:.1%}"
