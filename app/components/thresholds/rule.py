"""The question at the head of the page: what the threshold should do, and what everything costs."""

from __future__ import annotations

import streamlit as st

from analysis.operating_point import CostModel, Goal
from analysis.operating_point.wish import Wish
from app.i18n import _

_DEFAULT = CostModel()
_VOLUME = 1000


def rule_form() -> Wish:
    """Draw the question; the answer to the first one is there before anything is touched."""
    names = {
        Goal.REJECT_RATE: _("Keep rejects under"),
        Goal.GUARANTEE: _("Promise it"),
        Goal.PRECISION: _("Reach a precision"),
        Goal.PROFIT: _("Earn most"),
    }
    goal = st.segmented_control(
        _("What should the threshold do?"), list(names), format_func=names.__getitem__, default=Goal.REJECT_RATE,
        required=True, key="rule", bind="query-params",
        help=_(
            "Keep rejects under: the lowest threshold whose reject rate, as seen, stays under your limit. Promise it: "
            "one that keeps the limit with a confidence you name. Reach a precision: the same, said as the share that "
            "is accepted. Earn most: the best expected profit under your costs."
        ),
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        most_rejected, least_accepted, confidence = _limits(goal)
    _told(goal)
    with st.expander(_("What a review costs and a sequence earns"), icon=":material/payments:", key="costs"):
        costs = cost_form()
    return Wish(goal, most_rejected, least_accepted, confidence, costs)


def _limits(goal: Goal) -> tuple[float, float, float]:
    """Draw what the goal needs, all in per cent."""
    wish = Wish(goal)
    most, least, confidence = wish.most_rejected, wish.least_accepted, wish.confidence
    if goal in (Goal.REJECT_RATE, Goal.GUARANTEE):
        most = st.number_input(
            _("Rejects under, in %"), 0.1, 99.0, most, 1.0, format="%g", key="most_rejected", bind="query-params",
            width=200, help=_("Largest share of what is submitted that reviewers may reject."),
        )  # fmt: skip
    if goal is Goal.GUARANTEE:
        confidence = st.number_input(
            _("Confidence, in %"), 50.0, 99.9, confidence, 1.0, format="%g", key="confidence", bind="query-params",
            width=200,
            help=_("How sure the promise is. With 95%, at most one such promise in twenty is broken (delta = 5%)."),
        )  # fmt: skip
    if goal is Goal.PRECISION:
        least = st.number_input(
            _("Accepted at least, in %"), 1.0, 100.0, least, 1.0, format="%g", key="least_accepted",
            bind="query-params", width=200, help=_("Smallest share of what is submitted that reviewers accept."),
        )  # fmt: skip
    return most, least, confidence


def _told(goal: Goal) -> None:
    """The goal in one plain sentence."""
    st.caption(
        {
            Goal.REJECT_RATE: _("Submits as much as the limit allows. It tells what was seen and promises nothing."),
            Goal.GUARANTEE: _(
                "Stricter: it holds for sequences like these even if the reviewed ones were lucky. It counts one "
                "sequence of each product, since those of one product are alike."
            ),
            Goal.PRECISION: _("Precision is the share of submitted sequences that reviewers accept."),
            Goal.PROFIT: _("Weighs accepted sequences against rejects and reviews, by the costs below."),
        }[goal]
    )


def cost_form() -> CostModel:
    """Draw the five values of the cost model."""
    with st.container(horizontal=True):
        accepted = _money(
            "accepted_value", _("An accepted sequence earns"), _DEFAULT.accepted_value, _("In any one currency.")
        )
        rejected = _money(
            "rejected_cost", _("A reject costs"), _DEFAULT.rejected_cost,
            _("Besides its review: for instance the delay, or the work to mend it."),
        )  # fmt: skip
        minutes = _money(
            "review_minutes", _("Minutes of a review"), _DEFAULT.review_minutes,
            _("How long a reviewer looks at one submitted sequence."),
        )  # fmt: skip
        hour = _money("reviewer_hour", _("Reviewer, per hour"), _DEFAULT.reviewer_hour, _("In the same currency."))
        by_hand = _money(
            "by_hand", _("A withheld one costs"), _DEFAULT.by_hand,
            _("To make that sequence by hand, less what it then earns; 0 when it stays without."),
        )  # fmt: skip
    st.caption(_("The values are examples until you put in your own."))
    return CostModel(accepted, rejected, minutes, hour, by_hand)


def _money(key: str, label: str, value: float, explanation: str) -> float:
    return st.number_input(
        label, 0.0, None, value, key=key, bind="query-params", format="%g", help=explanation, width=150
    )


def volume_input() -> int:
    """Draw how many sequences hours and profit are told of."""
    return st.number_input(
        _("Sequences a month"), 1, 10**9, _VOLUME, 100, key="volume", bind="query-params",
        width=200, help=_("Reviewer hours and profit are told of so many sequences."),
    )  # fmt: skip
