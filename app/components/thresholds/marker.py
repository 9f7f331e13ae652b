"""The one threshold that everything on the page is about: typed, slid, clicked on a curve, or chosen by the rule."""

from __future__ import annotations

from collections.abc import Hashable

import streamlit as st

from app.i18n import _

KEY = "th"
"""Key of the typed threshold, and its name in the address."""
_SLIDER = "th_slider"
_ANSWERED = "th_question"


def settle(question: Hashable, answer: float | None) -> float:
    """The threshold to show; a new question brings its answer, until somebody moves it.

    Args:
        question: table, rows and rule.
        answer: what the rule chose; None where no threshold does what was asked.
    """
    state = st.session_state
    asked_by_link = KEY not in state and KEY in st.query_params
    if state.get(_ANSWERED) != question:
        state[_ANSWERED] = question
        if answer is not None and not asked_by_link:
            state[KEY] = answer
    if asked_by_link:
        return _of_link(answer)
    if state.get(KEY) is None:
        state[KEY] = 0.5 if answer is None else answer
    return float(state[KEY])


def _of_link(answer: float | None) -> float:
    """The threshold of the address, which the widget that is bound to it has not read yet."""
    try:
        value = float(st.query_params[KEY])
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        value = 0.5 if answer is None else answer
        st.session_state[KEY] = value
    return value


def marker_controls(threshold: float, answer: float | None) -> None:
    """Draw slider and number, and the way back to the rule's answer.

    Args:
        threshold: what `settle` said.
        answer: what the rule chose, if it did.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.session_state[_SLIDER] = threshold
        st.slider(
            _("Threshold $th^t$"), 0.0, 1.0, step=0.001, format="%.3f", key=_SLIDER, on_change=_slid, width=420,
            help=_("Sequences whose $p^t$ is at least this are submitted. It moves the mark on all plots."),
        )  # fmt: skip
        st.number_input(
            _("or type it"), 0.0, 1.0, value=None, step=0.01, format="%.4f", key=KEY, bind="query-params", width=160,
            help=_("All digits are kept, also those that are not shown. The address of the page holds it."),
        )  # fmt: skip
        if answer is not None and answer != threshold:
            st.button(
                _("Back to the rule's answer"), icon=":material/undo:", on_click=move_to, args=(answer,), key="th_back"
            )


def move_to(threshold: float) -> None:
    """Show another threshold; to be called from a callback."""
    st.session_state[KEY] = threshold


def _slid() -> None:
    move_to(float(st.session_state[_SLIDER]))
